//! Ctrl-C at the prompt, and what is done with other signals.

use super::support::TempDir;
use super::{rom_of, run};
use std::io::{BufRead, BufReader, Write};
use std::os::unix::process::CommandExt;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::{Duration, Instant};

/// Long enough for anything that is not wrong.
const LIMIT: Duration = Duration::from_secs(60);

/// A session whose lines come while it goes on.
struct Talk {
    process: Child,
    input: ChildStdin,
    lines: Receiver<String>,
}

impl Talk {
    /// `ignores`: whoever starts it ignores SIGINT, as a shell does for what goes on in the background.
    fn start(arguments: &[&str], isa: &str, rom: &str, ignores: bool) -> Talk {
        let mut portolan = Command::new(env!("CARGO_BIN_EXE_portolan"));
        portolan.arg("step").args(arguments).arg(rom_of(isa, rom));
        // As long as it takes.
        portolan.arg("100000");
        let action = if ignores {
            libc::SIG_IGN
        } else {
            libc::SIG_DFL
        };
        // SAFETY: a system call and nothing else.
        unsafe {
            portolan.pre_exec(move || {
                libc::signal(libc::SIGINT, action);
                Ok(())
            });
        }
        let piped = portolan.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut process = piped.spawn().expect("portolan");
        let input = process.stdin.take().expect("piped");
        let output = BufReader::new(process.stdout.take().expect("piped"));
        let (sender, lines) = channel();
        thread::spawn(move || {
            for line in output.lines().map_while(Result::ok) {
                let _ = sender.send(line);
            }
        });
        Talk {
            process,
            input,
            lines,
        }
    }

    fn say(&mut self, commands: &str) {
        writeln!(self.input, "{commands}").expect("it listens");
    }

    /// Waits for a line that has one of these in it.
    fn hear(&mut self, what: &[&str]) {
        self.wait(what, || {});
    }

    /// The same, and presses Ctrl-C until then.
    fn press(&mut self, what: &[&str]) {
        let process = self.process.id() as i32;
        // SAFETY: our child, which is there until it is waited for.
        self.wait(what, || unsafe {
            libc::kill(process, libc::SIGINT);
        });
    }

    fn wait(&mut self, what: &[&str], meanwhile: impl Fn()) {
        let started = Instant::now();
        let mut heard = String::new();
        loop {
            assert!(started.elapsed() < LIMIT, "never {what:?}: {heard}");
            match self.lines.recv_timeout(Duration::from_millis(20)) {
                Ok(line) if what.iter().any(|it| line.contains(it)) => return,
                Ok(line) => heard += &(line + "\n"),
                Err(RecvTimeoutError::Timeout) => meanwhile(),
                Err(RecvTimeoutError::Disconnected) => panic!("it ended before {what:?}: {heard}"),
            }
        }
    }

    /// Leaves; the exit status.
    fn end(mut self) -> Option<i32> {
        self.say("q");
        let started = Instant::now();
        loop {
            if let Some(status) = self.process.try_wait().expect("our child") {
                return status.code();
            }
            assert!(started.elapsed() < LIMIT, "it does not end");
            thread::sleep(Duration::from_millis(5));
        }
    }
}

impl Drop for Talk {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Forward and back, with a history and without, and the program goes on as if nothing had been.
#[test]
fn ctrl_c_comes_back_to_the_prompt() {
    for (isa, flags, ignores) in [
        ("riscv64", &[][..], false),
        ("mipsel", &["--no-history"], true),
        ("x86_64", &[], true),
    ] {
        let mut talk = Talk::start(flags, isa, "list", ignores);
        talk.say("tb main\nc");
        talk.hear(&["breakpoint 1"]);
        talk.say("c");
        talk.press(&["signal SIGINT, which the program does not get"]);
        talk.say("p 6 * 7\nfinish");
        talk.hear(&["$1 = 42"]);
        // The ring is walked so often in main itself.
        talk.press(&["signal SIGINT"]);
        if flags.is_empty() {
            // A history that is long enough to be interrupted.
            talk.say("stepi 3000000\np 987654321");
            talk.hear(&[" = 987654321"]);
            talk.say("rc");
            talk.press(&["paused"]);
            // Forward through what was gone back as well, or if that was little, beyond it.
            talk.say("c");
            talk.press(&["paused", "signal SIGINT"]);
        }
        talk.say("p 6 * 8");
        talk.hear(&[" = 48"]);
        assert_eq!(talk.end(), Some(0), "{isa}");
    }
}

/// A shell that sends itself signals.
#[test]
fn signals_are_handled_as_it_was_said() {
    let Some(shell) = super::support::oracle_file("riscv64/bin/busybox") else {
        return;
    };
    let scratch = TempDir::new();
    let script = "trap 'echo got it' USR1; kill -USR1 $$; echo after; kill -USR1 $$; echo end";
    let talk = |script: &str, commands: &str| {
        let mut portolan = Command::new(env!("CARGO_BIN_EXE_portolan"));
        portolan.args(["step", "--no-history"]).arg(&shell);
        portolan
            .args(["sh", "-c", script])
            .current_dir(scratch.path());
        run(&mut portolan, commands.as_bytes()).text()
    };
    let said = |commands: &str| talk(script, commands);
    let lines = |said: &str| -> Vec<String> {
        let is_shells = |line: &&str| {
            ["got it", "after", "end"].contains(line)
                || line.contains("SIGUSR1")
                || line.contains("exited")
        };
        said.lines().filter(is_shells).map(str::to_owned).collect()
    };
    // They are the program's, without a word.
    let all = said("c\n");
    assert_eq!(
        lines(&all),
        [
            "got it",
            "after",
            "got it",
            "end",
            "the program exited with 0"
        ],
        "{all}"
    );
    let all = said("handle USR1 stop\nc\nc\nhandle 10 nopass nostop\nc\n");
    assert_eq!(
        lines(&all),
        [
            "SIGUSR1       Yes    Yes    Yes",
            "signal SIGUSR1",
            "got it",
            "after",
            "signal SIGUSR1",
            "SIGUSR1       No     Yes    No",
            "got it",
            "end",
            "the program exited with 0"
        ],
        "{all}"
    );
    let all = said("handle SIGUSR1 nopass print\ninfo signals INT\nc\n");
    assert_eq!(
        lines(&all),
        [
            "SIGUSR1       No     Yes    No",
            "after",
            "end",
            "the program does not get SIGUSR1",
            "the program does not get SIGUSR1",
            "the program exited with 0"
        ],
        "{all}"
    );
    assert!(all.contains("SIGINT        Yes    Yes    No"), "{all}");
    // Also what it ignores, as ptrace tells it.
    let script = "trap '' USR1; kill -USR1 $$; echo after";
    let all = talk(script, "handle USR1 stop\nc\nc\n");
    assert_eq!(
        lines(&all),
        [
            "SIGUSR1       Yes    Yes    Yes",
            "signal SIGUSR1",
            "after",
            "the program exited with 0"
        ],
        "{all}"
    );
    let all = said("handle NOTHING stop\nhandle USR1\n");
    assert!(all.contains("\"NOTHING\" is no signal"), "{all}");
    assert!(all.contains("handle wants signals"), "{all}");
}
