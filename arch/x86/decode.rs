//! From bytes to instructions: iced-x86 decodes, and what semantics look at is taken out of its answer.

use crate::encoding::{Op, ROWS};
use crate::levels::Level;
use crate::regs::{FS_BASE, GENERAL, GS_BASE, SELECTORS, ST, XMM};
use crate::semantics::{Fused, WIDE};
use iced_x86::{
    Code, ConditionCode, Decoder, DecoderError, DecoderOptions, EncodingKind, Mnemonic, OpKind,
    Register,
};
use portolan_machine::guest::{Flow, Undecoded};
use portolan_machine::registers::Slot;
use std::collections::HashMap;
use std::sync::LazyLock;

/// A decoded instruction that is executed.
#[derive(Clone, Copy, Debug)]
pub struct Instruction {
    /// The operation.
    pub op: Op,
    /// The length in bytes.
    pub length: u8,
    /// Which bytes are repeated, or the lock prefix.
    pub prefix: Prefix,
    /// For what depends on flags, the condition's number: the low four bits of its opcode. For text
    /// comparisons, whether lengths have 64 bits. For cpuid, the level. For fused operations, which operand is what: see
    /// [`Fused`](crate::semantics::Fused).
    pub condition: u8,
    /// The width in bits of addresses, and of rcx as a counter.
    pub address_bits: u8,
    /// How vectors are encoded, and how wide they are.
    pub form: Form,
    /// The operands in the manual's order.
    pub operands: [Operand; 3],
    /// Where the operand in memory is, if there is one.
    pub address: Address,
    /// The immediate, extended to 64 bits; where a jump or call goes to; both numbers of enter; the
    /// opcode of an instruction of the x87 unit, as the unit stores it.
    pub immediate: u64,
}

/// A prefix that changes what the instruction does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Prefix {
    /// None.
    None,
    /// `lock`: the access to memory is atomic.
    Lock,
    /// `rep` or `repe`: as often as rcx says; comparisons end it where they differ.
    Rep,
    /// `repne`: as often as rcx says; comparisons end it where they agree.
    Repne,
}

/// How vectors are encoded, and how wide they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// Without VEX: 128 bits, or no vectors at all.
    Legacy,
    /// With VEX: 128 bits, or scalars.
    Vex128,
    /// With VEX: 256 bits.
    Vex256,
}

impl Form {
    /// How many halves of 128 bits vectors have.
    pub fn halves(self) -> usize {
        match self {
            Form::Vex256 => 2,
            _ => 1,
        }
    }
}

/// An operand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Operand {
    /// What it is.
    pub kind: Kind,
    /// The register's slot. Of a vector of 256 bits it is that of its lower half.
    pub slot: Slot,
    /// The slot that is read, where the operand is also a source: with VEX that is another register,
    /// which is no operand of its own here.
    pub source: Slot,
    /// Its width in bits; that of a half, where it has two.
    pub bits: u8,
    /// Its lowest bit in the register: 8 for ah, ch, dh and bh.
    pub shift: u8,
}

/// What an operand is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// There is none.
    None,
    /// A register, or a part of one.
    Register,
    /// In memory, at the instruction's address.
    Memory,
    /// The immediate.
    Immediate,
}

/// How an address is computed: base + index * scale + displacement, and the segment's base.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Address {
    /// The base register, or [`Address::NONE`].
    pub base: Slot,
    /// The index register, or [`Address::NONE`].
    pub index: Slot,
    /// The shift that scales the index: 0 to 3.
    pub scale: u8,
    /// Where the segment's base is, or [`Address::NONE`].
    pub segment: Slot,
    /// The displacement; for an address relative to rip, the whole address.
    pub displacement: u64,
    /// Whether the address is relative to rip.
    pub relative: bool,
}

impl Address {
    /// The slot of no register.
    pub const NONE: Slot = Slot::MAX;
}

/// Decodes the instruction that `bytes` starts with, if it is one that is executed.
pub fn decode(bytes: &[u8], pc: u64) -> Result<Instruction, Undecoded> {
    decode_on(Level::Max, bytes, pc)
}

