//! Instructions made from rows: one or a few of each, with plain operands.

use super::{Pattern, Row};

/// What an instruction set says of its operands.
pub struct Operands<'a> {
    /// Whether a field names a register.
    pub is_register: fn(&str) -> bool,
    /// Values of fields that are neither registers nor numbers; others are zero.
    pub modes: &'a [(&'static str, u32)],
    /// The registers to use, by their numbers, for the operands from the first on; one list for each
    /// instruction that is made of a row.
    pub registers: &'a [[u32; 4]],
}

/// Where branches lead, from the instruction: far enough to be told from the next one.
const DISTANCE: u32 = 64;

/// The words of a row, with `constant` for its number; none if no field can hold it.
pub fn instances(row: &Row, pattern: &Pattern, operands: &Operands<'_>, constant: i64) -> Vec<u32> {
    let mut words: Vec<u32> = operands
        .registers
        .iter()
        .filter_map(|registers| instance(row, pattern, operands, registers, constant))
        .filter(|word| pattern.matches(*word))
        .collect();
    words.dedup();
    words
}

fn instance(
    row: &Row,
    pattern: &Pattern,
    operands: &Operands<'_>,
    registers: &[u32],
    constant: i64,
) -> Option<u32> {
    let modes = operands.modes.iter();
    let modes = modes.filter_map(|(name, value)| Some(pattern.field(name)?.insert(*value)));
    let mut word = modes.fold(pattern.value, |word, mode| word | mode);
    let mut registers = registers.iter();
    for operand in row.operands.split([',', '(']) {
        let mut register = None;
        // One operand may fill several fields.
        for name in operand.split(|c: char| !(c.is_alphanumeric() || c == '\'')) {
            if name == "target" {
                let offsets = ["imm", "offset", "region"].iter();
                let field = offsets.filter_map(|name| pattern.field(name)).next()?;
                word |= field.insert(DISTANCE);
                continue;
            }
            // The floating-point register of the field of this name.
            let field = pattern.field(name);
            let Some(field) = field.or_else(|| pattern.field(name.strip_prefix('f')?)) else {
                continue;
            };
            if operands.modes.iter().any(|(mode, _)| *mode == field.name) {
                continue;
            }
            if (operands.is_register)(field.name) {
                let next = register.or_else(|| registers.next().copied());
                register = next;
                word |= field.insert(next.unwrap_or_default());
            } else {
                let number = field.insert(constant as u32);
                if field.extract(number) != constant {
                    return None;
                }
                word |= number;
            }
        }
    }
    Some(word)
}
