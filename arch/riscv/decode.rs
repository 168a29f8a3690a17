//! From bytes to instructions, by the rows of [`encoding`](crate::encoding).

use crate::encoding::{COMPRESSED, Op, ROWS, field_width};
use crate::extensions;
use portolan_machine::encoding::{Pattern, Row, Table};
use portolan_machine::guest::{Flow, Undecoded};
use std::sync::LazyLock;

/// A decoded instruction. Members that the operation does not have are zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Instruction {
    /// The operation; for a compressed encoding, the one that it stands for.
    pub op: Op,
    /// The destination register.
    pub rd: u8,
    /// The first source register; for csrrwi and its like, the immediate.
    pub rs1: u8,
    /// The second source register.
    pub rs2: u8,
    /// The third source register.
    pub rs3: u8,
    /// The rounding mode.
    pub rm: u8,
    /// The length in bytes, 2 or 4.
    pub length: u8,
    /// The immediate, in place and sign-extended; a shift amount; a CSR's number.
    pub imm: i32,
}

/// Decodes the instruction that `bytes` starts with.
pub fn decode(bytes: &[u8]) -> Result<Instruction, Undecoded> {
    let (row, word) = find(bytes)?;
    Ok(expand(row, word))
}

/// Decodes the instruction that `bytes` starts with, for a hart of a mode: see [`extensions`].
pub fn decode_on(bytes: &[u8], mode: u8) -> Result<Instruction, Undecoded> {
    let (index, word) = find(bytes)?;
    let instruction = expand(index, word);
    match extensions::lacking(mode, index, &instruction) {
        None => Ok(instruction),
        Some(extension) => Err(Undecoded::Unsupported {
            length: instruction.length,
            name: row(index).name,
            extension,
        }),
    }
}

/// The instruction of a row and word that [`find`] gave.
pub fn expand(row: usize, word: u32) -> Instruction {
    ENCODINGS.plans[row].carry_out(&ENCODINGS.patterns[row], word)
}

/// The index in [`rows`] of the instruction that `bytes` starts with, and its bits.
pub fn find(bytes: &[u8]) -> Result<(usize, u32), Undecoded> {
    let present = bytes.len().min(16) as u8;
    let half = |at: usize| {
        bytes
            .get(at..at + 2)
            .map(|b| u32::from(b[0]) | u32::from(b[1]) << 8)
    };
    let Some(low) = half(0) else {
        return Err(Undecoded::Truncated { needed: 2, present });
    };
    // RV32I: Base Instruction-Length Encoding
    let length = if low & 0b11 == 0b11 { 4 } else { 2 };
    let (word, table) = if length == 2 {
        (low, &ENCODINGS.halves)
    } else {
        let Some(high) = half(2) else {
            return Err(Undecoded::Truncated { needed: 4, present });
        };
        (low | high << 16, &ENCODINGS.words)
    };
    match table.find(&ENCODINGS.patterns, word) {
        Some(row) => Ok((usize::from(row), word)),
        None => Err(Undecoded::Illegal { length }),
    }
}

/// Every row: those of 32 bits, then the compressed ones.
pub fn rows() -> impl Iterator<Item = &'static Row> {
    ROWS.iter().chain(COMPRESSED.iter().map(|(row, _)| row))
}

/// The row of an index that [`find`] gave.
pub fn row(index: usize) -> &'static Row {
    ROWS.get(index)
        .unwrap_or_else(|| &COMPRESSED[index - ROWS.len()].0)
}

/// The pattern of a row, by its index.
pub fn pattern(index: usize) -> &'static Pattern {
    &ENCODINGS.patterns[index]
}

/// The instruction in the manual's words that a compressed row stands for, by its index.
pub fn expansion(index: usize) -> Option<&'static str> {
    Some(COMPRESSED.get(index.checked_sub(ROWS.len())?)?.1)
}

