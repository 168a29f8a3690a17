//! Registers in columns.

use portolan_machine::guest::Guest;
use portolan_machine::registers::{Kind, Role, Slot};

/// Registers side by side in one row.
const COLUMNS: usize = 4;

/// The registers of one kind, some to a line, each with its value. Registers that are always zero
/// are left out.
pub fn table(guest: &dyn Guest, value: &dyn Fn(Slot) -> u64, kind: Kind) -> Vec<String> {
    let files = guest
        .register_files()
        .iter()
        .filter(|file| file.kind == kind);
    let cells: Vec<String> = files
        .flat_map(|file| {
            file.iter()
                .map(move |(slot, register)| (file, slot, register))
        })
        .filter(|(_, _, register)| register.role != Role::Zero)
        .map(|(file, slot, register)| {
            let words = (0..file.stride()).rev().map(|word| {
                let bits = (file.bits - 64 * u16::from(word)).min(64);
                let digits = usize::from(bits) / 4;
                format!("{:0digits$x}", value(slot + word))
            });
            format!("{:>4} {}", register.abi, words.collect::<String>())
        })
        .collect();
    cells.chunks(COLUMNS).map(|row| row.join("  ")).collect()
}
