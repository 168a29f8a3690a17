//! Instruction sets compared with QEMU's user mode, on random states of every instruction, on random
//! programs and on random encodings.
//!
//! ```text
//! cargo test --release --test oracle                            some states an instruction
//! cargo test --release --test oracle mips64el                   of one instruction set
//! PORTOLAN_STATES=10000 cargo test --release --test oracle      10,000
//! PORTOLAN_SEED=7 ...                                           other ones
//! PORTOLAN_ROW=fmadd.s ...                                      of one instruction
//! ```
//!
//! A disagreement is reported as the plainest scene that still shows it, in the notation of
//! `tests/cases`: it becomes a case there, and then is repaired.
//!
//! What compares knows no instruction set. Each has a directory: `mod.rs` says how its states reach
//! QEMU and has its tests, `harness.S` is QEMU's half, `rows.rs`, `programs.rs` and `encodings.rs`
//! make scenes, and `deviations.rs` is the one list of what need not agree, each with the reason.

#[path = "../support/ins.rs"]
mod ins;
#[path = "../support/mod.rs"]
mod support;
#[path = "../support/world.rs"]
mod world;

mod compare;
mod qemu;
mod relations;
mod scene;
mod search;
mod subject;
mod values;

mod mips;
mod riscv64;
