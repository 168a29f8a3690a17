//! The whole interface against a model: an array of pages, in the plainest words.

use proptest::prelude::*;

use super::*;

const PAGES: u64 = 16;
/// The space is just larger than the pages that are played with.
const BITS: u32 = 16;

#[derive(Clone)]
struct Page {
    protection: Protection,
    bytes: [u8; PAGE as usize],
    /// Bears the mark of translated code.
    code: bool,
}

impl Page {
    fn new(protection: Protection) -> Page {
        Page {
            protection,
            bytes: [0; PAGE as usize],
            code: false,
        }
    }
}

struct Model {
    pages: Vec<Option<Page>>,
    /// Whether a marked page changed in the current step.
    stale: bool,
}

#[derive(Clone, Debug)]
enum Step {
    Map(u64, u64, u8),
    Unmap(u64, u64),
    Protect(u64, u64, u8),
    Remap(u64, u64, u64, u64),
    Load(usize, u64),
    Store(usize, u64, u64),
    Rmw(usize, usize, u64, u64),
    CompareExchange(usize, u64, u64),
    Read(u64, u64),
    Write(u64, u64, u8),
    Fill(u64, u64, u8),
    Poke(u64, u64, u8),
    Fetch(u64),
    Cstring(u64, usize),
    Mark(u64, u64),
}

impl Model {
    fn page(&self, address: u64) -> Option<&Page> {
        self.pages.get((address / PAGE) as usize)?.as_ref()
    }

    fn byte(&mut self, address: u64) -> Option<&mut u8> {
        let page = self.pages.get_mut((address / PAGE) as usize)?.as_mut()?;
        Some(&mut page.bytes[(address % PAGE) as usize])
    }

    /// How many of `length` bytes may be accessed, and the fault of the one after.
    fn reach(&self, address: u64, length: u64, intent: Intent) -> (u64, Option<Fault>) {
        for done in 0..length {
            let at = address.wrapping_add(done);
            let cause = match self.page(at) {
                None => Cause::Unmapped,
                Some(page) if !page.protection.permits(intent) => Cause::Protection,
                Some(_) => continue,
            };
            return (done, Some(fault(intent, cause, at)));
        }
        (length, None)
    }

    fn check(&self, a: Access, address: u64, intent: Intent) -> Result<(), Fault> {
        self.reach(address, a.bytes.into(), intent)
            .1
            .map_or(Ok(()), Err)
    }

    fn disturb(&mut self, start: u64, length: u64) {
        let pages = self.pages.iter_mut().enumerate();
        for (_, page) in pages.filter(|(number, _)| {
            let page = *number as u64 * PAGE;
            page < start + length && page + PAGE > start
        }) {
            if let Some(page) = page {
                self.stale |= std::mem::take(&mut page.code);
            }
        }
    }

    fn get(&mut self, a: Access, address: u64) -> u64 {
        let bytes = (0..a.bytes).map(|i| *self.byte(address + u64::from(i)).unwrap());
        let bytes: Vec<u8> = bytes.collect();
        let fold = |value: u64, byte: &u8| value << 8 | u64::from(*byte);
        a.extend(match a.order {
            Order::Little => bytes.iter().rev().fold(0, fold),
            Order::Big => bytes.iter().fold(0, fold),
        })
    }

    fn set(&mut self, a: Access, address: u64, value: u64) {
        self.disturb(address, a.bytes.into());
        for index in 0..a.bytes {
            let significance = match a.order {
                Order::Little => index,
                Order::Big => a.bytes - 1 - index,
            };
            let byte = (value >> (8 * significance)) as u8;
            *self.byte(address + u64::from(index)).unwrap() = byte;
        }
    }

    fn set_bytes(&mut self, address: u64, bytes: &[u8], count: u64) {
        if count > 0 {
            self.disturb(address, count);
        }
        for (at, byte) in (address..address + count).zip(bytes) {
            *self.byte(at).unwrap() = *byte;
        }
    }

    fn remap(
        &mut self,
        old: u64,
        old_pages: u64,
        new: u64,
        new_pages: u64,
    ) -> Result<(), MemoryError> {
        if old != new && old < new + new_pages && new < old + old_pages {
            return Err(MemoryError::Overlap);
        }
        if let Some(hole) = (old..old + old_pages).find(|page| self.pages[*page as usize].is_none())
        {
            return Err(MemoryError::Unmapped {
                address: hole * PAGE,
            });
        }
        self.disturb(old * PAGE, old_pages * PAGE);
        self.disturb(new * PAGE, new_pages * PAGE);
        let mut moved: Vec<_> = (old..old + old_pages)
            .map(|page| self.pages[page as usize].take())
            .collect();
        let fresh = moved
            .last()
            .and_then(Option::as_ref)
            .map(|last| Page::new(last.protection));
        moved.resize(new_pages as usize, fresh);
        for (page, content) in (new..).zip(moved) {
            self.pages[page as usize] = content;
        }
        Ok(())
    }
}

