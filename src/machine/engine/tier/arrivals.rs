//! What the interpreter notes for the compiler: above all, where jumps were seen to go, so that the
//! places that a computed jump goes to are compiled together with it.
//!
//! Not every arrival is noted, but those of every block in the same way, at irregular intervals: so
//! the places that a jump goes to often are noted often, and a program that repeats itself is not
//! always looked at in the same place.

use crate::jit::Entry;
use std::cmp::Reverse;
use std::collections::HashMap;

/// The most places that are noted for a jump.
const MOST_PLACES: usize = 250;

/// The most regions that a function, or a place that computed jumps lead to, becomes a part of by way of
/// them: bounds what compiling costs.
const MOST_CLAIMS: usize = 2;

/// Where jumps went.
#[derive(Default)]
pub struct Arrivals {
    /// By the address of the jump: the places, and how often each was noted.
    by_jump: HashMap<u64, Vec<(u64, u32)>>,
    /// How many instructions had retired when a place became hot.
    hot: HashMap<u64, u64>,
    /// The entries of the regions that have what is at a place.
    claims: HashMap<u64, Vec<Entry>>,
}

impl Arrivals {
    /// A jump went to a place.
    pub fn note(&mut self, jump: u64, place: u64) {
        let places = self.by_jump.entry(jump).or_default();
        if let Some((_, times)) = places.iter_mut().find(|(known, _)| *known == place) {
            *times = times.saturating_add(1);
        } else if places.len() < MOST_PLACES {
            places.push((place, 1));
        }
    }

    /// Where a jump went, most often first.
    pub fn of(&self, jump: u64) -> Vec<u64> {
        let mut places = self.by_jump.get(&jump).cloned().unwrap_or_default();
        places.sort_by_key(|(_, times)| Reverse(*times));
        places.into_iter().map(|(place, _)| place).collect()
    }

    /// A place is hot, after so many instructions.
    pub fn hot(&mut self, place: u64, retired: u64) {
        self.hot.entry(place).or_insert(retired);
    }

    /// After how many instructions a place became hot, if it is.
    pub fn became_hot(&self, place: u64) -> Option<u64> {
        self.hot.get(&place).copied()
    }

    /// Whether the region of an entry should have what is at a place, which then counts.
    pub fn claim(&mut self, place: u64, by: Entry) -> bool {
        let claims = self.claims.entry(place).or_default();
        let is_free = claims.len() < MOST_CLAIMS;
        let is_by = claims.contains(&by);
        if is_free && !is_by {
            claims.push(by);
        }
        is_free || is_by
    }

    /// Forgets everything.
    pub fn clear(&mut self) {
        self.by_jump.clear();
        self.hot.clear();
        self.claims.clear();
    }
}

/// After how many entries of a block, of which it had `heat`, its next arrival is to be noted.
pub fn next_look(heat: u32) -> u32 {
    match heat {
        0..8 => heat + 1,
        // Fibonacci hashing: six bits that look random.
        _ => heat + 32 + (heat.wrapping_mul(0x9e37_79b9) >> 26),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_in_the_order_of_their_frequency() {
        let mut arrivals = Arrivals::default();
        for place in [8, 4, 4, 12, 4, 8] {
            arrivals.note(0x100, place);
        }
        assert_eq!(arrivals.of(0x100), [4, 8, 12]);
        assert_eq!(arrivals.of(0x200), []);
        for place in 0..1000 {
            arrivals.note(0x300, place);
        }
        assert_eq!(arrivals.of(0x300).len(), MOST_PLACES);
    }

    #[test]
    fn a_place_is_for_few_regions() {
        let region = |pc| Entry {
            pc,
            mode: 0,
            halves: true,
            floats: true,
        };
        let mut arrivals = Arrivals::default();
        for (by, is_granted) in [(4, true), (8, true), (12, false), (8, true), (4, true)] {
            assert_eq!(arrivals.claim(0x100, region(by)), is_granted, "{by}");
        }
    }

    #[test]
    fn every_phase_of_a_loop_is_looked_at() {
        let looks = || std::iter::successors(Some(8), |heat| Some(next_look(*heat)));
        for period in 1..=64 {
            let mut phases: Vec<u32> = looks().take(2000).map(|heat| heat % period).collect();
            phases.sort();
            phases.dedup();
            assert_eq!(phases.len() as u32, period);
        }
    }
}
