//! `--strace`: the guest's calls in strace's notation.

mod format;
mod sockets;
mod structures;

pub use format::quote;

use crate::errno::Errno;
use crate::personality::Personality;
use crate::process::{Process, own_pid, own_tid};
use crate::signals::{Origin, Signal};
use crate::syscalls::{Arguments, Call, Reply, Shown};
use crate::thread::Exit;
use std::fs::File;
use std::io::{self, Write};
use std::os::fd::{AsFd, AsRawFd};
use std::sync::{Mutex, PoisonError};

/// The column that results start at.
const RESULT_COLUMN: usize = 39;

/// Writes down the calls of a process and of the children it forks.
#[derive(Debug)]
pub struct Tracer {
    sink: Sink,
    /// The process that it was made in.
    home: i32,
    /// The thread that it was made in; lines of others carry their numbers.
    first: i32,
    forked: bool,
}

#[derive(Debug)]
enum Sink {
    File(File),
    Buffer(Mutex<Vec<u8>>),
}

/// What was known of a call before it was made: the arguments that it reads.
#[derive(Debug)]
pub struct Line {
    arguments: Vec<format::Early>,
}

impl Tracer {
    /// Writes to where standard error leads now, whatever the guest does with it later.
    ///
    /// # Errors
    ///
    /// If there is no standard error.
    pub fn to_stderr() -> io::Result<Tracer> {
        Tracer::to_file(io::stderr())
    }

    /// Writes to a copy of this descriptor, which is kept out of the guest's way.
    ///
    /// # Errors
    ///
    /// If the descriptor cannot be duplicated.
    pub fn to_file(file: impl AsFd) -> io::Result<Tracer> {
        let file = crate::host::out_of_the_way(file.as_fd())?;
        Ok(Tracer::new(Sink::File(file)))
    }

    /// Keeps the lines, to be taken by [`Tracer::take`].
    pub fn to_buffer() -> Tracer {
        Tracer::new(Sink::Buffer(Mutex::default()))
    }

    /// Says that the process was forked by another guest process: lines carry its number.
    pub fn forked(self, forked: bool) -> Tracer {
        Tracer { forked, ..self }
    }

    fn new(sink: Sink) -> Tracer {
        Tracer {
            sink,
            home: own_pid(),
            first: own_tid(),
            forked: false,
        }
    }

    /// Whether lines carry the process' number.
    pub fn is_forked(&self) -> bool {
        self.forked || own_pid() != self.home
    }

    /// The lines kept so far, which are forgotten.
    pub fn take(&self) -> String {
        match &self.sink {
            Sink::File(_) => String::new(),
            Sink::Buffer(buffer) => {
                let mut buffer = buffer.lock().unwrap_or_else(PoisonError::into_inner);
                String::from_utf8_lossy(&std::mem::take(&mut *buffer)).into_owned()
            }
        }
    }

    /// The descriptor that lines are written to; it is not the guest's.
    pub fn descriptor(&self) -> Option<i32> {
        match &self.sink {
            Sink::File(file) => Some(file.as_raw_fd()),
            Sink::Buffer(_) => None,
        }
    }

    fn write(&self, text: &str) {
        let tid = own_tid();
        let line = match self.forked || tid != self.first {
            true => format!("[pid {tid}] {text}\n"),
            false => format!("{text}\n"),
        };
        // A reader that went away must not end the guest.
        match &self.sink {
            Sink::File(file) => drop((&mut &*file).write_all(line.as_bytes())),
            Sink::Buffer(buffer) => {
                buffer
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .extend(line.as_bytes());
            }
        }
    }

    /// Notes what a call is about to read.
    pub(crate) fn enter(&self, process: &Process, call: &Call, arguments: &Arguments) -> Line {
        let kinds = call.arguments.iter().enumerate();
        let arguments = kinds
            .map(|(index, _)| format::early(process, call.arguments, arguments, index))
            .collect();
        Line { arguments }
    }

