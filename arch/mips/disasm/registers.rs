//! The names of control registers: those of coprocessor 0, of the floating-point unit, of MSA, and
//! those that rdhwr reads. binutils writes numbers for the others.

use crate::decode::Set;

/// A register of coprocessor 0.
pub fn system(set: Set, number: u8, select: u8) -> String {
    if set == Set::R5900 {
        return match R5900.get(usize::from(number)) {
            Some(&name) if !name.is_empty() => format!("c0_{name}"),
            _ => format!("${number}"),
        };
    }
    let names = SYSTEM[usize::from(number & 31)];
    match names.split(' ').nth(usize::from(select)) {
        Some(name) if !matches!(name, "" | "-") => format!("c0_{name}"),
        _ if select == 0 => format!("${number}"),
        _ => format!("${number},{select}"),
    }
}

/// A control register of the floating-point unit.
pub fn float_control(set: Set, number: u8) -> String {
    let name = match number {
        0 => "c1_fir",
        1 if set != Set::R5900 => "c1_ufr",
        4 if set != Set::R5900 => "c1_unfr",
        25 if set != Set::R5900 => "c1_fccr",
        26 if set != Set::R5900 => "c1_fexr",
        28 if set != Set::R5900 => "c1_fenr",
        31 => "c1_fcsr",
        _ => return format!("${number}"),
    };
    name.to_owned()
}

/// A control register of MSA.
pub fn vector_control(number: u8) -> String {
    const NAMES: [&str; 8] = [
        "msa_ir",
        "msa_csr",
        "msa_access",
        "msa_save",
        "msa_modify",
        "msa_request",
        "msa_map",
        "msa_unmap",
    ];
    match NAMES.get(usize::from(number)) {
        Some(name) => (*name).to_owned(),
        None => format!("${number}"),
    }
}

/// A register that rdhwr reads.
pub fn hardware(number: u8) -> String {
    const NAMES: [&str; 4] = ["hwr_cpunum", "hwr_synci_step", "hwr_cc", "hwr_ccres"];
    match NAMES.get(usize::from(number)) {
        Some(name) => (*name).to_owned(),
        None => format!("${number}"),
    }
}

/// The registers of coprocessor 0 in release 2, for each number by `sel`.
const SYSTEM: [&str; 32] = [
    "index mvpcontrol mvpconf0 mvpconf1",
    "random vpecontrol vpeconf0 vpeconf1 yqmask vpeschedule vpeschefback",
    "entrylo0 tcstatus tcbind tcrestart tchalt tccontext tcschedule tcschefback",
    "entrylo1",
    "context contextconfig",
    "pagemask pagegrain",
    "wired srsconf0 srsconf1 srsconf2 srsconf3 srsconf4",
    "hwrena",
    "badvaddr",
    "count",
    "entryhi",
    "compare",
    "status intctl srsctl srsmap",
    "cause",
    "epc",
    "prid ebase",
    "config config1 config2 config3",
    "lladdr",
    "watchlo watchlo,1 watchlo,2 watchlo,3 watchlo,4 watchlo,5 watchlo,6 watchlo,7",
    "watchhi watchhi,1 watchhi,2 watchhi,3 watchhi,4 watchhi,5 watchhi,6 watchhi,7",
    "xcontext",
    "",
    "",
    "debug tracecontrol tracecontrol2 usertracedata tracebpc",
    "depc",
    "perfcnt perfcnt,1 perfcnt,2 perfcnt,3 perfcnt,4 perfcnt,5 perfcnt,6 perfcnt,7",
    "errctl",
    "cacheerr cacheerr,1 cacheerr,2 cacheerr,3",
    "taglo datalo taglo1 datalo1 taglo2 datalo2 taglo3 datalo3",
    "taghi datahi taghi1 datahi1 taghi2 datahi2 taghi3 datahi3",
    "errorepc",
    "desave",
];

/// Those of the R5900.
const R5900: [&str; 32] = [
    "index", "random", "entrylo0", "entrylo1", "context", "pagemask", "wired", "", "badvaddr",
    "count", "entryhi", "compare", "sr", "cause", "epc", "prid", "config", "", "", "", "", "", "",
    "badpaddr", "", "", "", "", "taglo", "taghi", "errorepc", "",
];
