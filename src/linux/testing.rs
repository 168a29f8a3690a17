//! A made-up instruction set for tests of the personality. It differs from the host in whatever
//! an ABI can differ in: 32-bit big-endian words, arguments on the stack, an error flag in a
//! register of its own, and numbers of its own.

use crate::abi::{
    Abi, CallRegisters, CloneOrder, Constants, ElfMark, Gates, Layouts, Processor, Processors,
    SignalAbi, Space,
};
use crate::constants::{Constant, choice, flag, number};
use crate::errno::Errno;
use crate::generic;
use crate::layout::{Layout, Shape, Writer, field};
use crate::process::{Command, Options, Process};
use crate::signals::{AlternateStack, Frame, FrameKind, Restored};
use crate::strace::Tracer;
use crate::thread::Thread;
use portolan_machine::convention::Convention;
use portolan_machine::engine::Watchpoint;
use portolan_machine::graph::Graph;
use portolan_machine::graph::evaluate::Observer;
use portolan_machine::guest::{
    Core, Disassembler, Explanation, Guest, Statistics, Style, Summary, Undecoded,
};
use portolan_machine::hart::Clock;
use portolan_machine::memory::{Fault, Memory, Order, Protection};
use portolan_machine::registers::{RegisterFile, Slot};
use portolan_machine::stop::StopFlag;
use portolan_machine::trap::{Stop, Trap};
use std::sync::Arc;

/// The slots of the made-up registers.
pub const NUMBER: Slot = 2;
pub const RESULT: Slot = 2;
pub const FIRST: Slot = 4;
pub const FAILED: Slot = 7;
pub const SP: Slot = 29;
pub const TP: Slot = 26;

pub const SHAPE: Shape = Shape {
    word: 4,
    order: Order::Big,
};

/// `O_*` of MIPS, more or less.
const OPEN: &[Constant] = &[
    choice("O_RDONLY", 0, 3),
    choice("O_WRONLY", 1, 3),
    choice("O_RDWR", 2, 3),
    flag("O_APPEND", 0x8),
    flag("O_NONBLOCK", 0x80),
    flag("O_CREAT", 0x100),
    flag("O_TRUNC", 0x200),
    flag("O_EXCL", 0x400),
    flag("O_CLOEXEC", 0x80000),
];

const SIGNALS: &[Constant] = &[
    number("SIGHUP", 1),
    number("SIGINT", 2),
    number("SIGKILL", 9),
    number("SIGSEGV", 11),
    number("SIGTERM", 15),
    number("SIGUSR1", 16),
    number("SIGUSR2", 17),
    number("SIGCHLD", 18),
];

const SOCKET_TYPES: &[Constant] = &[
    choice("SOCK_DGRAM", 1, 0xf),
    choice("SOCK_STREAM", 2, 0xf),
    flag("SOCK_NONBLOCK", 0x80),
    flag("SOCK_CLOEXEC", 0x80000),
];

const SOCKET_OPTIONS: &[Constant] = &[
    number("SO_REUSEADDR", 4),
    number("SO_PASSCRED", 17),
    number("SO_PEERCRED", 18),
    number("SO_LINGER", 0x80),
    number("SO_RCVTIMEO_OLD", 0x1006),
    number("SO_ERROR", 0x1007),
    number("SO_TYPE", 0x1008),
];

const STAT: Layout = Layout {
    size: 40,
    fields: &[
        field("st_mode", 4, 4),
        field("st_size", 8, 8),
        field("st_nlink", 16, 2),
        field("st_mtime", 20, 4),
    ],
};

/// Times in two halves, as 32-bit MIPS has them.
const SHMID: Layout = Layout {
    size: 80,
    fields: &[
        field("key", 0, 4),
        field("uid", 4, 4),
        field("mode", 20, 4),
        field("shm_segsz", 36, 4),
        field("shm_ctime", 48, 4),
        field("shm_cpid", 52, 4),
        field("shm_nattch", 60, 4),
        field("shm_ctime_high", 68, 2),
    ],
};

