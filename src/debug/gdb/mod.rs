//! gdb's remote protocol: a program that a real gdb debugs.
//!
//! `gdbstub` reads and writes packets; here is what they mean.
//!
//! | file | subject |
//! |---|---|
//! | `listen.rs` | where gdb connects to, and the bytes it sends |
//! | `packets.rs` | packets that are whole, and those that are not |
//! | `target.rs` | registers, memory, breakpoints, going on |
//! | `queries.rs`, `files.rs` | what gdb asks about the process; the files it reads |
//! | `arch.rs`, `signals.rs` | any architecture, as data; gdb's numbers of signals |
//!
//! The stub works on a [`Session`](super::session::Session). Nothing of the guest's memory is
//! changed for it, and a signal is told to gdb before it takes effect, so that gdb sees a program
//! that is about to die where it stands.

mod arch;
mod files;
mod listen;
mod packets;
mod queries;
mod signals;
mod target;

pub use listen::{Listener, Place};

use crate::Process;
use crate::debug::session::Event;
use gdbstub::stub::state_machine::GdbStubStateMachine as State;
use gdbstub::stub::{DisconnectReason, GdbStub, GdbStubError};
use listen::{Answers, Gone, Requests};
use packets::{CTRL_C, Incoming, PACKET, Packets, Settled, framed};
use portolan_linux::process::own_pid;
use portolan_linux::thread::Exit;
use std::convert::Infallible;
use std::io;
use target::Target;
use thiserror::Error;

/// Why debugging ended without gdb's wish.
#[derive(Debug, Error)]
pub enum Error {
    /// The place cannot be listened at.
    #[error("cannot wait for gdb at {0}: {1}; is it in use?")]
    Listen(Place, io::Error),
    /// The guest has no target description.
    #[error("gdb cannot be told of the registers of {0} yet")]
    NoDescription(&'static str),
    /// The connection failed.
    #[error("the connection with gdb failed: {0}")]
    Connection(io::Error),
    /// gdb sent something that it should not.
    #[error("gdb sent what cannot be answered: {0}")]
    Protocol(String),
}

/// How debugging ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The program ended.
    Ended(Exit),
    /// gdb let it go: it wants to be run to its end.
    Released,
    /// gdb wants it killed, or went away without a word about it.
    Killed,
}

/// Waits for gdb and does what it says. The process comes back in the state that it is in, and is
/// not watched any more.
///
/// # Errors
/// See [`Error`].
pub fn serve(process: Process, listener: Listener) -> Result<(Process, Outcome), Error> {
    let guest = process.guest();
    let mode = process.thread().core().mode();
    let description = guest.gdb(mode).ok_or(Error::NoDescription(guest.name()))?;
    let stream = listener.accept()?;
    let mut target = Target::new(process, description);
    // Never: the target was made of a process.
    let lost = || Error::Protocol("there is no process".to_owned());
    let (requests, answers) =
        listen::open(stream, target.interrupter()).map_err(Error::Connection)?;
    let outcome = converse(requests, &mut target, answers)?;
    let process = target.release().ok_or_else(lost)?;
    Ok((process, outcome))
}

/// gdbstub's errors as ours. What it cannot write is no error: gdb is gone.
fn protocol<T: std::fmt::Display>(error: T) -> Error {
    Error::Protocol(error.to_string())
}

/// gdbstub, before or between packets.
fn stub(target: &mut Target, answers: Answers) -> Result<State<'static, Target, Answers>, Error> {
    // What is longer never gets there.
    let builder = GdbStub::builder(answers).packet_buffer_size(PACKET);
    let stub = builder.build().map_err(protocol)?;
    stub.run_state_machine(target).map_err(protocol)
}

/// The stub after some bytes.
fn feed<'a>(
    mut state: State<'a, Target, Answers>,
    target: &mut Target,
    bytes: &[u8],
) -> Result<State<'a, Target, Answers>, GdbStubError<Infallible, io::Error>> {
    for byte in bytes {
        state = match state {
            State::Idle(idle) => idle.incoming_data(target, *byte)?,
            State::Running(run) => run.incoming_data(target, *byte)?,
            // A packet that leads there is at its end.
            other => return Ok(other),
        };
    }
    Ok(state)
}

