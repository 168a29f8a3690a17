//! What IEEE 754 leaves to the implementation, as data: one [`Rules`] value per instruction set.

use super::Format;

/// The choices in which instruction sets differ. Everything else is IEEE 754.
///
/// | | RISC-V | x86 SSE | AArch64 | MIPS legacy | MIPS 2008 |
/// |---|---|---|---|---|---|
/// | `nan` | `Default` | `FirstOperand` | `SignalingFirst` | `SignalingFirst` | `SignalingFirst` |
/// | `default_nan` (F32) | `7fc00000` | `ffc00000` | `7fc00000` | `7fbfffff` | `7fc00000` |
/// | `quiet_bit` | true | true | true | false | true |
/// | `addend_first` | - | false | true | - | true |
/// | `invalid_product` | `Default` | `PropagateSilently` | `Default` | - | `Propagate` |
/// | `tininess` | after | after | before | after | after |
/// | `out_of_range` | `SaturateNanMaximum` | `Indefinite` | `SaturateNanZero` | `Maximum` | `SaturateNanZero` |
///
/// | `denormal_operand` | false | true | false | false | false |
///
/// Compared with processors or QEMU: all but MIPS 2008. (MIPS legacy has no fused operations.)
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rules {
    /// Which NaN an operation returns that has NaN operands (IEEE 754-2019 §6.2.3).
    pub nan: NanRule,
    /// The NaN that invalid operations return.
    pub default_nan: DefaultNan,
    /// The value of the first fraction bit that marks a NaN as quiet (IEEE 754-2019 §6.2.1
    /// recommends `true`).
    pub quiet_bit: bool,
    /// In fused operations the addend comes first in the order in which NaN operands are looked for.
    pub addend_first: bool,
    /// What `0 × ∞ + NaN` does (IEEE 754-2019 §7.2 leaves it open).
    pub invalid_product: InvalidProduct,
    /// When a result counts as tiny (IEEE 754-2019 §7.5).
    pub tininess: Tininess,
    /// What conversions to integers return for numbers out of range, infinities and NaNs.
    pub out_of_range: OutOfRange,
    /// Whether a subnormal operand is an exception ([`Flags::DENORMAL`](super::Flags)), except of a
    /// conversion to an integer, and next to a NaN.
    pub denormal_operand: bool,
}

impl Rules {
    /// RISC-V Unprivileged ISA, chapters "F" and "D": canonical NaNs, tininess after rounding,
    /// saturating conversions, and `0 × ∞ + qNaN` is invalid.
    pub const RISCV: Rules = Rules {
        nan: NanRule::Default,
        default_nan: DefaultNan {
            f32: 0x7fc0_0000,
            f64: 0x7ff8_0000_0000_0000,
        },
        quiet_bit: true,
        addend_first: false,
        invalid_product: InvalidProduct::Default,
        tininess: Tininess::AfterRounding,
        out_of_range: OutOfRange::SaturateNanMaximum,
        denormal_operand: false,
    };

    /// SSE (*Intel 64 and IA-32 Architectures Software Developer's Manual*, Volume 1, Chapter 4 and
    /// Section 11.5).
    pub const SSE: Rules = Rules {
        nan: NanRule::FirstOperand,
        default_nan: DefaultNan {
            f32: 0xffc0_0000,
            f64: 0xfff8_0000_0000_0000,
        },
        invalid_product: InvalidProduct::PropagateSilently,
        out_of_range: OutOfRange::Indefinite,
        denormal_operand: true,
        ..Rules::RISCV
    };

    /// MIPS with FCSR.NAN2008 = 0 (*MIPS Architecture For Programmers, Volume I-A*, Floating Point
    /// Unit Data Formats): a set bit marks a signaling NaN, of which operations make the default one.
    pub const MIPS_LEGACY: Rules = Rules {
        nan: NanRule::SignalingFirst,
        default_nan: DefaultNan {
            f32: 0x7fbf_ffff,
            f64: 0x7ff7_ffff_ffff_ffff,
        },
        quiet_bit: false,
        out_of_range: OutOfRange::Maximum,
        ..Rules::RISCV
    };

    /// MIPS with FCSR.NAN2008 = 1.
    pub const MIPS_2008: Rules = Rules {
        nan: NanRule::SignalingFirst,
        addend_first: true,
        invalid_product: InvalidProduct::Propagate,
        out_of_range: OutOfRange::SaturateNanZero,
        ..Rules::RISCV
    };
}

/// Which NaN an operation with NaN operands returns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NanRule {
    /// Always the default NaN.
    Default,
    /// The first operand that is a NaN, made quiet.
    FirstOperand,
    /// The first operand that is a signaling NaN, made quiet; without one, the first quiet NaN.
    SignalingFirst,
}

/// The NaN that invalid operations return, in each format.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DefaultNan {
    /// Its pattern in [`Format::F32`].
    pub f32: u64,
    /// Its pattern in [`Format::F64`].
    pub f64: u64,
}

impl DefaultNan {
    /// Its pattern in `format`.
    pub const fn get(&self, format: Format) -> u64 {
        match format {
            Format::F32 => self.f32,
            Format::F64 => self.f64,
        }
    }
}

/// What `0 × ∞ + qNaN` does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InvalidProduct {
    /// It is invalid and returns the default NaN.
    Default,
    /// It is invalid and returns what [`Rules::nan`] chooses.
    Propagate,
    /// It is not invalid and returns what [`Rules::nan`] chooses.
    PropagateSilently,
}

/// When a nonzero result counts as tiny, which makes it underflow if it is inexact as well.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tininess {
    /// The exact result lies strictly between ±2^emin.
    BeforeRounding,
    /// The result rounded to the format's precision, as if the exponent had no bounds, lies strictly
    /// between ±2^emin.
    AfterRounding,
}

/// What a conversion to an integer returns when no integer of the width is the right one. It is
/// invalid in any case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OutOfRange {
    /// The nearest integer of the width; for a NaN the greatest.
    SaturateNanMaximum,
    /// The nearest integer of the width; for a NaN zero.
    SaturateNanZero,
    /// The "integer indefinite": only the top bit set (signed), all bits set (unsigned).
    Indefinite,
    /// The greatest integer of the width.
    Maximum,
}
