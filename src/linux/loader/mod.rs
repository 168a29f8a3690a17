//! From a file to a program ready to run: the work of the kernel's execve.

mod error;
mod identify;
mod image;
mod map;
mod script;
mod stack;
#[cfg(test)]
mod tests;

pub use error::{ElfIdentity, LoadError};
pub use identify::{Kind, identify};
pub use image::{Image, Segment, identity, parse};
pub use map::Placed;
pub use script::{BadLine, Resolved, Shebang, resolve};
pub use stack::key;

use crate::abi::{Abi, Processor};
use crate::host::{Plain, calls};
use crate::paths::{Paths, path_of};
use map::Place;
use object::read::ReadCache;
use portolan_machine::memory::{Memory, PAGE, Protection};
use std::ffi::CString;
use std::fs::File;
use std::ops::Range;
use std::path::{Path, PathBuf};

/// The stack's size where the host sets no limit, in bytes.
const STACK_DEFAULT: u64 = 8 << 20;
/// The largest stack that is mapped, in bytes.
const STACK_MAX: u64 = 64 << 20;
/// Unmapped bytes under the stack: the kernel's `stack_guard_gap`.
const STACK_GUARD: u64 = 256 * PAGE;
/// The least distance from the stack's top down to the first mapping, as in the kernel.
const STACK_GAP: u64 = 128 << 20;

/// A program to load.
#[derive(Debug)]
pub struct Request<'a> {
    /// The file, opened.
    pub file: &'a File,
    /// The file's name for the guest.
    pub name: &'a Path,
    /// The path that the program was started by.
    pub started_by: &'a CString,
    /// Arguments, the program's name first.
    pub arguments: &'a [CString],
    /// `NAME=VALUE` strings.
    pub environment: &'a [CString],
    /// Where the interpreter is searched.
    pub paths: &'a Paths,
    /// `AT_RANDOM`.
    pub random: [u8; 16],
    /// The name of the processor, if somebody asks for one.
    pub processor: Option<&'a str>,
}

/// A program in memory.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// Where to start: the interpreter's entry, or the program's.
    pub entry: u64,
    /// The program's own entry.
    pub program_entry: u64,
    /// The program.
    pub program: Placed,
    /// Its interpreter, if it has one, and that one's name for the guest.
    pub interpreter: Option<(Placed, PathBuf)>,
    /// The initial stack pointer.
    pub stack_pointer: u64,
    /// The stack's pages.
    pub stack: Range<u64>,
    /// Where the heap starts.
    pub heap: u64,
    /// Where mappings go that do not ask for an address.
    pub mappings: Range<u64>,
    /// Where signal handlers return to.
    pub trampoline: u64,
    /// The auxiliary vector, as `/proc/self/auxv` has it.
    pub auxiliary: Vec<u8>,
    /// The addresses of the argument strings.
    pub arguments: Range<u64>,
    /// The mode of its harts.
    pub mode: u8,
}

/// Loads a program into an empty memory.
///
/// # Errors
///
/// Whatever makes the file impossible to run.
pub fn load(memory: &Memory, abi: &Abi, request: &Request<'_>) -> Result<Loaded, LoadError> {
    let image = parse_for(abi, request.file)?;
    let interpreter = match &image.interpreter {
        Some(path) => Some(open_interpreter(abi, request.paths, path)?),
        None => None,
    };
    let mode = (abi.elf.mode)(&image, interpreter.as_ref().map(|found| &found.image));
    let mode = mode.map_err(|what| LoadError::Unsupported {
        what,
        flags: image.identity.flags,
    })?;
    let processor = abi.processors.find(request.processor);
    let processor = processor.ok_or_else(|| LoadError::Processor {
        name: request.processor.unwrap_or_default().to_owned(),
        known: abi.processors.names(),
    })?;
    let mode = mode | processor.mode;
    let stack = map_stack(memory, abi, &image)?;
    let gap = STACK_GAP.max(stack.end - stack.start + STACK_GUARD);
    let mappings = abi.space.lowest..stack.end.saturating_sub(gap);

    let name = request.name.to_string_lossy();
    // As the kernel: dynamic programs at two thirds of the space, so that the heap can grow.
    let anywhere = Place::From(stack.end / 3 * 2 / PAGE * PAGE);
    let program = map::place(memory, &image, request.file, &name, anywhere)?;
    let mut placed = None;
    if let Some(found) = &interpreter {
        let (name, place) = (
            found.name.to_string_lossy(),
            Place::Highest(mappings.clone()),
        );
        let result = map::place(memory, &found.image, &found.file, &name, place);
        placed = Some(result.map_err(|error| interpreter_error(&found.name, error))?);
    }
    let code = abi.signals.trampoline;
    let trampoline = map::place_code(memory, code, "[sigpage]", mappings.clone())?;

    let program_entry = image.entry.wrapping_add(program.bias);
    let auxiliary = auxiliary(
        abi,
        &processor,
        &image,
        &program,
        placed.as_ref(),
        program_entry,
    );
    let contents = stack::Contents {
        arguments: request.arguments,
        environment: request.environment,
        file: request.started_by,
        platforms: [
            (key::PLATFORM, abi.platform),
            (key::BASE_PLATFORM, processor.base_platform),
        ],
        random: request.random,
        auxiliary: &auxiliary,
    };
    let built = stack::build(memory, abi.shape, stack.clone(), &contents)?;
    let entry = match (&interpreter, &placed) {
        (Some(found), Some(placed)) => found.image.entry.wrapping_add(placed.bias),
        _ => program_entry,
    };
    Ok(Loaded {
        entry,
        program_entry,
        program,
        interpreter: placed.zip(interpreter.map(|found| found.name)),
        stack_pointer: built.pointer,
        stack,
        heap: program.end,
        mappings,
        trampoline,
        auxiliary: built.auxiliary,
        arguments: built.arguments,
        mode,
    })
}

