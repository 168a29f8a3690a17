//! Every instruction, one row each: bits, operands and one sentence, in the notation of *MIPS
//! Architecture For Programmers, Volume II-A*.
//!
//! Here are the instructions that user programs of release 2 execute. A row's name is the
//! mnemonic with `_` for `.`, and the name of the function in [`semantics`](crate::semantics)
//! that says what it does. The modules below have the instructions that are known by name only:
//! they are disassembled and explained, and refused where they are to be executed.
//!
//! A field's name says what it holds. `rs`, `rt`, `rd`, `base` and `index` are general registers,
//! `fr`, `ft`, `fs` and `fd` floating-point ones. `imm`, `offset` and `shift` have a sign. Offsets
//! of branches are written as distances in bytes, so that they begin at bit 2. In `c.cond.s` and
//! its like, `cond` stands for the name of a condition.

use crate::decode::Instruction;
use crate::semantics;
use portolan_machine::encoding::rows;

pub mod dsp;
pub mod extensions;
pub mod msa;
pub mod privileged;
pub mod r5900;
pub mod release6;

/// The widths in bits of the fields that patterns name without listing their bits.
pub fn field_width(name: &str) -> Option<u8> {
    Some(match name {
        "rs" | "rt" | "rd" | "sa" | "base" | "index" | "fr" | "ft" | "fs" | "fd" => 5,
        "ws" | "wt" | "wd" | "vs" | "vt" | "vd" | "cs" | "cd" => 5,
        "hint" | "op" | "stype" | "msb" | "msbd" | "lsb" | "hwr" => 5,
        "offset" | "imm" | "uimm" => 16,
        "cond" => 4,
        "cc" | "sel" => 3,
        "ac" | "df" => 2,
        "fdf" | "hdf" | "u" | "h" => 1,
        _ => return None,
    })
}

