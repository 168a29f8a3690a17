//! Bit patterns in the manual's notation.

/// Where the bits of an instruction word are fixed and which fields the others form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern {
    /// The length of the word in bits, at most 32.
    pub bits: u8,
    /// The fixed bits.
    pub mask: u32,
    /// Their values.
    pub value: u32,
    /// The fields, in the order in which they first appear from the highest bit.
    pub fields: Vec<Field>,
}

/// A named group of an instruction word's bits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// The manual's name.
    pub name: &'static str,
    /// Whether the highest bit is a sign.
    pub signed: bool,
    /// The number of bits of the value, including low bits that are always zero.
    pub width: u8,
    /// Where the bits are, from the highest bit of the word.
    pub pieces: Vec<Piece>,
    /// Values for which the word is another instruction, or none.
    pub excluded: Vec<u32>,
}

/// Adjacent bits of a word that are adjacent in a field's value too.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Piece {
    /// The lowest bit's place in the word.
    pub at: u8,
    /// The number of bits.
    pub width: u8,
    /// The lowest bit's place in the value.
    pub to: u8,
}

impl Pattern {
    /// Reads a pattern: bits from the highest to the lowest, separated at will by spaces.
    ///
    /// * `0` and `1` are fixed;
    /// * `rd` is a field whose width `width_of` knows;
    /// * `imm[12|10:5]` places the bits 12 and 10 to 5 of the field `imm`. Fields that appear in
    ///   several places are one field;
    /// * `rd!=0,2` is a field that must not have these values.
    ///
    /// The fields `imm`, `nzimm`, `offset` and `shift` are signed. A field must not be zero if its name starts with
    /// `nz`.
    ///
    /// # Panics
    /// If the text is no pattern: patterns are part of the program.
    pub fn parse(text: &'static str, width_of: impl Fn(&str) -> Option<u8>) -> Pattern {
        let mut tokens = Vec::new();
        let mut bits = 0;
        for token in text.split_whitespace() {
            let token = Token::parse(token, &width_of)
                .unwrap_or_else(|| panic!("{token:?} in the pattern {text:?}"));
            bits += token.bits();
            tokens.push(token);
        }
        assert!(
            bits == 16 || bits == 32,
            "the pattern {text:?} has {bits} bits"
        );
        let mut pattern = Pattern {
            bits,
            mask: 0,
            value: 0,
            fields: Vec::new(),
        };
        let mut at = bits;
        for token in tokens {
            at -= token.bits();
            match token {
                Token::Fixed { value, bits } => {
                    pattern.mask |= mask(bits) << at;
                    pattern.value |= value << at;
                }
                Token::Field {
                    name,
                    runs,
                    excluded,
                } => pattern.place(name, &runs, excluded, at),
            }
        }
        pattern
    }

    /// Adds a field's runs of bits, the last of which ends at bit `at`.
    fn place(&mut self, name: &'static str, runs: &[(u8, u8)], excluded: Vec<u32>, at: u8) {
        let index = self.fields.iter().position(|field| field.name == name);
        let index = index.unwrap_or_else(|| {
            self.fields.push(Field {
                name,
                signed: matches!(name, "imm" | "nzimm" | "offset" | "shift"),
                width: 0,
                pieces: Vec::new(),
                excluded: if name.starts_with("nz") {
                    vec![0]
                } else {
                    Vec::new()
                },
            });
            self.fields.len() - 1
        });
        let field = &mut self.fields[index];
        field.excluded.extend(excluded);
        let mut end = at + runs.iter().map(|&(high, low)| high - low + 1).sum::<u8>();
        for &(high, low) in runs {
            let width = high - low + 1;
            end -= width;
            field.pieces.push(Piece {
                at: end,
                width,
                to: low,
            });
            field.width = field.width.max(high + 1);
        }
    }

    /// Whether a word is this instruction.
    pub fn matches(&self, word: u32) -> bool {
        word & self.mask == self.value
            && self.fields.iter().all(|field| {
                field.excluded.is_empty() || !field.excluded.contains(&field.raw(word))
            })
    }

    /// The field of a name.
    pub fn field(&self, name: &str) -> Option<&Field> {
        self.fields.iter().find(|field| field.name == name)
    }

