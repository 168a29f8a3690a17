//! The registers for gdb, by its numbers: the general ones, status, lo, hi, badvaddr, cause, pc, the
//! floating-point ones, fcsr, fir, and restart.
//!
//! A program without privileges has no status, badvaddr and cause, and no call to be restarted: gdb
//! wants them, and reads zero.

use crate::decode::{NAN2008, WIDE_FLOATS};
use crate::regs::{F, HI, LO, R, fcsr, set_fcsr};
use crate::semantics::{FCSR_2008, fir};
use portolan_machine::engine::Moment;
use portolan_machine::gdb::{Contents, Description, Register};
use portolan_machine::guest::Core;
use portolan_machine::memory::Order;

/// The description for harts of a mode: where registers of 32 bits are paired, gdb pairs them too.
pub(crate) fn description(
    has_wide_registers: bool,
    order: Order,
    mode: u8,
) -> &'static Description {
    match (has_wide_registers, mode & WIDE_FLOATS != 0, order) {
        (true, _, Order::Big) => &N64_BIG,
        (true, _, Order::Little) => &N64_LITTLE,
        (false, true, Order::Big) => &O32_FP64_BIG,
        (false, true, Order::Little) => &O32_FP64_LITTLE,
        (false, false, Order::Big) => &O32_BIG,
        (false, false, Order::Little) => &O32_LITTLE,
    }
}

macro_rules! descriptions {
    ($($name:ident $xml:literal $order:ident $registers:ident;)*) => {
        $(static $name: Description = Description {
            xml: include_str!($xml),
            order: Order::$order,
            watches: Moment::Before,
            registers: &$registers,
        };)*
    };
}

descriptions! {
    O32_BIG "gdb/o32.xml" Big O32;
    O32_LITTLE "gdb/o32.xml" Little O32;
    O32_FP64_BIG "gdb/o32-fp64.xml" Big O32_FP64;
    O32_FP64_LITTLE "gdb/o32-fp64.xml" Little O32_FP64;
    N64_BIG "gdb/n64.xml" Big N64;
    N64_LITTLE "gdb/n64.xml" Little N64;
}

static O32: [Register; COUNT] = registers(32, 32);
static O32_FP64: [Register; COUNT] = registers(32, 64);
static N64: [Register; COUNT] = registers(64, 64);

// gdb's numbers; r0 to r31 have their own.
const LO_NUMBER: usize = 33;
const HI_NUMBER: usize = 34;
const PC: usize = 37;
const FIRST_FLOAT: usize = 38;
const FCSR: usize = 70;
const FIR: usize = 71;
const COUNT: usize = 73;

const fn registers(bits: u16, float_bits: u16) -> [Register; COUNT] {
    const fn register(bits: u16, contents: Contents) -> Register {
        Register { bits, contents }
    }
    let mut registers = [register(bits, Contents::Constant(0)); COUNT];
    let mut n = 1;
    while n < 32 {
        registers[n] = register(bits, Contents::Signed(R + n as u8));
        n += 1;
    }
    registers[LO_NUMBER] = register(bits, Contents::Signed(LO));
    registers[HI_NUMBER] = register(bits, Contents::Signed(HI));
    registers[PC] = register(bits, Contents::Pc);
    n = 0;
    while n < 32 {
        let contents = match float_bits {
            // The odd ones are the upper halves of the even ones.
            32 => Contents::Half(F + (n as u8 & !1), 32 * (n as u8 & 1)),
            _ => Contents::Slot(F + n as u8),
        };
        registers[FIRST_FLOAT + n] = register(float_bits, contents);
        n += 1;
    }
    registers[FCSR] = register(bits, Contents::View(read_fcsr, write_fcsr));
    registers[FIR] = register(bits, Contents::View(read_fir, |_, _| {}));
    registers
}

fn read_fcsr(core: &dyn Core) -> u64 {
    let fixed = if has_nan2008(core) { FCSR_2008 } else { 0 };
    u64::from(fcsr(core)) | fixed as u64
}

fn write_fcsr(core: &mut dyn Core, value: u64) {
    set_fcsr(core, value as u32);
}

