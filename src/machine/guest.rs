//! What an instruction set brings to the machine, and what the machine makes of it.
//!
//! An instruction set implements [`Isa`]: data, a decoder, and semantics generic over a domain.
//! The machine turns that into a [`Guest`] (everything a view needs) and its [`Core`]s
//! (harts that run), both object safe, so that the rest of the program never names an
//! instruction set.

use crate::convention::Convention;
use crate::domain::{Domain, FloatUnit};
use crate::engine::{
    BlockObserver, Compilation, Compiling, Cpu, Interpreter, Quiesced, Watchpoint, tier,
};
use crate::gdb;
use crate::graph::evaluate::Observer;
use crate::graph::{Graph, Record};
use crate::hart::{Clock, Random};
use crate::memory::{Memory, Order};
use crate::registers::{Register, RegisterFile, Slot};
use crate::stop::StopFlag;
use crate::trap::{Stop, Trap};
use std::sync::Arc;
use std::time::Duration;
use thiserror::Error;

/// A family of instruction sets: what an `arch/*` crate implements. Its values are the members,
/// which share decoder and semantics and differ in what these look up: RISC-V's only one is a unit
/// struct, those of MIPS say byte order and width.
pub trait Isa: Sized + Send + Sync + 'static {
    /// A decoded instruction.
    type Instruction: Copy + Send + Sync + 'static;

    /// Instructions start at multiples of this many bytes.
    const ALIGNMENT: u64;

    /// The architecture's name as in a target triple: `riscv64`.
    fn name(&self) -> &'static str;

    /// The name in full, with the extensions.
    fn title(&self) -> &'static str;

    /// Width in bits of a user address: the size of the guest's address space.
    fn address_bits(&self) -> u32;

    /// The byte order of instructions and data.
    fn order(&self) -> Order {
        Order::Little
    }

    /// The register files in the manual's order, general registers first.
    fn register_files(&self) -> &'static [RegisterFile];

    /// The slot of the stack pointer.
    fn stack_pointer(&self) -> Slot;

    /// The flags: slots that hold 0 or 1, which most instructions write and few read. The compiler computes them
    /// where they are read.
    fn flags(&self) -> &'static [Slot] {
        &[]
    }

    /// The floating-point unit. Of several, any: they have their slots in common.
    fn float_unit(&self) -> Option<&'static FloatUnit> {
        None
    }

    /// State that no instruction names, with the names that explanations give it.
    fn hidden_slots(&self) -> &'static [(Slot, &'static str)] {
        &[]
    }

    /// Whether other harts see a hart's loads and stores in their order, but for loads that overtake
    /// stores.
    fn is_strongly_ordered(&self) -> bool {
        false
    }

    /// The registers for gdb, of a hart in a mode.
    fn gdb(&self, mode: u8) -> Option<&'static gdb::Description> {
        let _ = mode;
        None
    }

    /// Whether instructions may be *inside* something: see [`Context::inside`]. Where none is, the
    /// engine spends nothing on it.
    const INSIDE: bool = false;

    /// The slots in which an instruction hands something to the one inside it. What they hold
    /// elsewhere is nobody's concern.
    const CARRIED: &'static [Slot] = &[];

    /// The [`Context::mode`] of a new hart.
    fn mode(&self) -> u8 {
        0
    }

    /// Decodes the instruction that `bytes` starts with. `bytes` is what can be fetched at
    /// `pc`, at most 16 bytes; more than the instruction has is ignored.
    fn decode(
        &self,
        bytes: &[u8],
        pc: u64,
        context: Context,
    ) -> Result<Self::Instruction, Undecoded>;

    /// What the instruction that follows in memory is inside of.
    fn leads_inside(instruction: &Self::Instruction) -> u8 {
        let _ = instruction;
        0
    }

    /// How many bytes before an instruction execution starts again after it trapped.
    fn restarts_before(instruction: &Self::Instruction) -> u8 {
        let _ = instruction;
        0
    }

    /// The length of an instruction in bytes.
    fn length(instruction: &Self::Instruction) -> u8;

    /// How an instruction continues.
    fn flow(instruction: &Self::Instruction) -> Flow;

    /// Carries the instruction's meaning out in a domain.
    fn execute<D: Domain>(cpu: D, instruction: &Self::Instruction) -> Result<(), D::Leave>;

    /// A disassembler with its memory of earlier lines empty.
    fn disassembler(&self, style: Style) -> Box<dyn Disassembler>;

    /// Everything there is to say about the instruction that `bytes` starts with.
    fn explain(&self, bytes: &[u8], pc: u64) -> Result<Explanation, Undecoded>;

    /// How functions call each other and the kernel.
    fn convention(&self) -> &'static Convention;

    /// Every instruction, in the manual's order.
    fn instructions(&self) -> Vec<Summary>;

    /// Instructions with plain operands, as bytes: some of each kind that is executed, with `constant`
    /// where there is a number. Those that cannot hold it are left out.
    fn instances(&self, constant: i64) -> Vec<Vec<u8>>;
}

