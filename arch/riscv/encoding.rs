//! Every instruction, one row each: bits, operands and one sentence, in the notation of the
//! *RISC-V Instruction Set Manual, Volume I: Unprivileged Architecture*.
//!
//! A row's name is the mnemonic with `_` for `.`, and the name of the function in
//! [`semantics`](crate::semantics) that says what it does. Compressed rows have no meaning of
//! their own: they name the instruction that they stand for.
//!
//! In operands, `rd`, `rs1`, `rs2` are integer registers; `frd`, `frs1`, `frs2`, `frs3` are the
//! floating-point registers of the fields of the same places. `rd'` and the like are the fields
//! of three bits that name `x8` to `x15`.

use crate::decode::Instruction;
use crate::semantics;
use portolan_machine::encoding::{Row, mnemonic, rows};

/// The widths in bits of the fields that patterns name without listing their bits.
pub fn field_width(name: &str) -> Option<u8> {
    Some(match name {
        "rd" | "rs1" | "rs2" | "rs3" | "zimm" => 5,
        "rd'" | "rs1'" | "rs2'" | "rm" => 3,
        "shamt6" => 6,
        "shamt5" => 5,
        "csr" => 12,
        "fm" | "pred" | "succ" => 4,
        "aq" | "rl" => 1,
        _ => return None,
    })
}

macro_rules! compressed_rows {
    ($([$extension:literal, $section:literal]
        $($name:ident $pattern:literal $operands:literal => $expansion:literal
            $sentence:literal;)*)*) => {
        /// The instructions of 16 bits, each with the instruction that it stands for.
        pub const COMPRESSED: &[(Row, &str)] = &[$($((Row {
            name: mnemonic!($name),
            pattern: $pattern,
            operands: $operands,
            extension: $extension,
            section: $section,
            sentence: $sentence,
        }, $expansion),)*)*];
    };
}

