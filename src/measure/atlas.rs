//! Where code came from: files, functions, lines.

use crate::view::locate::Locator;
use object::{Object, ObjectSegment};
use portolan_linux::paths::Paths;
use portolan_machine::memory::{Mapping, PAGE};
use std::cell::OnceCell;
use std::ops::Range;
use std::path::{Path, PathBuf};

/// The files that code was mapped from, by the numbers of its mappings.
pub struct Atlas {
    files: Vec<File>,
    /// The file of each mapping.
    by_mapping: Vec<usize>,
}

/// A file that code was mapped from, or memory that is of no file.
pub struct File {
    /// What the program knows it by.
    pub name: String,
    /// Where it is for us; None if it is no file.
    pub host_path: Option<PathBuf>,
    /// Where its code was mapped first, and what was added to its addresses.
    pub mapping: Mapping,
    /// What was added to its addresses.
    pub bias: u64,
    span: Range<u64>,
    locator: OnceCell<Locator>,
}

/// Where an address is.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// The number of the file.
    pub file: Option<usize>,
    /// The function; where no symbol tells, none.
    pub function: Option<String>,
    /// The distance in bytes from its start, or from the file's.
    pub offset: u64,
}

impl Atlas {
    /// Of the mappings that code was in.
    pub fn new(mappings: &[Mapping], paths: &Paths) -> Atlas {
        let mut files: Vec<File> = Vec::new();
        let mut by_mapping = Vec::new();
        for mapping in mappings {
            let file = File::of(mapping, paths);
            let same = |known: &File| known.name == file.name && known.bias == file.bias;
            let number = files.iter().position(same).unwrap_or_else(|| {
                files.push(file);
                files.len() - 1
            });
            by_mapping.push(number);
        }
        Atlas { files, by_mapping }
    }

    /// The files.
    pub fn files(&self) -> &[File] {
        &self.files
    }

    /// The number of the file of a mapping.
    pub fn file_of(&self, mapping: Option<usize>) -> Option<usize> {
        mapping.map(|mapping| self.by_mapping[mapping])
    }

    /// Where an address of a file is.
    pub fn place(&self, file: Option<usize>, address: u64) -> Place {
        let Some(found) = file.map(|number| &self.files[number]) else {
            return Place {
                offset: address,
                ..Place::default()
            };
        };
        match found.locator().function(address) {
            Some((name, start)) => Place {
                file,
                function: Some(name.to_owned()),
                offset: address.wrapping_sub(start),
            },
            None => Place {
                file,
                function: None,
                offset: address.wrapping_sub(found.bias),
            },
        }
    }

    /// The source file and line of an address of a file.
    pub fn line(&self, file: Option<usize>, address: u64) -> Option<(String, u32)> {
        self.files[file?].locator().place(address).line
    }

    /// A place as people read it. The first file, which is the program's, needs no name.
    pub fn text(&self, place: &Place) -> String {
        let file = place
            .file
            .map_or("?", |number| self.files[number].short_name());
        match &place.function {
            Some(name) => {
                let mut text = name.clone();
                if place.offset != 0 {
                    text += &format!("+{:#x}", place.offset);
                }
                match place.file {
                    Some(0) => text,
                    _ => format!("{text} [{file}]"),
                }
            }
            None => format!("{file}+{:#x}", place.offset),
        }
    }
}

impl File {
    /// The file of a mapping, if it has one.
    pub(super) fn host_path(mapping: &Mapping, paths: &Paths) -> Option<PathBuf> {
        let is_file = mapping.inode != 0 && mapping.name.starts_with('/');
        is_file.then(|| paths.host(None, Path::new(&*mapping.name), true).ok())?
    }

    fn of(mapping: &Mapping, paths: &Paths) -> File {
        let name = mapping.name.to_string();
        let host_path = File::host_path(mapping, paths);
        let placed = host_path.as_deref().and_then(|path| placed(path, mapping));
        let (bias, span) = placed.unwrap_or_else(|| {
            let start = mapping.start.wrapping_sub(mapping.offset);
            match host_path {
                Some(_) => (start, start..mapping.end),
                None => (0, mapping.start..mapping.end),
            }
        });
        File {
            name: match &*name {
                "" => "[anonymous]".into(),
                _ => name,
            },
            mapping: mapping.clone(),
            bias,
            span,
            host_path,
            locator: OnceCell::new(),
        }
    }

    /// The addresses that the whole file spans in memory.
    pub fn span(&self) -> Range<u64> {
        self.span.clone()
    }

    /// What it is called without its directory.
    pub fn short_name(&self) -> &str {
        self.name.rsplit('/').next().unwrap_or(&self.name)
    }

    /// Finds its functions and lines.
    pub fn locator(&self) -> &Locator {
        self.locator.get_or_init(|| match &self.host_path {
            Some(path) => Locator::new(path, self.bias),
            None => Locator::default(),
        })
    }
}

/// What was added to a file's addresses so that a part of it came to be where it is mapped, and what it spans then.
pub(super) fn placed(path: &Path, mapping: &Mapping) -> Option<(u64, Range<u64>)> {
    let bytes = std::fs::read(path).ok()?;
    let file = object::File::parse(&*bytes).ok()?;
    let within = |segment: &object::Segment<'_, '_>| {
        let (offset, size) = segment.file_range();
        // Whole pages are mapped.
        let mapped = mapping.end - mapping.start;
        mapping.offset < offset.saturating_add(size)
            && offset < mapping.offset.saturating_add(mapped)
    };
    let is_code = |segment: &object::Segment<'_, '_>| match segment.flags() {
        object::SegmentFlags::Elf { p_flags, .. } => p_flags.0 & object::elf::PF_X.0 != 0,
        _ => true,
    };
    let found = file.segments().find(|it| within(it) && is_code(it));
    let segment = found.or_else(|| file.segments().find(within))?;
    let address = mapping
        .offset
        .wrapping_sub(segment.file_range().0)
        .wrapping_add(segment.address());
    let bias = mapping.start.wrapping_sub(address);
    let start = file.segments().map(|it| it.address() & !(PAGE - 1)).min()?;
    let ends = file
        .segments()
        .map(|it| it.address().saturating_add(it.size()));
    let end = ends.max()?;
    Some((bias, start.wrapping_add(bias)..end.wrapping_add(bias)))
}
