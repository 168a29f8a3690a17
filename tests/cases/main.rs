//! Runs the cases (`tests/cases/<isa>/*.ins`, described in `tests/cases/README.md`) in every life that
//! an instruction has.

#[path = "../support/ins.rs"]
mod ins;
#[path = "../support/world.rs"]
mod world;

use ins::{Case, differences, ending_name};
use portolan_machine::encoding::Row;
use portolan_machine::guest::{Guest, Style};
use portolan_machine::memory::Order;
use std::collections::BTreeMap;
use std::path::Path;
use world::{Life, World};

/// The cases of one instruction set.
struct Suite {
    /// A function, as a constant would have the guest's interpreter compiled here too.
    guest: fn() -> &'static dyn Guest,
    /// Its breakpoint instruction.
    breakpoint: &'static [u8],
    /// The names of its rows.
    rows: fn() -> Vec<&'static str>,
    /// The row of the instruction that bytes start with, and its length.
    row: fn(&[u8]) -> Option<(&'static str, usize)>,
}

const SUITES: &[Suite] = &[
    Suite {
        guest: || portolan_riscv::GUEST,
        breakpoint: &[0x02, 0x90],
        rows: || portolan_riscv::decode::rows().map(|row| row.name).collect(),
        row: |bytes| {
            use portolan_riscv::decode::{find, pattern, row};
            let (index, _) = find(bytes).ok()?;
            Some((row(index).name, usize::from(pattern(index).bits / 8)))
        },
    },
    // Nothing of it is executed that MIPS64 does not have.
    mips(|| &portolan_mips::R5900, LITTLE, Vec::new),
    // The guests share their rows: these have the cases of most, the other two those in which byte
    // order matters.
    mips(
        || &portolan_mips::MIPS,
        BIG,
        || mips_rows(|row| !needs_mips64(row) && !row.extension.starts_with("MIPS64")),
    ),
    mips(
        || &portolan_mips::MIPSEL,
        LITTLE,
        || mips_rows(orders_bytes),
    ),
    mips(|| &portolan_mips::MIPS64, BIG, || mips_rows(orders_bytes)),
    mips(
        || &portolan_mips::MIPS64EL,
        LITTLE,
        || mips_rows(|row| row.extension.starts_with("MIPS64")),
    ),
    Suite {
        guest: || portolan_x86::GUEST,
        breakpoint: &[0xcc],
        rows: || {
            // What time it is, no case can tell, nor what is random.
            let is_fixed = |name: &&str| !["rdtsc", "rdtscp", "rdrand", "rdseed"].contains(name);
            let rows = portolan_x86::encoding::ROWS.iter();
            rows.map(|row| row.name).filter(is_fixed).collect()
        },
        row: |bytes| {
            let it = portolan_x86::decode::parse(bytes, 0).ok()?;
            Some((portolan_x86::decode::row(&it)?.name, it.len()))
        },
    },
];

/// `break`, in both byte orders.
const BIG: &[u8] = &[0, 0, 0, 0x0d];
const LITTLE: &[u8] = &[0x0d, 0, 0, 0];

const fn mips(
    guest: fn() -> &'static dyn Guest,
    breakpoint: &'static [u8],
    rows: fn() -> Vec<&'static str>,
) -> Suite {
    Suite {
        guest,
        breakpoint,
        rows,
        row: match breakpoint[0] {
            0 => |bytes| mips_row(Order::Big, bytes),
            _ => |bytes| mips_row(Order::Little, bytes),
        },
    }
}

/// The names of the executed rows that a condition holds for.
fn mips_rows(chosen: fn(&Row) -> bool) -> Vec<&'static str> {
    let rows = portolan_mips::encoding::ROWS.iter();
    rows.filter(|row| chosen(row)).map(|row| row.name).collect()
}

/// Whether a row accesses memory in units whose bytes have an order.
fn orders_bytes(row: &Row) -> bool {
    row.section.contains("Load, Store")
        && !needs_mips64(row)
        && !row.extension.starts_with("MIPS64")
        && !matches!(row.name, "lb" | "lbu" | "sb" | "pref" | "sync" | "synci")
}

fn needs_mips64(row: &Row) -> bool {
    matches!(row.extension, "MIPS64" | "MIPS64 Release 2")
}

fn mips_row(order: Order, bytes: &[u8]) -> Option<(&'static str, usize)> {
    use portolan_mips::decode::{Guest, Set, find, row};
    let set = Set::Mips64;
    let (index, _) = find(Guest { set, order }, bytes).ok()?;
    Some((row(index).name, 4))
}

/// The fewest cases of a row.
const FEWEST: usize = 2;

impl Suite {
    fn cases(&self) -> Vec<Case> {
        let directory = Path::new("tests/cases").join((self.guest)().name());
        let (cases, errors) = ins::read_all(&directory, (self.guest)());
        report(errors);
        cases
    }

    /// The instructions of a case: the bytes of each from its start on. Bytes that are none end it.
    fn instructions<'c>(&self, case: &'c Case) -> Vec<(&'c [u8], Option<&'static str>)> {
        let (mut rest, mut found) = (&case.code[..], Vec::new());
        while !rest.is_empty() {
            let (name, length) = match (self.row)(rest) {
                Some((name, length)) => (Some(name), length),
                None => (None, rest.len()),
            };
            found.push((rest, name));
            rest = &rest[length..];
        }
        found
    }
}