/// How an instruction continues.
pub fn flow(instruction: &Instruction) -> Flow {
    // RV32I: Unconditional Jumps, return-address stack prediction hints
    let links = |register| register == 1 || register == 5;
    match instruction.op {
        Op::jal | Op::jalr if links(instruction.rd) => Flow::Call,
        Op::jalr if instruction.rd == 0 && links(instruction.rs1) => Flow::Return,
        Op::jal | Op::jalr => Flow::Jump,
        Op::beq | Op::bne | Op::blt | Op::bge | Op::bltu | Op::bgeu => Flow::Branch,
        Op::ecall | Op::ebreak => Flow::Trap,
        Op::fence_i => Flow::Alone,
        Op::csrrw | Op::csrrs | Op::csrrc | Op::csrrwi | Op::csrrsi | Op::csrrci
            // The unprivileged counters.
            if instruction.imm >= 0xc00 =>
        {
            Flow::Alone
        }
        _ => Flow::Next,
    }
}

static ENCODINGS: LazyLock<Encodings> = LazyLock::new(Encodings::new);

struct Encodings {
    patterns: Vec<Pattern>,
    plans: Vec<Plan>,
    words: Table,
    halves: Table,
}

impl Encodings {
    fn new() -> Encodings {
        let patterns: Vec<Pattern> = rows()
            .map(|row| Pattern::parse(row.pattern, field_width))
            .collect();
        let whole = Op::ALL
            .iter()
            .zip(&patterns)
            .map(|(&op, pattern)| Plan::of_word(op, pattern));
        let compressed = COMPRESSED.iter().zip(&patterns[ROWS.len()..]);
        let compressed =
            compressed.map(|((_, expansion), pattern)| Plan::of_expansion(expansion, pattern));
        Encodings {
            plans: whole.chain(compressed).collect(),
            // The opcode and funct3; the quadrant, funct3 and what tells c.mv's relations apart.
            words: Table::new(&patterns, 32, 0x707c),
            halves: Table::new(&patterns, 16, 0xfc03),
            patterns,
        }
    }
}

/// Where the members of an [`Instruction`] come from.
struct Plan {
    op: Op,
    sources: Vec<(Member, Source)>,
}

/// A member of an [`Instruction`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "`Instruction` documents them")]
pub enum Member {
    Rd,
    Rs1,
    Rs2,
    Rs3,
    Rm,
    Imm,
}

enum Source {
    /// The field of this index in the pattern, plus a constant.
    Field(usize, i32),
    Constant(i32),
}

impl Member {
    /// The member that holds the field or operand of a name.
    pub fn named(name: &str) -> Option<Member> {
        Some(match name.trim_end_matches('\'') {
            "rd" | "frd" => Member::Rd,
            "rs1" | "frs1" | "zimm" => Member::Rs1,
            "rs2" | "frs2" => Member::Rs2,
            "rs3" | "frs3" => Member::Rs3,
            "rm" => Member::Rm,
            "imm" | "nzimm" | "uimm" | "nzuimm" | "target" | "csr" | "shamt" | "shamt5"
            | "shamt6" => Member::Imm,
            _ => return None,
        })
    }

    /// Its value in an instruction.
    pub fn of(self, instruction: &Instruction) -> i32 {
        match self {
            Member::Rd => instruction.rd.into(),
            Member::Rs1 => instruction.rs1.into(),
            Member::Rs2 => instruction.rs2.into(),
            Member::Rs3 => instruction.rs3.into(),
            Member::Rm => instruction.rm.into(),
            Member::Imm => instruction.imm,
        }
    }
}

impl Source {
    /// The field of a name; three bits name the registers from `x8`.
    fn field(pattern: &Pattern, name: &str) -> Option<Source> {
        let index = pattern.fields.iter().position(|field| field.name == name)?;
        Some(Source::Field(
            index,
            if name.ends_with('\'') { 8 } else { 0 },
        ))
    }
}

impl Plan {
    fn of_word(op: Op, pattern: &Pattern) -> Plan {
        let source = |name| Some((Member::named(name)?, Source::field(pattern, name)?));
        let sources = pattern
            .fields
            .iter()
            .filter_map(|field| source(field.name))
            .collect();
        Plan { op, sources }
    }

