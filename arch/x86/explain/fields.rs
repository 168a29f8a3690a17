//! The parts of an encoding, what they are called and what they say: Volume 2, Chapter 2, Instruction
//! Format. Bits are counted in each byte; displacements and immediates are numbers of their own.

use super::super::disasm::lower_case;
use iced_x86::{
    Code, Decoder, DecoderOptions, EncodingKind, Instruction, MandatoryPrefix, OpCodeInfo,
    OpCodeOperandKind, OpCodeTableKind, OpKind, Register,
};
use portolan_machine::guest::FieldValue;
use std::collections::HashMap;
use std::sync::LazyLock;

/// The parts of an instruction's bytes, in order.
pub fn fields(bytes: &[u8], it: &Instruction) -> Vec<FieldValue> {
    let mut decoder = Decoder::with_ip(64, bytes, it.ip(), DecoderOptions::NONE);
    let constants = {
        let again = decoder.decode();
        decoder.get_constant_offsets(&again)
    };
    let mut reader = Reader {
        bytes,
        it,
        code: it.code().op_code(),
        at: 0,
        rex: 0,
        fields: Vec::new(),
    };
    reader.prefixes();
    match reader.code.encoding() {
        EncodingKind::Legacy | EncodingKind::D3NOW => reader.opcode(),
        EncodingKind::VEX => reader.vex(),
        _ => reader.vector_prefix(),
    }
    let constants_begin = [
        (
            constants.has_displacement(),
            constants.displacement_offset(),
        ),
        (constants.has_immediate(), constants.immediate_offset()),
    ];
    let end = constants_begin
        .iter()
        .filter(|(is_there, _)| *is_there)
        .map(|(_, at)| *at)
        .min()
        .unwrap_or(bytes.len());
    reader.modrm(end);
    if constants.has_displacement() {
        let size = constants.displacement_size();
        reader.number(
            "disp",
            constants.displacement_offset(),
            size,
            displacement(it, size),
        );
    }
    if constants.has_immediate() {
        let (at, size) = (constants.immediate_offset(), constants.immediate_size());
        reader.number("imm", at, size, immediate(it, bytes, at, size));
    }
    if let Some(index) = reader.operand(|kind| kind.ends_with("_is4"))
        && !constants.has_immediate()
    {
        reader.at = bytes.len() - 1;
        reader.bits("is4", (7, 4), register(it.op_register(index)));
        reader.bits("is4", (3, 0), "not used");
    }
    if constants.has_immediate2() {
        let (at, size) = (constants.immediate_offset2(), constants.immediate_size2());
        reader.number(
            "imm",
            at,
            size,
            little_endian(&bytes[at..at + size]).to_string(),
        );
    }
    reader.fields
}

struct Reader<'a> {
    bytes: &'a [u8],
    it: &'a Instruction,
    code: &'a OpCodeInfo,
    /// The next byte.
    at: usize,
    /// The REX prefix, or 0.
    rex: u8,
    fields: Vec<FieldValue>,
}

