//! What the R5900 of the PlayStation 2 adds to MIPS III: 128-bit registers with the multimedia
//! instructions MMI, a second multiplier, three operands for multiplications, and a
//! floating-point unit of its own. Known by name, not executed.

use portolan_machine::encoding::named_rows;

named_rows! {
    /// The R5900.
    R5900
    ["R5900", "MMI"]
    "sync.p"    "000000 00000 00000 00000 10000 001111" ""                 "Waits until the pipeline is empty.";
    "mfsa"      "000000 00000 00000 rd 00000 101000"    "rd"               "Reads the shift amount SA.";
    "mtsa"      "000000 rs 00000 00000 00000 101001"    "rs"               "Writes the shift amount SA.";
    "mtsab"     "000001 rs 11000 imm"                   "rs, imm"          "Sets SA to a number of bytes.";
    "mtsah"     "000001 rs 11001 imm"                   "rs, imm"          "Sets SA to a number of halfwords.";
    "mfhi1"     "011100 00000 00000 rd 00000 010000"    "rd"               "Copies HI1.";
    "mflo1"     "011100 00000 00000 rd 00000 010010"    "rd"               "Copies LO1.";
    "pmfhl.lw"  "011100 00000 00000 rd 00000 110000"    "rd"               "Collects the lower words of HI and LO.";
    "pmfhl.uw"  "011100 00000 00000 rd 00001 110000"    "rd"               "Collects the upper words of HI and LO.";
    "pmfhl.slw" "011100 00000 00000 rd 00010 110000"    "rd"               "Collects the words of HI and LO, saturating.";
    "pmfhl.lh"  "011100 00000 00000 rd 00011 110000"    "rd"               "Collects the lower halfwords of HI and LO.";
    "pmfhl.sh"  "011100 00000 00000 rd 00100 110000"    "rd"               "Collects the words of HI and LO as halfwords, saturating.";
    "pmfhi"     "011100 00000 00000 rd 01000 001001"    "rd"               "Copies 128 bits of HI.";
    "pmflo"     "011100 00000 00000 rd 01001 001001"    "rd"               "Copies 128 bits of LO.";
    "pabsw"     "011100 00000 rt rd 00001 101000"       "rd, rt"           "Takes the absolute values of four words.";
    "pabsh"     "011100 00000 rt rd 00101 101000"       "rd, rt"           "Takes the absolute values of eight halfwords.";
    "pexeh"     "011100 00000 rt rd 11010 001001"       "rd, rt"           "Exchanges the even halfwords of each doubleword.";
    "pexch"     "011100 00000 rt rd 11010 101001"       "rd, rt"           "Exchanges the middle halfwords of each doubleword.";
    "prevh"     "011100 00000 rt rd 11011 001001"       "rd, rt"           "Reverses the halfwords of each doubleword.";
    "pcpyh"     "011100 00000 rt rd 11011 101001"       "rd, rt"           "Copies the lowest halfword of each doubleword to the other three.";
    "pext5"     "011100 00000 rt rd 11110 001000"       "rd, rt"           "Widens four colours of 1, 5, 5 and 5 bits to bytes.";
    "pexew"     "011100 00000 rt rd 11110 001001"       "rd, rt"           "Exchanges the even words.";
    "pexcw"     "011100 00000 rt rd 11110 101001"       "rd, rt"           "Exchanges the middle words.";
    "ppac5"     "011100 00000 rt rd 11111 001000"       "rd, rt"           "Packs four colours of bytes into 1, 5, 5 and 5 bits.";
    "prot3w"    "011100 00000 rt rd 11111 001001"       "rd, rt"           "Rotates the lower three words.";
    "psllh"     "011100 00000 rt rd sa 110100"          "rd, rt, sa"       "Shifts eight halfwords left.";
    "psrlh"     "011100 00000 rt rd sa 110110"          "rd, rt, sa"       "Shifts eight halfwords right; zeros come in.";
    "psrah"     "011100 00000 rt rd sa 110111"          "rd, rt, sa"       "Shifts eight halfwords right; copies of the sign bits come in.";
    "psllw"     "011100 00000 rt rd sa 111100"          "rd, rt, sa"       "Shifts four words left.";
    "psrlw"     "011100 00000 rt rd sa 111110"          "rd, rt, sa"       "Shifts four words right; zeros come in.";
    "psraw"     "011100 00000 rt rd sa 111111"          "rd, rt, sa"       "Shifts four words right; copies of the sign bits come in.";
    "mthi1"     "011100 rs 00000 00000 00000 010001"    "rs"               "Writes HI1.";
    "mtlo1"     "011100 rs 00000 00000 00000 010011"    "rs"               "Writes LO1.";
    "pmthl.lw"  "011100 rs 00000 00000 00000 110001"    "rs"               "Writes the lower words of HI and LO.";
    "pmthi"     "011100 rs 00000 00000 01000 101001"    "rs"               "Writes 128 bits of HI.";
    "pmtlo"     "011100 rs 00000 00000 01001 101001"    "rs"               "Writes 128 bits of LO.";
    "plzcw"     "011100 rs 00000 rd 00000 000100"       "rd, rs"           "Counts the leading bits that equal the sign bit of two words, less one.";
    "div1"      "011100 rs rt 00000 00000 011010"       "zero, rs, rt"     "Divides signed words in the second pipeline: the quotient goes to LO1, the remainder to HI1.";
    "divu1"     "011100 rs rt 00000 00000 011011"       "zero, rs, rt"     "Divides unsigned words in the second pipeline: the quotient goes to LO1, the remainder to HI1.";
    "pdivw"     "011100 rs rt 00000 01101 001001"       "rs, rt"           "Divides two signed words.";
    "pdivuw"    "011100 rs rt 00000 01101 101001"       "rs, rt"           "Divides two unsigned words.";
    "pdivbw"    "011100 rs rt 00000 11101 001001"       "rs, rt"           "Divides four signed words by one halfword.";
    "paddw"     "011100 rs rt rd 00000 001000"          "rd, rs, rt"       "Adds four words; overflow is ignored.";
    "pmaddw"    "011100 rs rt rd 00000 001001"          "rd, rs, rt"       "Multiplies two signed words and adds the products to HI and LO.";
    "mult1"     "011100 rs rt rd 00000 011000"          "rd, rs, rt"       "Multiplies signed words in the second pipeline; the product goes to HI1, LO1 and rd.";
    "multu1"    "011100 rs rt rd 00000 011001"          "rd, rs, rt"       "Multiplies unsigned words in the second pipeline; the product goes to HI1, LO1 and rd.";
    "madd1"     "011100 rs rt rd 00000 100000"          "rd, rs, rt"       "Multiplies signed words and adds the product to HI1 and LO1, and copies it to rd.";
    "maddu1"    "011100 rs rt rd 00000 100001"          "rd, rs, rt"       "Multiplies unsigned words and adds the product to HI1 and LO1, and copies it to rd.";
    "pmadduw"   "011100 rs rt rd 00000 101001"          "rd, rs, rt"       "Multiplies two unsigned words and adds the products to HI and LO.";
    "psubw"     "011100 rs rt rd 00001 001000"          "rd, rs, rt"       "Subtracts four words; overflow is ignored.";
    "pcgtw"     "011100 rs rt rd 00010 001000"          "rd, rs, rt"       "Compares four words: all ones where rs is greater, signed, else zero.";
    "psllvw"    "011100 rs rt rd 00010 001001"          "rd, rt, rs"       "Shifts two words left by amounts in another register.";
    "pceqw"     "011100 rs rt rd 00010 101000"          "rd, rs, rt"       "Compares four words: all ones where equal, else zero.";
    "pmaxw"     "011100 rs rt rd 00011 001000"          "rd, rs, rt"       "Takes the greater of four words, signed.";
    "psrlvw"    "011100 rs rt rd 00011 001001"          "rd, rt, rs"       "Shifts two words right by amounts in another register; zeros come in.";
    "pminw"     "011100 rs rt rd 00011 101000"          "rd, rs, rt"       "Takes the smaller of four words, signed.";
    "psravw"    "011100 rs rt rd 00011 101001"          "rd, rt, rs"       "Shifts two words right by amounts in another register; copies of the sign bits come in.";
    "paddh"     "011100 rs rt rd 00100 001000"          "rd, rs, rt"       "Adds eight halfwords; overflow is ignored.";
    "pmsubw"    "011100 rs rt rd 00100 001001"          "rd, rs, rt"       "Multiplies two signed words and subtracts the products from HI and LO.";
    "padsbh"    "011100 rs rt rd 00100 101000"          "rd, rs, rt"       "Subtracts the lower four halfwords and adds the upper four.";
    "psubh"     "011100 rs rt rd 00101 001000"          "rd, rs, rt"       "Subtracts eight halfwords; overflow is ignored.";
    "pcgth"     "011100 rs rt rd 00110 001000"          "rd, rs, rt"       "Compares eight halfwords: all ones where rs is greater, signed, else zero.";
    "pceqh"     "011100 rs rt rd 00110 101000"          "rd, rs, rt"       "Compares eight halfwords: all ones where equal, else zero.";
    "pmaxh"     "011100 rs rt rd 00111 001000"          "rd, rs, rt"       "Takes the greater of eight halfwords, signed.";
    "pminh"     "011100 rs rt rd 00111 101000"          "rd, rs, rt"       "Takes the smaller of eight halfwords, signed.";
    "paddb"     "011100 rs rt rd 01000 001000"          "rd, rs, rt"       "Adds sixteen bytes; overflow is ignored.";
    "psubb"     "011100 rs rt rd 01001 001000"          "rd, rs, rt"       "Subtracts sixteen bytes; overflow is ignored.";
    "pcgtb"     "011100 rs rt rd 01010 001000"          "rd, rs, rt"       "Compares sixteen bytes: all ones where rs is greater, signed, else zero.";
    "pinth"     "011100 rs rt rd 01010 001001"          "rd, rs, rt"       "Interleaves the upper halfwords of rs and the lower ones of rt.";
    "pceqb"     "011100 rs rt rd 01010 101000"          "rd, rs, rt"       "Compares sixteen bytes: all ones where equal, else zero.";
    "pinteh"    "011100 rs rt rd 01010 101001"          "rd, rs, rt"       "Interleaves the even halfwords of two registers.";
    "pmultw"    "011100 rs rt rd 01100 001001"          "rd, rs, rt"       "Multiplies two signed words; the products go to HI and LO.";
    "pmultuw"   "011100 rs rt rd 01100 101001"          "rd, rs, rt"       "Multiplies two unsigned words; the products go to HI and LO.";
    "pcpyld"    "011100 rs rt rd 01110 001001"          "rd, rs, rt"       "Makes 128 bits of two lower doublewords.";
    "pcpyud"    "011100 rs rt rd 01110 101001"          "rd, rs, rt"       "Makes 128 bits of two upper doublewords.";
    "paddsw"    "011100 rs rt rd 10000 001000"          "rd, rs, rt"       "Adds four words, signed and saturating.";
    "pmaddh"    "011100 rs rt rd 10000 001001"          "rd, rs, rt"       "Multiplies eight halfwords and adds the products to HI and LO.";
    "padduw"    "011100 rs rt rd 10000 101000"          "rd, rs, rt"       "Adds four words, unsigned and saturating.";
    "psubsw"    "011100 rs rt rd 10001 001000"          "rd, rs, rt"       "Subtracts four words, signed and saturating.";
    "phmadh"    "011100 rs rt rd 10001 001001"          "rd, rs, rt"       "Multiplies eight halfwords and adds the products in pairs.";
    "psubuw"    "011100 rs rt rd 10001 101000"          "rd, rs, rt"       "Subtracts four words, unsigned and saturating.";
    "pextlw"    "011100 rs rt rd 10010 001000"          "rd, rs, rt"       "Interleaves the lower halves of two registers, by words.";
    "pand"      "011100 rs rt rd 10010 001001"          "rd, rs, rt"       "Ands 128 bits.";
    "pextuw"    "011100 rs rt rd 10010 101000"          "rd, rs, rt"       "Interleaves the upper halves of two registers, by words.";
    "por"       "011100 rs rt rd 10010 101001"          "rd, rs, rt"       "Ors 128 bits.";
    "ppacw"     "011100 rs rt rd 10011 001000"          "rd, rs, rt"       "Packs the even words of two registers.";
    "pxor"      "011100 rs rt rd 10011 001001"          "rd, rs, rt"       "Exclusive-ors 128 bits.";
    "pnor"      "011100 rs rt rd 10011 101001"          "rd, rs, rt"       "Ors 128 bits and inverts the result.";
    "paddsh"    "011100 rs rt rd 10100 001000"          "rd, rs, rt"       "Adds eight halfwords, signed and saturating.";
    "pmsubh"    "011100 rs rt rd 10100 001001"          "rd, rs, rt"       "Multiplies eight halfwords and subtracts the products from HI and LO.";
    "padduh"    "011100 rs rt rd 10100 101000"          "rd, rs, rt"       "Adds eight halfwords, unsigned and saturating.";
    "psubsh"    "011100 rs rt rd 10101 001000"          "rd, rs, rt"       "Subtracts eight halfwords, signed and saturating.";
    "phmsbh"    "011100 rs rt rd 10101 001001"          "rd, rs, rt"       "Multiplies eight halfwords and subtracts the products in pairs.";
    "psubuh"    "011100 rs rt rd 10101 101000"          "rd, rs, rt"       "Subtracts eight halfwords, unsigned and saturating.";
    "pextlh"    "011100 rs rt rd 10110 001000"          "rd, rs, rt"       "Interleaves the lower halves of two registers, by halfwords.";
    "pextuh"    "011100 rs rt rd 10110 101000"          "rd, rs, rt"       "Interleaves the upper halves of two registers, by halfwords.";
    "ppach"     "011100 rs rt rd 10111 001000"          "rd, rs, rt"       "Packs the even halfwords of two registers.";
    "paddsb"    "011100 rs rt rd 11000 001000"          "rd, rs, rt"       "Adds sixteen bytes, signed and saturating.";
    "paddub"    "011100 rs rt rd 11000 101000"          "rd, rs, rt"       "Adds sixteen bytes, unsigned and saturating.";
    "psubsb"    "011100 rs rt rd 11001 001000"          "rd, rs, rt"       "Subtracts sixteen bytes, signed and saturating.";
    "psubub"    "011100 rs rt rd 11001 101000"          "rd, rs, rt"       "Subtracts sixteen bytes, unsigned and saturating.";
    "pextlb"    "011100 rs rt rd 11010 001000"          "rd, rs, rt"       "Interleaves the lower halves of two registers, by bytes.";
    "pextub"    "011100 rs rt rd 11010 101000"          "rd, rs, rt"       "Interleaves the upper halves of two registers, by bytes.";
    "ppacb"     "011100 rs rt rd 11011 001000"          "rd, rs, rt"       "Packs the even bytes of two registers.";
    "qfsrv"     "011100 rs rt rd 11011 101000"          "rd, rs, rt"       "Shifts 256 bits right by the amount in SA and keeps 128.";
    "pmulth"    "011100 rs rt rd 11100 001001"          "rd, rs, rt"       "Multiplies eight halfwords; the products go to HI and LO.";
    "lq"        "011110 base rt offset"                 "rt, offset(base)" "Loads 128 bits.";
    "sq"        "011111 base rt offset"                 "rt, offset(base)" "Stores 128 bits.";

    ["R5900", "Multiplication with a Third Operand"]
    "mult"  "000000 rs rt rd 00000 011000" "rd, rs, rt" "Multiplies signed words; the product goes to HI, LO and rd.";
    "multu" "000000 rs rt rd 00000 011001" "rd, rs, rt" "Multiplies unsigned words; the product goes to HI, LO and rd.";
    "madd"  "011100 rs rt rd 00000 000000" "rd, rs, rt" "Multiplies signed words, adds the product to HI and LO, and copies the low word to rd.";
    "maddu" "011100 rs rt rd 00000 000001" "rd, rs, rt" "Multiplies unsigned words, adds the product to HI and LO, and copies the low word to rd.";

    ["R5900", "Memory Control"]
    "sync"   "000000 00000 00000 00000 00000 001111" ""       "Waits until earlier loads and stores are complete.";

    ["R5900", "Privileged"]
    "mfc0"   "010000 00000 rt cs!=25 00000 000000"       "rt, cs" "Reads a register of coprocessor 0.";
    "mtc0"   "010000 00100 rt cs!=25 00000 000000"       "rt, cs" "Writes a register of coprocessor 0.";
    "mfbpc"  "010000 00000 rt 11000 00000 000000"    "rt"     "Reads the breakpoint control.";
    "mfiab"  "010000 00000 rt 11000 00000 000010"    "rt"     "Reads the instruction breakpoint address.";
    "mfiabm" "010000 00000 rt 11000 00000 000011"    "rt"     "Reads the instruction breakpoint mask.";
    "mfdab"  "010000 00000 rt 11000 00000 000100"    "rt"     "Reads the data breakpoint address.";
    "mfdabm" "010000 00000 rt 11000 00000 000101"    "rt"     "Reads the data breakpoint mask.";
    "mfdvbm" "010000 00000 rt 11000 00000 000111"    "rt"     "Reads the data value breakpoint mask.";
    "mfdvb"  "010000 00000 rt 11000 00000 000110"    "rt"     "Reads the data value breakpoint.";
    "mtiab"  "010000 00100 rt 11000 00000 000010"    "rt"     "Writes the instruction breakpoint address.";
    "mtiabm" "010000 00100 rt 11000 00000 000011"    "rt"     "Writes the instruction breakpoint mask.";
    "mtdab"  "010000 00100 rt 11000 00000 000100"    "rt"     "Writes the data breakpoint address.";
    "mtdabm" "010000 00100 rt 11000 00000 000101"    "rt"     "Writes the data breakpoint mask.";
    "mtdvb"  "010000 00100 rt 11000 00000 000110"    "rt"     "Writes the data value breakpoint.";
    "mtdvbm" "010000 00100 rt 11000 00000 000111"    "rt"     "Writes the data value breakpoint mask.";
    "mfps"   "010000 00000 rt 11001 00000 n[4:0] 0"  "rt, n"  "Reads the control of a performance counter.";
    "mfpc"   "010000 00000 rt 11001 00000 n[4:0] 1"  "rt, n"  "Reads a performance counter.";
    "cfc0"   "010000 00010 rt cs 00000 000000"       "rt, cs" "Reads a control register of coprocessor 0.";
    "mtbpc"  "010000 00100 rt 11000 00000 000000"    "rt"     "Writes the breakpoint control.";
    "mtps"   "010000 00100 rt 11001 00000 n[4:0] 0"  "rt, n"  "Writes the control of a performance counter.";
    "mtpc"   "010000 00100 rt 11001 00000 n[4:0] 1"  "rt, n"  "Writes a performance counter.";
    "ctc0"   "010000 00110 rt cs 00000 000000"       "rt, cs" "Writes a control register of coprocessor 0.";
    "bc0f"   "010000 01000 00000 offset[17:2]"       "target" "Branches if the condition of coprocessor 0 is false.";
    "bc0t"   "010000 01000 00001 offset[17:2]"       "target" "Branches if the condition of coprocessor 0 is true.";
    "bc0fl"  "010000 01000 00010 offset[17:2]"       "target" "Branches if the condition of coprocessor 0 is false; the delay slot is executed only then.";
    "bc0tl"  "010000 01000 00011 offset[17:2]"       "target" "Branches if the condition of coprocessor 0 is true; the delay slot is executed only then.";
    "wait"   "010000 10000 00000 00000 00000 100000" ""       "Waits for an interrupt.";
    "ei"     "010000 10000 00000 00000 00000 111000" ""       "Enables interrupts.";
    "di"     "010000 10000 00000 00000 00000 111001" ""       "Disables interrupts.";

    ["R5900", "Floating-Point Unit"]
    "bc1f"      "010001 01000 00000 offset[17:2]" "target"     "Branches if the floating-point condition is false.";
    "bc1t"      "010001 01000 00001 offset[17:2]" "target"     "Branches if the floating-point condition is true.";
    "bc1fl"     "010001 01000 00010 offset[17:2]" "target"     "Branches if the floating-point condition is false; the delay slot is executed only then.";
    "bc1tl"     "010001 01000 00011 offset[17:2]" "target"     "Branches if the floating-point condition is true; the delay slot is executed only then.";
    "trunc.w.s" "010001 10000 00000 fs fd 100100" "fd, fs"     "Converts a single to a word, rounding towards zero (the R5900 rounds no other way).";
    "adda.s"    "010001 10000 ft fs 00000 011000" "fs, ft"     "Adds singles into the accumulator.";
    "suba.s"    "010001 10000 ft fs 00000 011001" "fs, ft"     "Subtracts singles into the accumulator.";
    "mula.s"    "010001 10000 ft fs 00000 011010" "fs, ft"     "Multiplies singles into the accumulator.";
    "madda.s"   "010001 10000 ft fs 00000 011110" "fs, ft"     "Multiplies singles and adds the product to the accumulator.";
    "msuba.s"   "010001 10000 ft fs 00000 011111" "fs, ft"     "Multiplies singles and subtracts the product from the accumulator.";
    "c.f.s"     "010001 10000 ft fs 00000 110000" "fs, ft"     "Sets the condition to false.";
    "c.eq.s"    "010001 10000 ft fs 00000 110010" "fs, ft"     "Sets the condition if the singles are equal.";
    "c.lt.s"    "010001 10000 ft fs 00000 110100" "fs, ft"     "Sets the condition if fs is less than ft.";
    "c.le.s"    "010001 10000 ft fs 00000 110110" "fs, ft"     "Sets the condition if fs is less than or equal to ft.";
    "rsqrt.s"   "010001 10000 ft fs fd 010110"    "fd, fs, ft" "Divides fs by the square root of ft.";
    "madd.s"    "010001 10000 ft fs fd 011100"    "fd, fs, ft" "Multiplies singles and adds the accumulator.";
    "msub.s"    "010001 10000 ft fs fd 011101"    "fd, fs, ft" "Multiplies singles and subtracts the product from the accumulator.";
    "max.s"     "010001 10000 ft fs fd 101000"    "fd, fs, ft" "Takes the greater single.";
    "min.s"     "010001 10000 ft fs fd 101001"    "fd, fs, ft" "Takes the smaller single.";

    ["R5900", "Vector Unit"]
    "bc2f"    "010010 01000 00000 offset[17:2]" "target"           "Branches if the condition of the vector unit is false.";
    "bc2t"    "010010 01000 00001 offset[17:2]" "target"           "Branches if the condition of the vector unit is true.";
    "bc2fl"   "010010 01000 00010 offset[17:2]" "target"           "Branches if the condition of the vector unit is false; the delay slot is executed only then.";
    "bc2tl"   "010010 01000 00011 offset[17:2]" "target"           "Branches if the condition of the vector unit is true; the delay slot is executed only then.";
    "cfc2"    "010010 00010 rt cs 00000 000000" "rt, cs"           "Reads a control register of the vector unit.";
    "ctc2"    "010010 00110 rt cs 00000 000000" "rt, cs"           "Writes a control register of the vector unit.";
    "qmfc2"   "010010 00001 rt vs 00000 000000" "rt, vs"           "Copies 128 bits from the vector unit.";
    "qmfc2.i" "010010 00001 rt vs 00000 000001" "rt, vs"           "Copies 128 bits from the vector unit, after it is idle.";
    "cfc2.i"  "010010 00010 rt cs 00000 000001" "rt, cs"           "Reads a control register of the vector unit, after it is idle.";
    "qmtc2"   "010010 00101 rt vs 00000 000000" "rt, vs"           "Copies 128 bits to the vector unit.";
    "qmtc2.i" "010010 00101 rt vs 00000 000001" "rt, vs"           "Copies 128 bits to the vector unit, after it is idle.";
    "ctc2.i"  "010010 00110 rt cs 00000 000001" "rt, cs"           "Writes a control register of the vector unit, after it is idle.";
    "lqc2"    "110110 base vt offset"           "vt, offset(base)" "Loads 128 bits into a register of the vector unit.";
    "sqc2"    "111110 base vt offset"           "vt, offset(base)" "Stores 128 bits from a register of the vector unit.";
}

