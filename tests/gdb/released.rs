//! A process that is not debugged any more.

use crate::waiting::rom;
use portolan::Process;
use portolan_linux::process::Command;
use portolan_linux::thread::{Exit, Progress};

#[test]
fn a_wake_that_comes_too_late_does_not_end_it() {
    let command = Command {
        program: rom("hello"),
        arguments: vec![c"hello".to_owned()],
        ..Command::default()
    };
    let mut process = Process::start(command).expect("a rom");
    process.thread_mut().watch();
    assert_eq!(process.advance(10), Progress::Budget);
    process.thread().interrupter().interrupt();
    process.thread_mut().unwatch();
    assert_eq!(process.run(), Exit::Code(0));
}
