//! What an assembler writes otherwise than the rows say: aliases, and encodings that have a mnemonic
//! of their own.

/// When a spelling is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Use {
    /// Only if aliases are asked for.
    Alias,
    /// Always: it is the instruction's name.
    Always,
}

/// Another way to write some encodings of an instruction.
#[derive(Clone, Copy, Debug)]
pub struct Spelling {
    /// The row's name.
    pub row: &'static str,
    /// What the fields must be: terms such as `rd=0` or `rs1=rs2`, all of which hold.
    pub when: &'static str,
    /// When it is used.
    pub used: Use,
    /// The mnemonic and the operands, in the notation of rows.
    pub written: &'static str,
}

impl Spelling {
    /// The mnemonic and the operands.
    pub fn parts(&self) -> (&'static str, &'static str) {
        self.written.split_once(' ').unwrap_or((self.written, ""))
    }

    /// The terms that must hold, as their two sides.
    pub fn terms(&self) -> impl Iterator<Item = (&'static str, &'static str)> {
        self.when
            .split_whitespace()
            .map(|term| term.split_once('=').unwrap_or((term, "")))
    }
}

/// Defines `SPELLINGS`: `"row" "terms" Use "mnemonic operands";`, those of one instruction in order,
/// as the first one that fits counts.
#[macro_export]
macro_rules! spellings {
    ($($row:literal $when:literal $used:ident $written:literal;)*) => {
        /// The spellings of all instructions, those of one instruction in order.
        pub const SPELLINGS: &[$crate::encoding::Spelling] = &[$($crate::encoding::Spelling {
            row: $row,
            when: $when,
            used: $crate::encoding::Use::$used,
            written: $written,
        },)*];
    };
}
pub use spellings;

/// Names and punctuation of operands, without the spaces.
pub fn operand_parts(operands: &'static str) -> impl Iterator<Item = &'static str> {
    let mut rest = operands;
    std::iter::from_fn(move || {
        rest = rest.trim_start();
        let end = match rest.find(is_punctuation) {
            None => rest.len(),
            Some(0) => 1,
            Some(sign) => sign,
        };
        let part;
        (part, rest) = rest.split_at(end);
        (!part.is_empty()).then_some(part)
    })
}

/// The names among operands.
pub fn operand_names(operands: &'static str) -> impl Iterator<Item = &'static str> {
    operand_parts(operands).filter(|part| !part.starts_with(is_punctuation))
}

fn is_punctuation(character: char) -> bool {
    ",()[]".contains(character)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn operands_are_split_at_punctuation() {
        let parts: Vec<_> = operand_parts("rd, imm(rs1)").collect();
        assert_eq!(parts, ["rd", ",", "imm", "(", "rs1", ")"]);
        let names: Vec<_> = operand_names("wd, ws[n]").collect();
        assert_eq!(names, ["wd", "ws", "n"]);
    }

    #[test]
    fn a_spelling_has_terms_and_parts() {
        let spelling = Spelling {
            row: "jalr",
            when: "rd=0 imm=0",
            used: Use::Alias,
            written: "jr rs1",
        };
        let terms: Vec<_> = spelling.terms().collect();
        assert_eq!(terms, [("rd", "0"), ("imm", "0")]);
        assert_eq!(spelling.parts(), ("jr", "rs1"));
    }
}
