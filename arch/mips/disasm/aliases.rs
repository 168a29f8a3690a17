//! What the assembler writes otherwise than the manual's instruction tables: aliases, and the
//! instructions that binutils calls by another name or writes with fewer operands.
//!
//! One line each: the instruction, what its fields must be, and how it is written then. The first
//! line that fits counts.
//!
//! The order and the choice are those of binutils 2.40.

use portolan_machine::encoding::spellings;

spellings! {
    // CPU Arithmetic Instructions
    "addiu"   "rs=0"            Alias   "li rt, imm";
    "addu"    "rt=0"            Alias   "move rd, rs";
    "daddu"   "rt=0"            Alias   "move rd, rs";
    "sub"     "rs=0"            Always  "neg rd, rt";
    "subu"    "rs=0"            Always  "negu rd, rt";
    "dsub"    "rs=0"            Always  "dneg rd, rt";
    "dsubu"   "rs=0"            Always  "dnegu rd, rt";

    // CPU Branch and Jump Instructions
    "beq"     "rs=0 rt=0"       Alias   "b target";
    "beq"     "rt=0"            Alias   "beqz rs, target";
    "bne"     "rt=0"            Alias   "bnez rs, target";
    "bgez"    "rs=0"            Alias   "b target";
    "bgezal"  "rs=0"            Alias   "bal target";
    "beql"    "rt=0"            Alias   "beqzl rs, target";
    "bnel"    "rt=0"            Alias   "bnezl rs, target";
    "jalr"    "rd=31"           Always  "jalr rs";
    "jalr.hb" "rd=31"           Always  "jalr.hb rs";

    // CPU Load, Store, and Memory Control Instructions
    "sync"    "stype=0"         Always  "sync";
    "sync"    "stype=4"         Alias   "sync_wmb";
    "sync"    "stype=16"        Alias   "sync_mb";
    "sync"    "stype=17"        Alias   "sync_acquire";
    "sync"    "stype=18"        Alias   "sync_release";
    "sync"    "stype=19"        Alias   "sync_rmb";

    // CPU Logical and Insert/Extract Instructions
    "or"      "rt=0"            Alias   "move rd, rs";
    "ori"     "rs=0"            Alias   "li rt, uimm";
    "dextm"   ""                Always  "dext rt, rs, lsb, msbd+33";
    "dextu"   ""                Always  "dext rt, rs, lsb+32, msbd+1";
    "dinsm"   ""                Always  "dins rt, rs, lsb, msb-lsb+33";
    "dinsu"   ""                Always  "dins rt, rs, lsb+32, msb-lsb+1";

    // CPU Shift Instructions
    "sll"     "rt=0 rd=0 sa=0"  Alias   "nop";
    "sll"     "rt=0 rd=0 sa=1"  Alias   "ssnop";
    "sll"     "rt=0 rd=0 sa=3"  Alias   "ehb";
    "sll"     "rt=0 rd=0 sa=5"  Always  "pause";
    "rotr"    ""                Always  "ror rd, rt, sa";
    "rotrv"   ""                Always  "rorv rd, rt, rs";
    "drotr"   ""                Always  "dror rd, rt, sa";
    "drotr32" ""                Always  "dror32 rd, rt, sa";
    "drotrv"  ""                Always  "drorv rd, rt, rs";

    // CPU Trap Instructions
    "break"   "code=0"          Always  "break";
    "break"   "code2=0"         Always  "break code1";
    "syscall" "code=0"          Always  "syscall";
    "teq"     "code=0"          Always  "teq rs, rt";
    "tge"     "code=0"          Always  "tge rs, rt";
    "tgeu"    "code=0"          Always  "tgeu rs, rt";
    "tlt"     "code=0"          Always  "tlt rs, rt";
    "tltu"    "code=0"          Always  "tltu rs, rt";
    "tne"     "code=0"          Always  "tne rs, rt";

    // Floating-point condition 0 goes without saying
    "bc1f"    "cc=0"            Always  "bc1f target";
    "bc1fl"   "cc=0"            Always  "bc1fl target";
    "bc1t"    "cc=0"            Always  "bc1t target";
    "bc1tl"   "cc=0"            Always  "bc1tl target";
    "c.cond.s"  "cc=0"          Always  "c.cond.s fs, ft";
    "c.cond.d"  "cc=0"          Always  "c.cond.d fs, ft";
    "c.cond.ps" "cc=0"          Always  "c.cond.ps fs, ft";
    "bc2f"    "cc=0"            Always  "bc2f target";
    "bc2fl"   "cc=0"            Always  "bc2fl target";
    "bc2t"    "cc=0"            Always  "bc2t target";
    "bc2tl"   "cc=0"            Always  "bc2tl target";

    // Privileged instructions and extensions
    "wait"    "code=0"          Always  "wait";
    "sdbbp"   "code=0"          Always  "sdbbp";
    "hypcall" "code=0"          Always  "hypcall";
    "di"      "rt=0"            Always  "di";
    "ei"      "rt=0"            Always  "ei";
    "dmt"     "rt=0"            Always  "dmt";
    "emt"     "rt=0"            Always  "emt";
    "dvpe"    "rt=0"            Always  "dvpe";
    "evpe"    "rt=0"            Always  "evpe";
    "mult1"   "rd=0"            Always  "mult1 rs, rt";
    "multu1"  "rd=0"            Always  "multu1 rs, rt";
    "madd1"   "rd=0"            Always  "madd1 rs, rt";
    "maddu1"  "rd=0"            Always  "maddu1 rs, rt";
    "yield"   "rd=0"            Always  "yield rs";
    "mftlo"   "ac=0"            Always  "mftlo rd";
    "mfthi"   "ac=0"            Always  "mfthi rd";
    "mftacx"  "ac=0"            Always  "mftacx rd";
    "mttlo"   "ac=0"            Always  "mttlo rt";
    "mtthi"   "ac=0"            Always  "mtthi rt";
    "mttacx"  "ac=0"            Always  "mttacx rt";
}
