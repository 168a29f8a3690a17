//! Blocks: runs of decoded instructions, entered at the top. A branch that is not taken stays
//! inside, so that straight paths through the program are long.

use crate::guest::{Context, Flow, Isa, Undecoded};
use crate::memory::{Fault, Intent, Memory, PAGE};
use crate::trap::Trap;
use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

/// The most instructions that a block holds: bounds the time between two looks at the stop flag.
pub const MOST_INSTRUCTIONS: usize = 64;

/// The bytes looked at for one instruction.
const FETCH_BYTES: u64 = 16;

/// The most instructions that all blocks hold together: bounds the memory they take.
const MOST_ENTRIES: usize = 1 << 22;

/// How many blocks are known as entered, a power of two.
const ENTERED: usize = 1 << 15;

/// Every block decoded since the last flush.
pub struct Blocks<I: Isa> {
    /// The instructions of one block after the other.
    entries: Vec<Entry<I>>,
    /// Those that are among the blocks entered are as they were before.
    by_start: HashMap<(u64, u8), Entered, BuildHasherDefault<AddressHasher>>,
    /// The blocks entered last, by the low bits of their address.
    entered: Box<[Entered]>,
}

/// Hashes addresses by a multiplication: the table is the guest's own, and it can harm nobody else by
/// filling it badly.
#[derive(Default)]
struct AddressHasher(u64);

impl Hasher for AddressHasher {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|byte| self.write_u8(*byte));
    }

    fn write_u8(&mut self, byte: u8) {
        self.write_u64(u64::from(byte));
    }

    fn write_u64(&mut self, word: u64) {
        // 2^64 divided by the golden ratio; the table takes the upper bits and the lower ones.
        let mixed = (self.0 ^ word).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        self.0 = mixed ^ mixed >> 32;
    }
}

/// A block entered lately. Compiled code, too, finds its way by these.
#[derive(Clone, Copy)]
pub struct Entered {
    /// The block.
    pub block: Block,
    /// How often it was entered.
    pub heat: u32,
    /// How often it is entered until the second tier is asked.
    pub look: u32,
    /// The compiled region that starts where it does, or 0.
    pub code: usize,
}

/// Decoded instructions that follow each other in memory, at least one.
#[derive(Clone, Copy)]
pub struct Block {
    /// The address of the first.
    pub start: u64,
    /// Its index in [`Blocks::entries`].
    first: u32,
    /// How many they are.
    pub count: u32,
}

impl Block {
    /// The index of its first instruction among all that are decoded: no other block has it.
    pub fn index(self) -> usize {
        self.first as usize
    }
}

/// One instruction of a block.
pub struct Entry<I: Isa> {
    /// The instruction.
    pub instruction: I::Instruction,
    /// Its distance in bytes from the start of the block.
    pub offset: u16,
}

impl<I: Isa> Blocks<I> {
    /// How many entries the table of blocks entered has.
    #[cfg(feature = "jit")]
    pub const ENTERED: usize = ENTERED;

    /// The table of blocks entered.
    #[cfg(feature = "jit")]
    pub fn table(&self) -> *const Entered {
        self.entered.as_ptr()
    }

    /// No blocks.
    pub fn new() -> Self {
        Blocks {
            entries: Vec::new(),
            by_start: HashMap::default(),
            entered: Self::nothing_entered(),
        }
    }

    /// Forgets all blocks.
    pub fn flush(&mut self) {
        self.entries.clear();
        self.by_start.clear();
        // In place: compiled code knows where the table is.
        self.entered.fill(Self::NOTHING);
        self.entered[0] = Self::NOTHING_AT_ZERO;
    }

    /// The place of an address among the blocks entered.
    fn slot_of(pc: u64) -> usize {
        (pc / I::ALIGNMENT) as usize % ENTERED
    }

    /// What stands in an empty place: a block that no address of the place is the start of.
    const NOTHING: Entered = Entered {
        block: Block {
            start: 0,
            first: 0,
            count: 0,
        },
        heat: 0,
        look: 0,
        code: 0,
    };
    /// The same in the place of address 0.
    const NOTHING_AT_ZERO: Entered = Entered {
        block: Block {
            start: I::ALIGNMENT,
            ..Self::NOTHING.block
        },
        ..Self::NOTHING
    };

