//! The smaller extensions that processors of release 2 may have. Known by name, not executed.

use portolan_machine::encoding::named_rows;

named_rows! {
    /// Accumulators beside HI and LO, which DSP adds.
    ACCUMULATORS
    ["DSP", "Accumulators of Base Instructions"]
    "mfhi"  "000000 000 ac!=0 00000 rd 00000 010000"  "rd, ac"     "Copies HI of an accumulator.";
    "mflo"  "000000 000 ac!=0 00000 rd 00000 010010"  "rd, ac"     "Copies LO of an accumulator.";
    "mthi"  "000000 rs 00000 000 ac!=0 00000 010001"  "rs, ac"     "Writes HI of an accumulator.";
    "mtlo"  "000000 rs 00000 000 ac!=0 00000 010011"  "rs, ac"     "Writes LO of an accumulator.";
    "mult"  "000000 rs rt 000 ac!=0 00000 011000"     "ac, rs, rt" "Multiplies signed words; the product goes to an accumulator.";
    "multu" "000000 rs rt 000 ac!=0 00000 011001"     "ac, rs, rt" "Multiplies unsigned words; the product goes to an accumulator.";
    "madd"  "011100 rs rt 000 ac!=0 00000 000000"     "ac, rs, rt" "Multiplies signed words and adds the product to an accumulator.";
    "maddu" "011100 rs rt 000 ac!=0 00000 000001"     "ac, rs, rt" "Multiplies unsigned words and adds the product to an accumulator.";
    "msub"  "011100 rs rt 000 ac!=0 00000 000100"     "ac, rs, rt" "Multiplies signed words and subtracts the product from an accumulator.";
    "msubu" "011100 rs rt 000 ac!=0 00000 000101"     "ac, rs, rt" "Multiplies unsigned words and subtracts the product from an accumulator.";
}

named_rows! {
    /// Multithreading (*Volume IV-f: The MIPS MT Module*).
    MULTITHREADING
    ["MT", "MT Instructions"]
    "dmt"    "010000 01011 rt 00001 01111 000001"    "rt"         "Disables multithreading and reads the old state.";
    "dvpe"   "010000 01011 rt 00000 00000 000001"    "rt"         "Disables the other virtual processors and reads the old state.";
    "emt"    "010000 01011 rt 00001 01111 100001"    "rt"         "Enables multithreading and reads the old state.";
    "evpe"   "010000 01011 rt 00000 00000 100001"    "rt"         "Enables the other virtual processors and reads the old state.";
    "fork"   "011111 rs rt rd 00000 001000"          "rd, rs, rt" "Starts a thread at rs, with rt in its rd.";
    "yield"  "011111 rs 00000 rd 00000 001001"       "rd, rs"     "Gives up the processor until a condition of rs holds.";
    "mftr"   "010000 01000 rt rd 00000 u h 0 sel"    "rd, rt, u, sel, h" "Reads a register of another thread.";
    "mttr"   "010000 01100 rt rd 00000 u h 0 sel"    "rt, rd, u, sel, h" "Writes a register of another thread.";
    "mftc0"  "010000 01000 cd rd 00000 000 sel"      "rd, cd"     "Reads a register of another thread's coprocessor 0.";
    "mttc0"  "010000 01100 rt cs 00000 000 sel"      "rt, cs"     "Writes a register of another thread's coprocessor 0.";
    "mftgpr" "010000 01000 rt rd 00000 100000"       "rd, rt"     "Reads a general register of another thread.";
    "mttgpr" "010000 01100 rt rd 00000 100000"       "rt, rd"     "Writes a general register of another thread.";
    "mftlo"  "010000 01000 0 ac 00 rd 00000 100001"  "rd, ac"     "Reads LO of another thread's accumulator.";
    "mfthi"  "010000 01000 0 ac 01 rd 00000 100001"  "rd, ac"     "Reads HI of another thread's accumulator.";
    "mftacx" "010000 01000 0 ac 10 rd 00000 100001"  "rd, ac"     "Reads the extension of another thread's accumulator.";
    "mftdsp" "010000 01000 10000 rd 00000 100001"    "rd"         "Reads DSPControl of another thread.";
    "mttlo"  "010000 01100 rt 0 ac 00 00000 100001"  "rt, ac"     "Writes LO of another thread's accumulator.";
    "mtthi"  "010000 01100 rt 0 ac 01 00000 100001"  "rt, ac"     "Writes HI of another thread's accumulator.";
    "mttacx" "010000 01100 rt 0 ac 10 00000 100001"  "rt, ac"     "Writes the extension of another thread's accumulator.";
    "mttdsp" "010000 01100 rt 10000 00000 100001"    "rt"         "Writes DSPControl of another thread.";
    "mftc1"  "010000 01000 ft rd 00000 100010"       "rd, ft"     "Reads a floating-point register of another thread.";
    "mfthc1" "010000 01000 ft rd 00000 110010"       "rd, ft"     "Reads the upper word of a floating-point register of another thread.";
    "mttc1"  "010000 01100 rt fs 00000 100010"       "rt, fs"     "Writes a floating-point register of another thread.";
    "mtthc1" "010000 01100 rt fs 00000 110010"       "rt, fs"     "Writes the upper word of a floating-point register of another thread.";
    "cftc1"  "010000 01000 cd rd 00000 100011"       "rd, cd"     "Reads a floating-point control register of another thread.";
    "cttc1"  "010000 01100 rt cs 00000 100011"       "rt, cs"     "Writes a floating-point control register of another thread.";
    "mftc2"  "010000 01000 cd rd 00000 100100"       "rd, cd"     "Reads a register of another thread's coprocessor 2.";
    "mfthc2" "010000 01000 cd rd 00000 110100"       "rd, cd"     "Reads the upper word of a register of another thread's coprocessor 2.";
    "mttc2"  "010000 01100 rt cs 00000 100100"       "rt, cs"     "Writes a register of another thread's coprocessor 2.";
    "mtthc2" "010000 01100 rt cs 00000 110100"       "rt, cs"     "Writes the upper word of a register of another thread's coprocessor 2.";
    "cftc2"  "010000 01000 cd rd 00000 100101"       "rd, cd"     "Reads a control register of another thread's coprocessor 2.";
    "cttc2"  "010000 01100 rt cs 00000 100101"       "rt, cs"     "Writes a control register of another thread's coprocessor 2.";
}

