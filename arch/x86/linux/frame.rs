//! What a handler finds on its stack: the kernel's `arch/x86/kernel/signal_64.c`, and `sigcontext.h`
//! and `ucontext.h` of its headers.

use super::SHAPE;
use crate::levels::Level;
use crate::regs::{
    CODE_SELECTOR, DF, ERROR_CODE, FAULT_ADDRESS, FS_SELECTOR, GENERAL, GS_SELECTOR, OTHER_FLAGS,
    RAX, RBP, RBX, RCX, RDI, RDX, RSI, RSP, STACK_SELECTOR, TRAP_NUMBER, USER_CODE, USER_DATA,
};
use crate::semantics::{
    AREA, ENABLED, HELD, IMAGE, area, image, restored_area, rflags, set_rflags,
};
use portolan_linux::generic;
use portolan_linux::layout::{Reader, Writer};
use portolan_linux::signals::{AlternateStack, Frame, FrameKind, Restored};
use portolan_machine::guest::Core;
use portolan_machine::memory::{Cause, Fault, Intent};
use portolan_machine::registers::Slot;

/// The general registers in the order of `struct sigcontext`.
const REGISTERS: [Slot; 16] = [
    GENERAL + 8,
    GENERAL + 9,
    GENERAL + 10,
    GENERAL + 11,
    GENERAL + 12,
    GENERAL + 13,
    GENERAL + 14,
    GENERAL + 15,
    RDI,
    RSI,
    RBP,
    RBX,
    RDX,
    RAX,
    RCX,
    RSP,
];

/// `struct ucontext`: flags and link, the alternate stack, the sigcontext, the mask.
const UCONTEXT: usize = 16 + 24 + SIGCONTEXT + 8;
const SIGCONTEXT: usize = 256;
/// The sigcontext's pointer to the state of x87 and SSE.
const FPSTATE: usize = 16 + 24 + 184;
const SIGINFO: usize = 128;
/// The address that the handler returns to, which comes first.
const RETURN: u64 = 8;

/// In `uc_flags`: the selector of the stack segment is there, and is restored as it is.
const STACK_SELECTOR_IS_THERE: u64 = 2 | 4;

/// In `uc_flags`: the state of x87 and SSE is the beginning of an area of xsave.
const AREA_IS_THERE: u64 = 1;

// `struct _fpx_sw_bytes`, in the bytes of the image that are software's: that an area follows, and what
// it has.
const SOFTWARE: usize = 464;
const MAGIC_1: u32 = 0x4650_5853;
/// What the area ends with.
const MAGIC_2: u32 = 0x4650_5845;
const WITH_MAGIC: usize = AREA + 4;

/// Below the stack pointer, what functions that call no others may use.
const RED_ZONE: u64 = 128;
/// TF, which like DF is clear in a handler.
const TRAP_FLAG: u64 = 1 << 8;

/// `struct rt_sigframe`, below the processor's state as XSAVE stores it.
pub fn push(core: &mut dyn Core, frame: &Frame) -> Result<(), Fault> {
    let own_stack = core.register(RSP) == frame.top;
    let spared = if own_stack { RED_ZONE } else { 0 };
    // Without xsave, what fxsave stores is all.
    let has_area = Level::of_mode(core.mode()) >= Level::V3;
    let state = match has_area {
        true => state(core).to_vec(),
        false => image(|slot| core.register(slot)).to_vec(),
    };
    let state_at = frame.top.wrapping_sub(spared + state.len() as u64) & !63;
    let size = RETURN + (UCONTEXT + SIGINFO) as u64;
    // As if a call had just stored the return address.
    let start = (state_at.wrapping_sub(size) & !15).wrapping_sub(RETURN);

    let bytes = Writer::new(SHAPE)
        .u64(frame.restorer)
        .u64(if has_area { AREA_IS_THERE } else { 0 } | STACK_SELECTOR_IS_THERE)
        .u64(0)
        .raw(&frame.stack.encode(SHAPE, &generic::STACK64BIT))
        .raw(&context(core, frame, state_at))
        .u64(frame.mask as u64)
        .raw(&frame.info)
        .finish();
    core.memory().write(state_at, &state)?;
    core.memory().write(start, &bytes)?;

    let context = start.wrapping_add(RETURN);
    core.set_register(RDI, frame.number as u64);
    core.set_register(RSI, context.wrapping_add(UCONTEXT as u64));
    core.set_register(RDX, context);
    // Functions with variable arguments find here how many are in vector registers.
    core.set_register(RAX, 0);
    core.set_register(RSP, start);
    core.set_register(DF, 0);
    core.set_register(OTHER_FLAGS, core.register(OTHER_FLAGS) & !TRAP_FLAG);
    core.set_register(CODE_SELECTOR, USER_CODE);
    core.set_register(STACK_SELECTOR, USER_DATA);
    core.set_pc(frame.handler);
    Ok(())
}

