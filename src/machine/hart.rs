//! A hart: the registers, program counter and counters of one thread of execution.

use crate::domain::{Counter, Turns};
use crate::guest::Context;
use crate::memory::Memory;
use crate::registers::Registers;
use crate::trap::Trap;
use std::cell::Cell;
use std::sync::Arc;

/// Where the guest's wall clock comes from: ticks of 100 ns since an arbitrary start, when the hart
/// has retired so many instructions.
pub type Clock = Arc<dyn Fn(u64) -> u64 + Send + Sync>;

/// Where the guest's random numbers come from.
pub type Random = Arc<dyn Fn() -> u64 + Send + Sync>;

/// The architectural state of one thread of execution.
///
/// The order is that of the words in memory, as it decides the speed of compiled code. The registers are 2 KiB, and a host may
/// take a load for one of a store just before whose address has the same low eleven or twelve bits, and wait for it (Zen
/// does). So what compiled code reads all the time stands before the registers, 2 KiB before the last of them, which are
/// rare, and not behind them, 2 KiB after the first, which are written all the time.
#[derive(Clone)]
#[repr(C)]
pub struct Hart {
    /// Instructions retired, up to date between blocks.
    pub retired: Cell<u64>,
    /// How many instructions may have retired, but for the block's, with those that are made ahead: zero
    /// where none may be.
    pub(crate) ahead_until: Cell<u64>,
    /// What the last trapped instruction raised.
    pub(crate) trap: Cell<Trap>,
    /// What the next instruction is a part of, and the mode: see
    /// [`Context`](crate::guest::Context). Up to date between blocks.
    pub(crate) inside: Cell<u8>,
    pub(crate) mode: u8,
    /// The memory it runs in.
    pub memory: Arc<Memory>,
    /// What compiled code needs.
    #[cfg(feature = "jit")]
    pub(crate) compiled: crate::jit::frame::Frame,
    /// The address of the next instruction, up to date between blocks.
    pub pc: Cell<u64>,
    /// All registers.
    pub registers: Registers,
    /// None: a clock that advances with the instructions, so that a bare machine is repeatable.
    pub(crate) clock: Option<Clock>,
    /// None: numbers that follow from the instructions retired, for the same reason.
    pub(crate) random: Option<Random>,
}

impl Hart {
    /// What the next instruction is decoded in.
    pub(crate) fn context(&self) -> Context {
        Context {
            mode: self.mode,
            inside: self.inside.get(),
        }
    }

    /// A hart on a memory, all its registers zero.
    pub fn new(memory: Arc<Memory>) -> Hart {
        Hart {
            retired: Cell::new(0),
            ahead_until: Cell::new(0),
            trap: Cell::new(Trap::Illegal),
            inside: Cell::new(0),
            mode: 0,
            memory,
            #[cfg(feature = "jit")]
            compiled: Default::default(),
            pc: Cell::new(0),
            registers: Registers::default(),
            clock: None,
            random: None,
        }
    }

    /// Makes turns ahead, between two looks whether to stop, and counts all but the one that is counted as the
    /// instruction. How many they are.
    #[inline(never)]
    pub(crate) fn make_ahead(&self, turns: Turns, [to, from, most]: [u64; 3]) -> u64 {
        let room = self.ahead_until.get().saturating_sub(self.retired.get());
        let made = self.memory.ahead(turns, to, from, most.min(room));
        self.retired
            .set(self.retired.get() + made.saturating_sub(1));
        made
    }

    /// The value of a counter now.
    pub fn counter(&self, counter: Counter) -> u64 {
        match (counter, &self.clock) {
            (Counter::Time, Some(clock)) => clock(self.retired.get()),
            // As if each instruction took ten nanoseconds.
            (Counter::Time, None) => self.retired.get() / 10,
            (Counter::Random, _) => match &self.random {
                Some(random) => random(),
                None => scattered(self.retired.get()),
            },
            (Counter::Cycles | Counter::Retired, _) => self.retired.get(),
        }
    }
}

/// A number that looks like no other one's (splitmix64).
fn scattered(number: u64) -> u64 {
    let z = number.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let z = (z ^ z >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let z = (z ^ z >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ z >> 31
}