impl Reader<'_> {
    fn push(&mut self, name: &str, bits: (u8, u8), value: u64, meaning: impl Into<String>) {
        self.fields.push(FieldValue {
            name: name.to_owned(),
            bits,
            value,
            meaning: meaning.into(),
        });
    }

    /// Some bits of the byte that is read.
    fn bits(&mut self, name: &str, bits: (u8, u8), meaning: impl Into<String>) {
        let value = self.value(bits);
        self.push(name, bits, value.into(), meaning);
    }

    fn value(&self, (high, low): (u8, u8)) -> u8 {
        let byte = self.bytes.get(self.at).copied().unwrap_or_default();
        byte >> low & u8::MAX >> (7 - (high - low))
    }

    fn number(&mut self, name: &str, at: usize, size: usize, meaning: String) {
        let value = little_endian(&self.bytes[at..at + size]);
        let width = size as u8 * 8;
        self.push(&format!("{name}{width}"), (width - 1, 0), value, meaning);
    }

    /// The legacy prefixes, and REX.
    fn prefixes(&mut self) {
        while let Some(&byte) = self.bytes.get(self.at) {
            let Some(meaning) = self.prefix(byte) else {
                break;
            };
            self.bits("prefix", (7, 0), meaning);
            self.at += 1;
        }
        let byte = self.bytes[self.at];
        if self.code.encoding() == EncodingKind::Legacy && byte >> 4 == 4 {
            self.rex = byte;
            let widens = self.code.operand_size() == 64 && !self.code.default_op_size64();
            let wide = match (byte & 8 != 0, widens) {
                (false, _) => "the usual operand size",
                (true, true) => "operands of 64 bits",
                (true, false) => "operands of 64 bits, which they are anyway",
            };
            self.bits("REX", (7, 4), "a REX prefix");
            self.bits("W", (3, 3), wide);
            for (name, bit, of) in [
                ("R", 2, "ModRM.reg"),
                ("X", 1, "SIB.index"),
                ("B", 0, "ModRM.rm, SIB.base or the opcode"),
            ] {
                let meaning = match byte >> bit & 1 {
                    0 => format!("no 8 added to {of}"),
                    _ => format!("8 added to {of}"),
                };
                self.bits(name, (bit, bit), meaning);
            }
            self.at += 1;
        }
    }

    fn prefix(&self, byte: u8) -> Option<String> {
        let mandatory = self.code.mandatory_prefix();
        let chooses = "chooses the instruction, together with the opcode".to_owned();
        Some(match byte {
            0x66 if mandatory == MandatoryPrefix::P66 => chooses,
            0xf3 if mandatory == MandatoryPrefix::PF3 => chooses,
            0xf2 if mandatory == MandatoryPrefix::PF2 => chooses,
            0x66 if self.code.operand_size() == 16 => "operands of 16 bits".to_owned(),
            0x67 => "addresses of 32 bits".to_owned(),
            0xf0 => "lock: the access to memory is atomic".to_owned(),
            0xf2 if self.it.is_string_instruction() => {
                "repne: repeated as rcx says, while not equal".to_owned()
            }
            0xf3 if self.it.is_string_instruction() => "rep: repeated as rcx says".to_owned(),
            0x64 => "in the segment of fs".to_owned(),
            0x65 => "in the segment of gs".to_owned(),
            0x66 | 0xf2 | 0xf3 | 0x26 | 0x2e | 0x36 | 0x3e => "without effect here".to_owned(),
            _ => return None,
        })
    }

    /// The opcode, with the register in its low bits if there is one.
    fn opcode(&mut self) {
        let end = self.at + opcode_length(self.code);
        while self.at < end.min(self.bytes.len()) {
            let is_last = self.at + 1 == end;
            let in_opcode = (0..self.code.op_count())
                .find(|index| format!("{:?}", self.code.op_kind(*index)).ends_with("_opcode"));
            match (is_last, in_opcode) {
                (true, Some(index)) => {
                    self.bits("opcode", (7, 3), self.selected());
                    self.bits("reg", (2, 0), register(self.it.op_register(index)));
                }
                (true, None) => self.bits("opcode", (7, 0), self.selected()),
                (false, _) => self.bits("escape", (7, 0), "another map of opcodes"),
            }
            self.at += 1;
        }
    }

    /// What an opcode selects: an instruction, or a group of which ModRM.reg selects one.
    fn selected(&self) -> String {
        let name = lower_case(self.it.mnemonic());
        if !self.code.is_group() {
            return name;
        }
        let names = GROUPS.get(&group(self.code)).map_or(&[][..], Vec::as_slice);
        match names.len() {
            0 | 1 => name,
            _ => format!("one of {}", names.join(", ")),
        }
    }

    /// VEX: register numbers, whose bits are inverted, and what stands for prefixes and escapes.
    fn vex(&mut self) {
        let is_long = self.bytes[self.at] == 0xc4;
        self.bits("VEX", (7, 0), "stands for prefixes and the opcode's escape");
        self.at += 1;
        let added = |name: &str, bit: u8, of: &str| match bit {
            0 => (name.to_owned(), format!("8 added to {of}")),
            _ => (name.to_owned(), format!("no 8 added to {of}")),
        };
        let (name, meaning) = added("R", self.value((7, 7)), "ModRM.reg");
        self.bits(&name, (7, 7), meaning);
        if is_long {
            for (name, bit, of) in [("X", 6, "SIB.index"), ("B", 5, "ModRM.rm or SIB.base")] {
                let (name, meaning) = added(name, self.value((bit, bit)), of);
                self.bits(&name, (bit, bit), meaning);
            }
            let map = match self.value((4, 0)) {
                1 => "the opcodes after 0f",
                2 => "the opcodes after 0f 38",
                _ => "the opcodes after 0f 3a",
            };
            self.bits("map", (4, 0), map);
            self.at += 1;
            self.bits("W", (7, 7), "the operand size, or a part of the opcode");
        }
        let in_vvvv = self.operand(|kind| kind.ends_with("_vvvv"));
        let meaning = match in_vvvv {
            Some(index) => register(self.it.op_register(index)),
            None => "no register".to_owned(),
        };
        self.bits("vvvv", (6, 3), meaning);
        let length = match self.value((2, 2)) {
            0 => "vectors of 128 bits, or scalars",
            _ => "vectors of 256 bits",
        };
        self.bits("L", (2, 2), length);
        let prefix = match self.value((1, 0)) {
            0 => "no prefix",
            1 => "as the prefix 66",
            2 => "as the prefix f3",
            _ => "as the prefix f2",
        };
        self.bits("pp", (1, 0), prefix);
        self.at += 1;
        self.bits("opcode", (7, 0), self.selected());
        self.at += 1;
    }

    /// EVEX and XOP: bytes that stand for prefixes and escapes, then the opcode.
    fn vector_prefix(&mut self) {
        let (name, length) = match self.bytes[self.at] {
            0x62 => ("EVEX", 4),
            _ => ("XOP", 3),
        };
        for n in 0..length {
            let meaning = match n {
                0 => "stands for prefixes and the opcode's escape",
                _ => "register numbers, map, vector length",
            };
            self.bits(name, (7, 0), meaning);
            self.at += 1;
        }
        self.bits("opcode", (7, 0), self.selected());
        self.at += 1;
    }

    /// ModRM and SIB, if there are bytes left before the constants.
    fn modrm(&mut self, end: usize) {
        if self.at >= end {
            return;
        }
        let (mode, reg, rm) = (self.value((7, 6)), self.value((5, 3)), self.value((2, 0)));
        let has_sib = mode != 3 && rm == 4;
        let meaning = match (mode, rm) {
            (3, _) => "rm is a register",
            (0, 5) => "in memory, relative to rip",
            (0, _) => "in memory, without displacement",
            (1, _) => "in memory, with a displacement of 8 bits",
            _ => "in memory, with a displacement of 32 bits",
        };
        self.bits("mod", (7, 6), meaning);
        let in_reg = self.operand(|kind| kind.ends_with("_reg"));
        let meaning = match in_reg {
            _ if self.code.is_group() => format!("/{reg}: {}", lower_case(self.it.mnemonic())),
            Some(index) if self.it.op_kind(index) == OpKind::Register => {
                register(self.it.op_register(index))
            }
            _ => "not used".to_owned(),
        };
        self.bits("reg", (5, 3), meaning);
        let in_rm = self.operand(|kind| {
            kind.ends_with("_or_mem") || kind.ends_with("_rm") || kind.contains("vsib")
        });
        let meaning = match (mode, rm) {
            (3, _) => match in_rm {
                Some(index) if self.it.op_kind(index) == OpKind::Register => {
                    register(self.it.op_register(index))
                }
                _ => "part of the opcode".to_owned(),
            },
            (_, 4) => "a SIB byte follows".to_owned(),
            (0, 5) => "rip".to_owned(),
            _ => format!("base {}", register(self.it.memory_base())),
        };
        self.bits("rm", (2, 0), meaning);
        self.at += 1;
        if has_sib && self.at < end.max(self.at + 1) {
            let scale = 1 << self.value((7, 6));
            self.bits("scale", (7, 6), format!("index times {scale}"));
            let name = |register: Register, what: &str| match register {
                Register::None => format!("no {what}"),
                register => self::register(register),
            };
            self.bits("index", (5, 3), name(self.it.memory_index(), "index"));
            self.bits("base", (2, 0), name(self.it.memory_base(), "base"));
            self.at += 1;
        }
    }

    /// The first operand of some kind.
    fn operand(&self, is_it: impl Fn(&str) -> bool) -> Option<u32> {
        let kind = |index: u32| -> OpCodeOperandKind { self.code.op_kind(index) };
        (0..self.code.op_count()).find(|index| is_it(&format!("{:?}", kind(*index))))
    }
}

