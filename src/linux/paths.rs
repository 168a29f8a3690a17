//! What file a guest's path means on the host: the sysroot, and the files of `/proc` that are
//! about the guest and not about the emulator.

use crate::errno::Errno;
use std::ffi::{CStr, CString, OsStr};
use std::fs;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Component, Path, PathBuf};

/// Symbolic links followed in one path before it counts as a loop, as in the kernel.
const LINKS_MAX: usize = 40;

/// Where the guest's absolute paths are looked up.
#[derive(Clone, Debug, Default)]
pub struct Paths {
    sysroot: Option<PathBuf>,
}

/// A file of `/proc` that the personality answers itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Proc {
    /// The program's file.
    Exe,
    /// The mappings.
    Maps,
    /// The arguments.
    Cmdline,
    /// The auxiliary vector.
    Auxv,
    /// The memory, which would be the emulator's: refused.
    Memory,
}

impl Paths {
    /// Absolute paths are searched under `sysroot` first, if there is one.
    pub fn new(sysroot: Option<&Path>) -> Paths {
        let sysroot =
            sysroot.map(|root| fs::canonicalize(root).unwrap_or_else(|_| root.to_path_buf()));
        Paths {
            sysroot: sysroot.filter(|root| root != Path::new("/")),
        }
    }

    /// The host's path of a guest's. Relative paths start at `base`, a host directory, if that is
    /// known; otherwise they pass unchanged.
    pub fn host(&self, base: Option<&Path>, path: &Path, follow: bool) -> Result<PathBuf, Errno> {
        let Some(root) = &self.sysroot else {
            return Ok(path.to_path_buf());
        };
        if path.as_os_str().is_empty() {
            return Ok(path.to_path_buf());
        }
        let absolute = match path.is_absolute() {
            true => path.to_path_buf(),
            false => match base.and_then(|base| base.strip_prefix(root).ok()) {
                Some(inside) => Path::new("/").join(inside).join(path),
                None => return Ok(path.to_path_buf()),
            },
        };
        let slash = path.as_os_str().as_bytes().ends_with(b"/");
        let mut found = match search(root, &absolute, follow || slash)? {
            Found::Outside(_) if path.is_relative() => return Ok(path.to_path_buf()),
            Found::Inside(found) | Found::Outside(found) => found,
        };
        if slash {
            found.as_mut_os_string().push("/");
        }
        Ok(found)
    }

    /// The guest's name of a host path: without the sysroot.
    pub fn guest(&self, path: &Path) -> PathBuf {
        match self
            .sysroot
            .as_ref()
            .and_then(|root| path.strip_prefix(root).ok())
        {
            Some(inside) => Path::new("/").join(inside),
            None => path.to_path_buf(),
        }
    }

    /// Whether there is a sysroot, so that directories have to be known.
    pub fn has_sysroot(&self) -> bool {
        self.sysroot.is_some()
    }
}

/// What a search under a sysroot came to.
#[derive(Debug, PartialEq, Eq)]
enum Found {
    /// It exists there, at this host path.
    Inside(PathBuf),
    /// It does not; this is the path, links of the sysroot resolved, to use on the host.
    Outside(PathBuf),
}

/// Directories that are always the host's.
const HOSTS: [&str; 3] = ["/proc", "/dev", "/sys"];

/// Walks an absolute path under `root`, whose absolute links lead back to `root`.
fn search(root: &Path, path: &Path, follow: bool) -> Result<Found, Errno> {
    let mut todo: Vec<Part> = parts(path);
    let mut done = PathBuf::from("/");
    let mut links = 0;
    while let Some(part) = todo.pop() {
        let name = match part {
            Part::Up => {
                done.pop();
                continue;
            }
            Part::Name(name) => name,
        };
        let next = done.join(&name);
        let outside = |todo: &[Part]| Found::Outside(rejoin(&next, todo));
        if HOSTS.iter().any(|host| next == Path::new(host)) {
            return Ok(outside(&todo));
        }
        let real = join(root, &next);
        let Ok(metadata) = fs::symlink_metadata(&real) else {
            return Ok(outside(&todo));
        };
        if metadata.is_symlink() && (follow || !todo.is_empty()) {
            links += 1;
            if links > LINKS_MAX {
                return Err(Errno::ELOOP);
            }
            let target = fs::read_link(&real).map_err(|error| Errno::from_io(&error))?;
            if target.is_absolute() {
                done = PathBuf::from("/");
            }
            todo.extend(parts(&target));
        } else {
            done = next;
        }
    }
    Ok(Found::Inside(join(root, &done)))
}

enum Part {
    Up,
    Name(std::ffi::OsString),
}

/// The parts of a path, last first.
fn parts(path: &Path) -> Vec<Part> {
    path.components()
        .rev()
        .filter_map(|component| match component {
            Component::ParentDir => Some(Part::Up),
            Component::Normal(name) => Some(Part::Name(name.to_owned())),
            _ => None,
        })
        .collect()
}

fn rejoin(start: &Path, todo: &[Part]) -> PathBuf {
    todo.iter()
        .rev()
        .fold(start.to_path_buf(), |path, part| match part {
            Part::Up => path.join(".."),
            Part::Name(name) => path.join(name),
        })
}

/// An absolute path put under a directory.
fn join(root: &Path, absolute: &Path) -> PathBuf {
    root.join(absolute.strip_prefix("/").unwrap_or(absolute))
}