    /// A table without blocks. It takes memory only where there will be some: a thread may be short.
    fn nothing_entered() -> Box<[Entered]> {
        let table = Box::<[Entered]>::new_zeroed_slice(ENTERED);
        // SAFETY: an entry consists of integers, and `NOTHING` of zeros.
        let mut table = unsafe { table.assume_init() };
        table[0] = Self::NOTHING_AT_ZERO;
        table
    }

    /// The block at `pc`, if it was entered lately.
    #[inline(always)]
    pub fn entered(&mut self, pc: u64) -> Option<&mut Entered> {
        let entered = &mut self.entered[Self::slot_of(pc)];
        (entered.block.start == pc).then_some(entered)
    }

    /// From now on, [`Blocks::entered`] knows this block.
    pub fn enter(&mut self, block: Block) {
        let Some(&new) = self.by_start.get(&(block.start, 0)) else {
            return;
        };
        let place = &mut self.entered[Self::slot_of(block.start)];
        let old = std::mem::replace(place, new);
        if let Some(known) = self.by_start.get_mut(&(old.block.start, 0)) {
            *known = old;
        }
    }

    /// The block at `pc` whose first instruction is inside something, if it is decoded.
    pub fn find(&self, pc: u64, inside: u8) -> Option<Block> {
        self.by_start.get(&(pc, inside)).map(|known| known.block)
    }

    /// The block at `pc`, if it was entered lately, wants no look before it was entered so often.
    #[cfg(feature = "jit")]
    pub fn set_look(&mut self, pc: u64, look: u32) {
        if let Some(entered) = self.entered(pc) {
            entered.look = look;
        }
    }

    /// From now on, the block at `pc` has this code, if it is decoded.
    #[cfg(feature = "jit")]
    pub fn set_code(&mut self, pc: u64, code: usize) {
        if let Some(entered) = self.entered(pc) {
            entered.code = code;
        } else if let Some(known) = self.by_start.get_mut(&(pc, 0)) {
            known.code = code;
        }
    }

    /// How often the block at `pc` was entered, if it is decoded. Its first instruction is inside nothing.
    #[cfg(feature = "jit")]
    pub fn heat(&self, pc: u64) -> Option<u32> {
        let known = self.by_start.get(&(pc, 0))?;
        let entered = &self.entered[Self::slot_of(pc)];
        let is_entered = entered.block.start == pc;
        Some(if is_entered { entered.heat } else { known.heat })
    }

    /// The address of the jump or call that the block at `pc` ends with.
    #[cfg(feature = "jit")]
    pub fn last_jump(&self, pc: u64) -> Option<u64> {
        let block = self.find(pc, 0)?;
        let mut entries = self.instructions(block, block.count).iter().rev();
        let mut last = entries.next()?;
        // The last one may be in its delay slot.
        if let Some(before) = entries.next()
            && I::leads_inside(&before.instruction) != 0
        {
            last = before;
        }
        let jumps = matches!(I::flow(&last.instruction), Flow::Jump | Flow::Call);
        jumps.then(|| pc + u64::from(last.offset))
    }

    /// Whether the longest block may be too much.
    pub fn is_full(&self) -> bool {
        self.entries.len() + MOST_INSTRUCTIONS > MOST_ENTRIES
    }

    /// The first `count` instructions of a block.
    #[inline(always)]
    pub fn instructions(&self, block: Block, count: u32) -> &[Entry<I>] {
        let first = block.first as usize;
        &self.entries[first..first + count as usize]
    }

