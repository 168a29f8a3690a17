//! The runs of bits of an encoding, what they are called and what they say.

use crate::decode::{pattern, row, rows};
use crate::disasm::csr;
use crate::disasm::text::{TEXTS, accesses, register, rounding_mode};
use portolan_machine::encoding::reading::{self, Run};
use portolan_machine::encoding::{Field, Pattern, Piece, Row, operand_names};
use portolan_machine::guest::FieldValue;

/// The fields of a word of a row, from the highest bit.
pub fn fields(index: usize, word: u32, pc: u64) -> Vec<FieldValue> {
    let reader = Reader {
        index,
        row: row(index),
        pattern: pattern(index),
        word,
        pc,
    };
    let runs = runs(reader.row, reader.pattern);
    runs.iter().map(|run| reader.read(run, &runs)).collect()
}

/// The runs of a pattern. In 16 bits the manual counts all leading ones as one function code.
fn runs<'a>(row: &Row, pattern: &'a Pattern) -> Vec<Run<'a>> {
    let mut runs = reading::runs(row, pattern);
    if pattern.bits == 16 {
        let leading = runs
            .iter()
            .take_while(|run| run.is_fixed() && run.low >= 10);
        if let Some(last) = leading.count().checked_sub(1) {
            runs[0].low = runs[last].low;
            runs.drain(1..=last);
        }
    }
    runs
}

struct Reader<'a> {
    index: usize,
    row: &'static Row,
    pattern: &'a Pattern,
    word: u32,
    pc: u64,
}

impl Reader<'_> {
    fn read(&self, run: &Run, all: &[Run]) -> FieldValue {
        let (name, meaning) = match run.piece {
            None => (self.function(run), self.selected(run, all)),
            Some((field, piece)) => (part_name(field, piece), self.meaning(field, piece)),
        };
        FieldValue {
            name,
            bits: (run.high, run.low),
            value: run.value(self.word).into(),
            meaning,
        }
    }

    /// The manual's name of fixed bits.
    fn function(&self, run: &Run) -> String {
        let name = match (self.pattern.bits, run.high, run.low) {
            (32, 6, 0) => "opcode",
            (16, 1, 0) => "op",
            (32, 26, 25) => "fmt",
            (_, 11, 7) => "rd",
            (32, 19, 15) => "rs1",
            (32, 24, 20) | (16, 6, 2) => "rs2",
            _ => return format!("funct{}", run.high - run.low + 1),
        };
        name.to_owned()
    }

    /// What fixed bits select, after those that are looked at before them.
    fn selected(&self, run: &Run, all: &[Run]) -> String {
        if run.low == 0 {
            return self.opcode();
        }
        let others = (0..rows().count())
            .map(|index| (row(index), pattern(index)))
            .filter(|(_, other)| other.bits == self.pattern.bits);
        let rank = |run: &Run| self.rank(run);
        reading::selected(run, all, self.word, self.row.name, rank, others)
    }

    /// When fixed bits are looked at: the opcode first, then funct3, then what stands highest.
    /// Floating-point instructions and those of 16 bits have their function at the top.
    fn rank(&self, run: &Run) -> u8 {
        let is_float = self.pattern.value & 0x7f == 0x53;
        match (run.low, self.pattern.bits) {
            (0, _) => 0,
            (12, 32) if !is_float => 1,
            (12, 32) => 33,
            (low, _) => 32 - low,
        }
    }

    /// The group of instructions that the lowest bits select.
    fn opcode(&self) -> String {
        if self.pattern.bits == 16 {
            return format!("quadrant {} of the 16-bit instructions", self.word & 0b11);
        }
        // Opcode Map
        const MAP: [&str; 32] = [
            "LOAD",
            "LOAD-FP",
            "",
            "MISC-MEM",
            "OP-IMM",
            "AUIPC",
            "OP-IMM-32",
            "",
            "STORE",
            "STORE-FP",
            "",
            "AMO",
            "OP",
            "LUI",
            "OP-32",
            "",
            "MADD",
            "MSUB",
            "NMSUB",
            "NMADD",
            "OP-FP",
            "",
            "",
            "",
            "BRANCH",
            "JALR",
            "",
            "JAL",
            "SYSTEM",
            "",
            "",
            "",
        ];
        MAP[(self.word >> 2 & 31) as usize].to_owned()
    }

    /// What a piece of a field says.
    fn meaning(&self, field: &Field, piece: Piece) -> String {
        let value = field.extract(self.word);
        let is_silent = field.insert(u32::MAX) & TEXTS[self.index].silent != 0;
        match field.name.trim_end_matches('\'') {
            name if is_silent && name != "fm" => "reserved, ignored".to_owned(),
            "rd" | "rs1" | "rs2" | "rs3" => self.register(field, value),
            "csr" => csr::name(value as u16)
                .unwrap_or("a register without a name")
                .to_owned(),
            "zimm" | "shamt5" | "shamt6" => value.to_string(),
            "rm" => rounding(value as u8),
            "aq" => ordering(value, "acquire: later accesses stay after it"),
            "rl" => ordering(value, "release: earlier accesses stay before it"),
            "pred" => access_set(value, "earlier"),
            "succ" => access_set(value, "later"),
            "fm" => fence_mode(value).to_owned(),
            _ => self.immediate(field, piece, value),
        }
    }

    fn register(&self, field: &Field, value: i64) -> String {
        let is_float =
            operand_names(self.row.operands).any(|word| word.strip_prefix('f') == Some(field.name));
        let file = usize::from(is_float);
        let number = if field.name.ends_with('\'') {
            value + 8
        } else {
            value
        } as i32;
        let name = register(file, number, false);
        let sum = match number as i64 == value {
            true => name.to_owned(),
            false => format!("{name}: 8 + {value}"),
        };
        format!("{} ({sum})", register(file, number, true))
    }

    /// An immediate: what this piece contributes, and with the lowest one what it is in all.
    fn immediate(&self, field: &Field, piece: Piece, value: i64) -> String {
        let bits = i64::from(field.raw(self.word) >> piece.to) & ((1 << piece.width) - 1);
        let is_signed = field.signed && piece.to + piece.width == field.width;
        let weighed = match is_signed && bits >> (piece.width - 1) == 1 {
            true => bits - (1 << piece.width),
            false => bits,
        };
        let share = number(weighed << piece.to);
        let is_last = field.pieces.iter().all(|other| other.at >= piece.at);
        let mut text = match (field.pieces.len(), is_last) {
            (1, _) => number(value),
            (_, false) => share,
            (_, true) => format!("{share}, in all {}", number(value)),
        };
        if is_last && operand_names(self.row.operands).any(|word| word == "target") {
            text += &format!(": to {:#x}", self.pc.wrapping_add(value as u64));
        }
        text
    }
}

