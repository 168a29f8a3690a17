//! What a handler finds on its stack: the kernel's `arch/mips/kernel/signal.c`, and `sigcontext.h`
//! and `ucontext.h` of its headers.
//!
//! o32 has two kinds of frames. The older one has no siginfo, and the sigcontext where the newer one
//! has its siginfo.

use super::{A0, SP};
use crate::decode::{DELAY_SLOT, WIDE_FLOATS};
use crate::regs::{F, HI, LINKED_BYTES, LO, R, fcsr, set_fcsr};
use portolan_linux::layout::{Layout, Reader, Shape, Writer};
use portolan_linux::signals::{AlternateStack, Frame, FrameKind, Restored, decode_set, encode_set};
use portolan_machine::guest::Core;
use portolan_machine::memory::Fault;
use portolan_machine::registers::Slot;

const T9: Slot = R + 25;
const RA: Slot = R + 31;

/// li v0, 4193 (rt_sigreturn); syscall; li v0, 4119 (sigreturn); syscall
const RETURN_O32: [u32; 4] = [0x2402_1061, 0x0000_000c, 0x2402_1017, 0x0000_000c];
/// Where the second of them starts.
const SIGRETURN_O32: u64 = 8;
/// li v0, 5211 (rt_sigreturn); syscall
const RETURN_N64: [u32; 2] = [0x2402_145b, 0x0000_000c];

pub const TRAMPOLINES_O32_BIG: [u8; 16] = big(RETURN_O32);
pub const TRAMPOLINES_O32_LITTLE: [u8; 16] = little(RETURN_O32);
pub const TRAMPOLINE_N64_BIG: [u8; 8] = big(RETURN_N64);
pub const TRAMPOLINE_N64_LITTLE: [u8; 8] = little(RETURN_N64);

const fn big<const WORDS: usize, const BYTES: usize>(code: [u32; WORDS]) -> [u8; BYTES] {
    let (mut out, mut index) = ([0; BYTES], 0);
    while index < BYTES {
        out[index] = code[index / 4].to_be_bytes()[index % 4];
        index += 1;
    }
    out
}

const fn little<const WORDS: usize, const BYTES: usize>(code: [u32; WORDS]) -> [u8; BYTES] {
    let (mut out, mut index) = ([0; BYTES], 0);
    while index < BYTES {
        out[index] = code[index / 4].to_le_bytes()[index % 4];
        index += 1;
    }
    out
}

/// Bytes at the start of a frame: room for arguments, and for a trampoline that is not used.
const HEAD: usize = 24;
const SIGINFO: usize = 128;
const SET: usize = 16;

/// A signal context and what is around it, in a calling convention.
struct Convention {
    word: u8,
    stack: Layout,
    /// Bytes of `struct sigcontext`.
    context: usize,
    /// Bytes of `struct ucontext` before its sigcontext.
    before: usize,
    alignment: u64,
}

const O32: Convention = Convention {
    word: 4,
    stack: super::layouts::STACK_O32,
    context: 592,
    before: 24,
    alignment: 8,
};

const N64: Convention = Convention {
    word: 8,
    stack: super::layouts::STACK_N64,
    context: 600,
    before: 40,
    alignment: 16,
};

/// In `sc_used_math`: the floating-point registers are there, and each has 64 bits.
const USED_FP: u32 = 1;
const USED_FR1: u32 = 2;

pub fn push_o32(core: &mut dyn Core, frame: &Frame) -> Result<(), Fault> {
    match frame.kind {
        FrameKind::Plain => push_plain(core, frame),
        FrameKind::Detailed => push(core, frame, &O32),
    }
}

pub fn push_n64(core: &mut dyn Core, frame: &Frame) -> Result<(), Fault> {
    push(core, frame, &N64)
}

pub fn pop_o32(core: &mut dyn Core, kind: FrameKind) -> Result<Restored, Fault> {
    match kind {
        FrameKind::Plain => pop_plain(core),
        FrameKind::Detailed => pop(core, &O32),
    }
}

pub fn pop_n64(core: &mut dyn Core, _: FrameKind) -> Result<Restored, Fault> {
    pop(core, &N64)
}

/// `struct rt_sigframe`.
fn push(core: &mut dyn Core, frame: &Frame, convention: &Convention) -> Result<(), Fault> {
    let shape = convention.shape(core);
    let context = Writer::new(shape)
        // uc_flags and uc_link
        .long(0)
        .long(0)
        .raw(&frame.stack.encode(shape, &convention.stack))
        .pad(convention.before)
        .raw(&save(core, shape))
        .raw(&encode_set(shape, frame.mask, SET))
        .finish();
    let bytes = Writer::new(shape)
        .pad(HEAD)
        .raw(&frame.info)
        .raw(&context)
        .finish();
    let start = put(core, frame, &bytes, convention.alignment)?;
    let info = start.wrapping_add(HEAD as u64);
    let arguments = [info, info.wrapping_add(SIGINFO as u64)];
    enter(core, frame, start, arguments, frame.restorer);
    Ok(())
}

/// `struct sigframe`.
fn push_plain(core: &mut dyn Core, frame: &Frame) -> Result<(), Fault> {
    let shape = O32.shape(core);
    let bytes = Writer::new(shape)
        .pad(HEAD)
        .raw(&save(core, shape))
        .raw(&encode_set(shape, frame.mask, SET))
        .finish();
    let start = put(core, frame, &bytes, O32.alignment)?;
    let context = start.wrapping_add(HEAD as u64);
    let restorer = frame.restorer.wrapping_add(SIGRETURN_O32);
    enter(core, frame, start, [0, context], restorer);
    Ok(())
}