rows! {
    ["I", "RV32I: Integer Register-Immediate Instructions"]
    addi      "imm[11:0] rs1 000 rd 0010011"        "rd, rs1, imm"   "Adds the sign-extended immediate to rs1; overflow is ignored.";
    slti      "imm[11:0] rs1 010 rd 0010011"        "rd, rs1, imm"   "Sets rd to 1 if rs1 is less than the immediate, both signed, else to 0.";
    sltiu     "imm[11:0] rs1 011 rd 0010011"        "rd, rs1, imm"   "Sets rd to 1 if rs1 is less than the sign-extended immediate, both unsigned, else to 0.";
    xori      "imm[11:0] rs1 100 rd 0010011"        "rd, rs1, imm"   "Exclusive-ors rs1 with the sign-extended immediate.";
    ori       "imm[11:0] rs1 110 rd 0010011"        "rd, rs1, imm"   "Ors rs1 with the sign-extended immediate.";
    andi      "imm[11:0] rs1 111 rd 0010011"        "rd, rs1, imm"   "Ands rs1 with the sign-extended immediate.";
    slli      "000000 shamt6 rs1 001 rd 0010011"    "rd, rs1, shamt6" "Shifts rs1 left; zeros come in from the right.";
    srli      "000000 shamt6 rs1 101 rd 0010011"    "rd, rs1, shamt6" "Shifts rs1 right; zeros come in from the left.";
    srai      "010000 shamt6 rs1 101 rd 0010011"    "rd, rs1, shamt6" "Shifts rs1 right; copies of the sign bit come in from the left.";
    lui       "imm[31:12] rd 0110111"               "rd, imm"        "Loads the immediate into the bits 31 to 12, sign-extended, with zeros below.";
    auipc     "imm[31:12] rd 0010111"               "rd, imm"        "Adds the immediate, shifted left by 12, to the address of this instruction.";

    ["I", "RV32I: Integer Register-Register Operations"]
    add       "0000000 rs2 rs1 000 rd 0110011"      "rd, rs1, rs2"   "Adds rs1 and rs2; overflow is ignored.";
    sub       "0100000 rs2 rs1 000 rd 0110011"      "rd, rs1, rs2"   "Subtracts rs2 from rs1; overflow is ignored.";
    sll       "0000000 rs2 rs1 001 rd 0110011"      "rd, rs1, rs2"   "Shifts rs1 left by the low six bits of rs2.";
    slt       "0000000 rs2 rs1 010 rd 0110011"      "rd, rs1, rs2"   "Sets rd to 1 if rs1 is less than rs2, both signed, else to 0.";
    sltu      "0000000 rs2 rs1 011 rd 0110011"      "rd, rs1, rs2"   "Sets rd to 1 if rs1 is less than rs2, both unsigned, else to 0.";
    xor       "0000000 rs2 rs1 100 rd 0110011"      "rd, rs1, rs2"   "Exclusive-ors rs1 and rs2.";
    srl       "0000000 rs2 rs1 101 rd 0110011"      "rd, rs1, rs2"   "Shifts rs1 right by the low six bits of rs2; zeros come in from the left.";
    sra       "0100000 rs2 rs1 101 rd 0110011"      "rd, rs1, rs2"   "Shifts rs1 right by the low six bits of rs2; copies of the sign bit come in from the left.";
    or        "0000000 rs2 rs1 110 rd 0110011"      "rd, rs1, rs2"   "Ors rs1 and rs2.";
    and       "0000000 rs2 rs1 111 rd 0110011"      "rd, rs1, rs2"   "Ands rs1 and rs2.";

    ["I", "RV32I: Control Transfer Instructions"]
    jal       "imm[20|10:1|11|19:12] rd 1101111"    "rd, target"     "Jumps to a target relative to this instruction and puts the address of the next one into rd.";
    jalr      "imm[11:0] rs1 000 rd 1100111"        "rd, imm(rs1)"   "Jumps to rs1 plus the immediate, with the lowest bit cleared, and puts the address of the next instruction into rd.";
    beq       "imm[12|10:5] rs2 rs1 000 imm[4:1|11] 1100011" "rs1, rs2, target" "Branches if rs1 equals rs2.";
    bne       "imm[12|10:5] rs2 rs1 001 imm[4:1|11] 1100011" "rs1, rs2, target" "Branches if rs1 differs from rs2.";
    blt       "imm[12|10:5] rs2 rs1 100 imm[4:1|11] 1100011" "rs1, rs2, target" "Branches if rs1 is less than rs2, both signed.";
    bge       "imm[12|10:5] rs2 rs1 101 imm[4:1|11] 1100011" "rs1, rs2, target" "Branches if rs1 is greater than or equal to rs2, both signed.";
    bltu      "imm[12|10:5] rs2 rs1 110 imm[4:1|11] 1100011" "rs1, rs2, target" "Branches if rs1 is less than rs2, both unsigned.";
    bgeu      "imm[12|10:5] rs2 rs1 111 imm[4:1|11] 1100011" "rs1, rs2, target" "Branches if rs1 is greater than or equal to rs2, both unsigned.";

    ["I", "RV32I: Load and Store Instructions"]
    lb        "imm[11:0] rs1 000 rd 0000011"        "rd, imm(rs1)"   "Loads a byte, sign-extended.";
    lh        "imm[11:0] rs1 001 rd 0000011"        "rd, imm(rs1)"   "Loads 16 bits, sign-extended.";
    lw        "imm[11:0] rs1 010 rd 0000011"        "rd, imm(rs1)"   "Loads 32 bits, sign-extended.";
    lbu       "imm[11:0] rs1 100 rd 0000011"        "rd, imm(rs1)"   "Loads a byte, zero-extended.";
    lhu       "imm[11:0] rs1 101 rd 0000011"        "rd, imm(rs1)"   "Loads 16 bits, zero-extended.";
    sb        "imm[11:5] rs2 rs1 000 imm[4:0] 0100011" "rs2, imm(rs1)" "Stores the low byte of rs2.";
    sh        "imm[11:5] rs2 rs1 001 imm[4:0] 0100011" "rs2, imm(rs1)" "Stores the low 16 bits of rs2.";
    sw        "imm[11:5] rs2 rs1 010 imm[4:0] 0100011" "rs2, imm(rs1)" "Stores the low 32 bits of rs2.";

    ["I", "RV32I: Memory Ordering Instructions"]
    fence     "fm pred succ rs1 000 rd 0001111"     "pred, succ"     "Orders the memory and device accesses named by pred before those named by succ.";

    ["I", "RV32I: Environment Call and Breakpoints"]
    ecall     "000000000000 00000 000 00000 1110011" ""              "Asks the operating system for a service.";
    ebreak    "000000000001 00000 000 00000 1110011" ""              "Gives control to a debugger.";

    ["I", "RV64I: Integer Computational Instructions"]
    addiw     "imm[11:0] rs1 000 rd 0011011"        "rd, rs1, imm"   "Adds the sign-extended immediate to rs1 in 32 bits and sign-extends the result.";
    slliw     "0000000 shamt5 rs1 001 rd 0011011"   "rd, rs1, shamt5" "Shifts the low 32 bits of rs1 left and sign-extends the 32-bit result.";
    srliw     "0000000 shamt5 rs1 101 rd 0011011"   "rd, rs1, shamt5" "Shifts the low 32 bits of rs1 right, zeros coming in, and sign-extends the 32-bit result.";
    sraiw     "0100000 shamt5 rs1 101 rd 0011011"   "rd, rs1, shamt5" "Shifts the low 32 bits of rs1 right, copies of bit 31 coming in, and sign-extends the 32-bit result.";
    addw      "0000000 rs2 rs1 000 rd 0111011"      "rd, rs1, rs2"   "Adds rs1 and rs2 in 32 bits and sign-extends the result.";
    subw      "0100000 rs2 rs1 000 rd 0111011"      "rd, rs1, rs2"   "Subtracts rs2 from rs1 in 32 bits and sign-extends the result.";
    sllw      "0000000 rs2 rs1 001 rd 0111011"      "rd, rs1, rs2"   "Shifts the low 32 bits of rs1 left by the low five bits of rs2 and sign-extends the 32-bit result.";
    srlw      "0000000 rs2 rs1 101 rd 0111011"      "rd, rs1, rs2"   "Shifts the low 32 bits of rs1 right by the low five bits of rs2, zeros coming in, and sign-extends the 32-bit result.";
    sraw      "0100000 rs2 rs1 101 rd 0111011"      "rd, rs1, rs2"   "Shifts the low 32 bits of rs1 right by the low five bits of rs2, copies of bit 31 coming in, and sign-extends the 32-bit result.";

    ["I", "RV64I: Load and Store Instructions"]
    lwu       "imm[11:0] rs1 110 rd 0000011"        "rd, imm(rs1)"   "Loads 32 bits, zero-extended.";
    ld        "imm[11:0] rs1 011 rd 0000011"        "rd, imm(rs1)"   "Loads 64 bits.";
    sd        "imm[11:5] rs2 rs1 011 imm[4:0] 0100011" "rs2, imm(rs1)" "Stores the 64 bits of rs2.";

    ["Zifencei", "Zifencei: Instruction-Fetch Fence"]
    fence_i   "imm[11:0] rs1 001 rd 0001111"        ""               "Makes this hart's stores visible to its instruction fetches.";

    ["Zicsr", "Zicsr: CSR Instructions"]
    csrrw     "csr rs1 001 rd 1110011"              "rd, csr, rs1"   "Swaps a control and status register with rs1: rd receives its old value.";
    csrrs     "csr rs1 010 rd 1110011"              "rd, csr, rs1"   "Reads a control and status register into rd and sets the bits that are set in rs1.";
    csrrc     "csr rs1 011 rd 1110011"              "rd, csr, rs1"   "Reads a control and status register into rd and clears the bits that are set in rs1.";
    csrrwi    "csr zimm 101 rd 1110011"             "rd, csr, zimm"  "Reads a control and status register into rd and replaces it by the immediate.";
    csrrsi    "csr zimm 110 rd 1110011"             "rd, csr, zimm"  "Reads a control and status register into rd and sets the bits that are set in the immediate.";
    csrrci    "csr zimm 111 rd 1110011"             "rd, csr, zimm"  "Reads a control and status register into rd and clears the bits that are set in the immediate.";

    ["M", "M: Multiplication Operations"]
    mul       "0000001 rs2 rs1 000 rd 0110011"      "rd, rs1, rs2"   "Multiplies rs1 by rs2 and keeps the low 64 bits.";
    mulh      "0000001 rs2 rs1 001 rd 0110011"      "rd, rs1, rs2"   "Multiplies rs1 by rs2, both signed, and keeps the high 64 bits of the 128-bit product.";
    mulhsu    "0000001 rs2 rs1 010 rd 0110011"      "rd, rs1, rs2"   "Multiplies signed rs1 by unsigned rs2 and keeps the high 64 bits of the 128-bit product.";
    mulhu     "0000001 rs2 rs1 011 rd 0110011"      "rd, rs1, rs2"   "Multiplies rs1 by rs2, both unsigned, and keeps the high 64 bits of the 128-bit product.";
    mulw      "0000001 rs2 rs1 000 rd 0111011"      "rd, rs1, rs2"   "Multiplies the low 32 bits of rs1 and rs2 and sign-extends the low 32 bits of the product.";

    ["M", "M: Division Operations"]
    div       "0000001 rs2 rs1 100 rd 0110011"      "rd, rs1, rs2"   "Divides rs1 by rs2, signed, rounding towards zero; dividing by zero gives -1.";
    divu      "0000001 rs2 rs1 101 rd 0110011"      "rd, rs1, rs2"   "Divides rs1 by rs2, unsigned; dividing by zero gives the largest number.";
    rem       "0000001 rs2 rs1 110 rd 0110011"      "rd, rs1, rs2"   "The remainder of the signed division, with the sign of rs1; dividing by zero gives rs1.";
    remu      "0000001 rs2 rs1 111 rd 0110011"      "rd, rs1, rs2"   "The remainder of the unsigned division; dividing by zero gives rs1.";
    divw      "0000001 rs2 rs1 100 rd 0111011"      "rd, rs1, rs2"   "Divides the low 32 bits of rs1 by those of rs2, signed, and sign-extends the quotient.";
    divuw     "0000001 rs2 rs1 101 rd 0111011"      "rd, rs1, rs2"   "Divides the low 32 bits of rs1 by those of rs2, unsigned, and sign-extends the quotient.";
    remw      "0000001 rs2 rs1 110 rd 0111011"      "rd, rs1, rs2"   "The remainder of the signed division of the low 32 bits, sign-extended.";
    remuw     "0000001 rs2 rs1 111 rd 0111011"      "rd, rs1, rs2"   "The remainder of the unsigned division of the low 32 bits, sign-extended.";

    ["Zalrsc", "A: Load-Reserved/Store-Conditional Instructions"]
    lr_w      "00010 aq rl 00000 rs1 010 rd 0101111" "rd, (rs1)"     "Loads 32 bits, sign-extended, and reserves the address.";
    sc_w      "00011 aq rl rs2 rs1 010 rd 0101111"  "rd, rs2, (rs1)" "Stores 32 bits if the reservation still holds; rd is 0 if it stored, else 1.";
    lr_d      "00010 aq rl 00000 rs1 011 rd 0101111" "rd, (rs1)"     "Loads 64 bits and reserves the address.";
    sc_d      "00011 aq rl rs2 rs1 011 rd 0101111"  "rd, rs2, (rs1)" "Stores 64 bits if the reservation still holds; rd is 0 if it stored, else 1.";

    ["Zaamo", "A: Atomic Memory Operations"]
    amoswap_w "00001 aq rl rs2 rs1 010 rd 0101111"  "rd, rs2, (rs1)" "Atomically swaps 32 bits of memory with rs2; rd receives the old value.";
    amoadd_w  "00000 aq rl rs2 rs1 010 rd 0101111"  "rd, rs2, (rs1)" "Atomically adds rs2 to 32 bits of memory; rd receives the old value.";
    amoxor_w  "00100 aq rl rs2 rs1 010 rd 0101111"  "rd, rs2, (rs1)" "Atomically exclusive-ors rs2 into 32 bits of memory; rd receives the old value.";
    amoand_w  "01100 aq rl rs2 rs1 010 rd 0101111"  "rd, rs2, (rs1)" "Atomically ands rs2 into 32 bits of memory; rd receives the old value.";
    amoor_w   "01000 aq rl rs2 rs1 010 rd 0101111"  "rd, rs2, (rs1)" "Atomically ors rs2 into 32 bits of memory; rd receives the old value.";
    amomin_w  "10000 aq rl rs2 rs1 010 rd 0101111"  "rd, rs2, (rs1)" "Atomically replaces 32 bits of memory by the smaller of them and rs2, signed; rd receives the old value.";
    amomax_w  "10100 aq rl rs2 rs1 010 rd 0101111"  "rd, rs2, (rs1)" "Atomically replaces 32 bits of memory by the larger of them and rs2, signed; rd receives the old value.";
    amominu_w "11000 aq rl rs2 rs1 010 rd 0101111"  "rd, rs2, (rs1)" "Atomically replaces 32 bits of memory by the smaller of them and rs2, unsigned; rd receives the old value.";
    amomaxu_w "11100 aq rl rs2 rs1 010 rd 0101111"  "rd, rs2, (rs1)" "Atomically replaces 32 bits of memory by the larger of them and rs2, unsigned; rd receives the old value.";
    amoswap_d "00001 aq rl rs2 rs1 011 rd 0101111"  "rd, rs2, (rs1)" "Atomically swaps 64 bits of memory with rs2; rd receives the old value.";
    amoadd_d  "00000 aq rl rs2 rs1 011 rd 0101111"  "rd, rs2, (rs1)" "Atomically adds rs2 to 64 bits of memory; rd receives the old value.";
    amoxor_d  "00100 aq rl rs2 rs1 011 rd 0101111"  "rd, rs2, (rs1)" "Atomically exclusive-ors rs2 into 64 bits of memory; rd receives the old value.";
    amoand_d  "01100 aq rl rs2 rs1 011 rd 0101111"  "rd, rs2, (rs1)" "Atomically ands rs2 into 64 bits of memory; rd receives the old value.";
    amoor_d   "01000 aq rl rs2 rs1 011 rd 0101111"  "rd, rs2, (rs1)" "Atomically ors rs2 into 64 bits of memory; rd receives the old value.";
    amomin_d  "10000 aq rl rs2 rs1 011 rd 0101111"  "rd, rs2, (rs1)" "Atomically replaces 64 bits of memory by the smaller of them and rs2, signed; rd receives the old value.";
    amomax_d  "10100 aq rl rs2 rs1 011 rd 0101111"  "rd, rs2, (rs1)" "Atomically replaces 64 bits of memory by the larger of them and rs2, signed; rd receives the old value.";
    amominu_d "11000 aq rl rs2 rs1 011 rd 0101111"  "rd, rs2, (rs1)" "Atomically replaces 64 bits of memory by the smaller of them and rs2, unsigned; rd receives the old value.";
    amomaxu_d "11100 aq rl rs2 rs1 011 rd 0101111"  "rd, rs2, (rs1)" "Atomically replaces 64 bits of memory by the larger of them and rs2, unsigned; rd receives the old value.";

    ["F", "F: Single-Precision Load and Store Instructions"]
    flw       "imm[11:0] rs1 010 rd 0000111"        "frd, imm(rs1)"  "Loads a single-precision number.";
    fsw       "imm[11:5] rs2 rs1 010 imm[4:0] 0100111" "frs2, imm(rs1)" "Stores the low 32 bits of a floating-point register.";

    ["F", "F: Single-Precision Floating-Point Computational Instructions"]
    fmadd_s   "rs3 00 rs2 rs1 rm rd 1000011"        "frd, frs1, frs2, frs3, rm" "Multiplies rs1 by rs2 and adds rs3, rounding once.";
    fmsub_s   "rs3 00 rs2 rs1 rm rd 1000111"        "frd, frs1, frs2, frs3, rm" "Multiplies rs1 by rs2 and subtracts rs3, rounding once.";
    fnmsub_s  "rs3 00 rs2 rs1 rm rd 1001011"        "frd, frs1, frs2, frs3, rm" "Multiplies rs1 by rs2, negates the product and adds rs3, rounding once.";
    fnmadd_s  "rs3 00 rs2 rs1 rm rd 1001111"        "frd, frs1, frs2, frs3, rm" "Multiplies rs1 by rs2, negates the product and subtracts rs3, rounding once.";
    fadd_s    "0000000 rs2 rs1 rm rd 1010011"       "frd, frs1, frs2, rm" "Adds single-precision numbers.";
    fsub_s    "0000100 rs2 rs1 rm rd 1010011"       "frd, frs1, frs2, rm" "Subtracts single-precision rs2 from rs1.";
    fmul_s    "0001000 rs2 rs1 rm rd 1010011"       "frd, frs1, frs2, rm" "Multiplies single-precision numbers.";
    fdiv_s    "0001100 rs2 rs1 rm rd 1010011"       "frd, frs1, frs2, rm" "Divides single-precision rs1 by rs2.";
    fsqrt_s   "0101100 00000 rs1 rm rd 1010011"     "frd, frs1, rm"  "The square root of a single-precision number.";
    fmin_s    "0010100 rs2 rs1 000 rd 1010011"      "frd, frs1, frs2" "The smaller of two single-precision numbers; a number is preferred to a NaN, and -0 is below +0.";
    fmax_s    "0010100 rs2 rs1 001 rd 1010011"      "frd, frs1, frs2" "The larger of two single-precision numbers; a number is preferred to a NaN, and -0 is below +0.";

    ["F", "F: Single-Precision Floating-Point Conversion and Move Instructions"]
    fcvt_w_s  "1100000 00000 rs1 rm rd 1010011"     "rd, frs1, rm"   "Converts a single-precision number to a signed 32-bit integer, sign-extended.";
    fcvt_wu_s "1100000 00001 rs1 rm rd 1010011"     "rd, frs1, rm"   "Converts a single-precision number to an unsigned 32-bit integer, whose 32 bits are sign-extended.";
    fcvt_l_s  "1100000 00010 rs1 rm rd 1010011"     "rd, frs1, rm"   "Converts a single-precision number to a signed 64-bit integer.";
    fcvt_lu_s "1100000 00011 rs1 rm rd 1010011"     "rd, frs1, rm"   "Converts a single-precision number to an unsigned 64-bit integer.";
    fcvt_s_w  "1101000 00000 rs1 rm rd 1010011"     "frd, rs1, rm"   "Converts a signed 32-bit integer to single precision.";
    fcvt_s_wu "1101000 00001 rs1 rm rd 1010011"     "frd, rs1, rm"   "Converts an unsigned 32-bit integer to single precision.";
    fcvt_s_l  "1101000 00010 rs1 rm rd 1010011"     "frd, rs1, rm"   "Converts a signed 64-bit integer to single precision.";
    fcvt_s_lu "1101000 00011 rs1 rm rd 1010011"     "frd, rs1, rm"   "Converts an unsigned 64-bit integer to single precision.";
    fsgnj_s   "0010000 rs2 rs1 000 rd 1010011"      "frd, frs1, frs2" "Takes rs1 with the sign of rs2.";
    fsgnjn_s  "0010000 rs2 rs1 001 rd 1010011"      "frd, frs1, frs2" "Takes rs1 with the opposite of the sign of rs2.";
    fsgnjx_s  "0010000 rs2 rs1 010 rd 1010011"      "frd, frs1, frs2" "Takes rs1 with the exclusive-or of both signs.";
    fmv_x_w   "1110000 00000 rs1 000 rd 1010011"    "rd, frs1"       "Copies the low 32 bits of a floating-point register, sign-extended, to an integer register.";
    fmv_w_x   "1111000 00000 rs1 000 rd 1010011"    "frd, rs1"       "Copies the low 32 bits of an integer register to a floating-point register as a single-precision number.";

    ["F", "F: Single-Precision Floating-Point Compare Instructions"]
    feq_s     "1010000 rs2 rs1 010 rd 1010011"      "rd, frs1, frs2" "Sets rd to 1 if rs1 equals rs2; a NaN equals nothing.";
    flt_s     "1010000 rs2 rs1 001 rd 1010011"      "rd, frs1, frs2" "Sets rd to 1 if rs1 is less than rs2; a NaN is an invalid operand.";
    fle_s     "1010000 rs2 rs1 000 rd 1010011"      "rd, frs1, frs2" "Sets rd to 1 if rs1 is less than or equal to rs2; a NaN is an invalid operand.";

    ["F", "F: Single-Precision Floating-Point Classify Instruction"]
    fclass_s  "1110000 00000 rs1 001 rd 1010011"    "rd, frs1"       "Sets the one bit of rd that names the class of a single-precision number.";

    ["D", "D: Double-Precision Load and Store Instructions"]
    fld       "imm[11:0] rs1 011 rd 0000111"        "frd, imm(rs1)"  "Loads a double-precision number.";
    fsd       "imm[11:5] rs2 rs1 011 imm[4:0] 0100111" "frs2, imm(rs1)" "Stores the 64 bits of a floating-point register.";

    ["D", "D: Double-Precision Floating-Point Computational Instructions"]
    fmadd_d   "rs3 01 rs2 rs1 rm rd 1000011"        "frd, frs1, frs2, frs3, rm" "Multiplies rs1 by rs2 and adds rs3, rounding once.";
    fmsub_d   "rs3 01 rs2 rs1 rm rd 1000111"        "frd, frs1, frs2, frs3, rm" "Multiplies rs1 by rs2 and subtracts rs3, rounding once.";
    fnmsub_d  "rs3 01 rs2 rs1 rm rd 1001011"        "frd, frs1, frs2, frs3, rm" "Multiplies rs1 by rs2, negates the product and adds rs3, rounding once.";
    fnmadd_d  "rs3 01 rs2 rs1 rm rd 1001111"        "frd, frs1, frs2, frs3, rm" "Multiplies rs1 by rs2, negates the product and subtracts rs3, rounding once.";
    fadd_d    "0000001 rs2 rs1 rm rd 1010011"       "frd, frs1, frs2, rm" "Adds double-precision numbers.";
    fsub_d    "0000101 rs2 rs1 rm rd 1010011"       "frd, frs1, frs2, rm" "Subtracts double-precision rs2 from rs1.";
    fmul_d    "0001001 rs2 rs1 rm rd 1010011"       "frd, frs1, frs2, rm" "Multiplies double-precision numbers.";
    fdiv_d    "0001101 rs2 rs1 rm rd 1010011"       "frd, frs1, frs2, rm" "Divides double-precision rs1 by rs2.";
    fsqrt_d   "0101101 00000 rs1 rm rd 1010011"     "frd, frs1, rm"  "The square root of a double-precision number.";
    fmin_d    "0010101 rs2 rs1 000 rd 1010011"      "frd, frs1, frs2" "The smaller of two double-precision numbers; a number is preferred to a NaN, and -0 is below +0.";
    fmax_d    "0010101 rs2 rs1 001 rd 1010011"      "frd, frs1, frs2" "The larger of two double-precision numbers; a number is preferred to a NaN, and -0 is below +0.";

    ["D", "D: Double-Precision Floating-Point Conversion and Move Instructions"]
    fcvt_w_d  "1100001 00000 rs1 rm rd 1010011"     "rd, frs1, rm"   "Converts a double-precision number to a signed 32-bit integer, sign-extended.";
    fcvt_wu_d "1100001 00001 rs1 rm rd 1010011"     "rd, frs1, rm"   "Converts a double-precision number to an unsigned 32-bit integer, whose 32 bits are sign-extended.";
    fcvt_l_d  "1100001 00010 rs1 rm rd 1010011"     "rd, frs1, rm"   "Converts a double-precision number to a signed 64-bit integer.";
    fcvt_lu_d "1100001 00011 rs1 rm rd 1010011"     "rd, frs1, rm"   "Converts a double-precision number to an unsigned 64-bit integer.";
    fcvt_d_w  "1101001 00000 rs1 rm rd 1010011"     "frd, rs1, rm"   "Converts a signed 32-bit integer to double precision.";
    fcvt_d_wu "1101001 00001 rs1 rm rd 1010011"     "frd, rs1, rm"   "Converts an unsigned 32-bit integer to double precision.";
    fcvt_d_l  "1101001 00010 rs1 rm rd 1010011"     "frd, rs1, rm"   "Converts a signed 64-bit integer to double precision.";
    fcvt_d_lu "1101001 00011 rs1 rm rd 1010011"     "frd, rs1, rm"   "Converts an unsigned 64-bit integer to double precision.";
    fcvt_s_d  "0100000 00001 rs1 rm rd 1010011"     "frd, frs1, rm"  "Converts a double-precision number to single precision.";
    fcvt_d_s  "0100001 00000 rs1 rm rd 1010011"     "frd, frs1, rm"  "Converts a single-precision number to double precision.";
    fsgnj_d   "0010001 rs2 rs1 000 rd 1010011"      "frd, frs1, frs2" "Takes rs1 with the sign of rs2.";
    fsgnjn_d  "0010001 rs2 rs1 001 rd 1010011"      "frd, frs1, frs2" "Takes rs1 with the opposite of the sign of rs2.";
    fsgnjx_d  "0010001 rs2 rs1 010 rd 1010011"      "frd, frs1, frs2" "Takes rs1 with the exclusive-or of both signs.";
    fmv_x_d   "1110001 00000 rs1 000 rd 1010011"    "rd, frs1"       "Copies the bits of a floating-point register to an integer register.";
    fmv_d_x   "1111001 00000 rs1 000 rd 1010011"    "frd, rs1"       "Copies the bits of an integer register to a floating-point register.";

    ["D", "D: Double-Precision Floating-Point Compare Instructions"]
    feq_d     "1010001 rs2 rs1 010 rd 1010011"      "rd, frs1, frs2" "Sets rd to 1 if rs1 equals rs2; a NaN equals nothing.";
    flt_d     "1010001 rs2 rs1 001 rd 1010011"      "rd, frs1, frs2" "Sets rd to 1 if rs1 is less than rs2; a NaN is an invalid operand.";
    fle_d     "1010001 rs2 rs1 000 rd 1010011"      "rd, frs1, frs2" "Sets rd to 1 if rs1 is less than or equal to rs2; a NaN is an invalid operand.";

    ["D", "D: Double-Precision Floating-Point Classify Instruction"]
    fclass_d  "1110001 00000 rs1 001 rd 1010011"    "rd, frs1"       "Sets the one bit of rd that names the class of a double-precision number.";

    ["Zba", "B: Address Generation Instructions"]
    add_uw    "0000100 rs2 rs1 000 rd 0111011"      "rd, rs1, rs2"   "Adds the low 32 bits of rs1, zero-extended, to rs2.";
    sh1add    "0010000 rs2 rs1 010 rd 0110011"      "rd, rs1, rs2"   "Shifts rs1 left by 1 and adds rs2.";
    sh2add    "0010000 rs2 rs1 100 rd 0110011"      "rd, rs1, rs2"   "Shifts rs1 left by 2 and adds rs2.";
    sh3add    "0010000 rs2 rs1 110 rd 0110011"      "rd, rs1, rs2"   "Shifts rs1 left by 3 and adds rs2.";
    sh1add_uw "0010000 rs2 rs1 010 rd 0111011"      "rd, rs1, rs2"   "Shifts the low 32 bits of rs1, zero-extended, left by 1 and adds rs2.";
    sh2add_uw "0010000 rs2 rs1 100 rd 0111011"      "rd, rs1, rs2"   "Shifts the low 32 bits of rs1, zero-extended, left by 2 and adds rs2.";
    sh3add_uw "0010000 rs2 rs1 110 rd 0111011"      "rd, rs1, rs2"   "Shifts the low 32 bits of rs1, zero-extended, left by 3 and adds rs2.";
    slli_uw   "000010 shamt6 rs1 001 rd 0011011"    "rd, rs1, shamt6" "Shifts the low 32 bits of rs1, zero-extended, left.";

    ["Zbb", "B: Basic Bit-Manipulation"]
    andn      "0100000 rs2 rs1 111 rd 0110011"      "rd, rs1, rs2"   "Ands rs1 with the inverse of rs2.";
    orn       "0100000 rs2 rs1 110 rd 0110011"      "rd, rs1, rs2"   "Ors rs1 with the inverse of rs2.";
    xnor      "0100000 rs2 rs1 100 rd 0110011"      "rd, rs1, rs2"   "Exclusive-ors rs1 with the inverse of rs2.";
    clz       "0110000 00000 rs1 001 rd 0010011"    "rd, rs1"        "Counts the zero bits above the highest set bit; 64 for zero.";
    clzw      "0110000 00000 rs1 001 rd 0011011"    "rd, rs1"        "Counts the zero bits above the highest set bit of the low 32 bits; 32 if they are zero.";
    ctz       "0110000 00001 rs1 001 rd 0010011"    "rd, rs1"        "Counts the zero bits below the lowest set bit; 64 for zero.";
    ctzw      "0110000 00001 rs1 001 rd 0011011"    "rd, rs1"        "Counts the zero bits below the lowest set bit of the low 32 bits; 32 if they are zero.";
    cpop      "0110000 00010 rs1 001 rd 0010011"    "rd, rs1"        "Counts the set bits.";
    cpopw     "0110000 00010 rs1 001 rd 0011011"    "rd, rs1"        "Counts the set bits among the low 32 bits.";
    max       "0000101 rs2 rs1 110 rd 0110011"      "rd, rs1, rs2"   "The larger of rs1 and rs2, signed.";
    maxu      "0000101 rs2 rs1 111 rd 0110011"      "rd, rs1, rs2"   "The larger of rs1 and rs2, unsigned.";
    min       "0000101 rs2 rs1 100 rd 0110011"      "rd, rs1, rs2"   "The smaller of rs1 and rs2, signed.";
    minu      "0000101 rs2 rs1 101 rd 0110011"      "rd, rs1, rs2"   "The smaller of rs1 and rs2, unsigned.";
    sext_b    "0110000 00100 rs1 001 rd 0010011"    "rd, rs1"        "Sign-extends the low byte.";
    sext_h    "0110000 00101 rs1 001 rd 0010011"    "rd, rs1"        "Sign-extends the low 16 bits.";
    zext_h    "0000100 00000 rs1 100 rd 0111011"    "rd, rs1"        "Zero-extends the low 16 bits.";
    rol       "0110000 rs2 rs1 001 rd 0110011"      "rd, rs1, rs2"   "Rotates rs1 left by the low six bits of rs2.";
    rolw      "0110000 rs2 rs1 001 rd 0111011"      "rd, rs1, rs2"   "Rotates the low 32 bits of rs1 left by the low five bits of rs2 and sign-extends them.";
    ror       "0110000 rs2 rs1 101 rd 0110011"      "rd, rs1, rs2"   "Rotates rs1 right by the low six bits of rs2.";
    rori      "011000 shamt6 rs1 101 rd 0010011"    "rd, rs1, shamt6" "Rotates rs1 right.";
    roriw     "0110000 shamt5 rs1 101 rd 0011011"   "rd, rs1, shamt5" "Rotates the low 32 bits of rs1 right and sign-extends them.";
    rorw      "0110000 rs2 rs1 101 rd 0111011"      "rd, rs1, rs2"   "Rotates the low 32 bits of rs1 right by the low five bits of rs2 and sign-extends them.";
    orc_b     "001010000111 rs1 101 rd 0010011"     "rd, rs1"        "Sets every bit of each byte that is not zero.";
    rev8      "011010111000 rs1 101 rd 0010011"     "rd, rs1"        "Reverses the order of the bytes.";

    ["Zbs", "B: Single-Bit Instructions"]
    bclr      "0100100 rs2 rs1 001 rd 0110011"      "rd, rs1, rs2"   "Clears the bit of rs1 that the low six bits of rs2 number.";
    bclri     "010010 shamt6 rs1 001 rd 0010011"    "rd, rs1, shamt6" "Clears one bit of rs1.";
    bext      "0100100 rs2 rs1 101 rd 0110011"      "rd, rs1, rs2"   "Extracts the bit of rs1 that the low six bits of rs2 number.";
    bexti     "010010 shamt6 rs1 101 rd 0010011"    "rd, rs1, shamt6" "Extracts one bit of rs1.";
    binv      "0110100 rs2 rs1 001 rd 0110011"      "rd, rs1, rs2"   "Inverts the bit of rs1 that the low six bits of rs2 number.";
    binvi     "011010 shamt6 rs1 001 rd 0010011"    "rd, rs1, shamt6" "Inverts one bit of rs1.";
    bset      "0010100 rs2 rs1 001 rd 0110011"      "rd, rs1, rs2"   "Sets the bit of rs1 that the low six bits of rs2 number.";
    bseti     "001010 shamt6 rs1 001 rd 0010011"    "rd, rs1, shamt6" "Sets one bit of rs1.";
}