/// Recognises `/proc/self/exe` and its like, by the process' own number too.
pub fn proc_file(path: &CStr, pid: u32) -> Option<Proc> {
    let rest = path.to_bytes().strip_prefix(b"/proc/")?;
    let mut names = rest
        .split(|byte| *byte == b'/')
        .filter(|name| !name.is_empty());
    let owner = names.next()?;
    let own = owner == b"self" || owner == b"thread-self" || owner == pid.to_string().as_bytes();
    if !own {
        return None;
    }
    let mut name = names.next()?;
    if name == b"task" {
        names.next()?;
        name = names.next()?;
    }
    if names.next().is_some() {
        return None;
    }
    match name {
        b"exe" => Some(Proc::Exe),
        b"maps" => Some(Proc::Maps),
        b"cmdline" => Some(Proc::Cmdline),
        b"auxv" => Some(Proc::Auxv),
        b"mem" => Some(Proc::Memory),
        _ => None,
    }
}

/// A path as C has it; a zero inside, which no path from C can have, ends it.
pub fn c_path(path: &Path) -> CString {
    let bytes = path.as_os_str().as_bytes();
    let end = bytes
        .iter()
        .position(|byte| *byte == 0)
        .unwrap_or(bytes.len());
    // There is no zero before `end`.
    CString::new(&bytes[..end]).unwrap_or_default()
}

/// A path as Rust has it.
pub fn rust_path(path: &CStr) -> PathBuf {
    PathBuf::from(OsStr::from_bytes(path.to_bytes()))
}

/// The directory behind a descriptor, or the current one for `AT_FDCWD`.
pub fn directory(fd: i32) -> Option<PathBuf> {
    if fd == libc::AT_FDCWD {
        return std::env::current_dir().ok();
    }
    fs::read_link(format!("/proc/self/fd/{fd}")).ok()
}

/// Bytes as a path.
pub fn path_of(bytes: Vec<u8>) -> PathBuf {
    PathBuf::from(std::ffi::OsString::from_vec(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;

    struct Root(PathBuf);

    impl Root {
        fn new(name: &str) -> Root {
            let path = std::env::temp_dir().join(format!("portolan-{name}-{}", std::process::id()));
            fs::create_dir_all(path.join("usr/bin")).unwrap();
            fs::create_dir_all(path.join("proc")).unwrap();
            fs::write(path.join("usr/bin/tool"), "").unwrap();
            symlink("usr/bin", path.join("bin")).unwrap();
            symlink("/usr/bin/tool", path.join("absolute")).unwrap();
            symlink("/nowhere/else", path.join("dangling")).unwrap();
            symlink("loop", path.join("loop")).unwrap();
            Root(fs::canonicalize(path).unwrap())
        }
    }

    impl Drop for Root {
        fn drop(&mut self) {
            let _ = fs::remove_dir_all(&self.0);
        }
    }

    #[test]
    fn the_sysroot_is_searched_before_the_host() {
        let root = Root::new("search");
        let paths = Paths::new(Some(&root.0));
        let host = |path: &str| paths.host(None, Path::new(path), true).unwrap();
        assert_eq!(host("/usr/bin/tool"), root.0.join("usr/bin/tool"));
        assert_eq!(host("/bin/tool"), root.0.join("usr/bin/tool"));
        assert_eq!(host("/absolute"), root.0.join("usr/bin/tool"));
        assert_eq!(host("/../../bin/../bin/tool"), root.0.join("usr/bin/tool"));
        assert_eq!(host("/usr/bin/missing"), Path::new("/usr/bin/missing"));
        assert_eq!(host("/dangling"), Path::new("/nowhere/else"));
        assert_eq!(
            host("/dangling/further"),
            Path::new("/nowhere/else/further")
        );
        assert_eq!(
            host("/proc/self"),
            Path::new("/proc/self"),
            "an empty mount point"
        );
        assert_eq!(host("relative"), Path::new("relative"));
    }

    #[test]
    fn links_are_kept_or_followed_and_loops_end() {
        let root = Root::new("links");
        let paths = Paths::new(Some(&root.0));
        let host = |path: &str, follow| paths.host(None, Path::new(path), follow);
        assert_eq!(host("/absolute", false), Ok(root.0.join("absolute")));
        assert_eq!(host("/loop", true), Err(Errno::ELOOP));
        assert_eq!(host("/loop", false), Ok(root.0.join("loop")));
    }

    #[test]
    fn relative_paths_inside_the_sysroot_stay_inside() {
        let root = Root::new("relative");
        let paths = Paths::new(Some(&root.0));
        let base = root.0.join("usr");
        let host = |path: &str| paths.host(Some(&base), Path::new(path), true).unwrap();
        assert_eq!(host("../../../absolute"), root.0.join("usr/bin/tool"));
        assert_eq!(
            host("bin/missing"),
            Path::new("bin/missing"),
            "the host's directory has it"
        );
        assert_eq!(paths.guest(&base), Path::new("/usr"));
        assert_eq!(paths.guest(Path::new("/etc")), Path::new("/etc"));
    }

    #[test]
    fn own_files_of_proc_are_recognised() {
        assert_eq!(proc_file(c"/proc/self/exe", 7), Some(Proc::Exe));
        assert_eq!(proc_file(c"/proc/7/task/9/maps", 7), Some(Proc::Maps));
        assert_eq!(proc_file(c"/proc/8/exe", 7), None);
        assert_eq!(proc_file(c"/proc/self/fd/exe", 7), None);
        assert_eq!(proc_file(c"/proc/self", 7), None);
    }

    #[test]
    fn without_a_sysroot_paths_pass() {
        let paths = Paths::new(None);
        assert_eq!(
            paths.host(None, Path::new("/bin/sh"), true),
            Ok(PathBuf::from("/bin/sh"))
        );
    }
}
