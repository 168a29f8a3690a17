//! Who watches a program that is checked: what it executes, how its functions behave, and whether it starts others.

use super::{Image, Subject};
use crate::lab::job;
use crate::measure::conduct::{Breach, Conduct, Rules};
use crate::measure::{Counter, Counts};
use portolan_machine::engine::{BlockObserver, Decoded, End, Ran};
use portolan_machine::guest::Core;
use portolan_machine::hart::Hart;
use portolan_machine::memory::{Memory, Order};
use portolan_machine::registers::Slot;
use portolan_machine::stop::StopFlag;
use portolan_machine::trap::Trap;
use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// Watches one hart.
pub struct Witness {
    counter: Counter,
    conduct: Conduct,
    calls: Option<Calls>,
    starts_processes: Arc<AtomicBool>,
}

/// The calls of a kernel that start processes.
#[derive(Clone)]
struct Calls {
    number: Slot,
    argument: Slot,
    order: Order,
    names: Arc<HashMap<u64, &'static str>>,
}

/// What all harts of a program showed.
pub struct Seen {
    counts: Arc<Mutex<Counts>>,
    breaches: Arc<Mutex<Vec<Breach>>>,
    starts_processes: Arc<AtomicBool>,
}

impl Witness {
    /// Of a program's first hart, where the stack pointer is this where it starts, or where a call of it is made.
    pub fn new(
        subject: &Subject,
        image: &Arc<Image>,
        conduct: &job::Conduct,
        stack_pointer: u64,
    ) -> (Witness, Seen) {
        let (counter, counts) = Counter::new();
        let (image, functions) = (Arc::clone(image), conduct.functions.clone());
        let guest = image.port.guest;
        let concerns = move |address| match image.function(address) {
            Some((name, _)) if functions.is_empty() => !name.starts_with('_'),
            Some((name, _)) => functions.iter().any(|it| it == name),
            None => false,
        };
        let rules = Rules {
            saved_registers: conduct.saved_registers,
            stack_pointer: conduct.stack_pointer,
            return_address: conduct.return_address,
            stack_alignment: conduct.stack_alignment,
            stack_phase: stack_pointer % u64::from(guest.convention().stack_alignment),
            concerns: Arc::new(concerns),
        };
        let (conduct, breaches) = Conduct::new(guest, rules);
        let starts_processes = Arc::<AtomicBool>::default();
        let calls = match subject {
            Subject::Simulated(_) => None,
            Subject::Linux(process) => {
                let linux = process.thread().process();
                let starting = ["fork", "vfork", "clone", "clone3", "execve", "execveat"];
                let names = linux.personality.calls();
                let names = names.map(|(number, call)| (number, call.name));
                let names = names.filter(|(_, name)| starting.contains(name));
                let registers = &linux.abi().registers;
                Some(Calls {
                    number: registers.number,
                    argument: registers.arguments[0],
                    order: guest.order(),
                    names: Arc::new(names.collect()),
                })
            }
        };
        let seen = Seen {
            counts,
            breaches,
            starts_processes: Arc::clone(&starts_processes),
        };
        let witness = Witness {
            counter,
            conduct,
            calls,
            starts_processes,
        };
        (witness, seen)
    }

    /// A function is called from outside.
    pub fn called(&mut self, function: u64, back: u64, core: &dyn Core) {
        self.conduct
            .called(function, back, &|slot| core.register(slot));
    }
}

impl Calls {
    /// Whether the hart is about to start a process: a thread is none.
    fn starts_process(&self, hart: &Hart) -> bool {
        const THREAD: u64 = 0x1_0000;
        let argument = hart.registers.read(self.argument);
        let flags = match self.names.get(&hart.registers.read(self.number)) {
            None => return false,
            Some(&"clone") => argument,
            Some(&"clone3") => {
                let mut bytes = [0; 8];
                // The call fails where they cannot be read.
                let _ = hart.memory.read(argument, &mut bytes);
                match self.order {
                    Order::Little => u64::from_le_bytes(bytes),
                    Order::Big => u64::from_be_bytes(bytes),
                }
            }
            Some(_) => 0,
        };
        flags & THREAD == 0
    }
}

impl BlockObserver for Witness {
    fn decoded(&mut self, block: &Decoded<'_>, memory: &Memory) -> u32 {
        self.conduct.decoded(block);
        self.counter.decoded(block, memory)
    }

    fn forgotten(&mut self) {
        self.conduct.forgotten();
        self.counter.forgotten();
    }

    fn ran(&mut self, run: Ran, hart: &Hart) {
        self.counter.ran(run, hart);
        self.conduct.ran(run, hart);
        if run.end == End::Trapped(Trap::Syscall)
            && self
                .calls
                .as_ref()
                .is_some_and(|it| it.starts_process(hart))
        {
            self.starts_processes.store(true, Ordering::Relaxed);
        }
    }

    fn fork(&self, _: &Arc<StopFlag>) -> Box<dyn BlockObserver> {
        Box::new(Witness {
            counter: self.counter.another(),
            conduct: self.conduct.fork(),
            calls: self.calls.clone(),
            starts_processes: Arc::clone(&self.starts_processes),
        })
    }

    fn finish(&mut self) {
        self.counter.finish();
    }
}

impl Seen {
    /// What functions did against the convention.
    pub fn breaches(&self) -> Vec<Breach> {
        let breaches = self.breaches.lock();
        breaches.unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Tells of the bytes of each instruction that ran, where they are, whether that is in a file, and how often it did.
    pub fn each_instruction(&self, mut tell: impl FnMut(&[u8], u64, bool, u64)) {
        let counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        let mut blocks: Vec<_> = counts.blocks().collect();
        blocks.sort_by_key(|block| block.start);
        for block in blocks {
            let mapping = block.mapping.and_then(|it| counts.mappings().get(it));
            let is_file = mapping.is_some_and(|it| it.inode != 0);
            for counted in block.instructions.iter().filter(|it| it.executed > 0) {
                let first = usize::from(counted.decoded.offset);
                let bytes = &block.bytes[first..first + usize::from(counted.decoded.length)];
                let address = block.start + u64::from(counted.decoded.offset);
                tell(bytes, address, is_file, counted.executed);
            }
        }
    }

    /// Whether the program tried to start another process.
    pub fn starts_processes(&self) -> bool {
        self.starts_processes.load(Ordering::Relaxed)
    }
}
