//! The roms: what they print and how they end is the same on every ISA, and is written down in `roms/expected`.
#![cfg(feature = "host")]

#[macro_use]
mod support;

use std::fs;

use support::guests::Guest;
use support::{TempDir, portolan, run, workspace};

/// Runs every rom of a guest and compares it with what is expected.
fn roms(guest: &Guest) {
    let isa = guest.isa;
    let roms = workspace().join("roms");
    let table =
        fs::read_to_string(roms.join("expected/status.txt")).expect("roms/expected/status.txt");
    let elsewhere = TempDir::new(); // two roms end by a signal, and may leave a core file
    let mut wrong = Vec::new();
    let mut done = 0;
    for line in table.lines() {
        let (name, status) = line.split_once(' ').expect("a name and a status");
        let status: i32 = status.parse().expect("a number");
        let expected = fs::read_to_string(roms.join(format!("expected/{name}.txt"))).expect(name);

        let rom = roms.join("bin").join(isa).join(name);
        let end = run(portolan().arg(rom).current_dir(elsewhere.path()), b"");
        if end.status != status || end.text() != expected {
            let told = String::from_utf8_lossy(&end.stderr);
            wrong.push(format!(
                "{isa}/{name}: status {} instead of {status}, printed\n{}instead of\n{expected}and said\n{told}",
                end.status,
                end.text(),
            ));
        }
        done += 1;
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(
        done >= 15,
        "roms/expected/status.txt names only {done} roms"
    );
}

each_guest! {
    roms: super::roms;
}
