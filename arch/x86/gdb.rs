//! The registers for gdb.
//!
//! What gdb calls the registers of the x87 unit are fields of what fxsave stores, but for the tag word: there it is that
//! of fnstenv.

use crate::regs::{
    CODE_SELECTOR, FPU_TAGS, FPU_TOP, FS_BASE, FS_SELECTOR, GS_BASE, GS_SELECTOR, R8, RAX, RBP,
    RBX, RCX, RDI, RDX, RSI, RSP, SELECTORS, ST, STACK_SELECTOR, XMM,
};
use crate::semantics::{IMAGE, image, restored, restored_tags, rflags, set_rflags, tag_word};
use portolan_machine::engine::Moment;
use portolan_machine::gdb::{Contents, Description, Register};
use portolan_machine::guest::Core;
use portolan_machine::memory::Order;
use portolan_machine::registers::Slot;

/// x86-64 for gdb.
pub static DESCRIPTION: Description = Description {
    xml: include_str!("gdb.xml"),
    order: Order::Little,
    watches: Moment::After,
    registers: &REGISTERS,
};

/// gdb's order of the general registers; r8 to r15 follow.
const LEGACY: [Slot; 8] = [RAX, RBX, RCX, RDX, RSI, RDI, RBP, RSP];
const SEGMENTS: [Slot; 6] = [
    CODE_SELECTOR,
    STACK_SELECTOR,
    SELECTORS + 3,
    SELECTORS,
    FS_SELECTOR,
    GS_SELECTOR,
];

/// fctrl, fstat, ftag, fiseg, fioff, foseg, fooff, fop: where fxsave stores them.
const UNIT: [Register; 8] = [
    register(32, field::<0, 2>()),
    register(32, field::<2, 2>()),
    register(32, Contents::View(read_tags, write_tags)),
    register(32, field::<12, 2>()),
    register(32, field::<8, 4>()),
    register(32, field::<20, 2>()),
    register(32, field::<16, 4>()),
    register(32, field::<6, 2>()),
];
const MXCSR: Register = register(32, field::<24, 4>());

const FLAGS: usize = 17;
const FIRST_SEGMENT: usize = 18;
const FIRST_ST: usize = FIRST_SEGMENT + SEGMENTS.len();
const FIRST_OF_UNIT: usize = FIRST_ST + 8;
const FIRST_XMM: usize = FIRST_OF_UNIT + UNIT.len();
const LAST: [Register; 4] = [
    MXCSR,
    // The call that the thread is in: none, as it stops before calls or after them.
    register(64, Contents::Constant(u64::MAX)),
    register(64, Contents::Slot(FS_BASE)),
    register(64, Contents::Slot(GS_BASE)),
];
const FIRST_OF_LAST: usize = FIRST_XMM + 16;
const COUNT: usize = FIRST_OF_LAST + LAST.len();

/// In the order of `gdb.xml`.
static REGISTERS: [Register; COUNT] = {
    let mut registers = [register(64, Contents::Pc); COUNT];
    let mut n = 0;
    while n < 8 {
        registers[n] = register(64, Contents::Slot(LEGACY[n]));
        registers[8 + n] = register(64, Contents::Slot(R8 + n as u8));
        registers[FIRST_ST + n] = register(80, Contents::Slot(ST + 2 * n as u8));
        registers[FIRST_OF_UNIT + n] = UNIT[n];
        n += 1;
    }
    registers[FLAGS] = register(32, Contents::View(rflags, set_rflags));
    n = 0;
    while n < SEGMENTS.len() {
        registers[FIRST_SEGMENT + n] = register(32, Contents::Slot(SEGMENTS[n]));
        n += 1;
    }
    n = 0;
    while n < 16 {
        registers[FIRST_XMM + n] = register(128, Contents::Slot(XMM + 2 * n as u8));
        n += 1;
    }
    n = 0;
    while n < LAST.len() {
        registers[FIRST_OF_LAST + n] = LAST[n];
        n += 1;
    }
    registers
};

const fn register(bits: u16, contents: Contents) -> Register {
    Register { bits, contents }
}

/// A field of what fxsave stores: its place and bytes.
const fn field<const AT: usize, const BYTES: usize>() -> Contents {
    Contents::View(read_field::<AT, BYTES>, write_field::<AT, BYTES>)
}

fn state(core: &dyn Core) -> [u8; IMAGE] {
    image(|slot| core.register(slot))
}

/// As fxrstor does; what that refuses changes nothing.
fn set_state(core: &mut dyn Core, state: &[u8; IMAGE]) {
    for (slot, value) in restored(state).unwrap_or_default() {
        core.set_register(slot, value);
    }
}

