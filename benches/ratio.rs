//! The interpreter beside the hand-written one: `cargo bench --bench ratio -- [ROM..]`.
//!
//! On a machine that does other things too, measuring one after the other compares two moments.
//! Here they take turns, the processor's time is what counts, and of that the fastest turn of each:
//! what disturbs a run only slows it.

mod handwritten;
mod support;

use std::time::Duration;
use support::clock;

/// Runs of each.
const TURNS: usize = 41;

fn main() {
    let wanted: Vec<String> = std::env::args()
        .skip(1)
        .filter(|argument| !argument.starts_with('-'))
        .collect();
    println!("million instructions a second");
    println!("rom        portolan  hand-written  portolan / hand-written");
    for rom in support::ROMS {
        let asked = wanted.is_empty() || wanted.iter().any(|name| name == rom.name);
        if !rom.integer || !asked {
            continue;
        }
        let elf = rom.elf();
        let mut fastest = [Duration::MAX; 2];
        let mut instructions = 0.0;
        for _ in 0..TURNS {
            let mut machine = rom.machine(&elf);
            let start = clock::now();
            let ours = support::run(&mut machine);
            fastest[0] = fastest[0].min(clock::now() - start);
            let mut other = rom.handwritten(&elf);
            let start = clock::now();
            let theirs = support::run_handwritten(&mut other);
            fastest[1] = fastest[1].min(clock::now() - start);
            assert_eq!(ours, theirs, "{} must do the same on both", rom.name);
            instructions = ours.1 as f64;
        }
        let [ours, theirs] = fastest.map(|time| instructions / time.as_secs_f64() / 1e6);
        let ratio = ours / theirs;
        println!("{:8} {ours:10.0} {theirs:13.0} {ratio:24.2}", rom.name);
    }
}