/// A field's name with the bits of its value that a piece holds.
fn part_name(field: &Field, piece: Piece) -> String {
    let (high, low) = (piece.to + piece.width - 1, piece.to);
    match (field.pieces.len(), low) {
        (1, 0) => field.name.to_owned(),
        _ if high == low => format!("{}[{high}]", field.name),
        _ => format!("{}[{high}:{low}]", field.name),
    }
}

/// Small numbers in decimal, large ones in hexadecimal.
fn number(value: i64) -> String {
    match value {
        -4096..=4096 => value.to_string(),
        _ if value < 0 => format!("-{:#x}", value.unsigned_abs()),
        _ => format!("{value:#x}"),
    }
}

fn rounding(rm: u8) -> String {
    let direction = match rm {
        0 => "to nearest, ties to even",
        1 => "towards zero",
        2 => "down",
        3 => "up",
        4 => "to nearest, ties away from zero",
        7 => "as frm says",
        _ => "reserved: the instruction is illegal",
    };
    match rounding_mode(rm) {
        Some(mode) => format!("{mode}: rounds {direction}"),
        None => direction.to_owned(),
    }
}

fn ordering(bit: i64, order: &str) -> String {
    if bit == 0 {
        "no order".to_owned()
    } else {
        order.to_owned()
    }
}

fn fence_mode(mode: i64) -> &'static str {
    match mode {
        0 => "a normal fence",
        8 => "total store order: earlier stores need not complete before later loads",
        _ => "reserved: a normal fence",
    }
}

fn access_set(set: i64, which: &str) -> String {
    const KINDS: [(u8, &str); 4] = [
        (3, "device input"),
        (2, "device output"),
        (1, "reads"),
        (0, "writes"),
    ];
    if set == 0 {
        return format!("no {which} accesses");
    }
    let kinds = KINDS.iter().filter(|(bit, _)| set >> bit & 1 == 1);
    let kinds: Vec<&str> = kinds.map(|(_, kind)| *kind).collect();
    format!("{}: {which} {}", accesses(set as i32), kinds.join(", "))
}