/// What decoding an instruction depends on besides its bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Context {
    /// State of the hart that changes rarely, such as how registers pair; its meaning is the
    /// instruction set's.
    pub mode: u8,
    /// What the instructions before have begun that this one is a part of: 0 for nothing. A branch
    /// puts the instruction after it inside its delay slot. It belongs to the pc: a hart carries
    /// it between instructions, and going elsewhere ends it.
    pub inside: u8,
}

/// How an instruction continues.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flow {
    /// At the next instruction.
    Next,
    /// At the next instruction, but in a block of its own: it reads counters or changes what
    /// fetch sees.
    Alone,
    /// At a target or the next instruction, depending on guest values.
    Branch,
    /// Elsewhere.
    Jump,
    /// In a function that returns here.
    Call,
    /// At the return address.
    Return,
    /// It always traps.
    Trap,
}

/// Why bytes are no instruction.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Undecoded {
    /// The bytes end before the instruction does.
    #[error("the instruction is cut off: it has {needed} bytes, here are {present}")]
    Truncated {
        /// The instruction's length in bytes.
        needed: u8,
        /// The bytes given.
        present: u8,
    },
    /// An instruction of the family's that this member of it does not have, or that Portolan only
    /// knows by name.
    #[error("{name} is {extension}, which is not supported")]
    Unsupported {
        /// The bytes to step over.
        length: u8,
        /// The mnemonic.
        name: &'static str,
        /// The extension or version that has it.
        extension: &'static str,
    },
    /// No instruction of this instruction set, or one of an extension that is not supported.
    #[error("no instruction of this instruction set")]
    Illegal {
        /// The bytes to step over to look for the next instruction.
        length: u8,
    },
}

/// How assembly is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Style {
    /// Short forms where the manual has them: `li a0,1` for `addi a0,zero,1`.
    pub aliases: bool,
    /// The calling convention's register names: `a0` for `x10`.
    pub abi_names: bool,
    /// The other syntax, where there are two: Intel's, whose operands begin with the destination,
    /// instead of AT&T's.
    pub other_syntax: bool,
}

impl Default for Style {
    fn default() -> Self {
        Style {
            aliases: true,
            abi_names: true,
            other_syntax: false,
        }
    }
}

/// Writes instructions as assembly, in the order they stand in memory: what an address pair
/// (`auipc`, `addi`) refers to is only known from both.
pub trait Disassembler: Send {
    /// The bytes that a listing puts on a line before it goes on with the next one, where it prints
    /// them in units of so many (see [`Line::unit`]).
    fn bytes_per_line(&self, unit: u8) -> u8;

    /// Tells of a symbol of the file: some have a meaning, such as what a register points to.
    fn symbol(&mut self, name: &str, address: u64) {
        let _ = (name, address);
    }

    /// The instruction that `bytes` starts with; there must be at least one. Bytes that are no
    /// instruction give a line of data.
    fn line(&mut self, bytes: &[u8], pc: u64) -> Line;
}

/// One line of assembly.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// The bytes it stands for.
    pub length: u8,
    /// The bytes printed as one hexadecimal number: the whole instruction, or 1 for a list of
    /// single bytes.
    pub unit: u8,
    /// The mnemonic, or a directive for what is no instruction.
    pub mnemonic: String,
    /// The operands as the assembler takes them, but for `target`.
    pub operands: String,
    /// The column in which operands begin, at least one after the mnemonic; 0 for a tab.
    pub operand_column: u8,
    /// An address that comes after the operands, to be named by its symbol.
    pub target: Option<u64>,
    /// An address that the instruction computes or accesses together with earlier ones.
    pub reference: Option<u64>,
    /// Whether the next instruction is executed before this one takes effect.
    pub has_delay_slot: bool,
    /// False for data.
    pub decoded: bool,
}

