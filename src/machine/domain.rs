//! Domains: the lives that one definition of an instruction can have.
//!
//! An instruction set writes the meaning of each instruction once, as a function generic over a
//! [`Domain`]. Two domains instantiate it:
//!
//! * [`Run`](crate::run::Run), whose words are numbers: the interpreter;
//! * [`Record`](crate::graph::Record), whose words are nodes of a [`Graph`](crate::graph::Graph).
//!   Explaining, analysing and compiling are readings of that graph.
//!
//! Because a word may be a node rather than a number, semantics cannot branch on it in Rust: a
//! [`Condition`] is not a `bool`. What depends on a guest value goes through [`Domain::select`],
//! [`Domain::when`], [`Domain::branch`] and [`Domain::trap_when`]. What is known when an
//! instruction is decoded (register numbers, immediates, the pc) is ordinary Rust data.

mod lanes;

use crate::float::{self, Format, Rules};
use crate::memory::{Access, Intent, Rmw};
use crate::registers::Slot;
use crate::trap::Trap;
pub use lanes::Lanes;
use std::ops::{Add, BitAnd, BitOr, BitXor, Mul, Neg, Not, Shl, Shr, Sub};

/// Where one instruction's meaning is carried out.
///
/// Methods take `&self` so that calls nest the way formulas do. Semantics take their domain by
/// value, so that what one instruction keeps in memory does not force the others to.
pub trait Domain: Copy {
    /// A 64-bit guest value. Narrower values live in it sign- or zero-extended, as the
    /// instruction set says.
    type Word: Word<Condition = Self::Condition>;
    /// A truth that depends on guest values.
    type Condition: Condition<Word = Self::Word>;
    /// What leaves an instruction, and the run of instructions that it stands in: a trap, or a
    /// jump taken. In domains that only describe, nothing does.
    type Leave;

    /// A word with a value known now.
    fn constant(&self, value: u64) -> Self::Word;

    /// A sign-extended immediate.
    fn imm(&self, value: impl Into<i64>) -> Self::Word {
        self.constant(value.into() as u64)
    }

    /// A word with an address known now, which explanations tell relative to the pc.
    #[inline(always)]
    fn address(&self, value: u64) -> Self::Word {
        self.constant(value)
    }

    /// The address of this instruction.
    fn pc(&self) -> u64;

    /// The contents of a register slot.
    fn read(&self, slot: Slot) -> Self::Word;

    /// Replaces the contents of a register slot.
    fn write(&self, slot: Slot, value: Self::Word);

    /// Loads from memory, extended to 64 bits as `access` says. Any alignment is allowed.
    fn load(&self, access: Access, address: Self::Word) -> Result<Self::Word, Self::Leave>;

    /// Stores the low bytes of `value`. Any alignment is allowed.
    fn store(
        &self,
        access: Access,
        address: Self::Word,
        value: Self::Word,
    ) -> Result<(), Self::Leave>;

    /// Atomically replaces memory by `op(memory, operand)`; the result is what was there. Any
    /// alignment is allowed: an instruction set that demands one traps first.
    fn rmw(
        &self,
        access: Access,
        op: Rmw,
        address: Self::Word,
        operand: Self::Word,
    ) -> Result<Self::Word, Self::Leave>;

    /// Atomically replaces memory by `new` if it equals `expected` (compared in the width of the
    /// access); the result is what was there. Any alignment is allowed.
    fn compare_exchange(
        &self,
        access: Access,
        address: Self::Word,
        expected: Self::Word,
        new: Self::Word,
    ) -> Result<Self::Word, Self::Leave>;

    /// Atomically replaces 16 bytes of memory by the two words of `new`, the lower one first, if they
    /// are those of `expected`; the result is one if they were, else zero. The address must be
    /// aligned: an instruction set traps first where it is not.
    fn compare_exchange_pair(
        &self,
        address: Self::Word,
        expected: [Self::Word; 2],
        new: [Self::Word; 2],
    ) -> Result<Self::Word, Self::Leave>;

    /// Orders all earlier memory accesses of this hart before all later ones.
    fn fence(&self);

    /// Makes earlier stores visible to this hart's instruction fetch.
    fn fence_instructions(&self);

    /// One of two words. Both are computed.
    fn select(&self, condition: Self::Condition, yes: Self::Word, no: Self::Word) -> Self::Word;