/// Does a step to both, and compares what they say.
fn run(memory: &Memory, model: &mut Model, step: &Step) {
    let pattern = |length: u64, byte: u8| -> Vec<u8> {
        (0..length)
            .map(|at| byte.wrapping_add(at as u8).wrapping_mul(3))
            .collect()
    };
    match *step {
        Step::Map(page, count, p) => {
            let (start, length) = (page * PAGE, count * PAGE);
            model.disturb(start, length);
            for page in page..page + count {
                model.pages[page as usize] = Some(Page::new(Protection::from_bits(p)));
            }
            memory
                .map(start, length, Protection::from_bits(p), "")
                .unwrap();
        }
        Step::Unmap(page, count) => {
            model.disturb(page * PAGE, count * PAGE);
            (page..page + count).for_each(|page| model.pages[page as usize] = None);
            memory.unmap(page * PAGE, count * PAGE).unwrap();
        }
        Step::Protect(page, count, p) => {
            let p = Protection::from_bits(p);
            let pages = page as usize..(page + count) as usize;
            let hole = pages.clone().find(|page| model.pages[*page].is_none());
            let expected = match hole {
                Some(page) => Err(MemoryError::Unmapped {
                    address: page as u64 * PAGE,
                }),
                None => {
                    model.disturb(page * PAGE, count * PAGE);
                    model.pages[pages]
                        .iter_mut()
                        .flatten()
                        .for_each(|page| page.protection = p);
                    Ok(())
                }
            };
            assert_eq!(memory.protect(page * PAGE, count * PAGE, p), expected);
        }
        Step::Remap(old, old_pages, new, new_pages) => {
            let expected = model.remap(old, old_pages, new, new_pages);
            let outcome = memory.remap(old * PAGE, old_pages * PAGE, new * PAGE, new_pages * PAGE);
            assert_eq!(outcome, expected);
        }
        Step::Load(shape, address) => {
            let a = SHAPES[shape];
            let expected = model
                .check(a, address, Intent::Read)
                .map(|()| model.get(a, address));
            assert_eq!(memory.load(a, address), expected);
        }
        Step::Store(shape, address, value) => {
            let a = SHAPES[shape];
            let expected = model
                .check(a, address, Intent::Write)
                .map(|()| model.set(a, address, value));
            assert_eq!(memory.store(a, address, value), expected);
        }
        Step::Rmw(shape, op, address, operand) => {
            let (a, op) = (SHAPES[shape], atomics::OPERATIONS[op]);
            let address = address & !(u64::from(a.bytes) - 1);
            let expected = model.check(a, address, Intent::Write).map(|()| {
                let old = model.get(a, address);
                model.set(a, address, a.raw(op.apply(a, a.raw(old), operand)));
                old
            });
            assert_eq!(memory.rmw(a, op, address, operand), expected);
        }
        Step::CompareExchange(shape, address, new) => {
            let a = SHAPES[shape];
            let address = address & !(u64::from(a.bytes) - 1);
            let expected = model.check(a, address, Intent::Write).map(|()| {
                let old = model.get(a, address);
                model.set(a, address, new);
                old
            });
            let old = *expected.as_ref().unwrap_or(&0);
            assert_eq!(memory.compare_exchange(a, address, old, new), expected);
        }
        Step::Read(address, length) => {
            let (count, fault) = model.reach(address, length, Intent::Read);
            let mut bytes = vec![0; length as usize];
            assert_eq!(memory.read(address, &mut bytes), fault.map_or(Ok(()), Err));
            for (at, byte) in (address..address.wrapping_add(count)).zip(bytes) {
                assert_eq!(Some(byte), model.byte(at).copied());
            }
        }
        Step::Write(address, length, byte) => {
            let (count, fault) = model.reach(address, length, Intent::Write);
            let bytes = pattern(length, byte);
            model.set_bytes(address, &bytes, count);
            assert_eq!(memory.write(address, &bytes), fault.map_or(Ok(()), Err));
        }
        Step::Fill(address, length, byte) => {
            let (count, fault) = model.reach(address, length, Intent::Write);
            model.set_bytes(address, &vec![byte; length as usize], count);
            assert_eq!(
                memory.fill(address, length, byte),
                fault.map_or(Ok(()), Err)
            );
        }
        Step::Poke(address, length, byte) => {
            let mapped = (address..).take_while(|at| model.page(*at).is_some());
            let count = mapped.take(length as usize).count() as u64;
            let bytes = pattern(length, byte);
            model.set_bytes(address, &bytes, count);
            let bad = fault(Intent::Write, Cause::Unmapped, address.wrapping_add(count));
            let expected = if count == length { Ok(()) } else { Err(bad) };
            assert_eq!(memory.poke(address, &bytes), expected);
        }
        Step::Fetch(address) => {
            let (count, fault) = model.reach(address, 16, Intent::Execute);
            let mut bytes = [0; 16];
            match memory.fetch(address, &mut bytes) {
                Ok(fetched) => assert_eq!(fetched as u64, count),
                Err(failure) => assert_eq!((Some(failure), 0), (fault, count)),
            }
            for (at, byte) in (address..address.wrapping_add(count)).zip(bytes) {
                assert_eq!(Some(byte), model.byte(at).copied());
            }
        }
        Step::Cstring(address, max) => {
            let (count, fault) = model.reach(address, max as u64, Intent::Read);
            let bytes: Vec<u8> = (address..address.wrapping_add(count))
                .map(|at| *model.byte(at).unwrap())
                .collect();
            let end = bytes.iter().position(|byte| *byte == 0);
            let expected = match (end, fault) {
                (Some(end), _) => Ok(bytes[..end].to_vec()),
                (None, Some(fault)) => Err(fault),
                (None, None) => Ok(bytes),
            };
            assert_eq!(memory.read_cstring(address, max), expected);
        }
        Step::Mark(page, count) => {
            for page in model.pages[page as usize..(page + count) as usize]
                .iter_mut()
                .flatten()
            {
                page.code = true;
            }
            memory.mark_code(page * PAGE, count * PAGE);
        }
    }
}

