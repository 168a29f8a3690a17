//! The Linux ABI of riscv64: the kernel's `arch/riscv/include/uapi/asm`, and asm-generic.

use crate::extensions::{self, OPTIONAL};
use crate::regs::{F, FFLAGS, FRM, RESERVED_BYTES, X};
use portolan_linux::Errno;
use portolan_linux::abi::{
    Abi, CallRegisters, CloneOrder, ElfMark, Gates, Notation, Processor, Processors, SignalAbi,
    Space, negative_error,
};
use portolan_linux::generic;
use portolan_linux::layout::{Layout, Reader, Shape, Writer, field};
use portolan_linux::signals::{AlternateStack, Frame, FrameKind, Restored};
use portolan_linux::syscalls::Kind::{Address, Hex, Size};
use portolan_linux::syscalls::{Arguments, Context, Reply, call};
use portolan_machine::guest::Core;
use portolan_machine::memory::{Fault, Order};
use portolan_machine::registers::Slot;

const RA: Slot = X + 1;
const SP: Slot = X + 2;
const TP: Slot = X + 4;
const A0: Slot = X + 10;
const A7: Slot = X + 17;

const SHAPE: Shape = Shape {
    word: 8,
    order: Order::Little,
};

/// The Linux ABI of riscv64.
pub static ABI: Abi = Abi {
    name: "riscv64",
    machine: "riscv64",
    platform: None,
    processors: Processors {
        named: &[
            processor("max", "all that is executed: RV64GC, Zba, Zbb, Zbs", 0),
            processor(
                "rva20",
                "the profile RVA20U64, which is RV64GC",
                extensions::only(5),
            ),
        ],
        notation: Some(Notation {
            form: "or extensions such as rv64imac_zba (of m, a, f, d, c, zba, zbb, zbs)",
            read: |string| Some(processor("rv64", "", extensions::read(string)?)),
        }),
        host: || None,
    },
    elf: ElfMark {
        machine: 243,
        refuse,
        describe,
        mode: generic::mode,
        stack_executable: false,
    },
    shape: SHAPE,
    // Sv39.
    space: Space {
        end: 1 << 38,
        lowest: 0x1_0000,
        shared_alignment: 0x1000,
    },
    registers: CallRegisters {
        number: A7,
        arguments: &[A0, A0 + 1, A0 + 2, A0 + 3, A0 + 4, A0 + 5],
        stack_arguments: None,
        even_pairs: false,
        result: A0,
        second_result: None,
        stack_pointer: SP,
        thread_pointer: TP,
    },
    start: generic::start,
    set_result: |core, result| core.set_register(A0, negative_error(result)),
    numbers: include_str!("syscalls.txt"),
    calls: &[
        call("riscv_flush_icache", flush_icache, &[Address, Address, Hex]),
        call(
            "riscv_hwprobe",
            hwprobe,
            &[Address, Size, Size, Address, Hex],
        ),
    ],
    prctl: generic::prctl,
    clone_order: CloneOrder::TlsFirst,
    constants: generic::CONSTANTS,
    layouts: generic::LAYOUTS64BIT,
    gates: Gates::NONE,
    signals: SignalAbi {
        set_bytes: 8,
        minimum_stack: 2048,
        code_first: false,
        // li a7, 139 (rt_sigreturn); ecall
        trampoline: &[0x93, 0x08, 0xb0, 0x08, 0x73, 0x00, 0x00, 0x00],
        raise: generic::raise,
        push,
        pop,
    },
};

/// The processor whose harts have a mode.
const fn processor(name: &'static str, has: &'static str, mode: u8) -> Processor {
    Processor {
        name,
        has,
        mode,
        hwcap: hwcap(mode),
        hwcap2: None,
        base_platform: None,
    }
}

/// `AT_HWCAP`: a bit for each single-letter extension.
const fn hwcap(mode: u8) -> u64 {
    let (mut bits, mut place) = (1 << (b'I' - b'A'), 0);
    while place < OPTIONAL.len() {
        let name = OPTIONAL[place].as_bytes();
        if name.len() == 1 && mode >> place & 1 == 0 {
            bits |= 1 << (name[0] - b'A');
        }
        place += 1;
    }
    bits
}