/// Instructions of release 2 that the R5900 does not have.
pub const MISSING: &[&str] = &[
    "abs.d",
    "abs.ps",
    "add.d",
    "add.ps",
    "alnv.ps",
    "c.cond.d",
    "c.cond.ps",
    "c.cond.s",
    "ceil.w.d",
    "ceil.w.s",
    "clo",
    "clz",
    "cvt.d.s",
    "cvt.d.w",
    "cvt.ps.s",
    "cvt.s.d",
    "cvt.s.pl",
    "cvt.s.pu",
    "cvt.w.d",
    "cvt.w.s",
    "dclo",
    "dclz",
    "ddiv",
    "ddivu",
    "dext",
    "dextm",
    "dextu",
    "dins",
    "dinsm",
    "dinsu",
    "div.d",
    "dmfc1",
    "dmtc1",
    "dmult",
    "dmultu",
    "drotr",
    "drotr32",
    "drotrv",
    "dsbh",
    "dshd",
    "ext",
    "floor.w.d",
    "ins",
    "jalr.hb",
    "jr.hb",
    "ldc1",
    "ldxc1",
    "ll",
    "lld",
    "luxc1",
    "lwxc1",
    "madd.d",
    "madd.ps",
    "mfhc1",
    "mov.d",
    "mov.ps",
    "movf",
    "movf.d",
    "movf.ps",
    "movf.s",
    "movn.d",
    "movn.ps",
    "movn.s",
    "movt",
    "movt.d",
    "movt.ps",
    "movt.s",
    "movz.d",
    "movz.ps",
    "movz.s",
    "msub",
    "msub.d",
    "msub.ps",
    "msubu",
    "mthc1",
    "mul",
    "mul.d",
    "mul.ps",
    "neg.d",
    "neg.ps",
    "nmadd.d",
    "nmadd.ps",
    "nmadd.s",
    "nmsub.d",
    "nmsub.ps",
    "nmsub.s",
    "pll.ps",
    "plu.ps",
    "prefx",
    "pul.ps",
    "puu.ps",
    "rdhwr",
    "recip.d",
    "recip.s",
    "round.w.d",
    "rsqrt.d",
    "sc",
    "scd",
    "sdc1",
    "sdxc1",
    "seb",
    "seh",
    "sqrt.d",
    "sub.d",
    "sub.ps",
    "suxc1",
    "swxc1",
    "synci",
    "trunc.w.d",
    "wsbh",
    "rotr",
    "rotrv",
    "madd.s",
    "msub.s",
    "bc1f",
    "bc1t",
    "bc1fl",
    "bc1tl",
    "sync",
    "rsqrt.s",
    "trunc.w.s",
];

/// Instructions beyond those of user programs that the R5900 has too.
pub const SHARED: &[&str] = &[
    "cache", "eret", "tlbp", "tlbr", "tlbwi", "tlbwr", "c0", "c1", "c2", "jalx",
];
