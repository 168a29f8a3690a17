//! An experiment: does the meaning of instructions fit a compiler?
//!
//! Cranelift translates [`Graph`](portolan_machine::graph::Graph)s here, whatever instructions they
//! are of. `cargo test -p portolan-compile` compares what the code does with what the interpreter
//! does; `cargo bench -p portolan-compile` tells what it costs. ARCHITECTURE.md says what was learnt.
//!
//! It is no engine: it knows only one page of guest memory, links no code, and keeps nothing.
#![cfg(all(target_os = "linux", target_arch = "x86_64"))]

mod code;
mod lower;
mod support;

pub use code::Code;
pub use lower::{EVERYTHING, Exit, Reason};
pub use support::State;

use cranelift_codegen::isa::{self, OwnedTargetIsa};
use cranelift_codegen::settings::{self, Configurable};
use cranelift_codegen::{Context, control::ControlPlane};
use cranelift_frontend::FunctionBuilderContext;
use portolan_machine::graph::Graph;
use portolan_machine::guest::Guest;
use portolan_machine::registers::{Role, SLOTS};
use std::ops::Range;
use std::time::{Duration, Instant};

/// Compiles straight runs of instructions.
pub struct Compiler {
    isa: OwnedTargetIsa,
    context: Context,
    builder: FunctionBuilderContext,
    /// Which slots always hold zero.
    zero: [bool; SLOTS],
    /// The guest addresses that code accesses itself. For all others it calls for help.
    window: Range<u64>,
}

impl Compiler {
    /// A compiler for this host. Code for the window [`EVERYTHING`] is to be looked at: no window is
    /// large enough to run it. `verify` has Cranelift check what it is given.
    ///
    /// # Panics
    /// Where Cranelift does not know the host: not on x86-64.
    pub fn new(guest: &dyn Guest, window: Range<u64>, verify: bool) -> Compiler {
        let mut shared = settings::builder();
        let mut set = |name, value| shared.set(name, value).expect("a setting of Cranelift");
        set("opt_level", "speed");
        set("enable_verifier", if verify { "true" } else { "false" });
        set("preserve_frame_pointers", "false");
        let mut target = isa::lookup_by_name("x86_64").expect("a target of Cranelift");
        for (present, feature) in [
            (is_x86_feature_detected!("lzcnt"), "has_lzcnt"),
            (is_x86_feature_detected!("popcnt"), "has_popcnt"),
            (is_x86_feature_detected!("bmi1"), "has_bmi1"),
            (is_x86_feature_detected!("bmi2"), "has_bmi2"),
        ] {
            if present {
                target.enable(feature).expect("a feature of Cranelift");
            }
        }
        let mut zero = [false; SLOTS];
        for (slot, register) in guest.register_files().iter().flat_map(|file| file.iter()) {
            zero[usize::from(slot)] = register.role == Role::Zero;
        }
        Compiler {
            isa: target
                .finish(settings::Flags::new(shared))
                .expect("settings that go together"),
            context: Context::new(),
            builder: FunctionBuilderContext::new(),
            zero,
            window,
        }
    }

    /// Compiles instructions that follow each other.
    ///
    /// # Panics
    /// If Cranelift refuses the code, or the host has no memory for it.
    pub fn compile(&mut self, graphs: &[Graph]) -> Code {
        let (exits, sites) = self.lower(graphs);
        let compiled = self
            .context
            .compile(&*self.isa, &mut ControlPlane::default())
            .unwrap_or_else(|error| panic!("{:?}", error.inner));
        assert!(
            compiled.buffer.relocs().is_empty(),
            "code that needs linking"
        );
        let window = (self.window.end - self.window.start) as usize;
        Code::new(compiled.code_buffer(), window, exits, sites)
    }

    /// What compiling takes: the time to lower, Cranelift's time, and the size of the code in bytes.
    ///
    /// # Panics
    /// As [`Compiler::compile`].
    pub fn cost(&mut self, graphs: &[Graph]) -> (Duration, Duration, usize) {
        let start = Instant::now();
        self.lower(graphs);
        let lowered = Instant::now();
        let compiled = self
            .context
            .compile(&*self.isa, &mut ControlPlane::default())
            .unwrap_or_else(|error| panic!("{:?}", error.inner));
        (
            lowered - start,
            lowered.elapsed(),
            compiled.code_buffer().len(),
        )
    }

    /// The same, as text: what Cranelift is given, and the host's instructions.
    ///
    /// # Panics
    /// As [`Compiler::compile`].
    pub fn explain(&mut self, graphs: &[Graph]) -> (String, String) {
        self.lower(graphs);
        let given = self.context.func.display().to_string();
        self.context.set_disasm(true);
        let compiled = self
            .context
            .compile(&*self.isa, &mut ControlPlane::default())
            .unwrap_or_else(|error| panic!("{:?}", error.inner));
        let made = compiled.vcode.clone().unwrap_or_default();
        self.context.set_disasm(false);
        (given, made)
    }

    fn lower(&mut self, graphs: &[Graph]) -> (Vec<Exit>, support::Sites) {
        self.context.clear();
        lower::lower(
            graphs,
            &mut self.context.func,
            &mut self.builder,
            self.isa.frontend_config(),
            &self.zero,
            self.window.clone(),
        )
    }
}