/// The flags of `elf.h` that ask for what RV64GC does not have.
fn refuse(flags: u32) -> Option<&'static str> {
    const FLOAT_ABI: u32 = 6;
    const RVE: u32 = 8;
    const RV64ILP32: u32 = 0x20;
    match flags {
        _ if flags & FLOAT_ABI == FLOAT_ABI => Some("the quad-precision extension Q"),
        _ if flags & RVE != 0 => Some("the embedded base RV64E"),
        _ if flags & RV64ILP32 != 0 => Some("the 32-bit pointers of RV64ILP32"),
        _ => None,
    }
}

/// What a file was compiled for: its ABI by the flags, its extensions by the attributes.
fn describe(flags: u32, section: &dyn Fn(&str) -> Option<Vec<u8>>) -> Vec<String> {
    const COMPRESSED: u32 = 1;
    const TOTAL_STORE_ORDER: u32 = 0x10;
    let float = match flags >> 1 & 3 {
        0 => "floating-point arguments in integer registers",
        1 => "floating-point arguments in single-precision registers",
        2 => "floating-point arguments in double-precision registers",
        _ => "floating-point arguments in quad-precision registers",
    };
    let mut marks = vec![float.to_owned()];
    if flags & COMPRESSED != 0 {
        marks.push("compressed instructions".to_owned());
    }
    if flags & TOTAL_STORE_ORDER != 0 {
        marks.push("total store order".to_owned());
    }
    marks.extend(section(".riscv.attributes").and_then(|bytes| architecture(&bytes)));
    marks
}

/// `Tag_RISCV_arch` of the attributes: RISC-V ELF psABI, section 9.5. A version, then a list of
/// subsections (length, vendor, tag, length, attributes); odd tags have strings, even ones numbers.
fn architecture(bytes: &[u8]) -> Option<String> {
    const ARCH: u64 = 5;
    let rest = bytes.strip_prefix(b"A")?.get(4..)?;
    let mut rest = rest.strip_prefix(b"riscv\0")?.get(5..)?;
    loop {
        let tag = number(&mut rest)?;
        if tag % 2 == 0 {
            number(&mut rest)?;
            continue;
        }
        let end = rest.iter().position(|byte| *byte == 0)?;
        if tag == ARCH {
            return Some(String::from_utf8_lossy(&rest[..end]).into_owned());
        }
        rest = &rest[end + 1..];
    }
}

/// A number in ULEB128.
fn number(rest: &mut &[u8]) -> Option<u64> {
    let (mut value, mut shift) = (0u64, 0);
    loop {
        let (byte, after) = rest.split_first()?;
        *rest = after;
        value |= u64::from(byte & 0x7f).checked_shl(shift)?;
        if byte & 0x80 == 0 {
            return Some(value);
        }
        shift += 7;
    }
}

/// `struct rt_sigframe` behind the siginfo's 128 bytes.
const UCONTEXT: Layout = Layout {
    size: 960,
    fields: &[
        field("uc_flags", 0, 8),
        field("uc_link", 8, 8),
        field("ss_sp", 16, 8),
        field("ss_flags", 24, 4),
        field("ss_size", 32, 8),
        field("uc_sigmask", 40, 8),
    ],
};
const SIGINFO: u64 = 128;
/// `uc_mcontext`: the pc and x1 to x31, then f0 to f31 and fcsr.
const MCONTEXT: usize = 176;
const FLOATS: usize = MCONTEXT + 32 * 8;
const FCSR: usize = FLOATS + 32 * 8;

