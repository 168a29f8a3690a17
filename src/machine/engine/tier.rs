//! The second tier as the interpreter sees it: compiled regions where the host can run any.

mod arrivals;
mod baseline;

use super::block::{Block, Blocks, Entered, fetch, translate};
use super::meter::Shares;
use super::{Compilation, Compiling, Cpu};
use crate::guest::{Compiled, Context, Flow, Isa, record_to_compile};
use crate::hart::Hart;
pub use crate::jit::Quiesced;
use crate::jit::frame::{self, Exit, Link};
use crate::jit::{
    After, Counts, EnteredTable, Entry, Jit, Member, Profile, Region, Slots, Step, Stray, Target,
    inspect, without_flags,
};
use crate::memory::Memory;
use crate::registers::Slot;
use crate::stop::StopFlag;
use arrivals::Arrivals;
use std::cell::{Cell, RefCell};
use std::mem::offset_of;
use std::sync::Arc;
use std::time::Instant;

/// How often a block is entered before its region is compiled: about where running it has cost as much
/// as compiling it will. The first is for what is interpreted, the second for code of the baseline compiler.
const HOT: u32 = 30_000;
const HOT_BASELINE: u32 = 100_000;
/// How often it is entered before the baseline compiler compiles it, for the same reason.
const WARM: u32 = 64;
/// The same two where compiling is to be tried soon.
const SOON_HOT: u32 = 4;
const SOON_WARM: u32 = 2;
/// Calls are followed where the callee, and what comes after, were entered more often than this part
/// of what makes code hot.
const LIKELY: u32 = 4;
/// How often a block is entered between two looks whether it has been compiled.
const PATIENCE: u32 = 64;

/// One hart's second tier.
pub struct Tier {
    member: Member,
    compiling: Compiling,
    stop: Arc<StopFlag>,
    /// The blocks to interpret after the next fault.
    wary: Cell<u32>,
    /// How many accesses to devices there had been at the last fault: these are no sign of trouble.
    device_accesses: Cell<u64>,
    /// What it took, if that is measured.
    shares: Option<Shares>,
    /// Where jumps went.
    arrivals: RefCell<Arrivals>,
    /// The warm blocks that are yet to be compiled.
    warm: RefCell<Vec<u64>>,
    /// The guest's flags.
    flags: Slots,
}

/// How many blocks are interpreted after a fault in compiled code at first.
const WARY: u32 = 1000;

impl Tier {
    pub fn new<I: Isa>(guest: &'static I, memory: &Memory, stop: &Arc<StopFlag>) -> Tier {
        let jit = Jit::new(guest, memory, entered_table::<I>());
        Tier {
            flags: Isa::flags(guest).iter().copied().collect(),
            member: jit.join(Arc::clone(stop)),
            compiling: Compiling::default(),
            stop: Arc::clone(stop),
            wary: Cell::new(WARY),
            device_accesses: Cell::new(0),
            shares: None,
            arrivals: RefCell::default(),
            warm: RefCell::default(),
        }
    }

    /// For another hart on the same memory.
    pub fn fork(&self, stop: &Arc<StopFlag>) -> Tier {
        Tier {
            flags: self.flags,
            member: self.member.jit().join(Arc::clone(stop)),
            compiling: self.compiling,
            stop: Arc::clone(stop),
            wary: Cell::new(WARY),
            device_accesses: Cell::new(0),
            shares: self.shares.as_ref().map(|_| Shares::default()),
            arrivals: RefCell::default(),
            warm: RefCell::default(),
        }
    }

    pub fn set_compiling(&mut self, compiling: Compiling) {
        self.compiling = compiling;
    }

    pub fn set_code_room(&self, bytes: usize) {
        self.member.jit().set_room(bytes);
    }

    pub fn measure(&mut self) {
        self.shares = Some(Shares::default());
    }

    pub fn shares(&self) -> Option<&Shares> {
        self.shares.as_ref()
    }

    pub fn totals(&self) -> Compiled {
        self.member.jit().totals()
    }

