//! A guest process: what its threads share.

use crate::abi::Abi;
use crate::errno::Errno;
use crate::exec::Reenter;
use crate::host::signals::{self as host_signals, Caught};
use crate::host::{Plain, calls, title};
use crate::layout::Shape;
use crate::loader::{self, LoadError, Loaded, Resolved, Shebang};
use crate::paths::{self, Paths, Proc, c_path};
use crate::personality::Personality;
use crate::scheduler::{HostThreads, Scheduler};
use crate::screen::Screen;
use crate::seeded::{self, Seed, Seeded};
use crate::signals::{Actions, Origin, Signal};
use crate::strace::{self, Tracer};
use crate::syscalls::{OwnLimits, Positions};
use crate::thread::{Progress, Thread};
use crate::threads::{self, Threads};
use crate::user::User;
use portolan_machine::guest::Guest;
use portolan_machine::memory::{Memory, Quiesced};
use std::collections::BTreeMap;
use std::ffi::CString;
use std::ops::Range;
use std::os::unix::ffi::OsStrExt;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Does what is to be done when a process' program has come to its end; the result is the exit
/// status.
pub type Finish = Arc<dyn Fn(Thread, Progress) -> i32 + Send + Sync>;

/// How a process is run.
#[derive(Clone, Default)]
pub struct Options {
    /// The directory under which absolute paths are searched before the host's root.
    pub sysroot: Option<PathBuf>,
    /// Who writes down the calls, if anybody.
    pub tracer: Option<Arc<Tracer>>,
    /// How execve starts the emulator again; without it, execve is ENOSYS.
    pub reenter: Option<Reenter>,
    /// How a process goes on after its program: for a child that a thread other than the first
    /// forked, and which therefore does not return from [`Thread::advance`] to whoever started it.
    pub finish: Option<Finish>,
    /// What replaces everything that differs from run to run, if it is to be replaced.
    pub seed: Option<Seed>,
    /// The processor that it runs on, by the name that the ABI has for it.
    pub processor: Option<String>,
    /// The screen and the keyboard, if it has them.
    pub screen: Option<Screen>,
    /// Who lets threads sleep; the host's threads by default.
    pub scheduler: Option<Arc<dyn Scheduler>>,
}

impl std::fmt::Debug for Options {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Options")
            .field("sysroot", &self.sysroot)
            .field("tracer", &self.tracer.is_some())
            .field("reenter", &self.reenter.is_some())
            .finish_non_exhaustive()
    }
}

/// What to run.
#[derive(Clone, Debug, Default)]
pub struct Command {
    /// The program's file on the host, or a script's.
    pub program: PathBuf,
    /// What execve named, if not that file.
    pub started_by: Option<CString>,
    /// Arguments, the program's name first.
    pub arguments: Vec<CString>,
    /// `NAME=VALUE` strings.
    pub environment: Vec<CString>,
    /// How to run it.
    pub options: Options,
}

impl Command {
    /// Finds the program that runs the file: itself, or a script's interpreter.
    ///
    /// # Errors
    ///
    /// Whatever is no program and does not lead to one.
    pub fn resolve(&self, paths: &Paths) -> Result<Resolved, LoadError> {
        let base = paths
            .has_sysroot()
            .then(|| paths::directory(libc::AT_FDCWD))
            .flatten();
        let find = |shebang: &Shebang| {
            paths.host(
                base.as_deref(),
                &paths::rust_path(&shebang.interpreter),
                true,
            )
        };
        let name = self.started_by(paths);
        loader::resolve(&self.program, &name, self.arguments.clone(), find)
    }

    fn started_by(&self, paths: &Paths) -> CString {
        let named = || c_path(&paths.guest(&self.program));
        self.started_by.clone().unwrap_or_else(named)
    }
}

