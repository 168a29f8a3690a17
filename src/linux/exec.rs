//! execve: finding out what will run, and starting the emulator again for it.
//!
//! The host's kernel must execute the emulator, not the guest's program; hence everything that
//! can go wrong is found out before, while the calling program can still be told.

use crate::errno::Errno;
use crate::host::{calls, fork};
use crate::layout::Shape;
use crate::loader::{self, ElfIdentity, LoadError, Resolved};
use crate::paths::{self, Proc, c_path, rust_path};
use crate::process::Process;
use crate::seeded::{Seed, Seeded};
use portolan_machine::memory::Order;
use std::ffi::{CStr, CString};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Makes the emulator's own arguments for another guest program, its own name first; `None` if
/// it has no guest for that. The emulator's file is found by itself.
pub type Reenter = Arc<dyn Fn(&Next<'_>) -> Option<Vec<CString>> + Send + Sync>;

/// A guest program that is to replace the current one.
#[derive(Clone, Debug)]
pub struct Next<'a> {
    /// What it is for.
    pub identity: &'a ElfIdentity,
    /// Its file on the host.
    pub host_path: &'a Path,
    /// What the caller of execve named, if that is not the file: a script, say.
    pub started_by: Option<&'a CStr>,
    /// Its arguments, its name first; there may be none.
    pub arguments: &'a [CString],
    /// What it starts with in a seeded process.
    pub seed: Option<Seed>,
    /// Whether it starts in a process that was forked by a guest.
    pub forked: bool,
    /// The descriptors that it goes on tracing to.
    pub passed: Vec<i32>,
}

/// A host program that is to replace this process'.
#[derive(Debug)]
pub struct Replacement {
    /// Descriptors of the emulator's that the next program is to have.
    passed: Vec<i32>,
    program: CString,
    arguments: fork::StringList,
    environment: fork::StringList,
}

impl Replacement {
    fn new(program: CString, arguments: Vec<CString>, environment: Vec<CString>) -> Replacement {
        let (arguments, environment) = (
            fork::StringList::new(arguments),
            fork::StringList::new(environment),
        );
        Replacement {
            passed: Vec::new(),
            program,
            arguments,
            environment,
        }
    }

    /// Does it; returns only what went wrong. It takes no memory: a child of vfork would leave
    /// that behind in its parent.
    pub fn execute(&self) -> Errno {
        let keep = |flags: i32| {
            for fd in &self.passed {
                // They are open: nobody else can close them.
                let _ = calls::fcntl(*fd, libc::F_SETFD, flags as u64).now();
            }
        };
        keep(0);
        let errno = fork::execute(&self.program, &self.arguments, &self.environment);
        keep(libc::FD_CLOEXEC);
        errno
    }
}

/// What a call of execve asks for.
#[derive(Debug)]
pub struct Wanted {
    /// The file on the host.
    pub host_path: PathBuf,
    /// The file as a script's interpreter is told it.
    pub name: CString,
    /// That name is of a descriptor that execve closes.
    pub closes: bool,
    /// Arguments, the program's name first.
    pub arguments: Vec<CString>,
    /// `NAME=VALUE` strings.
    pub environment: Vec<CString>,
}

/// Finds out what has to be executed on the host.
///
/// # Errors
///
/// What execve would answer: ENOENT, EACCES, ENOEXEC, ELOOP.
pub fn prepare(process: &Process, wanted: Wanted) -> Result<Replacement, Errno> {
    let Some(reenter) = &process.options.reenter else {
        return Err(Errno::ENOSYS);
    };
    let named = c_path(&process.paths.guest(&wanted.host_path));
    let find = |shebang: &loader::Shebang| match wanted.closes {
        // The interpreter could not open the script.
        true => Err(Errno::ENOENT),
        false => host_file(process, &shebang.interpreter),
    };
    let found = loader::resolve(&wanted.host_path, &wanted.name, wanted.arguments, find);
    let Resolved {
        file,
        identity,
        host_path,
        arguments,
        scripts,
    } = found.map_err(|error| errno_of(&error))?;
    let tracer = process.options.tracer.as_ref();
    let next = Next {
        identity: &identity,
        host_path: &host_path,
        started_by: (!scripts.is_empty() || named != wanted.name).then_some(&*wanted.name),
        arguments: &arguments,
        seed: process.seeded.as_ref().map(Seeded::for_next),
        forked: tracer.is_some_and(|tracer| tracer.is_forked()),
        passed: tracer.map_or_else(Vec::new, |tracer| tracer.descriptors()),
    };
    if let Some(arguments) = reenter(&next) {
        loader::check(&file, &process.paths).map_err(|error| errno_of(&error))?;
        let emulator = c"/proc/self/exe".to_owned();
        let replacement = Replacement::new(emulator, arguments, wanted.environment);
        return Ok(Replacement {
            passed: next.passed,
            ..replacement
        });
    }
    if is_native(&identity) {
        return Ok(Replacement::new(
            c_path(&host_path),
            arguments,
            wanted.environment,
        ));
    }
    Err(Errno::ENOEXEC)
}

/// The host file of a path that is to be executed.
pub fn host_file(process: &Process, path: &CStr) -> Result<PathBuf, Errno> {
    if paths::proc_file(path, process.pid() as u32) == Some(Proc::Exe) {
        return Ok(process.program.host_path.clone());
    }
    let base = process
        .paths
        .has_sysroot()
        .then(|| paths::directory(libc::AT_FDCWD))
        .flatten();
    process.paths.host(base.as_deref(), &rust_path(path), true)
}

/// What execve answers for a file that cannot be run.
fn errno_of(error: &LoadError) -> Errno {
    match error {
        LoadError::NotFound(path) => missing(path),
        LoadError::NoInterpreter(_) => Errno::ENOENT,
        LoadError::Directory(_) | LoadError::NotRegular(_) | LoadError::NotExecutable(_) => {
            Errno::EACCES
        }
        LoadError::Unreadable { error, .. } => Errno::from_io(error),
        LoadError::Interpreter { error, .. } | LoadError::Script { error, .. } => errno_of(error),
        LoadError::ScriptsNested(_) => Errno::ELOOP,
        _ => Errno::ENOEXEC,
    }
}

/// ENOENT, ENOTDIR, EACCES or ELOOP: what the host says about a path.
fn missing(path: &Path) -> Errno {
    let asked = calls::faccessat(libc::AT_FDCWD, &c_path(path), libc::F_OK).now();
    asked.err().unwrap_or(Errno::ENOENT)
}

/// Whether the host's own kernel runs this program.
fn is_native(identity: &ElfIdentity) -> bool {
    let machine = match std::env::consts::ARCH {
        "x86_64" => 62,
        "aarch64" => 183,
        "riscv64" => 243,
        _ => return false,
    };
    let order = if cfg!(target_endian = "big") {
        Order::Big
    } else {
        Order::Little
    };
    identity.machine == machine && identity.shape == Shape { word: 8, order }
}
