//! The decoder of the yardstick: RV64IMC, by hand.

/// Where writes to x0 go.
pub const NOWHERE: u8 = 32;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
#[rustfmt::skip]
pub enum Op {
    Addi, Slti, Sltiu, Xori, Ori, Andi, Slli, Srli, Srai, Addiw, Slliw, Srliw, Sraiw, Lui, Auipc,
    Add, Sub, Sll, Slt, Sltu, Xor, Srl, Sra, Or, And, Addw, Subw, Sllw, Srlw, Sraw,
    Mul, Mulh, Mulhsu, Mulhu, Mulw, Div, Divu, Rem, Remu, Divw, Divuw, Remw, Remuw,
    Lb, Lh, Lw, Ld, Lbu, Lhu, Lwu, Sb, Sh, Sw, Sd,
    Beq, Bne, Blt, Bge, Bltu, Bgeu, Jal, Jalr, Fence, Ecall,
    /// No instruction: continues at the block that follows.
    End,
}
use Op::*;

/// A decoded instruction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Insn {
    pub op: Op,
    pub rd: u8,
    pub rs1: u8,
    pub rs2: u8,
    /// The immediate; of what is relative to the pc, relative to the start of the block.
    pub imm: i32,
    /// How far from the start of the block the instruction is; of a jump, what follows it.
    pub offset: u16,
}

/// The instruction that `bytes` start with, `offset` bytes into its block, and its length.
pub fn decode(bytes: &[u8], offset: u16) -> Option<(Insn, usize)> {
    let (mut insn, length) = match *bytes {
        [a, b, c, d] if a & 3 == 3 => (whole(u32::from_le_bytes([a, b, c, d]))?, 4),
        [a, b, ..] if a & 3 != 3 => (compressed(u32::from_le_bytes([a, b, 0, 0]))?, 2),
        _ => return None,
    };
    if matches!(insn.op, Auipc | Jal | Beq | Bne | Blt | Bge | Bltu | Bgeu) {
        insn.imm += i32::from(offset);
    }
    if insn.rd == 0 {
        insn.rd = NOWHERE;
    }
    insn.offset = offset;
    if matches!(insn.op, Jal | Jalr) {
        insn.offset += length as u16;
    }
    Some((insn, length))
}

/// The end of a block that goes on where the next one starts, `offset` bytes after its start.
pub fn end(offset: u16) -> Insn {
    let imm = i32::from(offset);
    Insn {
        op: End,
        rd: NOWHERE,
        rs1: 0,
        rs2: 0,
        imm,
        offset,
    }
}

fn insn(op: Op, rd: u32, rs1: u32, rs2: u32, imm: i32) -> Option<Insn> {
    let [rd, rs1, rs2] = [rd, rs1, rs2].map(|register| register as u8);
    Some(Insn {
        op,
        rd,
        rs1,
        rs2,
        imm,
        offset: 0,
    })
}

/// The bits `high` to `low` of `word`.
fn bits(word: u32, high: u32, low: u32) -> u32 {
    word << (31 - high) >> (31 - high + low)
}

/// The low `bits` bits of `value`, sign-extended.
fn sign(value: u32, bits: u32) -> i32 {
    (value << (32 - bits)) as i32 >> (32 - bits)
}