    /// Has the effects of `body` only if the condition holds. Words made inside `body` must not
    /// be used outside it.
    fn when(
        &self,
        condition: Self::Condition,
        body: impl FnOnce() -> Result<(), Self::Leave>,
    ) -> Result<(), Self::Leave>;

    /// Raises a trap: the instruction has no further effect and the pc stays at it.
    fn trap(&self, trap: Trap<Self::Word>) -> Result<(), Self::Leave>;

    /// Raises a trap if the condition holds.
    fn trap_when(
        &self,
        condition: Self::Condition,
        trap: Trap<Self::Word>,
    ) -> Result<(), Self::Leave>;

    /// Raises [`Trap::Misaligned`] unless the address is a multiple of the access's size.
    #[inline(always)]
    fn trap_unless_aligned(
        &self,
        access: Access,
        address: Self::Word,
        intent: Intent,
    ) -> Result<(), Self::Leave> {
        let low_bits = address & self.imm(access.bytes - 1);
        self.trap_when(
            low_bits.ne(self.imm(0)),
            Trap::Misaligned { address, intent },
        )
    }

    /// Continues at a computed address after this instruction: its last effect.
    fn jump(&self, target: Self::Word) -> Result<(), Self::Leave>;

    /// Continues at `target` if the condition holds, at the next instruction otherwise: the
    /// instruction's last effect.
    fn branch(&self, condition: Self::Condition, target: u64) -> Result<(), Self::Leave>;

    /// An IEEE 754 operation, exact in value and flags. The exceptions it raises accumulate in
    /// the unit's flag slot. `rounding` holds the number of a [`float::Rounding`], and perhaps modes
    /// of [`float::evaluate_in`] above it. An instruction set traps before it asks for a direction
    /// that does not exist.
    fn float(
        &self,
        unit: &'static FloatUnit,
        operation: float::Operation,
        format: Format,
        rounding: Self::Word,
        operands: [Self::Word; 3],
    ) -> Self::Word;

