//! The table of mappings: which pages are mapped, how, and what from.
//!
//! A sorted map of disjoint intervals, and pure data: it is what `/proc/PID/maps` shows, and the
//! authority on what an address means. The backends follow it. Neighbours that continue each
//! other are joined at once, so that the table is canonical: equal page by page means equal.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use super::{PAGE, Protection};

/// One mapping, as a line of `/proc/PID/maps` shows it (and [`fmt::Display`] writes it).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mapping {
    /// First address; a multiple of the page size.
    pub start: u64,
    /// First address behind it; a multiple of the page size.
    pub end: u64,
    /// What the guest may do there.
    pub protection: Protection,
    /// Whether stores are shared with the other mappings of the same object (and with other
    /// processes), rather than private.
    pub shared: bool,
    /// Byte offset of `start` inside the mapped object; zero for private anonymous memory.
    pub offset: u64,
    /// Device number, major and minor, of the mapped file; zeros without one.
    pub device: (u32, u32),
    /// Inode number of the mapped file; a serial number for shared anonymous memory; zero for
    /// private anonymous memory.
    pub inode: u64,
    /// A path, a label such as `[heap]` or `[stack]`, or nothing.
    pub name: Arc<str>,
}

impl Mapping {
    /// Private anonymous memory.
    pub(super) fn anonymous(range: Range<u64>, protection: Protection, name: &str) -> Mapping {
        Mapping {
            start: range.start,
            end: range.end,
            protection,
            shared: false,
            offset: 0,
            device: (0, 0),
            inode: 0,
            name: name.into(),
        }
    }

    /// Whether addresses correspond to offsets in an object, which its parts take along.
    pub(super) fn has_object(&self) -> bool {
        self.inode != 0
    }

    /// The part of this mapping inside `range`, which must overlap it.
    fn part(&self, range: &Range<u64>) -> Mapping {
        let (start, end) = (self.start.max(range.start), self.end.min(range.end));
        let skipped = if self.has_object() {
            start - self.start
        } else {
            0
        };
        Mapping {
            start,
            end,
            offset: self.offset + skipped,
            ..self.clone()
        }
    }

    /// Whether `next`, which starts where this ends, is more of the same.
    fn continues_in(&self, next: &Mapping) -> bool {
        let distance = if self.has_object() {
            self.end - self.start
        } else {
            0
        };
        self.end == next.start
            && self.protection == next.protection
            && self.shared == next.shared
            && self.device == next.device
            && self.inode == next.inode
            && self.offset.wrapping_add(distance) == next.offset
            && self.name == next.name
    }
}

/// The line of `/proc/PID/maps`, without its newline.
impl fmt::Display for Mapping {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sharing = if self.shared { 's' } else { 'p' };
        let line = format!(
            "{:08x}-{:08x} {}{sharing} {:08x} {:02x}:{:02x} {} ",
            self.start,
            self.end,
            self.protection,
            self.offset,
            self.device.0,
            self.device.1,
            self.inode
        );
        // The kernel puts names in column 73 where the numbers leave it free.
        match &*self.name {
            "" => f.write_str(&line),
            name => write!(f, "{line:<72} {name}"),
        }
    }
}

/// The mappings of one address space. All ranges are page aligned; empty ones do nothing.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Mappings {
    by_start: BTreeMap<u64, Mapping>,
}

impl Mappings {
    /// All of them in order of address.
    pub(super) fn iter(&self) -> impl Iterator<Item = &Mapping> {
        self.by_start.values()
    }

    /// The mapping at `address`.
    pub(super) fn at(&self, address: u64) -> Option<&Mapping> {
        let (_, mapping) = self.by_start.range(..=address).next_back()?;
        (address < mapping.end).then_some(mapping)
    }