fn read_fir(core: &dyn Core) -> u64 {
    fir(has_nan2008(core)) as u64
}

fn has_nan2008(core: &dyn Core) -> bool {
    core.mode() & NAN2008 != 0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{MIPS, MIPS64EL};
    use portolan_machine::guest::Guest;
    use portolan_machine::memory::Memory;
    use std::sync::Arc;

    /// The numbers, names and widths of the description's registers.
    fn described(description: &Description) -> Vec<(usize, &'static str, u16)> {
        let attribute = |line: &'static str, name: &str| {
            let (_, rest) = line.split_once(&format!("{name}=\""))?;
            Some(rest.split_once('"')?.0)
        };
        let lines = description.xml.lines().map(str::trim);
        lines
            .filter(|line| line.starts_with("<reg "))
            .map(|line| {
                let number = |name| attribute(line, name).unwrap().parse().unwrap();
                let bits = number("bitsize") as u16;
                (number("regnum"), attribute(line, "name").unwrap(), bits)
            })
            .collect()
    }

    const ALL: [(&str, &Description, u8); 3] = [
        ("o32", &O32_BIG, 0),
        ("o32-fp64", &O32_FP64_BIG, WIDE_FLOATS),
        ("n64", &N64_LITTLE, WIDE_FLOATS),
    ];

    #[test]
    fn the_table_lists_what_the_description_says() {
        for (title, description, _) in ALL {
            let mut described = described(description);
            described.sort_unstable();
            assert_eq!(described.len(), COUNT, "{title}");
            for (number, (regnum, name, bits)) in described.into_iter().enumerate() {
                assert_eq!(regnum, number, "{title}: {name}");
                let register = description.registers[number];
                assert_eq!(register.bits, bits, "{title}: {name}");
                let slot = match register.contents {
                    Contents::Signed(slot) => MIPS.slot_number(slot),
                    Contents::Slot(slot) => format!("f{}", slot - F),
                    Contents::Half(slot, at) => format!("f{}", slot - F + u8::from(at == 32)),
                    Contents::Pc => "pc".to_owned(),
                    Contents::Constant(_) | Contents::View(..) => name.to_owned(),
                    Contents::Fields(_) => panic!("{name}"),
                };
                assert_eq!(slot, name, "{title}");
            }
        }
    }

    impl crate::Mips {
        /// gdb's name of a general register's slot.
        fn slot_number(&self, slot: u8) -> String {
            match slot {
                HI => "hi".to_owned(),
                LO => "lo".to_owned(),
                _ => format!("r{}", slot - R),
            }
        }
    }

    #[test]
    fn values_come_back_as_they_were_written() {
        for (title, description, mode) in ALL {
            let guest: &'static dyn Guest = if title == "n64" { &MIPS64EL } else { &MIPS };
            let mut core = guest.core(Arc::new(Memory::new(30).unwrap()));
            core.set_mode(mode);
            for (number, register) in description.registers.iter().enumerate() {
                if matches!(register.contents, Contents::Constant(_)) || number == FIR {
                    continue;
                }
                // FCSR's exceptions that are not enabled, and the rounding mode.
                let mut value = vec![0; register.bytes()];
                let lowest = match description.order {
                    Order::Little => 0,
                    Order::Big => register.bytes() - 1,
                };
                value[lowest] = 0x16;
                assert!(description.write(&mut *core, number, &value));
                assert_eq!(
                    description.read(&*core, number),
                    Some(value),
                    "{title}: {number}"
                );
            }
        }
    }

    #[test]
    fn registers_of_32_bits_are_halves_and_extended() {
        let mut core = MIPS.core(Arc::new(Memory::new(30).unwrap()));
        assert!(O32_BIG.write(&mut *core, 4, &[0x80, 0, 0, 1]));
        assert_eq!(core.register(R + 4), 0xffff_ffff_8000_0001);
        assert!(O32_BIG.write(&mut *core, FIRST_FLOAT + 2, &[1, 2, 3, 4]));
        assert!(O32_BIG.write(&mut *core, FIRST_FLOAT + 3, &[5, 6, 7, 8]));
        assert_eq!(core.register(F + 2), 0x0506_0708_0102_0304);
    }
}
