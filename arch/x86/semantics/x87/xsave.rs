//! The XSAVE instructions (Volume 1, Chapter 13): those components of the state that edx:eax chooses.
//! There are three: x87, SSE, and AVX, which is the upper halves of the YMM registers.

use super::semantics;
use super::state::{
    Loaded, MXCSR, VECTORS, load_slots, refuse_reserved, set_mxcsr, slots, store_mxcsr,
    store_slots, store_stack,
};
use crate::decode::Instruction;
use crate::regs::{FPU_OPCODE, FPU_TAGS, RAX, RCX, RDX, ST, XMM, YMM_HIGH};
use crate::semantics::vector::mxcsr_word;
use crate::semantics::{GENERAL_PROTECTION, Hart};
use portolan_machine::domain::{Domain, Word};
use portolan_machine::memory::{Access, Intent};
use portolan_machine::registers::Slot;
use portolan_machine::trap::Trap;

/// The components, as bits of XCR0.
pub const X87: u64 = 1;
/// See [`X87`].
pub const SSE: u64 = 2;
/// See [`X87`].
pub const AVX: u64 = 4;
/// XCR0: the components that the operating system has enabled.
pub const ENABLED: u64 = X87 | SSE | AVX;

/// Where the upper halves are.
pub const UPPER: usize = 576;
/// Bytes of the whole area.
pub const AREA: usize = UPPER + 256;
/// XSTATE_BV: the components that an area holds; the others are as in the beginning.
pub const HELD: usize = 512;
/// XCOMP_BV: how a compact area is laid out.
const LAYOUT: i64 = 520;
/// In XCOMP_BV: the area is compact.
const COMPACT: u64 = 1 << 63;
/// What MXCSR is in the beginning.
const INITIAL_MXCSR: i64 = 0x1f80;

semantics! { out of line:
    xgetbv   |cpu| {
        let number = cpu.read(RCX).zext(32);
        let refused = Trap::Software { code: GENERAL_PROTECTION };
        cpu.trap_when(number.ge_u(cpu.imm(2)), refused)?;
        let all = cpu.constant(ENABLED);
        let value = cpu.select(number.eq(cpu.imm(0)), all, in_use(cpu));
        cpu.write(RAX, value);
        cpu.write(RDX, cpu.imm(0));
    };
    xsave    |cpu, it| save(cpu, it, Saving::All)?;
    xsaveopt |cpu, it| save(cpu, it, Saving::InUse)?;
    xsavec   |cpu, it| save(cpu, it, Saving::Compact)?;
    xrstor   |cpu, it| {
        let at = cpu.at(it);
        cpu.trap_unless_aligned(ALIGNED, at, Intent::Read)?;
        let load = |place: i64| cpu.load(Access::U64, at + cpu.imm(place));
        let (held, layout) = (load(HELD as i64)?, load(LAYOUT)?);
        let mut reserved = load(LAYOUT + 8)?;
        let standard = layout | reserved;
        for place in (LAYOUT + 16..UPPER as i64).step_by(8) {
            reserved = reserved | load(place)?;
        }
        let compact = reserved
            | layout & cpu.constant(!(ENABLED | COMPACT))
            | held & !layout;
        let is_compact = layout.lt_s(cpu.imm(0));
        let wrong = cpu.select(is_compact, compact, standard) | held & cpu.constant(!ENABLED);
        let refused = Trap::Software { code: GENERAL_PROTECTION };
        cpu.trap_when(wrong.ne(cpu.imm(0)), refused)?;
        let requested = requested(cpu);
        let has = |component| has(cpu, held, component);
        let wants = |component| wants(cpu, requested, component);
        // A compact area has MXCSR only with SSE.
        let with_mxcsr = wants(SSE) | wants(AVX) & !is_compact;
        let mxcsr = cpu.load(Access::U32, at + cpu.imm(MXCSR))?;
        let mxcsr = cpu.select(!is_compact | has(SSE), mxcsr, cpu.imm(INITIAL_MXCSR));
        let mxcsr = cpu.select(with_mxcsr, mxcsr, mxcsr_word(cpu));
        refuse_reserved(cpu, mxcsr)?;
        for (component, slots) in VECTORS_OF {
            cpu.when(wants(component) & has(component), || {
                for (slot, value) in load_slots(cpu, at, slots())? {
                    cpu.write(slot, value);
                }
                Ok(())
            })?;
            cpu.when(wants(component) & !has(component), || {
                for (slot, _) in slots() {
                    cpu.write(slot, cpu.imm(0));
                }
                Ok(())
            })?;
        }
        cpu.when(wants(X87) & has(X87), || {
            Loaded::from(cpu, it, at)?.enter(cpu);
            Ok(())
        })?;
        cpu.when(wants(X87) & !has(X87), || {
            for slot in stack_slots() {
                cpu.write(slot, cpu.imm(0));
            }
            Ok(())
        })?;
        set_mxcsr(cpu, mxcsr);
    };
}

