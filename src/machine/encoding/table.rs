//! Finds the row of an instruction word.

use super::Pattern;

/// Patterns sorted into buckets by a few bits of the word.
#[derive(Debug)]
pub struct Table {
    /// The bits that choose the bucket: runs of neighbours, lowest first.
    key: Vec<Run>,
    /// The candidates of each bucket, one bucket after the other, most fixed bits first.
    candidates: Vec<Candidate>,
    /// Where each bucket starts among them, and where the last one ends.
    starts: Vec<u32>,
}

/// Bits of a word that are neighbours in the number of a bucket, too.
#[derive(Debug)]
struct Run {
    /// How far they are shifted down.
    shift: u8,
    /// Where they are then.
    mask: u32,
}

/// A pattern, with what most words are told from it by at hand.
#[derive(Clone, Copy, Debug, Default)]
struct Candidate {
    mask: u32,
    value: u32,
    pattern: u16,
}

impl Table {
    /// Sorts patterns by the bits in `key_mask`: best those that most patterns fix.
    pub fn new(patterns: &[Pattern], bits: u8, key_mask: u32) -> Table {
        Table::of(patterns, key_mask, |n| patterns[n].bits == bits)
    }

    /// The same for some of the patterns, by their indices.
    pub fn of(patterns: &[Pattern], key_mask: u32, belongs: impl Fn(usize) -> bool) -> Table {
        let key = runs(key_mask);
        let mut order: Vec<u16> = (0u16..)
            .take(patterns.len())
            .filter(|&n| belongs(usize::from(n)))
            .collect();
        order.sort_by_key(|&n| std::cmp::Reverse(patterns[usize::from(n)].mask.count_ones()));
        let all = gather(&key, u32::MAX);
        // A pattern goes into every bucket whose number agrees with the bits that it fixes.
        let buckets = |pattern: &Pattern| {
            let fixed = gather(&key, pattern.mask);
            let number = gather(&key, pattern.value);
            let free = all & !fixed;
            std::iter::successors(Some(free), move |&set| Some(set.checked_sub(1)? & free))
                .map(move |set| (number | set) as usize)
        };
        let mut starts = vec![0; all as usize + 2];
        for &n in &order {
            for bucket in buckets(&patterns[usize::from(n)]) {
                starts[bucket + 1] += 1;
            }
        }
        for bucket in 1..starts.len() {
            starts[bucket] += starts[bucket - 1];
        }
        let mut next = starts.clone();
        let mut candidates = vec![Candidate::default(); starts[all as usize + 1] as usize];
        for &n in &order {
            let pattern = &patterns[usize::from(n)];
            for bucket in buckets(pattern) {
                candidates[next[bucket] as usize] = Candidate {
                    mask: pattern.mask,
                    value: pattern.value,
                    pattern: n,
                };
                next[bucket] += 1;
            }
        }
        Table {
            key,
            candidates,
            starts,
        }
    }

    /// The first pattern, among those most specific, that matches the word.
    pub fn find(&self, patterns: &[Pattern], word: u32) -> Option<u16> {
        let bucket = gather(&self.key, word) as usize;
        let range = self.starts[bucket] as usize..self.starts[bucket + 1] as usize;
        let matching = self.candidates[range].iter().find(|candidate| {
            word & candidate.mask == candidate.value
                && patterns[usize::from(candidate.pattern)].matches(word)
        });
        matching.map(|candidate| candidate.pattern)
    }
}

/// The runs of set bits, to be put side by side.
fn runs(mut mask: u32) -> Vec<Run> {
    let mut runs = Vec::new();
    let mut place = 0;
    while mask != 0 {
        let lowest = mask.trailing_zeros();
        let length = (mask >> lowest).trailing_ones();
        let bits = u32::MAX >> (32 - length);
        runs.push(Run {
            shift: (lowest - place) as u8,
            mask: bits << place,
        });
        mask &= !(bits << lowest);
        place += length;
    }
    runs
}

/// The bits of a word that runs are of, side by side.
fn gather(key: &[Run], word: u32) -> u32 {
    key.iter()
        .fold(0, |bits, run| bits | word >> run.shift & run.mask)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const PATTERNS: [&str; 7] = [
        "0000000 rs2 rs1 000 rd 0110011",
        "imm rs1 000 rd 0010011",
        "imm rs1 010 rd 0010011",
        "000000000000 00000 000 00000 0010011",
        "imm rs1 000 rd 0000011",
        "rest rd 0110111",
        "imm rs1 001 rd 0010011",
    ];

    fn patterns() -> Vec<Pattern> {
        let width = |name: &str| match name {
            "rd" | "rs1" | "rs2" => Some(5),
            "imm" => Some(12),
            "rest" => Some(20),
            _ => None,
        };
        let patterns = PATTERNS.iter();
        patterns.map(|text| Pattern::parse(text, width)).collect()
    }

    #[test]
    fn bits_side_by_side() {
        let key = runs(0xfc00_707c);
        assert_eq!(gather(&key, 0xfc00_707c), 0x3fff);
        assert_eq!(gather(&key, 0x0400_1004), 0b1_0010_0001);
        assert_eq!(gather(&runs(u32::MAX), 0x1234_5678), 0x1234_5678);
    }

    proptest! {
        #[test]
        fn the_most_specific_pattern_is_found(word: u32, row in 0..PATTERNS.len(), any: bool) {
            let patterns = patterns();
            // Most words are none of the patterns.
            let chosen = &patterns[row];
            let word = if any { word } else { word & !chosen.mask | chosen.value };
            let table = Table::new(&patterns, 32, 0x707c);
            let found = table.find(&patterns, word).map(usize::from);
            let matching = (0..patterns.len()).filter(|n| patterns[*n].matches(word));
            let expected = matching.max_by_key(|n| patterns[*n].mask.count_ones());
            prop_assert_eq!(found, expected);
        }
    }
}