impl Line {
    /// The line in full, with a tab after the mnemonic; `address` writes an address with or
    /// without its symbol.
    pub fn text(&self, address: &dyn Fn(u64) -> String) -> String {
        let mut text = self.mnemonic.clone();
        if !self.operands.is_empty() || self.target.is_some() {
            match usize::from(self.operand_column) {
                0 => text.push('\t'),
                column => {
                    let spaces = column.saturating_sub(text.len()).max(1);
                    text.extend(std::iter::repeat_n(' ', spaces));
                }
            }
            text.push_str(&self.operands);
        }
        if let Some(target) = self.target {
            text.push_str(&address(target));
        }
        if let Some(reference) = self.reference {
            text.push_str(" # ");
            text.push_str(&address(reference));
        }
        text
    }
}

/// Everything there is to say about one instruction, for a view to lay out.
#[derive(Clone, Debug)]
pub struct Explanation {
    /// The instruction's bytes, in memory order.
    pub bytes: Vec<u8>,
    /// The bytes in which bits of fields are counted: the whole instruction as one number, or 1 for
    /// each byte by itself.
    pub unit: u8,
    /// The assembly, as disassembled with aliases.
    pub assembly: String,
    /// The same without aliases, where it differs.
    pub without_aliases: Option<String>,
    /// The manual's name of the instruction.
    pub name: String,
    /// The extension that it belongs to.
    pub extension: String,
    /// The section of the manual.
    pub section: String,
    /// The encoding in the manual's notation.
    pub notation: String,
    /// One sentence on what it does.
    pub sentence: String,
    /// For a short encoding, the instruction it stands for.
    pub expansion: Option<String>,
    /// Every field of the encoding, from the highest bit or first byte.
    pub fields: Vec<FieldValue>,
    /// What it does with these operands.
    pub graph: Graph,
}

/// A run of an encoding's bits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldValue {
    /// The field's name in the manual, with the bits of its value if the run is a part of it.
    pub name: String,
    /// Highest and lowest bit, counted in the instruction word, or in each byte: see
    /// [`Explanation::unit`]. A number of several bytes is counted by itself.
    pub bits: (u8, u8),
    /// The bits' value.
    pub value: u64,
    /// What the value says: a register, an offset; for fixed bits, which instructions they select.
    pub meaning: String,
}

/// An instruction in a list.
#[derive(Clone, Debug)]
pub struct Summary {
    /// The mnemonic; mnemonics with spaces between them, where the manual states several together.
    pub name: String,
    /// The operands, by the names of the manual's fields; empty where a notation has them.
    pub operands: String,
    /// Its encodings in the manual's notation.
    pub notations: Vec<String>,
    /// The extension that it belongs to.
    pub extension: String,
    /// The section of the manual.
    pub section: String,
    /// One sentence on what it does.
    pub sentence: String,
    /// False if it is known by name only.
    pub is_executed: bool,
}

