//! What kind of file one is asked to run.

use super::error::{ElfIdentity, LoadError};
use super::image;
use super::script::{LINE_MAX, Shebang};
use crate::errno::Errno;
use crate::host::calls;
use crate::paths::c_path;
use std::fs::File;
use std::io::Read;
use std::os::unix::fs::FileExt;
use std::path::Path;

/// A kind of file that can be run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// An ELF file.
    Elf(ElfIdentity),
    /// A script.
    Script(Shebang),
}

/// Opens a file that is to be run, on the host, and says what it is.
///
/// # Errors
///
/// Everything that is not a readable and executable ELF file or script.
pub fn identify(path: &Path) -> Result<(File, Kind), LoadError> {
    let file = open(path)?;
    let mut start = Vec::new();
    let unreadable = |error| LoadError::Unreadable {
        path: path.to_owned(),
        error,
    };
    (&file)
        .take(LINE_MAX as u64)
        .read_to_end(&mut start)
        .map_err(unreadable)?;
    if start.is_empty() {
        return Err(LoadError::Empty(path.to_owned()));
    }
    if start.starts_with(b"#!") {
        let shebang = Shebang::parse(&start).map_err(|bad| LoadError::FirstLine {
            path: path.to_owned(),
            bad,
        })?;
        return Ok((file, Kind::Script(shebang)));
    }
    if !start.starts_with(b"\x7fELF") {
        return Err(not_elf(path, &start));
    }
    let length = file.metadata().map_err(unreadable)?.len();
    let identity = image::identity(&start, length)?;
    Ok((file, Kind::Elf(identity)))
}

fn open(path: &Path) -> Result<File, LoadError> {
    let metadata = std::fs::metadata(path).map_err(|error| match Errno::from_io(&error) {
        Errno::ENOENT | Errno::ENOTDIR => LoadError::NotFound(path.to_owned()),
        _ => LoadError::Unreadable {
            path: path.to_owned(),
            error,
        },
    })?;
    if metadata.is_dir() {
        return Err(LoadError::Directory(path.to_owned()));
    }
    if !metadata.is_file() {
        return Err(LoadError::NotRegular(path.to_owned()));
    }
    if calls::faccessat(libc::AT_FDCWD, &c_path(path), libc::X_OK)
        .now()
        .is_err()
    {
        return Err(LoadError::NotExecutable(path.to_owned()));
    }
    File::open(path).map_err(|error| LoadError::Unreadable {
        path: path.to_owned(),
        error,
    })
}

/// Reads up to `length` bytes at an offset; less at the end of the file.
pub(super) fn read_at(file: &File, offset: u64, length: usize) -> std::io::Result<Vec<u8>> {
    let mut bytes = vec![0; length];
    let mut done = 0;
    while done < length {
        match file.read_at(&mut bytes[done..], offset + done as u64) {
            Ok(0) => break,
            Ok(count) => done += count,
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    bytes.truncate(done);
    Ok(bytes)
}

fn not_elf(path: &Path, start: &[u8]) -> LoadError {
    let text = start
        .iter()
        .take(8)
        .all(|byte| byte.is_ascii_graphic() || *byte == b' ');
    let start = match text {
        true => format!(
            "the text {:?}",
            String::from_utf8_lossy(&start[..start.len().min(8)])
        ),
        false => {
            let bytes: Vec<_> = start
                .iter()
                .take(4)
                .map(|byte| format!("{byte:02x}"))
                .collect();
            format!("the bytes {}", bytes.join(" "))
        }
    };
    LoadError::NotElf {
        path: path.to_owned(),
        start,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_that_cannot_run_are_told_apart() {
        let error = |path: &str| identify(Path::new(path)).unwrap_err();
        assert!(error("/nonexistent/file").is_not_found());
        assert!(error("/etc/passwd/file").is_not_found());
        assert!(matches!(error("/"), LoadError::Directory(_)));
        assert!(matches!(error("/dev/null"), LoadError::NotRegular(_)));
        assert!(matches!(error("/etc/passwd"), LoadError::NotExecutable(_)));
    }

    #[test]
    fn the_host_programs_are_elf() {
        let own = std::env::current_exe().unwrap();
        let (_, kind) = identify(&own).unwrap();
        assert!(matches!(kind, Kind::Elf(_)));
    }
}
