//! Named constants: the flags and choices whose numbers differ between instruction sets.
//!
//! A set of constants is one piece of data with three uses: it translates a guest's bits to the
//! host's and back (by pairing names), and it spells them for `--strace`.

use std::fmt::Write;

/// One named number of a set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Constant {
    /// The name in the kernel's headers.
    pub name: &'static str,
    /// The number.
    pub value: u64,
    /// The bits that have to equal `value`: `value` itself for a flag, a field's bits for one of
    /// the field's choices, all bits for a plain number.
    pub mask: u64,
}

/// A single flag.
pub const fn flag(name: &'static str, value: u64) -> Constant {
    Constant {
        name,
        value,
        mask: value,
    }
}

/// One of several values of the field `mask`.
pub const fn choice(name: &'static str, value: u64, mask: u64) -> Constant {
    Constant { name, value, mask }
}

/// A number that is compared as a whole.
pub const fn number(name: &'static str, value: u64) -> Constant {
    Constant {
        name,
        value,
        mask: u64::MAX,
    }
}

/// The number of a name.
pub fn value(set: &[Constant], name: &str) -> Option<u64> {
    set.iter()
        .find(|constant| constant.name == name)
        .map(|constant| constant.value)
}

/// The name of a number, in a set of plain numbers.
pub fn name(set: &[Constant], value: u64) -> Option<&'static str> {
    set.iter()
        .find(|constant| constant.value == value)
        .map(|constant| constant.name)
}

/// Bits as C would write them: names joined with `|`, what has no name in hexadecimal.
pub fn spell(set: &[Constant], bits: u64) -> String {
    let mut rest = bits;
    let mut out = String::new();
    for constant in set {
        let fits = constant.mask != 0 && bits & constant.mask == constant.value;
        let fresh = constant.value == 0 || rest & constant.value != 0;
        if fits && fresh {
            rest &= !constant.mask;
            let separator = if out.is_empty() { "" } else { "|" };
            // Writing to a string cannot fail.
            let _ = write!(out, "{separator}{}", constant.name);
        }
    }
    if rest != 0 || out.is_empty() {
        let separator = if out.is_empty() { "" } else { "|" };
        let _ = match (rest, out.is_empty()) {
            (0, true) => write!(out, "0"),
            _ => write!(out, "{separator}{rest:#x}"),
        };
    }
    out
}

/// How one set of constants is said in the numbers of another.
#[derive(Clone, Debug, Default)]
pub struct Translation {
    pairs: Vec<(Constant, Constant)>,
    same: bool,
}

impl Translation {
    /// Pairs the constants that both sets name.
    pub fn new(guest: &[Constant], host: &[Constant]) -> Translation {
        let pairs: Vec<_> = guest
            .iter()
            .filter_map(|g| Some((*g, *host.iter().find(|h| h.name == g.name)?)))
            .collect();
        let same = pairs.len() == guest.len() && pairs.iter().all(|(g, h)| g.value == h.value);
        Translation { pairs, same }
    }

    /// Whether both sets have the same numbers.
    pub fn is_same(&self) -> bool {
        self.same
    }

    /// The host's bits for the guest's. Between equal sets, bits without a name pass.
    pub fn flags_to_host(&self, bits: u64) -> u64 {
        if self.same {
            return bits;
        }
        self.pairs
            .iter()
            .filter(|(guest, _)| bits & guest.mask == guest.value)
            .fold(0, |all, (_, host)| all | host.value)
    }

    /// The guest's bits for the host's.
    pub fn flags_to_guest(&self, bits: u64) -> u64 {
        if self.same {
            return bits;
        }
        self.pairs
            .iter()
            .filter(|(_, host)| host.mask != 0 && bits & host.mask == host.value)
            .fold(0, |all, (guest, _)| all | guest.value)
    }

    /// The host's number for the guest's, if both have a name for it.
    pub fn number_to_host(&self, number: u64) -> Option<u64> {
        self.pairs
            .iter()
            .find(|(guest, _)| guest.value == number)
            .map(|(_, host)| host.value)
    }

    /// The guest's number for the host's, if both have a name for it.
    pub fn number_to_guest(&self, number: u64) -> Option<u64> {
        self.pairs
            .iter()
            .find(|(_, host)| host.value == number)
            .map(|(guest, _)| guest.value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GUEST: &[Constant] = &[
        choice("READ", 0, 3),
        choice("WRITE", 1, 3),
        choice("BOTH", 2, 3),
        flag("CREATE", 0x100),
        choice("SYNC", 0x4010, 0x4010),
        choice("DSYNC", 0x10, 0x4010),
    ];
    const HOST: &[Constant] = &[
        choice("READ", 0, 3),
        choice("WRITE", 1, 3),
        choice("BOTH", 2, 3),
        flag("CREATE", 0x40),
        choice("SYNC", 0x3000, 0x3000),
        choice("DSYNC", 0x1000, 0x3000),
    ];

    #[test]
    fn flags_translate_by_name() {
        let translation = Translation::new(GUEST, HOST);
        assert_eq!(translation.flags_to_host(0x102), 0x42);
        assert_eq!(translation.flags_to_host(0x4011), 0x3001);
        assert_eq!(translation.flags_to_guest(0x3041), 0x4111);
        assert_eq!(translation.flags_to_guest(0x1000), 0x10);
    }

    #[test]
    fn equal_sets_pass_everything() {
        let translation = Translation::new(HOST, HOST);
        assert_eq!(translation.flags_to_host(0xffff), 0xffff);
    }

    #[test]
    fn numbers_without_a_name_have_no_translation() {
        let guest = [number("INT", 2), number("USR1", 16)];
        let host = [number("INT", 2), number("USR1", 10)];
        let translation = Translation::new(&guest, &host);
        assert_eq!(translation.number_to_host(16), Some(10));
        assert_eq!(translation.number_to_guest(10), Some(16));
        assert_eq!(translation.number_to_host(10), None);
    }

    #[test]
    fn flags_are_spelled_as_c_has_them() {
        assert_eq!(spell(GUEST, 0x102), "BOTH|CREATE");
        assert_eq!(spell(GUEST, 0x4010), "READ|SYNC");
        assert_eq!(spell(GUEST, 0x8000), "READ|0x8000");
        assert_eq!(spell(&[flag("A", 1)], 0), "0");
        assert_eq!(spell(&[flag("A", 1)], 6), "0x6");
    }
}