fn read_field<const AT: usize, const BYTES: usize>(core: &dyn Core) -> u64 {
    let mut value = [0; 8];
    value[..BYTES].copy_from_slice(&state(core)[AT..AT + BYTES]);
    u64::from_le_bytes(value)
}

fn write_field<const AT: usize, const BYTES: usize>(core: &mut dyn Core, value: u64) {
    let mut state = state(core);
    state[AT..AT + BYTES].copy_from_slice(&value.to_le_bytes()[..BYTES]);
    set_state(core, &state);
}

fn read_tags(core: &dyn Core) -> u64 {
    tag_word(|slot| core.register(slot))
}

fn write_tags(core: &mut dyn Core, word: u64) {
    core.set_register(FPU_TAGS, restored_tags(word, core.register(FPU_TOP)));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::GUEST;
    use crate::regs::{CF, FPU_CONTROL, ZF};
    use portolan_machine::memory::Memory;
    use std::sync::Arc;

    /// The names and widths of the description's registers.
    fn described() -> Vec<(&'static str, u16)> {
        let attribute = |line: &'static str, name: &str| {
            let (_, rest) = line.split_once(&format!("{name}=\""))?;
            Some(rest.split_once('"')?.0)
        };
        let lines = DESCRIPTION.xml.lines().map(str::trim);
        lines
            .filter(|line| line.starts_with("<reg "))
            .map(|line| {
                let bits = attribute(line, "bitsize").unwrap().parse().unwrap();
                (attribute(line, "name").unwrap(), bits)
            })
            .collect()
    }

    #[test]
    fn the_table_lists_what_the_description_says() {
        let described = described();
        assert_eq!(described.len(), COUNT);
        for ((name, bits), register) in described.into_iter().zip(DESCRIPTION.registers) {
            assert_eq!(register.bits, bits, "{name}");
            match register.contents {
                Contents::Pc => assert_eq!(name, "rip"),
                Contents::Constant(_) => assert_eq!(name, "orig_rax"),
                Contents::Slot(slot) => assert_eq!(GUEST.slot_name(slot), name),
                Contents::View(..) => assert!(name.starts_with('f') || bits == 32, "{name}"),
                _ => panic!("{name}"),
            }
        }
    }

    fn number(name: &str) -> usize {
        let all = described();
        all.iter().position(|it| it.0 == name).unwrap()
    }

    #[test]
    fn values_come_back_as_they_were_written() {
        let mut core = GUEST.core(Arc::new(Memory::new(30).unwrap()));
        for (number, (name, _)) in described().into_iter().enumerate() {
            let register = &DESCRIPTION.registers[number];
            let mut value = vec![0; register.bytes()];
            let low = match name {
                // Bits that are fixed; registers that are all empty.
                "eflags" => 0x2c7,
                "fctrl" => 0x37f,
                "ftag" => 0xffff,
                _ => 0x315_u16,
            };
            value[..2].copy_from_slice(&low.to_le_bytes());
            assert!(DESCRIPTION.write(&mut *core, number, &value), "{name}");
            let expected = match name {
                "orig_rax" => vec![0xff; 8],
                _ => value,
            };
            assert_eq!(DESCRIPTION.read(&*core, number), Some(expected), "{name}");
        }
        assert_eq!((core.register(CF), core.register(ZF)), (1, 1));
        assert!(!DESCRIPTION.write(&mut *core, 0, &[0; 4]), "too short");
        assert_eq!(DESCRIPTION.read(&*core, COUNT), None);
    }

    #[test]
    fn the_unit_is_seen_as_its_image_has_it() {
        let mut core = GUEST.core(Arc::new(Memory::new(30).unwrap()));
        let mut set = |name, value: u32| {
            DESCRIPTION.write(&mut *core, number(name), &value.to_le_bytes());
        };
        // Registers 6 and 7 are in use, and 6 is the top.
        set("fstat", 0x3000);
        set("ftag", 0x0fff);
        set("fctrl", 0x027e);
        set("mxcsr", 0x1_0000);
        let get = |name| {
            let value = DESCRIPTION.read(&*core, number(name)).unwrap();
            u32::from_le_bytes(value.try_into().unwrap())
        };
        assert_eq!((core.register(FPU_TOP), core.register(FPU_TAGS)), (6, 3));
        assert_eq!(core.register(FPU_CONTROL), 0x101);
        // Both hold zero.
        assert_eq!(get("ftag"), 0x5fff);
        assert_eq!(get("mxcsr"), 0x1f80, "fxrstor refuses reserved bits");
    }
}
