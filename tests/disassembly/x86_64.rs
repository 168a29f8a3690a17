//! x86-64: whole files in both syntaxes.

use super::support::{oracle_path, workspace};
use super::{compare, objdump};
use portolan_machine::guest::Style;
use std::fs;

/// The syntaxes, and binutils' options for them.
fn syntaxes() -> [(Style, &'static str); 2] {
    let style = |other_syntax| Style {
        other_syntax,
        ..Style::default()
    };
    [(style(false), "att"), (style(true), "intel")]
}

#[test]
fn whole_c_libraries_are_listed_as_objdump_does() {
    for name in ["libc.so.6", "libm.so.6", "libstdc++.so.6"] {
        let library = oracle_path(&format!("/usr/lib/x86_64-linux-gnu/{name}"));
        let (Some(objdump), Some(library)) = (objdump("x86_64-linux-gnu"), library) else {
            return;
        };
        compare(&objdump, &library, &syntaxes(), &[]);
    }
}

#[test]
fn programs_are_listed_as_objdump_does() {
    let Some(objdump) = objdump("x86_64-linux-gnu") else {
        return;
    };
    for rom in fs::read_dir(workspace().join("roms/bin/x86_64")).unwrap() {
        compare(&objdump, &rom.unwrap().path(), &syntaxes(), &[]);
    }
}