named_rows! {
    /// Enhanced virtual addressing: user addresses seen from the kernel.
    EVA
    ["EVA, privileged", "EVA Load and Store Instructions"]
    "cachee" "011111 base op offset[8:0] 0 011011"   "op, offset(base)"   "Operates on a cache line at a user address.";
    "prefe"  "011111 base hint offset[8:0] 0 100011" "hint, offset(base)" "Tells how a user address will be used soon.";
    "lbe"    "011111 base rt offset[8:0] 0 101100"   "rt, offset(base)"   "Loads a byte, sign-extended, from a user address.";
    "lbue"   "011111 base rt offset[8:0] 0 101000"   "rt, offset(base)"   "Loads a byte, zero-extended, from a user address.";
    "lhe"    "011111 base rt offset[8:0] 0 101101"   "rt, offset(base)"   "Loads a halfword, sign-extended, from a user address.";
    "lhue"   "011111 base rt offset[8:0] 0 101001"   "rt, offset(base)"   "Loads a halfword, zero-extended, from a user address.";
    "lle"    "011111 base rt offset[8:0] 0 101110"   "rt, offset(base)"   "Loads a word from a user address and remembers it for sce.";
    "lwe"    "011111 base rt offset[8:0] 0 101111"   "rt, offset(base)"   "Loads a word from a user address.";
    "lwle"   "011111 base rt offset[8:0] 0 011001"   "rt, offset(base)"   "Loads the more significant bytes of an unaligned word from a user address.";
    "lwre"   "011111 base rt offset[8:0] 0 011010"   "rt, offset(base)"   "Loads the less significant bytes of an unaligned word from a user address.";
    "sbe"    "011111 base rt offset[8:0] 0 011100"   "rt, offset(base)"   "Stores a byte to a user address.";
    "sce"    "011111 base rt offset[8:0] 0 011110"   "rt, offset(base)"   "Stores a word to a user address if nobody stored there since lle.";
    "she"    "011111 base rt offset[8:0] 0 011101"   "rt, offset(base)"   "Stores a halfword to a user address.";
    "swe"    "011111 base rt offset[8:0] 0 011111"   "rt, offset(base)"   "Stores a word to a user address.";
    "swle"   "011111 base rt offset[8:0] 0 100001"   "rt, offset(base)"   "Stores the more significant bytes of an unaligned word to a user address.";
    "swre"   "011111 base rt offset[8:0] 0 100010"   "rt, offset(base)"   "Stores the less significant bytes of an unaligned word to a user address.";
}