    /// Calls a helper: a pure function too large to be spelled in words.
    fn call(&self, helper: &'static Helper, arguments: [Self::Word; 3]) -> Self::Word;

    /// Turns that an instruction which does one at a time and jumps to itself may make ahead, as many at once as
    /// can be made, if any; each counts as an instruction. `commit` is told how many were made: it writes what the
    /// state is after them, and jumps. The operands are those of the [`Turns`], the last one how many turns
    /// there are at most. Domains that show what happens make none.
    #[inline(always)]
    fn ahead(
        &self,
        turns: Turns,
        operands: [Self::Word; 3],
        commit: impl FnOnce(Self::Word) -> Result<(), Self::Leave>,
    ) -> Result<(), Self::Leave> {
        let _ = (turns, operands, commit);
        Ok(())
    }

    /// Reads a clock or counter of the hart.
    fn counter(&self, counter: Counter) -> Self::Word;
}

/// A 64-bit guest value.
///
/// Arithmetic wraps. The shift operators use the low six bits of the amount, `>>` is logical.
pub trait Word:
    Copy
    + Add<Output = Self>
    + Sub<Output = Self>
    + Mul<Output = Self>
    + BitAnd<Output = Self>
    + BitOr<Output = Self>
    + BitXor<Output = Self>
    + Not<Output = Self>
    + Neg<Output = Self>
    + Shl<Output = Self>
    + Shr<Output = Self>
{
    /// What comparisons give.
    type Condition: Condition<Word = Self>;

    /// Applies an operation of one operand.
    fn unary(self, operation: Unary) -> Self;
    /// Applies an operation of two operands.
    fn binary(self, operation: Binary, right: Self) -> Self;
    /// Compares two words.
    fn compare(self, comparison: Compare, right: Self) -> Self::Condition;

    /// The low `bits` bits, sign-extended. `bits` is 1 to 64.
    #[inline(always)]
    fn sext(self, bits: u8) -> Self {
        self.unary(Unary::SignExtend(bits))
    }
    /// The low `bits` bits, zero-extended. `bits` is 1 to 64.
    #[inline(always)]
    fn zext(self, bits: u8) -> Self {
        self.unary(Unary::ZeroExtend(bits))
    }
    /// The number of zero bits above the highest one; 64 for zero.
    #[inline(always)]
    fn leading_zeros(self) -> Self {
        self.unary(Unary::LeadingZeros)
    }
    /// The number of zero bits below the lowest one; 64 for zero.
    #[inline(always)]
    fn trailing_zeros(self) -> Self {
        self.unary(Unary::TrailingZeros)
    }
    /// The number of one bits.
    #[inline(always)]
    fn count_ones(self) -> Self {
        self.unary(Unary::CountOnes)
    }
    /// The eight bytes in opposite order.
    #[inline(always)]
    fn swap_bytes(self) -> Self {
        self.unary(Unary::SwapBytes)
    }
    /// Arithmetic shift right by the low six bits of `amount`.
    #[inline(always)]
    fn sar(self, amount: Self) -> Self {
        self.binary(Binary::ShiftRightArithmetic, amount)
    }
    /// Rotates left by the low six bits of `amount`.
    #[inline(always)]
    fn rotate_left(self, amount: Self) -> Self {
        self.binary(Binary::RotateLeft, amount)
    }
    /// Rotates right by the low six bits of `amount`.
    #[inline(always)]
    fn rotate_right(self, amount: Self) -> Self {
        self.binary(Binary::RotateRight, amount)
    }
    /// The high 64 bits of the signed product.
    #[inline(always)]
    fn mul_high_s(self, right: Self) -> Self {
        self.binary(Binary::MulHighSigned, right)
    }
    /// The high 64 bits of the unsigned product.
    #[inline(always)]
    fn mul_high_u(self, right: Self) -> Self {
        self.binary(Binary::MulHighUnsigned, right)
    }
    /// The high 64 bits of the product of a signed and an unsigned word.
    #[inline(always)]
    fn mul_high_su(self, right: Self) -> Self {
        self.binary(Binary::MulHighSignedUnsigned, right)
    }
    /// Signed quotient, rounded towards zero. The divisor must not be zero, and the quotient
    /// must fit: the caller selects another divisor first.
    #[inline(always)]
    fn div_s(self, right: Self) -> Self {
        self.binary(Binary::DivSigned, right)
    }
    /// Unsigned quotient. The divisor must not be zero.
    #[inline(always)]
    fn div_u(self, right: Self) -> Self {
        self.binary(Binary::DivUnsigned, right)
    }
    /// Signed remainder, with the sign of the dividend, under the conditions of [`Word::div_s`].
    #[inline(always)]
    fn rem_s(self, right: Self) -> Self {
        self.binary(Binary::RemSigned, right)
    }
    /// Unsigned remainder. The divisor must not be zero.
    #[inline(always)]
    fn rem_u(self, right: Self) -> Self {
        self.binary(Binary::RemUnsigned, right)
    }
    /// The smaller word, signed.
    #[inline(always)]
    fn min_s(self, right: Self) -> Self {
        self.binary(Binary::MinSigned, right)
    }
    /// The larger word, signed.
    #[inline(always)]
    fn max_s(self, right: Self) -> Self {
        self.binary(Binary::MaxSigned, right)
    }
    /// The smaller word, unsigned.
    #[inline(always)]
    fn min_u(self, right: Self) -> Self {
        self.binary(Binary::MinUnsigned, right)
    }
    /// The larger word, unsigned.
    #[inline(always)]
    fn max_u(self, right: Self) -> Self {
        self.binary(Binary::MaxUnsigned, right)
    }
    /// An operation on lanes of so many bits.
    #[inline(always)]
    fn lanes(self, operation: Lanes, bits: u8, right: Self) -> Self {
        self.binary(Binary::Lanes(operation, bits), right)
    }
    /// Equal.
    #[inline(always)]
    fn eq(self, right: Self) -> Self::Condition {
        self.compare(Compare::Equal, right)
    }
    /// Not equal.
    #[inline(always)]
    fn ne(self, right: Self) -> Self::Condition {
        self.compare(Compare::NotEqual, right)
    }
    /// Less, signed.
    #[inline(always)]
    fn lt_s(self, right: Self) -> Self::Condition {
        self.compare(Compare::LessSigned, right)
    }
    /// Less, unsigned.
    #[inline(always)]
    fn lt_u(self, right: Self) -> Self::Condition {
        self.compare(Compare::LessUnsigned, right)
    }
    /// Greater or equal, signed.
    #[inline(always)]
    fn ge_s(self, right: Self) -> Self::Condition {
        self.compare(Compare::GreaterEqualSigned, right)
    }
    /// Greater or equal, unsigned.
    #[inline(always)]
    fn ge_u(self, right: Self) -> Self::Condition {
        self.compare(Compare::GreaterEqualUnsigned, right)
    }
}

/// A truth that depends on guest values.
pub trait Condition:
    Copy + BitAnd<Output = Self> + BitOr<Output = Self> + Not<Output = Self>
{
    /// The words compared.
    type Word;
    /// One where the condition holds, zero elsewhere.
    fn word(self) -> Self::Word;
}

/// What turns of an instruction do that can be made ahead: addresses go up by the size of the access from
/// turn to turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Turns {
    /// Each stores at the first address what it has loaded from the second.
    Copy(Access),
    /// Each stores the second operand at the first one.
    Fill(Access),
}