/// The program that a process runs.
#[derive(Clone, Debug)]
pub struct Program {
    /// Its file on the host, absolute.
    pub host_path: PathBuf,
    /// Its file for the guest: without the sysroot.
    pub path: PathBuf,
    /// What it was started by: the script, if its file is an interpreter.
    pub started_by: CString,
    /// Where things are in memory.
    pub loaded: Loaded,
}

/// A call that the guest made and that Portolan does not have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Missing {
    /// The number.
    pub number: u64,
    /// The name, if the number has one.
    pub name: Option<&'static str>,
    /// How often it was made.
    pub count: u64,
    /// Where it was made last.
    pub pc: u64,
}

/// The heap that brk moves the end of.
#[derive(Clone, Copy, Debug)]
pub struct Heap {
    /// Where it starts.
    pub start: u64,
    /// The first address after it, as brk reports it.
    pub end: u64,
}

/// A guest process. File descriptors, the current directory, process numbers, users and limits
/// are the host process' own; the rest is here.
pub struct Process {
    /// The instruction set.
    pub guest: &'static dyn Guest,
    /// Its Linux ABI, ready for use.
    pub personality: Arc<Personality>,
    /// The address space.
    pub memory: Arc<Memory>,
    /// Where the guest's paths lead.
    pub paths: Paths,
    /// The program.
    pub program: Program,
    /// How it is run.
    pub options: Options,
    /// Who lets threads sleep.
    pub scheduler: Arc<dyn Scheduler>,
    pub(crate) threads: Threads,
    pub(crate) seeded: Option<Seeded>,
    heap: Mutex<Heap>,
    limits: Mutex<OwnLimits>,
    actions: Mutex<Actions>,
    missing: Mutex<BTreeMap<u64, Missing>>,
    positions: Mutex<Positions>,
    forked: AtomicU64,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // What these protect is consistent between any two statements.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Process {
    /// Loads a program; the result is its only thread, ready to run.
    ///
    /// # Errors
    ///
    /// Whatever makes the program impossible to run.
    pub fn load(
        guest: &'static dyn Guest,
        abi: &'static Abi,
        command: Command,
    ) -> Result<Thread, LoadError> {
        let paths = Paths::new(command.options.sysroot.as_deref());
        let Resolved {
            file,
            host_path: program,
            arguments,
            ..
        } = command.resolve(&paths)?;
        let memory = Arc::new(Memory::new(guest.address_bits())?);
        let seeded = command.options.seed.as_ref().map(Seeded::new);
        let host_path = std::fs::canonicalize(&program).unwrap_or(program);
        let path = paths.guest(&host_path);
        let started_by = command.started_by(&paths);
        let request = loader::Request {
            file: &file,
            name: &path,
            started_by: &started_by,
            arguments: &arguments,
            environment: &command.environment,
            paths: &paths,
            random: random(seeded.as_ref()),
            processor: command.options.processor.as_deref(),
        };
        let loaded = loader::load(&memory, abi, &request)?;
        if let Some(screen) = &command.options.screen {
            screen.is_used_by(abi.shape);
        }
        host_signals::restore_inherited();
        let personality = Arc::new(Personality::new(abi));
        let process = Process {
            guest,
            actions: Mutex::new(Actions::inherited(&personality)),
            personality,
            memory,
            paths,
            heap: Mutex::new(Heap {
                start: loaded.heap,
                end: loaded.heap,
            }),
            limits: Mutex::default(),
            program: Program {
                host_path,
                path,
                started_by,
                loaded,
            },
            scheduler: command
                .options
                .scheduler
                .clone()
                .unwrap_or_else(|| Arc::new(HostThreads)),
            options: command.options,
            threads: Threads::default(),
            seeded,
            missing: Mutex::default(),
            positions: Mutex::default(),
            forked: AtomicU64::new(0),
        };
        process.announce();
        Ok(Thread::first(Arc::new(process)))
    }

