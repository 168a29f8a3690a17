//! Blocks: runs of decoded instructions, entered at the top. A branch that is not taken stays
//! inside, so that straight paths through the program are long.

use crate::guest::{Flow, Isa, Undecoded};
use crate::memory::{Memory, PAGE};
use crate::trap::Trap;

/// The most instructions that a block holds: bounds the time between two looks at the stop flag.
const MOST_INSTRUCTIONS: usize = 64;

/// The bytes looked at for one instruction.
const FETCH_BYTES: u64 = 16;

/// Decoded instructions that follow each other in memory.
pub struct Block<I: Isa> {
    /// The address of the first instruction.
    pub start: u64,
    /// The address after the last instruction.
    pub end: u64,
    /// At least one.
    pub entries: Box<[Entry<I>]>,
}

/// One instruction of a block.
pub struct Entry<I: Isa> {
    /// The instruction.
    pub instruction: I::Instruction,
    /// Its distance in bytes from the start of the block.
    pub offset: u16,
}

impl<I: Isa> Block<I> {
    /// Decodes the block at `pc`, which ends before any of the addresses `stops`. Where not even
    /// one instruction can be decoded, that is the trap of the instruction at `pc`.
    pub fn decode(memory: &Memory, pc: u64, stops: &[u64]) -> Result<Block<I>, Trap> {
        let mut entries = Vec::new();
        let mut address = pc;
        let mut trap = Trap::Illegal;
        while entries.len() < MOST_INSTRUCTIONS {
            // A block ends with its page: what lies beyond may be mapped differently tomorrow.
            if address / PAGE != pc / PAGE || (address != pc && stops.contains(&address)) {
                break;
            }
            // Before the fetch, so that no later store goes unnoticed.
            memory.mark_code(address, FETCH_BYTES);
            let instruction = match fetch::<I>(memory, address) {
                Ok(instruction) => instruction,
                Err(why) => {
                    trap = why;
                    break;
                }
            };
            let flow = I::flow(&instruction);
            if flow == Flow::Alone && !entries.is_empty() {
                break;
            }
            let offset = (address - pc) as u16;
            entries.push(Entry {
                instruction,
                offset,
            });
            address = address.wrapping_add(u64::from(I::length(&instruction)));
            if !matches!(flow, Flow::Next | Flow::Branch) {
                break;
            }
        }
        if entries.is_empty() {
            return Err(trap);
        }
        Ok(Block {
            start: pc,
            end: address,
            entries: entries.into(),
        })
    }
}

/// Decodes the instruction at `pc`.
pub fn fetch<I: Isa>(memory: &Memory, pc: u64) -> Result<I::Instruction, Trap> {
    let mut bytes = [0; 16];
    let present = memory.fetch(pc, &mut bytes).map_err(Trap::Fault)?;
    I::decode(&bytes[..present], pc).map_err(|undecoded| match undecoded {
        // The instruction goes on where nothing can be executed: that address faults.
        Undecoded::Truncated { present, .. } => {
            let next = pc.wrapping_add(u64::from(present));
            match memory.fetch(next, &mut bytes) {
                Err(fault) => Trap::Fault(fault),
                Ok(_) => Trap::Illegal,
            }
        }
        Undecoded::Illegal { .. } => Trap::Illegal,
    })
}
