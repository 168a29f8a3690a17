//! Scripts: files whose first line names the program that runs them.

use super::error::{ElfIdentity, LoadError};
use super::identify::{Kind, identify};
use crate::errno::Errno;
use crate::paths::rust_path;
use std::ffi::CString;
use std::fs::File;
use std::path::{Path, PathBuf};

/// How much of a file the kernel looks at: `BINPRM_BUF_SIZE`.
pub(super) const LINE_MAX: usize = 256;
/// Scripts whose interpreters are scripts: at most this many in a row, as in the kernel.
const SCRIPTS_MAX: usize = 5;

/// The first line of a script.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shebang {
    /// The program that runs it.
    pub interpreter: CString,
    /// What is passed to that before the script's name: the rest of the line.
    pub argument: Option<CString>,
}

/// What is wrong with a first line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BadLine {
    /// Nothing follows `#!`.
    Empty,
    /// The interpreter's name may go on where the kernel does not look.
    TooLong,
}

impl Shebang {
    /// Splits the first line of a file that starts with `#!`, as the kernel's `load_script` does:
    /// one program, at most one argument; only blanks and tabs separate; a file without any line
    /// end is followed by zeros.
    pub(super) fn parse(start: &[u8]) -> Result<Shebang, BadLine> {
        let mut line = [0; LINE_MAX];
        let present = start.len().min(LINE_MAX);
        line[..present].copy_from_slice(&start[..present]);
        let space = |byte: &u8| matches!(byte, b' ' | b'\t');
        let after = |from: usize, to: usize, wanted: &dyn Fn(&u8) -> bool| {
            (from..to).find(|index| wanted(&line[*index]))
        };
        let word = |byte: &u8| !space(byte);
        let end_of_word = |byte: &u8| space(byte) || *byte == 0;

        let line_end = after(0, LINE_MAX, &|byte| matches!(byte, b'\n' | 0));
        let mut end = match line_end {
            Some(end) if line[end] == b'\n' => end,
            _ => {
                let name = after(2, LINE_MAX, &word).ok_or(BadLine::Empty)?;
                after(name, LINE_MAX, &end_of_word).ok_or(BadLine::TooLong)?;
                LINE_MAX - 1
            }
        };
        while space(&line[end - 1]) {
            end -= 1;
        }
        let name = after(2, end, &word).ok_or(BadLine::Empty)?;
        let name_end = after(name, end, &end_of_word).unwrap_or(end);
        let argument = match space(&line[name_end]) {
            true => after(name_end, end, &word),
            false => None,
        };
        let string = |from: usize, to: usize| {
            let bytes = line[from..to].split(|byte| *byte == 0).next();
            // There is no zero in it.
            CString::new(bytes.unwrap_or_default()).unwrap_or_default()
        };
        Ok(Shebang {
            interpreter: string(name, name_end),
            argument: argument.map(|start| string(start, end)),
        })
    }
}

/// A program, with what led to it.
#[derive(Debug)]
pub struct Resolved {
    /// The file, opened.
    pub file: File,
    /// What it is for.
    pub identity: ElfIdentity,
    /// The file on the host.
    pub host_path: PathBuf,
    /// Its arguments, its name first.
    pub arguments: Vec<CString>,
    /// The scripts on the way, the one that was asked for first.
    pub scripts: Vec<(PathBuf, Shebang)>,
}

impl Resolved {
    /// Tells what fails for the program of the script that leads to it.
    pub fn blame(&self, error: LoadError) -> LoadError {
        blame(&self.scripts, error)
    }
}

/// Finds the program that runs a file: itself, or the interpreter of a script. `name` is what the
/// guest calls the file, and `find` where on the host a script's interpreter is.
///
/// # Errors
///
/// Everything that is not a program or does not lead to one.
pub fn resolve(
    host_path: &Path,
    name: &CString,
    mut arguments: Vec<CString>,
    find: impl Fn(&Shebang) -> Result<PathBuf, Errno>,
) -> Result<Resolved, LoadError> {
    let (mut host_path, mut name) = (host_path.to_owned(), name.clone());
    let mut scripts: Vec<(PathBuf, Shebang)> = Vec::new();
    loop {
        let (file, kind) = identify(&host_path).map_err(|error| blame(&scripts, error))?;
        if scripts.len() > SCRIPTS_MAX {
            return Err(LoadError::ScriptsNested(scripts.swap_remove(0).0));
        }
        let shebang = match kind {
            Kind::Script(shebang) => shebang,
            Kind::Elf(identity) => {
                return Ok(Resolved {
                    file,
                    identity,
                    host_path,
                    arguments,
                    scripts,
                });
            }
        };
        let found = match find(&shebang) {
            // The kernel takes the current directory, which cannot be executed.
            Ok(_) if shebang.interpreter.is_empty() => Ok(PathBuf::from(".")),
            Ok(found) => Ok(found),
            Err(Errno::ENOENT) => Err(LoadError::NotFound(rust_path(&shebang.interpreter))),
            Err(errno) => Err(LoadError::Unreadable {
                path: rust_path(&shebang.interpreter),
                error: std::io::Error::from_raw_os_error(errno.number().into()),
            }),
        };
        let rest = arguments.split_off(arguments.len().min(1));
        arguments = vec![shebang.interpreter.clone()];
        arguments.extend(shebang.argument.clone());
        arguments.push(name);
        arguments.extend(rest);
        name = shebang.interpreter.clone();
        scripts.push((host_path, shebang));
        host_path = found.map_err(|error| blame(&scripts, error))?;
    }
}

/// Tells what fails for an interpreter of the script that names it.
fn blame(scripts: &[(PathBuf, Shebang)], error: LoadError) -> LoadError {
    match scripts.last() {
        None => error,
        Some((script, shebang)) => LoadError::Script {
            path: script.clone(),
            interpreter: shebang.interpreter.clone(),
            error: Box::new(error),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(line: &[u8]) -> Result<(String, Option<String>), BadLine> {
        let text = |string: CString| string.into_string().unwrap();
        let shebang = Shebang::parse(line)?;
        Ok((text(shebang.interpreter), shebang.argument.map(text)))
    }

    /// What the kernel makes of these lines is compared in `tests/scripts.rs`.
    #[test]
    fn a_first_line_is_one_program_and_one_argument() {
        let both = |program: &str, argument: &str| Ok((program.into(), Some(argument.into())));
        assert_eq!(
            parsed(b"#! /usr/bin/env  python3 -u \nrest"),
            both("/usr/bin/env", "python3 -u")
        );
        assert_eq!(parsed(b"#!/bin/sh"), Ok(("/bin/sh".into(), None)));
        assert_eq!(parsed(b"#!/bin/sh\r\n"), Ok(("/bin/sh\r".into(), None)));
        assert_eq!(parsed(b"#!/bin/sh \0x\n"), both("/bin/sh", ""));
        assert_eq!(parsed(b"#!  \n/bin/sh"), Err(BadLine::Empty));
        assert_eq!(
            parsed(&[&b"#!"[..], &[b' '; 300]].concat()),
            Err(BadLine::Empty)
        );
    }

    #[test]
    fn a_name_that_may_be_cut_off_is_none() {
        let named = |length: usize| [&b"#!"[..], &vec![b'x'; length], b"\n"].concat();
        assert!(parsed(&named(253)).is_ok());
        assert_eq!(parsed(&named(254)), Err(BadLine::TooLong));
        let (name, argument) = parsed(&[&b"#!/bin/sh "[..], &[b'x'; 300]].concat()).unwrap();
        assert_eq!((name.as_str(), argument.unwrap().len()), ("/bin/sh", 245));
    }
}