/// The same, for a processor of a level.
pub fn decode_on(level: Level, bytes: &[u8], pc: u64) -> Result<Instruction, Undecoded> {
    // Where the processor does not have tzcnt and lzcnt, their prefix means nothing, and compilers rely
    // on that.
    let options = match level < Level::V3 {
        true => DecoderOptions::NO_MPFX_0FBC | DecoderOptions::NO_MPFX_0FBD,
        false => DecoderOptions::NONE,
    };
    let it = parse_by(options, bytes, pc)?;
    let op = op(&it).filter(|_| level.has(it.code()));
    let op = op.ok_or_else(|| unsupported(&it))?;
    let mut instruction = translate(op, &it);
    if op == Op::cpuid {
        instruction.condition = level as u8;
    }
    if let Some(opcode) = fpu_opcode(&bytes[..it.len()]) {
        instruction.immediate = opcode;
    }
    Ok(instruction)
}

/// The instruction that bytes are: what iced-x86 makes of them.
pub fn parse(bytes: &[u8], pc: u64) -> Result<iced_x86::Instruction, Undecoded> {
    parse_by(DecoderOptions::NONE, bytes, pc)
}

fn parse_by(options: u32, bytes: &[u8], pc: u64) -> Result<iced_x86::Instruction, Undecoded> {
    let mut decoder = Decoder::with_ip(64, bytes, pc, options);
    let it = decoder.decode();
    match decoder.last_error() {
        DecoderError::None => Ok(it),
        DecoderError::NoMoreBytes => Err(Undecoded::Truncated {
            // One more at least; how many, only those can tell.
            needed: (bytes.len() + 1).min(15) as u8,
            present: bytes.len() as u8,
        }),
        _ => Err(Undecoded::Illegal { length: 1 }),
    }
}

/// The row of an instruction, if it is one that is executed.
pub fn row(it: &iced_x86::Instruction) -> Option<&'static crate::encoding::Row> {
    op(it).map(|op| &ROWS[op as usize])
}

/// The row of an encoding, if instructions of it are executed.
pub fn row_of(code: Code) -> Option<&'static crate::encoding::Row> {
    // Registers that no program has, or none here.
    const FOREIGN: [&str; 5] = ["cr_", "dr_", "tr_", "bnd_", "k_"];
    let operands = code.op_code();
    let kinds = (0..operands.op_count()).map(|index| format!("{:?}", operands.op_kind(index)));
    let is_foreign = |kind: &str| FOREIGN.iter().any(|name| kind.starts_with(name));
    let is_executed = has_form(code) && !kinds.into_iter().any(|kind| is_foreign(&kind));
    let op = named(code.mnemonic(), code.is_string_instruction())?;
    is_executed.then(|| &ROWS[op as usize])
}

/// The operation of an instruction, if it is one that is executed. Two names mean a string instruction
/// or one of vectors.
fn op(it: &iced_x86::Instruction) -> Option<Op> {
    let op = named(it.mnemonic(), it.is_string_instruction())?;
    is_executed(it).then_some(op)
}

fn named(mnemonic: Mnemonic, is_string_instruction: bool) -> Option<Op> {
    Some(match (mnemonic, is_string_instruction) {
        (Mnemonic::Movsd, true) => Op::movs,
        (Mnemonic::Movsd, false) => Op::movsd,
        (Mnemonic::Cmpsd, true) => Op::cmps,
        (Mnemonic::Cmpsd, false) => Op::cmpsd,
        (mnemonic, _) => OPS[mnemonic as usize]?,
    })
}

/// The operation of each mnemonic.
static OPS: LazyLock<Vec<Option<Op>>> = LazyLock::new(|| {
    let mut ops = vec![None; Mnemonic::values().len()];
    let names = Mnemonic::values().map(|it| (format!("{it:?}"), it));
    // The form with VEX: vaddps is addps.
    let with_vex = names.filter(|(name, _)| name.starts_with('V'));
    let with_vex: HashMap<String, Mnemonic> = with_vex.collect();
    for row in ROWS {
        for mnemonic in row.mnemonics {
            ops[*mnemonic as usize] = Some(row.op);
            let name = format!("V{}", format!("{mnemonic:?}").to_lowercase());
            if let Some(it) = with_vex.get(&name) {
                ops[*it as usize] = Some(row.op);
            }
        }
    }
    ops
});

