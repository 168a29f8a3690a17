//! Everything that a comparison knows of one program and its run.

use super::follow::Follower;
use super::territory::Territory;
use super::traffic::Traffic;
use super::{Counter, Counts, Executed, Kind};
use crate::Process;
use crate::view::object_file::ObjectFile;
use portolan_machine::engine::{BlockObserver, Decoded, End, Ran};
use portolan_machine::graph::Node;
use portolan_machine::guest::{Flow, Guest, Style};
use portolan_machine::hart::Hart;
use portolan_machine::memory::{Memory, Order};
use portolan_machine::registers::{Role, Slot};
use portolan_machine::stop::StopFlag;
use portolan_machine::trap::Trap;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

/// A program of an instruction set, and what it did.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[allow(missing_docs, reason = "the names say it")]
pub struct Subject {
    pub program: String,
    pub isa: String,
    pub title: String,
    pub address_bits: u32,
    pub big_endian: bool,
    /// Instructions start at multiples of so many bytes.
    pub instruction_alignment: u64,
    pub file_bytes: u64,
    pub code_bytes: u64,
    pub static_instructions: u64,
    pub executed: u64,
    /// The bytes of all instructions that ran, each as often as it ran.
    pub executed_bytes: u64,
    pub kinds: Vec<(Kind, u64)>,
    /// Registers of the instructions that ran, those in most of them first.
    pub registers: Vec<RegisterUse>,
    pub convention: Convention,
    pub calls: u64,
    /// The most functions that had not returned at once.
    pub deepest: u64,
    pub stack_bytes: u64,
    /// The stack pointer was a multiple of so many bytes at every call.
    pub stack_alignment: u64,
    /// Names, in the order in which they were made.
    pub system_calls: Vec<String>,
    pub functions: Vec<FunctionCost>,
    /// Processes that it forked, of which nothing is here.
    pub forked: u64,
    /// What its instructions moved, if they were looked at one by one.
    pub traffic: Option<Traffic>,
}

/// A register, and how many have to do with it: of the instructions that ran, or of the calls.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs, reason = "the names say it")]
pub struct RegisterUse {
    pub name: String,
    pub uses: u64,
}

/// What the calling convention has registers for.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[allow(missing_docs, reason = "the names say it")]
pub struct Convention {
    pub arguments: Vec<String>,
    /// None: the return address is pushed.
    pub return_address: Option<String>,
    pub stack_pointer: String,
    pub saved: Vec<String>,
    pub system_call_number: String,
    pub system_call_arguments: Vec<String>,
}

/// A function of the program.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[allow(missing_docs, reason = "the names say it")]
pub struct FunctionCost {
    pub name: String,
    pub bytes: u64,
    pub instructions: u64,
    pub executed: u64,
    pub entered: u64,
    /// Its instructions by address, if it ran.
    pub listing: Vec<ListedInstruction>,
}

/// An instruction of a function.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[allow(missing_docs, reason = "the names say it")]
pub struct ListedInstruction {
    pub address: u64,
    pub bytes: Vec<u8>,
    pub text: String,
    pub executed: u64,
    /// The source file and the line.
    pub line: Option<(String, u32)>,
}

/// Instructions are listed of so many functions at most, those that ran most.
const LISTED: usize = 80;
/// And so many of each.
const LONGEST: usize = 1000;
/// System calls whose names are kept.
const CALLS: usize = 100_000;