/// An instruction set as the shell sees it.
pub trait Guest: Send + Sync {
    /// See [`Isa::name`].
    fn name(&self) -> &'static str;
    /// See [`Isa::title`].
    fn title(&self) -> &'static str;
    /// See [`Isa::address_bits`].
    fn address_bits(&self) -> u32;
    /// See [`Isa::order`].
    fn order(&self) -> Order;
    /// See [`Isa::ALIGNMENT`].
    fn alignment(&self) -> u64;
    /// See [`Isa::register_files`].
    fn register_files(&self) -> &'static [RegisterFile];
    /// See [`Isa::stack_pointer`].
    fn stack_pointer(&self) -> Slot;
    /// See [`Isa::flags`].
    fn flags(&self) -> &'static [Slot] {
        &[]
    }
    /// See [`Isa::float_unit`].
    fn float_unit(&self) -> Option<&'static FloatUnit> {
        None
    }
    /// See [`Isa::hidden_slots`].
    fn hidden_slots(&self) -> &'static [(Slot, &'static str)];
    /// See [`Isa::is_strongly_ordered`].
    fn is_strongly_ordered(&self) -> bool {
        false
    }
    /// See [`Isa::gdb`].
    fn gdb(&self, mode: u8) -> Option<&'static gdb::Description> {
        let _ = mode;
        None
    }
    /// A hart on a memory, all its registers zero.
    fn core(&'static self, memory: Arc<Memory>) -> Box<dyn Core>;
    /// What the compiler makes of the code that is entered at `pc` in a [`Context::mode`]. `has_run`
    /// tells of addresses that jumps lead to whether the code there counts as run, which alone is
    /// compiled with it. None where there is no compiler.
    fn compile(
        &'static self,
        memory: &Memory,
        mode: u8,
        pc: u64,
        cpu: Cpu,
        has_run: &dyn Fn(u64) -> bool,
    ) -> Option<Compilation> {
        let _ = (memory, mode, pc, cpu, has_run);
        None
    }
    /// See [`Isa::mode`].
    fn mode(&self) -> u8 {
        0
    }
    /// See [`Isa::disassembler`].
    fn disassembler(&self, style: Style) -> Box<dyn Disassembler>;
    /// See [`Isa::explain`].
    fn explain(&self, bytes: &[u8], pc: u64) -> Result<Explanation, Undecoded>;
    /// See [`Isa::convention`].
    fn convention(&self) -> &'static Convention;
    /// See [`Isa::instructions`].
    fn instructions(&self) -> Vec<Summary>;
    /// See [`Isa::instances`].
    fn instances(&self, constant: i64) -> Vec<Vec<u8>>;
    /// The meaning of the instruction that `bytes` starts with.
    fn record(&self, bytes: &[u8], pc: u64) -> Result<Graph, Undecoded>;
    /// Why a hart in a mode does not execute what `bytes` starts with, if it does not.
    fn refusal(&self, bytes: &[u8], pc: u64, mode: u8) -> Option<Undecoded>;
    /// Whether the instruction after the one that `bytes` starts with is inside that: its delay slot. See
    /// [`Isa::leads_inside`].
    fn leads_inside(&self, bytes: &[u8], pc: u64) -> bool {
        let _ = (bytes, pc);
        false
    }

    /// The register that starts at a slot.
    fn register(&self, slot: Slot) -> Option<(&'static RegisterFile, &'static Register)> {
        self.register_files()
            .iter()
            .find_map(|file| Some((file, file.at(slot)?)))
    }

    /// What to call a slot: the calling convention's name of its register. That of one with two slots
    /// is its lower half's.
    fn slot_name(&self, slot: Slot) -> String {
        let hidden = || {
            self.hidden_slots()
                .iter()
                .find(|(hidden, _)| *hidden == slot)
        };
        let below = || slot.checked_sub(1).and_then(|slot| self.register(slot));
        match self.register(slot) {
            Some((_, register)) => register.abi.to_owned(),
            None if below().is_some_and(|(file, _)| file.stride() == 2) => below()
                .map_or_else(String::new, |(_, register)| {
                    format!("{}.high", register.abi)
                }),
            None => hidden().map_or_else(|| format!("slot{slot}"), |(_, name)| (*name).to_owned()),
        }
    }

    /// The register with a name of the manual or of the calling convention.
    fn register_named(&self, name: &str) -> Option<(Slot, &'static RegisterFile)> {
        self.register_files().iter().find_map(|file| {
            let (slot, _) = file.iter().find(|(_, r)| r.name == name || r.abi == name)?;
            Some((slot, file))
        })
    }
}

