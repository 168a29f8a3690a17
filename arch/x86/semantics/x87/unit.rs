//! How instructions compute: helpers of one shape, what they raise, and what that does.

use super::{EXCEPTIONS, Stack};
use crate::decode::Instruction;
use crate::extended::{self, Answer, Control, Extended, Operand, status};
use crate::regs::{FPU_CONTROL, FPU_DATA, FPU_INSTRUCTION, FPU_OPCODE, FPU_STATUS};
use portolan_machine::domain::{Helper, Word};
use portolan_machine::float::Flags;

/// A helper's third argument: both exponents with their signs (from bit 0, and from bit 16), the control
/// word's slot (from bit 32), and the following.
const EXPONENT_B: u8 = 16;
const CONTROL: u8 = 32;
/// Which of the answer's words is asked for: the significand, or what is in bits 16 on the status, and
/// below it the exponent.
const SECOND: u8 = 48;
/// One if an operand's register is empty.
const EMPTY: u8 = 49;
/// What the second operand's word is: see [`Format`].
const FORMAT: u8 = 50;

/// What the second operand is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// A register's significand, or none.
    Extended,
    /// A single.
    Single,
    /// A double.
    Double,
    /// A signed integer of 64 bits.
    Integer,
}

impl Format {
    /// The format of a float of 32 or 64 bits in memory.
    pub fn of_float(bits: u8) -> Format {
        match bits {
            32 => Format::Single,
            _ => Format::Double,
        }
    }
}

/// What a helper computed: a number, and bits of [`status`].
pub struct Computed<W> {
    pub value: [W; 2],
    pub raised: W,
}

/// The exceptions that leave the operands of an instruction as they were, if they trap.
pub const BY_OPERANDS: i64 = (status::INVALID | status::DENORMAL | status::DIVIDE_BY_ZERO) as i64;
/// Those that results raise.
const BY_RESULTS: u16 = status::OVERFLOW | status::UNDERFLOW | status::INEXACT;
/// Those that leave memory as it was.
pub const BY_STORES: i64 = BY_OPERANDS | (status::OVERFLOW | status::UNDERFLOW) as i64;
/// The conditions.
pub const ALL_CONDITIONS: i64 = (status::C0 | status::C1 | status::C2 | status::C3) as i64;
/// The one that tells of rounding.
pub const C1: i64 = status::C1 as i64;
/// What an empty register raises.
pub const EMPTY_REGISTER: i64 = (status::INVALID | status::STACK_FAULT) as i64;
/// What a push raises onto a register in use.
pub const FULL_STACK: i64 = EMPTY_REGISTER | C1;

/// The unit at work.
pub trait Unit: Stack {
    /// Computes of two registers of the stack.
    #[inline(always)]
    fn compute_of(&self, helper: &'static Helper, [a, b]: [u8; 2]) -> Computed<Self::Word> {
        let used = self.is_used(a) & self.is_used(b);
        self.compute(helper, self.st(a), self.st(b), Format::Extended, used)
    }

    /// Computes of two operands, whose registers are in use where `used` is one.
    #[inline(always)]
    fn compute(
        &self,
        helper: &'static Helper,
        [a, a_exponent]: [Self::Word; 2],
        [b, b_exponent]: [Self::Word; 2],
        format: Format,
        used: Self::Word,
    ) -> Computed<Self::Word> {
        let empty = used ^ self.imm(1);
        let rest = a_exponent
            | b_exponent << self.imm(EXPONENT_B)
            | self.read(FPU_CONTROL) << self.imm(CONTROL)
            | empty << self.imm(EMPTY)
            | self.imm((format as i64) << FORMAT);
        let significand = self.call(helper, [a, b, rest]);
        let more = self.call(helper, [a, b, rest | self.imm(1i64 << SECOND)]);
        Computed {
            value: [significand, more.zext(16)],
            raised: more >> self.imm(16),
        }
    }

    /// No operand.
    #[inline(always)]
    fn nothing(&self) -> [Self::Word; 2] {
        [self.imm(0), self.imm(0)]
    }

    /// Whether what was raised traps and so prevents effects.
    #[inline(always)]
    fn prevents(&self, raised: Self::Word, exceptions: i64) -> Self::Condition {
        let traps = raised & self.read(FPU_CONTROL) & self.imm(exceptions);
        traps.ne(self.imm(0))
    }

    /// Notes in the status word what was raised; of the conditions those that are `defined`. Where
    /// something traps, it is noted which instruction that was.
    #[inline(always)]
    fn note(&self, it: &Instruction, raised: Self::Word, defined: i64) -> Result<(), Self::Leave> {
        let kept = self.read(FPU_STATUS) & self.imm(!defined);
        self.write(FPU_STATUS, kept | raised);
        self.when(self.prevents(raised, EXCEPTIONS), || {
            self.write(FPU_INSTRUCTION, self.constant(self.pc()));
            self.write(FPU_OPCODE, self.constant(it.immediate));
            if it.operands[0].kind == crate::decode::Kind::Memory {
                self.write(FPU_DATA, self.effective_address(it));
            }
            Ok(())
        })
    }

    /// Notes what was raised, and has an effect unless operands that trap prevent it.
    #[inline(always)]
    fn conclude(
        &self,
        it: &Instruction,
        raised: Self::Word,
        defined: i64,
        effect: impl FnOnce(),
    ) -> Result<(), Self::Leave> {
        self.conclude_unless(it, BY_OPERANDS, raised, defined, effect)
    }

