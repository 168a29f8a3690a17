//! Where the dynamic linker finds libraries, within the sysroot.

use super::dynamic::Dynamic;
use portolan_linux::loader::identity;
use portolan_linux::paths::Paths;
use serde::Serialize;
use std::collections::{BTreeMap, VecDeque};
use std::fs;
use std::path::{Path, PathBuf};

/// A library that something needs.
#[derive(Debug, Serialize)]
pub(super) struct Library {
    pub(super) name: String,
    /// Who needs it first.
    pub(super) needed_by: String,
    /// Its file for the guest; none if it is missing.
    pub(super) path: Option<PathBuf>,
}

/// A version of symbols that a library lacks.
#[derive(Debug, Serialize)]
pub(super) struct MissingVersion {
    pub(super) version: String,
    pub(super) library: String,
    pub(super) needed_by: String,
}

/// The libraries of a program.
#[derive(Debug, Default)]
pub(super) struct Libraries {
    pub(super) found: Vec<Library>,
    pub(super) versions: Vec<MissingVersion>,
}

/// What is searched after what a file names: ld.so.conf's directories and the usual ones.
fn usual(paths: &Paths, interpreter: Option<&Path>, triple: &str) -> Vec<PathBuf> {
    let mut directories = Vec::new();
    configured(paths, Path::new("/etc/ld.so.conf"), &mut directories, 0);
    // An interpreter lies beside the libraries that it was built with.
    directories.extend(interpreter.and_then(Path::parent).map(Path::to_owned));
    for root in ["/lib", "/usr/lib"] {
        directories.push(Path::new(root).join(triple));
        directories.push(PathBuf::from(root));
        directories.push(PathBuf::from(format!("{root}64")));
        directories.push(PathBuf::from(format!("{root}64/lp64d")));
    }
    directories.dedup();
    directories
}

/// Reads a configuration file of ldconfig with those that it includes.
fn configured(paths: &Paths, file: &Path, directories: &mut Vec<PathBuf>, depth: u32) {
    const DEEPEST: u32 = 8;
    let Some(text) = host(paths, file).and_then(|file| fs::read_to_string(file).ok()) else {
        return;
    };
    for line in text
        .lines()
        .map(|line| line.split('#').next().unwrap_or("").trim())
    {
        let Some(pattern) = line.strip_prefix("include ") else {
            if line.starts_with('/') {
                directories.push(PathBuf::from(line));
            }
            continue;
        };
        let pattern = Path::new(pattern.trim());
        let (Some(parent), Some(name)) = (pattern.parent(), pattern.file_name()) else {
            continue;
        };
        let parent = Path::new("/etc").join(parent);
        let ending = name.to_string_lossy().trim_start_matches('*').to_owned();
        let entries = host(paths, &parent).and_then(|directory| fs::read_dir(directory).ok());
        let mut names: Vec<_> = entries
            .into_iter()
            .flatten()
            .flatten()
            .map(|entry| entry.file_name())
            .filter(|name| name.to_string_lossy().ends_with(&ending))
            .collect();
        names.sort();
        for name in names {
            if depth < DEEPEST {
                configured(paths, &parent.join(name), directories, depth + 1);
            }
        }
    }
}

/// A guest's file on the host, if it is there.
pub(super) fn host(paths: &Paths, path: &Path) -> Option<PathBuf> {
    paths
        .host(None, path, true)
        .ok()
        .filter(|path| path.exists())
}

/// Follows what a program needs, breadth first as the dynamic linker does.
pub(super) fn follow(
    paths: &Paths,
    program: (&Path, &[u8]),
    interpreter: Option<&Path>,
    triple: &str,
    is_ours: &dyn Fn(&portolan_linux::loader::ElfIdentity) -> bool,
) -> object::read::Result<Libraries> {
    let usual = usual(paths, interpreter, triple);
    let own = Dynamic::read(program.1)?;
    let program_rpath = own.rpath.clone();
    let mut libraries = Libraries::default();
    let mut read: BTreeMap<String, Dynamic> = BTreeMap::new();
    let mut wanting = Vec::new();
    let mut queue = VecDeque::from([(program.0.display().to_string(), program.0.to_owned(), own)]);
    while let Some((user, file, dynamic)) = queue.pop_front() {
        // DT_RPATH counts only where there is no DT_RUNPATH, and the program's counts for all.
        let mut named: Vec<&String> = Vec::new();
        if dynamic.runpath.is_empty() {
            named.extend(dynamic.rpath.iter().chain(&program_rpath));
        }
        named.extend(&dynamic.runpath);
        let origin = file
            .parent()
            .unwrap_or(Path::new("/"))
            .display()
            .to_string();
        let named: Vec<PathBuf> = named
            .iter()
            .map(|path| {
                path.replace("${ORIGIN}", &origin)
                    .replace("$ORIGIN", &origin)
            })
            .map(PathBuf::from)
            .collect();
        for name in &dynamic.needed {
            if libraries.found.iter().any(|library| library.name == *name) {
                continue;
            }
            let candidates: Vec<PathBuf> = match name.contains('/') {
                true => vec![PathBuf::from(name)],
                false => named
                    .iter()
                    .chain(&usual)
                    .map(|directory| directory.join(name))
                    .collect(),
            };
            let fits = |path: &PathBuf| {
                let host = host(paths, path)?;
                let data = fs::read(&host).ok()?;
                // The linker passes over files of other instruction sets.
                let identity = identity(data.get(..64)?, data.len() as u64).ok()?;
                is_ours(&identity).then_some((path.clone(), data))
            };
            let found = candidates.iter().find_map(fits);
            libraries.found.push(Library {
                name: name.clone(),
                needed_by: user.clone(),
                path: found.as_ref().map(|(path, _)| path.clone()),
            });
            if let Some((path, data)) = found {
                queue.push_back((name.clone(), path, Dynamic::read(&data)?));
            }
        }
        wanting.extend(
            dynamic
                .requires
                .iter()
                .map(|(library, version)| (user.clone(), library.clone(), version.clone())),
        );
        read.insert(user, dynamic);
    }
    for (needed_by, library, version) in wanting {
        // The interpreter's versions are found under its own name; a missing library says enough.
        let provided = read.get(&library).map(|dynamic| &dynamic.provides);
        if provided.is_some_and(|provides| !provides.is_empty() && !provides.contains(&version)) {
            libraries.versions.push(MissingVersion {
                version,
                library,
                needed_by,
            });
        }
    }
    Ok(libraries)
}
