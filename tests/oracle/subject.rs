//! What the comparison has to know of an instruction set.

use crate::qemu::Outcome;
use crate::scene::Scene;
use crate::world::{Ending, State};
use portolan_machine::guest::Guest;

/// An instruction set on both sides.
pub trait Subject: Sync {
    /// Our side.
    fn guest(&self) -> &'static dyn Guest;

    /// The mode of its harts, where it is not that of a new one.
    fn mode(&self) -> Option<u8> {
        None
    }

    /// An instruction for the debugger. It fills the pages around the code.
    fn breakpoint(&self) -> &'static [u8];

    /// The other side.
    fn emulator(&self) -> &Emulator;

    /// The registers of a state as the harness reads and writes them.
    fn words(&self, state: &State) -> Vec<u64>;

    /// The state with these registers, without data.
    fn state(&self, words: &[u64]) -> State;

    /// What QEMU should make of a scene that ended so here. None if that cannot be compared.
    fn expected(&self, scene: &Scene, ending: Ending, after: State) -> Option<(Outcome, State)>;

    /// Takes away those differences that are nobody's mistake, or QEMU's.
    fn forgive(&self, scene: &Scene, ours: &mut (Outcome, State), theirs: &mut (Outcome, State));

    /// Takes away what differs whenever a scene is run, as counters do.
    fn forgive_counters(&self, scene: &Scene, here: &mut State, there: &State);
}

/// How QEMU is started.
pub struct Emulator {
    /// What the harness is called.
    pub name: &'static str,
    /// QEMU.
    pub program: &'static str,
    /// Its processors, with properties: the first one is taken that it has.
    pub processors: &'static [&'static str],
    /// The compiler that builds the harness.
    pub compiler: &'static str,
    /// Its arguments.
    pub flags: &'static [&'static str],
    /// What it is built from.
    pub harness: &'static str,
    /// The number of SIGBUS.
    pub sigbus: u64,
}