    /// Matches an expansion such as `lw rd, uimm(x2)` with the operands of the row it names.
    fn of_expansion(expansion: &str, pattern: &Pattern) -> Plan {
        let operands = |text: &'_ str| -> Vec<String> {
            text.split([',', '(', ')', ' '])
                .filter(|o| !o.is_empty())
                .map(str::to_owned)
                .collect()
        };
        let mut given = operands(expansion).into_iter();
        let name = given.next().unwrap_or_default();
        let index = ROWS.iter().position(|row| row.name == name);
        let index = index.unwrap_or_else(|| panic!("no row {name:?} for {expansion:?}"));
        let source = |(formal, actual): (String, String)| {
            let number = actual.strip_prefix('x').unwrap_or(&actual).parse();
            let source = match number {
                Ok(number) => Some(Source::Constant(number)),
                Err(_) => Source::field(pattern, &actual),
            };
            Member::named(&formal)
                .zip(source)
                .unwrap_or_else(|| panic!("{actual} in {expansion}"))
        };
        let sources = operands(ROWS[index].operands)
            .into_iter()
            .zip(given)
            .map(source)
            .collect();
        Plan {
            op: Op::ALL[index],
            sources,
        }
    }

    fn carry_out(&self, pattern: &Pattern, word: u32) -> Instruction {
        let length = pattern.bits / 8;
        let mut it = Instruction {
            op: self.op,
            rd: 0,
            rs1: 0,
            rs2: 0,
            rs3: 0,
            rm: 0,
            length,
            imm: 0,
        };
        for (member, source) in &self.sources {
            let value = match *source {
                Source::Field(index, base) => pattern.fields[index].extract(word) as i32 + base,
                Source::Constant(value) => value,
            };
            match member {
                Member::Rd => it.rd = value as u8,
                Member::Rs1 => it.rs1 = value as u8,
                Member::Rs2 => it.rs2 = value as u8,
                Member::Rs3 => it.rs3 = value as u8,
                Member::Rm => it.rm = value as u8,
                Member::Imm => it.imm = value,
            }
        }
        it
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_finds_itself() {
        for (index, row) in rows().enumerate() {
            let pattern = pattern(index);
            // Fields that may not be zero, or that name another row when they are, get ones.
            let values: Vec<(&str, i64)> = pattern
                .fields
                .iter()
                .map(|field| (field.name, 0b1_0001_1001_0101))
                .collect();
            let word = pattern.encode(&values);
            let (found, _) = find(&word.to_le_bytes()).unwrap();
            assert_eq!(super::row(found).name, row.name, "{word:#x}");
        }
    }

    #[test]
    fn compressed_encodings_stand_for_their_expansions() {
        // c.addi4spn a0, sp, 16
        let addi = decode(&0x0808u16.to_le_bytes()).unwrap();
        assert_eq!(
            (addi.op, addi.rd, addi.rs1, addi.imm, addi.length),
            (Op::addi, 10, 2, 16, 2)
        );
        // c.beqz a0, .-2
        let beq = decode(&0xdd7du16.to_le_bytes()).unwrap();
        assert_eq!((beq.op, beq.rs1, beq.rs2, beq.imm), (Op::beq, 10, 0, -2));
    }

    #[test]
    fn the_immediate_of_a_csr_instruction_has_no_sign() {
        // csrrwi a0, fcsr, 31
        let csrrwi = decode(&0x003f_d573u32.to_le_bytes()).unwrap();
        assert_eq!((csrrwi.op, csrrwi.rs1), (Op::csrrwi, 31));
    }

    #[test]
    fn zeros_and_cut_off_words_are_not_instructions() {
        assert_eq!(decode(&[0, 0]), Err(Undecoded::Illegal { length: 2 }));
        assert_eq!(
            decode(&[0x13]),
            Err(Undecoded::Truncated {
                needed: 2,
                present: 1
            })
        );
        assert_eq!(
            decode(&[0x13, 0]),
            Err(Undecoded::Truncated {
                needed: 4,
                present: 2
            })
        );
    }
}