/// What an opcode is of, apart from ModRM.
type Group = (EncodingKind, OpCodeTableKind, MandatoryPrefix, u32);

fn group(code: &OpCodeInfo) -> Group {
    (
        code.encoding(),
        code.table(),
        code.mandatory_prefix(),
        code.op_code(),
    )
}

/// The instructions that share an opcode, in the order of their names.
static GROUPS: LazyLock<HashMap<Group, Vec<String>>> = LazyLock::new(|| {
    let mut groups: HashMap<Group, Vec<String>> = HashMap::new();
    for code in Code::values().filter(|code| code.op_code().mode64()) {
        let names = groups.entry(group(code.op_code())).or_default();
        names.push(lower_case(code.mnemonic()));
    }
    for names in groups.values_mut() {
        names.sort();
        names.dedup();
    }
    groups
});

/// The bytes of an opcode, escapes included.
pub fn opcode_length(code: &OpCodeInfo) -> usize {
    use OpCodeTableKind::{T0F, T0F3A, T0F38};
    let escapes = match code.table() {
        T0F => 1,
        T0F38 | T0F3A => 2,
        _ => 0,
    };
    escapes + code.op_code_len() as usize
}

fn register(register: Register) -> String {
    lower_case(register)
}

fn little_endian(bytes: &[u8]) -> u64 {
    bytes
        .iter()
        .rev()
        .fold(0, |number, byte| number << 8 | u64::from(*byte))
}

