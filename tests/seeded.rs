//! `--seed`: a program that asks for everything that differs from run to run does the same in each.
#![cfg(feature = "host")]

#[macro_use]
mod support;

use std::path::PathBuf;
use std::process::Command;
use support::guests::Guest;
use support::{End, TempDir, portolan, run, workspace};

struct Compiled {
    scratch: TempDir,
}

impl Compiled {
    fn new(guest: &Guest) -> Option<Compiled> {
        let compiler = guest.compiler()?;
        let scratch = TempDir::new();
        let mut compile = Command::new(compiler);
        compile.args(["-O1", "-static", "-o"]);
        compile.arg(scratch.path().join("program"));
        compile.arg(workspace().join("tests/seeded.c"));
        let end = run(&mut compile, b"");
        assert_eq!(end.status, 0, "{}", String::from_utf8_lossy(&end.stderr));
        Some(Compiled { scratch })
    }

    fn program(&self) -> PathBuf {
        self.scratch.path().join("program")
    }

    /// Runs it where nobody else makes files: they would have the same names.
    fn run(&self, flags: &[&str], word: Option<&str>) -> End {
        let mut command = portolan();
        command.args(flags).arg(self.program()).args(word);
        let end = run(command.current_dir(self.scratch.path()), b"");
        assert_eq!(end.status, 0, "{}", String::from_utf8_lossy(&end.stderr));
        end
    }
}

/// Where two texts differ first.
fn assert_same(one: &[u8], other: &[u8], what: &str) {
    let (one, other) = (String::from_utf8_lossy(one), String::from_utf8_lossy(other));
    for (number, (one, other)) in one.lines().zip(other.lines()).enumerate() {
        assert_eq!(one, other, "{what}: line {}", number + 1);
    }
    assert!(one == other, "{what}: one is longer");
}

/// A trace without the values: the times of files remain as they come, and are copied about.
fn instructions(trace: &[u8]) -> String {
    let text = String::from_utf8_lossy(trace);
    let lines = text.lines().map(|line| match line.starts_with("0x") {
        true => {
            let before = line.split(" | ").next().unwrap_or(line);
            before.split("=0x").next().unwrap_or(before)
        }
        false => line,
    });
    lines.map(|line| format!("{line}\n")).collect()
}

fn two_runs_are_the_same_to_the_last_instruction(guest: &Guest) {
    let Some(compiled) = Compiled::new(guest) else {
        return;
    };
    let traced = || compiled.run(&["--seed", "7", "--strace", "--trace"], None);
    let (one, other) = (traced(), traced());
    assert_same(&one.stdout, &other.stdout, "output");
    let (one_trace, other_trace) = (instructions(&one.stderr), instructions(&other.stderr));
    assert_same(one_trace.as_bytes(), other_trace.as_bytes(), "trace");
    assert!(one_trace.len() > 100_000);
    let another = compiled.run(&["--seed", "8"], None);
    let unseeded = [compiled.run(&[], None), compiled.run(&[], None)];
    assert_ne!(unseeded[0].stdout, unseeded[1].stdout);
    let line = |end: &End, name: &str| {
        let text = end.text();
        text.lines()
            .find(|line| line.starts_with(name))
            .unwrap()
            .to_owned()
    };
    for name in [
        "AT_RANDOM",
        "getrandom",
        "urandom",
        "random",
        "uuid",
        "temporary",
    ] {
        assert_ne!(line(&one, name), line(&another, name));
    }
    assert!(
        line(&one, "start: ").starts_with("start: real 1767225600"),
        "{}",
        one.text()
    );
    assert!(one.text().contains("bad -1"), "{}", one.text());
}

fn what_is_traced_changes_nothing(guest: &Guest) {
    let Some(compiled) = Compiled::new(guest) else {
        return;
    };
    let plain = compiled.run(&["--seed", "7"], None);
    let traced = compiled.run(&["--seed", "7", "--trace"], None);
    assert_same(&plain.stdout, &traced.stdout, "output");
}

