//! Why a program cannot be loaded.

use super::script::BadLine;
use crate::layout::Shape;
use portolan_machine::memory::{MemoryError, Order};
use std::ffi::{CStr, CString};
use std::path::PathBuf;
use thiserror::Error;

/// Why a file cannot be run: what is wrong, where, and what can be done.
#[derive(Debug, Error)]
pub enum LoadError {
    /// There is no such file, or a directory on the way to it is none.
    #[error("{path}: no such file; is the path right?", path = .0.display())]
    NotFound(PathBuf),
    /// It is a directory.
    #[error("{path}: is a directory; name the program inside it", path = .0.display())]
    Directory(PathBuf),
    /// It is a device, a pipe or a socket.
    #[error("{path}: is not a regular file", path = .0.display())]
    NotRegular(PathBuf),
    /// It may not be read.
    #[error("{path}: cannot be read ({error}); ask its owner for read permission", path = .path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the host says.
        error: std::io::Error,
    },
    /// It may not be executed.
    #[error("{path}: is not executable; `chmod +x` it", path = .0.display())]
    NotExecutable(PathBuf),
    /// It has no contents.
    #[error("{path}: is empty", path = .0.display())]
    Empty(PathBuf),
    /// It is a script, and its first line does not say what runs it.
    #[error("{path}: is a script, but {why}", path = .path.display(), why = .bad.why())]
    FirstLine {
        /// The file.
        path: PathBuf,
        /// What is wrong with the line.
        bad: BadLine,
    },
    /// It is a script, and what its first line names cannot be run.
    #[error("{path}: {why}", path = .path.display(), why = script_error(.interpreter, .error))]
    Script {
        /// The file.
        path: PathBuf,
        /// What its first line names.
        interpreter: CString,
        /// What is wrong with that.
        error: Box<LoadError>,
    },
    /// It is a script of a script of a script...
    #[error("{path}: is a script whose interpreter is a script, and so on: the kernel follows five; is it its own interpreter?", path = .0.display())]
    ScriptsNested(PathBuf),
    /// It is no program.
    #[error("{path}: is not an ELF program (it starts with {start})", path = .path.display())]
    NotElf {
        /// The file.
        path: PathBuf,
        /// Its first bytes, printable.
        start: String,
    },
    /// It is a program of another instruction set.
    #[error("is {identity}")]
    Foreign {
        /// What it is.
        identity: ElfIdentity,
    },
    /// There is no such processor of its instruction set.
    #[error("there is no processor {name:?} for it; there are {known}")]
    Processor {
        /// What was asked for.
        name: String,
        /// The names of those that there are.
        known: String,
    },
    /// The program needs what this guest does not have.
    #[error("needs {what}, which this guest does not have (e_flags {flags:#x})")]
    Unsupported {
        /// What is missing.
        what: &'static str,
        /// The file's flags.
        flags: u32,
    },
    /// It is an ELF file, but not one to be run.
    #[error("is {kind}, not a program; {remedy}")]
    NotProgram {
        /// What it is.
        kind: String,
        /// What to do.
        remedy: &'static str,
    },
    /// It ends too early.
    #[error(
        "is cut off: {what} ends at byte {needed}, the file has {present} bytes; copy it again"
    )]
    Truncated {
        /// What lies beyond the end.
        what: String,
        /// The length that the file would need.
        needed: u64,
        /// The length that it has.
        present: u64,
    },
    /// A header contradicts itself.
    #[error("is damaged: {what}")]
    Damaged {
        /// What is wrong, and where.
        what: String,
    },
    /// It needs more memory than there is.
    #[error("needs {needed} bytes of memory; the host has {present}")]
    TooLarge {
        /// What its segments take.
        needed: u64,
        /// What the host has.
        present: u64,
    },
    /// There is no room for it in the address space.
    #[error("does not fit into the guest's address space: {what}")]
    NoRoom {
        /// What does not fit where.
        what: String,
    },
    /// The interpreter that a dynamic program names is not there.
    #[error(
        "its interpreter {path} is not there; give the guest's libraries with -L DIR",
        path = .0.display()
    )]
    NoInterpreter(PathBuf),
    /// The interpreter that a dynamic program names cannot be loaded.
    #[error("its interpreter {path}: {error}", path = .path.display())]
    Interpreter {
        /// The interpreter.
        path: PathBuf,
        /// Why.
        error: Box<LoadError>,
    },
    /// Arguments and environment do not fit on the stack.
    #[error("arguments and environment take {size} bytes; at most {most} fit")]
    ArgumentsTooLong {
        /// What they take.
        size: u64,
        /// What fits.
        most: u64,
    },
    /// The memory refused.
    #[error("guest memory: {0}")]
    Memory(#[from] MemoryError),
}