/// Small numbers in decimal, large ones in hexadecimal.
fn number(value: i64) -> String {
    match value {
        -4096..=4096 => value.to_string(),
        _ if value < 0 => format!("-{:#x}", value.unsigned_abs()),
        _ => format!("{value:#x}"),
    }
}

fn displacement(it: &Instruction, size: usize) -> String {
    if it.is_ip_rel_memory_operand() {
        let target = it.ip_rel_memory_address();
        let distance = number(target.wrapping_sub(it.next_ip()) as i64);
        return format!("{distance}: at {target:#x}");
    }
    match (it.memory_base(), size) {
        (Register::None, _) => format!("{:#x}", it.memory_displacement64()),
        _ => number(it.memory_displacement64() as i64),
    }
}

fn immediate(it: &Instruction, bytes: &[u8], at: usize, size: usize) -> String {
    let raw = little_endian(&bytes[at..at + size]);
    let unused = 64 - 8 * size as u32;
    let signed = ((raw << unused) as i64) >> unused;
    let is_jump = (0..it.op_count()).any(|index| {
        matches!(
            it.op_kind(index),
            OpKind::NearBranch16 | OpKind::NearBranch32 | OpKind::NearBranch64
        )
    });
    match is_jump {
        true => format!("{}: to {:#x}", number(signed), it.near_branch_target()),
        false => number(signed),
    }
}
