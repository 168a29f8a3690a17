//! Why a program stopped, for students.

use super::ServiceError;
use portolan_machine::guest::{Core, Undecoded};
use portolan_machine::memory::{Cause, Fault, Intent};
use portolan_machine::trap::{Stop, Trap};

/// Why a program stopped.
#[derive(Debug)]
pub enum Halt {
    /// It exited with a status.
    Exited(i32),
    /// It returned from where it started.
    Returned,
    /// It ran past its last instruction.
    RanPastEnd,
    /// An instruction trapped; the pc is at it.
    Trapped(Trap),
    /// A service could not be given to the instruction at the pc.
    Refused(ServiceError),
    /// The instructions granted are used up.
    Budget,
    /// Somebody raised the stop flag, or a breakpoint or watchpoint is met.
    Stopped(Stop),
}

impl Halt {
    /// What went wrong with the instruction at the hart's pc; None if nothing did.
    pub fn error(&self, core: &dyn Core) -> Option<String> {
        match self {
            Halt::Trapped(trap) => Some(why(*trap, core)),
            Halt::Refused(error) => Some(error.to_string()),
            _ => None,
        }
    }
}

/// An address as programs write it: of 32 bits, even where registers have 64.
fn written(address: u64) -> u64 {
    match address as i32 as u64 == address {
        true => u64::from(address as u32),
        false => address,
    }
}

/// Why an instruction trapped.
pub fn why(trap: Trap, core: &dyn Core) -> String {
    match trap {
        Trap::Fault(Fault {
            address,
            intent: Intent::Execute,
            ..
        }) => format!(
            "it continues at {:#010x}, where no instructions are: was the return address overwritten, or not saved?",
            written(address)
        ),
        Trap::Fault(Fault {
            address,
            intent,
            cause,
        }) => {
            let address = written(address);
            let act = match intent {
                Intent::Read => "reads from",
                _ => "writes to",
            };
            let there = match cause {
                Cause::Protection => "where it may not",
                _ if address < 0x1_0000 => "where nothing is: does the register hold an address?",
                _ => "where nothing is",
            };
            format!("it {act} {address:#010x}, {there}")
        }
        Trap::Misaligned {
            intent: Intent::Execute,
            address,
        } => {
            let address = written(address);
            format!("it continues at {address:#010x}, where no instruction may start")
        }
        Trap::Misaligned { address, .. } => {
            let address = written(address);
            format!("it accesses {address:#010x}, which is no multiple of what it accesses")
        }
        Trap::Illegal => illegal(core),
        Trap::Overflow => "the result of an integer operation does not fit".to_owned(),
        Trap::Float { .. } => "a floating-point operation raised an exception".to_owned(),
        Trap::Software { code: 7 } => "it divides an integer by zero".to_owned(),
        Trap::Software { code } => format!("it trapped with the number {code}"),
        Trap::Breakpoint => "it asked for a debugger (a breakpoint), and there is none".to_owned(),
        Trap::Syscall => "it calls the simulator".to_owned(),
    }
}

fn illegal(core: &dyn Core) -> String {
    let guest = core.guest();
    let mut bytes = [0; 16];
    let present = core.memory().fetch(core.pc(), &mut bytes).unwrap_or(0);
    match guest.refusal(&bytes[..present], core.pc(), core.mode()) {
        Some(unsupported @ Undecoded::Unsupported { .. }) => {
            format!("{unsupported} by {}", guest.title())
        }
        _ => format!("the bytes are no instruction of {}", guest.title()),
    }
}
