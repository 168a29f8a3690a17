//! `--strace`: the guest's calls in strace's notation, of all threads and children, as `strace -f`.
//!
//! What strace sees and this does not: signals that the program neither handles nor dies of, the
//! execve that starts the first program, and calls of host programs that a guest executes.

mod codes;
mod dependent;
mod filter;
mod format;
mod lines;
mod sockets;
mod structures;
mod summary;

pub use filter::{BadFilter, Filter};
pub use format::quote;

use crate::errno::Errno;
use crate::host::{Plain, calls};
use crate::process::{Process, own_pid};
use crate::signals::{Origin, Signal};
use crate::syscalls::{Arguments, Call, Reply, Shown};
use crate::thread::{Exit, Thread};
use lines::Lines;
use std::fs::File;
use std::io::{self, Write};
use std::os::fd::{AsFd, AsRawFd};
use std::sync::atomic::{AtomicI32, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use summary::Summary;

/// Writes down the calls of a process and of the children it forks.
#[derive(Debug)]
pub struct Tracer {
    sink: Sink,
    /// The process that it was made in.
    home: i32,
    /// That process was forked by another one.
    forked: bool,
    /// Children that are there, as far as one was told.
    children: AtomicI32,
    options: TracerOptions,
    state: Mutex<State>,
}

/// What is written down, and how.
#[derive(Clone, Debug, Default)]
pub struct TracerOptions {
    /// The calls; all by default.
    pub filter: Option<Filter>,
    /// Nothing is written while the program runs.
    pub silent: bool,
    /// Each line starts with its thread's number, as in a file of strace's.
    pub numbered: bool,
}

/// What threads take turns with.
#[derive(Debug)]
pub(crate) struct State {
    lines: Lines,
    summary: Option<Summary>,
}

#[derive(Debug)]
enum Sink {
    File(File),
    Buffer(Mutex<Vec<u8>>),
}

/// What was known of a call before it was made: the arguments that it reads.
#[derive(Debug)]
pub struct Begun {
    /// The number of arguments in the first half of the line.
    told: usize,
    arguments: Vec<format::Early>,
    /// What the thread had used of its processor.
    used: u64,
}

impl Tracer {
    /// Writes to where standard error leads now, whatever the guest does with it later.
    ///
    /// # Errors
    ///
    /// If there is no standard error.
    pub fn to_stderr(options: TracerOptions) -> io::Result<Tracer> {
        Tracer::to_file(io::stderr(), options)
    }

    /// Writes to a copy of this descriptor, which is kept out of the guest's way.
    ///
    /// # Errors
    ///
    /// If the descriptor cannot be duplicated.
    pub fn to_file(file: impl AsFd, options: TracerOptions) -> io::Result<Tracer> {
        let file = crate::host::out_of_the_way(file.as_fd())?;
        Ok(Tracer::new(Sink::File(file), options))
    }

    /// Keeps the lines, to be taken by [`Tracer::take`].
    pub fn to_buffer() -> Tracer {
        Tracer::new(Sink::Buffer(Mutex::default()), TracerOptions::default())
    }

    /// Says that the process was forked by another guest process: lines carry its number.
    pub fn forked(self, forked: bool) -> Tracer {
        Tracer { forked, ..self }
    }

    /// Counts calls too; a table is written when the first process ends.
    ///
    /// # Errors
    ///
    /// If the host has no room for the counts.
    pub fn with_summary(self) -> io::Result<Tracer> {
        self.lock().summary = Some(Summary::new()?);
        Ok(self)
    }

    /// Goes on writing where the program before this one in the same process did: to the
    /// descriptors that it [passed on](Tracer::descriptors).
    ///
    /// # Errors
    ///
    /// If one is not open.
    pub fn inherited(descriptors: &[i32], options: TracerOptions) -> io::Result<Tracer> {
        let owned = |fd: i32| {
            calls::fcntl(fd, libc::F_SETFD, libc::FD_CLOEXEC as u64)
                .now()
                .map(|_| crate::host::own(fd))
                .map_err(|errno| io::Error::from_raw_os_error(i32::from(errno.number())))
        };
        let mut files = descriptors.iter().map(|fd| owned(*fd));
        let missing = || io::Error::from(io::ErrorKind::InvalidInput);
        let sink = files.next().ok_or_else(missing)??;
        let tracer = Tracer::new(Sink::File(sink), options);
        tracer.lock().summary = files.next().transpose()?.map(Summary::in_file);
        Ok(tracer)
    }

    fn new(sink: Sink, options: TracerOptions) -> Tracer {
        Tracer {
            sink,
            home: own_pid(),
            forked: false,
            children: AtomicI32::new(0),
            options,
            state: Mutex::new(State {
                lines: Lines::default(),
                summary: None,
            }),
        }
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, State> {
        // What it protects is consistent between any two statements.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether the process was forked by another guest process.
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

    /// The descriptors that it keeps: that of the lines, and that of the counts if there are any.
    /// They are not the guest's.
    pub fn descriptors(&self) -> Vec<i32> {
        let Sink::File(file) = &self.sink else {
            return Vec::new();
        };
        let state = self.lock();
        let counts = state.summary.as_ref().map(Summary::descriptor);
        [file.as_raw_fd()].into_iter().chain(counts).collect()
    }

    /// Whether others write to the same place.
    fn is_shared(&self, process: &Process) -> bool {
        let children = self.children.load(Ordering::Relaxed) > 0;
        self.is_forked() || children || !process.threads.is_one()
    }

    fn leader(&self, process: &Process) -> impl Fn(i32) -> String {
        let (numbered, shared) = (self.options.numbered, self.is_shared(process));
        move |tid| match (numbered, shared) {
            (true, _) => format!("{tid:<5} "),
            (false, true) => format!("[pid {tid:5}] "),
            (false, false) => String::new(),
        }
    }

    fn write(&self, text: &str) {
        if text.is_empty() || self.options.silent {
            return;
        }
        // A reader that went away must not end the guest.
        match &self.sink {
            Sink::File(file) => drop((&mut &*file).write_all(text.as_bytes())),
            Sink::Buffer(buffer) => {
                buffer
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .extend(text.as_bytes());
            }
        }
    }

    /// Writes a line that is no call's.
    fn tell(&self, thread: &Thread, text: &str) {
        let (mut out, leader) = (String::new(), self.leader(thread.process()));
        let mut state = self.lock();
        state
            .lines
            .tell(thread.guest_tid(), text, &mut out, &leader);
        self.write(&out);
    }

    /// Notes what a call is about to read; `None` if it is not traced.
    pub(crate) fn enter(
        &self,
        thread: &Thread,
        call: &Call,
        arguments: &Arguments,
    ) -> Option<Begun> {
        if self
            .options
            .filter
            .as_ref()
            .is_some_and(|filter| !filter.has(call.name))
        {
            return None;
        }
        let process = thread.process();
        let (kinds, used) = (call.arguments, self.used(thread));
        let clones = call.name == "clone";
        if self.options.silent {
            return Some(Begun {
                told: 0,
                arguments: Vec::new(),
                used,
            });
        }
        let written: Vec<_> = (0..kinds.len())
            .map(|index| match clones {
                true => dependent::clone(process, arguments, index)
                    .map_or(format::Early::Unknown, format::Early::Written),
                false => format::early(process, kinds, arguments, index),
            })
            .collect();
        let early: Vec<&str> = written.iter().map_while(format::Early::written).collect();
        let told = early.len();
        let early: Vec<&str> = early.into_iter().filter(|text| !text.is_empty()).collect();
        let comma = if told > 0 && told < kinds.len() {
            ", "
        } else {
            ""
        };
        let head = format!("{}({}{comma}", call.name, early.join(", "));
        self.lock().lines.begin(thread.guest_tid(), call.name, head);
        Some(Begun {
            told,
            arguments: written,
            used,
        })
    }

    /// A call is about to sleep. It is told now how far it is, if nobody else writes there.
    pub(crate) fn sleeps(&self, thread: &Thread) {
        if self.options.silent || self.is_shared(thread.process()) {
            return;
        }
        let (mut out, leader) = (String::new(), self.leader(thread.process()));
        let mut state = self.lock();
        state.lines.sleep(thread.guest_tid(), &mut out, &leader);
        self.write(&out);
    }

    /// Writes a call's line.
    pub(crate) fn leave(
        &self,
        thread: &Thread,
        call: &Call,
        arguments: &Arguments,
        begun: Begun,
        reply: Reply,
    ) {
        let process = thread.process();
        let failed = reply.is_err();
        let used = self.used(thread).saturating_sub(begun.used);
        if let Some(summary) = &mut self.lock().summary {
            summary.count(call.name, failed, used);
        }
        self.count_children(process, call, arguments, reply);
        if self.options.silent {
            return;
        }
        let kinds = call.arguments;
        let early = &begun.arguments;
        let late = early.iter().enumerate().skip(begun.told);
        let late = late.map(|(index, known)| match (known, call.name) {
            (format::Early::Written(text), _) => text.clone(),
            (_, "clone") => dependent::clone_after(process, arguments, reply),
            (_, "pipe") if !failed && process.abi().registers.second_result.is_some() => {
                dependent::pipe_after(thread, reply)
            }
            _ => format::after(process, kinds, arguments, index, early, reply),
        });
        let late: Vec<String> = late.filter(|text| !text.is_empty()).collect();
        let tail = match call.name {
            "rt_sigreturn" | "sigreturn" => {
                format!("{{mask={}}})", structures::set_text(process, thread.mask()))
            }
            _ => format!("{})", late.join(", ")),
        };
        let executes = thread.replacement.is_some();
        let by_itself = match thread.ended() {
            Some(Exit::Signal(death)) if death.host_signal != libc::SIGKILL => Some(Signal {
                number: death.signal,
                origin: death.origin,
            }),
            _ => None,
        };
        let result = match (call.result, reply) {
            (Shown::Never, Ok(_)) if !executes => "?".to_owned(),
            (_, Err(errno)) if errno.is_restart() && process.threads.dismisses(thread.tid()) => {
                "?".to_owned()
            }
            (Shown::Address, Ok(value)) => format!("{value:#x}"),
            (Shown::Octal, Ok(value)) => format::mode_text(value),
            // SIGKILL, to itself; other signals come after the call.
            (_, Ok(_)) if thread.ended().is_some() && by_itself.is_none() => "?".to_owned(),
            (_, Ok(value)) => match format::note(process, call, arguments, value) {
                // Flags are written as bits.
                Some(note) if note.starts_with("flags") => format!("{value:#x} ({note})"),
                Some(note) => format!("{} ({note})", value.cast_signed()),
                None => value.cast_signed().to_string(),
            },
            (_, Err(errno)) => error(errno),
        };
        let (mut out, leader) = (String::new(), self.leader(process));
        let mut state = self.lock();
        let tid = thread.guest_tid();
        state.lines.end(tid, &tail, &result, &mut out, &leader);
        self.write(&out);
        drop(state);
        if let Some(signal) = by_itself {
            self.signal(thread, &signal);
        }
    }

    /// A call that does not come back by itself: the next line of the thread is another's.
    pub(crate) fn abandon(&self, thread: &Thread) {
        self.lock().lines.forget(thread.guest_tid());
    }

    /// Keeps count of the children, whose lines may come in between.
    fn count_children(&self, process: &Process, call: &Call, arguments: &Arguments, reply: Reply) {
        let flags = match call.name {
            "clone" => arguments.word(0),
            "clone3" => process.user().read_u64(arguments.word(0)).unwrap_or(0),
            _ => 0,
        };
        let change = match (call.name, reply) {
            _ if flags & libc::CLONE_THREAD as u64 != 0 => return,
            ("clone" | "clone3" | "fork" | "vfork", Ok(1..)) => 1,
            ("wait4" | "waitpid", Ok(1..)) => -1,
            _ => return,
        };
        let count = |now: i32| Some((now + change).max(0));
        let _ = self
            .children
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, count);
    }

    /// Nanoseconds of the processor that the thread used; in a seeded process none are told.
    fn used(&self, thread: &Thread) -> u64 {
        if thread.process().seeded.is_some() || self.lock().summary.is_none() {
            return 0;
        }
        let mut time = libc::timespec::zeroed();
        match calls::clock_gettime(libc::CLOCK_THREAD_CPUTIME_ID, &mut time).now() {
            Ok(_) => (time.tv_sec * 1_000_000_000 + time.tv_nsec).cast_unsigned(),
            Err(_) => 0,
        }
    }

    /// Writes the line of a call that Portolan does not have.
    pub(crate) fn unknown(
        &self,
        thread: &Thread,
        number: u64,
        name: Option<&'static str>,
        raw: &[u64; Arguments::RAW],
    ) {
        let name = name.map_or_else(|| format!("syscall_{number:#x}"), str::to_owned);
        if self
            .options
            .filter
            .as_ref()
            .is_some_and(|filter| !filter.has(&name))
        {
            return;
        }
        if let Some(summary) = &mut self.lock().summary {
            summary.count(&name, true, 0);
        }
        self.tell(thread, &unknown(number, &name, raw));
    }

    /// Writes the line of a signal that is delivered.
    pub(crate) fn signal(&self, thread: &Thread, signal: &Signal) {
        let personality = &thread.process().personality;
        let name = personality.signal_name(signal.number);
        let code = codes::name(&name, signal.origin.code());
        let more = match signal.origin {
            Origin::Instruction { address, .. } => {
                format!(", si_addr={}", format::pointer(address))
            }
            Origin::Sent {
                code,
                pid,
                uid,
                value,
            } => {
                let value = match code {
                    // Those of sigqueue and of timers carry a value.
                    0 | libc::SI_TKILL => String::new(),
                    _ => format!(
                        ", si_int={}, si_ptr={}",
                        value as i32,
                        format::pointer(value)
                    ),
                };
                format!(", si_pid={pid}, si_uid={uid}{value}")
            }
            Origin::Child {
                code,
                pid,
                uid,
                status,
                times,
            } => {
                let status = match code {
                    libc::CLD_EXITED => status.to_string(),
                    _ => personality.signal_name(status),
                };
                let [user, system] = times;
                format!(
                    ", si_pid={pid}, si_uid={uid}, si_status={status}, si_utime={user}, \
                     si_stime={system}"
                )
            }
            Origin::Timer {
                id, overrun, value, ..
            } => format!(
                ", si_timerid={id}, si_overrun={overrun}, si_int={}, si_ptr={}",
                value as i32,
                format::pointer(value)
            ),
            Origin::Descriptor { band, fd, .. } => format!(", si_band={band}, si_fd={fd}"),
            Origin::Other { .. } => String::new(),
        };
        self.tell(
            thread,
            &format!("--- {name} {{si_signo={name}, si_code={code}{more}}} ---"),
        );
    }

    /// Writes the line of a thread's end; with the process' first thread's comes the table.
    pub(crate) fn ended(&self, thread: &Thread, exit: &Exit) {
        let line = match exit {
            Exit::Code(status) => format!("+++ exited with {status} +++"),
            Exit::Signal(death) => {
                let core = if death.core && leaves_core() {
                    " (core dumped)"
                } else {
                    ""
                };
                format!("+++ killed by {}{core} +++", death.name)
            }
        };
        self.abandon(thread);
        self.tell(thread, &line);
        if !thread.is_first() {
            return;
        }
        let forked = self.is_forked();
        let table = match &mut self.lock().summary {
            Some(summary) if forked => {
                summary.leave();
                None
            }
            summary => summary.as_mut().map(Summary::table),
        };
        if let (Some(table), Sink::File(file)) = (table, &self.sink) {
            drop((&mut &*file).write_all(table.as_bytes()));
        }
    }

    /// Another program is about to take the process over, and go on with the same descriptors.
    pub(crate) fn hand_over(&self) {
        if let Some(summary) = &mut self.lock().summary {
            summary.leave();
        }
    }
}

impl State {
    /// In a child of fork: what the parent knows is the parent's.
    pub(crate) fn become_child(&mut self) {
        self.lines = Lines::default();
        if let Some(summary) = &mut self.summary {
            summary.forget();
        }
    }
}

/// Whether the host lets processes leave core dumps.
fn leaves_core() -> bool {
    let mut limit = libc::rlimit64::zeroed();
    let known = calls::prlimit64(0, libc::RLIMIT_CORE as i32, None, Some(&mut limit)).now();
    known.is_ok() && limit.rlim_cur > 0
}

fn unknown(number: u64, name: &str, raw: &[u64; Arguments::RAW]) -> String {
    let arguments: Vec<_> = raw[..6].iter().map(|value| format!("{value:#x}")).collect();
    let head = format!("{name}({})", arguments.join(", "));
    let result = error(Errno::ENOSYS);
    format!("{head:<39} = {result} [call {number}, not in Portolan]")
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
        assert_eq!(
            unknown(0x1f7, "syscall_0x1f7", &[1, 0, 0, 0, 0, 0, 0, 0]),
            "syscall_0x1f7(0x1, 0x0, 0x0, 0x0, 0x0, 0x0) = -1 ENOSYS (Function not implemented) \
             [call 503, not in Portolan]"
        );
    }
}
