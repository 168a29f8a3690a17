//! The table of mappings against a model that knows each page by itself.

use std::collections::BTreeMap;
use std::ops::Range;

use proptest::prelude::*;

use super::mappings::Mappings;
use super::*;

const PAGES: u64 = 24;

/// What a page shows: everything of its mapping but the addresses.
#[derive(Clone, Debug, PartialEq)]
struct Page {
    protection: Protection,
    shared: bool,
    inode: u64,
    offset: u64,
    name: String,
}

#[derive(Clone, Debug)]
enum Change {
    Insert(Range<u64>, Page),
    Remove(Range<u64>),
    Protect(Range<u64>, Protection),
    Rename(Range<u64>, String),
    Relocate(Range<u64>, u64),
}

/// A range of page numbers.
fn range() -> impl Strategy<Value = Range<u64>> {
    (0..PAGES, 0..6u64).prop_map(|(start, length)| start..(start + length).min(PAGES))
}

fn page() -> impl Strategy<Value = Page> {
    (0u8..8, any::<bool>(), 0..3u64, 0..4u64, "[ab]?").prop_map(
        |(p, shared, inode, offset, name)| Page {
            protection: Protection::from_bits(p),
            shared,
            inode,
            offset: if inode == 0 { 0 } else { offset * PAGE },
            name,
        },
    )
}

fn change() -> impl Strategy<Value = Change> {
    prop_oneof![
        4 => (range(), page()).prop_map(|(range, page)| Change::Insert(range, page)),
        2 => range().prop_map(Change::Remove),
        2 => (range(), 0u8..8).prop_map(|(r, p)| Change::Protect(r, Protection::from_bits(p))),
        1 => (range(), "[ab]?").prop_map(|(range, name)| Change::Rename(range, name)),
        2 => (range(), 0..PAGES).prop_map(|(range, target)| Change::Relocate(range, target)),
    ]
}

fn in_bytes(range: &Range<u64>) -> Range<u64> {
    range.start * PAGE..range.end * PAGE
}

fn apply(table: &mut Mappings, model: &mut BTreeMap<u64, Page>, change: Change) {
    match change {
        Change::Insert(range, page) => {
            let bytes = in_bytes(&range);
            table.insert(Mapping {
                start: bytes.start,
                end: bytes.end,
                protection: page.protection,
                shared: page.shared,
                offset: page.offset,
                device: (0, 0),
                inode: page.inode,
                name: page.name.as_str().into(),
            });
            for number in range.clone() {
                let distance = (number - range.start) * PAGE;
                let offset = page.offset + if page.inode == 0 { 0 } else { distance };
                model.insert(
                    number,
                    Page {
                        offset,
                        ..page.clone()
                    },
                );
            }
        }
        Change::Remove(range) => {
            table.remove(&in_bytes(&range));
            model.retain(|number, _| !range.contains(number));
        }
        Change::Protect(range, protection) => {
            table.change(&in_bytes(&range), |mapping| mapping.protection = protection);
            model
                .range_mut(range)
                .for_each(|(_, page)| page.protection = protection);
        }
        Change::Rename(range, name) => {
            table.change(&in_bytes(&range), |mapping| {
                mapping.name = name.as_str().into()
            });
            model
                .range_mut(range)
                .for_each(|(_, page)| page.name = name.clone());
        }
        Change::Relocate(range, target) => {
            let length = range.end - range.start;
            if target + length > PAGES || (target < range.end && range.start < target + length) {
                return;
            }
            table.relocate(&in_bytes(&range), target * PAGE);
            model.retain(|number, _| !(target..target + length).contains(number));
            for number in range.clone() {
                if let Some(page) = model.remove(&number) {
                    model.insert(number - range.start + target, page);
                }
            }
        }
    }
}

/// The mappings that the pages of the model make, joined where they continue each other.
fn canonical(model: &BTreeMap<u64, Page>) -> Vec<(Range<u64>, Page)> {
    let mut mappings: Vec<(Range<u64>, Page)> = Vec::new();
    for (number, page) in model {
        if let Some((range, first)) = mappings.last_mut() {
            let distance = if first.inode == 0 {
                0
            } else {
                (range.end - range.start) * PAGE
            };
            let next = Page {
                offset: first.offset + distance,
                ..first.clone()
            };
            if range.end == *number && next == *page {
                range.end += 1;
                continue;
            }
        }
        mappings.push((*number..number + 1, page.clone()));
    }
    mappings
}

proptest! {
    #![proptest_config(cases(256))]

    #[test]
    fn the_table_agrees_with_its_pages(changes in prop::collection::vec(change(), 1..30)) {
        let (mut table, mut model) = (Mappings::default(), BTreeMap::new());
        for change in changes {
            apply(&mut table, &mut model, change);
            let shown: Vec<(Range<u64>, Page)> = table
                .iter()
                .map(|m| {
                    let page = Page {
                        protection: m.protection,
                        shared: m.shared,
                        inode: m.inode,
                        offset: m.offset,
                        name: m.name.to_string(),
                    };
                    (m.start / PAGE..m.end / PAGE, page)
                })
                .collect();
            prop_assert_eq!(shown, canonical(&model));
        }
    }

    #[test]
    fn questions_are_answered_page_by_page(
        changes in prop::collection::vec(change(), 1..12),
        asked in range(),
        length in 1..8u64,
    ) {
        let (mut table, mut model) = (Mappings::default(), BTreeMap::new());
        for change in changes {
            apply(&mut table, &mut model, change);
        }
        let bytes = in_bytes(&asked);
        for number in 0..PAGES {
            let mapped = model.contains_key(&number);
            prop_assert_eq!(table.at(number * PAGE).is_some(), mapped);
            prop_assert_eq!(table.at(number * PAGE + PAGE - 1).is_some(), mapped);
        }
        let hole = asked.clone().find(|number| !model.contains_key(number));
        prop_assert_eq!(table.first_hole(&bytes), hole.map(|number| number * PAGE));
        let free = |range: Range<u64>| range.into_iter().all(|number| !model.contains_key(&number));
        prop_assert_eq!(table.is_free(&bytes), free(asked.clone()));
        let parts: Vec<Mapping> = table.parts(&bytes).collect();
        prop_assert!(parts.iter().all(|m| m.start >= bytes.start && m.end <= bytes.end));
        let mapped: u64 = parts.iter().map(|m| m.end - m.start).sum();
        prop_assert_eq!(mapped / PAGE, model.range(asked.clone()).count() as u64);
        let last = asked.end.saturating_sub(length);
        let gaps = || {
            (asked.start..=last)
                .filter(|start| start + length <= asked.end && free(*start..start + length))
                .map(|start| start * PAGE)
        };
        prop_assert_eq!(table.lowest_gap(length * PAGE, &bytes), gaps().next());
        prop_assert_eq!(table.highest_gap(length * PAGE, &bytes), gaps().next_back());
    }
}