    /// Decodes the block at `pc`, which ends before any of the addresses `stops`. Where not even
    /// one instruction can be decoded, that is the trap of the instruction at `pc`.
    pub fn decode(
        &mut self,
        guest: &I,
        memory: &Memory,
        pc: u64,
        context: Context,
        stops: &[u64],
    ) -> Result<Block, Trap> {
        let first = self.entries.len();
        let mut window = Window::default();
        let mut address = pc;
        let mut inside = context.inside;
        let mut ending = false;
        let mut trap = Trap::Illegal;
        while self.entries.len() - first < MOST_INSTRUCTIONS {
            // A block ends with its page: what lies beyond may be mapped differently tomorrow.
            if address / PAGE != pc / PAGE || (address != pc && stops.contains(&address)) {
                break;
            }
            let context = Context { inside, ..context };
            let bytes = window.at(memory, address);
            let instruction = match decode_at(guest, memory, address, bytes, context) {
                Ok(instruction) => instruction,
                Err(why) => {
                    trap = why;
                    break;
                }
            };
            let flow = I::flow(&instruction);
            if flow == Flow::Alone && address != pc {
                break;
            }
            let offset = (address - pc) as u16;
            self.entries.push(Entry {
                instruction,
                offset,
            });
            address = address.wrapping_add(u64::from(I::length(&instruction)));
            ending |= !matches!(flow, Flow::Next | Flow::Branch);
            inside = I::leads_inside(&instruction);
            // The delay slot of a jump belongs to its block.
            if ending && inside == 0 {
                break;
            }
        }
        let count = self.entries.len() - first;
        if count == 0 {
            return Err(trap);
        }
        let block = Block {
            start: pc,
            first: first as u32,
            count: count as u32,
        };
        let new = Entered {
            block,
            heat: 0,
            look: 0,
            code: 0,
        };
        self.by_start.insert((pc, context.inside), new);
        Ok(block)
    }
}

/// Bytes of code that were fetched together.
struct Window {
    bytes: [u8; Window::MOST],
    /// Where they are from, and how many could be fetched.
    start: u64,
    present: usize,
}

impl Default for Window {
    fn default() -> Self {
        Window {
            bytes: [0; Window::MOST],
            start: 0,
            present: 0,
        }
    }
}

impl Window {
    const MOST: usize = 128;

    /// What can be fetched of the bytes at an address, for one instruction: marked as code first, so that
    /// no later store goes unnoticed.
    fn at(&mut self, memory: &Memory, address: u64) -> Result<&[u8], Fault> {
        let within = address.wrapping_sub(self.start) as usize;
        if self.present.saturating_sub(within) < FETCH_BYTES as usize {
            // Not beyond the page, unless the instruction may be.
            let in_page = PAGE - address % PAGE;
            let most = in_page.clamp(FETCH_BYTES, Window::MOST as u64);
            memory.mark_code(address, most);
            (self.start, self.present) = (address, 0);
            self.present = memory.fetch(address, &mut self.bytes[..most as usize])?;
        }
        let within = address.wrapping_sub(self.start) as usize;
        let end = self.present.min(within + FETCH_BYTES as usize);
        Ok(&self.bytes[within..end])
    }
}

/// Decodes the instruction at `pc` to be kept.
pub fn translate<I: Isa>(
    guest: &I,
    memory: &Memory,
    pc: u64,
    context: Context,
) -> Result<I::Instruction, Trap> {
    // Before the fetch, so that no later store goes unnoticed.
    memory.mark_code(pc, FETCH_BYTES);
    fetch(guest, memory, pc, context)
}

/// Decodes the instruction at `pc`.
pub fn fetch<I: Isa>(
    guest: &I,
    memory: &Memory,
    pc: u64,
    context: Context,
) -> Result<I::Instruction, Trap> {
    let mut bytes = [0; FETCH_BYTES as usize];
    let present = memory.fetch(pc, &mut bytes);
    let bytes = present.map(|present| &bytes[..present]);
    decode_at(guest, memory, pc, bytes, context)
}

/// Decodes the instruction at `pc`, of whose bytes these could be fetched.
fn decode_at<I: Isa>(
    guest: &I,
    memory: &Memory,
    pc: u64,
    bytes: Result<&[u8], Fault>,
    context: Context,
) -> Result<I::Instruction, Trap> {
    if !pc.is_multiple_of(I::ALIGNMENT) {
        return Err(Trap::Misaligned {
            address: pc,
            intent: Intent::Execute,
        });
    }
    let decoded = guest.decode(bytes.map_err(Trap::Fault)?, pc, context);
    decoded.map_err(|undecoded| match undecoded {
        // The instruction goes on where nothing can be executed: that address faults.
        Undecoded::Truncated { present, .. } => {
            let next = pc.wrapping_add(u64::from(present));
            match memory.fetch(next, &mut [0; FETCH_BYTES as usize]) {
                Err(fault) => Trap::Fault(fault),
                Ok(_) => Trap::Illegal,
            }
        }
        Undecoded::Illegal { .. } | Undecoded::Unsupported { .. } => Trap::Illegal,
    })
}
