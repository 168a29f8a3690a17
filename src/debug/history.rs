//! The history of a hart: of each step what it changed, to go back and forth.
//!
//! A change is kept as the exclusive or of before and after. It says the same in both directions, changes of one
//! place may be made in any order, and its leading zeros need not be kept: a step takes some 15 to 30 bytes.

use portolan_machine::memory::Saved;
use portolan_machine::registers::Slot;
use std::collections::{BTreeMap, VecDeque};

/// Steps of which the place is kept together, and which are dropped together.
const STEPS_IN_CHUNK: usize = 1 << 14;

/// One thing that a step changed, or a place that it read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change<'a> {
    /// A register.
    Register(Slot, u64),
    /// The pc.
    Pc(u64),
    /// What the next instruction is inside of.
    Inside(u8),
    /// Memory was stored to by the instruction: these bytes. They may be the same as before.
    Store(u64, &'a [u8]),
    /// Memory was loaded by the instruction: so many bytes.
    Load(u64, u8),
    /// Memory was written by somebody else.
    Write(u64, &'a [u8]),
    /// Mappings: the number of what the pages were on the other side.
    Maps(u32),
}

const REGISTER: u8 = 0;
const PC: u8 = 1;
const INSIDE: u8 = 2;
const STORE: u8 = 3;
const LOAD: u8 = 4;
const WRITE: u8 = 5;
const MAPS: u8 = 6;

/// What one step changed, being written down: a byte that says what and how long, what it is about, the difference.
#[derive(Default)]
pub struct Step(Vec<u8>);

impl Step {
    /// Notes a change, unless it is none.
    pub fn push(&mut self, change: Change<'_>) {
        match change {
            Change::Register(_, 0) | Change::Pc(0) | Change::Inside(0) => {}
            Change::Register(slot, delta) => {
                self.0.extend([REGISTER | bytes(delta) << 3, slot]);
                self.number(delta);
            }
            Change::Pc(delta) => {
                self.0.push(PC | bytes(delta) << 3);
                self.number(delta);
            }
            Change::Inside(delta) => self.0.extend([INSIDE, delta]),
            Change::Store(address, delta) => {
                self.0.push(STORE | (delta.len() as u8) << 3);
                self.0.extend(address.to_le_bytes());
                self.0.extend(delta);
            }
            Change::Load(address, length) => {
                self.0.push(LOAD | length << 3);
                self.0.extend(address.to_le_bytes());
            }
            Change::Write(address, delta) => {
                self.0.push(WRITE);
                self.0.extend(address.to_le_bytes());
                self.0.extend((delta.len() as u32).to_le_bytes());
                self.0.extend(delta);
            }
            Change::Maps(number) => {
                self.0.push(MAPS);
                self.0.extend(number.to_le_bytes());
            }
        }
    }

    fn number(&mut self, delta: u64) {
        let length = usize::from(bytes(delta));
        self.0.extend(&delta.to_le_bytes()[..length]);
    }

    /// Notes the changes of another step after its own.
    pub fn append(&mut self, other: &Step) {
        self.0.extend(&other.0);
    }

    /// Forgets all changes.
    pub fn clear(&mut self) {
        self.0.clear();
    }

    /// Whether nothing changed.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// The bytes of a number without leading zeros.
fn bytes(number: u64) -> u8 {
    (8 - number.leading_zeros() / 8) as u8
}

/// The changes of a step, in order.
#[derive(Clone)]
pub struct Changes<'a>(&'a [u8]);

impl<'a> Changes<'a> {
    fn take(&mut self, length: usize) -> &'a [u8] {
        let (part, rest) = self.0.split_at(length);
        self.0 = rest;
        part
    }

    fn number(&mut self, length: u8) -> u64 {
        let mut number = [0; 8];
        number[..usize::from(length)].copy_from_slice(self.take(usize::from(length)));
        u64::from_le_bytes(number)
    }
}

impl<'a> Iterator for Changes<'a> {
    type Item = Change<'a>;

    fn next(&mut self) -> Option<Change<'a>> {
        if self.0.is_empty() {
            return None;
        }
        let head = self.take(1)[0];
        let length = head >> 3;
        Some(match head & 7 {
            REGISTER => Change::Register(self.take(1)[0], self.number(length)),
            PC => Change::Pc(self.number(length)),
            INSIDE => Change::Inside(self.take(1)[0]),
            STORE => Change::Store(self.number(8), self.take(usize::from(length))),
            LOAD => Change::Load(self.number(8), length),
            WRITE => {
                let (address, length) = (self.number(8), self.number(4));
                Change::Write(address, self.take(length as usize))
            }
            _ => Change::Maps(self.number(4) as u32),
        })
    }
}

