//! Programs that wait for gdb, and the one that is compiled to be debugged.

use crate::support::guests::Guest;
use crate::support::{self, End, TempDir, oracle, workspace};
use std::io::{BufRead, BufReader, Read};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

/// Nothing here takes longer.
pub const LIMIT: Duration = Duration::from_secs(60);

pub fn rom(name: &str) -> PathBuf {
    workspace().join("roms/bin/riscv64").join(name)
}

/// A program that waits for gdb.
pub struct Waiting {
    pub child: Child,
    /// What `target remote` takes.
    pub remote: String,
    pub stdout: Written,
    pub stderr: Written,
}

/// What a pipe has given so far.
pub struct Written {
    bytes: Arc<Mutex<Vec<u8>>>,
    reader: JoinHandle<()>,
}

impl Written {
    pub fn to(mut pipe: impl Read + Send + 'static) -> Written {
        let bytes = Arc::<Mutex<Vec<u8>>>::default();
        let kept = Arc::clone(&bytes);
        let reader = thread::spawn(move || {
            let mut buffer = [0; 4096];
            while let Ok(count @ 1..) = pipe.read(&mut buffer) {
                kept.lock().unwrap().extend(&buffer[..count]);
            }
        });
        Written { bytes, reader }
    }

    pub fn so_far(&self) -> Vec<u8> {
        self.bytes.lock().unwrap().clone()
    }

    pub fn all(self) -> Vec<u8> {
        self.reader.join().expect("reading");
        std::mem::take(&mut self.bytes.lock().unwrap())
    }
}

impl Waiting {
    /// Starts a program; `place` is the argument of `-g`.
    pub fn start(place: &str, words: &[&str]) -> Waiting {
        let mut child = support::portolan()
            .args(["-g", place])
            .args(words)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("portolan");
        let stdout = child.stdout.take().expect("piped");
        let mut stderr = BufReader::new(child.stderr.take().expect("piped"));
        let mut line = String::new();
        stderr.read_line(&mut line).expect("a line");
        let remote = line
            .split_once("target remote ")
            .and_then(|(_, rest)| rest.split_once('\''))
            .unwrap_or_else(|| panic!("it does not say how to connect: {line:?}"))
            .0
            .to_owned();
        Waiting {
            child,
            remote,
            stdout: Written::to(stdout),
            stderr: Written::to(stderr),
        }
    }

    /// What it has said of itself so far.
    pub fn said(&self) -> String {
        String::from_utf8_lossy(&self.stderr.so_far()).into_owned()
    }

    /// Waits for its end.
    pub fn end(mut self) -> End {
        use std::os::unix::process::ExitStatusExt;
        let started = Instant::now();
        let status = loop {
            match self.child.try_wait().expect("our own child") {
                Some(status) => break status,
                None if started.elapsed() < LIMIT => thread::sleep(Duration::from_millis(2)),
                None => {
                    let _ = self.child.kill();
                    panic!("it is not done after {LIMIT:?}");
                }
            }
        };
        End {
            status: status
                .code()
                .or(status.signal().map(|signal| 128 + signal))
                .expect("it ended"),
            stdout: self.stdout.all(),
            stderr: self.stderr.all(),
        }
    }
}

/// A program to be debugged, compiled.
pub struct Compiled {
    directory: TempDir,
    name: &'static str,
    /// What every command line starts with.
    words: Vec<String>,
}

impl Compiled {
    /// The program `debugged`, static. None: an oracle is missing.
    pub fn new(guest: &Guest) -> Option<Compiled> {
        Compiled::of(guest, "debugged", false)
    }

    /// A program of this directory, by the guest's cross compiler. A dynamic one has its libraries in a sysroot.
    pub fn of(guest: &Guest, name: &'static str, dynamic: bool) -> Option<Compiled> {
        oracle("gdb-multiarch")?;
        let gcc = guest.compiler()?;
        let mut words = Vec::new();
        if dynamic {
            let sysroot = guest.libraries()?;
            words.extend(["-L".to_owned(), sysroot.to_str().unwrap().to_owned()]);
        }
        let directory = TempDir::new();
        let program = directory.path().join(name);
        let mut compile = Command::new(gcc);
        // A thread that stops while the dynamic linker looks up a function has no frames that gdb can tell.
        compile.args(["-g", "-O0", "-Wl,-z,now"]);
        compile.args((!dynamic).then_some("-static"));
        compile.arg("-o").arg(&program);
        let source = workspace().join("tests/gdb").join(name);
        let built = support::run(compile.arg(source.with_extension("c")), b"");
        assert_eq!(
            built.status,
            0,
            "{}",
            String::from_utf8_lossy(&built.stderr)
        );
        words.push(program.to_str().unwrap().to_owned());
        Some(Compiled {
            directory,
            name,
            words,
        })
    }

    pub fn program(&self) -> PathBuf {
        self.directory.path().join(self.name)
    }

    pub fn wait(&self, argument: &str) -> Waiting {
        let mut words: Vec<&str> = self.words.iter().map(String::as_str).collect();
        words.push(argument);
        Waiting::start("0", &words)
    }
}