/// Operations of one word. [`Unary::apply`] defines them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Unary {
    /// The low 1 to 64 bits, sign-extended.
    SignExtend(u8),
    /// The low 1 to 64 bits, zero-extended.
    ZeroExtend(u8),
    /// Every bit inverted.
    Not,
    /// Two's complement negation.
    Negate,
    /// Zero bits above the highest one.
    LeadingZeros,
    /// Zero bits below the lowest one.
    TrailingZeros,
    /// Number of one bits.
    CountOnes,
    /// Bytes in opposite order.
    SwapBytes,
}

/// Operations of two words. [`Binary::apply`] defines them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs, reason = "the names say it; `Word` documents each")]
pub enum Binary {
    Add,
    Sub,
    Mul,
    MulHighSigned,
    MulHighUnsigned,
    MulHighSignedUnsigned,
    DivSigned,
    DivUnsigned,
    RemSigned,
    RemUnsigned,
    And,
    Or,
    Xor,
    ShiftLeft,
    ShiftRight,
    ShiftRightArithmetic,
    RotateLeft,
    RotateRight,
    MinSigned,
    MaxSigned,
    MinUnsigned,
    MaxUnsigned,
    /// On the lanes of 8, 16, 32 or 64 bits that words consist of.
    Lanes(Lanes, u8),
}

/// Comparisons of two words. [`Compare::apply`] defines them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs, reason = "the names say it; `Word` documents each")]
pub enum Compare {
    Equal,
    NotEqual,
    LessSigned,
    LessUnsigned,
    GreaterEqualSigned,
    GreaterEqualUnsigned,
}

impl Unary {
    /// The operation on numbers.
    #[inline(always)]
    pub fn apply(self, value: u64) -> u64 {
        match self {
            Unary::SignExtend(bits) => {
                let unused = 64 - u32::from(bits);
                (((value << unused) as i64) >> unused) as u64
            }
            Unary::ZeroExtend(bits) => {
                let unused = 64 - u32::from(bits);
                (value << unused) >> unused
            }
            Unary::Not => !value,
            Unary::Negate => value.wrapping_neg(),
            Unary::LeadingZeros => u64::from(value.leading_zeros()),
            Unary::TrailingZeros => u64::from(value.trailing_zeros()),
            Unary::CountOnes => u64::from(value.count_ones()),
            Unary::SwapBytes => value.swap_bytes(),
        }
    }
}

impl Binary {
    /// The operation on numbers. A division that its caller had to exclude gives zero.
    #[inline(always)]
    pub fn apply(self, left: u64, right: u64) -> u64 {
        let (signed_left, signed_right) = (left as i64, right as i64);
        match self {
            Binary::Add => left.wrapping_add(right),
            Binary::Sub => left.wrapping_sub(right),
            Binary::Mul => left.wrapping_mul(right),
            Binary::MulHighSigned => {
                ((i128::from(signed_left) * i128::from(signed_right)) >> 64) as u64
            }
            Binary::MulHighUnsigned => ((u128::from(left) * u128::from(right)) >> 64) as u64,
            Binary::MulHighSignedUnsigned => {
                (i128::from(signed_left).wrapping_mul(u128::from(right) as i128) >> 64) as u64
            }
            Binary::DivSigned => signed_left.checked_div(signed_right).unwrap_or(0) as u64,
            Binary::DivUnsigned => left.checked_div(right).unwrap_or(0),
            Binary::RemSigned => signed_left.checked_rem(signed_right).unwrap_or(0) as u64,
            Binary::RemUnsigned => left.checked_rem(right).unwrap_or(0),
            Binary::And => left & right,
            Binary::Or => left | right,
            Binary::Xor => left ^ right,
            Binary::ShiftLeft => left.wrapping_shl(right as u32),
            Binary::ShiftRight => left.wrapping_shr(right as u32),
            Binary::ShiftRightArithmetic => signed_left.wrapping_shr(right as u32) as u64,
            Binary::RotateLeft => left.rotate_left(right as u32 & 63),
            Binary::RotateRight => left.rotate_right(right as u32 & 63),
            Binary::MinSigned => signed_left.min(signed_right) as u64,
            Binary::MaxSigned => signed_left.max(signed_right) as u64,
            Binary::MinUnsigned => left.min(right),
            Binary::MaxUnsigned => left.max(right),
            Binary::Lanes(operation, bits) => operation.apply(bits, left, right),
        }
    }
}

