//! `portolan run -g`: the protocol by hand, and real gdb as the oracle.
#![cfg(feature = "host")]

/// Tests of a module for some guests: `for_guests! { riscv64 x86_64: first second }`, where each test is a function of a
/// [`Guest`](support::guests::Guest).
macro_rules! for_guests {
    (@for $tests:tt $($guest:ident)*) => {
        $(
            mod $guest {
                for_guests! { @tests $guest $tests }
            }
        )*
    };
    (@tests $guest:ident { $($test:ident)* }) => {
        $(
            #[test]
            fn $test() {
                super::$test(crate::support::guests::named(stringify!($guest)));
            }
        )*
    };
    ($($guest:ident)*: $($test:ident)*) => {
        for_guests! { @for { $($test)* } $($guest)* }
    };
}

mod by_hand;
mod mips;
mod real;
mod released;
#[path = "../support/mod.rs"]
mod support;
mod threads;
mod waiting;
mod x86_64;
