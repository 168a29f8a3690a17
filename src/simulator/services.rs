//! The services, as the documentation of MARS 4.5, SPIM 9 and RARS 1.6 describes them.
//!
//! Where they differ, MARS's way is taken, but: a character that is read is one byte, and what a string leaves of its line
//! stays to be read (SPIM; MARS in its window); bytes of strings are written as they are (SPIM, RARS).

use super::console::Console;
use super::devices::lock;
use super::files::{FileError, Files};
use super::java::{self, Random};
use super::{HEAP, HEAP_END};
use portolan_machine::guest::Core;
use portolan_machine::memory::{Fault, Intent};
use portolan_machine::simulator::{Service, Simulator};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};
use thiserror::Error;

/// What the services of a running program keep.
pub struct Services {
    simulator: &'static Simulator,
    /// Standard input and output.
    pub console: Arc<Mutex<Console>>,
    files: Files,
    heap: u64,
    streams: BTreeMap<u32, Random>,
    /// What streams that the program does not seed start from.
    seed: i64,
    /// Time is only counted, for programs that are to do the same in each run.
    clock: Option<Duration>,
    told_of_midi: bool,
}

/// How a program goes on after a service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Then {
    /// With the next instruction.
    Next,
    /// Not at all: its exit status.
    Exit(i32),
}