/// Mostly near the borders of pages; sometimes anywhere.
fn address() -> impl Strategy<Value = u64> {
    prop_oneof![
        8 => (0..=PAGES, -20..20i64).prop_map(|(page, d)| (page * PAGE).wrapping_add_signed(d)),
        4 => 0..PAGES * PAGE,
        1 => any::<u64>(),
    ]
}

/// First page and number of pages.
fn pages() -> impl Strategy<Value = (u64, u64)> {
    (0..PAGES, 1..5u64).prop_map(|(page, count)| (page, count.min(PAGES - page)))
}

fn step() -> impl Strategy<Value = Step> {
    let shape = || 0..SHAPES.len();
    // Most pages readable and writable, or little else would be tried.
    let protection = || prop_oneof![Just(3u8), Just(7u8), 0..8u8];
    let length = || prop_oneof![0..40u64, 0..3 * PAGE];
    prop_oneof![
        4 => (pages(), protection()).prop_map(|((page, n), p)| Step::Map(page, n, p)),
        1 => pages().prop_map(|(page, n)| Step::Unmap(page, n)),
        2 => (pages(), protection()).prop_map(|((page, n), p)| Step::Protect(page, n, p)),
        2 => (pages(), pages()).prop_map(|((old, n), (new, m))| Step::Remap(old, n, new, m)),
        1 => (pages(), 1..5u64).prop_map(|((old, n), m)| Step::Remap(old, n, old, m.min(PAGES - old))),
        4 => (shape(), address()).prop_map(|(a, at)| Step::Load(a, at)),
        4 => (shape(), address(), any::<u64>()).prop_map(|(a, at, v)| Step::Store(a, at, v)),
        2 => (shape(), 0..9usize, address(), any::<u64>())
            .prop_map(|(a, op, at, v)| Step::Rmw(a, op, at, v)),
        2 => (shape(), address(), any::<u64>()).prop_map(|(a, at, v)| Step::CompareExchange(a, at, v)),
        2 => (address(), length()).prop_map(|(at, n)| Step::Read(at, n)),
        3 => (address(), length(), any::<u8>()).prop_map(|(at, n, b)| Step::Write(at, n, b)),
        2 => (address(), length(), any::<u8>()).prop_map(|(at, n, b)| Step::Fill(at, n, b)),
        2 => (address(), length(), any::<u8>()).prop_map(|(at, n, b)| Step::Poke(at, n, b)),
        2 => address().prop_map(Step::Fetch),
        1 => (address(), 0..3000usize).prop_map(|(at, max)| Step::Cstring(at, max)),
        4 => pages().prop_map(|(page, n)| Step::Mark(page, n)),
    ]
}

proptest! {
    #![proptest_config(cases(200))]

    #[test]
    fn memory_does_as_the_model(steps in prop::collection::vec(step(), 1..60)) {
        let memory = Memory::new(BITS).unwrap();
        let mut model = Model { pages: vec![None; PAGES as usize], stale: false };
        for step in &steps {
            let version = memory.code_version();
            run(&memory, &mut model, step);
            let stale = std::mem::take(&mut model.stale);
            prop_assert_eq!(memory.code_version() != version, stale, "{:?}", step);
            for page in 0..PAGES {
                let expected = model.page(page * PAGE).map(|page| page.protection);
                prop_assert_eq!(memory.protection_at(page * PAGE), expected);
            }
        }
        for page in 0..PAGES {
            run(&memory, &mut model, &Step::Read(page * PAGE, PAGE));
        }
    }
}