    /// The same, where some exceptions prevent the effect.
    #[inline(always)]
    fn conclude_unless(
        &self,
        it: &Instruction,
        exceptions: i64,
        raised: Self::Word,
        defined: i64,
        effect: impl FnOnce(),
    ) -> Result<(), Self::Leave> {
        let prevented = self.prevents(raised, exceptions);
        self.note(it, raised, defined)?;
        self.when(!prevented, || {
            effect();
            Ok(())
        })
    }

    /// Clears C1 if a register was empty: for instructions that else leave it as it is.
    #[inline(always)]
    fn clear_c1_unless(&self, used: Self::Word) {
        let status = self.read(FPU_STATUS);
        let cleared = status & self.imm(!C1);
        let empty = used.eq(self.imm(0));
        self.write(FPU_STATUS, self.select(empty, cleared, status));
    }

    /// Pushes a number, or the indefinite one if there is no room.
    #[inline(always)]
    fn push_computed(
        &self,
        it: &Instruction,
        computed: Computed<Self::Word>,
    ) -> Result<(), Self::Leave> {
        let full = self.is_used(7).ne(self.imm(0));
        let raised = self.select(full, self.imm(FULL_STACK), computed.raised);
        let indefinite = self.extended(Extended::INDEFINITE);
        let [a, b] = [0, 1].map(|n| self.select(full, indefinite[n], computed.value[n]));
        // What is subnormal is pushed even if that traps.
        let prevents = status::INVALID.into();
        self.conclude_unless(it, prevents, raised, C1, || self.push([a, b]))
    }
}

impl<D: Stack> Unit for D {}

/// The answer of an operation, in the words of a helper.
#[inline(always)]
fn answer(operation: fn(&Operand, &Operand, Control) -> Answer, a: u64, b: u64, rest: u64) -> u64 {
    let extended = |significand, exponent| {
        Operand::extended(Extended {
            significand,
            exponent,
        })
    };
    let control = Control::of((rest >> CONTROL) as u16 ^ super::INITIAL_CONTROL as u16);
    let answer = if rest >> EMPTY & 1 != 0 {
        let indefinite = Operand::extended(Extended::INDEFINITE);
        let answer = operation(&indefinite, &indefinite, control);
        Answer {
            raised: answer.raised & ALL_CONDITIONS as u16 | EMPTY_REGISTER as u16,
            ..answer
        }
    } else {
        let second = match rest >> FORMAT & 3 {
            1 => Operand::single(b as u32),
            2 => Operand::double(b),
            3 => Operand::integer(b as i64),
            _ => extended(b, (rest >> EXPONENT_B) as u16),
        };
        operation(&extended(a, rest as u16), &second, control)
    };
    let raised = match answer.raised & control.traps & BY_OPERANDS as u16 {
        0 => answer.raised,
        // The operation is not carried out.
        _ => answer.raised & !(BY_RESULTS | status::C1),
    };
    match rest >> SECOND & 1 {
        0 => answer.value.significand,
        _ => u64::from(raised) << 16 | u64::from(answer.value.exponent),
    }
}

macro_rules! helpers {
    ($($name:ident $operation:ident;)*) => {$(
        #[doc = concat!("`", stringify!($operation), "` of [`extended`](crate::extended).")]
        pub static $name: Helper = Helper {
            name: concat!("x87_", stringify!($operation)),
            arity: 3,
            function: {
                extern "C" fn helper(a: u64, b: u64, rest: u64) -> u64 {
                    answer(extended::$operation, a, b, rest)
                }
                helper
            },
        };
    )*};
}

helpers! {
    ADD add;
    SUBTRACT subtract;
    SUBTRACT_FROM subtract_from;
    MULTIPLY multiply;
    DIVIDE divide;
    DIVIDE_BY divide_by;
    ROOT root;
    REMAINDER remainder;
    REMAINDER_TO_NEAREST remainder_to_nearest;
    INTEGRAL integral;
    SCALE scale;
    EXPONENT exponent;
    SIGNIFICAND significand;
    COMPARE compare;
    COMPARE_QUIETLY compare_quietly;
    EXAMINE examine;
    LOAD load;
    TO_SINGLE to_single;
    TO_DOUBLE to_double;
    TO_INT16 to_int16;
    TO_INT32 to_int32;
    TO_INT64 to_int64;
    TO_INT16_TRUNCATED to_int16_truncated;
    TO_INT32_TRUNCATED to_int32_truncated;
    TO_INT64_TRUNCATED to_int64_truncated;
    TO_DECIMAL to_decimal;
    FROM_DECIMAL from_decimal;
    EXPONENTIAL exponential;
    LOGARITHM logarithm;
    LOGARITHM_PLUS_1 logarithm_plus_1;
    ARCTANGENT arctangent;
    SINE sine;
    COSINE cosine;
    TANGENT tangent;
}

/// The exceptions of a status word, as [`Flags`].
pub static FLAGS: Helper = Helper {
    name: "x87_exceptions",
    arity: 1,
    function: flags,
};

extern "C" fn flags(raised: u64, _: u64, _: u64) -> u64 {
    let order = [
        Flags::INVALID,
        Flags::DENORMAL,
        Flags::DIVIDE_BY_ZERO,
        Flags::OVERFLOW,
        Flags::UNDERFLOW,
        Flags::INEXACT,
    ];
    let chosen = order
        .iter()
        .zip(0..)
        .filter(|(_, place)| raised >> place & 1 != 0);
    chosen.fold(0, |all, (flag, _)| all | u64::from(flag.bits()))
}
