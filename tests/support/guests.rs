//! The guests whose programs the tests run: what makes programs for each, what else runs those, and what tests there are
//! for all of them.

use std::path::PathBuf;
use std::process::Command;

use super::{oracle, oracle_file, oracle_path};

/// A guest, and what there is for it besides Portolan.
pub struct Guest {
    /// Its name, as in a target triple.
    pub isa: &'static str,
    /// What Portolan calls it to people.
    pub title: &'static str,
    /// The dynamic linker of its programs.
    pub interpreter: &'static str,
    /// What Debian's cross compiler is called after, and the place below /usr of its libraries.
    pub triple: &'static str,
    /// The processor that QEMU is told to be, where its usual one has not all that the compilers use.
    pub qemu_cpu: Option<&'static str>,
    /// What Go's compiler is told by its environment, for each kind of program that it makes for the guest.
    pub go: &'static [&'static str],
    /// Whether `tests/oracles/install.sh` unpacks Debian's programs.
    pub debian: bool,
    /// Whether everything that can be is tried, at every level of optimisation. For one guest of a family that is
    /// enough: its other members differ in byte order and width.
    pub in_full: bool,
}

/// The guests, in the order in which Portolan lists them. [`each_guest`] has their names, too.
static GUESTS: [Guest; 1] = [Guest {
    isa: "riscv64",
    title: "RISC-V 64-bit",
    interpreter: "/lib/ld-linux-riscv64-lp64d.so.1",
    triple: "riscv64-linux-gnu",
    qemu_cpu: None,
    go: &["GOARCH=riscv64"],
    debian: true,
    in_full: true,
}];

/// Tests for every guest, in a module of its name: `each_guest! { test: function; ... }`, where a function (or a closure)
/// takes a [`Guest`].
macro_rules! each_guest {
    (@for $tests:tt $($guest:ident)*) => {
        $(
            mod $guest {
                use super::*;
                each_guest! { @tests $guest $tests }
            }
        )*
    };
    (@tests $guest:ident { $($test:ident: $function:expr;)* }) => {
        $(
            #[test]
            fn $test() {
                let test: fn(&support::guests::Guest) = $function;
                test(support::guests::named(stringify!($guest)));
            }
        )*
    };
    ($($tests:tt)*) => {
        each_guest! { @for { $($tests)* } riscv64 }
    };
}

/// The guest of a name.
pub fn named(isa: &str) -> &'static Guest {
    let mut guests = GUESTS.iter();
    guests.find(|guest| guest.isa == isa).expect("it has a row")
}

impl Guest {
    /// Debian's cross compiler.
    pub fn compiler(&self) -> Option<PathBuf> {
        oracle(&format!("{}-gcc", self.triple))
    }

    /// The root directory with Debian's programs, if it has them for the guest.
    pub fn debian_root(&self) -> Option<PathBuf> {
        self.debian.then(|| oracle_file(self.isa))?
    }

    /// A root directory with the libraries of programs that the compiler links: Debian's, if there is one, or else the
    /// compiler's own.
    pub fn libraries(&self) -> Option<PathBuf> {
        match self.debian {
            true => self.debian_root(),
            false => oracle_path(&format!("/usr/{}", self.triple)),
        }
    }

    /// QEMU for its programs; the program and its arguments follow.
    pub fn qemu(&self) -> Option<Command> {
        let mut command = Command::new(oracle(&format!("qemu-{}", self.isa))?);
        if let Some(cpu) = self.qemu_cpu {
            command.args(["-cpu", cpu]);
        }
        Some(command)
    }
}