/// A stub in the place of one that was given what it cannot read.
fn replacement(
    target: &mut Target,
    answers: &Answers,
    settled: &Settled,
) -> Result<State<'static, Target, Answers>, Error> {
    answers.mute(true);
    let mut state = stub(target, answers.another())?;
    for body in settled.packets() {
        state = feed(state, target, &framed(body)).map_err(protocol)?;
    }
    answers.mute(false);
    Ok(state)
}

/// Talks with gdb until gdb or the program ends that.
fn converse(requests: Requests, target: &mut Target, answers: Answers) -> Result<Outcome, Error> {
    let mut packets = Packets::of(requests);
    let mut settled = Settled::default();
    let mut state = stub(target, answers.another())?;
    let home = own_pid();
    let mut running = false;
    // How the program ended, which gdb is told next.
    let mut ended = None;
    loop {
        let next = match state {
            State::Idle(_) => {
                running = false;
                match packets.next() {
                    Err(Gone) => return Ok(Outcome::Killed),
                    Ok(Incoming::Packet(body)) => {
                        let next = feed(state, target, &framed(&body));
                        if next.is_ok() {
                            settled.note(&body);
                        }
                        next
                    }
                    Ok(Incoming::Interrupt) => feed(state, target, &[CTRL_C]),
                    Ok(unusable) => match settled.answer(&unusable, &answers) {
                        Ok(()) => Ok(state),
                        Err(_) => return Ok(Outcome::Killed),
                    },
                }
            }
            State::Running(mut run) => {
                running = true;
                // What was said last is acknowledged before the program runs.
                let flushed = gdbstub::conn::Connection::flush(run.borrow_conn());
                // The flag comes first: a byte that comes later than the look interrupts.
                packets.requests.set_running(true);
                match packets.here() {
                    Ok(_) if flushed.is_err() => return Ok(Outcome::Killed),
                    Err(Gone) => return Ok(Outcome::Killed),
                    Ok(Some(Incoming::Packet(body))) => feed(run.into(), target, &framed(&body)),
                    Ok(Some(_)) => feed(run.into(), target, &[CTRL_C]),
                    Ok(None) => {
                        let event = target.run();
                        packets.requests.set_running(false);
                        if own_pid() != home {
                            // A child that the program forked: not gdb's. The thread at the other
                            // end of the channel is the parent's; nothing here may wait for it.
                            std::mem::forget(packets);
                            return Ok(forked(event));
                        }
                        if let Event::Ended(exit) = &event {
                            ended = Some(exit.clone());
                        }
                        match target.reason(event) {
                            Some(reason) => run.report_stop(target, reason),
                            None => Ok(run.into()),
                        }
                    }
                }
            }
            State::CtrlCInterrupt(interrupt) => {
                packets.requests.set_running(false);
                // Of a program that has just stopped by itself, gdb hears that.
                let reason = running.then(|| target.interrupted());
                interrupt.interrupt_handled(target, reason)
            }
            State::Disconnected(disconnected) => {
                return Ok(match (disconnected.get_reason(), ended) {
                    (_, Some(exit)) => Outcome::Ended(exit),
                    (DisconnectReason::Disconnect, None) => Outcome::Released,
                    _ => Outcome::Killed,
                });
            }
        };
        state = match next {
            Ok(state) => state,
            Err(error) if error.is_connection_error() => {
                return Ok(ended.map_or(Outcome::Killed, Outcome::Ended));
            }
            // Something that no gdb sends: it is refused, and that was all.
            Err(_) => {
                if settled.answer(&Incoming::TooLong, &answers).is_err() {
                    return Ok(Outcome::Killed);
                }
                replacement(target, &answers, &settled)?
            }
        };
    }
}

/// How a forked child goes on.
fn forked(event: Event) -> Outcome {
    match event {
        Event::Ended(exit) => Outcome::Ended(exit),
        _ => Outcome::Released,
    }
}