fn children_and_other_programs_follow_from_the_seed(guest: &Guest) {
    let Some(compiled) = Compiled::new(guest) else {
        return;
    };
    let all = || compiled.run(&["--seed", "7"], Some("exec"));
    let (one, other) = (all(), all());
    assert_same(&one.stdout, &other.stdout, "output");
    let text = one.text();
    for expected in [
        "pid 1000 tid 1000 parent 999 ",
        "kill 100001 raise 100001 sigqueue 100001\n",
        "own directory 0\nexe 1\n",
        ": 1, status 0\n",
        "waitid 1 9\n",
        "slept 4 hours\n",
        "bad sleep 22\n",
        "vfork 1 0\n",
    ] {
        assert!(text.contains(expected), "{expected:?} is missing:\n{text}");
    }
    // Parent, child, and both programs that were executed have random numbers of their own, and
    // the one in the same process goes on at the time that it was.
    let random: Vec<_> = text
        .lines()
        .filter(|line| line.starts_with("AT_RANDOM"))
        .collect();
    assert_eq!(random.len(), 3, "{text}");
    assert!(random[0] != random[1] && random[1] != random[2] && random[0] != random[2]);
    let started: Vec<u64> = text
        .lines()
        .filter_map(|line| {
            line.strip_prefix("start: real ")?
                .split(' ')
                .next()?
                .parse()
                .ok()
        })
        .collect();
    assert!(
        started[2] > started[0] + 4 * 3600 * 1_000_000_000,
        "{started:?}"
    );
}

/// Programs of Debian's.
fn real_programs_are_repeatable(guest: &Guest) {
    let Some(root) = guest.debian_root() else {
        return;
    };
    let busybox = root.join("bin/busybox");
    for words in [
        &["date", "+%F %T.%N"][..],
        &["od", "-N", "64", "-x", "/dev/urandom"],
        &["sh", "-c", "echo $$ $RANDOM"],
        &["mktemp", "-u"],
    ] {
        let traced = |seed: &str| {
            let mut command = portolan();
            command
                .args(["--seed", seed, "--strace"])
                .arg(&busybox)
                .args(words);
            run(&mut command, b"")
        };
        let (one, other) = (traced("1"), traced("1"));
        assert_eq!(one.status, 0, "{one:?}");
        assert_same(&one.stdout, &other.stdout, words[0]);
        assert_same(&one.stderr, &other.stderr, words[0]);
        match words[0] {
            "date" => assert!(
                one.text().starts_with("2026-01-01 00:00:00."),
                "{}",
                one.text()
            ),
            _ => assert_ne!(one.stdout, traced("2").stdout, "{words:?}"),
        }
    }
}

fn stepping_is_repeatable_too(guest: &Guest) {
    let Some(compiled) = Compiled::new(guest) else {
        return;
    };
    let stepped = || {
        let mut step = Command::new(env!("CARGO_BIN_EXE_portolan"));
        step.args(["step", "--seed", "7"]).arg(compiled.program());
        run(
            &mut step,
            b"break random_bytes\ncontinue\nregisters\ncontinue\n",
        )
    };
    let (one, other) = (stepped(), stepped());
    assert_same(&one.stdout, &other.stdout, "the session");
    let plain = compiled.run(&["--seed", "7"], None);
    let random = plain
        .text()
        .lines()
        .find(|line| line.starts_with("uuid"))
        .unwrap()
        .to_owned();
    assert!(one.text().contains(&random), "{}", one.text());
}

each_guest! {
    two_runs_are_the_same_to_the_last_instruction: super::two_runs_are_the_same_to_the_last_instruction;
    what_is_traced_changes_nothing: super::what_is_traced_changes_nothing;
    children_and_other_programs_follow_from_the_seed: super::children_and_other_programs_follow_from_the_seed;
    real_programs_are_repeatable: super::real_programs_are_repeatable;
    stepping_is_repeatable_too: super::stepping_is_repeatable_too;
}

#[test]
fn a_seed_is_a_number() {
    let end = run(portolan().args(["--seed", "x", "y"]), b"");
    assert_eq!(end.status, 125);
    let end = run(
        portolan().args(["--seed", "1", "--inherited", "x", "y"]),
        b"",
    );
    assert_eq!(end.status, 125);
}
