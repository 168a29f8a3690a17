//! What only an operating system executes (*MIPS Architecture For Programmers, Volumes II-A and
//! III*), and what belongs to coprocessors that no supported processor has. Known by name.

use portolan_machine::encoding::named_rows;

named_rows! {
    /// Privileged instructions, and coprocessors 0 and 2.
    PRIVILEGED
    ["MIPS32, privileged", "Privileged Instructions"]
    "cache"  "101111 base op offset"               "op, offset(base)" "Operates on a cache line.";
    "eret"   "010000 10000 00000 00000 00000 011000" ""               "Returns from an exception.";
    "mfc0"   "010000 00000 rt cs 00000 000 sel"    "rt, cs"           "Reads a register of coprocessor 0.";
    "mtc0"   "010000 00100 rt cs 00000 000 sel"    "rt, cs"           "Writes a register of coprocessor 0.";
    "tlbp"   "010000 10000 00000 00000 00000 001000" ""               "Looks for an entry of the TLB.";
    "tlbr"   "010000 10000 00000 00000 00000 000001" ""               "Reads an entry of the TLB.";
    "tlbwi"  "010000 10000 00000 00000 00000 000010" ""               "Writes the entry of the TLB that Index names.";
    "tlbwr"  "010000 10000 00000 00000 00000 000110" ""               "Writes the entry of the TLB that Random names.";
    "wait"   "010000 1 code[18:0] 100000"          "code"             "Waits for an interrupt.";
    ["MIPS32 Release 2, privileged", "Privileged Instructions"]
    "di"     "010000 01011 rt 01100 00000 000000"  "rt"               "Disables interrupts and reads the old Status.";
    "ei"     "010000 01011 rt 01100 00000 100000"  "rt"               "Enables interrupts and reads the old Status.";
    "rdpgpr" "010000 01010 rt rd 00000 000000"     "rd, rt"           "Reads a general register of the previous shadow set.";
    "wrpgpr" "010000 01110 rt rd 00000 000000"     "rd, rt"           "Writes a general register of the previous shadow set.";
    ["MIPS32 Release 3, privileged", "Privileged Instructions"]
    "tlbinv" "010000 10000 00000 00000 00000 000011" ""               "Invalidates entries of the TLB that match an address space.";
    "tlbinvf" "010000 10000 00000 00000 00000 000100" ""              "Invalidates entries of the TLB, whatever their address space.";
    ["XPA, privileged", "Privileged Instructions"]
    "mfhc0"  "010000 00010 rt cs 00000 000 sel"    "rt, cs"           "Reads the upper word of a register of coprocessor 0.";
    "mthc0"  "010000 00110 rt cs 00000 000 sel"    "rt, cs"           "Writes the upper word of a register of coprocessor 0.";
    ["MIPS64, privileged, 64-bit", "Privileged Instructions"]
    "dmfc0"  "010000 00001 rt cs 00000 000 sel"    "rt, cs"           "Reads a register of coprocessor 0 as a doubleword.";
    "dmtc0"  "010000 00101 rt cs 00000 000 sel"    "rt, cs"           "Writes a register of coprocessor 0 as a doubleword.";
    ["EJTAG", "EJTAG Instructions"]
    "deret"  "010000 10000 00000 00000 00000 011111" ""               "Returns from a debug exception.";
    "sdbbp"  "011100 code[19:0] 111111"            "code"             "Gives control to a hardware debugger.";

    ["MIPS32, coprocessor", "Coprocessor Instructions"]
    "c0"     "010000 1 code[24:0]"                 "code"             "Carries out an operation of coprocessor 0.";
    "c1"     "010001 1 code[24:0]"                 "code"             "Carries out an operation of coprocessor 1.";
    "c2"     "010010 1 code[24:0]"                 "code"             "Carries out an operation of coprocessor 2.";
    "bc2f"   "010010 01000 cc 0 0 offset[17:2]"    "cc, target"       "Branches if a condition of coprocessor 2 is false.";
    "bc2fl"  "010010 01000 cc 1 0 offset[17:2]"    "cc, target"       "Branches if a condition of coprocessor 2 is false; the delay slot is executed only then.";
    "bc2t"   "010010 01000 cc 0 1 offset[17:2]"    "cc, target"       "Branches if a condition of coprocessor 2 is true.";
    "bc2tl"  "010010 01000 cc 1 1 offset[17:2]"    "cc, target"       "Branches if a condition of coprocessor 2 is true; the delay slot is executed only then.";
    "cfc2"   "010010 00010 rt cs 00000 000000"     "rt, cs"           "Reads a control register of coprocessor 2.";
    "ctc2"   "010010 00110 rt cs 00000 000000"     "rt, cs"           "Writes a control register of coprocessor 2.";
    "ldc2"   "110110 base cs offset"               "cs, offset(base)" "Loads a doubleword into coprocessor 2.";
    "lwc2"   "110010 base cs offset"               "cs, offset(base)" "Loads a word into coprocessor 2.";
    "mfc2"   "010010 00000 rt cs 00000 000 sel"    "rt, cs"           "Reads a register of coprocessor 2.";
    "mtc2"   "010010 00100 rt cs 00000 000 sel"    "rt, cs"           "Writes a register of coprocessor 2.";
    "sdc2"   "111110 base cs offset"               "cs, offset(base)" "Stores a doubleword from coprocessor 2.";
    "swc2"   "111010 base cs offset"               "cs, offset(base)" "Stores a word from coprocessor 2.";
    ["MIPS32 Release 2, coprocessor", "Coprocessor Instructions"]
    "mfhc2"  "010010 00011 rt uimm"                "rt, uimm"         "Reads the upper word of a register of coprocessor 2.";
    "mfhc2"  "010010 00011 rt cs 00000 000 sel"     "rt, cs"           "Reads the upper word of a register of coprocessor 2.";
    "mthc2"  "010010 00111 rt cs 00000 000 sel"     "rt, cs"           "Writes the upper word of a register of coprocessor 2.";
    "mthc2"  "010010 00111 rt uimm"                "rt, uimm"         "Writes the upper word of a register of coprocessor 2.";
    ["MIPS64, coprocessor, 64-bit", "Coprocessor Instructions"]
    "dmfc2"  "010010 00001 rt cs 00000 000 sel"    "rt, cs"           "Reads a register of coprocessor 2 as a doubleword.";
    "dmtc2"  "010010 00101 rt cs 00000 000 sel"    "rt, cs"           "Writes a register of coprocessor 2 as a doubleword.";
}