fn push(core: &mut dyn Core, frame: &Frame) -> Result<(), Fault> {
    let values = [
        ("ss_sp", frame.stack.start),
        ("ss_flags", u64::from(frame.stack.flags)),
        ("ss_size", frame.stack.size),
        ("uc_sigmask", frame.mask as u64),
    ];
    let mut context = UCONTEXT.encode(SHAPE, &values);
    let mut registers = Writer::new(SHAPE).u64(core.pc());
    for slot in X + 1..X + 32 {
        registers = registers.u64(core.register(slot));
    }
    for slot in F..F + 32 {
        registers = registers.u64(core.register(slot));
    }
    let fcsr = core.register(FRM) << 5 | core.register(FFLAGS);
    let registers = registers.u32(fcsr as u32).finish();
    context[MCONTEXT..MCONTEXT + registers.len()].copy_from_slice(&registers);

    let size = SIGINFO + u64::from(UCONTEXT.size);
    let start = frame.top.wrapping_sub(size) & !15;
    core.memory().write(start, &frame.info)?;
    core.memory().write(start.wrapping_add(SIGINFO), &context)?;
    core.set_register(A0, frame.number as u64);
    core.set_register(A0 + 1, start);
    core.set_register(A0 + 2, start.wrapping_add(SIGINFO));
    core.set_register(RA, frame.restorer);
    core.set_register(SP, start);
    core.set_register(RESERVED_BYTES, 0);
    core.set_pc(frame.handler);
    Ok(())
}

fn pop(core: &mut dyn Core, _: FrameKind) -> Result<Restored, Fault> {
    let mut context = vec![0; usize::from(UCONTEXT.size)];
    let start = core.register(SP).wrapping_add(SIGINFO);
    core.memory().read(start, &mut context)?;
    let get = |name| UCONTEXT.decode(SHAPE, &context, name);
    let mut registers = Reader::new(SHAPE, &context[MCONTEXT..]);
    core.set_pc(registers.u64());
    for slot in (X + 1..X + 32).chain(F..F + 32) {
        core.set_register(slot, registers.u64());
    }
    let fcsr = SHAPE.decode(&context[FCSR..FCSR + 4]);
    core.set_register(FFLAGS, fcsr & 0x1f);
    core.set_register(FRM, fcsr >> 5 & 7);
    core.set_register(RESERVED_BYTES, 0);
    Ok(Restored {
        mask: get("uc_sigmask").into(),
        stack: Some(AlternateStack {
            start: get("ss_sp"),
            size: get("ss_size"),
            flags: get("ss_flags") as u32,
        }),
        refused: None,
    })
}

/// riscv_flush_icache(start, end, flags)
fn flush_icache(context: &mut Context<'_>, a: &Arguments) -> Reply {
    const LOCAL: u64 = 1;
    if a.word(2) & !LOCAL != 0 {
        return Err(Errno::EINVAL);
    }
    context.process.memory.invalidate_code();
    Ok(0)
}

/// riscv_hwprobe(pairs, count, cpus_size, cpus, flags)
fn hwprobe(context: &mut Context<'_>, a: &Arguments) -> Reply {
    if a.word(4) != 0 {
        return Err(Errno::EINVAL);
    }
    let mode = context.thread.core().mode();
    let user = context.user();
    for index in 0..a.word(1) {
        let address = a.word(0).wrapping_add(index * 16);
        let key = user.read_u64(address)?;
        let (key, value) = match hardware(key, mode) {
            Some(value) => (key, value),
            None => (u64::MAX, 0),
        };
        user.put(address, user.writer().u64(key).u64(value))?;
    }
    Ok(0)
}