compressed_rows! {
    ["C", "C: Stack-Pointer-Based Loads and Stores"]
    c_lwsp     "010 uimm[5] rd!=0 uimm[4:2|7:6] 10"       "rd, uimm(sp)"   => "lw rd, uimm(x2)"      "Loads 32 bits from the stack, sign-extended.";
    c_ldsp     "011 uimm[5] rd!=0 uimm[4:3|8:6] 10"       "rd, uimm(sp)"   => "ld rd, uimm(x2)"      "Loads 64 bits from the stack.";
    c_fldsp    "001 uimm[5] rd uimm[4:3|8:6] 10"          "frd, uimm(sp)"  => "fld rd, uimm(x2)"     "Loads a double-precision number from the stack.";
    c_swsp     "110 uimm[5:2|7:6] rs2 10"                 "rs2, uimm(sp)"  => "sw rs2, uimm(x2)"     "Stores 32 bits to the stack.";
    c_sdsp     "111 uimm[5:3|8:6] rs2 10"                 "rs2, uimm(sp)"  => "sd rs2, uimm(x2)"     "Stores 64 bits to the stack.";
    c_fsdsp    "101 uimm[5:3|8:6] rs2 10"                 "frs2, uimm(sp)" => "fsd rs2, uimm(x2)"    "Stores a double-precision number to the stack.";

    ["C", "C: Register-Based Loads and Stores"]
    c_lw       "010 uimm[5:3] rs1' uimm[2|6] rd' 00"      "rd', uimm(rs1')"  => "lw rd', uimm(rs1')"  "Loads 32 bits, sign-extended.";
    c_ld       "011 uimm[5:3] rs1' uimm[7:6] rd' 00"      "rd', uimm(rs1')"  => "ld rd', uimm(rs1')"  "Loads 64 bits.";
    c_fld      "001 uimm[5:3] rs1' uimm[7:6] rd' 00"      "frd', uimm(rs1')" => "fld rd', uimm(rs1')" "Loads a double-precision number.";
    c_sw       "110 uimm[5:3] rs1' uimm[2|6] rs2' 00"     "rs2', uimm(rs1')" => "sw rs2', uimm(rs1')" "Stores 32 bits.";
    c_sd       "111 uimm[5:3] rs1' uimm[7:6] rs2' 00"     "rs2', uimm(rs1')" => "sd rs2', uimm(rs1')" "Stores 64 bits.";
    c_fsd      "101 uimm[5:3] rs1' uimm[7:6] rs2' 00"     "frs2', uimm(rs1')" => "fsd rs2', uimm(rs1')" "Stores a double-precision number.";

    ["C", "C: Control Transfer Instructions"]
    c_j        "101 imm[11|4|9:8|10|6|7|3:1|5] 01"        "target"        => "jal x0, imm"           "Jumps to a target relative to this instruction.";
    c_jr       "100 0 rs1!=0 00000 10"                    "rs1"           => "jalr x0, 0(rs1)"       "Jumps to the address in rs1.";
    c_jalr     "100 1 rs1!=0 00000 10"                    "rs1"           => "jalr x1, 0(rs1)"       "Jumps to the address in rs1 and puts the address of the next instruction into ra.";
    c_beqz     "110 imm[8|4:3] rs1' imm[7:6|2:1|5] 01"    "rs1', target"  => "beq rs1', x0, imm"     "Branches if rs1' is zero.";
    c_bnez     "111 imm[8|4:3] rs1' imm[7:6|2:1|5] 01"    "rs1', target"  => "bne rs1', x0, imm"     "Branches if rs1' is not zero.";

    ["C", "C: Integer Constant-Generation Instructions"]
    c_li       "010 imm[5] rd imm[4:0] 01"                "rd, imm"       => "addi rd, x0, imm"      "Loads the sign-extended immediate.";
    c_lui      "011 nzimm[17] rd!=2 nzimm[16:12] 01"      "rd, nzimm"     => "lui rd, nzimm"         "Loads the immediate into the bits 17 to 12, sign-extended, with zeros below.";

    ["C", "C: Integer Register-Immediate Operations"]
    c_addi     "000 imm[5] rd!=0 imm[4:0] 01"             "rd, imm"       => "addi rd, rd, imm"      "Adds the sign-extended immediate to rd.";
    c_addiw    "001 imm[5] rd!=0 imm[4:0] 01"             "rd, imm"       => "addiw rd, rd, imm"     "Adds the sign-extended immediate to rd in 32 bits and sign-extends the result.";
    c_addi16sp "011 nzimm[9] 00010 nzimm[4|6|8:7|5] 01"   "sp, nzimm"     => "addi x2, x2, nzimm"    "Adds a multiple of 16 to the stack pointer.";
    c_addi4spn "000 nzuimm[5:4|9:6|2|3] rd' 00"           "rd', sp, nzuimm" => "addi rd', x2, nzuimm" "Adds a multiple of 4 to the stack pointer: the address of a variable on the stack.";
    c_slli     "000 shamt[5] rd shamt[4:0] 10"            "rd, shamt"     => "slli rd, rd, shamt"    "Shifts rd left.";
    c_srli     "100 shamt[5] 00 rd' shamt[4:0] 01"        "rd', shamt"    => "srli rd', rd', shamt"  "Shifts rd' right; zeros come in from the left.";
    c_srai     "100 shamt[5] 01 rd' shamt[4:0] 01"        "rd', shamt"    => "srai rd', rd', shamt"  "Shifts rd' right; copies of the sign bit come in from the left.";
    c_andi     "100 imm[5] 10 rd' imm[4:0] 01"            "rd', imm"      => "andi rd', rd', imm"    "Ands rd' with the sign-extended immediate.";

    ["C", "C: Integer Register-Register Operations"]
    c_mv       "100 0 rd rs2!=0 10"                       "rd, rs2"       => "add rd, x0, rs2"       "Copies rs2 into rd.";
    c_add      "100 1 rd rs2!=0 10"                       "rd, rs2"       => "add rd, rd, rs2"       "Adds rs2 to rd.";
    c_and      "100 0 11 rd' 11 rs2' 01"                  "rd', rs2'"     => "and rd', rd', rs2'"    "Ands rd' with rs2'.";
    c_or       "100 0 11 rd' 10 rs2' 01"                  "rd', rs2'"     => "or rd', rd', rs2'"     "Ors rd' with rs2'.";
    c_xor      "100 0 11 rd' 01 rs2' 01"                  "rd', rs2'"     => "xor rd', rd', rs2'"    "Exclusive-ors rd' with rs2'.";
    c_sub      "100 0 11 rd' 00 rs2' 01"                  "rd', rs2'"     => "sub rd', rd', rs2'"    "Subtracts rs2' from rd'.";
    c_addw     "100 1 11 rd' 01 rs2' 01"                  "rd', rs2'"     => "addw rd', rd', rs2'"   "Adds rs2' to rd' in 32 bits and sign-extends the result.";
    c_subw     "100 1 11 rd' 00 rs2' 01"                  "rd', rs2'"     => "subw rd', rd', rs2'"   "Subtracts rs2' from rd' in 32 bits and sign-extends the result.";

    ["C", "C: NOP Instruction"]
    c_nop      "000 imm[5] 00000 imm[4:0] 01"             "imm"           => "addi x0, x0, imm"      "Does nothing.";

    ["C", "C: Breakpoint Instruction"]
    c_ebreak   "100 1 00000 00000 10"                     ""              => "ebreak"                "Gives control to a debugger.";
}