/// Fails with all messages there are.
fn report(messages: Vec<String>) {
    assert!(
        messages.is_empty(),
        "{} complaints:\n{}",
        messages.len(),
        messages.join("\n")
    );
}

#[test]
fn every_case_holds_in_every_life() {
    let mut complaints = Vec::new();
    for suite in SUITES {
        let mut world = World::new((suite.guest)(), suite.breakpoint);
        for case in suite.cases() {
            let mut complain = |life: &str, message: String| {
                let (place, assembly) = (&case.place, case.assembly.join("; "));
                complaints.push(format!("{place}: {assembly}: {message} ({life})"));
            };
            for life in Life::ALL {
                let (ending, after) = world.run(&case.code, &case.before, life);
                let life = format!("{life:?}");
                if ending != case.ending {
                    let (is, should_be) = (ending_name(ending), ending_name(case.ending));
                    complain(&life, format!("it ends in {is}, not {should_be}"));
                }
                for difference in differences((suite.guest)(), &after, &case.after) {
                    complain(&life, difference);
                }
            }
            let (_, after, told) = world.observe(&case.code, &case.before);
            for difference in differences((suite.guest)(), &told, &after) {
                complain("what it is said to do", difference);
            }
        }
    }
    report(complaints);
}

#[test]
fn every_case_is_disassembled_as_it_is_written() {
    let mut complaints = Vec::new();
    for suite in SUITES {
        for case in suite.cases() {
            let mut disassembler = (suite.guest)().disassembler(Style::default());
            let mut pc = world::CODE;
            let mut assembly = Vec::new();
            for (bytes, _) in suite.instructions(&case) {
                let mut line = disassembler.line(bytes, pc);
                pc += u64::from(line.length);
                // What earlier lines add to this one is a comment, and would be one here.
                line.reference = None;
                line.operand_column = 0;
                let text = line.text(&|address| format!("{address:x}"));
                assembly.push(text.replace('\t', " "));
            }
            if assembly != case.assembly {
                let (place, is, written) =
                    (&case.place, assembly.join("; "), case.assembly.join("; "));
                complaints.push(format!("{place}: {is:?}, not {written:?}"));
            }
        }
    }
    report(complaints);
}

#[test]
fn every_guest_has_a_suite() {
    let guests = portolan::guests::GUESTS
        .iter()
        .map(|port| port.guest.name());
    let suites = SUITES.iter().map(|suite| (suite.guest)().name());
    assert_eq!(guests.collect::<Vec<_>>(), suites.collect::<Vec<_>>());
}

#[test]
fn every_row_has_cases() {
    let mut complaints = Vec::new();
    for suite in SUITES {
        let mut count: BTreeMap<&str, usize> =
            (suite.rows)().into_iter().map(|name| (name, 0)).collect();
        for case in suite.cases() {
            for (_, name) in suite.instructions(&case) {
                if let Some(count) = name.and_then(|name| count.get_mut(name)) {
                    *count += 1;
                }
            }
        }
        let guest = (suite.guest)().name();
        for (name, count) in count.into_iter().filter(|&(_, count)| count < FEWEST) {
            complaints.push(format!("{guest}: {name} has {count} cases of {FEWEST}"));
        }
    }
    report(complaints);
}

#[test]
fn what_is_wrong_with_a_case_is_said_with_its_place() {
    let wrong = [
        ("00000013 nop", "three parts"),
        ("00000013 | nop | ", "no `=>`"),
        ("0000013 | nop | =>", "no byte"),
        ("zz | nop | =>", "no hexadecimal number"),
        (" | nop | =>", "no code"),
        ("00000013 | nop | a0 =>", "no `name=value`"),
        ("00000013 | nop | b0=1 =>", "no register \"b0\""),
        ("00000013 | nop | => zero=1", "always zero"),
        ("00000013 | nop | a0=1.5 =>", "no value"),
        ("00000013 | nop | pc=0 =>", "always starts at 0x40000"),
        (
            "00000013 | nop | [0x1000]:4=1 =>",
            "not in the page of data",
        ),
        (
            "00000013 | nop | [0x20fff]:2=1 =>",
            "not in the page of data",
        ),
        ("00000013 | nop | [0x20000]:3=1 =>", "no size"),
        ("00000013 | nop | [0x20000]:1=256 =>", "does not fit into 1"),
        ("00000013 | nop | => trap bang", "no trap"),
        ("00000013 | nop | => trap unmapped look 0", "not `read`"),
    ];
    for (text, message) in wrong {
        let text = format!("# a comment\n\n{text}\n");
        let (mut cases, mut errors) = (Vec::new(), Vec::new());
        let file = Path::new("some.ins");
        ins::read(file, &text, (SUITES[0].guest)(), &mut cases, &mut errors);
        assert_eq!((cases.len(), errors.len()), (0, 1), "{text}");
        assert!(errors[0].starts_with("some.ins:3: "), "{}", errors[0]);
        assert!(errors[0].contains(message), "{}", errors[0]);
    }
}