/// The area is aligned to a cache line.
const ALIGNED: Access = Access {
    bytes: 64,
    ..Access::U64
};

/// Which of the requested components are stored, and how.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Saving {
    All,
    /// Those that are not as in the beginning.
    InUse,
    /// The same, and the area is marked as compact.
    Compact,
}

/// Slots and where they are in the area.
type Places = fn() -> Box<dyn Iterator<Item = (Slot, i64)>>;

const VECTORS_OF: [(u64, Places); 2] = [
    (SSE, || Box::new(slots(XMM, 32, VECTORS))),
    (AVX, || Box::new(slots(YMM_HIGH, 32, UPPER as i64))),
];

/// The slots of the x87 unit, which are zero in the beginning.
fn stack_slots() -> impl Iterator<Item = Slot> {
    (ST..ST + 16).chain(FPU_TAGS..FPU_OPCODE + 1)
}

#[inline(always)]
fn save<D: Domain>(cpu: D, it: &Instruction, saving: Saving) -> Result<(), D::Leave> {
    let at = cpu.at(it);
    cpu.trap_unless_aligned(ALIGNED, at, Intent::Write)?;
    let (requested, used) = (requested(cpu), in_use(cpu));
    let stored = match saving {
        Saving::All => requested,
        _ => requested & used,
    };
    let before = match saving {
        Saving::Compact => cpu.imm(0),
        _ => cpu.load(Access::U64, at + cpu.imm(HELD as i64))? & !requested,
    };
    cpu.when(wants(cpu, stored, X87), || store_stack(cpu, it, at))?;
    let with_mxcsr = match saving {
        Saving::Compact => wants(cpu, stored, SSE),
        _ => wants(cpu, requested, SSE | AVX),
    };
    cpu.when(with_mxcsr, || store_mxcsr(cpu, at))?;
    for (component, slots) in VECTORS_OF {
        cpu.when(wants(cpu, stored, component), || {
            store_slots(cpu, at, slots())
        })?;
    }
    let held = before | requested & used;
    cpu.store(Access::U64, at + cpu.imm(HELD as i64), held)?;
    if saving == Saving::Compact {
        let layout = requested | cpu.constant(COMPACT);
        cpu.store(Access::U64, at + cpu.imm(LAYOUT), layout)?;
    }
    Ok(())
}

/// The components that edx:eax chooses.
#[inline(always)]
fn requested<D: Domain>(cpu: D) -> D::Word {
    cpu.read(RAX) & cpu.constant(ENABLED)
}

/// Whether one of some components is among others.
#[inline(always)]
fn wants<D: Domain>(cpu: D, components: D::Word, some: u64) -> D::Condition {
    (components & cpu.constant(some)).ne(cpu.imm(0))
}

#[inline(always)]
fn has<D: Domain>(cpu: D, components: D::Word, one: u64) -> D::Condition {
    wants(cpu, components, one)
}

/// XINUSE: the components that are not as in the beginning.
#[inline(always)]
fn in_use<D: Domain>(cpu: D) -> D::Word {
    let is_used = |slots: &mut dyn Iterator<Item = Slot>| {
        let all = slots.fold(cpu.imm(0), |all, slot| all | cpu.read(slot));
        all.ne(cpu.imm(0))
    };
    let stack = is_used(&mut stack_slots());
    let vectors = is_used(&mut (XMM..XMM + 32)) | mxcsr_word(cpu).ne(cpu.imm(INITIAL_MXCSR));
    let upper = is_used(&mut (YMM_HIGH..YMM_HIGH + 32));
    let bit =
        |used: D::Condition, component: u64| cpu.select(used, cpu.constant(component), cpu.imm(0));
    bit(stack, X87) | bit(vectors, SSE) | bit(upper, AVX)
}
