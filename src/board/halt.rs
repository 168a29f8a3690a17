//! Why an instruction trapped on a board.

use super::{FRAMEBUFFER, RAM, REGISTERS};
use portolan_machine::guest::{Core, Undecoded};
use portolan_machine::memory::{Cause, Fault, Intent};
use portolan_machine::trap::Trap;

/// What was wrong about the instruction at the hart's pc.
pub fn why(trap: Trap, core: &dyn Core) -> String {
    match trap {
        Trap::Fault(fault) => of_fault(fault),
        Trap::Misaligned {
            address,
            intent: Intent::Execute,
        } => format!("it continues at {address:#x}, where no instruction may start"),
        Trap::Misaligned { address, .. } => {
            format!("an access to {address:#x}, which is not aligned as this instruction demands")
        }
        Trap::Illegal => of_illegal(core),
        Trap::Overflow => "the result of an integer operation does not fit".to_owned(),
        Trap::Float { .. } => {
            "a floating-point operation raised an exception that the program traps".to_owned()
        }
        Trap::Software { code } => {
            format!("it noticed an error itself, and trapped with the number {code}")
        }
        Trap::Breakpoint => "it asked for a debugger, and there is none".to_owned(),
        Trap::Syscall => {
            "it calls an operating system, and there is none (--machine linux)".to_owned()
        }
    }
}

fn of_fault(fault: Fault) -> String {
    let Fault {
        address,
        intent,
        cause,
    } = fault;
    let act = match intent {
        Intent::Read => "reads from",
        Intent::Write => "writes to",
        Intent::Execute => "continues at",
    };
    let reason = match cause {
        Cause::Bus => "where no register of a device is, or none of this width".to_owned(),
        _ if address < RAM.start => "where nothing is: a null pointer?".to_owned(),
        _ => format!(
            "where nothing is: memory is from {:#x} to {:#x}, the framebuffer at {FRAMEBUFFER:#x}, devices at {REGISTERS:#x}",
            RAM.start,
            RAM.end - 1
        ),
    };
    format!("it {act} {address:#x}, {reason}")
}

/// Why what is at the pc is no instruction.
fn of_illegal(core: &dyn Core) -> String {
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
