//! Directories of commands that run a sysroot's programs by something else than Portolan, so that what runs there starts
//! others there.

use std::collections::BTreeSet;
use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process;
use std::sync::Mutex;

use super::oracle_dir;

/// A directory `name` in the cache, made anew once a run, with a command for each program of the sysroot: what
/// `line` has for the program's name and file, and the arguments.
pub fn commands(name: &str, sysroot: &Path, line: impl Fn(&str, &Path) -> String) -> PathBuf {
    static MADE: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());
    let place = oracle_dir().join("cache").join(name);
    let mut made = MADE.lock().expect("nobody failed"); // held until the directory is there
    if !made.insert(name.to_owned()) {
        return place;
    }
    let directory = place.with_extension(process::id().to_string());
    fs::create_dir_all(&directory).expect("a directory");
    for entry in fs::read_dir(sysroot.join("usr/bin")).expect("programs") {
        let program = entry.expect("an entry").path();
        let name = program.file_name().expect("a name").to_string_lossy();
        let command = directory.join(&*name);
        if fs::read(&program).is_ok_and(|bytes| bytes.starts_with(b"#!")) {
            symlink(&program, command).expect("a link");
            continue;
        }
        let text = format!("#!/bin/sh\nexec {} \"$@\"\n", line(&name, &program));
        fs::write(&command, text).expect("a script");
        fs::set_permissions(&command, Permissions::from_mode(0o755)).expect("permissions");
    }
    let _ = fs::remove_dir_all(&place); // it may be of another sysroot, or not there
    fs::rename(&directory, &place).expect("a place in the cache");
    place
}