/// Why a service could not be given.
#[derive(Debug, Error)]
pub enum ServiceError {
    /// No service has the number.
    #[error("{simulator} has no service {number}: the number belongs into {register}")]
    Unknown {
        /// The simulator.
        simulator: &'static str,
        /// The number asked for.
        number: u32,
        /// The register of the number.
        register: String,
    },
    /// The input is no number.
    #[error("the input {0:?} is no {1}")]
    NoNumber(String, &'static str),
    /// The input has ended.
    #[error("the input has ended, and the program wants to read {0}")]
    EndOfInput(&'static str),
    /// An address is not the program's.
    #[error("the address {address:#010x} is not mapped; does the register hold the address, or what is there?", address = .0.address)]
    Fault(#[from] Fault),
    /// More memory was asked for than there is.
    #[error("{0} bytes do not fit into the heap, which ends at {HEAP_END:#010x}")]
    HeapFull(i32),
    /// A bound of random numbers.
    #[error("random numbers are asked for below {0}, which must be positive")]
    Bound(i32),
}

impl Services {
    /// Services of a simulator. With a seed, random numbers and time are the same in each run.
    pub fn new(
        simulator: &'static Simulator,
        console: Arc<Mutex<Console>>,
        seed: Option<u64>,
    ) -> Services {
        let now = || SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
        let differing = || now().map_or(0, |time| time.as_nanos() as i64);
        Services {
            simulator,
            console,
            files: Files::default(),
            heap: HEAP.start,
            streams: BTreeMap::new(),
            seed: seed.map_or_else(differing, |seed| seed as i64),
            clock: seed.map(|_| Duration::from_secs(1_767_225_600)),
            told_of_midi: false,
        }
    }

    /// Gives the service that the registers ask for.
    ///
    /// # Errors
    /// See [`ServiceError`]; the program cannot go on then.
    pub fn serve(&mut self, core: &mut dyn Core) -> Result<Then, ServiceError> {
        let number = core.register(self.simulator.number) as u32;
        let Some(service) = self.simulator.service(number) else {
            return Err(ServiceError::Unknown {
                simulator: self.simulator.name,
                number,
                register: core.guest().slot_name(self.simulator.number),
            });
        };
        let mut call = Call {
            simulator: self.simulator,
            core,
        };
        match service {
            Service::Exit => return Ok(Then::Exit(0)),
            Service::ExitWith => return Ok(Then::Exit(call.integer(0))),
            _ => {}
        }
        self.carry_out(service, &mut call)?;
        Ok(Then::Next)
    }

    fn carry_out(&mut self, service: Service, call: &mut Call) -> Result<(), ServiceError> {
        match service {
            Service::Exit | Service::ExitWith => {}
            Service::PrintInteger => self.print(&call.integer(0).to_string()),
            Service::PrintFloat => self.print(&java::to_string(call.float())),
            Service::PrintDouble => self.print(&java::to_string(call.double())),
            Service::PrintString => lock(&self.console).print(&call.string(0)?),
            Service::PrintCharacter => lock(&self.console).print(&[call.integer(0) as u8]),
            Service::PrintHexadecimal => self.print(&format!("0x{:08x}", call.integer(0))),
            Service::PrintBinary => self.print(&format!("{:032b}", call.integer(0))),
            Service::PrintUnsigned => self.print(&(call.integer(0) as u32).to_string()),
            Service::ReadInteger => {
                let number = self.number("integer", java::parse_integer)?;
                call.set_result(number);
            }
            Service::ReadFloat => {
                let number = self.number("single-precision number", java::parse_float)?;
                call.set_float(number);
            }
            Service::ReadDouble => {
                let number = self.number("double-precision number", java::parse_float)?;
                call.set_double(number);
            }
            Service::ReadString => self.read_string(call)?,
            Service::ReadCharacter => {
                let byte = lock(&self.console).byte();
                let byte = byte.ok_or(ServiceError::EndOfInput("a character"))?;
                call.set_result(i32::from(byte));
            }
            Service::Allocate => {
                let start = self.allocate(call.integer(0))?;
                call.set_result(start as i32);
            }
            Service::Open
            | Service::Read
            | Service::Write
            | Service::Close
            | Service::Seek
            | Service::WorkingDirectory => self.with_files(service, call)?,
            Service::Time => {
                let milliseconds = self.now().as_millis() as u64;
                call.set_argument(0, milliseconds as i32);
                call.set_argument(1, (milliseconds >> 32) as i32);
            }
            Service::Sleep => {
                let time = Duration::from_millis(call.integer(0).max(0) as u64);
                self.sleep(time);
            }
            Service::Midi { waits } => self.midi(waits, call),
            Service::SeedRandom => {
                let seed = i64::from(call.integer(1));
                self.streams
                    .insert(call.integer(0) as u32, Random::new(seed));
            }
            Service::RandomInteger => {
                let number = self.stream(call).integer();
                call.set_argument(0, number);
            }
            Service::RandomBelow => {
                let bound = call.integer(1);
                if bound <= 0 {
                    return Err(ServiceError::Bound(bound));
                }
                let number = self.stream(call).below(bound);
                call.set_argument(0, number);
            }
            Service::RandomFloat => {
                let number = self.stream(call).float();
                call.set_float(number);
            }
            Service::RandomDouble => {
                let number = self.stream(call).double();
                call.set_double(number);
            }
            Service::Confirm => self.confirm(call)?,
            Service::AskInteger => {
                let answer = self.ask(call, java::parse_integer)?;
                call.set_argument(0, answer.unwrap_or(0));
            }
            Service::AskFloat => {
                let answer = self.ask(call, java::parse_float)?;
                call.set_float(answer.unwrap_or(0.0));
            }
            Service::AskDouble => {
                let answer = self.ask(call, java::parse_float)?;
                call.set_double(answer.unwrap_or(0.0));
            }
            Service::AskString => self.ask_string(call)?,
            Service::Message => {
                let kind = match call.integer(1) {
                    0 => "error: ",
                    2 => "warning: ",
                    _ => "",
                };
                self.message(call, &[kind], b"")?;
            }
            Service::MessageInteger => {
                let number = call.integer(1).to_string();
                self.message(call, &[], number.as_bytes())?;
            }
            Service::MessageFloat => {
                let number = java::to_string(call.float());
                self.message(call, &[], number.as_bytes())?;
            }
            Service::MessageDouble => {
                let number = java::to_string(call.double());
                self.message(call, &[], number.as_bytes())?;
            }
            Service::MessageString => {
                let text = call.string(1)?;
                self.message(call, &[], &text)?;
            }
        }
        Ok(())
    }

    fn print(&mut self, text: &str) {
        lock(&self.console).print(text.as_bytes());
    }

    /// A line that is a number.
    fn number<N>(
        &mut self,
        what: &'static str,
        parse: impl Fn(&str) -> Option<N>,
    ) -> Result<N, ServiceError> {
        let line = lock(&self.console).line();
        let line = line.ok_or(match what {
            "integer" => ServiceError::EndOfInput("an integer"),
            _ => ServiceError::EndOfInput("a number"),
        })?;
        let text = String::from_utf8_lossy(&line);
        parse(&text).ok_or_else(|| ServiceError::NoNumber(text.trim().to_owned(), what))
    }

    /// As fgets: at most n - 1 bytes, a newline among them if the line ends there, and a null byte.
    fn read_string(&mut self, call: &mut Call) -> Result<(), ServiceError> {
        let most = call.integer(1);
        if most < 1 {
            return Ok(());
        }
        let mut line = lock(&self.console).bytes_of_line(most as usize - 1);
        line.push(0);
        call.write(call.address(0), &line)
    }

    /// A new part of the heap, which begins at a word.
    fn allocate(&mut self, bytes: i32) -> Result<u64, ServiceError> {
        let start = self.heap;
        let size = u64::try_from(bytes).map_err(|_| ServiceError::HeapFull(bytes))?;
        let end = (start + size).next_multiple_of(4);
        if end > HEAP.end {
            return Err(ServiceError::HeapFull(bytes));
        }
        self.heap = end;
        Ok(start)
    }

    /// The services of files: a negative result tells of an error.
    fn with_files(&mut self, service: Service, call: &mut Call) -> Result<(), ServiceError> {
        let number = call.integer(0);
        let result: Result<i64, FileError> = match service {
            Service::Open => self.files.open(&call.string(0)?, call.integer(1)),
            Service::Read => {
                let most = call.integer(2).max(0) as usize;
                match self.files.read(number, most, &mut lock(&self.console)) {
                    Ok(bytes) => {
                        call.write(call.address(1), &bytes)?;
                        Ok(bytes.len() as i64)
                    }
                    Err(error) => Err(error),
                }
            }
            Service::Write => {
                let length = call.integer(2).max(0) as usize;
                let bytes = call.read(call.address(1), length)?;
                self.files.write(number, &bytes, &mut lock(&self.console))
            }
            Service::Seek => self.files.seek(number, call.integer(1), call.integer(2)),
            Service::WorkingDirectory => {
                let path = std::env::current_dir().unwrap_or_default();
                let mut path = path.into_os_string().into_encoded_bytes();
                path.push(0);
                match path.len() <= call.integer(1).max(0) as usize {
                    true => {
                        call.write(call.address(0), &path)?;
                        Ok(0)
                    }
                    false => Err(FileError),
                }
            }
            // Close has no result.
            _ => {
                self.files.close(number);
                return Ok(());
            }
        };
        call.set_result(result.map_or(-1, |result| result as i32));
        Ok(())
    }

    fn now(&self) -> Duration {
        self.clock.unwrap_or_else(|| {
            let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
            now.unwrap_or_default()
        })
    }

    fn sleep(&mut self, time: Duration) {
        lock(&self.console).flush();
        match &mut self.clock {
            Some(clock) => *clock += time,
            None => std::thread::sleep(time),
        }
    }

    /// There is no sound: it is said once, and the time of the notes passes.
    fn midi(&mut self, waits: bool, call: &Call) {
        lock(&self.console).flush();
        if !self.told_of_midi {
            self.told_of_midi = true;
            eprintln!("portolan: the program plays notes (MIDI), which nobody hears here");
        }
        if waits {
            self.sleep(Duration::from_millis(
                call.integer(1).clamp(0, 60_000) as u64
            ));
        }
    }

    /// The stream of random numbers that the first argument names.
    fn stream(&mut self, call: &Call) -> &mut Random {
        let name = call.integer(0) as u32;
        let seed = self.seed.wrapping_add(i64::from(name));
        self.streams
            .entry(name)
            .or_insert_with(|| Random::new(seed))
    }

    /// 0 for yes, 1 for no, 2 for neither.
    fn confirm(&mut self, call: &mut Call) -> Result<(), ServiceError> {
        self.prompt(call)?;
        self.print("(yes, no, cancel) ");
        let line = lock(&self.console).line().unwrap_or_default();
        let answer = match line.first().map(u8::to_ascii_lowercase) {
            Some(b'y') => 0,
            Some(b'n') => 1,
            _ => 2,
        };
        call.set_argument(0, answer);
        Ok(())
    }

    /// Asks for a value. The second argument becomes the status: 0, -1 for what is none, -2 where the input has ended, -3
    /// for an empty line.
    fn ask<N>(
        &mut self,
        call: &mut Call,
        parse: impl Fn(&str) -> Option<N>,
    ) -> Result<Option<N>, ServiceError> {
        let line = self.asked(call)?;
        let text = line
            .as_deref()
            .map(String::from_utf8_lossy)
            .unwrap_or_default();
        let value = parse(&text);
        call.set_argument(
            1,
            match (&line, &value) {
                (None, _) => -2,
                (Some(line), _) if line.is_empty() => -3,
                (_, None) => -1,
                (_, Some(_)) => 0,
            },
        );
        Ok(value)
    }

    /// Asks for a string, which is put where the second argument says, with a newline if there is room: the status is -4 if
    /// it had to be cut off.
    fn ask_string(&mut self, call: &mut Call) -> Result<(), ServiceError> {
        let line = self.asked(call)?;
        let room = call.integer(2).max(0) as usize;
        let status = match line {
            None => -2,
            Some(line) if line.is_empty() => -3,
            Some(mut line) if room > 0 => {
                let fits = line.len() < room;
                if line.len() + 1 < room {
                    line.push(b'\n');
                }
                line.truncate(room - 1);
                line.push(0);
                call.write(call.address(1), &line)?;
                if fits { 0 } else { -4 }
            }
            Some(_) => -4,
        };
        call.set_argument(1, status);
        Ok(())
    }

    fn asked(&mut self, call: &mut Call) -> Result<Option<Vec<u8>>, ServiceError> {
        self.prompt(call)?;
        Ok(lock(&self.console).line())
    }

    /// What a dialog asks, with something between it and the answer.
    fn prompt(&mut self, call: &Call) -> Result<(), ServiceError> {
        let message = call.string(0)?;
        lock(&self.console).print(&message);
        if !message.last().is_some_and(u8::is_ascii_whitespace) {
            self.print(" ");
        }
        Ok(())
    }

    /// A line with the message and something after it.
    fn message(&mut self, call: &Call, kind: &[&str], text: &[u8]) -> Result<(), ServiceError> {
        let message = call.string(0)?;
        let kind = kind.concat();
        lock(&self.console).print(&[kind.as_bytes(), &message, text, b"\n"].concat());
        Ok(())
    }
}

/// The hart as a service sees it.
struct Call<'a> {
    simulator: &'static Simulator,
    core: &'a mut dyn Core,
}

impl Call<'_> {
    fn integer(&self, number: usize) -> i32 {
        self.core.register(self.simulator.arguments[number]) as i32
    }

    /// An address: all 64 bits of the register count.
    fn address(&self, number: usize) -> u64 {
        self.core.register(self.simulator.arguments[number])
    }

    fn set_argument(&mut self, number: usize, value: i32) {
        let slot = self.simulator.arguments[number];
        self.core.set_register(slot, i64::from(value) as u64);
    }

    fn set_result(&mut self, value: i32) {
        let slot = self.simulator.result;
        self.core.set_register(slot, i64::from(value) as u64);
    }

    fn float(&self) -> f32 {
        f32::from_bits(self.core.register(self.simulator.float_argument) as u32)
    }

    fn double(&self) -> f64 {
        f64::from_bits(self.core.register(self.simulator.float_argument))
    }

    fn set_float(&mut self, value: f32) {
        let slot = self.simulator.float_result;
        let upper = match self.simulator.boxes_singles {
            true => u64::MAX << 32,
            false => self.core.register(slot) & (u64::MAX << 32),
        };
        self.core
            .set_register(slot, upper | u64::from(value.to_bits()));
    }

    fn set_double(&mut self, value: f64) {
        let slot = self.simulator.float_result;
        self.core.set_register(slot, value.to_bits());
    }

    fn string(&self, number: usize) -> Result<Vec<u8>, ServiceError> {
        let address = self.address(number);
        Ok(self.core.memory().read_cstring(address, 1 << 24)?)
    }

    /// Bytes of memory. Nothing is made room for before it is known that they are there.
    fn read(&self, address: u64, length: usize) -> Result<Vec<u8>, ServiceError> {
        let memory = self.core.memory();
        if address.saturating_add(length as u64) > memory.limit() {
            return Err(ServiceError::Fault(Fault {
                address: memory.limit(),
                intent: Intent::Read,
                cause: portolan_machine::memory::Cause::Unmapped,
            }));
        }
        let mut bytes = vec![0; length];
        memory.read(address, &mut bytes)?;
        Ok(bytes)
    }

    fn write(&self, address: u64, bytes: &[u8]) -> Result<(), ServiceError> {
        Ok(self.core.memory().write(address, bytes)?)
    }
}