impl Subject {
    /// Of a program that has run.
    pub fn new(process: &Process, seen: &Seen) -> Subject {
        let counts = seen.counts.lock().unwrap_or_else(PoisonError::into_inner);
        let executed = Executed::new(&counts, process);
        let state = seen.state.lock().unwrap_or_else(PoisonError::into_inner);
        let guest = process.guest();
        let program = &process.thread().process().program;
        let data = std::fs::read(&program.host_path).unwrap_or_default();
        let file = ObjectFile::parse(&data).ok();
        let (code_bytes, static_instructions) = file.as_ref().map_or((0, 0), code);
        let name = program.host_path.file_name().unwrap_or_default();
        let kinds = executed.kinds();
        let calls = kinds.iter().find(|(kind, _)| *kind == Kind::Call);
        Subject {
            program: name.to_string_lossy().into_owned(),
            isa: guest.name().to_owned(),
            title: guest.title().to_owned(),
            address_bits: guest.address_bits(),
            big_endian: guest.order() == Order::Big,
            instruction_alignment: guest.alignment(),
            file_bytes: data.len() as u64,
            code_bytes,
            static_instructions,
            executed: executed.total(),
            executed_bytes: executed
                .instructions
                .iter()
                .map(|it| it.executed * it.bytes.len() as u64)
                .sum(),
            calls: calls.map_or(0, |(_, count)| *count),
            kinds,
            registers: registers(&executed),
            convention: convention(process),
            deepest: state.deepest,
            stack_bytes: state.first_sp.saturating_sub(state.lowest_sp),
            stack_alignment: match state.sp_bits.trailing_zeros() {
                0..=12 if state.sp_bits != 0 => 1 << state.sp_bits.trailing_zeros(),
                _ => 0,
            },
            system_calls: state.calls.clone(),
            functions: file.map_or_else(Vec::new, |file| functions(&file, &executed, process)),
            forked: executed.forked,
            traffic: None,
        }
    }
}

/// Bytes and instructions of a file's code.
fn code(file: &ObjectFile<'_>) -> (u64, u64) {
    let (mut bytes, mut instructions) = (0, 0);
    for section in file.sections.iter().filter(|section| section.is_code) {
        let mut disassembler = file.port.guest.disassembler(Style::default());
        bytes += section.data.len() as u64;
        let mut offset = 0;
        while offset < section.data.len() {
            let address = section.address.wrapping_add(offset as u64);
            let line = disassembler.line(&section.data[offset..], address);
            instructions += u64::from(line.decoded);
            offset += usize::from(line.length.max(1));
        }
    }
    (bytes, instructions)
}

fn registers(executed: &Executed) -> Vec<RegisterUse> {
    let guest = executed.guest;
    let mut uses: BTreeMap<Slot, u64> = BTreeMap::new();
    for instruction in &executed.instructions {
        let Ok(graph) = guest.record(&instruction.bytes, instruction.address) else {
            continue;
        };
        let slots = graph.nodes.iter().filter_map(|node| match node {
            Node::Read(slot) | Node::Write(slot, _) => Some(*slot),
            _ => None,
        });
        let mut slots: Vec<Slot> = slots.filter_map(|slot| whole(guest, slot)).collect();
        slots.sort_unstable();
        slots.dedup();
        for slot in slots {
            *uses.entry(slot).or_default() += instruction.executed;
        }
    }
    let mut uses: Vec<RegisterUse> = uses
        .into_iter()
        .map(|(slot, uses)| RegisterUse {
            name: guest.slot_name(slot),
            uses,
        })
        .collect();
    uses.sort_by_key(|register| std::cmp::Reverse(register.uses));
    uses
}

/// The first slot of the register that a slot belongs to; none of what programs do not name.
fn whole(guest: &dyn Guest, slot: Slot) -> Option<Slot> {
    let first = match guest.register(slot) {
        Some(_) => slot,
        None => slot.checked_sub(1)?,
    };
    let (file, register) = guest.register(first)?;
    let is_part = first == slot || file.stride() > 1;
    (is_part && !matches!(register.role, Role::Zero | Role::Control)).then_some(first)
}

fn convention(process: &Process) -> Convention {
    let guest = process.guest();
    let abi = &process.thread().process().abi().registers;
    let mut convention = Convention {
        stack_pointer: guest.slot_name(abi.stack_pointer),
        system_call_number: guest.slot_name(abi.number),
        system_call_arguments: abi
            .arguments
            .iter()
            .map(|slot| guest.slot_name(*slot))
            .collect(),
        ..Convention::default()
    };
    let mut arguments: Vec<(u8, String)> = Vec::new();
    if let Some(file) = guest.register_files().first() {
        for (_, register) in file.iter() {
            let name = register.abi.to_owned();
            match register.role {
                Role::Argument(number) => arguments.push((number, name)),
                Role::ReturnAddress => convention.return_address = Some(name),
                Role::Saved | Role::FramePointer => convention.saved.push(name),
                _ => {}
            }
        }
    }
    arguments.sort();
    convention.arguments = arguments.into_iter().map(|(_, name)| name).collect();
    convention
}