#[derive(Default)]
struct Chunk {
    bytes: Vec<u8>,
    /// Where each step begins.
    starts: Vec<u32>,
}

/// The steps of a hart, the oldest of which are dropped when they take too much memory, and a place among them: where
/// the hart is.
pub struct History {
    chunks: VecDeque<Chunk>,
    /// The number of the first step that is kept.
    first: u64,
    /// The number of the next step to go forward; as many as there are where the hart is at the newest.
    position: u64,
    end: u64,
    size: usize,
    most: usize,
    /// What pages were on the other side of changes of mappings, by number, with the step.
    maps: BTreeMap<u32, (u64, Saved)>,
    next_maps: u32,
    /// Why nothing before the first step is kept.
    beginning: Option<String>,
}

impl History {
    /// An empty history that takes about `most` bytes at most.
    pub fn new(most: usize) -> History {
        History {
            chunks: VecDeque::new(),
            first: 0,
            position: 0,
            end: 0,
            size: 0,
            most,
            maps: BTreeMap::new(),
            next_maps: 0,
            beginning: None,
        }
    }

    /// The steps from the first ever to the place where the hart is.
    pub fn position(&self) -> u64 {
        self.position
    }

    /// The steps that can be gone back, from the last.
    pub fn backwards(&self) -> impl Iterator<Item = Changes<'_>> {
        let numbers = (self.first..self.position).rev();
        numbers.filter_map(|number| self.step(number))
    }

    /// Steps that can be gone back.
    pub fn behind(&self) -> u64 {
        self.position - self.first
    }

    /// Steps that were gone back, and can be gone forward again.
    pub fn ahead(&self) -> u64 {
        self.end - self.position
    }

    /// The bytes of memory that it takes.
    pub fn size(&self) -> usize {
        self.size
    }

    /// Why it does not begin earlier, if not since there is nothing earlier.
    pub fn beginning(&self) -> Option<&str> {
        self.beginning.as_deref()
    }

    /// Notes a step that the hart took.
    pub fn push(&mut self, step: &Step) {
        debug_assert_eq!(self.position, self.end);
        let is_full = |chunk: &Chunk| {
            chunk.starts.len() >= STEPS_IN_CHUNK || chunk.bytes.len() > u32::MAX as usize / 2
        };
        if self.chunks.back().is_none_or(is_full) {
            self.chunks.push_back(Chunk::default());
        }
        if let Some(chunk) = self.chunks.back_mut() {
            chunk.starts.push(chunk.bytes.len() as u32);
            chunk.bytes.extend(&step.0);
        }
        self.end += 1;
        self.position += 1;
        self.size += step.0.len() + size_of::<u32>();
        while self.size > self.most && self.chunks.len() > 1 {
            self.drop_oldest();
        }
    }

    /// Takes the step back that was noted last, to note more of it.
    pub fn reopen(&mut self, step: &mut Step) -> bool {
        step.clear();
        if self.position == self.first || self.position != self.end {
            return false;
        }
        let Some(chunk) = self.chunks.back_mut() else {
            return false;
        };
        let Some(start) = chunk.starts.pop() else {
            return false;
        };
        step.0.extend(chunk.bytes.drain(start as usize..));
        if chunk.starts.is_empty() {
            self.chunks.pop_back();
        }
        self.end -= 1;
        self.position -= 1;
        self.size -= step.0.len() + size_of::<u32>();
        true
    }

    fn drop_oldest(&mut self) {
        let Some(chunk) = self.chunks.pop_front() else {
            return;
        };
        self.first += chunk.starts.len() as u64;
        self.size -= chunk.bytes.len() + chunk.starts.len() * size_of::<u32>();
        let first = self.first;
        let size = &mut self.size;
        self.maps.retain(|_, (step, saved)| {
            let stays = *step >= first;
            *size -= if stays { 0 } else { saved.size() };
            stays
        });
        self.beginning = Some(format!(
            "older steps were dropped: the history may take {} MiB",
            self.most >> 20
        ));
    }

    /// Forgets everything: from here on nothing before can be gone back to.
    pub fn begin_anew(&mut self, why: String) {
        *self = History {
            first: self.position,
            position: self.position,
            end: self.position,
            next_maps: self.next_maps,
            beginning: Some(why),
            ..History::new(self.most)
        };
    }

    /// Forgets the steps that were gone back. How many.
    pub fn forget_ahead(&mut self) -> u64 {
        let forgotten = self.ahead();
        for _ in 0..forgotten {
            let Some(chunk) = self.chunks.back_mut() else {
                break;
            };
            if let Some(start) = chunk.starts.pop() {
                self.size -= chunk.bytes.len() - start as usize + size_of::<u32>();
                chunk.bytes.truncate(start as usize);
            }
            if chunk.starts.is_empty() {
                self.chunks.pop_back();
            }
        }
        self.end = self.position;
        let (end, size) = (self.end, &mut self.size);
        self.maps.retain(|_, (step, saved)| {
            let stays = *step < end;
            *size -= if stays { 0 } else { saved.size() };
            stays
        });
        forgotten
    }

    /// Keeps what pages were before something that belongs to the last step; the result is its number.
    pub fn keep_maps(&mut self, saved: Saved) -> u32 {
        let number = self.next_maps;
        self.next_maps += 1;
        self.size += saved.size();
        self.maps
            .insert(number, (self.position.saturating_sub(1), saved));
        number
    }

    /// What is kept under a number.
    pub fn maps(&self, number: u32) -> Option<&Saved> {
        self.maps.get(&number).map(|(_, saved)| saved)
    }

    /// Keeps something else under it.
    pub fn replace_maps(&mut self, number: u32, saved: Saved) {
        if let Some((_, kept)) = self.maps.get_mut(&number) {
            self.size = self.size - kept.size() + saved.size();
            *kept = saved;
        }
    }

    /// The step before the place where the hart is.
    pub fn last(&self) -> Option<Changes<'_>> {
        self.position.checked_sub(1).and_then(|n| self.step(n))
    }

    /// The step after it.
    pub fn next(&self) -> Option<Changes<'_>> {
        self.step(self.position)
    }

    /// The hart has gone back a step.
    pub fn went_back(&mut self) {
        self.position -= 1;
    }

    /// It has gone forward a step.
    pub fn went_forward(&mut self) {
        self.position += 1;
    }

    fn step(&self, number: u64) -> Option<Changes<'_>> {
        let behind = number.checked_sub(self.first)?;
        if number >= self.end {
            return None;
        }
        // All chunks but the last, and those that were cut off, are full.
        let mut at = behind as usize / STEPS_IN_CHUNK;
        let mut within = behind as usize % STEPS_IN_CHUNK;
        while within >= self.chunks.get(at)?.starts.len() {
            within -= self.chunks[at].starts.len();
            at += 1;
        }
        let chunk = &self.chunks[at];
        let start = chunk.starts[within] as usize;
        let end = chunk.starts.get(within + 1);
        let end = end.map_or(chunk.bytes.len(), |end| *end as usize);
        Some(Changes(&chunk.bytes[start..end]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn step(delta: u64) -> Step {
        let mut step = Step::default();
        step.push(Change::Pc(delta));
        step
    }

    #[test]
    fn changes_are_read_as_they_were_noted() {
        let bytes = [7; 8];
        let long = [1; 300];
        let changes = [
            Change::Register(255, u64::MAX),
            Change::Register(0, 0x100),
            Change::Pc(4),
            Change::Inside(3),
            Change::Store(u64::MAX, &bytes),
            Change::Store(1, &bytes[..1]),
            Change::Load(0x7fff_ffff_ffff, 16),
            Change::Write(9, &long),
            Change::Maps(70000),
        ];
        let mut step = Step::default();
        changes.iter().for_each(|change| step.push(*change));
        step.push(Change::Pc(0));
        let mut history = History::new(1 << 20);
        history.push(&step);
        let read: Vec<Change<'_>> = history.last().expect("a step").collect();
        assert_eq!(read, changes);
    }

    #[test]
    fn the_oldest_steps_are_dropped_and_the_way_back_ends_there() {
        let mut history = History::new(1 << 20);
        let steps = 1_000_000;
        for n in 1..=steps {
            history.push(&step(n));
        }
        assert!(history.size() <= 1 << 20 && history.beginning().is_some());
        let kept = history.behind();
        assert!(kept > 50_000 && kept < steps, "{kept}");
        for n in (steps - kept + 1..=steps).rev() {
            assert_eq!(history.last().expect("kept").next(), Some(Change::Pc(n)));
            history.went_back();
        }
        assert!(history.last().is_none() && history.ahead() == kept);
        history.went_forward();
        assert_eq!(history.forget_ahead(), kept - 1);
        let mut last = Step::default();
        assert!(history.reopen(&mut last) && !history.reopen(&mut last));
    }
}
