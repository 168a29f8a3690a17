//! MXCSR, and what every floating-point instruction does with it.

use super::{GENERAL_PROTECTION, Hart, semantics};
use crate::regs::{FLOAT_FLAGS, FLOAT_MODES, FLOAT_TRAPS};
use portolan_machine::domain::{Domain, FloatUnit, Helper, Word};
use portolan_machine::float::{
    FLUSH_RESULTS, Flags, Format, OPERANDS_ARE_ZERO, Operation, Rounding, Rules, UNDERFLOW_TRAPS,
};
use portolan_machine::memory::Access;
use portolan_machine::registers::Slot;
use portolan_machine::trap::Trap;

semantics! { out of line:
    ldmxcsr |cpu, it| {
        let value = cpu.load(Access::U32, cpu.at(it))?;
        let reserved = value >> cpu.imm(MXCSR_RESERVED);
        cpu.trap_when(reserved.ne(cpu.imm(0)), Trap::Software { code: GENERAL_PROTECTION })?;
        for (slot, part) in [(FLOAT_FLAGS, 0i64), (FLOAT_MODES, 1), (FLOAT_TRAPS, 2)] {
            cpu.write(slot, cpu.call(&PART, [value, cpu.imm(part), cpu.imm(0)]));
        }
    };
    stmxcsr |cpu, it| {
        cpu.store(Access::U32, cpu.at(it), mxcsr_word(cpu))?;
    };
}

/// The bits from here on are reserved.
pub(in crate::semantics) const MXCSR_RESERVED: u8 = 16;

/// The floating-point unit of SSE.
pub static UNIT: FloatUnit = FloatUnit {
    rules: Rules::SSE,
    flags: FLOAT_FLAGS,
    collected: None,
    modes: &[FLOAT_MODES, FLOAT_TRAPS],
};

/// Floating-point operations under MXCSR.
///
/// All operations of an instruction stand between [`Floats::begin`] and [`Floats::finish`]. Flags only
/// accumulate where nothing traps, which lets operations be fast; otherwise an instruction starts with
/// none, so that it is known what it raised.
pub(in crate::semantics) trait Floats: Hart {
    /// Begins an instruction; the result goes to [`Floats::finish`].
    #[inline(always)]
    fn begin(&self) -> Self::Word {
        let before = self.read(FLOAT_FLAGS);
        let nothing_traps = self.read(FLOAT_TRAPS).eq(self.imm(0));
        self.write(FLOAT_FLAGS, self.select(nothing_traps, before, self.imm(0)));
        before
    }

    /// An operation, rounded as MXCSR says.
    #[inline(always)]
    fn step(&self, operation: Operation, format: Format, operands: [Self::Word; 2]) -> Self::Word {
        self.step_in(self.read(FLOAT_MODES), operation, format, operands)
    }

    /// An operation in modes of its own.
    #[inline(always)]
    fn step_in(
        &self,
        modes: Self::Word,
        operation: Operation,
        format: Format,
        [a, b]: [Self::Word; 2],
    ) -> Self::Word {
        self.float(&UNIT, operation, format, modes, [a, b, self.imm(0)])
    }

    /// Traps if something was raised that is not masked (#XM). What is raised before the operation is
    /// carried out then excludes what results raise (Volume 1, Section 11.5.3).
    #[inline(always)]
    fn finish(&self, before: Self::Word) -> Result<(), Self::Leave> {
        let raised = self.read(FLOAT_FLAGS);
        let traps = raised & self.read(FLOAT_TRAPS);
        let early = self.imm(EARLY.bits());
        let is_early = (traps & early).ne(self.imm(0));
        let raised = self.select(is_early, raised & early, raised);
        self.write(FLOAT_FLAGS, before | raised);
        let traps = self.select(is_early, traps & early, traps);
        self.trap_when(traps.ne(self.imm(0)), Trap::Float { raised: traps })
    }
}

impl<D: Hart> Floats for D {}

/// The exceptions that operands raise.
const EARLY: Flags =
    Flags::from_bits(Flags::INVALID.bits() | Flags::DENORMAL.bits() | Flags::DIVIDE_BY_ZERO.bits());

