//! What the host's processor is not asked about: see tests/oracle_x86_64 for the rest.

use super::*;

const ALL: Control = Control {
    direction: Direction::Nearest,
    precision: 64,
    traps: 0,
};

fn number(value: f64) -> Operand {
    Operand::double(value.to_bits())
}

/// The answer as a double, which the values here are.
fn double(answer: Answer) -> f64 {
    let value = Operand::extended(answer.value);
    f64::from_bits(to_double(&value, &value, ALL).value.significand)
}

type Function = fn(&Operand, &Operand, Control) -> Answer;

#[test]
fn elementary_functions_are_those_of_the_host() {
    type Theirs = fn(f64) -> f64;
    let functions: [(&str, Function, Theirs); 6] = [
        ("2^x - 1", exponential, |x| {
            (x * std::f64::consts::LN_2).exp_m1()
        }),
        ("log2", logarithm, f64::log2),
        (
            "atan",
            |x, one, control| arctangent(one, x, control),
            f64::atan,
        ),
        ("sin", sine, f64::sin),
        ("cos", cosine, f64::cos),
        ("tan", tangent, f64::tan),
    ];
    for (name, ours, theirs) in functions {
        for n in 1..1000 {
            let x = f64::from(n) / 1024.0;
            let ours = double(ours(&number(x), &number(1.0), ALL));
            let theirs = theirs(x);
            let error = (ours - theirs).abs() / theirs.abs();
            assert!(error < 4e-16, "{name}({x}) is {ours}, not {theirs}");
        }
    }
}

#[test]
fn large_angles_are_divided_by_pi_as_processors_have_it() {
    // What a processor gave.
    let two_to_the_62nd = number(2f64.powi(62));
    let pi = Operand::extended(Extended::signed(false, 0x4000, 0xc90f_daa2_2168_c235));
    for (angle, exponent, significand) in [
        (two_to_the_62nd, 0xbffe, 0xb506a9dd559cf157),
        (pi, 0xbfbf, 0x8000000000000000),
    ] {
        let answer = sine(&angle, &angle, ALL);
        let value = Extended {
            significand,
            exponent,
        };
        assert_eq!(
            (answer.value, answer.raised & !status::C1),
            (value, status::INEXACT)
        );
    }
    let too_large = number(2f64.powi(63));
    assert_eq!(sine(&too_large, &too_large, ALL).raised, status::C2);
}

#[test]
fn no_operand_makes_an_operation_panic() {
    let operations: [Function; 22] = [
        add,
        subtract,
        subtract_from,
        multiply,
        divide,
        divide_by,
        root,
        remainder,
        remainder_to_nearest,
        integral,
        scale,
        exponent,
        significand,
        compare,
        compare_quietly,
        examine,
        exponential,
        logarithm,
        logarithm_plus_1,
        arctangent,
        sine,
        tangent,
    ];
    let significands = [
        0,
        1,
        INTEGER,
        INTEGER + 1,
        INTEGER | QUIET,
        u64::MAX,
        u64::MAX >> 1,
    ];
    let exponents = [
        0, 1, 0x3f00, 0x3ffe, 0x3fff, 0x4000, 0x403e, 0x403f, 0x7ffe, 0x7fff,
    ];
    let mut all = Vec::new();
    for significand in significands {
        for exponent in exponents {
            for negative in [false, true] {
                all.push(Operand::extended(Extended::signed(
                    negative,
                    exponent,
                    significand,
                )));
            }
        }
    }
    for operation in operations {
        for a in &all {
            for b in &all {
                for word in [0x37f, 0xc40] {
                    operation(a, b, Control::of(word));
                }
            }
        }
    }
}
