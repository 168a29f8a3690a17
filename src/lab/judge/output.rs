//! Comparing what programs write.

use crate::lab::file::{Compare, expression};
use crate::lab::report::Difference;

/// Lines around the first that differs.
const SHOWN: usize = 3;

/// What differs, if anything does.
pub fn difference(what: &str, expected: &str, got: &[u8], compare: Compare) -> Option<Difference> {
    let text = String::from_utf8_lossy(got);
    let (wanted, found): (Vec<&str>, Vec<&str>) = match compare {
        Compare::Exact if expected.as_bytes() == got => return None,
        Compare::Exact => (
            expected.split_inclusive('\n').collect(),
            text.split_inclusive('\n').collect(),
        ),
        Compare::Trimmed => {
            let lines = |text| str::trim_end(text).lines().map(str::trim_end);
            (lines(expected).collect(), lines(&text).collect())
        }
        Compare::Regex => {
            // It was looked at when the lab was read.
            if expression(expected).is_ok_and(|it| it.is_match(&text)) {
                return None;
            }
            let pattern = format!("(a regular expression) {}", expected.trim());
            return Some(Difference::between(what, pattern, shortened(&text)));
        }
    };
    if wanted == found {
        return None;
    }
    let same = wanted
        .iter()
        .zip(&found)
        .take_while(|(a, b)| a == b)
        .count();
    let show = |lines: &[&str]| match lines.get(same..) {
        None | Some([]) => "(the end)".to_owned(),
        Some(rest) => {
            let shown = rest.iter().take(SHOWN).map(|line| match compare {
                // What one does not see matters.
                Compare::Exact => format!("{line:?}"),
                _ => shortened(line),
            });
            let mut shown: Vec<String> = shown.collect();
            if rest.len() > SHOWN {
                shown.push("...".to_owned());
            }
            shown.join("\n")
        }
    };
    let what = format!("{what}, from line {}", same + 1);
    Some(Difference::between(what, show(&wanted), show(&found)))
}

fn shortened(text: &str) -> String {
    const LONGEST: usize = 200;
    match text.char_indices().nth(LONGEST) {
        Some((at, _)) => format!("{}...", &text[..at]),
        None => text.trim_end().to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn white_space_at_ends_matters_where_it_is_said() {
        let trimmed = |a: &str, b: &str| difference("it", a, b.as_bytes(), Compare::Trimmed);
        assert_eq!(trimmed("1 \n2", "1\n2\n\n"), None);
        assert!(trimmed("1\n2", "1 2").is_some() && trimmed("1", " 1").is_some());
        let exact = |a: &str, b: &str| difference("it", a, b.as_bytes(), Compare::Exact);
        assert_eq!(exact("1\n", "1\n"), None);
        let found = exact("1\n", "1").expect("a line without an end");
        assert_eq!(found.expected.as_deref(), Some(r#""1\n""#));
        let regex = |a: &str, b: &str| difference("it", a, b.as_bytes(), Compare::Regex);
        assert_eq!(regex("sum.*: 5", "sum of 2: 5\n"), None);
        assert!(
            regex("sum: 5", "sum: 55").is_some(),
            "all of it has to match"
        );
    }

    #[test]
    fn the_first_lines_that_differ_are_shown() {
        let found = difference("it", "a\nb\nc", b"a\nx", Compare::Trimmed).expect("b is not x");
        assert_eq!(found.what, "it, from line 2");
        assert_eq!(found.expected.as_deref(), Some("b\nc"));
        assert_eq!(found.got.as_deref(), Some("x"));
    }
}