    /// Writes a call's line.
    pub(crate) fn leave(
        &self,
        process: &Process,
        call: &Call,
        arguments: &Arguments,
        line: Line,
        reply: Reply,
        executes: bool,
    ) {
        let early = &line.arguments;
        let kinds = call.arguments;
        let written = early.iter().enumerate().map(|(index, known)| match known {
            format::Early::Written(text) => text.clone(),
            _ => format::after(process, kinds, arguments, index, early, reply),
        });
        let written: Vec<String> = written.filter(|text| !text.is_empty()).collect();
        let head = format!("{}({})", call.name, written.join(", "));
        let result = match (call.result, reply) {
            (Shown::Never, Ok(_)) if !executes => "?".to_owned(),
            (Shown::Address, Ok(value)) => format!("{value:#x}"),
            (_, Ok(value)) => value.cast_signed().to_string(),
            (_, Err(errno)) => error(errno),
        };
        self.write(&format!("{head:<RESULT_COLUMN$} = {result}"));
    }

    /// Writes the line of a call that Portolan does not have.
    pub(crate) fn unknown(
        &self,
        number: u64,
        name: Option<&'static str>,
        raw: &[u64; Arguments::RAW],
    ) {
        let name = name.map_or_else(|| format!("syscall_{number:#x}"), str::to_owned);
        let arguments: Vec<_> = raw[..6].iter().map(|value| format!("{value:#x}")).collect();
        let head = format!("{name}({})", arguments.join(", "));
        let result = error(Errno::ENOSYS);
        self.write(&format!(
            "{head:<RESULT_COLUMN$} = {result} [call {number}, not in Portolan]"
        ));
    }

    /// Writes the line of a signal that is delivered.
    pub(crate) fn signal(&self, personality: &Personality, signal: &Signal) {
        let name = personality.signal_name(signal.number);
        let code = signal.origin.code();
        let more = match signal.origin {
            Origin::Instruction { address, .. } => format!(", si_addr={address:#x}"),
            Origin::Sent { pid, uid, .. } => format!(", si_pid={pid}, si_uid={uid}"),
            Origin::Child {
                pid, uid, status, ..
            } => {
                format!(", si_pid={pid}, si_uid={uid}, si_status={status}")
            }
            Origin::Descriptor { fd, .. } => format!(", si_fd={fd}"),
            Origin::Timer {
                id, overrun, value, ..
            } => format!(", si_timerid={id}, si_overrun={overrun}, si_value={value:#x}"),
            Origin::Other { .. } => String::new(),
        };
        self.write(&format!(
            "--- {name} {{si_signo={name}, si_code={code}{more}}} ---"
        ));
    }

    /// Writes the line of the process' end.
    pub(crate) fn ended(&self, exit: &Exit) {
        match exit {
            Exit::Code(status) => self.write(&format!("+++ exited with {status} +++")),
            Exit::Signal(death) => {
                let core = if death.core { " (core dumped)" } else { "" };
                self.write(&format!("+++ killed by {}{core} +++", death.name));
            }
        }
    }
}

fn error(errno: Errno) -> String {
    match errno.is_restart() {
        true => {
            let name = match errno {
                Errno::RESTART => "ERESTARTSYS",
                Errno::RESTART_UNLESS_HANDLED => "ERESTARTNOHAND",
                _ => "ERESTARTNOINTR",
            };
            format!("? {name} ({})", errno.message())
        }
        false => format!("-1 {errno}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_have_straces_look() {
        assert_eq!(
            error(Errno::ENOENT),
            "-1 ENOENT (No such file or directory)"
        );
        assert_eq!(
            error(Errno::RESTART),
            "? ERESTARTSYS (To be restarted if SA_RESTART is set)"
        );
    }

    #[test]
    fn unknown_calls_are_named_by_number() {
        let tracer = Tracer::to_buffer();
        tracer.unknown(0x1f7, None, &[1, 0, 0, 0, 0, 0, 0, 0]);
        assert_eq!(
            tracer.take(),
            "syscall_0x1f7(0x1, 0x0, 0x0, 0x0, 0x0, 0x0) = -1 ENOSYS (Function not implemented) \
             [call 503, not in Portolan]\n"
        );
    }
}