pub fn pop(core: &mut dyn Core, _: FrameKind) -> Result<Restored, Fault> {
    let mut bytes = vec![0; UCONTEXT];
    core.memory().read(core.register(RSP), &mut bytes)?;
    let initial = area(|_| 0);
    let (state, refused) = match SHAPE.decode(&bytes[FPSTATE..FPSTATE + 8]) {
        0 => (restored_area(&initial), None),
        at => match state_at(core, at) {
            Ok(Some(state)) => (Some(state), None),
            // xrstor refuses it.
            Ok(None) => (
                None,
                Some(Fault {
                    address: at,
                    intent: Intent::Read,
                    cause: Cause::Protection,
                }),
            ),
            Err(fault) => (None, Some(fault)),
        },
    };
    let mut r = Reader::new(SHAPE, &bytes);
    r.raw(16);
    let stack = AlternateStack::decode(SHAPE, &generic::STACK64BIT, r.raw(24));
    for slot in REGISTERS {
        core.set_register(slot, r.u64());
    }
    core.set_pc(r.u64());
    set_rflags(core, r.u64());
    for slot in [CODE_SELECTOR, GS_SELECTOR, FS_SELECTOR, STACK_SELECTOR] {
        core.set_register(slot, r.u16().into());
    }
    let mask = SHAPE.decode(&bytes[UCONTEXT - 8..]).into();
    // What cannot be taken back is as it was when the program started.
    let state = state.or_else(|| restored_area(&initial));
    for (slot, value) in state.unwrap_or_default() {
        core.set_register(slot, value);
    }
    Ok(Restored {
        mask,
        stack: Some(stack),
        refused,
    })
}

/// The area, with what tells that it is one.
fn state(core: &dyn Core) -> [u8; WITH_MAGIC] {
    let mut state = [0; WITH_MAGIC];
    state[..AREA].copy_from_slice(&area(|slot| core.register(slot)));
    let software = Writer::new(SHAPE)
        .u32(MAGIC_1)
        .u32(WITH_MAGIC as u32)
        .u64(ENABLED)
        .u32(AREA as u32)
        .finish();
    state[SOFTWARE..SOFTWARE + software.len()].copy_from_slice(&software);
    state[AREA..].copy_from_slice(&MAGIC_2.to_le_bytes());
    state
}

/// What the slots held when a state was stored: `arch/x86/kernel/fpu/signal.c`. Without an area, what
/// that has beyond the image is as in the beginning.
fn state_at(core: &dyn Core, at: u64) -> Result<Option<Vec<(Slot, u64)>>, Fault> {
    let mut state = [0; WITH_MAGIC];
    core.memory().read(at, &mut state[..IMAGE])?;
    let word = |state: &[u8], place: usize| SHAPE.decode(&state[place..place + 4]) as u32;
    let sizes = [SOFTWARE + 4, SOFTWARE + 16].map(|place| word(&state, place) as usize);
    let mut has_area = word(&state, SOFTWARE) == MAGIC_1 && sizes == [WITH_MAGIC, AREA];
    if has_area {
        core.memory().read(at, &mut state)?;
        has_area = word(&state, AREA) == MAGIC_2;
    }
    let mut area = [0; AREA];
    match has_area {
        true => {
            area.copy_from_slice(&state[..AREA]);
            let features = SHAPE.decode(&state[SOFTWARE + 8..SOFTWARE + 16]);
            let held = SHAPE.decode(&state[HELD..HELD + 8]) & features;
            area[HELD..HELD + 8].copy_from_slice(&held.to_le_bytes());
        }
        false => {
            area[..IMAGE].copy_from_slice(&state[..IMAGE]);
            area[HELD] = 3;
        }
    }
    Ok(restored_area(&area))
}

/// `struct sigcontext`.
fn context(core: &dyn Core, frame: &Frame, state_at: u64) -> Vec<u8> {
    let selector = |slot| core.register(slot) as u16;
    REGISTERS
        .iter()
        .fold(Writer::new(SHAPE), |out, slot| {
            out.u64(core.register(*slot))
        })
        .u64(core.pc())
        .u64(rflags(core))
        .u16(selector(CODE_SELECTOR))
        .u16(selector(GS_SELECTOR))
        .u16(selector(FS_SELECTOR))
        .u16(selector(STACK_SELECTOR))
        .u64(core.register(ERROR_CODE))
        .u64(core.register(TRAP_NUMBER))
        .u64(frame.mask as u64)
        .u64(core.register(FAULT_ADDRESS))
        .u64(state_at)
        .pad(SIGCONTEXT)
        .finish()
}
