//! Where an address is in a program: its function and source line.

use super::functions::Functions;
use super::objects::Objects;
use crate::Process;
use addr2line::Loader;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

/// Finds functions and lines in the file of a program.
#[derive(Default)]
pub struct Locator {
    functions: Functions,
    lines: Option<Loader>,
    file: PathBuf,
    /// Few ask for them.
    objects: OnceLock<Objects>,
    /// What was added to the file's addresses when it was loaded.
    bias: u64,
}

/// Where an address is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Location {
    /// The function, and the distance in bytes from its start.
    pub function: Option<(String, u64)>,
    /// The source file and line.
    pub line: Option<(String, u32)>,
}

impl Locator {
    /// Of the program that a process runs.
    pub fn of(process: &Process) -> Locator {
        let program = &process.thread().process().program;
        Locator::new(&program.host_path, program.loaded.program.bias)
    }

    /// Reads a program's symbols and line numbers. A file without any locates nothing.
    pub fn new(program: &Path, bias: u64) -> Locator {
        Locator {
            functions: Functions::of(program),
            lines: Loader::new(program).ok(),
            file: program.to_owned(),
            objects: OnceLock::new(),
            bias,
        }
    }

    /// Where an address is.
    pub fn place(&self, address: u64) -> Location {
        let address = address.wrapping_sub(self.bias);
        let function = self.functions.at(address);
        let function = function.map(|(start, name)| (name.to_owned(), address - start));
        let location = self
            .lines
            .as_ref()
            .and_then(|it| it.find_location(address).ok().flatten());
        let line = location.and_then(|place| Some((place.file?.to_owned(), place.line?)));
        Location { function, line }
    }

    /// The function at an address, and where it starts.
    pub fn function(&self, address: u64) -> Option<(&str, u64)> {
        let (start, name) = self.functions.at(address.wrapping_sub(self.bias))?;
        Some((name, start.wrapping_add(self.bias)))
    }

    /// The functions by address: where each starts, its size, and its name.
    pub fn functions(&self) -> impl Iterator<Item = (u64, u64, &str)> {
        let functions = self.functions.iter();
        functions.map(|(start, size, name)| (start.wrapping_add(self.bias), size, name))
    }

    /// The lines that a range of addresses comes from: the address and size of each part, its file and line.
    pub fn lines(&self, range: std::ops::Range<u64>) -> Vec<(u64, u64, String, u32)> {
        let (low, high) = (
            range.start.wrapping_sub(self.bias),
            range.end.wrapping_sub(self.bias),
        );
        let Some(found) = self
            .lines
            .as_ref()
            .and_then(|it| it.find_location_range(low, high).ok())
        else {
            return Vec::new();
        };
        found
            .filter_map(|(start, size, place)| {
                let (file, line) = (place.file?.to_owned(), place.line?);
                Some((start.wrapping_add(self.bias), size, file, line))
            })
            .collect()
    }

    /// The first address of a source line; of a file, the end of the name is enough.
    pub fn address_of_line(&self, file: &str, line: u32) -> Option<u64> {
        let found = self.lines.as_ref()?.find_location_range(0, u64::MAX).ok()?;
        let meant = found.filter(|(.., place)| {
            place.line == Some(line) && place.file.is_some_and(|it| Path::new(it).ends_with(file))
        });
        let first = meant.map(|(address, ..)| address).min()?;
        Some(first.wrapping_add(self.bias))
    }

    /// The address of a function.
    pub fn address_of(&self, name: &str) -> Option<u64> {
        let (address, ..) = self.functions.iter().find(|(.., known)| *known == name)?;
        Some(address.wrapping_add(self.bias))
    }

    /// The data of a name: its address, and how many bytes there are.
    pub fn object(&self, name: &str) -> Option<(u64, u64)> {
        let (address, size) = self.known_objects().named(name)?;
        Some((address.wrapping_add(self.bias), size))
    }

    /// The names of all data.
    pub fn objects(&self) -> impl Iterator<Item = &str> {
        self.known_objects().names()
    }

    fn known_objects(&self) -> &Objects {
        self.objects.get_or_init(|| Objects::of(&self.file))
    }
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.function {
            Some((name, 0)) => write!(f, "{name}")?,
            Some((name, offset)) => write!(f, "{name}+{offset:#x}")?,
            None => {}
        }
        match &self.line {
            Some((file, line)) if self.function.is_some() => write!(f, " ({file}:{line})"),
            Some((file, line)) => write!(f, "{file}:{line}"),
            None => Ok(()),
        }
    }
}
