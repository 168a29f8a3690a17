//! Zeros, infinities and NaNs (§6), invalid operations (§7.2), and where instruction sets differ.

use super::agreed;
use crate::float::{
    Flags, Format, NanRule, Operation, OutOfRange, Rounding, Rules, Tininess, evaluate,
};

const ZERO: u64 = 0;
const ONE: u64 = 0x3f80_0000;
const TWO: u64 = 0x4000_0000;
const GREATEST: u64 = 0x7f7f_ffff;
const INFINITY: u64 = 0x7f80_0000;
const QUIET: u64 = 0x7fc0_0001;
const SIGNALING: u64 = 0x7f80_0001;
const CANONICAL: u64 = 0x7fc0_0000;
const MINUS: u64 = 0x8000_0000;

const NONE: Flags = Flags::NONE;
const INVALID: Flags = Flags::INVALID;

const X86_SSE: Rules = Rules::SSE;
const AARCH64: Rules = Rules {
    nan: NanRule::SignalingFirst,
    addend_first: true,
    tininess: Tininess::BeforeRounding,
    out_of_range: OutOfRange::SaturateNanZero,
    ..Rules::RISCV
};
const MIPS_LEGACY: Rules = Rules {
    nan: NanRule::Default,
    ..Rules::MIPS_LEGACY
};

/// Checks F32 operations in every direction in which the result is the same.
fn check(cases: &[(Operation, [u64; 3], u64, Flags)]) {
    for &(operation, args, result, flags) in cases {
        for rounding in Rounding::ALL {
            let actual = agreed(operation, Format::F32, rounding, args);
            assert_eq!(
                actual,
                (result, flags),
                "{operation:?} {rounding:?} {args:x?}"
            );
        }
    }
}

/// Checks F32 operations under the rules of other instruction sets.
fn check_nans(rules: Rules, cases: &[(Operation, [u64; 3], u64, Flags)]) {
    for &(operation, args, result, flags) in cases {
        let actual = evaluate(
            operation,
            Format::F32,
            &rules,
            Rounding::NearestEven,
            NONE,
            args,
        );
        assert_eq!(actual, (result, flags), "{operation:?} {args:x?} {rules:?}");
    }
}

#[test]
fn zeros_and_infinities() {
    use Operation::*;
    check(&[
        (Add, [ZERO, ZERO, 0], ZERO, NONE),
        (Add, [MINUS, MINUS, 0], MINUS, NONE),
        (Sub, [MINUS, ZERO, 0], MINUS, NONE),
        (Add, [ONE, MINUS, 0], ONE, NONE),
        (Add, [INFINITY, MINUS | ONE, 0], INFINITY, NONE),
        (Sub, [ONE, INFINITY, 0], MINUS | INFINITY, NONE),
        (Mul, [MINUS, ONE, 0], MINUS, NONE),
        (Mul, [MINUS | INFINITY, MINUS | ONE, 0], INFINITY, NONE),
        (Div, [ONE, MINUS | INFINITY, 0], MINUS, NONE),
        (Div, [MINUS | INFINITY, ZERO, 0], MINUS | INFINITY, NONE),
        (
            Div,
            [ONE, MINUS, 0],
            MINUS | INFINITY,
            Flags::DIVIDE_BY_ZERO,
        ),
        (Sqrt, [MINUS, 0, 0], MINUS, NONE),
        (Sqrt, [INFINITY, 0, 0], INFINITY, NONE),
        (MulAdd, [ONE, INFINITY, ONE], INFINITY, NONE),
        (MulAdd, [ONE, ONE, MINUS | INFINITY], MINUS | INFINITY, NONE),
        (NegMulAdd, [ONE, ZERO, ZERO], MINUS, NONE),
        (NegMulSub, [ONE, ZERO, ONE], ONE, NONE),
    ]);
    // A sum of opposite numbers is +0, but when rounding down (§6.3).
    for rounding in Rounding::ALL {
        let zero = if rounding == Rounding::Down {
            MINUS
        } else {
            ZERO
        };
        for (operation, args) in [
            (Add, [ONE, MINUS | ONE, 0]),
            (Sub, [ONE, ONE, 0]),
            (Sub, [ZERO, ZERO, 0]),
            (Add, [MINUS, ZERO, 0]),
            (MulSub, [ONE, TWO, TWO]),
            (MulAdd, [ONE, ZERO, MINUS]),
        ] {
            let actual = agreed(operation, Format::F32, rounding, args);
            assert_eq!(actual, (zero, NONE), "{operation:?} {rounding:?} {args:x?}");
        }
    }
}