impl BadLine {
    fn why(self) -> &'static str {
        match self {
            BadLine::Empty => "its first line names no interpreter after #!",
            BadLine::TooLong => {
                "its first line is too long: the kernel reads 256 bytes, and the interpreter's name may go on"
            }
        }
    }
}

/// What is wrong with a script's interpreter.
fn script_error(interpreter: &CStr, error: &LoadError) -> String {
    let name = interpreter.to_string_lossy();
    match error {
        _ if name.is_empty() => BadLine::Empty.why().to_owned(),
        _ if name.ends_with('\r') => format!(
            "its interpreter {name:?} is not there: the first line ends with a carriage return, as \
             on Windows; convert the file with `sed -i 's/\\r$//'`"
        ),
        LoadError::NotFound(_) => {
            format!("its interpreter {name} is not there; give the guest's files with -L DIR")
        }
        error => {
            let error = error.to_string();
            // Most errors start with the file's name.
            let more = error
                .strip_prefix(&*name)
                .map(|rest| rest.trim_start_matches(':').trim());
            format!("its interpreter {name}: {}", more.unwrap_or(&error))
        }
    }
}

impl LoadError {
    /// Whether a program of this name does not exist: shells exit with 127 then, with 126 for
    /// everything else.
    pub fn is_not_found(&self) -> bool {
        matches!(self, LoadError::NotFound(_))
    }

    pub(super) fn damaged(what: impl Into<String>) -> LoadError {
        LoadError::Damaged { what: what.into() }
    }
}

/// What instruction set an ELF file is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ElfIdentity {
    /// `e_machine`.
    pub machine: u16,
    /// Words and byte order.
    pub shape: Shape,
    /// `e_flags`.
    pub flags: u32,
}

impl ElfIdentity {
    /// The usual name of the instruction set, if it has one here.
    pub fn machine_name(&self) -> Option<&'static str> {
        Some(match (self.machine, self.shape.word, self.shape.order) {
            (2 | 18, ..) => "SPARC",
            (43, ..) => "SPARC 64-bit",
            (3, ..) => "i386",
            (4, ..) => "m68k",
            (8 | 10, 4, Order::Little) => "MIPS little-endian",
            (8, 4, Order::Big) => "MIPS big-endian",
            (8, 8, Order::Little) => "MIPS 64-bit little-endian",
            (8, 8, Order::Big) => "MIPS 64-bit big-endian",
            (20, ..) => "PowerPC",
            (21, ..) => "PowerPC 64-bit",
            (22, ..) => "s390",
            (40, ..) => "ARM",
            (62, 4, _) => "x32",
            (62, ..) => "x86-64",
            (183, ..) => "AArch64",
            (243, 4, _) => "RISC-V 32-bit",
            (243, ..) => "RISC-V 64-bit",
            (258, ..) => "LoongArch",
            _ => return None,
        })
    }
}

impl std::fmt::Display for ElfIdentity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.machine_name() {
            Some(name) => write!(f, "a program for {name}"),
            None => write!(f, "a program for the unknown ELF machine {}", self.machine),
        }
    }
}