rows! {
    ["MIPS32", "CPU Arithmetic Instructions"]
    add     "000000 rs rt rd 00000 100000"      "rd, rs, rt"     "Adds two words; overflow traps.";
    addi    "001000 rs rt imm"                  "rt, rs, imm"    "Adds a sign-extended immediate to a word; overflow traps.";
    addiu   "001001 rs rt imm"                  "rt, rs, imm"    "Adds a sign-extended immediate to a word; overflow is ignored.";
    addu    "000000 rs rt rd 00000 100001"      "rd, rs, rt"     "Adds two words; overflow is ignored.";
    clo     "011100 rs rt rd 00000 100001"      "rd|rt, rs"      "Counts the leading ones of a word.";
    clz     "011100 rs rt rd 00000 100000"      "rd|rt, rs"      "Counts the leading zeros of a word.";
    div     "000000 rs rt 00000 00000 011010"   "zero, rs, rt"   "Divides signed words: the quotient goes to LO, the remainder to HI.";
    divu    "000000 rs rt 00000 00000 011011"   "zero, rs, rt"   "Divides unsigned words: the quotient goes to LO, the remainder to HI.";
    madd    "011100 rs rt 00000 00000 000000"   "rs, rt"         "Multiplies signed words and adds the product to HI and LO.";
    maddu   "011100 rs rt 00000 00000 000001"   "rs, rt"         "Multiplies unsigned words and adds the product to HI and LO.";
    msub    "011100 rs rt 00000 00000 000100"   "rs, rt"         "Multiplies signed words and subtracts the product from HI and LO.";
    msubu   "011100 rs rt 00000 00000 000101"   "rs, rt"         "Multiplies unsigned words and subtracts the product from HI and LO.";
    mul     "011100 rs rt rd 00000 000010"      "rd, rs, rt"     "Multiplies words; the low word of the product stays.";
    mult    "000000 rs rt 00000 00000 011000"   "rs, rt"         "Multiplies signed words; the product goes to HI and LO.";
    multu   "000000 rs rt 00000 00000 011001"   "rs, rt"         "Multiplies unsigned words; the product goes to HI and LO.";
    slt     "000000 rs rt rd 00000 101010"      "rd, rs, rt"     "Sets rd to 1 if rs is less than rt, both signed, else to 0.";
    slti    "001010 rs rt imm"                  "rt, rs, imm"    "Sets rt to 1 if rs is less than the immediate, both signed, else to 0.";
    sltiu   "001011 rs rt imm"                  "rt, rs, imm"    "Sets rt to 1 if rs is less than the sign-extended immediate, both unsigned, else to 0.";
    sltu    "000000 rs rt rd 00000 101011"      "rd, rs, rt"     "Sets rd to 1 if rs is less than rt, both unsigned, else to 0.";
    sub     "000000 rs rt rd 00000 100010"      "rd, rs, rt"     "Subtracts two words; overflow traps.";
    subu    "000000 rs rt rd 00000 100011"      "rd, rs, rt"     "Subtracts two words; overflow is ignored.";
    ["MIPS32 Release 2", "CPU Arithmetic Instructions"]
    seb     "011111 00000 rt rd 10000 100000"   "rd, rt"         "Sign-extends the low byte.";
    seh     "011111 00000 rt rd 11000 100000"   "rd, rt"         "Sign-extends the low halfword.";
    ["MIPS64", "CPU Arithmetic Instructions"]
    dadd    "000000 rs rt rd 00000 101100"      "rd, rs, rt"     "Adds two doublewords; overflow traps.";
    daddi   "011000 rs rt imm"                  "rt, rs, imm"    "Adds a sign-extended immediate to a doubleword; overflow traps.";
    daddiu  "011001 rs rt imm"                  "rt, rs, imm"    "Adds a sign-extended immediate to a doubleword; overflow is ignored.";
    daddu   "000000 rs rt rd 00000 101101"      "rd, rs, rt"     "Adds two doublewords; overflow is ignored.";
    dclo    "011100 rs rt rd 00000 100101"      "rd|rt, rs"      "Counts the leading ones of a doubleword.";
    dclz    "011100 rs rt rd 00000 100100"      "rd|rt, rs"      "Counts the leading zeros of a doubleword.";
    ddiv    "000000 rs rt 00000 00000 011110"   "zero, rs, rt"   "Divides signed doublewords: the quotient goes to LO, the remainder to HI.";
    ddivu   "000000 rs rt 00000 00000 011111"   "zero, rs, rt"   "Divides unsigned doublewords: the quotient goes to LO, the remainder to HI.";
    dmult   "000000 rs rt 00000 00000 011100"   "rs, rt"         "Multiplies signed doublewords; the product goes to HI and LO.";
    dmultu  "000000 rs rt 00000 00000 011101"   "rs, rt"         "Multiplies unsigned doublewords; the product goes to HI and LO.";
    dsub    "000000 rs rt rd 00000 101110"      "rd, rs, rt"     "Subtracts two doublewords; overflow traps.";
    dsubu   "000000 rs rt rd 00000 101111"      "rd, rs, rt"     "Subtracts two doublewords; overflow is ignored.";

    ["MIPS32", "CPU Branch and Jump Instructions"]
    beq     "000100 rs rt offset[17:2]"         "rs, rt, target" "Branches if rs equals rt, after the instruction in the delay slot.";
    bgez    "000001 rs 00001 offset[17:2]"      "rs, target"     "Branches if rs is greater than or equal to zero, after the delay slot.";
    bgezal  "000001 rs 10001 offset[17:2]"      "rs, target"     "Puts the address after the delay slot into ra, and branches if rs was greater than or equal to zero.";
    bgtz    "000111 rs 00000 offset[17:2]"      "rs, target"     "Branches if rs is greater than zero, after the delay slot.";
    blez    "000110 rs 00000 offset[17:2]"      "rs, target"     "Branches if rs is less than or equal to zero, after the delay slot.";
    bltz    "000001 rs 00000 offset[17:2]"      "rs, target"     "Branches if rs is less than zero, after the delay slot.";
    bltzal  "000001 rs 10000 offset[17:2]"      "rs, target"     "Puts the address after the delay slot into ra, and branches if rs was less than zero.";
    bne     "000101 rs rt offset[17:2]"         "rs, rt, target" "Branches if rs differs from rt, after the instruction in the delay slot.";
    j       "000010 region[27:2]"               "target"         "Jumps within the region of 256 MB around the delay slot.";
    jal     "000011 region[27:2]"               "target"         "Puts the address after the delay slot into ra, and jumps within the region of 256 MB around the delay slot.";
    jalr    "000000 rs 00000 rd 00000 001001"   "rd, rs"         "Puts the address after the delay slot into rd, and jumps to the address in rs.";
    jr      "000000 rs 00000 00000 00000 001000" "rs"            "Jumps to the address in rs, after the delay slot.";
    ["MIPS32 Release 2", "CPU Branch and Jump Instructions"]
    jalr_hb "000000 rs 00000 rd 10000 001001"   "rd, rs"         "Does what jalr does, and clears execution and instruction hazards.";
    jr_hb   "000000 rs 00000 00000 10000 001000" "rs"            "Does what jr does, and clears execution and instruction hazards.";

    ["MIPS32", "Obsolete CPU Branch Instructions"]
    beql    "010100 rs rt offset[17:2]"         "rs, rt, target" "Branches if rs equals rt; the instruction in the delay slot is executed only then.";
    bgezall "000001 rs 10011 offset[17:2]"      "rs, target"     "Puts the address after the delay slot into ra; branches if rs was greater than or equal to zero, and executes the delay slot only then.";
    bgezl   "000001 rs 00011 offset[17:2]"      "rs, target"     "Branches if rs is greater than or equal to zero; the delay slot is executed only then.";
    bgtzl   "010111 rs 00000 offset[17:2]"      "rs, target"     "Branches if rs is greater than zero; the delay slot is executed only then.";
    blezl   "010110 rs 00000 offset[17:2]"      "rs, target"     "Branches if rs is less than or equal to zero; the delay slot is executed only then.";
    bltzall "000001 rs 10010 offset[17:2]"      "rs, target"     "Puts the address after the delay slot into ra; branches if rs was less than zero, and executes the delay slot only then.";
    bltzl   "000001 rs 00010 offset[17:2]"      "rs, target"     "Branches if rs is less than zero; the delay slot is executed only then.";
    bnel    "010101 rs rt offset[17:2]"         "rs, rt, target" "Branches if rs differs from rt; the instruction in the delay slot is executed only then.";

    ["MIPS32", "CPU Load, Store, and Memory Control Instructions"]
    lb      "100000 base rt offset"             "rt, offset(base)" "Loads a byte, sign-extended.";
    lbu     "100100 base rt offset"             "rt, offset(base)" "Loads a byte, zero-extended.";
    lh      "100001 base rt offset"             "rt, offset(base)" "Loads a halfword, sign-extended.";
    lhu     "100101 base rt offset"             "rt, offset(base)" "Loads a halfword, zero-extended.";
    ll      "110000 base rt offset"             "rt, offset(base)" "Loads a word, sign-extended, and remembers it for sc.";
    lw      "100011 base rt offset"             "rt, offset(base)" "Loads a word, sign-extended.";
    lwl     "100010 base rt offset"             "rt, offset(base)" "Loads the more significant bytes of an unaligned word, up to the end of the aligned word.";
    lwr     "100110 base rt offset"             "rt, offset(base)" "Loads the less significant bytes of an unaligned word, down to the start of the aligned word.";
    pref    "110011 base hint offset"           "hint, offset(base)" "Tells how an address will be used soon; does nothing.";
    sb      "101000 base rt offset"             "rt, offset(base)" "Stores the low byte of rt.";
    sc      "111000 base rt offset"             "rt, offset(base)" "Stores a word if nobody stored there since ll, and sets rt to 1, else to 0.";
    sh      "101001 base rt offset"             "rt, offset(base)" "Stores the low halfword of rt.";
    sw      "101011 base rt offset"             "rt, offset(base)" "Stores the low word of rt.";
    swl     "101010 base rt offset"             "rt, offset(base)" "Stores the more significant bytes of an unaligned word, up to the end of the aligned word.";
    swr     "101110 base rt offset"             "rt, offset(base)" "Stores the less significant bytes of an unaligned word, down to the start of the aligned word.";
    sync    "000000 00000 00000 00000 stype 001111" "stype"      "Orders the memory accesses before it and after it.";
    ["MIPS32 Release 2", "CPU Load, Store, and Memory Control Instructions"]
    synci   "000001 base 11111 offset"          "offset(base)"   "Makes stores to a cache line visible to instruction fetch.";
    ["MIPS64", "CPU Load, Store, and Memory Control Instructions"]
    ld      "110111 base rt offset"             "rt, offset(base)" "Loads a doubleword.";
    ldl     "011010 base rt offset"             "rt, offset(base)" "Loads the more significant bytes of an unaligned doubleword, up to the end of the aligned doubleword.";
    ldr     "011011 base rt offset"             "rt, offset(base)" "Loads the less significant bytes of an unaligned doubleword, down to the start of the aligned doubleword.";
    lld     "110100 base rt offset"             "rt, offset(base)" "Loads a doubleword and remembers it for scd.";
    lwu     "100111 base rt offset"             "rt, offset(base)" "Loads a word, zero-extended.";
    scd     "111100 base rt offset"             "rt, offset(base)" "Stores a doubleword if nobody stored there since lld, and sets rt to 1, else to 0.";
    sd      "111111 base rt offset"             "rt, offset(base)" "Stores a doubleword.";
    sdl     "101100 base rt offset"             "rt, offset(base)" "Stores the more significant bytes of an unaligned doubleword, up to the end of the aligned doubleword.";
    sdr     "101101 base rt offset"             "rt, offset(base)" "Stores the less significant bytes of an unaligned doubleword, down to the start of the aligned doubleword.";

    ["MIPS32", "CPU Logical Instructions"]
    and     "000000 rs rt rd 00000 100100"      "rd, rs, rt"     "Ands rs and rt.";
    andi    "001100 rs rt uimm"                 "rt, rs, uimm"   "Ands rs with the zero-extended immediate.";
    lui     "001111 00000 rt uimm"              "rt, uimm"       "Loads the immediate into the upper half of a word, with zeros below.";
    nor     "000000 rs rt rd 00000 100111"      "rd, rs, rt"     "Ors rs and rt and inverts the result.";
    or      "000000 rs rt rd 00000 100101"      "rd, rs, rt"     "Ors rs and rt.";
    ori     "001101 rs rt uimm"                 "rt, rs, uimm"   "Ors rs with the zero-extended immediate.";
    xor     "000000 rs rt rd 00000 100110"      "rd, rs, rt"     "Exclusive-ors rs and rt.";
    xori    "001110 rs rt uimm"                 "rt, rs, uimm"   "Exclusive-ors rs with the zero-extended immediate.";
    ["MIPS32 Release 2", "CPU Insert/Extract Instructions"]
    ext     "011111 rs rt msbd lsb 000000"      "rt, rs, lsb, msbd+1" "Extracts a field of bits, zero-extended.";
    ins     "011111 rs rt msb lsb 000100"       "rt, rs, lsb, msb-lsb+1" "Inserts the low bits of rs into a field of rt.";
    wsbh    "011111 00000 rt rd 00010 100000"   "rd, rt"         "Swaps the bytes within each halfword of a word.";
    ["MIPS64 Release 2", "CPU Insert/Extract Instructions"]
    dext    "011111 rs rt msbd lsb 000011"      "rt, rs, lsb, msbd+1" "Extracts a field of up to 32 bits from the lower half, zero-extended.";
    dextm   "011111 rs rt msbd lsb 000001"      "rt, rs, lsb, msbd+33" "Extracts a field of more than 32 bits, zero-extended.";
    dextu   "011111 rs rt msbd lsb 000010"      "rt, rs, lsb+32, msbd+1" "Extracts a field from the upper half, zero-extended.";
    dins    "011111 rs rt msb lsb 000111"       "rt, rs, lsb, msb-lsb+1" "Inserts low bits of rs into a field in the lower half of rt.";
    dinsm   "011111 rs rt msb lsb 000101"       "rt, rs, lsb, msb-lsb+33" "Inserts low bits of rs into a field that begins in the lower half of rt and ends in the upper half.";
    dinsu   "011111 rs rt msb lsb 000110"       "rt, rs, lsb+32, msb-lsb+1" "Inserts low bits of rs into a field in the upper half of rt.";
    dsbh    "011111 00000 rt rd 00010 100100"   "rd, rt"         "Swaps the bytes within each halfword of a doubleword.";
    dshd    "011111 00000 rt rd 00101 100100"   "rd, rt"         "Reverses the halfwords of a doubleword.";

    ["MIPS32", "CPU Move Instructions"]
    mfhi    "000000 00000 00000 rd 00000 010000" "rd"            "Copies HI.";
    mflo    "000000 00000 00000 rd 00000 010010" "rd"            "Copies LO.";
    movf    "000000 rs cc 00 rd 00000 000001"   "rd, rs, cc"     "Copies rs if a floating-point condition is false.";
    movn    "000000 rs rt rd 00000 001011"      "rd, rs, rt"     "Copies rs if rt is not zero.";
    movt    "000000 rs cc 01 rd 00000 000001"   "rd, rs, cc"     "Copies rs if a floating-point condition is true.";
    movz    "000000 rs rt rd 00000 001010"      "rd, rs, rt"     "Copies rs if rt is zero.";
    mthi    "000000 rs 00000 00000 00000 010001" "rs"            "Writes HI.";
    mtlo    "000000 rs 00000 00000 00000 010011" "rs"            "Writes LO.";
    ["MIPS32 Release 2", "CPU Move Instructions"]
    rdhwr   "011111 00000 rt hwr 00000 111011"  "rt, hwr"        "Reads a hardware register that the operating system lets user programs see.";

    ["MIPS32", "CPU Shift Instructions"]
    sll     "000000 00000 rt rd sa 000000"      "rd, rt, sa"     "Shifts a word left; zeros come in from the right.";
    sllv    "000000 rs rt rd 00000 000100"      "rd, rt, rs"     "Shifts a word left by the low five bits of rs.";
    sra     "000000 00000 rt rd sa 000011"      "rd, rt, sa"     "Shifts a word right; copies of the sign bit come in from the left.";
    srav    "000000 rs rt rd 00000 000111"      "rd, rt, rs"     "Shifts a word right by the low five bits of rs; copies of the sign bit come in from the left.";
    srl     "000000 00000 rt rd sa 000010"      "rd, rt, sa"     "Shifts a word right; zeros come in from the left.";
    srlv    "000000 rs rt rd 00000 000110"      "rd, rt, rs"     "Shifts a word right by the low five bits of rs; zeros come in from the left.";
    ["MIPS32 Release 2", "CPU Shift Instructions"]
    rotr    "000000 00001 rt rd sa 000010"      "rd, rt, sa"     "Rotates a word right.";
    rotrv   "000000 rs rt rd 00001 000110"      "rd, rt, rs"     "Rotates a word right by the low five bits of rs.";
    ["MIPS64", "CPU Shift Instructions"]
    dsll    "000000 00000 rt rd sa 111000"      "rd, rt, sa"     "Shifts a doubleword left by up to 31 bits.";
    dsll32  "000000 00000 rt rd sa 111100"      "rd, rt, sa"     "Shifts a doubleword left by the amount plus 32.";
    dsllv   "000000 rs rt rd 00000 010100"      "rd, rt, rs"     "Shifts a doubleword left by the low six bits of rs.";
    dsra    "000000 00000 rt rd sa 111011"      "rd, rt, sa"     "Shifts a doubleword right by up to 31 bits; copies of the sign bit come in from the left.";
    dsra32  "000000 00000 rt rd sa 111111"      "rd, rt, sa"     "Shifts a doubleword right by the amount plus 32; copies of the sign bit come in from the left.";
    dsrav   "000000 rs rt rd 00000 010111"      "rd, rt, rs"     "Shifts a doubleword right by the low six bits of rs; copies of the sign bit come in from the left.";
    dsrl    "000000 00000 rt rd sa 111010"      "rd, rt, sa"     "Shifts a doubleword right by up to 31 bits; zeros come in from the left.";
    dsrl32  "000000 00000 rt rd sa 111110"      "rd, rt, sa"     "Shifts a doubleword right by the amount plus 32; zeros come in from the left.";
    dsrlv   "000000 rs rt rd 00000 010110"      "rd, rt, rs"     "Shifts a doubleword right by the low six bits of rs; zeros come in from the left.";
    ["MIPS64 Release 2", "CPU Shift Instructions"]
    drotr   "000000 00001 rt rd sa 111010"      "rd, rt, sa"     "Rotates a doubleword right by up to 31 bits.";
    drotr32 "000000 00001 rt rd sa 111110"      "rd, rt, sa"     "Rotates a doubleword right by the amount plus 32.";
    drotrv  "000000 rs rt rd 00001 010110"      "rd, rt, rs"     "Rotates a doubleword right by the low six bits of rs.";

    ["MIPS32", "CPU Trap Instructions"]
    break_  "000000 code[19:0] 001101"          "code1, code2"   "Gives control to a debugger.";
    syscall "000000 code[19:0] 001100"          "code"           "Calls the operating system.";
    teq     "000000 rs rt code[9:0] 110100"     "rs, rt, code"   "Traps if rs equals rt.";
    teqi    "000001 rs 01100 imm"               "rs, imm"        "Traps if rs equals the immediate.";
    tge     "000000 rs rt code[9:0] 110000"     "rs, rt, code"   "Traps if rs is greater than or equal to rt, both signed.";
    tgei    "000001 rs 01000 imm"               "rs, imm"        "Traps if rs is greater than or equal to the immediate, both signed.";
    tgeiu   "000001 rs 01001 imm"               "rs, imm"        "Traps if rs is greater than or equal to the sign-extended immediate, both unsigned.";
    tgeu    "000000 rs rt code[9:0] 110001"     "rs, rt, code"   "Traps if rs is greater than or equal to rt, both unsigned.";
    tlt     "000000 rs rt code[9:0] 110010"     "rs, rt, code"   "Traps if rs is less than rt, both signed.";
    tlti    "000001 rs 01010 imm"               "rs, imm"        "Traps if rs is less than the immediate, both signed.";
    tltiu   "000001 rs 01011 imm"               "rs, imm"        "Traps if rs is less than the sign-extended immediate, both unsigned.";
    tltu    "000000 rs rt code[9:0] 110011"     "rs, rt, code"   "Traps if rs is less than rt, both unsigned.";
    tne     "000000 rs rt code[9:0] 110110"     "rs, rt, code"   "Traps if rs differs from rt.";
    tnei    "000001 rs 01110 imm"               "rs, imm"        "Traps if rs differs from the immediate.";

    ["MIPS32", "FPU Arithmetic Instructions"]
    abs_s   "010001 10000 00000 fs fd 000101"   "fd, fs"         "Clears the sign.";
    abs_d   "010001 10001 00000 fs fd 000101"   "fd, fs"         "Clears the sign.";
    add_s   "010001 10000 ft fs fd 000000"      "fd, fs, ft"     "Adds in single precision.";
    add_d   "010001 10001 ft fs fd 000000"      "fd, fs, ft"     "Adds in double precision.";
    div_s   "010001 10000 ft fs fd 000011"      "fd, fs, ft"     "Divides fs by ft in single precision.";
    div_d   "010001 10001 ft fs fd 000011"      "fd, fs, ft"     "Divides fs by ft in double precision.";
    mul_s   "010001 10000 ft fs fd 000010"      "fd, fs, ft"     "Multiplies in single precision.";
    mul_d   "010001 10001 ft fs fd 000010"      "fd, fs, ft"     "Multiplies in double precision.";
    neg_s   "010001 10000 00000 fs fd 000111"   "fd, fs"         "Inverts the sign.";
    neg_d   "010001 10001 00000 fs fd 000111"   "fd, fs"         "Inverts the sign.";
    sqrt_s  "010001 10000 00000 fs fd 000100"   "fd, fs"         "Takes the square root in single precision.";
    sqrt_d  "010001 10001 00000 fs fd 000100"   "fd, fs"         "Takes the square root in double precision.";
    sub_s   "010001 10000 ft fs fd 000001"      "fd, fs, ft"     "Subtracts ft from fs in single precision.";
    sub_d   "010001 10001 ft fs fd 000001"      "fd, fs, ft"     "Subtracts ft from fs in double precision.";
    ["MIPS64, MIPS32 Release 2", "FPU Arithmetic Instructions"]
    abs_ps  "010001 10110 00000 fs fd 000101"   "fd, fs"         "Clears both signs of a pair of singles.";
    add_ps  "010001 10110 ft fs fd 000000"      "fd, fs, ft"     "Adds pairs of singles.";
    madd_s  "010011 fr ft fs fd 100000"         "fd, fr, fs, ft" "Multiplies fs and ft and adds fr, in single precision, rounding twice.";
    madd_d  "010011 fr ft fs fd 100001"         "fd, fr, fs, ft" "Multiplies fs and ft and adds fr, in double precision, rounding twice.";
    madd_ps "010011 fr ft fs fd 100110"         "fd, fr, fs, ft" "Multiplies fs and ft and adds fr, for pairs of singles, rounding twice.";
    msub_s  "010011 fr ft fs fd 101000"         "fd, fr, fs, ft" "Multiplies fs and ft and subtracts fr, in single precision, rounding twice.";
    msub_d  "010011 fr ft fs fd 101001"         "fd, fr, fs, ft" "Multiplies fs and ft and subtracts fr, in double precision, rounding twice.";
    msub_ps "010011 fr ft fs fd 101110"         "fd, fr, fs, ft" "Multiplies fs and ft and subtracts fr, for pairs of singles, rounding twice.";
    mul_ps  "010001 10110 ft fs fd 000010"      "fd, fs, ft"     "Multiplies pairs of singles.";
    neg_ps  "010001 10110 00000 fs fd 000111"   "fd, fs"         "Inverts both signs of a pair of singles.";
    nmadd_s "010011 fr ft fs fd 110000"         "fd, fr, fs, ft" "Multiplies fs and ft, adds fr and inverts the sign, in single precision, rounding twice.";
    nmadd_d "010011 fr ft fs fd 110001"         "fd, fr, fs, ft" "Multiplies fs and ft, adds fr and inverts the sign, in double precision, rounding twice.";
    nmadd_ps "010011 fr ft fs fd 110110"        "fd, fr, fs, ft" "Multiplies fs and ft, adds fr and inverts the signs, for pairs of singles, rounding twice.";
    nmsub_s "010011 fr ft fs fd 111000"         "fd, fr, fs, ft" "Multiplies fs and ft, subtracts fr and inverts the sign, in single precision, rounding twice.";
    nmsub_d "010011 fr ft fs fd 111001"         "fd, fr, fs, ft" "Multiplies fs and ft, subtracts fr and inverts the sign, in double precision, rounding twice.";
    nmsub_ps "010011 fr ft fs fd 111110"        "fd, fr, fs, ft" "Multiplies fs and ft, subtracts fr and inverts the signs, for pairs of singles, rounding twice.";
    recip_s "010001 10000 00000 fs fd 010101"   "fd, fs"         "Takes the reciprocal in single precision.";
    recip_d "010001 10001 00000 fs fd 010101"   "fd, fs"         "Takes the reciprocal in double precision.";
    rsqrt_s "010001 10000 00000 fs fd 010110"   "fd, fs"         "Takes the reciprocal of the square root in single precision.";
    rsqrt_d "010001 10001 00000 fs fd 010110"   "fd, fs"         "Takes the reciprocal of the square root in double precision.";
    sub_ps  "010001 10110 ft fs fd 000001"      "fd, fs, ft"     "Subtracts pairs of singles.";

    ["MIPS32", "FPU Branch Instructions"]
    bc1f    "010001 01000 cc 0 0 offset[17:2]"  "cc, target"     "Branches if a floating-point condition is false, after the delay slot.";
    bc1t    "010001 01000 cc 0 1 offset[17:2]"  "cc, target"     "Branches if a floating-point condition is true, after the delay slot.";
    ["MIPS32", "Obsolete FPU Branch Instructions"]
    bc1fl   "010001 01000 cc 1 0 offset[17:2]"  "cc, target"     "Branches if a floating-point condition is false; the delay slot is executed only then.";
    bc1tl   "010001 01000 cc 1 1 offset[17:2]"  "cc, target"     "Branches if a floating-point condition is true; the delay slot is executed only then.";

    ["MIPS32", "FPU Compare Instructions"]
    c_cond_s "010001 10000 ft fs cc 00 11 cond" "cc, fs, ft"     "Compares in single precision and sets a floating-point condition.";
    c_cond_d "010001 10001 ft fs cc 00 11 cond" "cc, fs, ft"     "Compares in double precision and sets a floating-point condition.";
    ["MIPS64, MIPS32 Release 2", "FPU Compare Instructions"]
    c_cond_ps "010001 10110 ft fs cc 00 11 cond" "cc, fs, ft"    "Compares pairs of singles and sets two floating-point conditions.";

    ["MIPS32", "FPU Convert Instructions"]
    ceil_w_s "010001 10000 00000 fs fd 001110"  "fd, fs"         "Converts a single to a word, rounding up.";
    ceil_w_d "010001 10001 00000 fs fd 001110"  "fd, fs"         "Converts a double to a word, rounding up.";
    cvt_d_s "010001 10000 00000 fs fd 100001"   "fd, fs"         "Converts a single to a double.";
    cvt_d_w "010001 10100 00000 fs fd 100001"   "fd, fs"         "Converts a word to a double.";
    cvt_s_d "010001 10001 00000 fs fd 100000"   "fd, fs"         "Converts a double to a single.";
    cvt_s_w "010001 10100 00000 fs fd 100000"   "fd, fs"         "Converts a word to a single.";
    cvt_w_s "010001 10000 00000 fs fd 100100"   "fd, fs"         "Converts a single to a word in the current rounding mode.";
    cvt_w_d "010001 10001 00000 fs fd 100100"   "fd, fs"         "Converts a double to a word in the current rounding mode.";
    floor_w_s "010001 10000 00000 fs fd 001111" "fd, fs"         "Converts a single to a word, rounding down.";
    floor_w_d "010001 10001 00000 fs fd 001111" "fd, fs"         "Converts a double to a word, rounding down.";
    round_w_s "010001 10000 00000 fs fd 001100" "fd, fs"         "Converts a single to the nearest word, ties to even.";
    round_w_d "010001 10001 00000 fs fd 001100" "fd, fs"         "Converts a double to the nearest word, ties to even.";
    trunc_w_s "010001 10000 00000 fs fd 001101" "fd, fs"         "Converts a single to a word, rounding towards zero.";
    trunc_w_d "010001 10001 00000 fs fd 001101" "fd, fs"         "Converts a double to a word, rounding towards zero.";
    ["MIPS64, MIPS32 Release 2", "FPU Convert Instructions"]
    alnv_ps "010011 rs ft fs fd 011110"         "fd, fs, ft, rs" "Takes a pair of singles out of two pairs, at the alignment in rs.";
    ceil_l_s "010001 10000 00000 fs fd 001010"  "fd, fs"         "Converts a single to a doubleword, rounding up.";
    ceil_l_d "010001 10001 00000 fs fd 001010"  "fd, fs"         "Converts a double to a doubleword, rounding up.";
    cvt_d_l "010001 10101 00000 fs fd 100001"   "fd, fs"         "Converts a doubleword to a double.";
    cvt_l_s "010001 10000 00000 fs fd 100101"   "fd, fs"         "Converts a single to a doubleword in the current rounding mode.";
    cvt_l_d "010001 10001 00000 fs fd 100101"   "fd, fs"         "Converts a double to a doubleword in the current rounding mode.";
    cvt_ps_s "010001 10000 ft fs fd 100110"     "fd, fs, ft"     "Makes a pair of two singles.";
    cvt_s_l "010001 10101 00000 fs fd 100000"   "fd, fs"         "Converts a doubleword to a single.";
    cvt_s_pl "010001 10110 00000 fs fd 101000"  "fd, fs"         "Takes the lower single of a pair.";
    cvt_s_pu "010001 10110 00000 fs fd 100000"  "fd, fs"         "Takes the upper single of a pair.";
    floor_l_s "010001 10000 00000 fs fd 001011" "fd, fs"         "Converts a single to a doubleword, rounding down.";
    floor_l_d "010001 10001 00000 fs fd 001011" "fd, fs"         "Converts a double to a doubleword, rounding down.";
    pll_ps  "010001 10110 ft fs fd 101100"      "fd, fs, ft"     "Makes a pair of two lower singles.";
    plu_ps  "010001 10110 ft fs fd 101101"      "fd, fs, ft"     "Makes a pair of a lower and an upper single.";
    pul_ps  "010001 10110 ft fs fd 101110"      "fd, fs, ft"     "Makes a pair of an upper and a lower single.";
    puu_ps  "010001 10110 ft fs fd 101111"      "fd, fs, ft"     "Makes a pair of two upper singles.";
    round_l_s "010001 10000 00000 fs fd 001000" "fd, fs"         "Converts a single to the nearest doubleword, ties to even.";
    round_l_d "010001 10001 00000 fs fd 001000" "fd, fs"         "Converts a double to the nearest doubleword, ties to even.";
    trunc_l_s "010001 10000 00000 fs fd 001001" "fd, fs"         "Converts a single to a doubleword, rounding towards zero.";
    trunc_l_d "010001 10001 00000 fs fd 001001" "fd, fs"         "Converts a double to a doubleword, rounding towards zero.";

    ["MIPS32", "FPU Load, Store, and Memory Control Instructions"]
    ldc1    "110101 base ft offset"             "ft, offset(base)" "Loads a doubleword into a floating-point register.";
    lwc1    "110001 base ft offset"             "ft, offset(base)" "Loads a word into a floating-point register.";
    sdc1    "111101 base ft offset"             "ft, offset(base)" "Stores a doubleword from a floating-point register.";
    swc1    "111001 base ft offset"             "ft, offset(base)" "Stores a word from a floating-point register.";
    ["MIPS64, MIPS32 Release 2", "FPU Load, Store, and Memory Control Instructions"]
    ldxc1   "010011 base index 00000 fd 000001" "fd, index(base)" "Loads a doubleword at the sum of two registers.";
    luxc1   "010011 base index 00000 fd 000101" "fd, index(base)" "Loads a doubleword at the sum of two registers, with the low three bits cleared.";
    lwxc1   "010011 base index 00000 fd 000000" "fd, index(base)" "Loads a word at the sum of two registers.";
    prefx   "010011 base index hint 00000 001111" "hint, index(base)" "Tells how the address that is the sum of two registers will be used soon; does nothing.";
    sdxc1   "010011 base index fs 00000 001001" "fs, index(base)" "Stores a doubleword at the sum of two registers.";
    suxc1   "010011 base index fs 00000 001101" "fs, index(base)" "Stores a doubleword at the sum of two registers, with the low three bits cleared.";
    swxc1   "010011 base index fs 00000 001000" "fs, index(base)" "Stores a word at the sum of two registers.";

    ["MIPS32", "FPU Move Instructions"]
    cfc1    "010001 00010 rt cs 00000 000000"   "rt, cs"         "Reads a floating-point control register.";
    ctc1    "010001 00110 rt cs 00000 000000"   "rt, cs"         "Writes a floating-point control register.";
    mfc1    "010001 00000 rt fs 00000 000000"   "rt, fs"         "Copies a word from a floating-point register, sign-extended.";
    mov_s   "010001 10000 00000 fs fd 000110"   "fd, fs"         "Copies a single.";
    mov_d   "010001 10001 00000 fs fd 000110"   "fd, fs"         "Copies a double.";
    movf_s  "010001 10000 cc 00 fs fd 010001"   "fd, fs, cc"     "Copies a single if a floating-point condition is false.";
    movf_d  "010001 10001 cc 00 fs fd 010001"   "fd, fs, cc"     "Copies a double if a floating-point condition is false.";
    movn_s  "010001 10000 rt fs fd 010011"      "fd, fs, rt"     "Copies a single if rt is not zero.";
    movn_d  "010001 10001 rt fs fd 010011"      "fd, fs, rt"     "Copies a double if rt is not zero.";
    movt_s  "010001 10000 cc 01 fs fd 010001"   "fd, fs, cc"     "Copies a single if a floating-point condition is true.";
    movt_d  "010001 10001 cc 01 fs fd 010001"   "fd, fs, cc"     "Copies a double if a floating-point condition is true.";
    movz_s  "010001 10000 rt fs fd 010010"      "fd, fs, rt"     "Copies a single if rt is zero.";
    movz_d  "010001 10001 rt fs fd 010010"      "fd, fs, rt"     "Copies a double if rt is zero.";
    mtc1    "010001 00100 rt fs 00000 000000"   "rt, fs"         "Copies a word to a floating-point register.";
    ["MIPS32 Release 2", "FPU Move Instructions"]
    mfhc1   "010001 00011 rt fs 00000 000000"   "rt, fs"         "Copies the upper word of a floating-point register, sign-extended.";
    mthc1   "010001 00111 rt fs 00000 000000"   "rt, fs"         "Copies a word to the upper word of a floating-point register.";
    ["MIPS64, MIPS32 Release 2", "FPU Move Instructions"]
    mov_ps  "010001 10110 00000 fs fd 000110"   "fd, fs"         "Copies a pair of singles.";
    movf_ps "010001 10110 cc 00 fs fd 010001"   "fd, fs, cc"     "Copies each single of a pair whose floating-point condition is false.";
    movn_ps "010001 10110 rt fs fd 010011"      "fd, fs, rt"     "Copies a pair of singles if rt is not zero.";
    movt_ps "010001 10110 cc 01 fs fd 010001"   "fd, fs, cc"     "Copies each single of a pair whose floating-point condition is true.";
    movz_ps "010001 10110 rt fs fd 010010"      "fd, fs, rt"     "Copies a pair of singles if rt is zero.";
    ["MIPS64", "FPU Move Instructions"]
    dmfc1   "010001 00001 rt fs 00000 000000"   "rt, fs"         "Copies a doubleword from a floating-point register.";
    dmtc1   "010001 00101 rt fs 00000 000000"   "rt, fs"         "Copies a doubleword to a floating-point register.";
}
