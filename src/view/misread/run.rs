//! Running what was never meant to be run like this: on a bare hart, where no call reaches the host.

use super::listed;
use crate::guests::Port;
use portolan_machine::engine::Compiling;
use portolan_machine::guest::{Core, Undecoded};
use portolan_machine::memory::{Cause, Fault, Intent, Memory, PAGE, Protection};
use portolan_machine::trap::{Stop, Trap};
use serde::Serialize;
use std::collections::VecDeque;
use std::sync::Arc;

/// Bytes of the stack.
const STACK: u64 = 64 * 1024;
/// How many of the last instructions are told.
const LAST: usize = 4;

/// How a run ended.
#[derive(Clone, Debug, Serialize)]
pub struct Ending {
    /// Instructions that were carried out.
    pub retired: u64,
    /// Where the hart is.
    pub pc: u64,
    /// The last instructions, and the one at which it ended.
    pub last: Vec<Listed>,
    /// What ended it.
    pub end: End,
    /// The same for people: "it ...".
    pub what: String,
    /// Why that is no wonder, or what it means.
    pub why: String,
}

/// An instruction as it was carried out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Listed {
    /// Where it is.
    pub address: u64,
    /// Its bytes.
    pub bytes: String,
    /// What a disassembler writes.
    pub text: String,
}

/// What ends a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum End {
    /// Bytes that are no instruction.
    Illegal,
    /// An access to where nothing is, or that is not allowed.
    WildAccess,
    /// A jump to where no code is.
    Nowhere,
    /// An instruction that asks the operating system.
    SystemCall,
    /// An instruction that asks for something else, or that fails.
    Trap,
    /// It did not end.
    Budget,
}

/// Runs what is in memory.
pub fn run(port: &'static Port, memory: Memory, entry: u64, budget: u64) -> Ending {
    let guest = port.guest;
    let memory = Arc::new(memory);
    let mut core = guest.core(memory.clone());
    core.set_compiling(Compiling::Off);
    core.set_pc(entry);
    let limit = memory.limit();
    if let Some(start) = memory.find_free(STACK, PAGE, limit)
        && memory
            .map(start, STACK, Protection::READ | Protection::WRITE, "")
            .is_ok()
    {
        // The uppermost page is above the stack pointer: a program finds its arguments there, zeros here.
        core.set_register(guest.stack_pointer(), start + STACK - PAGE);
    }
    let mut visited: VecDeque<u64> = VecDeque::new();
    let mut stop = Stop::Budget;
    for _ in 0..budget {
        if visited.len() > LAST {
            visited.pop_front();
        }
        visited.push_back(core.pc());
        stop = core.run(1);
        if stop != Stop::Budget {
            break;
        }
    }
    let retired = core.retired();
    let trail = visited.iter().filter_map(|pc| {
        let bytes = fetch(&memory, *pc);
        (!bytes.is_empty()).then(|| listed(guest, &bytes, *pc))
    });
    let last = trail.collect();
    let (end, what, why) = tell(port, &mut *core, stop, budget);
    Ending {
        retired,
        pc: core.pc(),
        last,
        end,
        what,
        why,
    }
}

/// What can be fetched at an address.
fn fetch(memory: &Memory, pc: u64) -> Vec<u8> {
    let mut bytes = [0; 16];
    let present = memory.fetch(pc, &mut bytes).unwrap_or(0);
    bytes[..present].to_vec()
}

/// What ended it, what it did last, and what that means.
fn tell(port: &Port, core: &mut dyn Core, stop: Stop, budget: u64) -> (End, String, String) {
    let (pc, guest) = (core.pc(), port.guest);
    let trap = match stop {
        Stop::Trap(trap) => trap,
        _ => {
            let why = "That is no sign of sense: where bytes mean something else, they may as well mean a loop.";
            let what = format!("it was stopped, as it would not end: {budget} are enough");
            return (End::Budget, what, why.to_owned());
        }
    };
    let own = |end, what: String, why: &str| (end, what, why.to_owned());
    match trap {
        Trap::Fault(Fault {
            address,
            intent: Intent::Execute,
            ..
        }) => own(
            End::Nowhere,
            format!("it went on at {address:#x}, where no code is"),
            "A jump takes its target from bits that the author never meant for one, or from a register \
             that nobody filled; or execution ran past the end of the code.",
        ),
        Trap::Misaligned {
            address,
            intent: Intent::Execute,
        } => own(
            End::Nowhere,
            format!("it went on at {address:#x}, where no instruction may start"),
            "Instructions of this machine start at multiples of their size; those of others need not.",
        ),
        Trap::Fault(Fault {
            address,
            intent,
            cause,
        }) => {
            let act = match intent {
                Intent::Write => "wrote to",
                _ => "read from",
            };
            let reason = match cause {
                Cause::Protection => "which the file's headers do not allow",
                _ if address >= core.memory().limit() => "which is outside of its address space",
                _ => "where nothing is",
            };
            own(
                End::WildAccess,
                format!("it {act} {address:#x}, {reason}"),
                "An address is computed from registers, and no instruction before put the right values \
                 there: those that should have were read as others.",
            )
        }
        Trap::Misaligned { address, .. } => own(
            End::WildAccess,
            format!("it accessed {address:#x}, which is not aligned as this instruction demands"),
            "An address that comes about by chance is seldom a multiple of anything.",
        ),
        Trap::Illegal => {
            let bytes = fetch(core.memory(), pc);
            let named = match guest.refusal(&bytes, pc, core.mode()) {
                Some(error @ Undecoded::Unsupported { .. }) => {
                    format!("it came to what would be another processor's: {error}")
                }
                _ => "it came to bytes that are no instruction".to_owned(),
            };
            own(
                End::Illegal,
                named,
                "An instruction set gives a meaning to some of all possible bits only. A processor that \
                 meets others gives up: Linux then ends the program by the signal SIGILL.",
            )
        }
        Trap::Syscall => {
            let what = format!("it called the operating system: {}", call(port, core));
            own(
                End::SystemCall,
                what,
                "The run ends here. Nothing was called for real: which call it is, and with what, comes \
                 from registers that hold something else than the author meant.",
            )
        }
        Trap::Breakpoint => own(
            End::Trap,
            "it asked for a debugger".to_owned(),
            "Among the bytes there was a breakpoint, by chance.",
        ),
        Trap::Overflow | Trap::Float { .. } | Trap::Software { .. } => own(
            End::Trap,
            "an instruction failed: it divided by zero, overflowed, or is not for programs"
                .to_owned(),
            "It computed with values that nobody meant for it.",
        ),
    }
}

/// The call that the registers ask for.
#[cfg(feature = "host")]
fn call(port: &Port, core: &mut dyn Core) -> String {
    let Some(abi) = port.abi else {
        return "nobody knows which call".to_owned();
    };
    let number = core.register(abi.registers.number);
    let mut known = portolan_linux::personality::numbers(abi.numbers);
    match known.find(|(known, _)| *known == number) {
        Some((_, name)) => format!("number {number}, which is {name}"),
        None => format!("number {number:#x}, which is none"),
    }
}

#[cfg(not(feature = "host"))]
fn call(_: &Port, _: &mut dyn Core) -> String {
    "which call, only an operating system knows".to_owned()
}