/// One hart on a memory: runs guest instructions.
pub trait Core: Send {
    /// The instruction set.
    fn guest(&self) -> &'static dyn Guest;
    /// The memory it runs in.
    fn memory(&self) -> &Arc<Memory>;
    /// The address of the next instruction.
    fn pc(&self) -> u64;
    /// Continues elsewhere.
    fn set_pc(&mut self, pc: u64);
    /// What the next instruction is a part of: see [`Context::inside`].
    fn inside(&self) -> u8 {
        0
    }
    /// Replaces [`Core::inside`], after [`Core::set_pc`], which sets it to nothing if it moves.
    fn set_inside(&mut self, inside: u8) {
        let _ = inside;
    }
    /// The hart's [`Context::mode`].
    fn mode(&self) -> u8 {
        0
    }
    /// Replaces the mode.
    fn set_mode(&mut self, mode: u8) {
        let _ = mode;
    }
    /// The contents of a register slot.
    fn register(&self, slot: Slot) -> u64;
    /// Replaces the contents of a register slot.
    fn set_register(&mut self, slot: Slot, value: u64);
    /// Sets where the guest's wall clock comes from.
    fn set_clock(&mut self, clock: Clock);
    /// Sets where the guest's random numbers come from.
    fn set_random(&mut self, random: Random) {
        let _ = random;
    }
    /// Stops [`Core::run`] before the instructions at these addresses, but for the first that it
    /// runs. Replaces those set before.
    fn set_breakpoints(&mut self, addresses: &[u64]);
    /// Stops [`Core::run`] at these accesses. Replaces those set before.
    fn set_watchpoints(&mut self, watchpoints: &[Watchpoint]);
    /// Sets what is compiled rather than interpreted; nothing on hosts without a compiler.
    fn set_compiling(&mut self, compiling: Compiling) {
        let _ = compiling;
    }
    /// Keeps at most so many bytes of compiled code, of all harts on this memory together: when there is
    /// more, all of it is dropped.
    fn set_code_room(&mut self, bytes: usize) {
        let _ = bytes;
    }
    /// From now on, the statistics tell where time goes. That takes some.
    fn measure(&mut self) {}
    /// Has an observer told of what [`Core::run`] runs, and those made from it by [`Core::fork`] of what other
    /// harts do; nobody, where this is not an interpreter of blocks.
    fn set_observer(&mut self, observer: Option<Box<dyn BlockObserver>>) {
        let _ = observer;
    }
    /// Tells the observer that this was all, and has none any more.
    fn finish_observation(&mut self) {}
    /// Runs at most `budget` instructions; `u64::MAX` is no limit.
    fn run(&mut self, budget: u64) -> Stop;
    /// Runs one instruction and tells everything it reads and changes.
    fn observe(&mut self, observer: &mut dyn Observer) -> Result<(), Trap>;
    /// Instructions retired since the hart was made.
    fn retired(&self) -> u64;
    /// What the engine did.
    fn statistics(&self) -> Statistics;
    /// Raise it from anywhere, and `run` returns [`Stop::Requested`] at the next block boundary
    /// and lowers it.
    fn stop_flag(&self) -> Arc<StopFlag>;
    /// A second hart on the same memory, with the same registers.
    fn fork(&self) -> Box<dyn Core>;
    /// Keeps other harts out of what it shares with them until the result is dropped: a process
    /// that is about to fork(2) holds this across it.
    fn quiesce(&self) -> Quiesced<'_> {
        Quiesced::default()
    }
    /// The length in bytes of the instruction at the pc, or 0 where there is none.
    fn instruction_length(&self) -> u64;
}

/// What an engine did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Statistics {
    /// Instructions retired.
    pub retired: u64,
    /// Blocks decoded.
    pub blocks_decoded: u64,
    /// Instructions decoded.
    pub instructions_decoded: u64,
    /// Times that the block, or the compiled code, at the pc was where the interpreter looks first.
    pub blocks_at_hand: u64,
    /// Times that it was not, but had been decoded.
    pub blocks_found: u64,
    /// Times that all decoded blocks were dropped because code had changed.
    pub flushes: u64,
    /// Where time went: None unless somebody wanted to know, or if hooks are called.
    pub measured: Option<Measured>,
    /// What was compiled, for all harts on the memory together.
    pub compiled: Compiled,
}

/// Where time went: processor time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Measured {
    /// In the interpreter, which decodes too.
    pub interpreting: Duration,
    /// In compiled code.
    pub compiled: Duration,
    /// The instructions that compiled code retired.
    pub compiled_retired: u64,
}

