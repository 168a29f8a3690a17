//! The frames of gdb's packets. gdbstub ends a conversation at a frame that is not right, and at a packet that it cannot
//! read; the first never reach it, and what the second need is here: what is told again to the stub that replaces it.

use super::listen::{Answers, Gone, Requests};
use std::collections::VecDeque;
use std::io;

/// The longest packet in bytes. Long ones make the transfer of libraries quick.
pub(super) const PACKET: usize = 0x8000;

/// Something whole from gdb.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Incoming {
    /// A packet, without its frame.
    Packet(Vec<u8>),
    /// A packet that is longer than gdb was told it may be.
    TooLong,
    /// A packet whose sum is another.
    Garbled,
    /// The last answer did not arrive.
    Again,
    /// Ctrl-C.
    Interrupt,
}

/// How far a frame has come.
#[derive(Debug, Default)]
enum Frame {
    #[default]
    Between,
    Body(Vec<u8>),
    /// The body, and the first digit of its sum.
    Sum(Vec<u8>, Option<u8>),
}

impl Frame {
    fn take(&mut self, byte: u8) -> Option<Incoming> {
        match (std::mem::take(self), byte) {
            // One that begins within another takes its place.
            (Frame::Between | Frame::Body(_), b'$') => *self = Frame::Body(Vec::new()),
            (Frame::Between, b'-') => return Some(Incoming::Again),
            (Frame::Between, CTRL_C) => return Some(Incoming::Interrupt),
            (Frame::Between, _) => {}
            (Frame::Body(body), b'#') => *self = Frame::Sum(body, None),
            (Frame::Body(mut body), byte) => {
                // More than fits is not kept.
                if body.len() <= PACKET {
                    body.push(byte);
                }
                *self = Frame::Body(body);
            }
            (Frame::Sum(body, None), first) => *self = Frame::Sum(body, Some(first)),
            (Frame::Sum(body, Some(first)), second) => {
                let digits = [first, second].map(|digit| char::from(digit).to_digit(16));
                let [Some(high), Some(low)] = digits else {
                    return Some(Incoming::Garbled);
                };
                return Some(match body.len() {
                    // The frame has four bytes.
                    length if length + 4 > PACKET => Incoming::TooLong,
                    _ if high << 4 | low == u32::from(sum(&body)) => Incoming::Packet(body),
                    _ => Incoming::Garbled,
                });
            }
        }
        None
    }
}

/// The byte that gdb sends outside of frames to interrupt the program.
pub(super) const CTRL_C: u8 = 3;

fn sum(body: &[u8]) -> u8 {
    body.iter().fold(0, |sum, byte| sum.wrapping_add(*byte))
}

/// A packet in its frame.
pub(super) fn framed(body: &[u8]) -> Vec<u8> {
    let sum = format!("#{:02x}", sum(body));
    [b"$", body, sum.as_bytes()].concat()
}

/// What comes from gdb, in whole packets.
pub(super) struct Packets {
    pub requests: Requests,
    frame: Frame,
    /// What came while the program ran, and is for when it stops.
    kept: VecDeque<Incoming>,
}

impl Packets {
    pub(super) fn of(requests: Requests) -> Packets {
        Packets {
            requests,
            frame: Frame::default(),
            kept: VecDeque::new(),
        }
    }

    /// The next, waiting for it.
    pub(super) fn next(&mut self) -> Result<Incoming, Gone> {
        if let Some(kept) = self.kept.pop_front() {
            return Ok(kept);
        }
        loop {
            let byte = self.requests.next()?;
            if let Some(incoming) = self.frame.take(byte) {
                return Ok(incoming);
            }
        }
    }

    /// What concerns a running program, if it is here already: only Ctrl-C and the wish to kill it.
    pub(super) fn here(&mut self) -> Result<Option<Incoming>, Gone> {
        while let Some(byte) = self.requests.here()? {
            match self.frame.take(byte) {
                Some(Incoming::Packet(body)) if body == b"k" => {
                    return Ok(Some(Incoming::Packet(body)));
                }
                Some(Incoming::Interrupt) => return Ok(Some(Incoming::Interrupt)),
                other => self.kept.extend(other),
            }
        }
        Ok(None)
    }
}

/// What gdb has settled with the stub, to be told to another one: packets by the word that they begin with.
#[derive(Default)]
pub(super) struct Settled(Vec<Vec<u8>>);

const SETTLING: [&[u8]; 4] = [b"qSupported", b"QStartNoAckMode", b"Hg", b"Hc"];

impl Settled {
    /// Notes a packet that was answered.
    pub(super) fn note(&mut self, body: &[u8]) {
        if let Some(word) = SETTLING.iter().find(|word| body.starts_with(word)) {
            self.0.retain(|other| !other.starts_with(word));
            self.0.push(body.to_vec());
        }
    }

    /// Whether packets are not acknowledged any more.
    fn is_without_acks(&self) -> bool {
        self.0.iter().any(|body| body.starts_with(SETTLING[1]))
    }

    pub(super) fn packets(&self) -> &[Vec<u8>] {
        &self.0
    }

    /// Answers what cannot be answered: refuses it as gdbserver does, or asks for it again.
    pub(super) fn answer(&self, unusable: &Incoming, answers: &Answers) -> io::Result<()> {
        // EINVAL.
        let refusal = framed(b"E16");
        match (unusable, self.is_without_acks()) {
            (Incoming::Again, _) => answers.send_again(),
            (Incoming::Garbled, false) => answers.send(b"-"),
            // Nobody would send it again.
            (_, true) => answers.send(&refusal),
            (_, false) => answers.send(&[b"+", &refusal[..]].concat()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(bytes: &[u8]) -> Vec<Incoming> {
        let mut frame = Frame::default();
        bytes.iter().filter_map(|byte| frame.take(*byte)).collect()
    }

    #[test]
    fn frames_are_whole_before_they_count() {
        let packet = |body: &[u8]| Incoming::Packet(body.to_vec());
        assert_eq!(all(b"+$g#67+$#00"), [packet(b"g"), packet(b"")]);
        assert_eq!(
            all(b"$g#68$g#6x$g#67"),
            [Incoming::Garbled, Incoming::Garbled, packet(b"g")]
        );
        assert_eq!(all(b"$m12$g#67"), [packet(b"g")]);
        assert_eq!(
            all(b"-\x03x$\x03#03"),
            [Incoming::Again, Incoming::Interrupt, packet(b"\x03")]
        );
        let mut long = vec![b'x'; 3 * PACKET];
        assert_eq!(all(&framed(&long)), [Incoming::TooLong]);
        long.truncate(PACKET - 4);
        assert_eq!(all(&framed(&long)), [packet(&long)]);
        assert_eq!(all(b"$unfinished#"), []);
    }

    #[test]
    fn what_is_settled_last_counts() {
        let mut settled = Settled::default();
        for body in ["Hgp1.1", "g", "qSupported:a+", "Hgp1.2", "Hc-1"] {
            settled.note(body.as_bytes());
        }
        let expected: [&[u8]; 3] = [b"qSupported:a+", b"Hgp1.2", b"Hc-1"];
        assert_eq!(settled.packets(), expected);
    }
}
