//! Instructions of release 6 whose encodings are free in release 2: not disassembled, since a
//! processor of release 2 does not have them, but named where they are refused. (Release 6 gives
//! other encodings of release 2 new meanings; those cannot be told apart.)

use portolan_machine::encoding::named_rows;

named_rows! {
    /// Instructions of release 6 only.
    RELEASE6
    ["MIPS release 6", "Instructions Added in Release 6"]
    "align"    "011111 rs rt rd 010 u[1:0] 100000"     "rd, rs, rt, u" "Cuts a word at a byte boundary out of two registers.";
    "aui"      "001111 rs rt uimm"                     "rt, rs, uimm"  "Adds an immediate to the upper half.";
    "auipc"    "111011 rs 11110 uimm"                  "rs, uimm"      "Adds an immediate to the upper half of the pc.";
    "aluipc"   "111011 rs 11111 uimm"                  "rs, uimm"      "Adds an immediate to the upper half of the pc and clears the lower half.";
    "lwpc/addiupc" "111011 rs code[20:0]"              "rs, code"      "Loads from, or takes, an address relative to the pc.";
    "bc1eqz"   "010001 01001 ft offset[17:2]"          "ft, target"    "Branches if the lowest bit of a floating-point register is clear.";
    "bc1nez"   "010001 01101 ft offset[17:2]"          "ft, target"    "Branches if the lowest bit of a floating-point register is set.";
    "bitswap"  "011111 00000 rt rd 00000 100000"       "rd, rt"        "Reverses the bits of each byte.";
    "cmp.cond.s" "010001 10100 ft fs fd 0 code[4:0]"   "fd, fs, ft"    "Compares singles; the result is a mask.";
    "cmp.cond.d" "010001 10101 ft fs fd 0 code[4:0]"   "fd, fs, ft"    "Compares doubles; the result is a mask.";
    "class.s"  "010001 10000 00000 fs fd 011011"       "fd, fs"        "Tells the class of a single.";
    "class.d"  "010001 10001 00000 fs fd 011011"       "fd, fs"        "Tells the class of a double.";
    "rint.s"   "010001 10000 00000 fs fd 011010"       "fd, fs"        "Rounds to an integral value.";
    "rint.d"   "010001 10001 00000 fs fd 011010"       "fd, fs"        "Rounds to an integral value.";
    "maddf.s"  "010001 10000 ft fs fd 011000"          "fd, fs, ft"    "Multiplies and adds, rounding once.";
    "maddf.d"  "010001 10001 ft fs fd 011000"          "fd, fs, ft"    "Multiplies and adds, rounding once.";
    "msubf.s"  "010001 10000 ft fs fd 011001"          "fd, fs, ft"    "Multiplies and subtracts, rounding once.";
    "msubf.d"  "010001 10001 ft fs fd 011001"          "fd, fs, ft"    "Multiplies and subtracts, rounding once.";
    "sel.s"    "010001 10000 ft fs fd 010000"          "fd, fs, ft"    "Selects by the lowest bit of fd.";
    "sel.d"    "010001 10001 ft fs fd 010000"          "fd, fs, ft"    "Selects by the lowest bit of fd.";
    "seleqz.s" "010001 10000 ft fs fd 010100"          "fd, fs, ft"    "Selects a single or zero.";
    "seleqz.d" "010001 10001 ft fs fd 010100"          "fd, fs, ft"    "Selects a double or zero.";
    "selnez.s" "010001 10000 ft fs fd 010111"          "fd, fs, ft"    "Selects a single or zero.";
    "selnez.d" "010001 10001 ft fs fd 010111"          "fd, fs, ft"    "Selects a double or zero.";
    "crc32"    "011111 rs rt 00000 code[4:0] 001111"   "rt, rs, code"  "Updates a CRC.";
    "div"      "000000 rs rt rd 00010 011010"          "rd, rs, rt"    "Divides signed words.";
    "mod"      "000000 rs rt rd 00011 011010"          "rd, rs, rt"    "Takes the remainder of signed words.";
    "divu"     "000000 rs rt rd 00010 011011"          "rd, rs, rt"    "Divides unsigned words.";
    "modu"     "000000 rs rt rd 00011 011011"          "rd, rs, rt"    "Takes the remainder of unsigned words.";
    "ddiv"     "000000 rs rt rd 00010 011110"          "rd, rs, rt"    "Divides signed doublewords.";
    "dmod"     "000000 rs rt rd 00011 011110"          "rd, rs, rt"    "Takes the remainder of signed doublewords.";
    "ddivu"    "000000 rs rt rd 00010 011111"          "rd, rs, rt"    "Divides unsigned doublewords.";
    "dmodu"    "000000 rs rt rd 00011 011111"          "rd, rs, rt"    "Takes the remainder of unsigned doublewords.";
    "mul"      "000000 rs rt rd 00010 011000"          "rd, rs, rt"    "Multiplies words.";
    "muh"      "000000 rs rt rd 00011 011000"          "rd, rs, rt"    "Multiplies signed words; the high word stays.";
    "mulu"     "000000 rs rt rd 00010 011001"          "rd, rs, rt"    "Multiplies words.";
    "muhu"     "000000 rs rt rd 00011 011001"          "rd, rs, rt"    "Multiplies unsigned words; the high word stays.";
    "dmul"     "000000 rs rt rd 00010 011100"          "rd, rs, rt"    "Multiplies doublewords.";
    "dmuh"     "000000 rs rt rd 00011 011100"          "rd, rs, rt"    "Multiplies signed doublewords; the high doubleword stays.";
    "dmulu"    "000000 rs rt rd 00010 011101"          "rd, rs, rt"    "Multiplies doublewords.";
    "dmuhu"    "000000 rs rt rd 00011 011101"          "rd, rs, rt"    "Multiplies unsigned doublewords; the high doubleword stays.";
    "seleqz"   "000000 rs rt rd 00000 110101"          "rd, rs, rt"    "Copies rs if rt is zero, else zero.";
    "selnez"   "000000 rs rt rd 00000 110111"          "rd, rs, rt"    "Copies rs if rt is not zero, else zero.";
    "clz"      "000000 rs 00000 rd 00001 010000"       "rd, rs"        "Counts leading zeros.";
    "clo"      "000000 rs 00000 rd 00001 010001"       "rd, rs"        "Counts leading ones.";
    "sdbbp"    "000000 code[19:0] 001110"              "code"          "Gives control to a hardware debugger.";
    "blezalc/bgezalc/bgeuc" "000110 rs rt!=0 offset[17:2]" "rs, rt, target" "Branches without a delay slot.";
    "bgtzalc/bltzalc/bltuc" "000111 rs rt!=0 offset[17:2]" "rs, rt, target" "Branches without a delay slot.";
    "blezc/bgezc/bgec" "010110 rs rt!=0 offset[17:2]"  "rs, rt, target" "Branches without a delay slot.";
    "bgtzc/bltzc/bltc" "010111 rs rt!=0 offset[17:2]"  "rs, rt, target" "Branches without a delay slot.";
    "dahi"     "000001 rs 00110 uimm"                  "rs, uimm"      "Adds an immediate to bits 47 to 32.";
    "dati"     "000001 rs 11110 uimm"                  "rs, uimm"      "Adds an immediate to the highest bits.";
    "sigrie"   "000001 00000 10111 uimm"               "uimm"          "Always traps as a reserved instruction.";
    "ll"       "011111 base rt offset[8:0] 0 110110"   "rt, offset(base)" "Loads a word and remembers it for sc.";
    "sc"       "011111 base rt offset[8:0] 0 100110"   "rt, offset(base)" "Stores a word if nobody stored there since ll.";
    "pref"     "011111 base hint offset[8:0] 0 110101" "hint, offset(base)" "Tells how an address will be used soon.";
    "cache"    "011111 base op offset[8:0] 0 100101"   "op, offset(base)" "Operates on a cache line.";
}