    /// The instruction word with the given field values; missing fields are zero, bits that a
    /// field cannot hold are dropped.
    pub fn encode(&self, values: &[(&str, i64)]) -> u32 {
        let mut word = self.value;
        for (name, value) in values {
            if let Some(field) = self.field(name) {
                word |= field.insert(*value as u32);
            }
        }
        word
    }
}

impl Field {
    /// The field's value in a word, without sign.
    pub fn raw(&self, word: u32) -> u32 {
        let piece = |p: &Piece| ((word >> p.at) & mask(p.width)) << p.to;
        self.pieces.iter().fold(0, |value, p| value | piece(p))
    }

    /// The field's value in a word.
    pub fn extract(&self, word: u32) -> i64 {
        let raw = self.raw(word);
        if self.signed {
            let unused = 32 - u32::from(self.width);
            i64::from(((raw << unused) as i32) >> unused)
        } else {
            i64::from(raw)
        }
    }

    /// A word that is zero but for this field.
    pub fn insert(&self, value: u32) -> u32 {
        let piece = |p: &Piece| ((value >> p.to) & mask(p.width)) << p.at;
        self.pieces.iter().fold(0, |word, p| word | piece(p))
    }
}

enum Token {
    Fixed {
        value: u32,
        bits: u8,
    },
    /// A field's runs of value bits, (high, low).
    Field {
        name: &'static str,
        runs: Vec<(u8, u8)>,
        excluded: Vec<u32>,
    },
}

impl Token {
    fn parse(text: &'static str, width_of: &impl Fn(&str) -> Option<u8>) -> Option<Token> {
        if text.bytes().all(|bit| bit == b'0' || bit == b'1') {
            let value = u32::from_str_radix(text, 2).ok()?;
            return Some(Token::Fixed {
                value,
                bits: text.len() as u8,
            });
        }
        let (text, excluded) = text.split_once("!=").unwrap_or((text, ""));
        let excluded: Result<Vec<u32>, _> =
            excluded.split_terminator(',').map(str::parse).collect();
        let (name, runs) = match text.split_once('[') {
            None => (text, vec![(width_of(text)? - 1, 0)]),
            Some((name, runs)) => {
                let run = |run: &str| match run.split_once(':') {
                    Some((high, low)) => Some((high.parse().ok()?, low.parse().ok()?)),
                    None => run.parse().ok().map(|bit| (bit, bit)),
                };
                (
                    name,
                    runs.strip_suffix(']')?
                        .split('|')
                        .map(run)
                        .collect::<Option<Vec<_>>>()?,
                )
            }
        };
        Some(Token::Field {
            name,
            runs,
            excluded: excluded.ok()?,
        })
    }

    fn bits(&self) -> u8 {
        match self {
            Token::Fixed { bits, .. } => *bits,
            Token::Field { runs, .. } => runs.iter().map(|&(high, low)| high - low + 1).sum(),
        }
    }
}

fn mask(bits: u8) -> u32 {
    ((1u64 << bits) - 1) as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    fn width(name: &str) -> Option<u8> {
        match name {
            "rd" | "rs1" | "rs2" => Some(5),
            _ => None,
        }
    }

    #[test]
    fn a_branch_has_its_scattered_offset_in_order() {
        let beq = Pattern::parse("imm[12|10:5] rs2 rs1 000 imm[4:1|11] 1100011", width);
        assert_eq!((beq.bits, beq.mask, beq.value), (32, 0x707f, 0x63));
        // beq a0, a1, -4
        let word = 0xfeb5_0ee3;
        assert!(beq.matches(word));
        assert_eq!(beq.field("imm").unwrap().extract(word), -4);
        assert_eq!(beq.field("rs1").unwrap().extract(word), 10);
        assert_eq!(beq.encode(&[("imm", -4), ("rs1", 10), ("rs2", 11)]), word);
    }

    #[test]
    fn exclusions_tell_encodings_apart() {
        let lui = Pattern::parse("011 nzimm[17] rd!=0,2 nzimm[16:12] 01", width);
        let word = |rd: u32, imm: u32| 0b011 << 13 | rd << 7 | imm << 2 | 1;
        assert!(lui.matches(word(1, 1)));
        assert!(!lui.matches(word(2, 1)));
        assert!(!lui.matches(word(1, 0)));
        assert_eq!(lui.field("nzimm").unwrap().extract(word(1, 3)), 3 << 12);
    }
}