#[test]
fn overflow_goes_to_infinity_or_the_greatest_number() {
    let flags = Flags::OVERFLOW | Flags::INEXACT;
    for (rounding, positive, negative) in [
        (Rounding::NearestEven, INFINITY, INFINITY),
        (Rounding::NearestAway, INFINITY, INFINITY),
        (Rounding::TowardZero, GREATEST, GREATEST),
        (Rounding::Down, GREATEST, INFINITY),
        (Rounding::Up, INFINITY, GREATEST),
    ] {
        let twice = |x| agreed(Operation::Add, Format::F32, rounding, [x, x, 0]);
        assert_eq!(twice(GREATEST), (positive, flags), "{rounding:?}");
        assert_eq!(
            twice(MINUS | GREATEST),
            (MINUS | negative, flags),
            "{rounding:?}"
        );
    }
}

#[test]
fn invalid_operations_and_nans_yield_the_canonical_nan() {
    use Operation::*;
    check(&[
        (Add, [INFINITY, MINUS | INFINITY, 0], CANONICAL, INVALID),
        (Sub, [INFINITY, INFINITY, 0], CANONICAL, INVALID),
        (Mul, [ZERO, INFINITY, 0], CANONICAL, INVALID),
        (Div, [ZERO, ZERO, 0], CANONICAL, INVALID),
        (Div, [INFINITY, INFINITY, 0], CANONICAL, INVALID),
        (Sqrt, [MINUS | ONE, 0, 0], CANONICAL, INVALID),
        (
            MulAdd,
            [INFINITY, ONE, MINUS | INFINITY],
            CANONICAL,
            INVALID,
        ),
        (MulAdd, [INFINITY, ZERO, ONE], CANONICAL, INVALID),
        (MulAdd, [INFINITY, ZERO, QUIET], CANONICAL, INVALID),
        (MulAdd, [ONE, ONE, QUIET], CANONICAL, NONE),
        (MulAdd, [ONE, ONE, SIGNALING], CANONICAL, INVALID),
        (Add, [QUIET, ONE, 0], CANONICAL, NONE),
        (Add, [ONE, SIGNALING, 0], CANONICAL, INVALID),
        (Sub, [INFINITY, MINUS | QUIET, 0], CANONICAL, NONE),
        (Sqrt, [MINUS | QUIET, 0, 0], CANONICAL, NONE),
        (ToF64, [MINUS | QUIET, 0, 0], 0x7ff8_0000_0000_0000, NONE),
        (ToF64, [SIGNALING, 0, 0], 0x7ff8_0000_0000_0000, INVALID),
        (
            RoundToIntegral { exact: true },
            [SIGNALING, 0, 0],
            CANONICAL,
            INVALID,
        ),
        (RoundToIntegral { exact: true }, [MINUS, 0, 0], MINUS, NONE),
    ]);
}

#[test]
fn comparisons_minimum_and_maximum() {
    use Operation::*;
    check(&[
        (EqualQuiet, [ZERO, MINUS, 0], 1, NONE),
        (EqualQuiet, [QUIET, QUIET, 0], 0, NONE),
        (EqualQuiet, [ONE, SIGNALING, 0], 0, INVALID),
        (LessSignaling, [MINUS, ZERO, 0], 0, NONE),
        (LessSignaling, [MINUS | INFINITY, GREATEST, 0], 1, NONE),
        (LessSignaling, [MINUS | TWO, MINUS | ONE, 0], 1, NONE),
        (LessSignaling, [QUIET, ONE, 0], 0, INVALID),
        (LessEqualSignaling, [ZERO, MINUS, 0], 1, NONE),
        (LessEqualSignaling, [ONE, QUIET, 0], 0, INVALID),
        (MinimumNumber, [ZERO, MINUS, 0], MINUS, NONE),
        (MinimumNumber, [MINUS, ZERO, 0], MINUS, NONE),
        (MaximumNumber, [MINUS, ZERO, 0], ZERO, NONE),
        (MinimumNumber, [TWO, QUIET, 0], TWO, NONE),
        (MaximumNumber, [SIGNALING, TWO, 0], TWO, INVALID),
        (MaximumNumber, [QUIET, MINUS | QUIET, 0], CANONICAL, NONE),
        (MinimumNumber, [QUIET, SIGNALING, 0], CANONICAL, INVALID),
    ]);
}

#[test]
fn classes() {
    let classes = [
        MINUS | INFINITY,
        MINUS | ONE,
        MINUS | 1,
        MINUS,
        ZERO,
        0x7f_ffff,
        0x80_0000,
        INFINITY,
        SIGNALING,
        MINUS | QUIET,
    ];
    for (i, bits) in classes.into_iter().enumerate() {
        check(&[(Operation::Classify, [bits, 0, 0], 1 << i, NONE)]);
    }
}