    pub fn quiesce(&self) -> Quiesced<'_> {
        self.member.jit().quiesce()
    }

    /// Whether anything is compiled.
    pub fn is_on(&self) -> bool {
        self.compiling != Compiling::Off
    }

    /// Whether code is compiled before it runs at all.
    pub fn is_eager(&self) -> bool {
        matches!(self.compiling, Compiling::Always | Compiling::Baseline)
    }

    /// How often a block is entered until its region is compiled.
    fn threshold(&self) -> u32 {
        match self.compiling {
            Compiling::Always => 0,
            Compiling::Soon => SOON_HOT,
            Compiling::Auto => HOT,
            Compiling::Baseline | Compiling::Off => u32::MAX,
        }
    }

    /// The same for a block that the baseline compiler compiles.
    fn threshold_of_baseline(&self) -> u32 {
        match self.compiling {
            Compiling::Auto => HOT_BASELINE,
            _ => self.threshold(),
        }
    }

    /// How often a block is entered until the baseline compiler compiles it.
    fn warm(&self) -> u32 {
        match self.compiling {
            Compiling::Baseline => 0,
            Compiling::Soon => SOON_WARM,
            Compiling::Auto => WARM,
            Compiling::Always | Compiling::Off => u32::MAX,
        }
    }

    /// The hart is about to run code of this version.
    pub fn begin<I: Isa>(&self, hart: &Hart, blocks: &Blocks<I>, version: u64) {
        let frame = &hart.compiled;
        frame.base.set(hart.memory.base());
        frame.limit.set(hart.memory.limit());
        frame.stop.set(self.stop.byte());
        frame.entered.set(blocks.table().cast());
        frame.flag_slots.set(self.flags);
        self.member.run(version);
    }

    /// The hart runs nothing.
    pub fn end(&self) {
        self.member.rest();
    }

    /// The code has another version.
    pub fn renew(&self, version: u64) {
        self.member.renew(version);
        self.arrivals.borrow_mut().clear();
        self.warm.borrow_mut().clear();
    }

    /// The block at the hart's pc, which is inside nothing, was entered as often as it asked for, now
    /// from the end of the block at `previous`: notes that jump. If it is hot, puts its compiled region
    /// into the table, or has it compiled.
    pub fn heat<I: Isa>(
        &self,
        guest: &I,
        hart: &Hart,
        blocks: &mut Blocks<I>,
        version: u64,
        previous: Option<u64>,
    ) {
        let pc = hart.pc.get();
        if let Some(jump) = previous.and_then(|previous| blocks.last_jump(previous)) {
            self.arrivals.borrow_mut().note(jump, pc);
        }
        let threshold = self.threshold();
        if let Some(entered) = blocks.entered(pc)
            && entered.heat < threshold
        {
            let next = [self.warm(), threshold]
                .into_iter()
                .find(|at| *at > entered.heat);
            entered.look = arrivals::next_look(entered.heat).min(next.unwrap_or(threshold));
            if entered.heat >= self.warm() {
                let heat = entered.heat;
                self.warm_up(guest, hart, blocks, version, heat);
            }
            return;
        }
        let entry = Entry {
            pc,
            mode: hart.mode,
            halves: true,
            floats: true,
        };
        self.ask(guest, hart, blocks, version, entry);
        let code = self.member.find(version, entry);
        if let Some(entered) = blocks.entered(pc) {
            entered.code = code.unwrap_or(0);
            entered.heat = threshold;
            entered.look = threshold + PATIENCE;
        }
    }

    /// Whether all code was dropped now, as there was no room for more.
    fn makes_room(&self, hart: &Hart) -> bool {
        let is_full = self.member.is_full();
        if is_full {
            hart.memory.invalidate_code();
        }
        is_full
    }

    /// Has the region of an entry compiled, unless that was done.
    fn ask<I: Isa>(&self, guest: &I, hart: &Hart, blocks: &Blocks<I>, version: u64, entry: Entry) {
        if !self.member.is_new(version, entry) || self.makes_room(hart) {
            return;
        }
        let retired = hart.retired.get();
        self.arrivals.borrow_mut().hot(entry.pc, retired);
        let region = Region::discover(entry, &mut self.ran(guest, hart, blocks, version, entry));
        if region.len() > 0 {
            self.compile(version, region);
        }
    }

    fn compile(&self, version: u64, mut region: Region) {
        region.patience = match self.compiling {
            Compiling::Auto => Some(HOT_BASELINE / 2),
            Compiling::Soon => Some(SOON_HOT),
            Compiling::Always | Compiling::Baseline | Compiling::Off => None,
        };
        let at_once = matches!(self.compiling, Compiling::Always | Compiling::Soon);
        let start = self.shares.as_ref().map(|_| Instant::now());
        self.member.compile(version, region, at_once);
        if let (Some(start), Some(shares)) = (start, &self.shares) {
            shares
                .compiling
                .set(shares.compiling.get() + start.elapsed());
        }
    }

    /// A computed jump went to the hart's pc, out of its region. If it did so often, has the region compiled anew, with
    /// that place.
    #[cold]
    #[inline(never)]
    fn strayed<I: Isa>(
        &self,
        guest: &I,
        hart: &Hart,
        blocks: &mut Blocks<I>,
        version: u64,
        stray: &Stray,
    ) {
        self.arrivals.borrow_mut().note(stray.jump, hart.pc.get());
        let entry = stray.entry;
        if entry.halves
            && entry.floats
            && let Some(code) = self.member.find(version, entry)
        {
            // That may be new.
            blocks.set_code(entry.pc, code);
        }
        if !stray.told() || !self.member.is_anew(version, entry) || self.makes_room(hart) {
            return;
        }
        let region = Region::discover(entry, &mut self.ran(guest, hart, blocks, version, entry));
        match region.candidates(stray.jump).len() > stray.ways {
            true => self.compile(version, region),
            false => stray.give_up(),
        }
    }

    fn ran<'a, I: Isa>(
        &'a self,
        guest: &'a I,
        hart: &'a Hart,
        blocks: &'a Blocks<I>,
        version: u64,
        entry: Entry,
    ) -> Ran<'a, I> {
        Ran {
            tier: self,
            version,
            retired: hart.retired.get(),
            guest,
            memory: &hart.memory,
            entry,
            blocks,
        }
    }

    /// A region found other values at its entry than it had taken for granted: leads it to code that
    /// takes nothing for granted, or has that compiled.
    #[cold]
    #[inline(never)]
    fn caution<I: Isa>(
        &self,
        guest: &I,
        hart: &Hart,
        blocks: &Blocks<I>,
        version: u64,
        link: &Link,
    ) {
        let is_zero = |slot: &Slot| hart.registers.read(*slot) == 0;
        let modes = guest.float_unit().map_or(&[][..], |unit| unit.modes);
        let entry = Entry {
            pc: hart.pc.get(),
            mode: hart.mode,
            halves: false,
            floats: modes.iter().all(is_zero),
        };
        self.ask(guest, hart, blocks, version, entry);
        if let Some(code) = self.member.find(version, entry) {
            link.set(code);
        }
    }

    /// The interpreter met a trap.
    pub fn trapped(&self) {
        self.wary.set(WARY);
    }

    /// Runs a compiled region and those it goes on to. Tells how many blocks are to be interpreted
    /// then.
    #[inline(never)]
    pub fn run<I: Isa>(
        &self,
        guest: &I,
        hart: &Hart,
        blocks: &mut Blocks<I>,
        version: u64,
        code: usize,
    ) -> u32 {
        let before = self.shares.as_ref();
        let before = before.map(|_| (Instant::now(), hart.retired.get()));
        // SAFETY: the table has code of the version that the hart runs only, which lives until the
        // hart runs another; `begin` has set the frame up.
        let (exit, jump) = unsafe { frame::enter(hart, code, guest.float_unit()) };
        if let (Some((start, retired)), Some(shares)) = (before, &self.shares) {
            let retired = hart.retired.get() - retired;
            shares.retired.set(shares.retired.get() + retired);
            shares.running.set(shares.running.get() + start.elapsed());
        }
        match exit {
            Exit::Continue => {
                // SAFETY: the link of an exit of code that the hart has just run.
                let Some(link) = (unsafe { hart.compiled.link.get().as_ref() }) else {
                    return 0;
                };
                if link.is_cautious() {
                    self.caution(guest, hart, blocks, version, link);
                    return 1;
                }
                let next = blocks.entered(hart.pc.get());
                if let Some(code) = next.map(|next| next.code).filter(|code| *code != 0) {
                    link.set(code);
                }
                0
            }
            Exit::Interpret => 1,
            // What is interpreted now ran already. If it is a long loop, compiled code must not run
            // all of what is left of it between any two blocks.
            Exit::Fault => {
                let accesses = hart.memory.device_accesses();
                if self.device_accesses.replace(accesses) != accesses {
                    self.wary.set(WARY);
                }
                let blocks = self.wary.get();
                self.wary.set(blocks.saturating_mul(2));
                blocks
            }
            Exit::Hot => {
                self.hot(guest, hart, blocks, version);
                0
            }
            Exit::Stray => {
                // SAFETY: a jump of code that the hart has just run.
                if let Some(stray) = unsafe { hart.compiled.stray.get().as_ref() } {
                    self.strayed(guest, hart, blocks, version, stray);
                }
                0
            }
            Exit::Note => {
                self.arrivals.borrow_mut().note(jump, hart.pc.get());
                0
            }
        }
    }
}

