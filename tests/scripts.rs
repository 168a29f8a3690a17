//! Scripts run by their interpreters, at the command line and by execve, as the host's kernel does it.
#![cfg(feature = "host")]

#[macro_use]
mod support;

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use support::guests::Guest;
use support::{End, TempDir, oracle, portolan, run, workspace};

/// Tells what it was given, and what it is called. With `-e FILE` it executes that, with `-f FILE`
/// by a descriptor, with `-c FILE` by a descriptor that closes.
const TELLS: &str = r#"#define _GNU_SOURCE
#include <stdio.h>
#include <string.h>
#include <sys/auxv.h>
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>
int main(int count, char **words)
{
    if (count > 2 && !strcmp(words[1], "-e")) {
        execv(words[2], words + 2);
        printf("execv: %s\n", strerror(errno));
        return 1;
    }
    if (count > 2 && (!strcmp(words[1], "-f") || !strcmp(words[1], "-c"))) {
        int fd = open(words[2], O_RDONLY | (words[1][1] == 'c' ? O_CLOEXEC : 0));
        fexecve(fd, words + 2, environ);
        printf("execv: %s\n", strerror(errno));
        return 1;
    }
    for (int i = 0; i < count; i++)
        printf("[%s]", words[i]);
    char name[64] = "";
    fgets(name, sizeof name, fopen("/proc/self/comm", "r"));
    printf(" execfn %s comm %s", (char *)getauxval(AT_EXECFN), name);
    return 0;
}
"#;

fn written(path: &Path, content: &[u8]) {
    fs::write(path, content).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
}

/// Two directories that are alike but for `tells`: a program of this machine, and one of the guest.
struct Sides {
    _scratch: TempDir,
    here: PathBuf,
    guest: PathBuf,
}

impl Sides {
    fn new(guest: &Guest) -> Option<Sides> {
        let (native, cross) = (oracle("gcc")?, guest.compiler()?);
        let scratch = TempDir::new();
        let source = scratch.path().join("tells.c");
        fs::write(&source, TELLS).unwrap();
        let side = |name: &str, compiler: &Path| {
            let directory = scratch.path().join(name);
            fs::create_dir(&directory).unwrap();
            let mut compile = Command::new(compiler);
            compile
                .args(["-static", "-o"])
                .arg(directory.join("tells"))
                .arg(&source);
            let end = run(&mut compile, b"");
            assert_eq!(end.status, 0, "{}", String::from_utf8_lossy(&end.stderr));
            directory
        };
        let (here, guest) = (side("here", &native), side("guest", &cross));
        Some(Sides {
            _scratch: scratch,
            here,
            guest,
        })
    }

    fn write(&self, name: &str, content: &[u8]) {
        written(&self.here.join(name), content);
        written(&self.guest.join(name), content);
    }

    /// What execve of `./name` comes to on this machine's kernel and in the guest.
    fn executed(&self, how: &str, name: &str) -> (String, String) {
        let name = format!("./{name}");
        let words = [how, &name, "one", "two words"];
        let mut here = Command::new("./tells");
        let mut guest = portolan();
        guest.arg("./tells");
        let said = |command: &mut Command, at: &Path| {
            command.args(words).current_dir(at);
            loop {
                // Another test may be starting a program, with what is written here still open.
                let text = run(command, b"").text();
                if !text.contains("Text file busy") {
                    return text;
                }
            }
        };
        (said(&mut here, &self.here), said(&mut guest, &self.guest))
    }

    /// The same by `portolan run`.
    fn run(&self, name: &str) -> End {
        let name = format!("./{name}");
        run(
            portolan()
                .args([&name, "one", "two words"])
                .current_dir(&self.guest),
            b"",
        )
    }
}

/// First lines of every kind.
fn first_lines() -> Vec<Vec<u8>> {
    let mut lines: Vec<Vec<u8>> = [
        &b"#!./tells\n"[..],
        b"#!./tells",
        b"#!./tells ",
        b"#! \t./tells \t one  argument \t \nnext line\n",
        b"#!./tells one\0two\n",
        b"#!./tells\0one\n",
        b"#!./tells one\r\n",
        b"#!./tells\r\n",
        b"#!\n./tells\n",
        b"#!",
        b"#! \t \n",
        b"#!./missing\n",
        b"#!.\n",
        b"#!./tells/below\n",
        b"#!./not-executable\n",
        b"#!./text\n",
        b"just text\n",
        b"",
    ]
    .map(<[u8]>::to_vec)
    .into();
    for slashes in [243, 244, 245, 246, 247, 300] {
        let name = format!("#!.{}tells", "/".repeat(slashes));
        lines.push(format!("{name}\n").into_bytes());
        lines.push(format!("{name} \n").into_bytes());
        lines.push(format!("{name}  x\n").into_bytes());
        lines.push(name.into_bytes());
    }
    for length in [200, 243, 244, 245, 246, 300] {
        lines.push(format!("#!./tells {}\n", "x".repeat(length)).into_bytes());
        lines.push(format!("#!./tells{}\n", " ".repeat(length)).into_bytes());
        lines.push(format!("#!{}", " ".repeat(length)).into_bytes());
    }
    lines
}