/// What tells the fused operations of a row apart.
static FUSED: LazyLock<HashMap<Mnemonic, u8>> = LazyLock::new(|| {
    let kind = |it: Mnemonic| Some((it, Fused::of(&format!("{it:?}").to_lowercase())?.0));
    Mnemonic::values().filter_map(kind).collect()
});

/// With VEX, the register that is read where the legacy form reads what it writes.
fn first_source(op: Op, it: &iced_x86::Instruction) -> Option<u32> {
    let keeps_operands = it.code().encoding() != EncodingKind::VEX || Fused::OPS.contains(&op);
    let is_vector = |register: Register| register.is_xmm() || register.is_ymm();
    let are_registers = it.op0_kind() == OpKind::Register && is_vector(it.op1_register());
    let has_source = || has_source(it.mnemonic(), it.op_count(), it.op2_kind());
    (!keeps_operands && are_registers && has_source()).then_some(1)
}

/// Whether an instruction with VEX whose first operands are registers has one more than the legacy form. A third
/// one that is an immediate belongs to both, but for shifts. (What iced-x86 knows of an encoding's operands would tell, but
/// takes milliseconds to make ready.)
fn has_source(mnemonic: Mnemonic, operands: u32, third: OpKind) -> bool {
    use Mnemonic::*;
    let shifts = [
        Vpsllw, Vpslld, Vpsllq, Vpslldq, Vpsrlw, Vpsrld, Vpsrlq, Vpsrldq, Vpsraw, Vpsrad,
    ];
    match operands {
        0..3 => false,
        3 => third != OpKind::Immediate8 || shifts.contains(&mnemonic),
        _ => true,
    }
}

fn form(it: &iced_x86::Instruction) -> Form {
    if it.code().encoding() != EncodingKind::VEX {
        return Form::Legacy;
    }
    let is_wide = |index| match it.op_kind(index) {
        OpKind::Register => it.op_register(index).is_ymm(),
        OpKind::Memory => it.memory_size().size() == 32,
        _ => false,
    };
    let has_wide_index = it.is_vsib() && it.memory_index().is_ymm();
    match has_wide_index || (0..it.op_count()).any(is_wide) {
        true => Form::Vex256,
        false => Form::Vex128,
    }
}

/// Whether an encoding of a mnemonic is executed: those of MMX share the names of others, and system and
/// far forms belong to other rows.
fn is_executed(it: &iced_x86::Instruction) -> bool {
    let is_known = |index| match it.op_kind(index) {
        OpKind::Register => operand_register(it.op_register(index)).is_some(),
        _ => true,
    };
    has_form(it.code()) && (0..it.op_count()).all(is_known)
}

/// Whether an encoding is of a kind that is executed.
fn has_form(code: Code) -> bool {
    let is_far = matches!(
        code,
        Code::Jmp_m1616
            | Code::Jmp_m1632
            | Code::Jmp_m1664
            | Code::Call_m1616
            | Code::Call_m1632
            | Code::Call_m1664
    );
    matches!(code.encoding(), EncodingKind::Legacy | EncodingKind::VEX) && !is_far
}

/// How an instruction that is known by name is refused.
fn unsupported(it: &iced_x86::Instruction) -> Undecoded {
    let (name, extension) = NAMES[it.code() as usize];
    Undecoded::Unsupported {
        length: it.len() as u8,
        name,
        extension,
    }
}

/// The name and the CPUID feature of each encoding.
static NAMES: LazyLock<Vec<(&'static str, &'static str)>> = LazyLock::new(|| {
    let mut names = HashMap::new();
    let mut known = |text: String| *names.entry(text.clone()).or_insert_with(|| &*text.leak());
    Code::values()
        .map(|code| {
            let name = known(format!("{:?}", code.mnemonic()).to_lowercase());
            let features = code.cpuid_features().iter();
            let features: Vec<String> = features.map(|it| format!("{it:?}")).collect();
            (name, known(features.join(" and ")))
        })
        .collect()
});