/// The program's functions, those that ran most first.
fn functions(file: &ObjectFile<'_>, executed: &Executed, process: &Process) -> Vec<FunctionCost> {
    let path = &process.thread().process().program.host_path;
    let files = executed.atlas.files();
    let own = files
        .iter()
        .position(|it| it.host_path.as_ref() == Some(path));
    let Some(number) = own else {
        return Vec::new();
    };
    let mut counts: HashMap<u64, u64> = HashMap::new();
    for instruction in executed.instructions.iter().filter(|it| it.file == own) {
        *counts.entry(instruction.address).or_default() += instruction.executed;
    }
    let (bias, locator) = (files[number].bias, files[number].locator());
    let starts: Vec<(u64, u64, &str)> = locator.functions().collect();
    let mut functions = Vec::new();
    for (index, (start, size, name)) in starts.iter().enumerate() {
        let address = start.wrapping_sub(bias);
        let mut sections = file.sections.iter().filter(|section| section.is_code);
        let section = sections.find(|it| address.wrapping_sub(it.address) < it.data.len() as u64);
        let Some(section) = section else {
            continue;
        };
        let first = (address - section.address) as usize;
        // One whose size is not known reaches to the next.
        let next = starts
            .get(index + 1)
            .map_or(u64::MAX, |(next, ..)| next - start);
        let size = if *size == 0 { next } else { *size };
        let rest = section.data.len() - first;
        let bytes = &section.data[first..first + rest.min(usize::try_from(size).unwrap_or(rest))];
        let mut disassembler = file.port.guest.disassembler(Style::default());
        let mut listing = Vec::new();
        let mut offset = 0;
        while offset < bytes.len() {
            let address = start + offset as u64;
            let line = disassembler.line(&bytes[offset..], address);
            let length = usize::from(line.length.max(1)).min(bytes.len() - offset);
            if line.decoded {
                listing.push(ListedInstruction {
                    address,
                    bytes: bytes[offset..offset + length].to_vec(),
                    text: line
                        .text(&|address| format!("{address:x}"))
                        .replace('\t', " "),
                    executed: counts.get(&address).copied().unwrap_or(0),
                    line: None,
                });
            }
            offset += length;
        }
        functions.push(FunctionCost {
            name: (*name).to_owned(),
            bytes: bytes.len() as u64,
            instructions: listing.len() as u64,
            executed: listing.iter().map(|it| it.executed).sum(),
            entered: counts.get(start).copied().unwrap_or(0),
            listing,
        });
    }
    functions.sort_by(|a, b| {
        b.executed
            .cmp(&a.executed)
            .then_with(|| a.name.cmp(&b.name))
    });
    for (index, function) in functions.iter_mut().enumerate() {
        if index >= LISTED || function.executed == 0 {
            function.listing = Vec::new();
        }
        function.listing.truncate(LONGEST);
        for instruction in &mut function.listing {
            instruction.line = locator.place(instruction.address).line;
        }
    }
    functions
}

/// What the harts of a process hand in.
pub struct Seen {
    counts: Arc<Mutex<Counts>>,
    state: Arc<Mutex<State>>,
}

#[derive(Default)]
struct State {
    calls: Vec<String>,
    deepest: u64,
    first_sp: u64,
    lowest_sp: u64,
    /// The bits that were set in the stack pointer at some call.
    sp_bits: u64,
}

/// Counts what one hart runs, and follows its calls and its stack.
pub struct Witness {
    counter: Counter,
    follower: Follower,
    state: Arc<Mutex<State>>,
    names: Arc<HashMap<u64, &'static str>>,
    guest: &'static dyn Guest,
    number: Slot,
    /// The stack pointer when the program starts; that of other threads is nowhere near.
    first_sp: Option<u64>,
    lowest_sp: u64,
    sp_bits: u64,
    deepest: u64,
    /// Of each block, how many bytes its last instruction pushes, if that is a call.
    pushed: Vec<Option<u64>>,
}

