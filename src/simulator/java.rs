//! Numbers as MARS and RARS write, read and draw them, which are programs in Java: `Double.toString`,
//! `Double.parseDouble` and `java.util.Random` as the Java SE API specifies them.

use std::fmt::LowerExp;
use std::str::FromStr;

/// A number as `Float.toString` or `Double.toString` writes it: the fewest digits that tell it from its neighbours, with
/// an exponent from 10^7 on and below 10^-3.
pub fn to_string<N>(number: N) -> String
where
    N: Copy + Into<f64> + LowerExp + FromStr + PartialEq,
{
    let wide: f64 = number.into();
    if wide.is_nan() {
        return "NaN".to_owned();
    }
    let sign = if wide.is_sign_negative() { "-" } else { "" };
    if wide.is_infinite() {
        return format!("{sign}Infinity");
    }
    let mut text = format!("{number:e}");
    if !text.contains('.') {
        // Two digits at least, which may be nearer than one and a zero.
        let longer = format!("{number:.1e}");
        let is_same = longer.parse::<N>().is_ok_and(|parsed| parsed == number);
        text = if is_same {
            longer
        } else {
            text.replacen('e', ".0e", 1)
        };
    }
    let text = text.trim_start_matches('-');
    let (digits, exponent) = text.split_once('e').unwrap_or((text, "0"));
    let exponent: i32 = exponent.parse().unwrap_or_default();
    if !(-3..7).contains(&exponent) {
        return format!("{sign}{digits}E{exponent}");
    }
    let digits = digits.replace('.', "");
    let digits = digits.trim_end_matches('0');
    let plain = match usize::try_from(exponent) {
        // 0.00ddd
        Err(_) => {
            let zeros = "0".repeat(exponent.unsigned_abs() as usize - 1);
            format!("0.{zeros}{}", or_zero(digits))
        }
        Ok(before) => {
            let padded = format!("{digits:0<width$}", width = before + 1);
            let (whole, rest) = padded.split_at(before + 1);
            format!("{whole}.{}", or_zero(rest))
        }
    };
    format!("{sign}{plain}")
}

fn or_zero(digits: &str) -> &str {
    if digits.is_empty() { "0" } else { digits }
}

/// What `Integer.parseInt` takes, without spaces around it.
pub fn parse_integer(text: &str) -> Option<i32> {
    text.trim().parse().ok()
}

/// What `Double.parseDouble` takes but for hexadecimal numbers: spaces around it, a suffix for the type.
pub fn parse_float<N: FromStr>(text: &str) -> Option<N> {
    let text = text.trim();
    let number = text.strip_suffix(['f', 'F', 'd', 'D']).unwrap_or(text);
    let bare = number.trim_start_matches(['+', '-']);
    // Rust takes other spellings of these.
    let is_number = bare.starts_with(|c: char| c.is_ascii_digit() || c == '.');
    let is_named = number == text && matches!(bare, "NaN" | "Infinity");
    (is_number || is_named).then(|| number.parse().ok())?
}

/// `java.util.Random`.
#[derive(Clone, Debug)]
pub struct Random(u64);

const MULTIPLIER: u64 = 0x5_deec_e66d;
const MASK: u64 = (1 << 48) - 1;

impl Random {
    /// A generator that starts at a seed.
    pub fn new(seed: i64) -> Random {
        Random((seed as u64 ^ MULTIPLIER) & MASK)
    }

    /// The next bits, at most 32.
    fn next(&mut self, bits: u32) -> i32 {
        self.0 = self.0.wrapping_mul(MULTIPLIER).wrapping_add(0xb) & MASK;
        (self.0 >> (48 - bits)) as i32
    }

    /// Any number.
    pub fn integer(&mut self) -> i32 {
        self.next(32)
    }

    /// A number from 0 to below a bound, which is positive.
    pub fn below(&mut self, bound: i32) -> i32 {
        if bound & (bound - 1) == 0 {
            return ((i64::from(bound) * i64::from(self.next(31))) >> 31) as i32;
        }
        loop {
            let bits = self.next(31);
            let value = bits % bound;
            if bits.wrapping_sub(value).wrapping_add(bound - 1) >= 0 {
                return value;
            }
        }
    }

    /// A number from 0 to below 1.
    pub fn float(&mut self) -> f32 {
        self.next(24) as f32 / (1 << 24) as f32
    }

    /// A number from 0 to below 1.
    pub fn double(&mut self) -> f64 {
        let high = i64::from(self.next(26)) << 27;
        (high + i64::from(self.next(27))) as f64 / (1i64 << 53) as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What OpenJDK prints; before version 19 it wrote a digit too many for some other numbers.
    #[test]
    fn doubles_are_written_as_java_writes_them() {
        let cases = [
            (0.0, "0.0"),
            (-0.0, "-0.0"),
            (1.0, "1.0"),
            (-2.5, "-2.5"),
            (100.0, "100.0"),
            (0.1, "0.1"),
            (1.0 / 3.0, "0.3333333333333333"),
            (1234567.0, "1234567.0"),
            (9999999.0, "9999999.0"),
            (1e7, "1.0E7"),
            (12345678.9, "1.23456789E7"),
            (0.001, "0.001"),
            (0.0001234, "1.234E-4"),
            (1e100, "1.0E100"),
            (f64::MAX, "1.7976931348623157E308"),
            (f64::from_bits(1), "4.9E-324"),
            (f64::INFINITY, "Infinity"),
            (f64::NEG_INFINITY, "-Infinity"),
            (f64::NAN, "NaN"),
        ];
        for (number, text) in cases {
            assert_eq!(to_string(number), text);
        }
    }

    #[test]
    fn floats_are_written_as_java_writes_them() {
        let cases = [
            (3.5f32, "3.5"),
            (0.1, "0.1"),
            (1.0 / 3.0, "0.33333334"),
            (16777216.0, "1.6777216E7"),
            (f32::MAX, "3.4028235E38"),
            (f32::from_bits(1), "1.4E-45"),
            (1e-3, "0.001"),
            (98.6, "98.6"),
        ];
        for (number, text) in cases {
            assert_eq!(to_string(number), text);
        }
    }

    #[test]
    fn numbers_are_read_as_java_reads_them() {
        assert_eq!(parse_integer(" -17 "), Some(-17));
        assert_eq!(parse_integer("+4"), Some(4));
        assert_eq!(parse_integer("4.0"), None);
        assert_eq!(parse_integer("2147483648"), None);
        assert_eq!(parse_float(" 1.5e3f"), Some(1500f32));
        assert_eq!(parse_float("-Infinity"), Some(f64::NEG_INFINITY));
        assert_eq!(parse_float::<f64>("inf"), None);
        assert_eq!(parse_float::<f64>(""), None);
    }

    /// `new java.util.Random(42)` of OpenJDK 17.
    #[test]
    fn random_numbers_are_javas() {
        let mut random = Random::new(42);
        let drawn: Vec<i32> = (0..3).map(|_| random.integer()).collect();
        assert_eq!(drawn, [-1170105035, 234785527, -1360544799]);
        let mut random = Random::new(42);
        let drawn: Vec<i32> = (0..5).map(|_| random.below(100)).collect();
        assert_eq!(drawn, [30, 63, 48, 84, 70]);
        let mut random = Random::new(-7);
        let drawn: Vec<i32> = (0..3).map(|_| random.below(16)).collect();
        let mut floats = Random::new(1);
        assert_eq!(to_string(floats.float()), "0.7308782");
        assert_eq!(to_string(floats.double()), "0.10047321632624884");
        assert_eq!(drawn, [4, 14, 10]);
    }
}
