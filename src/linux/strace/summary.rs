//! How often calls were made, and how long they took: strace's `-c`.
//!
//! Each process counts for itself. What it counted goes into a file in memory that all of them
//! have open when it ends or executes another program, and the first process writes the table. A
//! process that is killed from outside takes its counts with it.

use crate::errno::Errno;
use crate::host::{self, calls};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::os::fd::AsRawFd;

/// What is counted of one call.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Row {
    calls: u64,
    errors: u64,
    nanoseconds: u64,
}

/// The counts of all calls.
#[derive(Debug)]
pub(super) struct Summary {
    rows: BTreeMap<String, Row>,
    /// What other processes counted.
    file: File,
}

impl Summary {
    pub(super) fn new() -> io::Result<Summary> {
        let made = calls::memfd_create(c"calls", libc::MFD_CLOEXEC).now();
        let file = made
            .map(|fd| host::own(fd as i32))
            .map_err(|errno: Errno| io::Error::from_raw_os_error(i32::from(errno.number())))?;
        Ok(Summary::in_file(host::out_of_the_way(
            std::os::fd::AsFd::as_fd(&file),
        )?))
    }

    /// Counts into the file of an earlier program.
    pub(super) fn in_file(file: File) -> Summary {
        let rows = BTreeMap::new();
        Summary { rows, file }
    }

    pub(super) fn descriptor(&self) -> i32 {
        self.file.as_raw_fd()
    }

    /// Counts a call.
    pub(super) fn count(&mut self, name: &str, failed: bool, nanoseconds: u64) {
        let row = match self.rows.get_mut(name) {
            Some(row) => row,
            None => self.rows.entry(name.to_owned()).or_default(),
        };
        row.calls += 1;
        row.errors += u64::from(failed);
        row.nanoseconds += nanoseconds;
    }

    /// In a child: what was counted so far is the parent's.
    pub(super) fn forget(&mut self) {
        self.rows.clear();
    }

    /// Leaves what was counted to the process that tells.
    pub(super) fn leave(&mut self) {
        let text = self
            .rows
            .iter()
            .fold(String::new(), |mut text, (name, row)| {
                let Row {
                    calls,
                    errors,
                    nanoseconds,
                } = row;
                // Writing to a string cannot fail.
                let _ = writeln!(text, "{name} {calls} {errors} {nanoseconds}");
                text
            });
        self.rows.clear();
        // One write at the end: those of several processes do not mix. The table lacks what
        // cannot be written, which nothing can be done about.
        let _ = self.file.seek(SeekFrom::End(0));
        let _ = self.file.write_all(text.as_bytes());
    }

    /// Everything that was counted, as strace writes it.
    pub(super) fn table(&mut self) -> String {
        self.leave();
        let mut text = String::new();
        let _ = self.file.seek(SeekFrom::Start(0));
        let _ = self.file.read_to_string(&mut text);
        let mut rows: BTreeMap<&str, Row> = BTreeMap::new();
        for line in text.lines() {
            let mut words = line.split(' ');
            let name = words.next().unwrap_or_default();
            let mut number = || words.next().and_then(|word| word.parse().ok()).unwrap_or(0);
            let row = rows.entry(name).or_default();
            row.calls += number();
            row.errors += number();
            row.nanoseconds += number();
        }
        table(rows.into_iter().collect())
    }
}

const RULE: &str = "------ ----------- ----------- --------- --------- ----------------\n";

fn table(mut rows: Vec<(&str, Row)>) -> String {
    rows.sort_by(|(name, one), (other_name, other)| {
        let by_time = other.nanoseconds.cmp(&one.nanoseconds);
        by_time
            .then(other.calls.cmp(&one.calls))
            .then(name.cmp(other_name))
    });
    let total = rows.iter().fold(Row::default(), |sum, (_, row)| Row {
        calls: sum.calls + row.calls,
        errors: sum.errors + row.errors,
        nanoseconds: sum.nanoseconds + row.nanoseconds,
    });
    let mut out = format!("% time     seconds  usecs/call     calls    errors syscall\n{RULE}");
    let line = |out: &mut String, share: f64, name: &str, row: &Row| {
        let (micros, seconds) = (row.nanoseconds / 1000, row.nanoseconds as f64 / 1e9);
        let each = micros.checked_div(row.calls).unwrap_or(0);
        let errors = match row.errors {
            0 => String::new(),
            errors => errors.to_string(),
        };
        // Writing to a string cannot fail.
        let _ = writeln!(
            out,
            "{share:6.2} {seconds:11.6} {each:11} {:9} {errors:>9} {name}",
            row.calls
        );
    };
    for (name, row) in &rows {
        let share = match total.nanoseconds {
            0 => 0.0,
            all => row.nanoseconds as f64 * 100.0 / all as f64,
        };
        line(&mut out, share, name, row);
    }
    out.push_str(RULE);
    line(&mut out, 100.0, "total", &total);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_straces() {
        let mut summary = Summary::new().unwrap();
        summary.count("read", false, 1_500_000);
        summary.count("read", false, 500_000);
        summary.leave();
        summary.count("openat", true, 6_000_000);
        assert_eq!(
            summary.table(),
            "% time     seconds  usecs/call     calls    errors syscall\n\
             ------ ----------- ----------- --------- --------- ----------------\n \
             75.00    0.006000        6000         1         1 openat\n \
             25.00    0.002000        1000         2           read\n\
             ------ ----------- ----------- --------- --------- ----------------\n\
             100.00    0.008000        2666         3         1 total\n"
        );
    }
}