    /// Lets the host's lists of processes show the guest instead of the emulator.
    fn announce(&self) {
        let started_by = paths::rust_path(&self.program.started_by);
        // Where a descriptor was executed, the kernel shows the file's name too.
        let shown = match started_by.starts_with("/dev/fd") {
            true => &self.program.path,
            false => &started_by,
        };
        let name = shown.file_name().unwrap_or_default();
        let Range { start, end } = self.program.loaded.arguments;
        let arguments = self.user().input(start, end - start);
        if let (Ok(name), Ok(arguments)) = (CString::new(name.as_bytes()), arguments) {
            title::show(&name, arguments);
        }
    }

    /// A process with the same memory and copies of everything else: the child of vfork.
    pub(crate) fn twin(&self) -> Process {
        Process {
            guest: self.guest,
            personality: Arc::clone(&self.personality),
            memory: Arc::clone(&self.memory),
            paths: self.paths.clone(),
            program: self.program.clone(),
            options: self.options.clone(),
            scheduler: Arc::clone(&self.scheduler),
            threads: Threads::borrowed(),
            seeded: self.seeded.as_ref().map(Seeded::twin),
            heap: Mutex::new(*lock(&self.heap)),
            limits: Mutex::new(*lock(&self.limits)),
            actions: Mutex::new(lock(&self.actions).clone()),
            missing: Mutex::new(lock(&self.missing).clone()),
            positions: Mutex::new(lock(&self.positions).clone()),
            forked: AtomicU64::new(0),
        }
    }

    /// How many processes it has forked, by whichever system call.
    pub fn forked(&self) -> u64 {
        self.forked.load(Ordering::Relaxed)
    }

    /// It has forked another process.
    pub(crate) fn count_fork(&self) {
        self.forked.fetch_add(1, Ordering::Relaxed);
    }

    /// Keeps other threads out of everything that they share, so that a child of fork(2) finds it
    /// whole and free.
    pub(crate) fn quiesce(&self) -> Quiet<'_> {
        // In the order in which they are taken elsewhere by those who hold several.
        Quiet {
            _stderr: std::io::stderr().lock(),
            _heap: lock(&self.heap),
            _limits: lock(&self.limits),
            _actions: lock(&self.actions),
            _missing: lock(&self.missing),
            _positions: lock(&self.positions),
            _memory: self.memory.quiesce(),
            seeded: self.seeded.as_ref().map(Seeded::lock),
            tracer: self.options.tracer.as_ref().map(|tracer| tracer.lock()),
            threads: self.threads.lock(),
        }
    }

    /// The short numbers of places in directories.
    pub(crate) fn positions(&self) -> MutexGuard<'_, Positions> {
        lock(&self.positions)
    }

    /// The ABI.
    pub fn abi(&self) -> &'static Abi {
        self.personality.abi
    }

    /// The guest's words.
    pub fn shape(&self) -> Shape {
        self.abi().shape
    }

    /// The guest's memory as calls see it.
    pub fn user(&self) -> User<'_> {
        User {
            memory: &self.memory,
            shape: self.shape(),
        }
    }

    /// The host's number of a process or group that the guest names; negative numbers are groups.
    pub(crate) fn host_pid(&self, guest: i32) -> i32 {
        let seeded = self.seeded.as_ref();
        seeded.map_or(guest, |seeded| seeded.host_pid(guest))
    }

    /// The guest's number of a process of the host.
    pub(crate) fn guest_pid(&self, host: i32) -> i32 {
        let seeded = self.seeded.as_ref();
        seeded.map_or(host, |seeded| seeded.guest_pid(host))
    }

    /// The guest's number of this process.
    pub fn pid(&self) -> i32 {
        self.guest_pid(own_pid())
    }

    /// The guest's view of a signal that the host caught.
    pub(crate) fn signal_from_host(&self, caught: &Caught) -> Signal {
        let mut signal = Signal::from_host(&self.personality, caught);
        if let Origin::Sent { pid, .. } | Origin::Child { pid, .. } = &mut signal.origin {
            *pid = self.guest_pid(*pid);
        }
        signal
    }

    /// The heap, for brk.
    pub fn heap(&self) -> MutexGuard<'_, Heap> {
        lock(&self.heap)
    }

    /// The limits that the host does not enforce.
    pub(crate) fn limits(&self) -> MutexGuard<'_, OwnLimits> {
        lock(&self.limits)
    }

    /// The dispositions of signals.
    pub fn actions(&self) -> MutexGuard<'_, Actions> {
        lock(&self.actions)
    }

    /// The calls that the guest made and that Portolan does not have, by number.
    pub fn missing(&self) -> Vec<Missing> {
        lock(&self.missing).values().cloned().collect()
    }

    /// Remembers a call that Portolan does not have.
    pub(crate) fn note_missing(&self, number: u64, pc: u64) {
        let name = self.personality.call(number).map(|call| call.name);
        let fresh = Missing {
            number,
            name,
            count: 0,
            pc,
        };
        let mut missing = lock(&self.missing);
        let entry = missing.entry(number).or_insert(fresh);
        entry.count += 1;
        entry.pc = pc;
    }

    /// Where mappings go that do not ask for an address.
    pub fn mapping_range(&self) -> Range<u64> {
        self.program.loaded.mappings.clone()
    }

    /// `/proc/self/maps` of the guest.
    pub fn maps(&self) -> Vec<u8> {
        let lines = self
            .memory
            .mappings()
            .into_iter()
            .map(|mapping| format!("{mapping}\n"));
        lines.collect::<String>().into_bytes()
    }

    /// The contents of a file of `/proc` that is about the guest and not about the emulator.
    pub fn proc_contents(&self, file: Proc) -> Option<Vec<u8>> {
        match file {
            Proc::Maps => Some(self.maps()),
            Proc::Cmdline => Some(self.command_line()),
            Proc::Auxv => Some(self.program.loaded.auxiliary.clone()),
            Proc::Exe | Proc::Memory => None,
        }
    }

    /// `/proc/self/cmdline` of the guest: its argument strings as they are now.
    pub fn command_line(&self) -> Vec<u8> {
        let Range { start, end } = self.program.loaded.arguments;
        self.user()
            .bytes(start, (end - start) as usize)
            .unwrap_or_default()
    }
}