const STACK: Layout = Layout {
    size: 12,
    fields: &[
        field("ss_sp", 0, 4),
        field("ss_flags", 4, 4),
        field("ss_size", 8, 4),
    ],
};

const SIGACTION: Layout = Layout {
    size: 16,
    fields: &[
        field("sa_flags", 0, 4),
        field("sa_handler", 4, 4),
        field("sa_mask", 8, 8),
    ],
};

pub static ABI: Abi = TOY_ABI;

/// The same with 64-bit little-endian words.
pub static WIDE_ABI: Abi = Abi {
    shape: Shape {
        word: 8,
        order: Order::Little,
    },
    ..TOY_ABI
};

const TOY_ABI: Abi = Abi {
    name: "toy",
    machine: "toy32",
    platform: Some("toy"),
    processors: Processors {
        named: &[Processor {
            name: "toy",
            has: "nothing",
            mode: 0,
            hwcap: 0x55,
            hwcap2: None,
            base_platform: None,
        }],
        notation: None,
        host: || None,
    },
    // MIPS, so that there are real files for it.
    elf: ElfMark {
        machine: 8,
        refuse: |flags| (flags & 0x1 != 0 && flags & 0x8000_0000 != 0).then_some("noreorder"),
        describe: |_, _| Vec::new(),
        mode: generic::mode,
        stack_executable: true,
    },
    shape: SHAPE,
    space: Space {
        end: 0x7fff_8000,
        lowest: 0x1_0000,
        shared_alignment: 0x1000,
    },
    registers: CallRegisters {
        number: NUMBER,
        arguments: &[4, 5, 6, 7],
        stack_arguments: Some(16),
        even_pairs: true,
        result: RESULT,
        second_result: None,
        stack_pointer: SP,
        thread_pointer: TP,
    },
    start: generic::start,
    set_result: |core, result| {
        core.set_register(FAILED, u64::from(result.is_err()));
        core.set_register(RESULT, result.unwrap_or_else(u64::from));
    },
    numbers: include_str!("testing.txt"),
    calls: &[],
    prctl: generic::prctl,
    clone_order: CloneOrder::TlsFirst,
    constants: Constants {
        errors: &[("ENOSYS", 89), ("ENAMETOOLONG", 78)],
        open: OPEN,
        fcntl: generic::FCNTL,
        signals: SIGNALS,
        signal_action: generic::SIGNAL_ACTION,
        signal_mask: &[
            number("SIG_BLOCK", 1),
            number("SIG_UNBLOCK", 2),
            number("SIG_SETMASK", 3),
        ],
        signal_codes: generic::SIGNAL_CODES,
        mmap: &[
            choice("MAP_SHARED", 1, 0xf),
            choice("MAP_PRIVATE", 2, 0xf),
            flag("MAP_FIXED", 0x10),
            flag("MAP_ANONYMOUS", 0x800),
        ],
        limits: generic::LIMITS,
        no_limit: 0x7fff_ffff,
        poll: generic::POLL,
        socket_types: SOCKET_TYPES,
        socket_level: 0xffff,
        socket_options: SOCKET_OPTIONS,
        ioctl: generic::IOCTL,
        terminal_input: generic::TERMINAL_INPUT,
        terminal_output: generic::TERMINAL_OUTPUT,
        terminal_control: generic::TERMINAL_CONTROL,
        terminal_local: generic::TERMINAL_LOCAL,
        terminal_characters: generic::TERMINAL_CHARACTERS,
    },
    layouts: Layouts {
        stat: STAT,
        stat64: STAT,
        statfs: generic::STATFS64BIT,
        statfs64: generic::STATFS64BIT,
        sigaction: SIGACTION,
        old_sigaction: SIGACTION,
        stack: STACK,
        flock: generic::FLOCK64BIT,
        flock64: generic::FLOCK64BIT,
        termios: generic::TERMIOS,
        epoll_event: generic::EPOLL_EVENT,
        shmid: SHMID,
        semid: generic::SEMID64BIT,
        msqid: generic::MSQID64BIT,
    },
    gates: Gates::NONE,
    signals: SignalAbi {
        set_bytes: 16,
        minimum_stack: 2048,
        code_first: false,
        trampoline: &[1, 2, 3, 4],
        raise: generic::raise,
        push,
        pop,
    },
};

