//! The names of the control and status registers: all that binutils knows, of which user programs
//! may use a few.

use std::collections::BTreeMap;
use std::sync::LazyLock;

/// The name of a control and status register by its number.
pub fn name(number: u16) -> Option<&'static str> {
    NAMES.get(&number).map(String::as_str)
}

/// The names of adjacent numbers, from the first one on: `-` stands for a number without a name,
/// `hpmcounter3..31` for 29 names.
const TABLE: &[(u16, &str)] = &[
    // Unprivileged
    (0x001, "fflags frm fcsr"),
    (0x008, "vstart vxsat vxrm"),
    (0x00f, "vcsr"),
    (0x015, "seed"),
    (0xc00, "cycle time instret hpmcounter3..31"),
    (0xc20, "vl vtype vlenb"),
    (0xc80, "cycleh timeh instreth hpmcounter3..31h"),
    // Supervisor
    (0x100, "sstatus - - - sie stvec scounteren"),
    (0x10a, "senvcfg - sstateen0..3"),
    (0x114, "sieh"),
    (0x140, "sscratch sepc scause stval sip"),
    (0x14d, "stimecmp"),
    (0x150, "siselect sireg"),
    (0x154, "siph"),
    (0x15c, "stopei stimecmph"),
    (0x180, "satp"),
    (0x5a8, "scontext"),
    (0xda0, "scountovf"),
    (0xdb0, "stopi"),
    // Virtual supervisor
    (0x200, "vsstatus - - - vsie vstvec"),
    (0x214, "vsieh"),
    (0x240, "vsscratch vsepc vscause vstval vsip"),
    (0x24d, "vstimecmp"),
    (0x250, "vsiselect vsireg"),
    (0x254, "vsiph"),
    (0x25c, "vstopei vstimecmph"),
    (0x280, "vsatp"),
    (0xeb0, "vstopi"),
    // Hypervisor
    (
        0x600,
        "hstatus - hedeleg hideleg hie htimedelta hcounteren hgeie",
    ),
    (0x608, "hvien hvictl henvcfg - hstateen0..3"),
    (0x613, "hidelegh - htimedeltah - - hvienh - henvcfgh"),
    (0x61c, "hstateen0..3h"),
    (0x643, "htval hip hvip hviprio1 hviprio2 - - htinst"),
    (0x655, "hviph hviprio1h hviprio2h"),
    (0x680, "hgatp"),
    (0x6a8, "hcontext"),
    (0xe12, "hgeip"),
    // Machine
    (0x300, "mstatus misa medeleg mideleg mie mtvec mcounteren"),
    (0x308, "mvien mvip menvcfg - mstateen0..3 mstatush"),
    (0x313, "midelegh mieh"),
    (0x318, "mvienh mviph menvcfgh - mstateen0..3h"),
    (0x320, "mcountinhibit - - mhpmevent3..31"),
    (0x340, "mscratch mepc mcause mtval mip"),
    (0x34a, "mtinst mtval2"),
    (0x350, "miselect mireg - - miph"),
    (0x35c, "mtopei"),
    (0x3a0, "pmpcfg0..15 pmpaddr0..63"),
    (0x723, "mhpmevent3..31h"),
    (0x747, "mseccfg"),
    (0x757, "mseccfgh"),
    (0x7a0, "tselect tdata1 tdata2 tdata3 tinfo tcontrol"),
    (0x7a8, "mcontext - mscontext"),
    (0xb00, "mcycle - minstret mhpmcounter3..31"),
    (0xb80, "mcycleh - minstreth mhpmcounter3..31h"),
    (0xf11, "mvendorid marchid mimpid mhartid mconfigptr"),
    (0xfb0, "mtopi"),
    // Debug
    (0x7b0, "dcsr dpc dscratch0 dscratch1"),
];

static NAMES: LazyLock<BTreeMap<u16, String>> = LazyLock::new(|| {
    let mut names = BTreeMap::new();
    for &(first, list) in TABLE {
        let list = list.split(' ').flat_map(expand);
        names.extend((first..).zip(list).filter(|(_, name)| name != "-"));
    }
    names
});

/// The names that an entry of a list stands for.
fn expand(entry: &str) -> Vec<String> {
    let Some((start, end)) = entry.split_once("..") else {
        return vec![entry.to_owned()];
    };
    let prefix = start.trim_end_matches(|c: char| c.is_ascii_digit());
    let suffix = end.trim_start_matches(|c: char| c.is_ascii_digit());
    let number = |digits: &str| digits.parse::<u8>().unwrap_or_default();
    let first = number(&start[prefix.len()..]);
    let last = number(&end[..end.len() - suffix.len()]);
    (first..=last)
        .map(|n| format!("{prefix}{n}{suffix}"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_give_adjacent_numbers() {
        assert_eq!(name(0x003), Some("fcsr"));
        assert_eq!(name(0x105), Some("stvec"));
        assert_eq!(name(0x101), None);
        assert_eq!(name(0xc02), Some("instret"));
        assert_eq!(name(0xc9f), Some("hpmcounter31h"));
        assert_eq!(name(0x3ef), Some("pmpaddr63"));
        assert_eq!(NAMES.len(), 407);
    }
}