/// Reads a file's headers and checks that it is for this ABI.
fn parse_for(abi: &Abi, file: &File) -> Result<Image, LoadError> {
    let image = parse(&ReadCache::new(file))?;
    let identity = image.identity;
    if identity.machine != abi.elf.machine || identity.shape != abi.shape {
        return Err(LoadError::Foreign { identity });
    }
    match (abi.elf.refuse)(identity.flags) {
        Some(what) => Err(LoadError::Unsupported {
            what,
            flags: identity.flags,
        }),
        None => Ok(image),
    }
}

struct Interpreter {
    name: PathBuf,
    file: File,
    image: Image,
}

fn open_interpreter(abi: &Abi, paths: &Paths, path: &[u8]) -> Result<Interpreter, LoadError> {
    let name = path_of(path.to_vec());
    let host = paths
        .host(None, &name, true)
        .map_err(|_| LoadError::NoInterpreter(name.clone()))?;
    let opened = identify(&host).and_then(|(file, _)| Ok((parse_for(abi, &file)?, file)));
    match opened {
        Ok((image, file)) => Ok(Interpreter { name, file, image }),
        Err(error) if error.is_not_found() => Err(LoadError::NoInterpreter(name)),
        Err(error) => Err(interpreter_error(&name, error)),
    }
}

fn interpreter_error(path: &Path, error: LoadError) -> LoadError {
    LoadError::Interpreter {
        path: path.to_owned(),
        error: Box::new(error),
    }
}

/// Checks that the program behind an opened file could be loaded, as far as its headers tell:
/// what execve must know before it gives up the old program.
///
/// # Errors
///
/// As [`load`].
pub fn check(file: &File, paths: &Paths) -> Result<(), LoadError> {
    let image = parse(&ReadCache::new(file))?;
    let Some(path) = &image.interpreter else {
        return Ok(());
    };
    let name = path_of(path.clone());
    let host = paths
        .host(None, &name, true)
        .map_err(|_| LoadError::NoInterpreter(name.clone()))?;
    match identify(&host) {
        Ok(_) => Ok(()),
        Err(error) if error.is_not_found() => Err(LoadError::NoInterpreter(name)),
        Err(error) => Err(interpreter_error(&name, error)),
    }
}

/// The limit that the host sets for stacks.
fn stack_size() -> u64 {
    let mut limit = libc::rlimit64::zeroed();
    let known = calls::prlimit64(0, libc::RLIMIT_STACK as i32, None, Some(&mut limit)).now();
    match known {
        Ok(_) if limit.rlim_cur < STACK_MAX => limit.rlim_cur.max(32 * PAGE),
        Ok(_) if limit.rlim_cur != libc::RLIM64_INFINITY => STACK_MAX,
        _ => STACK_DEFAULT,
    }
    .next_multiple_of(PAGE)
}

fn map_stack(memory: &Memory, abi: &Abi, image: &Image) -> Result<Range<u64>, LoadError> {
    let end = abi.space.end.min(memory.limit()) / PAGE * PAGE - PAGE;
    let start = end
        .checked_sub(stack_size())
        .filter(|start| *start > abi.space.lowest);
    let Some(start) = start else {
        return Err(LoadError::NoRoom {
            what: format!("a stack below {end:#x}"),
        });
    };
    let mut protection = Protection::READ | Protection::WRITE;
    if image.stack_executable.unwrap_or(abi.elf.stack_executable) {
        protection |= Protection::EXEC;
    }
    memory.map(start, end - start, protection, "[stack]")?;
    Ok(start..end)
}

fn auxiliary(
    abi: &Abi,
    processor: &Processor,
    image: &Image,
    program: &Placed,
    interpreter: Option<&Placed>,
    entry: u64,
) -> Vec<(u64, u64)> {
    let number = |call: crate::host::HostCall<'_>| call.now().unwrap_or(0);
    // The host's clock ticks, which times reports in.
    const TICKS: u64 = 100;
    let mut out = vec![
        (key::HWCAP, processor.hwcap),
        (key::PAGESZ, PAGE),
        (key::CLKTCK, TICKS),
    ];
    out.extend(
        image
            .headers
            .map(|address| (key::PHDR, address.wrapping_add(program.bias))),
    );
    out.extend([
        (key::PHENT, u64::from(image.header_size)),
        (key::PHNUM, u64::from(image.header_count)),
        (key::BASE, interpreter.map_or(0, |placed| placed.bias)),
        (key::FLAGS, 0),
        (key::ENTRY, entry),
        (key::UID, number(calls::getuid())),
        (key::EUID, number(calls::geteuid())),
        (key::GID, number(calls::getgid())),
        (key::EGID, number(calls::getegid())),
        (key::SECURE, 0),
        (key::MINSIGSTKSZ, abi.signals.minimum_stack),
    ]);
    out.extend(processor.hwcap2.map(|hwcap2| (key::HWCAP2, hwcap2)));
    out
}
