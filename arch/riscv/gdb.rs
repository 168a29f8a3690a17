//! The registers for gdb.

use crate::regs::{F, FFLAGS, FRM, X};
use portolan_machine::engine::Moment;
use portolan_machine::gdb::{Contents, Description, Field, Register};
use portolan_machine::memory::Order;

/// RV64GC for gdb.
pub static DESCRIPTION: Description = Description {
    xml: include_str!("gdb.xml"),
    order: Order::Little,
    watches: Moment::After,
    registers: &REGISTERS,
};

const fn register(bits: u16, contents: Contents) -> Register {
    Register { bits, contents }
}

const PC: usize = 32;
const FIRST_FLOAT: usize = 33;
const CSRS: [Register; 3] = [
    register(32, Contents::Slot(FFLAGS)),
    register(32, Contents::Slot(FRM)),
    register(32, Contents::Fields(FCSR)),
];
const COUNT: usize = FIRST_FLOAT + 32 + CSRS.len();

const FCSR: &[Field] = &[
    Field {
        slot: FFLAGS,
        low: 0,
        bits: 5,
    },
    Field {
        slot: FRM,
        low: 5,
        bits: 3,
    },
];

/// In the order of `gdb.xml`: x0 to x31, pc, f0 to f31, fflags, frm, fcsr.
static REGISTERS: [Register; COUNT] = {
    let mut registers = [register(64, Contents::Pc); COUNT];
    registers[0] = register(64, Contents::Constant(0));
    let mut n = 1;
    while n < PC {
        registers[n] = register(64, Contents::Slot(X + n as u8));
        n += 1;
    }
    n = 0;
    while n < 32 {
        registers[FIRST_FLOAT + n] = register(64, Contents::Slot(F + n as u8));
        n += 1;
    }
    n = 0;
    while n < CSRS.len() {
        registers[FIRST_FLOAT + 32 + n] = CSRS[n];
        n += 1;
    }
    registers
};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::GUEST;
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
        assert_eq!(described.len(), DESCRIPTION.registers.len());
        for ((name, bits), register) in described.into_iter().zip(DESCRIPTION.registers) {
            assert_eq!(register.bits, bits, "{name}");
            match register.contents {
                Contents::Pc => assert_eq!(name, "pc"),
                Contents::Constant(_) => assert_eq!(name, "zero"),
                Contents::Fields(_) => assert_eq!(name, "fcsr"),
                Contents::Signed(_) | Contents::Half(..) | Contents::View(..) => panic!("{name}"),
                // gdb knows s0 by its other name.
                Contents::Slot(slot) => {
                    let ours = GUEST.slot_name(slot);
                    assert_eq!(name, if ours == "s0" { "fp" } else { &ours });
                }
            }
        }
    }

    #[test]
    fn values_come_back_as_they_were_written() {
        let mut core = GUEST.core(Arc::new(Memory::new(30).unwrap()));
        for (number, register) in DESCRIPTION.registers.iter().enumerate() {
            let mut value = vec![0; register.bytes()];
            value[0] = 0x15;
            assert!(DESCRIPTION.write(&mut *core, number, &value));
            let expected = if number == 0 { vec![0; 8] } else { value };
            assert_eq!(DESCRIPTION.read(&*core, number), Some(expected));
        }
        let fcsr = DESCRIPTION.registers.len() - 1;
        DESCRIPTION.write(&mut *core, fcsr, &[0x61, 0, 0, 0]);
        assert_eq!((core.register(FFLAGS), core.register(FRM)), (1, 3));
        assert!(!DESCRIPTION.write(&mut *core, 1, &[0; 4]), "too short");
        assert_eq!(DESCRIPTION.read(&*core, fcsr + 1), None);
    }
}
