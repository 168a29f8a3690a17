//! Debian's programs for the guests that it has, dynamically linked, each with a script of `tests/debian` that uses much of it and
//! starts others. What they print and how they end is what QEMU makes of them, or what a committed file says.
#![cfg(feature = "host")]

#[macro_use]
mod support;

use std::collections::BTreeSet;
use std::collections::hash_map::DefaultHasher;
use std::ffi::OsStr;
use std::fs;
use std::hash::{Hash, Hasher};
use std::iter;
use std::path::{Path, PathBuf};
use std::process::Command;

use support::commands::commands;
use support::guests::Guest;
use support::{End, TempDir, oracle_dir, portolan, run, workspace};

/// What interprets a script, by the script's extension: the program, its arguments, and whether the script's name is
/// the last of them (it is standard input otherwise).
const INTERPRETERS: [(&str, &str, &[&str], bool); 8] = [
    ("bash", "bash", &[], true),
    ("dash", "dash", &[], true),
    ("gawk", "gawk", &["-f"], true),
    ("pl", "perl", &[], true),
    ("lua", "lua5.4", &[], true),
    ("py", "python3", &[], true),
    ("bc", "bc", &["-l"], false),
    ("sql", "sqlite3", &[], false),
];

/// Runs a script with `runner`, which takes a program and its arguments, in a directory of its own. The programs that
/// the script starts come from `path`.
fn end_of(mut runner: Command, path: &OsStr, sysroot: &Path, script: &Path) -> End {
    let here = TempDir::new();
    let name = script.file_name().expect("a name");
    fs::copy(script, here.path().join(name)).expect("a copy");
    let (_, program, arguments, by_name) = INTERPRETERS
        .into_iter()
        .find(|(extension, ..)| script.extension() == Some(OsStr::new(extension)))
        .expect("a known extension");
    runner
        .args(["-0", program])
        .arg(sysroot.join("usr/bin").join(program))
        .args(arguments)
        .current_dir(here.path())
        .env_clear()
        .env("PATH", path)
        .env("HOME", here.path())
        .env("LC_ALL", "C.UTF-8")
        .env("TZ", "UTC")
        // Compiling Python's library takes longer than the scripts do.
        .env("PYTHONPYCACHEPREFIX", oracle_dir().join("cache/python"));
    let input = if by_name {
        runner.arg(name);
        Vec::new()
    } else {
        fs::read(script).expect("a script")
    };
    run(&mut runner, &input)
}

/// A directory of commands that run the sysroot's programs under QEMU, so that a program under QEMU starts others
/// there: execve itself would give them to this machine's kernel.
fn programs_for_qemu(guest: &Guest, qemu: &Command, sysroot: &Path) -> PathBuf {
    let words = iter::once(qemu.get_program()).chain(qemu.get_args());
    let qemu: Vec<_> = words.map(|word| word.to_string_lossy()).collect();
    let qemu = qemu.join(" ");
    commands(&format!("qemu-{}", guest.isa), sysroot, |name, file| {
        let (sysroot, file) = (sysroot.display(), file.display());
        format!("{qemu} -L {sysroot} -0 {name} {file}")
    })
}

/// Runs a script and compares with the file `SCRIPT.out`, if there is one, or else with QEMU.
fn as_expected(name: &str, guest: &Guest) {
    let Some(sysroot) = guest.debian_root() else {
        return;
    };
    let script = workspace().join("tests/debian").join(name);
    let mut here = portolan();
    here.arg("-L").arg(&sysroot);
    let ours = end_of(here, OsStr::new("/usr/bin:/bin"), &sysroot, &script);
    let told = String::from_utf8_lossy(&ours.stderr);

    if let Ok(expected) = fs::read(workspace().join(format!("tests/debian/{name}.out"))) {
        let expected = String::from_utf8_lossy(&expected).replace("@machine@", guest.machine);
        let text = format!("{}status {}\n", ours.text(), ours.status);
        if let Some((number, (ours, expected))) = (1..)
            .zip(text.lines().zip(expected.lines()))
            .find(|(_, (ours, expected))| ours != expected)
        {
            panic!("{name}, line {number}:\n  {ours}\nshould be\n  {expected}\n{told}");
        }
        assert_eq!(text, expected, "{name}\n{told}");
        return;
    }

    let Some(mut qemu) = guest.qemu() else { return };
    let known = Known::new(guest, &qemu, &sysroot, &script);
    if known.is(&ours) {
        return;
    }
    let mut path = programs_for_qemu(guest, &qemu, &sysroot).into_os_string();
    path.push(":/usr/bin:/bin");
    qemu.arg("-L").arg(&sysroot);
    let theirs = end_of(qemu, &path, &sysroot, &script);
    if let Some((number, (ours, theirs))) = (1..)
        .zip(ours.text().lines().zip(theirs.text().lines()))
        .find(|(_, (ours, theirs))| ours != theirs)
    {
        panic!("{name}, line {number}:\n  Portolan {ours}\n  QEMU     {theirs}\n{told}");
    }
    assert_eq!(ours, theirs, "{name}");
    known.keep(&theirs);
}

/// What QEMU made of a script before: kept below the oracle directory, as QEMU takes longer than all the rest. Only what
/// Portolan agreed with is kept, hence nothing that went wrong.
struct Known(PathBuf);

impl Known {
    fn new(guest: &Guest, qemu: &Command, sysroot: &Path, script: &Path) -> Known {
        let version = run(Command::new(qemu.get_program()).arg("--version"), b"").stdout;
        let mut hasher = DefaultHasher::new();
        let read = |file: &Path| fs::read(file).expect("a file");
        (version, read(&sysroot.join(".unpacked")), read(script)).hash(&mut hasher);
        let name = script.file_name().expect("a name").to_string_lossy();
        let known = format!("{}-{name}-{:016x}", guest.isa, hasher.finish());
        Known(oracle_dir().join("cache/debian").join(known))
    }

    fn is(&self, end: &End) -> bool {
        fs::read_to_string(&self.0).is_ok_and(|known| known == format!("{end:?}"))
    }

    fn keep(&self, end: &End) {
        fs::create_dir_all(self.0.parent().expect("it has one")).expect("a directory");
        fs::write(&self.0, format!("{end:?}")).expect("a file");
    }
}

/// One test a script and guest, so that they run side by side and a failure has its name.
macro_rules! scripts {
    ($($test:ident $script:literal)*) => {
        each_guest! { $($test: |guest| as_expected($script, guest);)* }

        #[test]
        fn none_is_forgotten() {
            let listed: BTreeSet<_> = [$($script.to_owned()),*].into();
            let there: BTreeSet<_> = fs::read_dir(workspace().join("tests/debian"))
                .expect("tests/debian")
                .map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned())
                .filter(|name| !name.ends_with(".out") && !name.ends_with(".md"))
                .collect();
            assert_eq!(listed, there);
        }
    };
}

scripts! {
    bash_by_itself "arrays.bash"
    bash_and_its_children "jobs.bash"
    dash "shell.dash"
    coreutils "coreutils.dash"
    gawk "text.gawk"
    perl "language.pl"
    lua "language.lua"
    sqlite "database.sql"
    bc "digits.bc"
    python_library "library.py"
    python_threads "threads.py"
    python_processes "processes.py"
    python_workers "workers.py"
    python_tasks "tasks.py"
    python_sockets "sockets.py"
}