impl Compare {
    /// The comparison of numbers.
    #[inline(always)]
    pub fn apply(self, left: u64, right: u64) -> bool {
        match self {
            Compare::Equal => left == right,
            Compare::NotEqual => left != right,
            Compare::LessSigned => (left as i64) < right as i64,
            Compare::LessUnsigned => left < right,
            Compare::GreaterEqualSigned => left as i64 >= right as i64,
            Compare::GreaterEqualUnsigned => left >= right,
        }
    }
}

/// Implements the operators of a [`Word`] type by [`Word::unary`] and [`Word::binary`].
macro_rules! word_operators {
    ([$($generics:tt)*] $word:ty) => {
        $crate::domain::word_operators!(@binary [$($generics)*] $word,
            Add add Add, Sub sub Sub, Mul mul Mul, BitAnd bitand And, BitOr bitor Or,
            BitXor bitxor Xor, Shl shl ShiftLeft, Shr shr ShiftRight);
        $crate::domain::word_operators!(@unary [$($generics)*] $word, Not not Not, Neg neg Negate);
    };
    (@binary $generics:tt $word:ty, $($operator:ident $method:ident $operation:ident),*) => {
        $($crate::domain::word_operators!(@one $generics $word, $operator, $method, (right: Self),
            binary($crate::domain::Binary::$operation, right));)*
    };
    (@unary $generics:tt $word:ty, $($operator:ident $method:ident $operation:ident),*) => {
        $($crate::domain::word_operators!(@one $generics $word, $operator, $method, (),
            unary($crate::domain::Unary::$operation));)*
    };
    (@one [$($generics:tt)*] $word:ty, $operator:ident, $method:ident, ($($right:tt)*),
        $call:ident($($argument:expr),*)) => {
        impl $($generics)* std::ops::$operator for $word {
            type Output = Self;
            #[inline(always)]
            fn $method(self, $($right)*) -> Self {
                $crate::domain::Word::$call(self, $($argument),*)
            }
        }
    };
}
pub(crate) use word_operators;

/// What an instruction set's floating-point operations have in common.
#[derive(Debug)]
pub struct FloatUnit {
    /// NaN results, tininess, and what conversions do out of range.
    pub rules: Rules,
    /// The slot in which raised exceptions accumulate, as [`float::Flags`] bits.
    pub flags: Slot,
    /// Where each instruction adds what it raised, if it begins with `flags` empty.
    pub collected: Option<Slot>,
    /// Slots that are zero while the unit rounds to nearest, flushes nothing and traps nothing: what
    /// nearly all code runs under, and compiled code counts on.
    pub modes: &'static [Slot],
}

/// A pure function of three words that both tiers call, for operations too large to be spelled
/// in words.
#[derive(Debug)]
pub struct Helper {
    /// How explanations write it: `name(a, b, c)`.
    pub name: &'static str,
    /// How many of the arguments matter.
    pub arity: u8,
    /// The function, of the host's calling convention: the one that compiled code can call.
    pub function: extern "C" fn(u64, u64, u64) -> u64,
}

/// A clock or counter that user programs can read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Counter {
    /// Clock cycles of the hart: here, instructions retired.
    Cycles,
    /// Wall-clock time in ticks of 100 ns (10 MHz) since an arbitrary start.
    Time,
    /// Instructions retired by the hart.
    Retired,
    /// Random bits, other ones each time.
    Random,
}