named_rows! {
    /// Virtualization (*Volume IV-i*).
    VIRTUALIZATION
    ["VZ, privileged", "Virtualization Instructions"]
    "hypcall"  "010000 10000 code[9:0] 00000 101000"   "code"   "Calls the hypervisor.";
    "mfgc0"    "010000 00011 rt cs 00000 000 sel"      "rt, cs" "Reads a register of the guest's coprocessor 0.";
    "mtgc0"    "010000 00011 rt cs 01000 000 sel"      "rt, cs" "Writes a register of the guest's coprocessor 0.";
    "mfhgc0"   "010000 00011 rt cs 10000 000 sel"      "rt, cs" "Reads the upper word of a register of the guest's coprocessor 0.";
    "mthgc0"   "010000 00011 rt cs 11000 000 sel"      "rt, cs" "Writes the upper word of a register of the guest's coprocessor 0.";
    "tlbginv"  "010000 10000 00000 00000 00000 001011" ""       "Invalidates entries of the guest's TLB.";
    "tlbginvf" "010000 10000 00000 00000 00000 001100" ""       "Invalidates entries of the guest's TLB, whatever their address space.";
    "tlbgp"    "010000 10000 00000 00000 00000 010000" ""       "Looks for an entry of the guest's TLB.";
    "tlbgr"    "010000 10000 00000 00000 00000 001001" ""       "Reads an entry of the guest's TLB.";
    "tlbgwi"   "010000 10000 00000 00000 00000 001010" ""       "Writes the entry of the guest's TLB that Index names.";
    "tlbgwr"   "010000 10000 00000 00000 00000 001110" ""       "Writes the entry of the guest's TLB that Random names.";
    ["VZ, privileged, 64-bit", "Virtualization Instructions"]
    "dmfgc0"   "010000 00011 rt cs 00100 000 sel"      "rt, cs" "Reads a register of the guest's coprocessor 0 as a doubleword.";
    "dmtgc0"   "010000 00011 rt cs 01100 000 sel"      "rt, cs" "Writes a register of the guest's coprocessor 0 as a doubleword.";
}

named_rows! {
    /// MCU, SmartMIPS, user-defined instructions, and the doors to other encodings.
    OTHERS
    ["MCU", "MCU Instructions"]
    "aclr"   "000001 base 00111 0 code[2:0] offset[11:0]" "code, offset(base)" "Clears a bit of a byte in memory in one step.";
    "aset"   "000001 base 00111 1 code[2:0] offset[11:0]" "code, offset(base)" "Sets a bit of a byte in memory in one step.";
    "iret"   "010000 10000 00000 00000 00000 111000"      ""                   "Returns from an interrupt.";
    ["SmartMIPS", "SmartMIPS Instructions"]
    "lwxs"   "011100 base index rd 00010 001000"          "rd, index(base)"    "Loads a word at the sum of a register and another one times four.";
    "maddp"  "011100 rs rt 00000 10001 000001"            "rs, rt"             "Multiplies binary polynomials and adds the product to the accumulator.";
    "mflhxu" "000000 00000 00000 rd 00001 010010"         "rd"                 "Moves the accumulator's lowest word out and shifts it down.";
    "mtlhx"  "000000 rs 00000 00000 00001 010011"         "rs"                 "Moves a word into the accumulator and shifts it up.";
    "multp"  "000000 rs rt 00000 10001 011001"            "rs, rt"             "Multiplies binary polynomials.";
    "pperm"  "011100 rs rt 00000 10010 000001"            "rs, rt"             "Permutes bits into the accumulator.";
    ["CorExtend", "User-Defined Instructions"]
    "udi0"   "011100 rs rt rd sa 010000" "rs, rt, rd, sa" "Does what the maker of the processor defined.";
    "udi1"   "011100 rs rt rd sa 010001" "rs, rt, rd, sa" "Does what the maker of the processor defined.";
    "udi2"   "011100 rs rt rd sa 010010" "rs, rt, rd, sa" "Does what the maker of the processor defined.";
    "udi3"   "011100 rs rt rd sa 010011" "rs, rt, rd, sa" "Does what the maker of the processor defined.";
    "udi4"   "011100 rs rt rd sa 010100" "rs, rt, rd, sa" "Does what the maker of the processor defined.";
    "udi5"   "011100 rs rt rd sa 010101" "rs, rt, rd, sa" "Does what the maker of the processor defined.";
    "udi6"   "011100 rs rt rd sa 010110" "rs, rt, rd, sa" "Does what the maker of the processor defined.";
    "udi7"   "011100 rs rt rd sa 010111" "rs, rt, rd, sa" "Does what the maker of the processor defined.";
    "udi8"   "011100 rs rt rd sa 011000" "rs, rt, rd, sa" "Does what the maker of the processor defined.";
    "udi9"   "011100 rs rt rd sa 011001" "rs, rt, rd, sa" "Does what the maker of the processor defined.";
    "udi10"  "011100 rs rt rd sa 011010" "rs, rt, rd, sa" "Does what the maker of the processor defined.";
    "udi11"  "011100 rs rt rd sa 011011" "rs, rt, rd, sa" "Does what the maker of the processor defined.";
    "udi12"  "011100 rs rt rd sa 011100" "rs, rt, rd, sa" "Does what the maker of the processor defined.";
    "udi13"  "011100 rs rt rd sa 011101" "rs, rt, rd, sa" "Does what the maker of the processor defined.";
    "udi14"  "011100 rs rt rd sa 011110" "rs, rt, rd, sa" "Does what the maker of the processor defined.";
    "udi15"  "011100 rs rt rd sa 011111" "rs, rt, rd, sa" "Does what the maker of the processor defined.";
    ["MIPS16 or microMIPS", "Jumps between Encodings"]
    "jalx"   "011101 region[27:2]"       "target"         "Puts the address after the delay slot into ra, and jumps to code in the short encoding.";
    ["MSA", "Address Computation"]
    "lsa"    "000000 rs rt rd 000 sa[1:0] 000101" "rd, rs, rt, sa+1" "Adds rt and rs shifted left.";
    ["MSA, 64-bit", "Address Computation"]
    "dlsa"   "000000 rs rt rd 000 sa[1:0] 010101" "rd, rs, rt, sa+1" "Adds rt and rs shifted left.";
}

