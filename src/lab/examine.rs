//! Runs a program as a job says, in this process, and tells what it saw.

mod call;
mod witness;

use super::image::{Census, Image};
use super::job::{Base, End, Job, Report};
use super::value::integer;
use crate::Process;
use crate::measure::conduct::{Breach, What};
use crate::simulator::{Console, Halt, Simulated};
use crate::view::card::Card;
use portolan_linux::process::{Command, Options};
use portolan_linux::seeded::Seed;
use portolan_linux::thread::{Exit, Progress, Stops};
use portolan_machine::guest::Core;
use portolan_machine::trap::Stop;
use std::ffi::CString;
use std::sync::Arc;
use witness::{Seen, Witness};

/// A program that is ready to run.
enum Subject {
    Linux(Box<Process>),
    Simulated(Box<Simulated>),
}

/// Why a subject came back.
enum Pause {
    Breakpoint,
    End(End),
}

/// Runs a program. None: this is a process that the program started, and has nothing to tell.
///
/// # Errors
/// Why the program cannot be run.
pub fn examine(job: &Job) -> Result<Option<Report>, String> {
    let own = std::process::id();
    let data = std::fs::read(&job.program).map_err(|error| error.to_string())?;
    let image = Image::of(&job.program, &data, job.simulator.as_deref(), &named(job));
    let (mut image, assembled) = image.map_err(|error| error.to_string())?;
    let mut subject = match assembled {
        None => Subject::start(job, &data)?,
        Some(assembled) => {
            let program = Simulated::of_source(&assembled, Console::standard(), Some(job.seed));
            Subject::Simulated(Box::new(program.map_err(|error| error.to_string())?))
        }
    };
    if let Subject::Linux(process) = &subject {
        image.bias = process.thread().process().program.loaded.program.bias;
    }
    let image = Arc::new(image);
    let call = match &job.call {
        None => None,
        Some(call) => match subject.prepare(&image, call) {
            Ok(prepared) => Some(prepared),
            Err(end) => return Ok(Some(Report::of_nothing(job, end))),
        },
    };
    let core = subject.core();
    let stack_pointer = match &call {
        Some(call) => call.stack_pointer,
        None => core.register(core.guest().stack_pointer()),
    };
    let (mut witness, seen) = Witness::new(&subject, &image, &job.conduct, stack_pointer);
    let core = subject.core();
    if let Some(call) = &call {
        witness.called(call.function, call.back, core);
    }
    core.set_observer(Some(Box::new(witness)));
    let start = core.retired();
    let end = match &call {
        None => match subject.run(&image, job.steps) {
            Pause::End(end) => end,
            Pause::Breakpoint => End::Failed("it stopped at a breakpoint".to_owned()),
        },
        Some(call) => subject.run_call(&image, call, job.steps),
    };
    if std::process::id() != own {
        return Ok(None);
    }
    let core = subject.core();
    core.finish_observation();
    let arguments = call.map_or_else(Vec::new, |call| call.addresses);
    let steps = core.retired().wrapping_sub(start);
    Ok(Some(report(
        job, end, steps, core, &image, &arguments, &seen,
    )))
}

/// The functions that a job names.
fn named(job: &Job) -> Vec<String> {
    let called = job.call.iter().map(|call| call.function.clone());
    called
        .chain(job.conduct.functions.iter().cloned())
        .collect()
}

impl Subject {
    fn start(job: &Job, data: &[u8]) -> Result<Subject, String> {
        if let Some(name) = &job.simulator {
            let simulated = Simulated::of_elf(name, data, Console::standard(), Some(job.seed));
            let simulated = simulated.map_err(|error| error.to_string())?;
            return Ok(Subject::Simulated(Box::new(simulated)));
        }
        let c_string = |text: &str| {
            CString::new(text).map_err(|_| format!("the argument {text:?} contains a zero byte"))
        };
        let name = job.program.file_name().unwrap_or_default();
        let name = name.to_string_lossy().into_owned();
        let arguments = std::iter::once(name.as_str())
            .chain(job.arguments.iter().map(String::as_str))
            .map(c_string);
        let command = Command {
            program: job.program.clone(),
            arguments: arguments.collect::<Result<_, String>>()?,
            options: Options {
                sysroot: job.sysroot.clone(),
                seed: Some(Seed {
                    number: job.seed,
                    inherited: None,
                }),
                finish: Some(Arc::new(|_, _| 0)),
                ..Options::default()
            },
            ..Command::default()
        };
        let mut process = Process::start(command).map_err(|error| error.to_string())?;
        process.thread_mut().set_limit(job.steps);
        Ok(Subject::Linux(Box::new(process)))
    }

    fn core(&mut self) -> &mut dyn Core {
        match self {
            Subject::Linux(process) => process.core(),
            Subject::Simulated(simulated) => simulated.core(),
        }
    }

    fn set_breakpoint(&mut self, address: u64) {
        match self {
            Subject::Linux(process) => process.thread_mut().set_stops(&Stops {
                breakpoints: vec![address],
                watchpoints: Vec::new(),
            }),
            Subject::Simulated(simulated) => simulated.core().set_breakpoints(&[address]),
        }
    }

