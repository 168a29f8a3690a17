//! Numbers for people.

/// A number with a comma after every three digits.
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A number in so many columns: in full if it fits, or else in thousands, millions, and so on.
pub fn compact(number: u64, columns: usize) -> String {
    let full = grouped(number);
    if full.len() <= columns {
        return full;
    }
    let mut rest = number as f64;
    for unit in ["k", "M", "G", "T", "P"] {
        rest /= 1000.0;
        if rest < 999.95 {
            return format!("{rest:.1}{unit}");
        }
    }
    format!("{rest:.0}P")
}

/// A part of a whole, in percent; of nothing, none.
pub fn percent(part: u64, whole: u64) -> f64 {
    100.0 * part as f64 / whole.max(1) as f64
}

/// A text in so many columns; one that is too long keeps its beginning.
pub fn fitted(text: &str, columns: usize) -> String {
    match text.chars().count() <= columns {
        true => text.to_owned(),
        false => {
            let kept: String = text.chars().take(columns.saturating_sub(2)).collect();
            kept + ".."
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commas_stand_before_every_three_digits() {
        let texts = [0, 999, 1000, 123_456, 1_234_567].map(grouped);
        assert_eq!(texts, ["0", "999", "1,000", "123,456", "1,234,567"]);
    }

    #[test]
    fn what_does_not_fit_has_a_unit() {
        let texts = [99_999, 123_456, 999_960, 12_345_678_901].map(|number| compact(number, 6));
        assert_eq!(texts, ["99,999", "123.5k", "1.0M", "12.3G"]);
    }

    #[test]
    fn what_is_too_long_ends_in_dots() {
        assert_eq!(fitted("portolan", 8), "portolan");
        assert_eq!(fitted("portolans", 8), "portol..");
    }
}
