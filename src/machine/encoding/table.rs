//! Finds the row of an instruction word.

use super::Pattern;

/// Patterns sorted into buckets by a few bits of the word.
#[derive(Debug)]
pub struct Table {
    /// The bits that choose the bucket, lowest first.
    key: Vec<u8>,
    /// Candidates per bucket, most fixed bits first.
    buckets: Vec<Vec<u16>>,
}

impl Table {
    /// Sorts patterns by the bits in `key_mask`: best those that most patterns fix.
    pub fn new(patterns: &[Pattern], bits: u8, key_mask: u32) -> Table {
        Table::of(patterns, key_mask, |n| patterns[n].bits == bits)
    }

    /// The same for some of the patterns, by their indices.
    pub fn of(patterns: &[Pattern], key_mask: u32, belongs: impl Fn(usize) -> bool) -> Table {
        let key: Vec<u8> = (0..32).filter(|bit| key_mask & (1 << bit) != 0).collect();
        let mut order: Vec<u16> = (0u16..)
            .take(patterns.len())
            .filter(|&n| belongs(usize::from(n)))
            .collect();
        order.sort_by_key(|&n| std::cmp::Reverse(patterns[usize::from(n)].mask.count_ones()));
        let bucket = |number: u32| {
            let word = key
                .iter()
                .enumerate()
                .fold(0, |w, (n, bit)| w | ((number >> n) & 1) << bit);
            let fits = |&n: &u16| {
                let pattern = &patterns[usize::from(n)];
                (word ^ pattern.value) & pattern.mask & key_mask == 0
            };
            order.iter().copied().filter(fits).collect()
        };
        let buckets = (0..1u32 << key.len()).map(bucket).collect();
        Table { key, buckets }
    }

    /// The first pattern, among those most specific, that matches the word.
    pub fn find(&self, patterns: &[Pattern], word: u32) -> Option<u16> {
        let bucket = self
            .key
            .iter()
            .enumerate()
            .fold(0, |b, (n, &bit)| b | ((word >> bit) & 1) << n);
        let candidates = &self.buckets[bucket as usize];
        candidates
            .iter()
            .copied()
            .find(|&n| patterns[usize::from(n)].matches(word))
    }
}