fn whole(w: u32) -> Option<Insn> {
    let (rd, rs1, rs2) = (bits(w, 11, 7), bits(w, 19, 15), bits(w, 24, 20));
    let (funct3, funct7) = (bits(w, 14, 12), bits(w, 31, 25));
    let i_imm = w as i32 >> 20;
    let u_imm = (w & 0xffff_f000) as i32;
    let one_of = |ops: [Option<Op>; 8]| ops[funct3 as usize];
    let n = None;
    let s = Some::<Op>;
    match bits(w, 6, 0) {
        0x37 => insn(Lui, rd, 0, 0, u_imm),
        0x17 => insn(Auipc, rd, 0, 0, u_imm),
        0x6f => {
            let imm = bits(w, 31, 31) << 20 | bits(w, 19, 12) << 12 | bits(w, 20, 20) << 11;
            insn(Jal, rd, 0, 0, sign(imm | bits(w, 30, 21) << 1, 21))
        }
        0x67 => insn(Jalr, rd, rs1, 0, i_imm),
        0x63 => {
            let op = one_of([s(Beq), s(Bne), n, n, s(Blt), s(Bge), s(Bltu), s(Bgeu)])?;
            let imm = bits(w, 31, 31) << 12 | bits(w, 7, 7) << 11 | bits(w, 30, 25) << 5;
            insn(op, 0, rs1, rs2, sign(imm | bits(w, 11, 8) << 1, 13))
        }
        0x03 => {
            let op = one_of([s(Lb), s(Lh), s(Lw), s(Ld), s(Lbu), s(Lhu), s(Lwu), n])?;
            insn(op, rd, rs1, 0, i_imm)
        }
        0x23 => {
            let op = one_of([s(Sb), s(Sh), s(Sw), s(Sd), n, n, n, n])?;
            insn(op, 0, rs1, rs2, sign(funct7 << 5 | rd, 12))
        }
        0x13 => match (funct3, funct7 >> 1) {
            (1, 0) => insn(Slli, rd, rs1, 0, i_imm & 63),
            (5, 0) => insn(Srli, rd, rs1, 0, i_imm & 63),
            (5, 16) => insn(Srai, rd, rs1, 0, i_imm & 63),
            _ => {
                let op = one_of([s(Addi), n, s(Slti), s(Sltiu), s(Xori), n, s(Ori), s(Andi)])?;
                insn(op, rd, rs1, 0, i_imm)
            }
        },
        0x1b => match (funct3, funct7) {
            (0, _) => insn(Addiw, rd, rs1, 0, i_imm),
            (1, 0) => insn(Slliw, rd, rs1, 0, i_imm & 31),
            (5, 0) => insn(Srliw, rd, rs1, 0, i_imm & 31),
            (5, 32) => insn(Sraiw, rd, rs1, 0, i_imm & 31),
            _ => None,
        },
        0x33 => {
            let op = match funct7 {
                0 => [
                    s(Add),
                    s(Sll),
                    s(Slt),
                    s(Sltu),
                    s(Xor),
                    s(Srl),
                    s(Or),
                    s(And),
                ],
                1 => [
                    s(Mul),
                    s(Mulh),
                    s(Mulhsu),
                    s(Mulhu),
                    s(Div),
                    s(Divu),
                    s(Rem),
                    s(Remu),
                ],
                32 => [s(Sub), n, n, n, n, s(Sra), n, n],
                _ => return None,
            };
            insn(one_of(op)?, rd, rs1, rs2, 0)
        }
        0x3b => {
            let op = match funct7 {
                0 => [s(Addw), s(Sllw), n, n, n, s(Srlw), n, n],
                1 => [s(Mulw), n, n, n, s(Divw), s(Divuw), s(Remw), s(Remuw)],
                32 => [s(Subw), n, n, n, n, s(Sraw), n, n],
                _ => return None,
            };
            insn(one_of(op)?, rd, rs1, rs2, 0)
        }
        0x0f if funct3 == 0 => insn(Fence, 0, 0, 0, 0),
        0x73 if w == 0x73 => insn(Ecall, 0, 0, 0, 0),
        _ => None,
    }
}

