//! The table of calls: one row each, by subject. What number a call has is the ABI's.

mod absent;
mod directories;
mod events;
mod files;
mod identity;
mod ipc;
mod memory;
mod metadata;
mod processes;
mod signals;
mod sockets;
mod system;
mod time;

use super::Call;
use super::Kind::{self, Choice, Flags};
use super::names::{AT, CLOCK};

/// All calls that instruction sets share.
pub fn all() -> impl Iterator<Item = &'static Call> {
    [
        files::CALLS,
        directories::CALLS,
        metadata::CALLS,
        events::CALLS,
        memory::CALLS,
        time::CALLS,
        processes::CALLS,
        identity::CALLS,
        signals::CALLS,
        sockets::CALLS,
        ipc::CALLS,
        system::CALLS,
        absent::CALLS,
    ]
    .into_iter()
    .flatten()
}

const NONE: &[Kind] = &[];
const AT_FLAGS: Kind = Flags(AT);
const CLOCK_ID: Kind = Choice(CLOCK);

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn every_call_has_one_row_with_at_most_six_arguments() {
        let mut seen = HashSet::new();
        for call in all() {
            assert!(seen.insert(call.name), "{} twice", call.name);
            assert!(call.arguments.len() <= 6, "{}", call.name);
        }
        assert!(seen.len() > 250, "{}", seen.len());
    }
}
