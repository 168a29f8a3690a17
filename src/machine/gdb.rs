//! What a debugger that speaks gdb's remote protocol has to know of a guest: which registers there
//! are, in the order of its target description, and which slots hold them.

use crate::engine::Moment;
use crate::guest::Core;
use crate::memory::Order;
use crate::registers::Slot;

/// A guest as gdb sees it.
#[derive(Debug)]
pub struct Description {
    /// The target description, `target.xml`. gdb wants certain features by name of each
    /// architecture that it knows.
    pub xml: &'static str,
    /// The byte order of registers.
    pub order: Order,
    /// When gdb expects a stop at a watched access.
    pub watches: Moment,
    /// Every register of `xml`, in its order: gdb's numbers are positions in this list.
    pub registers: &'static [Register],
}

/// A register of the target description.
#[derive(Clone, Copy, Debug)]
pub struct Register {
    /// Its width there.
    pub bits: u16,
    /// What it shows.
    pub contents: Contents,
}

/// What a register of the target description shows.
#[derive(Clone, Copy, Debug)]
pub enum Contents {
    /// The address of the next instruction.
    Pc,
    /// A number that nothing changes.
    Constant(u64),
    /// A register; one wider than 64 bits continues in the next slots.
    Slot(Slot),
    /// A register of up to 64 bits, which its slot holds sign-extended.
    Signed(Slot),
    /// The 32 bits of a register from this one on; the others stay as they are.
    Half(Slot, u8),
    /// Fields of several registers in one.
    Fields(&'static [Field]),
    /// What these functions read and write.
    View(fn(&dyn Core) -> u64, fn(&mut dyn Core, u64)),
}

/// Bits of a register that other registers hold.
#[derive(Clone, Copy, Debug)]
pub struct Field {
    /// Where they are, from bit 0.
    pub slot: Slot,
    /// Their lowest bit in the register shown.
    pub low: u8,
    /// How many there are, less than 64.
    pub bits: u8,
}

/// The bits of [`Contents::Half`].
const HALF: u64 = 0xffff_ffff;

impl Register {
    /// Bytes of its value.
    pub fn bytes(&self) -> usize {
        usize::from(self.bits).div_ceil(8)
    }
}

impl Description {
    /// The number of a register, by its name in `xml`.
    pub fn number_of(&self, name: &str) -> Option<usize> {
        let registers = self.xml.split("<reg ").skip(1);
        let mut names = registers.map(|register| {
            let (_, rest) = register.split_once("name=\"")?;
            rest.split('"').next()
        });
        names.position(|other| other == Some(name))
    }

    /// The value of a register, as bytes in the guest's order. None: there is none of this number.
    pub fn read(&self, core: &dyn Core, number: usize) -> Option<Vec<u8>> {
        let register = self.registers.get(number)?;
        let first = match register.contents {
            Contents::Pc => core.pc(),
            Contents::Constant(value) => value,
            Contents::Slot(slot) | Contents::Signed(slot) => core.register(slot),
            Contents::Half(slot, at) => core.register(slot) >> at & HALF,
            Contents::Fields(fields) => fields.iter().fold(0, |value, field| {
                value | (core.register(field.slot) & field.mask()) << field.low
            }),
            Contents::View(read, _) => read(core),
        };
        let mut bytes = first.to_le_bytes().to_vec();
        if let Contents::Slot(slot) = register.contents {
            let rest = (1..register.bytes().div_ceil(8)).map(|n| slot.wrapping_add(n as u8));
            bytes.extend(rest.flat_map(|slot| core.register(slot).to_le_bytes()));
        }
        bytes.resize(register.bytes(), 0);
        if self.order == Order::Big {
            bytes.reverse();
        }
        Some(bytes)
    }

    /// Replaces the value of a register. False: there is none of this number, or it has another
    /// width.
    pub fn write(&self, core: &mut dyn Core, number: usize, bytes: &[u8]) -> bool {
        let Some(register) = self.registers.get(number) else {
            return false;
        };
        if bytes.len() != register.bytes() {
            return false;
        }
        let mut bytes = bytes.to_vec();
        if self.order == Order::Big {
            bytes.reverse();
        }
        let mut words = bytes.chunks(8).map(|part| {
            let mut word = [0; 8];
            word[..part.len()].copy_from_slice(part);
            u64::from_le_bytes(word)
        });
        match register.contents {
            Contents::Pc => core.set_pc(words.next().unwrap_or(0)),
            Contents::Constant(_) => {}
            Contents::Slot(slot) => {
                for (n, word) in (0..).zip(words) {
                    core.set_register(slot.wrapping_add(n), word);
                }
            }
            Contents::Signed(slot) => {
                let unused = 64 - u32::from(register.bits);
                let value = words.next().unwrap_or(0) << unused;
                core.set_register(slot, (value.cast_signed() >> unused).cast_unsigned());
            }
            Contents::Half(slot, at) => {
                let others = core.register(slot) & !(HALF << at);
                core.set_register(slot, others | words.next().unwrap_or(0) << at);
            }
            Contents::Fields(fields) => {
                let value = words.next().unwrap_or(0);
                for field in fields {
                    core.set_register(field.slot, value >> field.low & field.mask());
                }
            }
            Contents::View(_, write) => write(core, words.next().unwrap_or(0)),
        }
        true
    }
}

impl Field {
    fn mask(&self) -> u64 {
        (1 << self.bits) - 1
    }
}