fn compressed(h: u32) -> Option<Insn> {
    let (rd, rs2) = (bits(h, 11, 7), bits(h, 6, 2));
    // The registers that three bits name.
    let (rd3, rs3) = (8 + bits(h, 9, 7), 8 + bits(h, 4, 2));
    let imm6 = sign(bits(h, 12, 12) << 5 | rs2, 6);
    let shamt = (bits(h, 12, 12) << 5 | rs2) as i32;
    let word = (bits(h, 12, 10) << 3 | bits(h, 6, 6) << 2 | bits(h, 5, 5) << 6) as i32;
    let double = (bits(h, 12, 10) << 3 | bits(h, 6, 5) << 6) as i32;
    let branch = || {
        let imm = bits(h, 12, 12) << 8 | bits(h, 6, 5) << 6 | bits(h, 2, 2) << 5;
        sign(imm | bits(h, 11, 10) << 3 | bits(h, 4, 3) << 1, 9)
    };
    match (h & 3, bits(h, 15, 13)) {
        (0, 0) if h != 0 => {
            let imm = bits(h, 12, 11) << 4 | bits(h, 10, 7) << 6 | bits(h, 6, 6) << 2;
            insn(Addi, rs3, 2, 0, (imm | bits(h, 5, 5) << 3) as i32)
        }
        (0, 2) => insn(Lw, rs3, rd3, 0, word),
        (0, 3) => insn(Ld, rs3, rd3, 0, double),
        (0, 6) => insn(Sw, 0, rd3, rs3, word),
        (0, 7) => insn(Sd, 0, rd3, rs3, double),
        (1, 0) => insn(Addi, rd, rd, 0, imm6),
        (1, 1) if rd != 0 => insn(Addiw, rd, rd, 0, imm6),
        (1, 2) => insn(Addi, rd, 0, 0, imm6),
        (1, 3) if rd == 2 => {
            let imm = bits(h, 12, 12) << 9 | bits(h, 6, 6) << 4 | bits(h, 5, 5) << 6;
            let imm = imm | bits(h, 4, 3) << 7 | bits(h, 2, 2) << 5;
            insn(Addi, 2, 2, 0, sign(imm, 10))
        }
        (1, 3) => insn(Lui, rd, 0, 0, imm6 << 12),
        (1, 4) => match (bits(h, 11, 10), bits(h, 12, 12), bits(h, 6, 5)) {
            (0, ..) => insn(Srli, rd3, rd3, 0, shamt),
            (1, ..) => insn(Srai, rd3, rd3, 0, shamt),
            (2, ..) => insn(Andi, rd3, rd3, 0, imm6),
            (_, 0, op) => insn([Sub, Xor, Or, And][op as usize], rd3, rd3, rs3, 0),
            (_, _, 0) => insn(Subw, rd3, rd3, rs3, 0),
            (_, _, 1) => insn(Addw, rd3, rd3, rs3, 0),
            _ => None,
        },
        (1, 5) => {
            let imm = bits(h, 12, 12) << 11 | bits(h, 11, 11) << 4 | bits(h, 10, 9) << 8;
            let imm = imm | bits(h, 8, 8) << 10 | bits(h, 7, 7) << 6 | bits(h, 6, 6) << 7;
            let imm = imm | bits(h, 5, 3) << 1 | bits(h, 2, 2) << 5;
            insn(Jal, 0, 0, 0, sign(imm, 12))
        }
        (1, 6) => insn(Beq, 0, rd3, 0, branch()),
        (1, 7) => insn(Bne, 0, rd3, 0, branch()),
        (2, 0) => insn(Slli, rd, rd, 0, shamt),
        (2, 2) if rd != 0 => {
            let imm = bits(h, 12, 12) << 5 | bits(h, 6, 4) << 2 | bits(h, 3, 2) << 6;
            insn(Lw, rd, 2, 0, imm as i32)
        }
        (2, 3) if rd != 0 => {
            let imm = bits(h, 12, 12) << 5 | bits(h, 6, 5) << 3 | bits(h, 4, 2) << 6;
            insn(Ld, rd, 2, 0, imm as i32)
        }
        (2, 4) => match (bits(h, 12, 12), rd, rs2) {
            (_, 0, _) => None,
            (link, _, 0) => insn(Jalr, link, rd, 0, 0),
            (0, ..) => insn(Addi, rd, rs2, 0, 0),
            _ => insn(Add, rd, rd, rs2, 0),
        },
        (2, 6) => insn(
            Sw,
            0,
            2,
            rs2,
            (bits(h, 12, 9) << 2 | bits(h, 8, 7) << 6) as i32,
        ),
        (2, 7) => insn(
            Sd,
            0,
            2,
            rs2,
            (bits(h, 12, 10) << 3 | bits(h, 9, 7) << 6) as i32,
        ),
        _ => None,
    }
}