fn translate(op: Op, it: &iced_x86::Instruction) -> Instruction {
    let mut operands = [NO_OPERAND; 3];
    let mut immediate = 0;
    let memory_bits = (it.memory_size().size() * 8).min(128) as u8;
    let first_source = first_source(op, it);
    let indices = (0..it.op_count()).filter(|index| first_source != Some(*index));
    for (operand, index) in operands.iter_mut().zip(indices) {
        *operand = match it.op_kind(index) {
            OpKind::Register => operand_register(it.op_register(index)).unwrap_or(NO_OPERAND),
            OpKind::NearBranch16 | OpKind::NearBranch32 | OpKind::NearBranch64 => {
                immediate = it.near_branch_target();
                Operand {
                    kind: Kind::Immediate,
                    bits: 64,
                    ..NO_OPERAND
                }
            }
            OpKind::Memory
            | OpKind::MemorySegSI
            | OpKind::MemorySegESI
            | OpKind::MemorySegRSI
            | OpKind::MemorySegDI
            | OpKind::MemorySegEDI
            | OpKind::MemorySegRDI
            | OpKind::MemoryESDI
            | OpKind::MemoryESEDI
            | OpKind::MemoryESRDI => Operand {
                kind: Kind::Memory,
                bits: memory_bits,
                ..NO_OPERAND
            },
            kind => {
                let place = if op == Op::enter { 16 * index } else { 0 };
                immediate |= it.immediate(index) << place;
                let is_narrow = matches!(kind, OpKind::Immediate16 | OpKind::Immediate8to16);
                Operand {
                    kind: Kind::Immediate,
                    bits: if is_narrow { 16 } else { 64 },
                    ..NO_OPERAND
                }
            }
        };
    }
    if let Some(index) = first_source {
        let source = operand_register(it.op_register(index)).unwrap_or(NO_OPERAND);
        operands[0].source = source.slot;
    }
    Instruction {
        op,
        length: it.len() as u8,
        prefix: prefix(it),
        condition: match it.mnemonic() {
            Mnemonic::Pcmpestri64 | Mnemonic::Pcmpestrm64 => WIDE,
            Mnemonic::Vpcmpestri64 | Mnemonic::Vpcmpestrm64 => WIDE,
            mnemonic if Fused::OPS.contains(&op) => FUSED.get(&mnemonic).copied().unwrap_or(0),
            mnemonic => match stack_condition(mnemonic) {
                Some(condition) => condition,
                None => condition(it.condition_code()),
            },
        },
        address_bits: address_bits(it),
        form: form(it),
        operands: match implied_bits(it.mnemonic(), it.code()) {
            Some(bits) => [Operand { bits, ..NO_OPERAND }, NO_OPERAND, NO_OPERAND],
            None => operands,
        },
        address: address(it),
        immediate,
    }
}

/// The opcode of an instruction of the x87 unit: three bits of the first byte, and the second.
fn fpu_opcode(bytes: &[u8]) -> Option<u64> {
    let is_prefix = |byte: &u8| {
        let segments = [0x26, 0x2e, 0x36, 0x3e, 0x64, 0x65];
        segments.contains(byte) || matches!(byte, 0x40..=0x4f | 0x66 | 0x67 | 0xf0 | 0xf2 | 0xf3)
    };
    let first = bytes.iter().position(|byte| !is_prefix(byte))?;
    match bytes[first..] {
        [escape @ 0xd8..=0xdf, second, ..] => Some(u64::from(escape & 7) << 8 | u64::from(second)),
        _ => None,
    }
}