impl Witness {
    /// Of a process' first hart.
    pub fn new(process: &Process) -> (Witness, Seen) {
        let (counter, counts) = Counter::new();
        let guest = process.guest();
        let linux = process.thread().process();
        let calls = linux.personality.calls();
        let names = calls.map(|(number, call)| (number, call.name)).collect();
        let first = process.thread().core().register(guest.stack_pointer());
        let state = Arc::<Mutex<State>>::default();
        let seen = Seen {
            counts,
            state: Arc::clone(&state),
        };
        let territory = Territory::new(process);
        let witness = Witness {
            counter,
            follower: Follower::new(&territory, guest.stack_pointer()),
            state,
            names: Arc::new(names),
            guest,
            number: linux.abi().registers.number,
            first_sp: Some(first),
            lowest_sp: first,
            sp_bits: 0,
            deepest: 0,
            pushed: Vec::new(),
        };
        (witness, seen)
    }
}

impl BlockObserver for Witness {
    fn decoded(&mut self, block: &Decoded<'_>, memory: &Memory) -> u32 {
        let mut calls = block.instructions.iter().filter(|it| it.flow == Flow::Call);
        let pushed = calls.next_back().map(|call| {
            let first = usize::from(call.offset);
            let bytes = &block.bytes[first..first + usize::from(call.length)];
            let graph = self
                .guest
                .record(bytes, block.start + u64::from(call.offset));
            let nodes = graph.map_or_else(|_| Vec::new(), |graph| graph.nodes);
            let stored = nodes.iter().map(|node| match node {
                Node::Store(access, ..) => u64::from(access.bytes),
                _ => 0,
            });
            stored.sum()
        });
        self.pushed.push(pushed);
        self.follower.decoded(block, memory);
        self.counter.decoded(block, memory)
    }

    fn forgotten(&mut self) {
        self.pushed.clear();
        self.follower.forgotten();
        self.counter.forgotten();
    }

    fn ran(&mut self, run: Ran, hart: &Hart) {
        self.counter.ran(run, hart);
        let before = self.follower.stack().frames().len();
        self.follower.enter(run, hart);
        self.follower.leave(run, hart);
        let depth = self.follower.stack().frames().len();
        self.deepest = self.deepest.max(depth as u64);
        let sp = hart.registers.read(self.guest.stack_pointer());
        if self
            .first_sp
            .is_some_and(|first| sp <= first && first - sp < 1 << 30)
        {
            self.lowest_sp = self.lowest_sp.min(sp);
        }
        if depth > before
            && run.end == End::Jumped
            && let Some(Some(pushed)) = self.pushed.get(run.block as usize)
        {
            self.sp_bits |= sp.wrapping_add(*pushed);
        }
        if run.end == End::Trapped(Trap::Syscall) {
            let number = hart.registers.read(self.number);
            let name = self.names.get(&number).copied();
            let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
            if state.calls.len() < CALLS {
                state
                    .calls
                    .push(name.map_or_else(|| number.to_string(), str::to_owned));
            }
        }
    }

    fn fork(&self, stop: &Arc<StopFlag>) -> Box<dyn BlockObserver> {
        let _ = stop;
        Box::new(Witness {
            counter: self.counter.another(),
            follower: self.follower.fork(),
            state: Arc::clone(&self.state),
            names: Arc::clone(&self.names),
            guest: self.guest,
            number: self.number,
            first_sp: None,
            lowest_sp: u64::MAX,
            sp_bits: 0,
            deepest: 0,
            pushed: Vec::new(),
        })
    }

    fn finish(&mut self) {
        self.counter.finish();
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.deepest = state.deepest.max(self.deepest);
        state.sp_bits |= self.sp_bits;
        if let Some(first) = self.first_sp {
            (state.first_sp, state.lowest_sp) = (first, self.lowest_sp);
        }
    }
}
