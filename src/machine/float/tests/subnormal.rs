//! What SSE makes of subnormal numbers (*Intel 64 and IA-32 Architectures Software Developer's Manual*,
//! Volume 1, Sections 10.2.3 and 11.5).

use crate::float::{
    FLUSH_RESULTS, Flags, Format, OPERANDS_ARE_ZERO, Operation, Rounding, Rules, UNDERFLOW_TRAPS,
    evaluate_in,
};

const ONE: u64 = 0x3ff0_0000_0000_0000;
const NAN: u64 = 0x7ff8_0000_0000_0000;
const LEAST_NORMAL: u64 = 1 << 52;
const MINUS: u64 = 1 << 63;

/// An operation on doubles, with nothing known to be raised and with everything but subnormal operands:
/// one is exact, the other fast.
fn double(operation: Operation, modes: u64, x: u64, y: u64) -> (u64, Flags) {
    let known = Flags::INEXACT;
    let of = |known| evaluate_in(operation, Format::F64, &Rules::SSE, modes, known, [x, y, 0]);
    let ((value, flags), (again, others)) = (of(Flags::NONE), of(known));
    assert_eq!((value, flags | known), (again, others | known));
    (value, flags)
}

#[test]
fn a_subnormal_operand_is_an_exception() {
    use Operation::{Add, Div, LessSignaling, Lesser, Mul, ToSigned64};
    let de = Flags::DENORMAL;
    for (operation, x, y, result, flags) in [
        (Add, 1, 1, 2, de),
        (Add, 1, ONE, ONE, de | Flags::INEXACT),
        (Add, LEAST_NORMAL, ONE, ONE, Flags::INEXACT),
        (Add, 0, ONE, ONE, Flags::NONE),
        (Mul, 1, ONE, 1, de),
        (LessSignaling, 1, ONE, 1, de),
        (Lesser, ONE, 1, 1, de),
        (Lesser, ONE, MINUS | 1, MINUS | 1, de),
        // Next to a NaN and in a division by zero it is none, nor in conversions to integers.
        (Add, 1, NAN, NAN, Flags::NONE),
        (Div, 1, 0, 0x7ff0_0000_0000_0000, Flags::DIVIDE_BY_ZERO),
        (ToSigned64, 1, 0, 0, Flags::INEXACT),
    ] {
        let found = double(operation, 0, x, y);
        assert_eq!(found, (result, flags), "{operation:?} {x:#x} {y:#x}");
    }
}

#[test]
fn operands_and_results_are_flushed() {
    use Operation::{Add, Greater, Mul, Sub};
    let (zeros, flush, traps) = (OPERANDS_ARE_ZERO, FLUSH_RESULTS, UNDERFLOW_TRAPS);
    let (de, tiny) = (Flags::DENORMAL, Flags::UNDERFLOW | Flags::INEXACT);
    for (operation, modes, x, y, result, flags) in [
        (Add, zeros, 1, 1, 0, Flags::NONE),
        (Mul, zeros, MINUS | 1, ONE, MINUS, Flags::NONE),
        (Greater, zeros, 1, MINUS | ONE, 0, Flags::NONE),
        // An exact result is flushed, too, and keeps its sign.
        (Sub, flush, LEAST_NORMAL, LEAST_NORMAL + 1, MINUS, tiny),
        (Add, flush, 1, 1, 0, de | tiny),
        (Mul, flush, ONE, LEAST_NORMAL, LEAST_NORMAL, Flags::NONE),
        // What will trap is not flushed, and needs not be inexact.
        (Add, traps, 1, 1, 2, de | Flags::UNDERFLOW),
        (Add, traps | flush, 1, 1, 2, de | Flags::UNDERFLOW),
    ] {
        let found = double(operation, modes, x, y);
        assert_eq!(
            found,
            (result, flags),
            "{operation:?} {modes:#x} {x:#x} {y:#x}"
        );
    }
}

#[test]
fn modes_leave_the_direction_alone() {
    for rounding in Rounding::ALL {
        let third = |modes| double(Operation::Div, modes, ONE, 0x4008_0000_0000_0000);
        let direction = u64::from(rounding.index());
        assert_eq!(
            third(direction),
            third(direction | OPERANDS_ARE_ZERO | FLUSH_RESULTS)
        );
    }
}
