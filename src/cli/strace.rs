//! The flags of `portolan run` about tracing system calls; they are strace's.

use super::Failure;
use clap::Args;
use portolan::guests;
use portolan_linux::exec::Next;
use portolan_linux::strace::{Filter, Tracer, TracerOptions};
use std::ffi::OsString;
use std::fs::File;
use std::path::PathBuf;

/// What is traced, and where that is written.
#[derive(Args, Clone, Debug)]
pub struct StraceFlags {
    /// Write each system call to standard error as strace -f does, or to FILE
    ///
    /// The threads of the program and its children are traced too.
    #[arg(
        long,
        value_name = "FILE",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = ""
    )]
    strace: Option<OsString>,
    /// Write system calls to FILE, as --strace=FILE does
    #[arg(short = 'o', value_name = "FILE", conflicts_with = "strace")]
    output: Option<PathBuf>,
    /// Trace some system calls only: trace=SET, with names and %classes, `!` before them for all
    /// others
    #[arg(short = 'e', value_name = "trace=SET")]
    filter: Option<String>,
    /// Count system calls, their time and their errors, and write a table at the end instead
    #[arg(short = 'c', long = "strace-summary-only")]
    count: bool,
    /// Write that table after the system calls
    #[arg(short = 'C', long = "strace-summary", conflicts_with = "count")]
    count_too: bool,
    /// The program continues one that wrote to these descriptors
    #[arg(long, hide = true, value_name = "FD", value_delimiter = ',')]
    strace_to: Vec<i32>,
    /// The program continues a traced child
    #[arg(long, hide = true)]
    strace_child: bool,
}

impl StraceFlags {
    /// Whether any of them was given.
    pub fn is_given(&self) -> bool {
        self.strace.is_some()
            || self.output.is_some()
            || self.filter.is_some()
            || self.count
            || self.count_too
    }

    /// Who writes down the calls, if anybody.
    pub fn tracer(&self) -> Result<Option<Tracer>, Failure> {
        let file = self
            .strace
            .as_ref()
            .filter(|path| !path.is_empty())
            .map(PathBuf::from);
        let file = file.or_else(|| self.output.clone());
        let wanted = self.strace.is_some() || self.filter.is_some() || self.count || self.count_too;
        if !wanted && file.is_none() {
            return Ok(None);
        }
        let filter = self
            .filter
            .as_ref()
            .map(|text| Filter::parse(text, is_call));
        let options = TracerOptions {
            filter: filter
                .transpose()
                .map_err(|bad| Failure::of(format!("-e: {bad}")))?,
            silent: self.count,
            numbered: file.is_some(),
        };
        if !self.strace_to.is_empty() {
            let tracer = Tracer::inherited(&self.strace_to, options).map_err(Failure::of)?;
            return Ok(Some(tracer.forked(self.strace_child)));
        }
        let tracer = match file {
            None => Tracer::to_stderr(options),
            Some(path) => File::create(&path)
                .and_then(|file| Tracer::to_file(file, options))
                .map_err(|error| std::io::Error::other(format!("{}: {error}", path.display()))),
        };
        let counted = tracer.and_then(|tracer| match self.count || self.count_too {
            true => tracer.with_summary(),
            false => Ok(tracer),
        });
        counted.map(Some).map_err(Failure::of)
    }

    /// The flags for a program that execve starts.
    pub fn pass_on(&self, next: &Next<'_>) -> Vec<OsString> {
        if next.passed.is_empty() {
            return Vec::new();
        }
        let numbers: Vec<String> = next.passed.iter().map(i32::to_string).collect();
        let mut words: Vec<OsString> = vec!["--strace-to".into(), numbers.join(",").into()];
        // The file is open already; its name only says that lines are numbered.
        let file = self.output.as_ref().map(|path| path.as_os_str());
        let file = self
            .strace
            .as_deref()
            .or(file)
            .filter(|path| !path.is_empty());
        words.push(match file {
            Some(path) => {
                let mut word = OsString::from("--strace=");
                word.push(path);
                word
            }
            None => "--strace".into(),
        });
        if let Some(filter) = &self.filter {
            words.extend(["-e".into(), filter.into()]);
        }
        for (given, name) in [
            (self.count, "-c"),
            (self.count_too, "-C"),
            (next.forked, "--strace-child"),
        ] {
            if given {
                words.push(name.into());
            }
        }
        words
    }
}

/// Whether any guest has such a call.
fn is_call(name: &str) -> bool {
    guests::call_names().any(|known| known == name)
}
