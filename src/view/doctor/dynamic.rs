//! What a file says about the libraries that it needs: its dynamic section and symbol versions.

use object::elf::{self, FileHeader32, FileHeader64};
use object::read::elf::{Dyn, FileHeader};
use object::{Endianness, FileKind};
use std::collections::BTreeSet;

/// The dynamic section, as far as finding libraries needs it.
#[derive(Debug, Default)]
pub(super) struct Dynamic {
    /// `DT_NEEDED`.
    pub(super) needed: Vec<String>,
    /// `DT_RPATH`, split.
    pub(super) rpath: Vec<String>,
    /// `DT_RUNPATH`, split.
    pub(super) runpath: Vec<String>,
    /// The versions that it needs of a library: the library's name and the version's.
    pub(super) requires: Vec<(String, String)>,
    /// The versions that it defines.
    pub(super) provides: BTreeSet<String>,
}

impl Dynamic {
    /// Reads them; a file without any needs nothing.
    pub(super) fn read(data: &[u8]) -> object::read::Result<Dynamic> {
        match FileKind::parse(data)? {
            FileKind::Elf32 => read::<FileHeader32<Endianness>>(data),
            FileKind::Elf64 => read::<FileHeader64<Endianness>>(data),
            _ => Ok(Dynamic::default()),
        }
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn read<Elf: FileHeader<Endian = Endianness>>(data: &[u8]) -> object::read::Result<Dynamic> {
    let header = Elf::parse(data)?;
    let endian = header.endian()?;
    let sections = header.sections(endian, data)?;
    let mut found = Dynamic::default();
    if let Some((entries, link)) = sections.dynamic(endian, data)? {
        let strings = sections.strings(endian, data, link)?;
        for entry in entries {
            let list = match entry.d_tag(endian) {
                elf::DT_NEEDED => &mut found.needed,
                elf::DT_RPATH => &mut found.rpath,
                elf::DT_RUNPATH => &mut found.runpath,
                _ => continue,
            };
            let string = text(entry.string(endian, strings)?);
            match entry.d_tag(endian) {
                elf::DT_NEEDED => list.push(string),
                _ => list.extend(
                    string
                        .split(':')
                        .filter(|part| !part.is_empty())
                        .map(str::to_owned),
                ),
            }
        }
    }
    if let Some((mut needs, link)) = sections.gnu_verneed(endian, data)? {
        let strings = sections.strings(endian, data, link)?;
        while let Some((need, mut versions)) = needs.next()? {
            let file = text(need.file(endian, strings)?);
            while let Some(version) = versions.next()? {
                // A weak version may be missing.
                if version.vna_flags.get(endian).0 & elf::VER_FLG_WEAK.0 == 0 {
                    let name = text(version.name(endian, strings)?);
                    found.requires.push((file.clone(), name));
                }
            }
        }
    }
    if let Some((mut definitions, link)) = sections.gnu_verdef(endian, data)? {
        let strings = sections.strings(endian, data, link)?;
        while let Some((_, mut names)) = definitions.next()? {
            if let Some(name) = names.next()? {
                found.provides.insert(text(name.name(endian, strings)?));
            }
        }
    }
    Ok(found)
}