    /// The parts of the mappings that lie in `range`, in order of address.
    pub(super) fn parts<'a>(&'a self, range: &Range<u64>) -> impl Iterator<Item = Mapping> + 'a {
        let range = range.clone();
        // The mapping that holds the start begins before it; nothing holds an empty range.
        let first = match self.at(range.start) {
            Some(mapping) if !range.is_empty() => mapping.start,
            _ => range.start,
        };
        self.by_start
            .range(first..range.end.max(first))
            .map(move |(_, m)| m.part(&range))
    }

    /// The first address in `range` where nothing is mapped.
    pub(super) fn first_hole(&self, range: &Range<u64>) -> Option<u64> {
        let mut address = range.start;
        while address < range.end {
            match self.at(address) {
                Some(mapping) => address = mapping.end,
                None => return Some(address),
            }
        }
        None
    }

    /// Whether nothing is mapped in `range`.
    pub(super) fn is_free(&self, range: &Range<u64>) -> bool {
        self.parts(range).next().is_none()
    }

    /// Highest start of a free gap of `length` bytes inside `within`.
    pub(super) fn highest_gap(&self, length: u64, within: &Range<u64>) -> Option<u64> {
        let mut ceiling = within.end;
        for mapping in self
            .by_start
            .range(..within.end)
            .rev()
            .map(|(_, mapping)| mapping)
        {
            if ceiling.saturating_sub(mapping.end.max(within.start)) >= length {
                break;
            }
            ceiling = mapping.start;
            if ceiling <= within.start {
                return None;
            }
        }
        ceiling
            .checked_sub(length)
            .filter(|start| *start >= within.start)
    }

    /// Lowest start of a free gap of `length` bytes inside `within`.
    pub(super) fn lowest_gap(&self, length: u64, within: &Range<u64>) -> Option<u64> {
        let mut floor = within.start;
        for mapping in self.parts(within) {
            if mapping.start - floor >= length {
                break;
            }
            floor = mapping.end;
        }
        let end = floor.checked_add(length)?;
        (end <= within.end).then_some(floor)
    }

    /// Adds a mapping in place of whatever was in its range.
    pub(super) fn insert(&mut self, mapping: Mapping) {
        let range = mapping.start..mapping.end;
        if range.is_empty() {
            return;
        }
        self.remove(&range);
        self.by_start.insert(mapping.start, mapping);
        self.join(&range);
    }

    /// Removes what is mapped in `range`.
    pub(super) fn remove(&mut self, range: &Range<u64>) {
        for start in self.isolate(range) {
            self.by_start.remove(&start);
        }
    }

    /// Applies `change` to the parts of the mappings in `range`. It must leave the addresses alone.
    pub(super) fn change(&mut self, range: &Range<u64>, mut change: impl FnMut(&mut Mapping)) {
        for start in self.isolate(range) {
            if let Some(mapping) = self.by_start.get_mut(&start) {
                change(mapping);
            }
        }
        self.join(range);
    }

    /// Moves the mappings in `range` to `target`, replacing what was there. Source and target must
    /// not overlap.
    pub(super) fn relocate(&mut self, range: &Range<u64>, target: u64) {
        let moved: Vec<Mapping> = self.parts(range).collect();
        self.remove(range);
        self.remove(&(target..target + (range.end - range.start)));
        for mapping in moved {
            let start = mapping.start - range.start + target;
            let end = mapping.end - range.start + target;
            self.insert(Mapping {
                start,
                end,
                ..mapping
            });
        }
    }

    /// Splits the mappings that straddle a border of `range`; the starts of those inside.
    fn isolate(&mut self, range: &Range<u64>) -> Vec<u64> {
        if range.is_empty() {
            return Vec::new();
        }
        for border in [range.start, range.end] {
            if let Some(whole) = self.at(border).filter(|m| m.start != border).cloned() {
                let (low, high) = (
                    whole.part(&(whole.start..border)),
                    whole.part(&(border..whole.end)),
                );
                self.by_start.insert(low.start, low);
                self.by_start.insert(high.start, high);
            }
        }
        self.by_start
            .range(range.clone())
            .map(|(start, _)| *start)
            .collect()
    }

    /// Joins the mappings in and around `range` that continue each other.
    fn join(&mut self, range: &Range<u64>) {
        let before = range.start.saturating_sub(PAGE);
        let first = self.at(before).map_or(range.start, |mapping| mapping.start);
        let starts: Vec<u64> = self
            .by_start
            .range(first..=range.end)
            .map(|(s, _)| *s)
            .collect();
        let mut current = None;
        for start in starts {
            let joined = current.and_then(|current| {
                let next = self.by_start.get(&start)?.clone();
                let previous = self.by_start.get_mut(&current)?;
                previous
                    .continues_in(&next)
                    .then(|| previous.end = next.end)
            });
            match joined {
                Some(()) => drop(self.by_start.remove(&start)),
                None => current = Some(start),
            }
        }
    }
}
