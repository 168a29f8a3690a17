//! What is read from descriptors that stand for events: numbers in the processor's byte order, and
//! signals by the kernel's numbers. The host's are rewritten as the guest has them.

use super::Context;
use super::sockets::order::{Field, HOST, turn};
use crate::host::calls;
use crate::process::empty;
use std::path::Path;

/// What a descriptor gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Records {
    /// A number of eight bytes: eventfd and timerfd.
    Counter,
    /// `struct signalfd_siginfo`.
    Signals,
    /// `struct inotify_event`, each with a name.
    Watches,
    /// `struct fanotify_event_metadata`, each with more information.
    Accesses,
}

/// What a descriptor gives, if that differs from what the guest expects.
pub fn of(context: &Context<'_>, fd: i32) -> Option<Records> {
    let personality = context.personality();
    if !personality.is_foreign() || !has_no_type(fd) {
        return None;
    }
    let link = std::fs::read_link(format!("/proc/self/fd/{fd}")).ok()?;
    let records = of_link(&link)?;
    let other_order = personality.abi.shape.order != HOST.order;
    (other_order || records == Records::Signals).then_some(records)
}

/// Whether a file is neither a regular one nor any other that has a name: quicker to find out.
fn has_no_type(fd: i32) -> bool {
    let mut stat = empty::<libc::statx>();
    let asked = calls::statx(fd, c"", libc::AT_EMPTY_PATH, libc::STATX_TYPE, &mut stat).now();
    asked.is_ok() && u32::from(stat.stx_mode) & libc::S_IFMT == 0
}

fn of_link(link: &Path) -> Option<Records> {
    Some(match link.to_str()? {
        "anon_inode:[eventfd]" | "anon_inode:[timerfd]" => Records::Counter,
        "anon_inode:[signalfd]" => Records::Signals,
        "anon_inode:inotify" => Records::Watches,
        "anon_inode:[fanotify]" => Records::Accesses,
        _ => return None,
    })
}

impl Records {
    /// Rewrites what the host's kernel gave.
    pub fn to_guest(self, context: &Context<'_>, bytes: &mut [u8]) {
        const WATCH: usize = 16;
        const ACCESS: usize = 24;
        let shape = context.user().shape;
        match self {
            Records::Counter => turn(shape, &[Field::Numbers(8, 1)], bytes),
            Records::Signals => {
                for info in bytes.chunks_exact_mut(SIGNAL) {
                    signal_to_guest(context, info);
                }
            }
            Records::Watches => each(bytes, |record| {
                let length = WATCH + HOST.decode(record.get(12..WATCH)?) as usize;
                turn(shape, &[Field::Numbers(4, 4)], &mut record[..WATCH]);
                Some(length)
            }),
            Records::Accesses => each(bytes, |record| {
                let length = HOST.decode(record.get(..4)?) as usize;
                let start = HOST.decode(record.get(6..8)?) as usize;
                let record = record.get_mut(..length)?;
                let fields = [
                    Field::Numbers(4, 1),
                    Field::Bytes(2),
                    Field::Numbers(2, 1),
                    Field::Numbers(8, 1),
                    Field::Numbers(4, 2),
                ];
                turn(shape, &fields, record.get_mut(..ACCESS)?);
                // What follows says its type and its length; most of it is a handle.
                each(record.get_mut(start..)?, |more| {
                    let length = HOST.decode(more.get(2..4)?) as usize;
                    let fields = [Field::Bytes(2), Field::Numbers(2, 1), Field::Numbers(4, 4)];
                    turn(shape, &fields, more);
                    Some(length)
                });
                Some(length)
            }),
        }
    }

    /// Rewrites what the guest wants to write.
    pub fn to_host(self, context: &Context<'_>, bytes: &mut [u8]) {
        let shape = context.user().shape;
        match self {
            Records::Counter => turn(shape, &[Field::Numbers(8, 1)], bytes),
            Records::Accesses => turn(shape, &[Field::Rest(4)], bytes),
            Records::Signals | Records::Watches => {}
        }
    }
}

/// Goes through records that say how long they are.
fn each(mut bytes: &mut [u8], mut rewrite: impl FnMut(&mut [u8]) -> Option<usize>) {
    while let Some(length) = rewrite(bytes).filter(|length| (1..=bytes.len()).contains(length)) {
        bytes = &mut bytes[length..];
    }
}

/// Bytes of `struct signalfd_siginfo`.
const SIGNAL: usize = 128;
const CODE: usize = 8;
const PID: usize = 12;
const STATUS: usize = 40;
const INT: usize = 44;
const POINTER: usize = 48;

fn signal_to_guest(context: &Context<'_>, info: &mut [u8]) {
    let personality = context.personality();
    let shape = personality.abi.shape;
    let get = |info: &[u8], at: usize| HOST.decode(&info[at..at + 4]) as i32;
    let (signal, code, pid) = (get(info, 0), get(info, CODE), get(info, PID));
    let status = match (signal, code) {
        (libc::SIGCHLD, libc::CLD_EXITED) => get(info, STATUS),
        (libc::SIGCHLD, _) => personality.guest_signal(get(info, STATUS)),
        _ => get(info, STATUS),
    };
    // The first four bytes of what the guest queued.
    let pointer = HOST.decode(&info[POINTER..POINTER + 8]);
    let int = shape.decode(&shape.encode(pointer, usize::from(shape.word))[..4]);
    let numbers = [
        (0, personality.guest_signal(signal)),
        (CODE, personality.code_to_guest(code)),
        (PID, context.process.guest_pid(pid)),
        (STATUS, status),
        (INT, int as i32),
    ];
    for (at, number) in numbers {
        let bytes = HOST.encode(u64::from(number.cast_unsigned()), 4);
        info[at..at + 4].copy_from_slice(&bytes[..4]);
    }
    let fields = [
        Field::Numbers(4, 12),
        Field::Numbers(8, 4),
        Field::Numbers(2, 2),
        Field::Numbers(4, 1),
        Field::Numbers(8, 1),
        Field::Numbers(4, 1),
    ];
    turn(shape, &fields, info);
}