fn first_lines_are_split_as_the_kernel_does(guest: &Guest) {
    let Some(sides) = Sides::new(guest) else {
        return;
    };
    sides.write("text", b"words\n");
    for side in [&sides.here, &sides.guest] {
        fs::write(side.join("not-executable"), b"#!./tells\n").unwrap();
    }
    for line in first_lines() {
        sides.write("script", &line);
        let (here, guest) = sides.executed("-e", "script");
        let shown = String::from_utf8_lossy(&line).into_owned();
        assert_eq!(guest, here, "execve of {shown:?}");
        let end = sides.run("script");
        match here.starts_with("execv") {
            false => assert_eq!(end.text(), here, "run of {shown:?}"),
            true => {
                let said = String::from_utf8_lossy(&end.stderr);
                assert_eq!(end.status, 126, "run of {shown:?}: {said}");
                assert!(said.starts_with("portolan: ./script"), "{said}");
            }
        }
    }
}

fn scripts_of_scripts_end_where_the_kernel_ends_them(guest: &Guest) {
    let Some(sides) = Sides::new(guest) else {
        return;
    };
    let mut last = "tells".to_owned();
    for number in 1..=7 {
        let name = format!("script{number}");
        sides.write(&name, format!("#!./{last} -{number}\n").as_bytes());
        let (here, guest) = sides.executed("-e", &name);
        assert_eq!(guest, here, "{number} scripts");
        let end = sides.run(&name);
        if number <= 5 {
            assert_eq!(end.text(), here, "{number} scripts");
        } else {
            assert_eq!(end.status, 126);
            let said = String::from_utf8_lossy(&end.stderr);
            assert!(
                said.contains("a script whose interpreter is a script"),
                "{said}"
            );
        }
        last = name;
    }
}

/// The interpreter cannot open a script behind a descriptor that execve closes.
fn scripts_and_programs_behind_descriptors(guest: &Guest) {
    let Some(sides) = Sides::new(guest) else {
        return;
    };
    sides.write("script", b"#!./tells -x\n");
    for how in ["-f", "-c"] {
        for name in ["script", "tells"] {
            let (here, guest) = sides.executed(how, name);
            assert_eq!(guest, here, "{how} {name}");
        }
    }
}

fn what_follows_two_dashes_is_the_programs(guest: &Guest) {
    let Some(sides) = Sides::new(guest) else {
        return;
    };
    let said = |words: &[&str]| run(portolan().args(words).current_dir(&sides.guest), b"").text();
    assert!(said(&["./tells", "--", "--stats"]).starts_with("[./tells][--][--stats] "));
    assert!(said(&["--", "./tells", "--"]).starts_with("[./tells][--] "));
    assert!(said(&["./tells", "-e", "./tells", "--", "-x"]).starts_with("[./tells][--][-x] "));
}

/// A script below a sysroot whose interpreter is there under its absolute name.
fn the_interpreter_is_searched_below_the_sysroot(guest: &Guest) {
    let scratch = TempDir::new();
    let root = scratch.path();
    fs::create_dir_all(root.join("opt/only/here")).unwrap();
    fs::copy(
        workspace().join("roms/bin").join(guest.isa).join("hello"),
        root.join("opt/only/here/hello"),
    )
    .unwrap();
    written(&root.join("opt/script"), b"#!/opt/only/here/hello\n");
    let expected = fs::read_to_string(workspace().join("roms/expected/hello.txt")).unwrap();
    for name in [PathBuf::from("/opt/script"), root.join("opt/script")] {
        let end = run(portolan().arg("-L").arg(root).arg(name), b"");
        assert_eq!((end.text(), end.status), (expected.clone(), 0), "{end:?}");
    }
    let end = run(portolan().arg(root.join("opt/script")), b"");
    let said = String::from_utf8_lossy(&end.stderr).into_owned();
    assert_eq!(end.status, 126);
    assert!(
        said.contains("its interpreter /opt/only/here/hello is not there; give"),
        "{said}"
    );
}

each_guest! {
    first_lines_are_split_as_the_kernel_does: super::first_lines_are_split_as_the_kernel_does;
    scripts_of_scripts_end_where_the_kernel_ends_them: super::scripts_of_scripts_end_where_the_kernel_ends_them;
    scripts_and_programs_behind_descriptors: super::scripts_and_programs_behind_descriptors;
    what_follows_two_dashes_is_the_programs: super::what_follows_two_dashes_is_the_programs;
    the_interpreter_is_searched_below_the_sysroot: super::the_interpreter_is_searched_below_the_sysroot;
}

#[test]
fn a_script_that_cannot_run_says_why() {
    let scratch = TempDir::new();
    let script = scratch.path().join("script");
    let said = |content: &[u8]| {
        written(&script, content);
        let end = run(portolan().arg(&script), b"");
        assert_eq!(end.status, 126, "{end:?}");
        let said = String::from_utf8(end.stderr).unwrap();
        assert!(
            said.starts_with(&format!("portolan: {}: ", script.display())),
            "{said}"
        );
        said
    };
    assert!(said(b"#!/bin/sh\r\necho\r\n").contains("carriage return"));
    assert!(said(b"#!\n").contains("names no interpreter"));
    assert!(said(b"#!").contains("names no interpreter"));
    assert!(said(&[b'#', b'!'].repeat(200)).contains("256 bytes"));
    assert!(said(b"#!/\n").contains("its interpreter /: is a directory"));
    let other = workspace().join("roms/bin/aarch64/hello");
    let foreign = said(format!("#!{}\n", other.display()).as_bytes());
    assert!(
        foreign.contains("is a program for AArch64; Portolan runs programs for"),
        "{foreign}"
    );
    let itself = said(format!("#!{}\n", script.display()).as_bytes());
    assert!(itself.contains("is it its own interpreter?"), "{itself}");
}