    fn run(&mut self, image: &Image, steps: u64) -> Pause {
        match self {
            Subject::Simulated(simulated) => {
                let halt = simulated.run(steps);
                let core = simulated.core();
                Pause::End(match halt {
                    Halt::Stopped(Stop::Breakpoint) => return Pause::Breakpoint,
                    Halt::Exited(status) => End::Exited(status),
                    Halt::Returned | Halt::RanPastEnd => End::Exited(0),
                    Halt::Budget => End::OutOfSteps(image.place(core.pc())),
                    Halt::Stopped(stop) => End::Failed(format!("it stopped: {stop:?}")),
                    Halt::Trapped(_) | Halt::Refused(_) => {
                        let why = halt.error(core).unwrap_or_default();
                        End::Failed(format!("{why} (at {})", image.place(core.pc())))
                    }
                })
            }
            Subject::Linux(process) => {
                let progress = process.advance(steps);
                Pause::End(match progress {
                    Progress::Breakpoint => return Pause::Breakpoint,
                    Progress::Ended(Exit::Code(status)) => End::Exited(status),
                    Progress::Ended(Exit::Signal(death)) => {
                        let card = Card::of_death(process, &death, "");
                        let why = card
                            .why()
                            .map_or_else(String::new, |why| format!(": {why}"));
                        let place = image.place(death.pc);
                        End::Failed(format!("{}{why} (at {place})", death.name))
                    }
                    _ => End::OutOfSteps(image.place(process.core().pc())),
                })
            }
        }
    }
}

impl Report {
    /// Of a function that was never called.
    fn of_nothing(job: &Job, end: End) -> Report {
        Report {
            end,
            steps: 0,
            registers: vec![0; job.registers.len()],
            memory: vec![None; job.memory.len()],
            result: 0,
            float_result: 0,
            text: None,
            breaches: Vec::new(),
            executed: Vec::new(),
            starts_processes: false,
        }
    }
}

fn report(
    job: &Job,
    end: End,
    steps: u64,
    core: &dyn Core,
    image: &Image,
    arguments: &[Option<u64>],
    seen: &Seen,
) -> Report {
    let guest = core.guest();
    let register = |name: &String| {
        let slot = guest.register_named(name).map(|(slot, _)| slot);
        slot.map_or(0, |slot| core.register(slot))
    };
    let memory = job.memory.iter().map(|place| {
        let base = match &place.base {
            Base::Symbol(name) => image.symbol(name)?,
            Base::Argument(number) => (*arguments.get(*number)?)?,
        };
        let mut bytes = vec![0; place.length];
        let start = base.wrapping_add(place.offset);
        core.memory().read(start, &mut bytes).ok()?;
        Some(bytes)
    });
    let convention = guest.convention();
    let first = |slots: &[u8]| slots.first().map_or(0, |slot| core.register(*slot));
    let result = first(convention.results);
    let breaches = seen.breaches();
    let breaches = breaches.iter().map(|it| describe(it, core, image));
    let mut census = Census::new(image);
    seen.each_instruction(|bytes, address, is_library, count| {
        census.add(bytes, address, is_library, count);
    });
    Report {
        end,
        steps,
        registers: job.registers.iter().map(register).collect(),
        memory: memory.collect(),
        result,
        float_result: first(convention.float_results),
        text: job.wants_text.then(|| text(core, result)).flatten(),
        breaches: breaches.collect(),
        executed: census.finish(),
        starts_processes: seen.starts_processes(),
    }
}

/// The bytes before the zero byte.
fn text(core: &dyn Core, address: u64) -> Option<Vec<u8>> {
    const LONGEST: u64 = 1 << 16;
    let mut text = Vec::new();
    for offset in 0..LONGEST {
        let mut byte = [0];
        core.memory()
            .read(address.wrapping_add(offset), &mut byte)
            .ok()?;
        if byte == [0] {
            return Some(text);
        }
        text.extend(byte);
    }
    None
}

fn describe(breach: &Breach, core: &dyn Core, image: &Image) -> (String, String) {
    let guest = core.guest();
    let function = image.place(breach.function);
    let at = image.place(breach.call);
    let return_address = crate::simulator::return_address(guest);
    let what = match breach.what {
        What::Changed {
            slot,
            before,
            after,
        } => {
            let (before, after) = (integer(before as i64), integer(after as i64));
            let name = guest.slot_name(slot);
            format!(
                "{function} changes {name} from {before} to {after}, which it has to keep for its caller (called at {at})"
            )
        }
        What::StackPointer { before, after } => {
            let name = guest.slot_name(guest.stack_pointer());
            let by = integer(after.wrapping_sub(before) as i64);
            format!("{function} returns with {name} off by {by} bytes (called at {at})")
        }
        What::Return { expected, target } => {
            let saved = return_address.map_or_else(String::new, |slot| {
                format!(": was {} saved?", guest.slot_name(slot))
            });
            let (expected, target) = (image.place(expected), image.place(target));
            format!("{function} returns to {target} instead of {expected}{saved}")
        }
        What::Alignment { stack_pointer } => {
            let name = guest.slot_name(guest.stack_pointer());
            let alignment = guest.convention().stack_alignment;
            format!(
                "{name} is {stack_pointer:#x}, no multiple of {alignment}, where {function} is called (at {at})"
            )
        }
    };
    (function, what)
}
