//! What the compiler makes of a piece of code, to be looked at rather than run.

use std::collections::BTreeMap;
use std::ops::Range;

/// The processor that code is made for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Cpu {
    /// The one that this runs on, with all that it has.
    #[default]
    Host,
    /// The third level of x86-64 (AVX2, BMI and FMA), whatever this runs on.
    X86_64V3,
}

/// A region, compiled.
#[derive(Clone, Debug)]
pub struct Compilation {
    /// The addresses of its guest instructions, ascending.
    pub instructions: Vec<u64>,
    /// Its machine code, with constants that it reads after the instructions.
    pub code: Vec<u8>,
    /// What each run of host instructions belongs to, in the order of the code: all but the constants.
    pub parts: Vec<Part>,
    /// What numbers in the code stand for that are addresses in this process.
    pub constants: BTreeMap<u64, Constant>,
    /// Cranelift's functions: as they were made from the guest's instructions, and optimised.
    pub clif: [String; 2],
    /// The addresses at which the interpreter or another region may go on.
    pub leads_to: Vec<u64>,
}

/// Host instructions that follow each other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// Where they are in the code.
    pub range: Range<usize>,
    /// The address of the guest instruction that they came of; None for the way into the region, and
    /// for ways out that instructions share.
    pub of: Option<u64>,
    /// Whether they are a slow path, or a way out beside which the region goes on.
    pub aside: bool,
}

/// What an address in this process is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Constant {
    /// The link of an exit to a guest address.
    Exit(u64),
    /// A function of Portolan's.
    Function(&'static str),
    /// What a function is told.
    Argument(String),
}