named_rows! {
    /// MIPS-3D (*Volume IV-c*).
    GRAPHICS
    ["MIPS-3D", "MIPS-3D Instructions"]
    "addr.ps"      "010001 10110 ft fs fd 011000"        "fd, fs, ft" "Adds the two singles of each pair.";
    "mulr.ps"      "010001 10110 ft fs fd 011010"        "fd, fs, ft" "Multiplies the two singles of each pair.";
    "bc1any2f"     "010001 01001 cc 0 0 offset[17:2]"    "cc, target" "Branches if one of two floating-point conditions is false.";
    "bc1any2t"     "010001 01001 cc 0 1 offset[17:2]"    "cc, target" "Branches if one of two floating-point conditions is true.";
    "bc1any4f"     "010001 01010 cc 0 0 offset[17:2]"    "cc, target" "Branches if one of four floating-point conditions is false.";
    "bc1any4t"     "010001 01010 cc 0 1 offset[17:2]"    "cc, target" "Branches if one of four floating-point conditions is true.";
    "cabs.cond.s"  "010001 10000 ft fs cc 01 11 cond"    "cc, fs, ft" "Compares the magnitudes of singles and sets a floating-point condition.";
    "cabs.cond.d"  "010001 10001 ft fs cc 01 11 cond"    "cc, fs, ft" "Compares the magnitudes of doubles and sets a floating-point condition.";
    "cabs.cond.ps" "010001 10110 ft fs cc 01 11 cond"    "cc, fs, ft" "Compares the magnitudes of pairs of singles and sets two floating-point conditions.";
    "cvt.ps.pw"    "010001 10100 00000 fs fd 100110"     "fd, fs"     "Converts a pair of words to a pair of singles.";
    "cvt.pw.ps"    "010001 10110 00000 fs fd 100100"     "fd, fs"     "Converts a pair of singles to a pair of words.";
    "recip1.s"     "010001 10000 00000 fs fd 011101"     "fd, fs"     "Approximates a reciprocal.";
    "recip1.d"     "010001 10001 00000 fs fd 011101"     "fd, fs"     "Approximates a reciprocal.";
    "recip1.ps"    "010001 10110 00000 fs fd 011101"     "fd, fs"     "Approximates reciprocals.";
    "recip2.s"     "010001 10000 ft fs fd 011100"        "fd, fs, ft" "Takes the second step of a reciprocal.";
    "recip2.d"     "010001 10001 ft fs fd 011100"        "fd, fs, ft" "Takes the second step of a reciprocal.";
    "recip2.ps"    "010001 10110 ft fs fd 011100"        "fd, fs, ft" "Takes the second step of reciprocals.";
    "rsqrt1.s"     "010001 10000 00000 fs fd 011110"     "fd, fs"     "Approximates the reciprocal of a square root.";
    "rsqrt1.d"     "010001 10001 00000 fs fd 011110"     "fd, fs"     "Approximates the reciprocal of a square root.";
    "rsqrt1.ps"    "010001 10110 00000 fs fd 011110"     "fd, fs"     "Approximates the reciprocals of square roots.";
    "rsqrt2.s"     "010001 10000 ft fs fd 011111"        "fd, fs, ft" "Takes the second step of the reciprocal of a square root.";
    "rsqrt2.d"     "010001 10001 ft fs fd 011111"        "fd, fs, ft" "Takes the second step of the reciprocal of a square root.";
    "rsqrt2.ps"    "010001 10110 ft fs fd 011111"        "fd, fs, ft" "Takes the second step of the reciprocals of square roots.";
}