/// The exceptions in the order of their bits in MXCSR: flags from bit 0, masks from bit 7.
const EXCEPTIONS: [Flags; 6] = [
    Flags::INVALID,
    Flags::DENORMAL,
    Flags::DIVIDE_BY_ZERO,
    Flags::OVERFLOW,
    Flags::UNDERFLOW,
    Flags::INEXACT,
];
/// MXCSR.DAZ: subnormal operands are zeros.
const DAZ: u64 = 1 << 6;
/// Where MXCSR.RC is, the rounding direction.
const RC: u32 = 13;
/// MXCSR.FTZ: tiny results are zeros.
const FTZ: u64 = 1 << 15;

/// The directions as MXCSR.RC numbers them.
pub(super) const ROUNDINGS: [Rounding; 4] = [
    Rounding::NearestEven,
    Rounding::Down,
    Rounding::Up,
    Rounding::TowardZero,
];

static MXCSR: Helper = Helper {
    name: "mxcsr",
    arity: 3,
    function: mxcsr_of,
};

pub(in crate::semantics) static PART: Helper = Helper {
    name: "mxcsr_part",
    arity: 2,
    function: part,
};

/// MXCSR in the words of a domain.
#[inline(always)]
pub(in crate::semantics) fn mxcsr_word<D: Domain>(cpu: D) -> D::Word {
    let parts = [FLOAT_FLAGS, FLOAT_MODES, FLOAT_TRAPS].map(|slot| cpu.read(slot));
    cpu.call(&MXCSR, parts)
}

/// What the slots hold that MXCSR consists of.
pub fn mxcsr_slots(mxcsr: u32) -> [(Slot, u64); 3] {
    let value = |number| part(mxcsr.into(), number, 0);
    [
        (FLOAT_FLAGS, value(0)),
        (FLOAT_MODES, value(1)),
        (FLOAT_TRAPS, value(2)),
    ]
}

/// MXCSR, of what the slots hold.
pub fn mxcsr(slot: impl Fn(Slot) -> u64) -> u32 {
    mxcsr_of(slot(FLOAT_FLAGS), slot(FLOAT_MODES), slot(FLOAT_TRAPS)) as u32
}

extern "C" fn mxcsr_of(flags: u64, modes: u64, traps: u64) -> u64 {
    let set = |flags: u64| {
        let holds = |flag: &Flags| flags & u64::from(flag.bits()) != 0;
        let bits = EXCEPTIONS.iter().zip(0..).filter(|(flag, _)| holds(flag));
        bits.fold(0, |all, (_, place)| all | 1u64 << place)
    };
    let direction = ROUNDINGS
        .iter()
        .position(|it| u64::from(it.index()) == modes & 7);
    let mode = |mode, bit| if modes & mode != 0 { bit } else { 0 };
    set(flags)
        | mode(OPERANDS_ARE_ZERO, DAZ)
        | (set(traps) ^ 0x3f) << 7
        | (direction.unwrap_or(0) as u64) << RC
        | mode(FLUSH_RESULTS, FTZ)
}

/// What MXCSR says of the flags, the modes, or the traps.
extern "C" fn part(mxcsr: u64, part: u64, _: u64) -> u64 {
    let set = |bits: u64| {
        let chosen = EXCEPTIONS
            .iter()
            .zip(0..)
            .filter(|(_, place)| bits >> place & 1 != 0);
        chosen.fold(0, |all, (flag, _)| all | u64::from(flag.bits()))
    };
    let traps = set(!mxcsr >> 7 & 0x3f);
    match part {
        0 => set(mxcsr & 0x3f),
        1 => {
            let mode = |bit, mode| if mxcsr & bit != 0 { mode } else { 0 };
            let underflow_traps = traps & u64::from(Flags::UNDERFLOW.bits()) != 0;
            u64::from(ROUNDINGS[(mxcsr >> RC & 3) as usize].index())
                | mode(DAZ, OPERANDS_ARE_ZERO)
                | mode(FTZ, FLUSH_RESULTS)
                | if underflow_traps { UNDERFLOW_TRAPS } else { 0 }
        }
        _ => traps,
    }
}
