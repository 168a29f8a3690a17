//! Operands that depend on each other: what random numbers of their own would hardly ever hit.

use crate::scene::Kind;
use crate::values::{boxed, choose, scatter};

/// Relates the operands to each other: where comparisons turn, digits cancel, results are next to the
/// smallest or the largest number, and one summand decides how the other is rounded. The lowest
/// byte of `raw` chooses the relations, the others their details.
pub fn relate(values: &mut [u64; 3], kinds: [Kind; 3], raw: u32) {
    let (second, third) = (raw % 16, raw / 16 % 16);
    let details = scatter(u64::from(raw >> 8));
    let delta = choose(details >> 32, &[0, 0, 0, 1, -1]);
    let Some(format) = Format::of(kinds[1]) else {
        if kinds == [Kind::Integer; 3] && second >= 12 {
            values[1] = values[0].wrapping_add_signed(delta);
        }
        return;
    };
    if kinds[0] != kinds[1] {
        return;
    }
    let sign = choose(details >> 40, &[0, format.sign]);
    let edge = choose(details, format.edges);
    if second == 15 {
        // (1 + x) (1 - x), which is nearly one.
        let last = format.precision - 1;
        let length = last / 2 + (details >> 16) as i64 % (last / 2);
        values[0] = format.with_fraction(values[0], 1 << (last - length));
        values[1] = format.with_fraction(values[1], u64::MAX << (last - length + 1));
    }
    let [a, b, _] = *values;
    let near = |number: u64| number.wrapping_add_signed(delta) ^ sign;
    values[1] = match second {
        // A sum, difference or comparison that is a close thing.
        7 | 8 => near(a),
        // A product or quotient that is an edge, or about as large.
        9 | 10 => near(format.apply(|x, y| x / y, edge, a)),
        11 | 12 => near(format.apply(|x, y| x / y, a, edge)),
        13 => format.scaled(b, format.exponent(edge) - format.exponent(a) + delta),
        14 => format.scaled(b, format.exponent(a) - format.exponent(edge) + delta),
        _ => b,
    };
    if Format::of(kinds[2]).is_some() {
        let [a, b, c] = *values;
        let product = format.apply(|x, y| x * y, a, b);
        let distance = choose(details >> 8, &[0, 1, 1, 2, -1, -2]) * format.precision;
        values[2] = match third {
            // The product's digits cancel, but for the last ones.
            6..=8 => near(product) ^ format.sign,
            // Each summand begins about where the other ends.
            9..=13 => format.scaled(c, format.exponent(product) + distance + delta),
            // The sum is next to an edge.
            14 => near(format.apply(|x, y| x - y, edge, product)),
            _ => c,
        };
    }
}

/// How a number is put together.
struct Format {
    sign: u64,
    /// Of the significand, in bits.
    precision: i64,
    bias: i64,
    /// Numbers of interest: the smallest, the smallest normal one, the smallest that as a product has
    /// all of its digits, one, and the largest.
    edges: &'static [u64],
}

impl Format {
    fn of(kind: Kind) -> Option<&'static Format> {
        match kind {
            Kind::Single => Some(&Format {
                sign: 1 << 31,
                precision: 24,
                bias: 127,
                edges: &[1, 0x0080_0000, 0x0c00_0000, 0x3f80_0000, 0x7f7f_ffff],
            }),
            Kind::Double => Some(&Format {
                sign: 1 << 63,
                precision: 53,
                bias: 1023,
                edges: &[1, 1 << 52, 54 << 52, 1023 << 52, (2047 << 52) - 1],
            }),
            Kind::Integer | Kind::Address | Kind::Target => None,
        }
    }

    fn field(&self) -> u64 {
        self.sign - (1 << (self.precision - 1))
    }

    fn exponent(&self, number: u64) -> i64 {
        ((number & self.field()) >> (self.precision - 1)) as i64 - self.bias
    }

    /// The number with another exponent, or as near as there is one.
    fn scaled(&self, number: u64, exponent: i64) -> u64 {
        let biased = (exponent + self.bias).clamp(0, 2 * self.bias) as u64;
        number & !self.field() | biased << (self.precision - 1)
    }

    /// The number with another fraction.
    fn with_fraction(&self, number: u64, fraction: u64) -> u64 {
        let bits = (1 << (self.precision - 1)) - 1;
        number & !bits | fraction & bits
    }

    /// A calculation on the host, which may be wrong in the last digit of a single.
    fn apply(&self, calculation: impl Fn(f64, f64) -> f64, a: u64, b: u64) -> u64 {
        match self.precision {
            24 => {
                let [a, b] = [a, b].map(|number| f64::from(f32::from_bits(number as u32)));
                boxed((calculation(a, b) as f32).to_bits())
            }
            _ => calculation(f64::from_bits(a), f64::from_bits(b)).to_bits(),
        }
    }
}