/// Stores a frame. On the program's own stack, some room below the stack pointer stays free.
fn put(core: &dyn Core, frame: &Frame, bytes: &[u8], alignment: u64) -> Result<u64, Fault> {
    const SPARED: u64 = 32;
    let spared = match core.register(SP) == frame.top {
        true => SPARED,
        false => 0,
    };
    let below = frame.top.wrapping_sub(spared);
    let start = below.wrapping_sub(bytes.len() as u64) & alignment.wrapping_neg();
    core.memory().write(start, bytes)?;
    Ok(start)
}

/// Lets a handler begin with the signal's number and two more arguments.
fn enter(core: &mut dyn Core, frame: &Frame, start: u64, arguments: [u64; 2], restorer: u64) {
    core.set_register(A0, frame.number as u64);
    core.set_register(A0 + 1, arguments[0]);
    core.set_register(A0 + 2, arguments[1]);
    core.set_register(SP, start);
    core.set_register(RA, restorer);
    core.set_register(T9, frame.handler);
    core.set_register(LINKED_BYTES, 0);
    core.set_pc(frame.handler);
    core.set_inside(0);
}

fn pop(core: &mut dyn Core, convention: &Convention) -> Result<Restored, Fault> {
    let shape = convention.shape(core);
    let mut bytes = vec![0; convention.before + convention.context + SET];
    let start = core.register(SP).wrapping_add((HEAD + SIGINFO) as u64);
    core.memory().read(start, &mut bytes)?;
    let stack = &bytes[2 * usize::from(convention.word)..];
    let stack = AlternateStack::decode(shape, &convention.stack, stack);
    let (context, set) = bytes[convention.before..].split_at(convention.context);
    restore(core, shape, context);
    Ok(Restored {
        mask: decode_set(shape, set),
        stack: Some(stack),
        refused: None,
    })
}

fn pop_plain(core: &mut dyn Core) -> Result<Restored, Fault> {
    let shape = O32.shape(core);
    let mut bytes = vec![0; O32.context + SET];
    let start = core.register(SP).wrapping_add(HEAD as u64);
    core.memory().read(start, &mut bytes)?;
    let (context, set) = bytes.split_at(O32.context);
    restore(core, shape, context);
    Ok(Restored {
        mask: decode_set(shape, set),
        stack: None,
        refused: None,
    })
}

impl Convention {
    fn shape(&self, core: &dyn Core) -> Shape {
        Shape {
            word: self.word,
            order: core.guest().order(),
        }
    }
}

/// Where the program goes on. What was about to be executed in a delay slot is begun again at the
/// branch.
fn resumption(core: &dyn Core) -> u64 {
    match core.inside() {
        DELAY_SLOT => core.pc().wrapping_sub(4),
        _ => core.pc(),
    }
}

/// `struct sigcontext`.
fn save(core: &dyn Core, shape: Shape) -> Vec<u8> {
    let used = match core.mode() & WIDE_FLOATS {
        0 => USED_FP,
        _ => USED_FP | USED_FR1,
    };
    let registers = |out: Writer, first: Slot| {
        (first..first + 32).fold(out, |out, slot| out.u64(core.register(slot)))
    };
    let (hi, lo) = (core.register(HI), core.register(LO));
    let csr = fcsr(core);
    if shape.word == 4 {
        // sc_regmask and sc_status
        let out = Writer::new(shape).u32(0).u32(0).u64(resumption(core));
        let out = registers(registers(out, R), F);
        // sc_acx and sc_fpc_eir
        let out = out.u32(0).u32(csr).u32(0).u32(used);
        // sc_dsp
        return out.u32(0).u64(hi).u64(lo).pad(O32.context).finish();
    }
    let out = registers(registers(Writer::new(shape), R), F);
    // The other accumulators are those of the DSP extension.
    let out = out.u64(hi).u64(0).u64(0).u64(0);
    let out = out.u64(lo).u64(0).u64(0).u64(0);
    let out = out.u64(resumption(core)).u32(csr).u32(used);
    out.pad(N64.context).finish()
}

fn restore(core: &mut dyn Core, shape: Shape, bytes: &[u8]) {
    let mut r = Reader::new(shape, bytes);
    let narrow = shape.word == 4;
    let number = |r: &mut Reader<'_>| match narrow {
        true => i64::from(r.u64() as i32).cast_unsigned(),
        false => r.u64(),
    };
    let mut pc = 0;
    if narrow {
        r.u64();
        pc = number(&mut r);
    }
    r.u64();
    for slot in R + 1..R + 32 {
        core.set_register(slot, number(&mut r));
    }
    let floats: [u64; 32] = std::array::from_fn(|_| r.u64());
    let (csr, used);
    if narrow {
        r.u32();
        csr = r.u32();
        r.u32();
        used = r.u32();
        r.u32();
        core.set_register(HI, number(&mut r));
        core.set_register(LO, number(&mut r));
    } else {
        core.set_register(HI, r.u64());
        r.raw(24);
        core.set_register(LO, r.u64());
        r.raw(24);
        pc = r.u64();
        csr = r.u32();
        used = r.u32();
    }
    if used & USED_FP != 0 {
        for (slot, value) in (F..).zip(floats) {
            core.set_register(slot, value);
        }
        set_fcsr(core, csr);
    }
    core.set_register(LINKED_BYTES, 0);
    // The pc may be where it was, inside of a slot that the handler's code was not in.
    core.set_pc(pc);
    core.set_inside(0);
}