#[test]
fn what_no_integer_fits() {
    use Operation::*;
    let result = |rules: &Rules, operation, x| {
        let args = [x, 0, 0];
        let (bits, flags) = evaluate(
            operation,
            Format::F32,
            rules,
            Rounding::TowardZero,
            NONE,
            args,
        );
        assert_eq!(flags, INVALID, "{operation:?} {x:x}");
        bits
    };
    const LEAST_64: u64 = 1 << 63;
    const MOST_32: u64 = 0x7fff_ffff;
    const ALL_32: u64 = 0xffff_ffff;
    let operands = [MINUS | GREATEST, INFINITY, QUIET];
    for (rules, operation, expected) in [
        (Rules::RISCV, ToSigned32, [MINUS, MOST_32, MOST_32]),
        (Rules::RISCV, ToUnsigned32, [0, ALL_32, ALL_32]),
        (
            Rules::RISCV,
            ToSigned64,
            [LEAST_64, LEAST_64 - 1, LEAST_64 - 1],
        ),
        (Rules::RISCV, ToUnsigned64, [0, u64::MAX, u64::MAX]),
        (AARCH64, ToSigned32, [MINUS, MOST_32, 0]),
        (AARCH64, ToUnsigned64, [0, u64::MAX, 0]),
        (X86_SSE, ToSigned32, [MINUS, MINUS, MINUS]),
        (X86_SSE, ToUnsigned64, [u64::MAX, u64::MAX, u64::MAX]),
        (MIPS_LEGACY, ToSigned32, [MOST_32, MOST_32, MOST_32]),
    ] {
        let results = operands.map(|x| result(&rules, operation, x));
        assert_eq!(results, expected, "{operation:?} {rules:?}");
    }
}

#[test]
fn which_nan_an_instruction_set_returns() {
    use Operation::*;
    const QUIETED: u64 = QUIET;
    const OTHER: u64 = 0xffc0_1234;
    check_nans(
        X86_SSE,
        &[
            (Add, [OTHER, SIGNALING, 0], OTHER, INVALID),
            (Add, [SIGNALING, OTHER, 0], QUIETED, INVALID),
            (Sub, [ONE, OTHER, 0], OTHER, NONE),
            (Mul, [ZERO, INFINITY, 0], 0xffc0_0000, INVALID),
            (MulAdd, [QUIET, ONE, OTHER], QUIET, NONE),
            (MulAdd, [ZERO, INFINITY, OTHER], OTHER, NONE),
            (ToF64, [SIGNALING, 0, 0], 0x7ff8_0000_2000_0000, INVALID),
        ],
    );
    check_nans(
        AARCH64,
        &[
            (Add, [OTHER, SIGNALING, 0], QUIETED, INVALID),
            (Add, [OTHER, QUIET, 0], OTHER, NONE),
            (MulAdd, [QUIET, ONE, OTHER], OTHER, NONE),
            (MulAdd, [SIGNALING, ONE, OTHER], QUIETED, INVALID),
            (MulAdd, [ZERO, INFINITY, OTHER], CANONICAL, INVALID),
            (MulAdd, [ZERO, INFINITY, SIGNALING], QUIETED, INVALID),
            (ToF64, [0x7f81_2345, 0, 0], 0x7ff8_2468_a000_0000, INVALID),
        ],
    );
    // Here a set bit marks a signaling NaN.
    let (quiet, signaling) = (SIGNALING, QUIET);
    check_nans(MIPS_LEGACY, &[(Add, [ONE, quiet, 0], 0x7fbf_ffff, NONE)]);
    check_nans(
        Rules::MIPS_LEGACY,
        &[
            (Add, [ONE, quiet, 0], quiet, NONE),
            (Add, [ONE, signaling, 0], 0x7fbf_ffff, INVALID),
            (Div, [ZERO, ZERO, 0], 0x7fbf_ffff, INVALID),
            (ToF64, [signaling, 0, 0], 0x7ff7_ffff_ffff_ffff, INVALID),
        ],
    );
}

#[test]
fn tininess_before_rounding() {
    // The product is below the least normal number by less than rounding to 24 bits leaves.
    let args = [0x0080_0001, ONE - 2, 0];
    let product = |rules| {
        let rounding = Rounding::NearestEven;
        evaluate(Operation::Mul, Format::F32, &rules, rounding, NONE, args)
    };
    assert_eq!(product(Rules::RISCV), (0x0080_0000, Flags::INEXACT));
    assert_eq!(
        product(AARCH64),
        (0x0080_0000, Flags::INEXACT | Flags::UNDERFLOW)
    );
}