/// The operand size of instructions that name no operand, and of those whose operand is larger than
/// memory accesses are.
fn implied_bits(mnemonic: Mnemonic, code: Code) -> Option<u8> {
    Some(match (mnemonic, code) {
        (Mnemonic::Cbw | Mnemonic::Cwd, _) | (_, Code::Pushfw | Code::Popfw) => 16,
        (Mnemonic::Cwde | Mnemonic::Cdq, _) => 32,
        (Mnemonic::Iret, _) | (_, Code::Retfw | Code::Retfw_imm16) => 16,
        (Mnemonic::Iretd, _) | (_, Code::Retfd | Code::Retfd_imm16) => 32,
        (Mnemonic::Iretq, _) | (_, Code::Retfq | Code::Retfq_imm16) => 64,
        (Mnemonic::Cdqe | Mnemonic::Cqo, _) | (_, Code::Pushfq | Code::Popfq) => 64,
        // The format of the environment.
        (_, Code::Fnstenv_m14byte | Code::Fldenv_m14byte) => 16,
        (_, Code::Fnsave_m94byte | Code::Frstor_m94byte) => 16,
        (Mnemonic::Fnstenv | Mnemonic::Fldenv | Mnemonic::Fnsave | Mnemonic::Frstor, _) => 32,
        // Of the pointers in the image.
        (Mnemonic::Fxsave | Mnemonic::Fxrstor, _) => 32,
        (Mnemonic::Fxsave64 | Mnemonic::Fxrstor64, _) => 64,
        (Mnemonic::Xsave | Mnemonic::Xsavec | Mnemonic::Xsaveopt | Mnemonic::Xrstor, _) => 32,
        (Mnemonic::Xsave64 | Mnemonic::Xsavec64, _) => 64,
        (Mnemonic::Xsaveopt64 | Mnemonic::Xrstor64, _) => 64,
        _ => return None,
    })
}

const NO_OPERAND: Operand = Operand {
    kind: Kind::None,
    slot: Address::NONE,
    source: Address::NONE,
    bits: 0,
    shift: 0,
};

fn prefix(it: &iced_x86::Instruction) -> Prefix {
    match () {
        () if it.has_lock_prefix() => Prefix::Lock,
        () if it.has_repne_prefix() => Prefix::Repne,
        () if it.has_rep_prefix() => Prefix::Rep,
        () => Prefix::None,
    }
}

/// Conditions as their opcodes number them (Appendix B: Condition Test Field).
fn condition(code: ConditionCode) -> u8 {
    use ConditionCode::*;
    match code {
        None | o => 0,
        no => 1,
        b => 2,
        ae => 3,
        e => 4,
        ne => 5,
        be => 6,
        a => 7,
        s => 8,
        ns => 9,
        p => 10,
        np => 11,
        l => 12,
        ge => 13,
        le => 14,
        g => 15,
    }
}

/// The conditions of fcmovcc.
fn stack_condition(mnemonic: Mnemonic) -> Option<u8> {
    Some(match mnemonic {
        Mnemonic::Fcmovb => 2,
        Mnemonic::Fcmovnb => 3,
        Mnemonic::Fcmove => 4,
        Mnemonic::Fcmovne => 5,
        Mnemonic::Fcmovbe => 6,
        Mnemonic::Fcmovnbe => 7,
        Mnemonic::Fcmovu => 10,
        Mnemonic::Fcmovnu => 11,
        _ => return None,
    })
}

/// The width of addresses: 32 bits with the prefix 67.
fn address_bits(it: &iced_x86::Instruction) -> u8 {
    let of_register = |register: Register| (register.size() * 8) as u8;
    let of_displacement = |it: &iced_x86::Instruction| (it.memory_displ_size() * 8) as u8;
    let kinds = || (0..it.op_count()).map(|index| it.op_kind(index));
    let is_narrow = kinds().any(|kind| {
        use OpKind::*;
        matches!(kind, MemorySegESI | MemorySegEDI | MemoryESEDI)
    });
    match it.code() {
        Code::Jecxz_rel8_64
        | Code::Loop_rel8_64_ECX
        | Code::Loope_rel8_64_ECX
        | Code::Loopne_rel8_64_ECX => 32,
        _ if is_narrow => 32,
        _ => match (it.memory_base(), it.memory_index()) {
            (Register::EIP, _) => 32,
            (Register::RIP, _) => 64,
            (Register::None, Register::None) => 64,
            (Register::None, _) if it.is_vsib() => of_displacement(it),
            (Register::None, index) => of_register(index),
            (base, _) => of_register(base),
        },
    }
}

