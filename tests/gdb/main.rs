//! `portolan run -g`: the protocol by hand, and real gdb as the oracle.
#![cfg(feature = "host")]

mod by_hand;
mod mips;
mod real;
#[path = "../support/mod.rs"]
mod support;
mod threads;
mod waiting;