/// A frame is the pc and the mask below the stack pointer; the handler gets the number.
fn push(core: &mut dyn Core, frame: &Frame) -> Result<(), Fault> {
    let start = frame.top - 16;
    let words = Writer::new(SHAPE)
        .u64(core.pc())
        .u64(frame.mask as u64)
        .finish();
    core.memory().write(start, &words)?;
    core.set_register(SP, start);
    core.set_register(FIRST, frame.number as u64);
    core.set_pc(frame.handler);
    Ok(())
}

fn pop(core: &mut dyn Core, _: FrameKind) -> Result<Restored, Fault> {
    let mut words = [0; 16];
    core.memory().read(core.register(SP), &mut words)?;
    core.set_pc(SHAPE.decode(&words[..8]));
    core.set_register(SP, core.register(SP) + 16);
    Ok(Restored {
        mask: SHAPE.decode(&words[8..]).into(),
        stack: Some(AlternateStack::default()),
        refused: None,
    })
}

/// The made-up instruction set.
pub struct Toy;

pub static TOY: Toy = Toy;

impl Guest for Toy {
    fn name(&self) -> &'static str {
        "toy"
    }
    fn title(&self) -> &'static str {
        "toy"
    }
    fn order(&self) -> Order {
        Order::Little
    }
    fn address_bits(&self) -> u32 {
        31
    }
    fn alignment(&self) -> u64 {
        4
    }
    fn register_files(&self) -> &'static [RegisterFile] {
        &[]
    }
    fn stack_pointer(&self) -> Slot {
        SP
    }
    fn hidden_slots(&self) -> &'static [(Slot, &'static str)] {
        &[]
    }
    fn core(&'static self, memory: Arc<Memory>) -> Box<dyn Core> {
        Box::new(ToyCore {
            memory,
            pc: 0,
            registers: [0; 256],
            stop: Arc::default(),
        })
    }
    fn disassembler(&self, _: Style) -> Box<dyn Disassembler> {
        unreachable!("nothing here disassembles")
    }
    fn explain(&self, _: &[u8], _: u64) -> Result<Explanation, Undecoded> {
        Err(Undecoded::Illegal { length: 4 })
    }
    fn refusal(&self, _: &[u8], _: u64, _: u8) -> Option<Undecoded> {
        None
    }
    fn convention(&self) -> &'static Convention {
        unreachable!("nothing here tells of functions")
    }
    fn instructions(&self) -> Vec<Summary> {
        Vec::new()
    }
    fn instances(&self, _: i64) -> Vec<Vec<u8>> {
        Vec::new()
    }
    fn record(&self, _: &[u8], _: u64) -> Result<Graph, Undecoded> {
        Err(Undecoded::Illegal { length: 4 })
    }
}

/// A hart that traps for a call wherever it is.
struct ToyCore {
    memory: Arc<Memory>,
    pc: u64,
    registers: [u64; 256],
    stop: Arc<StopFlag>,
}

impl Core for ToyCore {
    fn guest(&self) -> &'static dyn Guest {
        &TOY
    }
    fn memory(&self) -> &Arc<Memory> {
        &self.memory
    }
    fn pc(&self) -> u64 {
        self.pc
    }
    fn set_pc(&mut self, pc: u64) {
        self.pc = pc;
    }
    fn register(&self, slot: Slot) -> u64 {
        self.registers[usize::from(slot)]
    }
    fn set_register(&mut self, slot: Slot, value: u64) {
        self.registers[usize::from(slot)] = value;
    }
    fn set_clock(&mut self, _: Clock) {}
    fn set_breakpoints(&mut self, _: &[u64]) {}
    fn set_watchpoints(&mut self, _: &[Watchpoint]) {}
    fn run(&mut self, _: u64) -> Stop {
        Stop::Trap(Trap::Syscall)
    }
    fn observe(&mut self, _: &mut dyn Observer) -> Result<(), Trap> {
        Err(Trap::Syscall)
    }
    fn retired(&self) -> u64 {
        0
    }
    fn statistics(&self) -> Statistics {
        Statistics::default()
    }
    fn stop_flag(&self) -> Arc<StopFlag> {
        Arc::clone(&self.stop)
    }
    fn fork(&self) -> Box<dyn Core> {
        let registers = self.registers;
        Box::new(ToyCore {
            memory: Arc::clone(&self.memory),
            pc: self.pc,
            registers,
            stop: Arc::default(),
        })
    }
    fn instruction_length(&self) -> u64 {
        4
    }
}

