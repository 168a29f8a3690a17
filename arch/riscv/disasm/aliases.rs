//! What the assembler writes otherwise than the manual's instruction tables: aliases, and the few
//! encodings that have a mnemonic of their own.
//!
//! One line each: the instruction, what its fields must be, and how it is written then. The first
//! line that fits counts. Compressed instructions without a line here are written as the
//! instruction that they stand for, if aliases are asked for.
//!
//! The order and the choice are those of binutils 2.40.

use portolan_machine::encoding::spellings;

spellings! {
    // Integer Register-Immediate Instructions. An immediate operand tells `add` from `add`.
    "addi"      "rd=0 rs1=0 imm=0"  Alias  "nop";
    "addi"      "rs1=0"             Alias  "li rd, imm";
    "addi"      "imm=0"             Alias  "mv rd, rs1";
    "addi"      ""                  Alias  "add rd, rs1, imm";
    "sltiu"     "imm=1"             Alias  "seqz rd, rs1";
    "xori"      "imm=-1"            Alias  "not rd, rs1";
    "xori"      ""                  Alias  "xor rd, rs1, imm";
    "ori"       ""                  Alias  "or rd, rs1, imm";
    "andi"      "imm=255"           Alias  "zext.b rd, rs1";
    "andi"      ""                  Alias  "and rd, rs1, imm";
    "slli"      ""                  Alias  "sll rd, rs1, shamt6";
    "srli"      ""                  Alias  "srl rd, rs1, shamt6";
    "srai"      ""                  Alias  "sra rd, rs1, shamt6";
    "addiw"     "imm=0"             Alias  "sext.w rd, rs1";
    "addiw"     ""                  Alias  "addw rd, rs1, imm";
    "slliw"     ""                  Alias  "sllw rd, rs1, shamt5";
    "srliw"     ""                  Alias  "srlw rd, rs1, shamt5";
    "sraiw"     ""                  Alias  "sraw rd, rs1, shamt5";

    // Integer Register-Register Operations
    "sub"       "rs1=0"             Alias  "neg rd, rs2";
    "subw"      "rs1=0"             Alias  "negw rd, rs2";
    "sltu"      "rs1=0"             Alias  "snez rd, rs2";
    "slt"       "rs2=0"             Alias  "sltz rd, rs1";
    "slt"       "rs1=0"             Alias  "sgtz rd, rs2";

    // Control Transfer Instructions
    "jal"       "rd=0"              Alias  "j target";
    "jal"       "rd=1"              Alias  "jal target";
    "jalr"      "rd=0 rs1=1 imm=0"  Alias  "ret";
    "jalr"      "rd=0 imm=0"        Alias  "jr rs1";
    "jalr"      "rd=0"              Alias  "jr imm(rs1)";
    "jalr"      "rd=1 imm=0"        Alias  "jalr rs1";
    "jalr"      "rd=1"              Alias  "jalr imm(rs1)";
    "jalr"      "imm=0"             Alias  "jalr rd, rs1";
    "beq"       "rs2=0"             Alias  "beqz rs1, target";
    "bne"       "rs2=0"             Alias  "bnez rs1, target";
    "bge"       "rs1=0"             Alias  "blez rs2, target";
    "bge"       "rs2=0"             Alias  "bgez rs1, target";
    "blt"       "rs2=0"             Alias  "bltz rs1, target";
    "blt"       "rs1=0"             Alias  "bgtz rs2, target";

    // Memory Ordering Instructions
    "fence"     "fm=0 pred=15 succ=15 rd=0 rs1=0"  Alias   "fence";
    "fence"     "fm=8 pred=3 succ=3 rd=0 rs1=0"    Always  "fence.tso";
    "fence"     "fm=0 pred=1 succ=0 rd=0 rs1=0"    Always  "pause";

    // CSR Instructions
    "csrrw"     "csr=0xc00 rd=0 rs1=0"  Always  "unimp";
    "csrrw"     "csr=0x001 rd=0"    Alias  "fsflags rs1";
    "csrrw"     "csr=0x001"         Alias  "fsflags rd, rs1";
    "csrrw"     "csr=0x002 rd=0"    Alias  "fsrm rs1";
    "csrrw"     "csr=0x002"         Alias  "fsrm rd, rs1";
    "csrrw"     "csr=0x003 rd=0"    Alias  "fscsr rs1";
    "csrrw"     "csr=0x003"         Alias  "fscsr rd, rs1";
    "csrrw"     "rd=0"              Alias  "csrw csr, rs1";
    "csrrs"     "csr=0x001 rs1=0"   Alias  "frflags rd";
    "csrrs"     "csr=0x002 rs1=0"   Alias  "frrm rd";
    "csrrs"     "csr=0x003 rs1=0"   Alias  "frcsr rd";
    "csrrs"     "csr=0xc00 rs1=0"   Alias  "rdcycle rd";
    "csrrs"     "csr=0xc01 rs1=0"   Alias  "rdtime rd";
    "csrrs"     "csr=0xc02 rs1=0"   Alias  "rdinstret rd";
    "csrrs"     "rs1=0"             Alias  "csrr rd, csr";
    "csrrs"     "rd=0"              Alias  "csrs csr, rs1";
    "csrrc"     "rd=0"              Alias  "csrc csr, rs1";
    "csrrwi"    "csr=0x001"         Alias  "fsflagsi rd, zimm";
    "csrrwi"    "csr=0x002"         Alias  "fsrmi rd, zimm";
    "csrrwi"    "rd=0"              Alias  "csrw csr, zimm";
    "csrrwi"    ""                  Alias  "csrrw rd, csr, zimm";
    "csrrsi"    "rd=0"              Alias  "csrs csr, zimm";
    "csrrsi"    ""                  Alias  "csrrs rd, csr, zimm";
    "csrrci"    "rd=0"              Alias  "csrc csr, zimm";
    "csrrci"    ""                  Alias  "csrrc rd, csr, zimm";

    // Floating-point moves
    "fsgnj.s"   "rs1=rs2"           Alias  "fmv.s frd, frs1";
    "fsgnjn.s"  "rs1=rs2"           Alias  "fneg.s frd, frs1";
    "fsgnjx.s"  "rs1=rs2"           Alias  "fabs.s frd, frs1";
    "fsgnj.d"   "rs1=rs2"           Alias  "fmv.d frd, frs1";
    "fsgnjn.d"  "rs1=rs2"           Alias  "fneg.d frd, frs1";
    "fsgnjx.d"  "rs1=rs2"           Alias  "fabs.d frd, frs1";

    // Conversions that are exact: their usual rounding mode, which goes without saying, is the
    // first one and not the dynamic one.
    "fcvt.d.s"  "rm=0"              Always "fcvt.d.s frd, frs1";
    "fcvt.d.s"  "rm=7"              Always "fcvt.d.s frd, frs1, dyn";
    "fcvt.d.w"  "rm=0"              Always "fcvt.d.w frd, rs1";
    "fcvt.d.w"  "rm=7"              Always "fcvt.d.w frd, rs1, dyn";
    "fcvt.d.wu" "rm=0"              Always "fcvt.d.wu frd, rs1";
    "fcvt.d.wu" "rm=7"              Always "fcvt.d.wu frd, rs1, dyn";

    // Bit manipulation
    "add.uw"    "rs2=0"             Alias  "zext.w rd, rs1";
    "rori"      ""                  Alias  "ror rd, rs1, shamt6";
    "roriw"     ""                  Alias  "rorw rd, rs1, shamt5";
    "bclri"     ""                  Alias  "bclr rd, rs1, shamt6";
    "bexti"     ""                  Alias  "bext rd, rs1, shamt6";
    "binvi"     ""                  Alias  "binv rd, rs1, shamt6";
    "bseti"     ""                  Alias  "bset rd, rs1, shamt6";

    // Compressed instructions whose expansion is written in another way than theirs, and hints,
    // which would lose their meaning if they were written as their expansion.
    "c.nop"     "imm=0"             Alias  "nop";
    "c.nop"     ""                  Alias  "c.nop imm";
    "c.nop"     ""                  Always "c.addi zero, imm";
    "c.li"      "rd=0"              Alias  "c.li rd, imm";
    "c.lui"     "rd=0"              Alias  "c.lui rd, nzimm";
    "c.addi"    ""                  Alias  "add rd, rd, imm";
    "c.mv"      "rd=0"              Alias  "c.mv rd, rs2";
    "c.mv"      ""                  Alias  "mv rd, rs2";
    "c.add"     "rd=0"              Alias  "c.add rd, rs2";
    "c.slli"    "shamt=0"           Always "c.slli64 rd";
    "c.slli"    "rd=0"              Alias  "c.slli rd, shamt";
    "c.srli"    "shamt=0"           Always "c.srli64 rd'";
    "c.srai"    "shamt=0"           Always "c.srai64 rd'";
}
