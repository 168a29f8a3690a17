//! The lines of calls that several threads make at once: a call that is under way when another
//! thread has something to tell is told in two halves.

use std::fmt::Write;

/// The column that results start at.
const RESULT_COLUMN: usize = 39;

/// A call that is under way.
#[derive(Debug)]
struct UnderWay {
    tid: i32,
    name: &'static str,
    /// The call as far as it can be written before it is made.
    head: String,
    /// Whether that has been written.
    written: bool,
}

/// What was written last, and what is still to be.
#[derive(Debug, Default)]
pub(super) struct Lines {
    /// In the order in which they began.
    calls: Vec<UnderWay>,
    /// The thread whose half line ends what was written.
    open: Option<i32>,
}

/// What stands before a thread's line.
pub(super) type Leader<'a> = &'a dyn Fn(i32) -> String;

impl Lines {
    /// A call begins.
    pub(super) fn begin(&mut self, tid: i32, name: &'static str, head: String) {
        // A call that did not return left itself behind: rt_sigreturn, and exit of a thread.
        self.forget(tid);
        self.calls.push(UnderWay {
            tid,
            name,
            head,
            written: false,
        });
    }

    /// Drops the call that a thread makes.
    pub(super) fn forget(&mut self, tid: i32) {
        self.calls.retain(|call| call.tid != tid);
    }

    /// A call sleeps: how far it is can be told now.
    pub(super) fn sleep(&mut self, tid: i32, out: &mut String, leader: Leader<'_>) {
        self.close(out);
        if let Some(call) = self.calls.iter_mut().find(|call| call.tid == tid)
            && !call.written
        {
            call.written = true;
            out.push_str(&leader(tid));
            out.push_str(&call.head);
            self.open = Some(tid);
        }
    }

    /// A call is over: `tail` is the rest of it.
    pub(super) fn end(
        &mut self,
        tid: i32,
        tail: &str,
        result: &str,
        out: &mut String,
        leader: Leader<'_>,
    ) {
        let Some(index) = self.calls.iter().position(|call| call.tid == tid) else {
            return;
        };
        let behind = self.calls[index + 1..].iter().any(|call| !call.written);
        let mut line = leader(tid);
        if self.open == Some(tid) && !behind {
            self.open = None;
            let call = self.calls.remove(index);
            let width = leader(tid).chars().count() + call.head.chars().count();
            let column = RESULT_COLUMN.saturating_sub(width);
            // Writing to a string cannot fail.
            let _ = writeln!(out, "{tail:<column$} = {result}");
            return;
        }
        if behind {
            self.interrupt(out, leader);
        } else {
            let call = self.calls.remove(index);
            self.interrupt(out, leader);
            self.calls.insert(index, call);
        }
        let call = self.calls.remove(index);
        match call.written {
            true => {
                let _ = write!(line, "<... {} resumed>{tail}", call.name);
            }
            false => {
                let _ = write!(line, "{}{tail}", call.head);
            }
        }
        let _ = writeln!(out, "{line:<RESULT_COLUMN$} = {result}");
    }

    /// Something else is told.
    pub(super) fn tell(&mut self, tid: i32, text: &str, out: &mut String, leader: Leader<'_>) {
        self.interrupt(out, leader);
        // Writing to a string cannot fail.
        let _ = writeln!(out, "{}{text}", leader(tid));
    }

    /// Writes the first halves of all calls under way.
    fn interrupt(&mut self, out: &mut String, leader: Leader<'_>) {
        self.close(out);
        for call in self.calls.iter_mut().filter(|call| !call.written) {
            call.written = true;
            let _ = writeln!(out, "{}{} <unfinished ...>", leader(call.tid), call.head);
        }
    }

    /// Ends a half line.
    fn close(&mut self, out: &mut String) {
        if self.open.take().is_some() {
            out.push_str(" <unfinished ...>\n");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn leader(tid: i32) -> String {
        format!("[{tid}] ")
    }

    /// Two threads, as strace tells of them.
    #[test]
    fn calls_of_two_threads_are_told_in_halves() {
        let (mut lines, mut out) = (Lines::default(), String::new());
        lines.begin(1, "read", "read(3, ".to_owned());
        lines.begin(2, "write", "write(4, \"x\", 1".to_owned());
        lines.end(2, ")", "1", &mut out, &leader);
        lines.begin(2, "getpid", "getpid(".to_owned());
        lines.end(1, "\"x\", 9)", "1", &mut out, &leader);
        lines.end(2, ")", "7", &mut out, &leader);
        lines.begin(1, "getpid", "getpid(".to_owned());
        lines.end(1, ")", "7", &mut out, &leader);
        assert_eq!(
            out,
            "[1] read(3,  <unfinished ...>\n\
             [2] write(4, \"x\", 1)                    = 1\n\
             [2] getpid( <unfinished ...>\n\
             [1] <... read resumed>\"x\", 9)           = 1\n\
             [2] <... getpid resumed>)               = 7\n\
             [1] getpid()                            = 7\n"
        );
    }

    #[test]
    fn a_call_that_sleeps_is_told_before_it_ends() {
        let (mut lines, mut out) = (Lines::default(), String::new());
        let none = |_| String::new();
        lines.begin(1, "read", "read(3, ".to_owned());
        lines.sleep(1, &mut out, &none);
        assert_eq!(out, "read(3, ");
        lines.end(1, "\"x\", 9)", "1", &mut out, &none);
        lines.begin(1, "read", "read(3, ".to_owned());
        lines.sleep(1, &mut out, &none);
        lines.tell(2, "+++ exited with 0 +++", &mut out, &none);
        lines.end(1, ")", "0", &mut out, &none);
        assert_eq!(
            out,
            "read(3, \"x\", 9)                         = 1\n\
             read(3,  <unfinished ...>\n\
             +++ exited with 0 +++\n\
             <... read resumed>)                     = 0\n"
        );
    }
}