/// A real program of the made-up machine's.
pub fn rom() -> std::path::PathBuf {
    std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../roms/bin/mips/hello")
}

/// A process in which tests make calls.
pub struct Bench {
    pub thread: Thread,
    tracer: Arc<Tracer>,
    next: u64,
}

/// Memory for the arguments of calls.
const SCRATCH: u64 = 0x2000_0000;

impl Bench {
    pub fn new() -> Bench {
        let tracer = Arc::new(Tracer::to_buffer());
        let options = Options {
            tracer: Some(Arc::clone(&tracer)),
            ..Options::default()
        };
        let arguments = vec![c"toy".to_owned()];
        let command = Command {
            program: rom(),
            arguments,
            environment: Vec::new(),
            options,
            ..Command::default()
        };
        let thread = Process::load(&TOY, &ABI, command).unwrap();
        let memory = &thread.process().memory;
        memory
            .map(SCRATCH, 0x10_0000, Protection::READ | Protection::WRITE, "")
            .unwrap();
        Bench {
            thread,
            tracer,
            next: SCRATCH,
        }
    }

    pub fn memory(&self) -> &Memory {
        &self.thread.process().memory
    }

    /// Puts bytes into guest memory.
    pub fn put(&mut self, bytes: &[u8]) -> u64 {
        let address = self.next;
        self.memory().write(address, bytes).unwrap();
        self.next = (address + bytes.len() as u64).next_multiple_of(16);
        address
    }

    /// Puts a string into guest memory.
    pub fn text(&mut self, text: &str) -> u64 {
        self.put(&[text.as_bytes(), &[0]].concat())
    }

    /// Room in guest memory.
    pub fn room(&mut self, length: usize) -> u64 {
        self.put(&vec![0; length])
    }

    pub fn bytes(&self, address: u64, length: usize) -> Vec<u8> {
        let mut bytes = vec![0; length];
        self.memory().read(address, &mut bytes).unwrap();
        bytes
    }

    pub fn word(&self, address: u64) -> u64 {
        SHAPE.decode(&self.bytes(address, 4))
    }

    /// Lets the hart make a call, with arguments as its compiler would pass them.
    pub fn call(&mut self, name: &str, arguments: &[u64]) -> Result<u64, Errno> {
        let personality = Arc::clone(&self.thread.process().personality);
        let number = personality
            .calls()
            .find(|(_, call)| call.name == name)
            .unwrap()
            .0;
        self.raw_call(number, arguments)
    }

    pub fn raw_call(&mut self, number: u64, arguments: &[u64]) -> Result<u64, Errno> {
        let stack = self.thread.core().register(SP);
        let core = self.thread.core_mut();
        core.set_register(NUMBER, number);
        for (index, argument) in (0u8..).zip(arguments) {
            match index {
                0..4 => core.set_register(FIRST + index, *argument),
                _ => {
                    let bytes = SHAPE.encode(*argument, 4);
                    let address = stack + u64::from(index) * 4;
                    core.memory().write(address, &bytes[..4]).unwrap();
                }
            }
        }
        self.thread.service(Trap::Syscall);
        let core = self.thread.core();
        match (core.register(FAILED), core.register(RESULT)) {
            (0, result) => Ok(result),
            (_, number) => Err(self
                .thread
                .process()
                .personality
                .errors
                .errno(number as u16)),
        }
    }

    /// What `--strace` would have printed since the last time.
    pub fn trace(&self) -> String {
        self.tracer.take()
    }
}