fn address(it: &iced_x86::Instruction) -> Address {
    let slot = |register: Register| match register {
        Register::None | Register::RIP | Register::EIP => Address::NONE,
        register if register.is_gpr() => GENERAL + register.full_register().number() as Slot,
        // Elements of it are indices.
        register => XMM + 2 * register.number() as Slot,
    };
    Address {
        base: slot(it.memory_base()),
        index: slot(it.memory_index()),
        scale: it.memory_index_scale().trailing_zeros() as u8,
        segment: match it.memory_segment() {
            Register::FS => FS_BASE,
            Register::GS => GS_BASE,
            _ => Address::NONE,
        },
        displacement: it.memory_displacement64(),
        relative: it.is_ip_rel_memory_operand(),
    }
}

/// A register as an operand, if it is an integer, segment or XMM register, or one of the x87 stack or
/// of MMX, where the physical register of its number is on top.
fn operand_register(register: Register) -> Option<Operand> {
    let bits = (register.size() * 8).min(128) as u8;
    let number = register.full_register().number() as Slot;
    let (slot, shift) = match register {
        Register::AH | Register::CH | Register::DH | Register::BH => (GENERAL + number, 8),
        _ if register.is_gpr() => (GENERAL + number, 0),
        _ if register.is_segment_register() => (SELECTORS + number, 0),
        _ if register.is_xmm() || register.is_ymm() => (XMM + 2 * number, 0),
        _ if register.is_st() || register.is_mm() => (ST + 2 * number, 0),
        _ => return None,
    };
    Some(Operand {
        kind: Kind::Register,
        slot,
        source: slot,
        bits,
        shift,
    })
}

/// How an instruction continues.
pub fn flow(instruction: &Instruction) -> Flow {
    match instruction.op {
        Op::jmp => Flow::Jump,
        Op::jcc | Op::jrcxz | Op::loop_ | Op::loope | Op::loopne => Flow::Branch,
        Op::call => Flow::Call,
        Op::ret | Op::retf | Op::iret => Flow::Return,
        Op::int1 | Op::int3 | Op::int | Op::ud0 | Op::ud1 | Op::ud2 | Op::hlt | Op::syscall => {
            Flow::Trap
        }
        Op::rdtsc | Op::rdtscp | Op::rdrand | Op::rdseed => Flow::Alone,
        // An iteration that is not the last goes back to the instruction itself.
        Op::movs | Op::cmps | Op::scas | Op::lods | Op::stos
            if instruction.prefix != Prefix::None =>
        {
            Flow::Branch
        }
        // So does an atomic access that met another one.
        Op::cmpxchg16b => Flow::Branch,
        _ if instruction.prefix == Prefix::Lock => Flow::Branch,
        _ => Flow::Next,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use OpCodeOperandKind::{xmm_vvvv, ymm_vvvv};
    use iced_x86::OpCodeOperandKind;

    /// Whatever is executed has its source in VEX.vvvv exactly if iced-x86 says so.
    #[test]
    fn sources_of_vex() {
        let mut sources = 0;
        for code in Code::values().filter(|code| code.encoding() == EncodingKind::VEX) {
            let known = code.op_code();
            let op = named(code.mnemonic(), false).filter(|op| !Fused::OPS.contains(op));
            if op.is_none() || known.op_count() < 3 {
                continue;
            }
            let kind = |index| format!("{:?}", known.op_kind(index));
            let is_vector = ["xmm", "ymm"].iter().any(|it| kind(1).starts_with(it));
            if kind(0).starts_with("mem") || kind(0).starts_with("seg") || !is_vector {
                continue;
            }
            let third = match known.op2_kind() {
                OpCodeOperandKind::imm8 => OpKind::Immediate8,
                _ => OpKind::Register,
            };
            let is_vvvv = |index| matches!(known.op_kind(index), xmm_vvvv | ymm_vvvv);
            let expected = is_vvvv(0) || is_vvvv(1);
            let found = has_source(code.mnemonic(), known.op_count(), third);
            assert_eq!(found, expected, "{code:?}");
            sources += usize::from(expected);
        }
        assert!(sources > 300, "{sources} only");
    }
}
