//! The runs of bits of an encoding, what they are called and what they say.

use crate::decode::{Set, belongs, pattern, row, rows};
use crate::disasm::registers;
use crate::disasm::text::destination;
use crate::regs;
use portolan_machine::encoding::reading::{Run, runs, selected};
use portolan_machine::encoding::{Field, Pattern, Row};
use portolan_machine::guest::FieldValue;

/// The fields of a word of a row, from the highest bit.
pub fn fields(set: Set, index: usize, word: u32, pc: u64) -> Vec<FieldValue> {
    let reader = Reader {
        set,
        row: row(index),
        pattern: pattern(index),
        word,
        pc,
    };
    let runs = runs(reader.row, reader.pattern);
    runs.iter().map(|run| reader.read(run, &runs)).collect()
}

struct Reader<'a> {
    set: Set,
    row: &'static Row,
    pattern: &'a Pattern,
    word: u32,
    pc: u64,
}

impl Reader<'_> {
    fn read(&self, run: &Run, all: &[Run]) -> FieldValue {
        let (name, meaning) = match run.piece {
            None => (self.function(run), self.selected(run, all)),
            // No field of MIPS is scattered.
            Some((field, _)) => (field.name.to_owned(), self.meaning(field)),
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
        let opcode = self.word >> 26;
        let name = match (run.high, run.low) {
            (31, 26) => "opcode",
            (5, 0) => "function",
            (25, 21) if (16..=18).contains(&opcode) => "fmt",
            (20, 16) if opcode == 1 => "function",
            (25, 21) => "rs",
            (20, 16) => "rt",
            (15, 11) => "rd",
            (10, 6) => "sa",
            (high, low) if high == low => "bit",
            _ => "bits",
        };
        name.to_owned()
    }

    /// What fixed bits select, after those that are looked at before them.
    fn selected(&self, run: &Run, all: &[Run]) -> String {
        if run.high == 31 && run.low == 26 {
            return OPCODES[(self.word >> 26) as usize].to_owned();
        }
        let others = (0..rows().count())
            .filter(|&index| belongs(self.set, index))
            .map(|index| (row(index), pattern(index)));
        selected(run, all, self.word, self.row.name, rank, others)
    }

    /// What a field says.
    fn meaning(&self, field: &Field) -> String {
        let value = field.extract(self.word);
        let number = value as u8;
        match field.name {
            "rs" | "rt" | "rd" | "base" | "index" => self.general(value),
            "fr" | "ft" | "fs" | "fd" => format!("$f{value}"),
            "wt" | "ws" | "wd" => format!("$w{value}"),
            "vt" | "vs" | "vd" => format!("$vf{value}"),
            "ac" => format!("accumulator {value}"),
            "cc" => format!("condition {value}"),
            "cs" | "cd" => self.coprocessor(number),
            "sel" => format!("selection {value}"),
            "hwr" => registers::hardware(number),
            "cond" => CONDITIONS[value as usize & 15].to_owned(),
            "df" => FORMATS[value as usize & 3].to_owned(),
            "fdf" => FORMATS[2 + (value as usize & 1)].to_owned(),
            "hdf" => FORMATS[1 + (value as usize & 1)].to_owned(),
            "msbd" => format!("size minus 1: {}", value + 1),
            "msb" => format!("highest bit {value}"),
            "lsb" => format!("lowest bit {value}"),
            "stype" => format!("kind {value}"),
            "hint" => HINTS.get(value as usize).map_or_else(
                || format!("hint {value}"),
                |hint| format!("hint {value}: {hint}"),
            ),
            "region" => format!("{value:#x}: to {:#x}", self.destination(field)),
            "offset" if field.width == 18 => {
                format!("{}: to {:#x}", value, self.destination(field))
            }
            "uimm" | "code" | "mask" | "op" => format!("{value:#x}"),
            _ => value.to_string(),
        }
    }

    fn destination(&self, field: &Field) -> u64 {
        destination(field, self.word, self.set, self.pc)
    }

    fn general(&self, number: i64) -> String {
        let file = match self.set {
            Set::Mips64 => regs::FILES_64,
            Set::Mips32 | Set::R5900 => regs::FILES_32,
        };
        let register = &file[0].registers[number as usize & 31];
        format!("{} ({})", register.abi, register.name)
    }

    /// A register of the coprocessor that the instruction is for.
    fn coprocessor(&self, number: u8) -> String {
        match self.row.name {
            "cfc1" | "ctc1" | "cftc1" | "cttc1" => registers::float_control(self.set, number),
            "cfcmsa" | "ctcmsa" => registers::vector_control(number),
            name if name.ends_with("c0") => {
                let select = self
                    .pattern
                    .field("sel")
                    .map_or(0, |it| it.extract(self.word));
                registers::system(self.set, number, select as u8)
            }
            _ => format!("register {number}"),
        }
    }
}

/// When fixed bits are looked at: the opcode first, then the function, then what stands highest.
fn rank(run: &Run) -> u8 {
    match (run.high, run.low) {
        (31, _) => 0,
        (_, 0) => 1,
        (high, _) => 32 - high,
    }
}

/// The primary opcodes (*Volume I-A*, MIPS Encoding of the Opcode Field).
const OPCODES: [&str; 64] = [
    "SPECIAL", "REGIMM", "J", "JAL", "BEQ", "BNE", "BLEZ", "BGTZ", "ADDI", "ADDIU", "SLTI",
    "SLTIU", "ANDI", "ORI", "XORI", "LUI", "COP0", "COP1", "COP2", "COP1X", "BEQL", "BNEL",
    "BLEZL", "BGTZL", "DADDI", "DADDIU", "LDL", "LDR", "SPECIAL2", "JALX", "MSA", "SPECIAL3", "LB",
    "LH", "LWL", "LW", "LBU", "LHU", "LWR", "LWU", "SB", "SH", "SWL", "SW", "SDL", "SDR", "SWR",
    "CACHE", "LL", "LWC1", "LWC2", "PREF", "LLD", "LDC1", "LDC2", "LD", "SC", "SWC1", "SWC2",
    "PCREL", "SCD", "SDC1", "SDC2", "SD",
];

/// The conditions of c.cond.fmt.
const CONDITIONS: [&str; 16] = [
    "f: never",
    "un: unordered",
    "eq: equal",
    "ueq: unordered or equal",
    "olt: less",
    "ult: unordered or less",
    "ole: less or equal",
    "ule: unordered, less or equal",
    "sf: never; any NaN signals",
    "ngle: unordered; any NaN signals",
    "seq: equal; any NaN signals",
    "ngl: unordered or equal; any NaN signals",
    "lt: less; any NaN signals",
    "nge: unordered or less; any NaN signals",
    "le: less or equal; any NaN signals",
    "ngt: unordered, less or equal; any NaN signals",
];

/// The data formats of vectors.
const FORMATS: [&str; 4] = ["bytes", "halfwords", "words", "doublewords"];

/// What pref says.
const HINTS: [&str; 8] = [
    "to be read",
    "to be written",
    "reserved",
    "reserved",
    "to be read once",
    "to be written once",
    "to be read often",
    "to be written often",
];