/// What a compiler did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Compiled {
    /// Regions compiled.
    pub regions: u64,
    /// Those that were compiled anew, as their computed jumps had come to go elsewhere.
    pub anew: u64,
    /// Instructions in them.
    pub instructions: u64,
    /// Bytes of machine code.
    pub bytes: u64,
    /// The processor time that it took.
    pub time: Duration,
    /// Blocks compiled by themselves, quickly.
    pub blocks: u64,
    /// Instructions in them.
    pub block_instructions: u64,
    /// Bytes of machine code.
    pub block_bytes: u64,
}

impl<I: Isa> Guest for I {
    fn name(&self) -> &'static str {
        Isa::name(self)
    }
    fn title(&self) -> &'static str {
        Isa::title(self)
    }
    fn address_bits(&self) -> u32 {
        Isa::address_bits(self)
    }
    fn order(&self) -> Order {
        Isa::order(self)
    }
    fn alignment(&self) -> u64 {
        I::ALIGNMENT
    }
    fn register_files(&self) -> &'static [RegisterFile] {
        Isa::register_files(self)
    }
    fn stack_pointer(&self) -> Slot {
        Isa::stack_pointer(self)
    }
    fn flags(&self) -> &'static [Slot] {
        Isa::flags(self)
    }
    fn float_unit(&self) -> Option<&'static FloatUnit> {
        Isa::float_unit(self)
    }
    fn hidden_slots(&self) -> &'static [(Slot, &'static str)] {
        Isa::hidden_slots(self)
    }
    fn is_strongly_ordered(&self) -> bool {
        Isa::is_strongly_ordered(self)
    }
    fn gdb(&self, mode: u8) -> Option<&'static gdb::Description> {
        Isa::gdb(self, mode)
    }
    fn core(&'static self, memory: Arc<Memory>) -> Box<dyn Core> {
        Box::new(Interpreter::<I>::new(self, memory))
    }
    fn compile(
        &'static self,
        memory: &Memory,
        mode: u8,
        pc: u64,
        cpu: Cpu,
        has_run: &dyn Fn(u64) -> bool,
    ) -> Option<Compilation> {
        tier::compile(self, memory, mode, pc, cpu, has_run)
    }
    fn mode(&self) -> u8 {
        Isa::mode(self)
    }
    fn disassembler(&self, style: Style) -> Box<dyn Disassembler> {
        Isa::disassembler(self, style)
    }
    fn explain(&self, bytes: &[u8], pc: u64) -> Result<Explanation, Undecoded> {
        Isa::explain(self, bytes, pc)
    }
    fn convention(&self) -> &'static Convention {
        Isa::convention(self)
    }
    fn instructions(&self) -> Vec<Summary> {
        Isa::instructions(self)
    }
    fn instances(&self, constant: i64) -> Vec<Vec<u8>> {
        Isa::instances(self, constant)
    }
    fn record(&self, bytes: &[u8], pc: u64) -> Result<Graph, Undecoded> {
        let context = Context {
            mode: Isa::mode(self),
            inside: 0,
        };
        Ok(record::<I>(&self.decode(bytes, pc, context)?, pc))
    }
    fn refusal(&self, bytes: &[u8], pc: u64, mode: u8) -> Option<Undecoded> {
        self.decode(bytes, pc, Context { mode, inside: 0 }).err()
    }
    fn leads_inside(&self, bytes: &[u8], pc: u64) -> bool {
        let context = Context {
            mode: Isa::mode(self),
            inside: 0,
        };
        self.decode(bytes, pc, context)
            .is_ok_and(|instruction| I::leads_inside(&instruction) != 0)
    }
}

/// Records the meaning of one instruction.
pub fn record<I: Isa>(instruction: &I::Instruction, pc: u64) -> Graph {
    record_in::<I>(Record::new(pc, I::length(instruction)), instruction, pc)
}

/// The same for a compiler.
pub fn record_to_compile<I: Isa>(instruction: &I::Instruction, pc: u64) -> Graph {
    let record = Record::new(pc, I::length(instruction)).going_ahead();
    record_in::<I>(record, instruction, pc)
}

fn record_in<I: Isa>(record: Record, instruction: &I::Instruction, pc: u64) -> Graph {
    let Ok(()) = I::execute(&record, instruction);
    let before = u64::from(I::restarts_before(instruction));
    Graph {
        restart_pc: pc.wrapping_sub(before),
        ..record.finish(I::flow(instruction))
    }
}