/// How compiled code finds entries.
fn entered_table<I: Isa>() -> EnteredTable {
    EnteredTable {
        shift: I::ALIGNMENT.trailing_zeros() as u8,
        entries: Blocks::<I>::ENTERED as u64,
        size: size_of::<Entered>() as u64,
        start: (offset_of!(Entered, block) + offset_of!(Block, start)) as i32,
        code: offset_of!(Entered, code) as i32,
    }
}

/// What the compiler makes of the region of an entry; `has_run` tells which code that its jumps lead
/// to has run, and so belongs to it.
pub fn compile<I: Isa>(
    guest: &'static I,
    memory: &Memory,
    mode: u8,
    pc: u64,
    cpu: Cpu,
    has_run: &dyn Fn(u64) -> bool,
) -> Option<Compilation> {
    let entry = Entry {
        pc,
        mode,
        halves: true,
        floats: true,
    };
    let mut listed = Listed {
        step: |pc| step(guest, memory, entry, pc),
        has_run,
    };
    let region = Region::discover(entry, &mut listed);
    let next = |pc| {
        let instruction = fetch(guest, memory, pc, Context { mode, inside: 0 }).ok()?;
        Some(pc.wrapping_add(u64::from(I::length(&instruction))))
    };
    let mut instructions = Vec::new();
    let mut returns = Vec::new();
    for block in &region.blocks {
        for Step { graph, second } in &block.steps {
            instructions.push(graph.pc);
            instructions.extend(second.and_then(|_| next(graph.pc)));
            returns.extend((graph.flow == Flow::Call).then_some(graph.next_pc));
        }
        if let After::Interpret(pc) = block.after {
            returns.extend(next(pc));
        }
    }
    let target = Target::new(guest, memory, entered_table::<I>(), cpu);
    let mut compilation = inspect(&region, &target, cpu, &instructions)?;
    compilation.leads_to.extend(returns);
    Some(compilation)
}

