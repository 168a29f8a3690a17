//! Calling a function of a program as its calling convention says.

use super::{End, Image, Pause, Subject};
use crate::lab::job::{Call, Passed};
use crate::lab::value;
use portolan_machine::convention::ReturnAddress;
use portolan_machine::guest::Core;
use portolan_machine::registers::{Role, Slot};

/// A hart that is at the start of a function.
pub struct Prepared {
    /// The function.
    pub function: u64,
    /// Where it is to return to.
    pub back: u64,
    /// The stack pointer then.
    pub stack_pointer: u64,
    /// Where the arguments are that have an address.
    pub addresses: Vec<Option<u64>>,
}

/// Bytes below the stack pointer that a convention may give to the function that runs.
const RED_ZONE: u64 = 1024;
/// Instructions that a C library may take before `main`.
const START: u64 = 100_000_000;

impl Subject {
    /// Runs to where C programs begin, if there is such a place, and calls a function there.
    pub fn prepare(&mut self, image: &Image, call: &Call) -> Result<Prepared, End> {
        let Some(function) = image.symbol(&call.function) else {
            let what = format!("the program has no function {}", call.function);
            return Err(End::Failed(what));
        };
        let back = match self {
            // Nothing is needed before.
            Subject::Simulated(simulated) => simulated.core().pc(),
            Subject::Linux(process) => {
                let entry = process.thread().process().program.loaded.program_entry;
                image.symbol("main").unwrap_or(entry)
            }
        };
        self.set_breakpoint(back);
        if self.core().pc() != back
            && let Pause::End(end) = self.run(image, START)
        {
            let how = match end {
                End::OutOfSteps(place) => format!("it was stopped before main, at {place}"),
                End::Failed(why) => format!("it failed before main: {why}"),
                End::Exited(_) | End::Returned => "it ended before main".to_owned(),
            };
            return Err(End::Failed(how));
        }
        place(self.core(), function, back, call).map_err(End::Failed)
    }

    /// Runs a function until it returns.
    pub fn run_call(&mut self, image: &Image, call: &Prepared, steps: u64) -> End {
        let start = self.core().retired();
        loop {
            let done = self.core().retired().wrapping_sub(start);
            match self.run(image, steps.saturating_sub(done)) {
                // It may call the function that it was called from.
                Pause::Breakpoint => {
                    let core = self.core();
                    let stack_pointer = core.register(core.guest().stack_pointer());
                    // One that is off is told of where conventions are.
                    if stack_pointer.abs_diff(call.stack_pointer) < RED_ZONE / 2 {
                        return End::Returned;
                    }
                }
                Pause::End(End::Exited(status)) => {
                    let what = format!("it exited with status {status} instead of returning");
                    return End::Failed(what);
                }
                Pause::End(end) => return end,
            }
        }
    }
}

/// Puts arguments and return address where a function expects them.
fn place(core: &mut dyn Core, function: u64, back: u64, call: &Call) -> Result<Prepared, String> {
    let guest = core.guest();
    let convention = guest.convention();
    let files = guest.register_files();
    let bits = files[0].bits;
    let word = u64::from(bits / 8);
    let alignment = u64::from(convention.stack_alignment);
    let stack = guest.stack_pointer();
    let mut top = core.register(stack).wrapping_sub(RED_ZONE);
    let no_room = || "there is no room on the stack for the arguments".to_owned();
    let mut addresses = Vec::new();
    let mut numbers = Vec::new();
    for argument in &call.arguments {
        let (number, address) = match argument {
            Passed::Number(number) if bits == 32 => (i64::from(*number as i32) as u64, None),
            Passed::Number(number) => (*number as u64, None),
            Passed::Bytes(bytes) => {
                top = top.wrapping_sub(bytes.len() as u64) & !15;
                core.memory().write(top, bytes).map_err(|_| no_room())?;
                (top, Some(top))
            }
        };
        numbers.push(number);
        addresses.push(address);
    }
    // What a function finds in registers that nobody gave it is not zero.
    for (slot, register) in files[0].iter() {
        if matches!(
            register.role,
            Role::Temporary | Role::Saved | Role::FramePointer | Role::Argument(_)
        ) {
            core.set_register(slot, 0x5eed_0001 + (u64::from(slot) << 8));
        }
    }
    let registers = convention.arguments(&files[0]);
    let in_registers = numbers.len().min(registers.len());
    let (first, rest) = numbers.split_at(in_registers);
    for (slot, number) in registers.iter().zip(first) {
        core.set_register(*slot, *number);
    }
    let room = u64::from(convention.stack_arguments) + word * rest.len() as u64;
    let mut pointer = top.wrapping_sub(room) & !(alignment - 1);
    let at = pointer.wrapping_add(u64::from(convention.stack_arguments));
    let rest: Vec<i64> = rest.iter().map(|number| *number as i64).collect();
    let rest = value::integers(guest, &rest, word as usize);
    core.memory().write(at, &rest).map_err(|_| no_room())?;
    let stack_pointer = pointer;
    match convention.return_address {
        ReturnAddress::Register => {
            let register: Option<Slot> = crate::simulator::return_address(guest);
            let register = register.ok_or("there is no register for the return address")?;
            core.set_register(register, back);
        }
        ReturnAddress::Stack => {
            pointer = pointer.wrapping_sub(word);
            let bytes = value::integers(guest, &[back as i64], word as usize);
            core.memory()
                .write(pointer, &bytes)
                .map_err(|_| no_room())?;
        }
    }
    core.set_register(stack, pointer);
    if let Some(slot) = convention.function_address {
        core.set_register(slot, function);
    }
    core.set_pc(function);
    Ok(Prepared {
        function,
        back,
        stack_pointer,
        addresses,
    })
}
