//! A Linux program running on one of the guests.

use crate::guests;
use portolan_linux::loader::LoadError;
use portolan_linux::paths::Paths;
use portolan_linux::process::{self, Command};
use portolan_linux::thread::{Exit, Progress, Thread};
use portolan_machine::engine::{Call, Hooked, Hooks, InstructionObserver, MemoryAccess};
use portolan_machine::graph::Graph;
use portolan_machine::guest::{Core, Guest};
use std::sync::{Arc, Mutex, PoisonError};

/// A Linux program. System calls, signals and faults are handled as the kernel would; hooks see
/// what it does meanwhile.
pub struct Process {
    thread: Thread,
    hooks: Option<Arc<Mutex<Hooks>>>,
}

impl Process {
    /// Loads a program with whatever guest its file is for.
    ///
    /// # Errors
    /// Whatever makes the file impossible to run: see [`LoadError`].
    pub fn start(command: Command) -> Result<Process, LoadError> {
        let paths = Paths::new(command.options.sysroot.as_deref());
        let resolved = command.resolve(&paths)?;
        let identity = resolved.identity;
        let platform = guests::for_program(&identity)
            .ok_or_else(|| resolved.blame(LoadError::Foreign { identity }))?;
        let thread = process::Process::load(platform.guest, platform.abi, command)?;
        Ok(Process {
            thread,
            hooks: None,
        })
    }

    /// A process that is there already: one that a program forked, say.
    pub fn adopt(thread: Thread) -> Process {
        Process {
            thread,
            hooks: None,
        }
    }

    /// Runs to the end.
    pub fn run(&mut self) -> Exit {
        self.thread.run()
    }

    /// Runs at most this many instructions and calls.
    pub fn advance(&mut self, budget: u64) -> Progress {
        self.thread.advance(budget)
    }

    /// The instruction set.
    pub fn guest(&self) -> &'static dyn Guest {
        self.thread.core().guest()
    }

    /// The hart.
    pub fn core(&mut self) -> &mut dyn Core {
        self.thread.core_mut()
    }

    /// The thread, with everything that the personality keeps.
    pub fn thread(&self) -> &Thread {
        &self.thread
    }

    /// The thread, to be changed.
    pub fn thread_mut(&mut self) -> &mut Thread {
        &mut self.thread
    }

    /// Calls `hook` before each instruction, with what it is about to do.
    pub fn on_instruction(&mut self, hook: impl FnMut(&Graph) + Send + 'static) {
        self.hook(|hooks| hooks.instruction.push(Box::new(hook)));
    }

    /// Calls `hook` for each access to memory by an instruction.
    pub fn on_memory(&mut self, hook: impl FnMut(MemoryAccess) + Send + 'static) {
        self.hook(|hooks| hooks.memory.push(Box::new(hook)));
    }

    /// Calls `hook` for each call, return and system call.
    pub fn on_call(&mut self, hook: impl FnMut(Call) + Send + 'static) {
        self.hook(|hooks| hooks.call.push(Box::new(hook)));
    }

    /// Has an observer told everything that instructions do.
    pub fn observe(&mut self, observer: Box<dyn InstructionObserver>) {
        self.hook(|hooks| hooks.observers.push(observer));
    }

    fn hook(&mut self, add: impl FnOnce(&mut Hooks)) {
        let hooks = self.hooks.get_or_insert_with(|| {
            let hooks = Arc::<Mutex<Hooks>>::default();
            self.thread
                .replace_core(|core| Box::new(Hooked::new(core.fork(), hooks.clone())));
            hooks
        });
        add(&mut hooks.lock().unwrap_or_else(PoisonError::into_inner));
    }
}