/// What the interpreter knows of code that ran.
struct Ran<'a, I: Isa> {
    tier: &'a Tier,
    version: u64,
    retired: u64,
    guest: &'a I,
    memory: &'a Memory,
    entry: Entry,
    blocks: &'a Blocks<I>,
}

impl<I: Isa> Profile for Ran<'_, I> {
    fn step(&mut self, pc: u64) -> Option<Step> {
        step(self.guest, self.memory, self.entry, pc)
    }

    fn follows(&self, from: u64, to: u64) -> bool {
        self.blocks.find(to, 0).is_some() || self.tier.is_eager() && to <= from
    }

    fn heat(&self, pc: u64) -> u64 {
        // What is compiled is not counted any more: assume that it went on as it began.
        let began = self.tier.arrivals.borrow().became_hot(pc);
        let growth = began.map_or(1, |began| self.retired / began.max(1));
        let entry = Entry {
            pc,
            mode: self.entry.mode,
            halves: true,
            floats: true,
        };
        let entered = |_, counts: &Counts| counts.entered();
        let baseline = self.tier.member.look_at_block(self.version, entry, entered);
        let heat = self.blocks.heat(pc).unwrap_or(0);
        let heat = heat.saturating_add(baseline.unwrap_or(0));
        u64::from(heat).saturating_mul(growth.max(1))
    }

    fn is_likely(&self, pc: u64, times: u64) -> bool {
        self.heat(pc).saturating_mul(times) > u64::from(self.tier.threshold_of_baseline() / LIKELY)
            && !self.tier.is_eager()
    }

    fn went(&self, jump: u64) -> Vec<u64> {
        self.tier.arrivals.borrow().of(jump)
    }

    fn claim(&mut self, place: u64) -> bool {
        self.tier.arrivals.borrow_mut().claim(place, self.entry)
    }
}

/// Code of which is known only what ran: it has no calls that are followed.
struct Listed<'a, S> {
    step: S,
    has_run: &'a dyn Fn(u64) -> bool,
}

impl<S: FnMut(u64) -> Option<Step>> Profile for Listed<'_, S> {
    fn step(&mut self, pc: u64) -> Option<Step> {
        (self.step)(pc)
    }

    fn follows(&self, _: u64, to: u64) -> bool {
        (self.has_run)(to)
    }

    fn heat(&self, _: u64) -> u64 {
        0
    }

    fn is_likely(&self, _: u64, _: u64) -> bool {
        false
    }

    fn went(&self, _: u64) -> Vec<u64> {
        Vec::new()
    }

    fn claim(&mut self, _: u64) -> bool {
        false
    }
}

/// What is compiled at an address as one, in a region of this entry; None if that is left to the
/// interpreter.
fn step<I: Isa>(guest: &I, memory: &Memory, entry: Entry, pc: u64) -> Option<Step> {
    let mode = entry.mode;
    let graph_of = |instruction, pc| {
        let graph = record_to_compile::<I>(instruction, pc);
        match guest.float_unit() {
            Some(unit) => without_flags(graph, unit, entry.floats),
            None => Some(graph),
        }
    };
    let context = Context { mode, inside: 0 };
    let first = translate(guest, memory, pc, context).ok()?;
    let graph = graph_of(&first, pc)?;
    let inside = I::leads_inside(&first);
    if inside == 0 {
        return Step::single(graph);
    }
    let next = graph.next_pc;
    let second = translate(guest, memory, next, Context { mode, inside }).ok()?;
    if I::leads_inside(&second) != 0 {
        return None;
    }
    Step::pair(&graph, &graph_of(&second, next)?, I::CARRIED)
}