/// What the keys of `asm/hwprobe.h` say about a hart of a mode.
fn hardware(key: u64, mode: u8) -> Option<u64> {
    const IMA: u64 = 1;
    const FD: u64 = 1;
    const C: u64 = 1 << 1;
    const ZBA: u64 = 1 << 3;
    const ZBB: u64 = 1 << 4;
    const ZBS: u64 = 1 << 5;
    const MISALIGNED_FAST: u64 = 3;
    let has = |names: &[&str]| {
        let is_there =
            |(place, name): (usize, &&str)| !names.contains(name) || mode >> place & 1 == 0;
        OPTIONAL.iter().enumerate().all(is_there)
    };
    let bits = |pairs: &[(u64, &[&str])]| {
        let there = pairs.iter().filter(|(_, names)| has(names));
        there.map(|(bit, _)| bit).sum()
    };
    match key {
        // Vendor, architecture and implementation: none.
        0..=2 => Some(0),
        3 => Some(bits(&[(IMA, &["M", "A"])])),
        4 => Some(bits(&[
            (FD, &["F", "D"]),
            (C, &["C"]),
            (ZBA, &["Zba"]),
            (ZBB, &["Zbb"]),
            (ZBS, &["Zbs"]),
        ])),
        5 => Some(MISALIGNED_FAST),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use portolan_linux::personality::Personality;
    use portolan_machine::guest::Guest;
    use portolan_machine::memory::{Memory, Protection};
    use std::sync::Arc;

    #[test]
    fn numbers_are_those_of_asm_generic() {
        let personality = Personality::new(&ABI);
        let name = |number| personality.call(number).map(|call| call.name);
        assert_eq!(name(63), Some("read"));
        assert_eq!(name(79), Some("newfstatat"));
        assert_eq!(name(139), Some("rt_sigreturn"));
        assert_eq!(name(259), Some("riscv_flush_icache"));
        assert_eq!(name(435), Some("clone3"));
        assert_eq!(name(244), None);
        assert!(personality.call(259).unwrap().call.is_some());
    }

    #[test]
    fn a_handler_gets_a_frame_and_everything_comes_back() {
        let memory = Arc::new(Memory::new(32).unwrap());
        memory
            .map(0x1000, 0x4000, Protection::READ | Protection::WRITE, "")
            .unwrap();
        let mut core = crate::Riscv64.core(Arc::clone(&memory));
        for slot in (X + 1..X + 32).chain(F..F + 32) {
            core.set_register(slot, u64::from(slot) * 0x0101);
        }
        core.set_register(FFLAGS, 0x11);
        core.set_register(FRM, 3);
        core.set_pc(0x4444);
        let before: Vec<u64> = (0..=FRM).map(|slot| core.register(slot)).collect();
        let stack = AlternateStack {
            start: 0x10,
            size: 0x20,
            flags: 0,
        };
        let frame = Frame {
            kind: FrameKind::Detailed,
            number: 10,
            info: vec![7; 128],
            handler: 0x8888,
            restorer: 0x9999,
            mask: 0x5a5a,
            stack,
            top: 0x4ff8,
        };
        push(&mut *core, &frame).unwrap();
        assert_eq!(
            (core.pc(), core.register(RA), core.register(A0)),
            (0x8888, 0x9999, 10)
        );
        assert_eq!(core.register(SP) % 16, 0);
        assert_eq!(core.register(A0 + 1), core.register(SP), "siginfo");
        for slot in (X + 5..X + 10).chain(F..F + 32) {
            core.set_register(slot, 0);
        }
        core.set_register(FRM, 0);
        let restored = pop(&mut *core, FrameKind::Detailed).unwrap();
        assert_eq!(
            restored,
            Restored {
                mask: 0x5a5a,
                stack: Some(stack),
                refused: None,
            }
        );
        let after: Vec<u64> = (0..=FRM).map(|slot| core.register(slot)).collect();
        assert_eq!((core.pc(), after), (0x4444, before));
    }

    #[test]
    fn a_frame_that_does_not_fit_is_a_fault() {
        let memory = Arc::new(Memory::new(32).unwrap());
        let mut core = crate::Riscv64.core(memory);
        let frame = Frame {
            kind: FrameKind::Plain,
            number: 11,
            info: vec![0; 128],
            handler: 0,
            restorer: 0,
            mask: 0,
            stack: AlternateStack::default(),
            top: 0x5000,
        };
        assert!(push(&mut *core, &frame).is_err());
    }

    #[test]
    fn what_rv64gc_does_not_have_is_refused() {
        assert_eq!(refuse(5), None, "double floats and compressed instructions");
        assert!(refuse(6).is_some() && refuse(8).is_some());
    }
}