/// Everything that the threads of a process share, held: see [`Process::quiesce`].
pub(crate) struct Quiet<'a> {
    _stderr: std::io::StderrLock<'static>,
    _heap: MutexGuard<'a, Heap>,
    _limits: MutexGuard<'a, OwnLimits>,
    _actions: MutexGuard<'a, Actions>,
    _missing: MutexGuard<'a, BTreeMap<u64, Missing>>,
    _positions: MutexGuard<'a, Positions>,
    _memory: Quiesced<'a>,
    /// What a seeded process has, of which the child has a share.
    pub(crate) seeded: Option<MutexGuard<'a, seeded::State>>,
    /// What the parent's calls came to.
    pub(crate) tracer: Option<MutexGuard<'a, strace::State>>,
    /// The threads, of which the child has one.
    pub(crate) threads: MutexGuard<'a, threads::State>,
}

/// Random bytes: of the seed, or the host's.
pub(crate) fn random<const N: usize>(seeded: Option<&Seeded>) -> [u8; N] {
    let mut bytes = [0; N];
    if let Some(seeded) = seeded {
        seeded.fill(&mut bytes);
        return bytes;
    }
    let mut done = calls::getrandom_own(&mut bytes, 0).now();
    while done == Err(Errno::EINTR) {
        done = calls::getrandom_own(&mut bytes, 0).now();
    }
    bytes
}

/// The host's number of this process.
pub fn own_pid() -> i32 {
    calls::getpid().now().map_or(0, |pid| pid as i32)
}

/// The host's number of this thread.
pub fn own_tid() -> i32 {
    calls::gettid().now().map_or(0, |tid| tid as i32)
}

/// An empty host structure, to be filled by a host call.
pub(crate) fn empty<T: Plain>() -> T {
    T::zeroed()
}
