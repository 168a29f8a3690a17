//! The guests whose programs the tests run: what makes programs for each, what else runs those, and what tests there are
//! for all of them.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::{oracle, oracle_file, oracle_path};

/// A guest, and what there is for it besides Portolan.
pub struct Guest {
    /// Its name, as in a target triple.
    pub isa: &'static str,
    /// The width of a pointer.
    pub bits: u8,
    /// What Portolan calls it to people.
    pub title: &'static str,
    /// What `uname -m` says.
    pub machine: &'static str,
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
    /// Whether programs are compiled at every level of optimisation. For one guest of a family that is enough: its other
    /// members differ in byte order and width.
    pub every_level: bool,
    /// Whether they are linked with musl, too, and which ones cannot be.
    pub musl: Option<&'static [&'static str]>,
}

/// What musl does differently, and may: it rounds and prints other digits, and its first real-time signal is another.
/// Its `clone` makes no threads. `calls` crashes with it under QEMU, too, and `sockets` hangs.
const MUSL_LACKS: [&str; 7] = [
    "calls", "cloning", "floats", "formats", "mathlib", "signals", "sockets",
];

/// Bookworm's for MIPS has no name for what `locks` and `timers` call, and the wrong SHMLBA for `ipc`. `spawning` and
/// `threads` fail with it under QEMU, too.
const MUSL_OF_MIPS_LACKS: [&str; 12] = [
    "calls", "cloning", "floats", "formats", "ipc", "locks", "mathlib", "signals", "sockets",
    "spawning", "threads", "timers",
];

/// QEMU's usual MIPS64 processor is older.
const RELEASE_2: Option<&str> = Some("MIPS64R2-generic");

/// The guests, in the order in which Portolan lists them. [`each_guest`] has their names, too.
static GUESTS: [Guest; 6] = [
    Guest {
        isa: "riscv64",
        bits: 64,
        title: "RISC-V 64-bit",
        machine: "riscv64",
        interpreter: "/lib/ld-linux-riscv64-lp64d.so.1",
        triple: "riscv64-linux-gnu",
        qemu_cpu: None,
        go: &["GOARCH=riscv64"],
        debian: true,
        every_level: true,
        musl: Some(&MUSL_LACKS),
    },
    Guest {
        isa: "mips",
        bits: 32,
        title: "MIPS big-endian",
        machine: "mips",
        interpreter: "/lib/ld.so.1",
        triple: "mips-linux-gnu",
        qemu_cpu: None,
        go: &["GOARCH=mips"],
        debian: false,
        every_level: false,
        musl: None,
    },
    Guest {
        isa: "mipsel",
        bits: 32,
        title: "MIPS little-endian",
        machine: "mips",
        interpreter: "/lib/ld.so.1",
        triple: "mipsel-linux-gnu",
        qemu_cpu: None,
        go: &["GOARCH=mipsle", "GOARCH=mipsle GOMIPS=softfloat"],
        debian: true,
        every_level: true,
        musl: Some(&MUSL_OF_MIPS_LACKS),
    },
    Guest {
        isa: "mips64",
        bits: 64,
        title: "MIPS 64-bit big-endian",
        machine: "mips64",
        interpreter: "/lib64/ld.so.1",
        triple: "mips64-linux-gnuabi64",
        qemu_cpu: RELEASE_2,
        go: &["GOARCH=mips64"],
        debian: false,
        every_level: false,
        musl: None,
    },
    Guest {
        isa: "mips64el",
        bits: 64,
        title: "MIPS 64-bit little-endian",
        machine: "mips64",
        interpreter: "/lib64/ld.so.1",
        triple: "mips64el-linux-gnuabi64",
        qemu_cpu: RELEASE_2,
        go: &["GOARCH=mips64le", "GOARCH=mips64le GOMIPS64=softfloat"],
        debian: true,
        every_level: false,
        musl: None,
    },
    Guest {
        isa: "x86_64",
        bits: 64,
        title: "x86-64",
        machine: "x86_64",
        interpreter: "/lib64/ld-linux-x86-64.so.2",
        triple: "x86_64-linux-gnu",
        qemu_cpu: None,
        go: &["GOARCH=amd64", "GOARCH=amd64 GOAMD64=v2"],
        debian: true,
        every_level: true,
        musl: Some(&MUSL_LACKS),
    },
];

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
        each_guest! { @for { $($tests)* } riscv64 mips mipsel mips64 mips64el x86_64 }
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

    /// Directories with the kernel's headers; for this machine's own programs they are among others.
    pub fn kernel_headers(&self) -> impl Iterator<Item = String> + use<> {
        let triple = self.triple;
        let cross = format!("/usr/{triple}/include");
        let own = [format!("/usr/include/{triple}"), "/usr/include".to_owned()];
        let is_cross = Path::new(&cross).exists();
        is_cross
            .then_some(cross)
            .into_iter()
            .chain(own.into_iter().filter(move |_| !is_cross))
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
