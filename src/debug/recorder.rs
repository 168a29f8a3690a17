//! A core that notes in a history what it does, and what others do to it between two instructions: what the kernel
//! did for a system call or a signal belongs to the step before.

use super::history::{Change, History, Step};
use portolan_machine::engine::{Compiling, Hit, Quiesced, Watchpoint};
use portolan_machine::graph::evaluate::{Effect, Observer};
use portolan_machine::guest::{Core, Guest, Statistics};
use portolan_machine::hart::{Clock, Random};
use portolan_machine::memory::{Access, Intent, Journal, Memory, PAGE, Unsaved};
use portolan_machine::registers::{SLOTS, Slot};
use portolan_machine::stop::StopFlag;
use portolan_machine::trap::{Stop, Trap};
use std::ops::Range;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Bytes that a call may write, and that a change of mappings may touch, to be undone.
const MOST_IN_A_STEP: u64 = 256 << 20;

/// What a core, its memory and a session share.
pub struct Recording {
    state: Mutex<State>,
    /// Whether anything is noted.
    on: AtomicBool,
}

/// The history, and what is not in it yet.
pub struct State {
    /// What can be gone back.
    pub history: History,
    /// The hart as it was when the last step was noted.
    known: Known,
    /// What others may have written since: where, and what was there.
    written: Vec<(u64, Vec<u8>)>,
    /// What others changed since.
    others: Step,
    /// Pages whose mappings others changed since.
    mapped: Vec<Range<u64>>,
    /// Why what others did since cannot be undone.
    barrier: Option<String>,
    step: Step,
}

struct Known {
    registers: Box<[u64; SLOTS]>,
    pc: u64,
    inside: u8,
}

impl Known {
    fn of(core: &dyn Core) -> Known {
        Known {
            registers: Box::new(std::array::from_fn(|slot| core.register(slot as Slot))),
            pc: core.pc(),
            inside: core.inside(),
        }
    }
}

impl Recording {
    /// Of a hart as it is; its history takes about `most` bytes at most.
    pub fn new(core: &dyn Core, most: usize) -> Recording {
        Recording {
            state: Mutex::new(State {
                history: History::new(most),
                known: Known::of(core),
                written: Vec::new(),
                others: Step::default(),
                mapped: Vec::new(),
                barrier: None,
                step: Step::default(),
            }),
            on: AtomicBool::new(true),
        }
    }

    /// Whether steps are noted.
    pub fn is_on(&self) -> bool {
        self.on.load(Ordering::Relaxed)
    }

    /// Stops noting steps, and forgets all.
    pub fn stop(&self, why: &str) {
        self.on.store(false, Ordering::Relaxed);
        self.lock().history.begin_anew(why.to_owned());
    }

    /// Notes steps again, from the core's state on.
    pub fn resume(&self, core: &dyn Core) {
        let mut state = self.lock();
        state.known = Known::of(core);
        state.forget_others();
        self.on.store(true, Ordering::Relaxed);
    }

    /// The history and what belongs to it.
    pub fn lock(&self) -> MutexGuard<'_, State> {
        // Each step is noted as a whole.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Has the core go one step back or forward. False: there is none.
    ///
    /// # Errors
    ///
    /// Why the memory cannot be as it was; the core is where it was.
    pub fn travel(&self, core: &mut dyn Core, back: bool) -> Result<bool, Unsaved> {
        // What it does itself is not to be noted.
        self.on.store(false, Ordering::Relaxed);
        let result = self.lock().travel(core, back);
        self.on.store(true, Ordering::Relaxed);
        result
    }
}

impl Journal for Recording {
    fn writes(&self, memory: &Memory, address: u64, length: u64) {
        if self.is_on() {
            self.lock().will_write(memory, address, length);
        }
    }

    fn maps(&self, memory: &Memory, pages: Range<u64>) {
        if self.is_on() {
            self.lock().will_map(memory, pages);
        }
    }
}

impl State {
    /// Keeps the bytes of a place that are not kept yet.
    fn will_write(&mut self, memory: &Memory, address: u64, length: u64) {
        let end = address.saturating_add(length).min(memory.limit());
        let mut at = address;
        while at < end {
            let holds =
                |(start, bytes): &&(u64, Vec<u8>)| *start <= at && at < start + bytes.len() as u64;
            if let Some((start, bytes)) = self.written.iter().find(holds) {
                at = start + bytes.len() as u64;
                continue;
            }
            let next = self.written.iter().map(|(start, _)| *start);
            let until = next.filter(|start| *start > at).fold(end, u64::min);
            if until - at > MOST_IN_A_STEP {
                self.barrier = Some("a system call may have written much memory".to_owned());
                return;
            }
            let bytes = readable(memory, at, until - at);
            if !bytes.is_empty() {
                self.written.push((at, bytes));
            }
            at = until;
        }
    }

    fn will_map(&mut self, memory: &Memory, pages: Range<u64>) {
        // What was written before is compared with what is there before.
        self.note_written(memory);
        match memory.save(pages.clone(), MOST_IN_A_STEP) {
            Ok(saved) => {
                let number = self.history.keep_maps(saved);
                self.others.push(Change::Maps(number));
                self.mapped.push(pages);
            }
            Err(why) => self.barrier = Some(why.to_string()),
        }
    }

    fn note_written(&mut self, memory: &Memory) {
        for (start, mut bytes) in std::mem::take(&mut self.written) {
            let mut now = readable(memory, start, bytes.len() as u64);
            now.resize(bytes.len(), 0);
            bytes
                .iter_mut()
                .zip(&now)
                .for_each(|(old, new)| *old ^= new);
            let Some(first) = bytes.iter().position(|byte| *byte != 0) else {
                continue;
            };
            let end = bytes
                .iter()
                .rposition(|byte| *byte != 0)
                .map_or(0, |last| last + 1);
            let change = Change::Write(start + first as u64, &bytes[first..end]);
            self.others.push(change);
        }
    }

    fn forget_others(&mut self) {
        self.written.clear();
        self.others.clear();
        self.mapped.clear();
        self.barrier = None;
    }

    /// Notes what others did since the last step, as a part of it. What was gone back before is forgotten then: how
    /// many steps.
    pub fn settle(&mut self, core: &dyn Core) -> u64 {
        let memory = Arc::clone(core.memory());
        self.note_written(&memory);
        for pages in std::mem::take(&mut self.mapped) {
            if let Err(why) = memory.can_save(&pages, MOST_IN_A_STEP) {
                self.barrier = Some(why.to_string());
            }
        }
        for slot in 0..=Slot::MAX {
            let (value, known) = (
                core.register(slot),
                &mut self.known.registers[usize::from(slot)],
            );
            self.others.push(Change::Register(slot, value ^ *known));
            *known = value;
        }
        self.others.push(Change::Pc(core.pc() ^ self.known.pc));
        self.others
            .push(Change::Inside(core.inside() ^ self.known.inside));
        (self.known.pc, self.known.inside) = (core.pc(), core.inside());
        let mut forgotten = 0;
        if let Some(why) = self.barrier.take() {
            forgotten = self.history.ahead();
            self.history.begin_anew(why);
        } else if !self.others.is_empty() {
            forgotten = self.history.forget_ahead();
            if self.history.reopen(&mut self.step) {
                self.step.append(&self.others);
                self.history.push(&self.step);
            }
        }
        self.forget_others();
        forgotten
    }

    /// Carries out the next instruction and notes what it does.
    fn step<'o>(
        &mut self,
        core: &mut dyn Core,
        memory: &Memory,
        watchpoints: &[Watchpoint],
        other: Option<&'o mut (dyn Observer + 'o)>,
    ) -> Result<Option<Hit>, Trap> {
        self.step.clear();
        let mut noting = Noting {
            other,
            step: &mut self.step,
            registers: &mut self.known.registers,
            memory,
            watchpoints,
            hit: None,
            before: None,
        };
        let result = core.observe(&mut noting);
        let hit = noting.hit;
        let (pc, inside) = (core.pc(), core.inside());
        self.step.push(Change::Pc(pc ^ self.known.pc));
        self.step.push(Change::Inside(inside ^ self.known.inside));
        (self.known.pc, self.known.inside) = (pc, inside);
        self.history.push(&self.step);
        result.map(|()| hit)
    }

    /// Forgets the step that was noted last, which trapped.
    fn take_back(&mut self, core: &dyn Core) {
        self.history.reopen(&mut self.step);
        self.known = Known::of(core);
    }

    /// The effects of the step after the hart's place, which the hart is about to go again.
    pub fn effects_ahead(&self, core: &dyn Core) -> Vec<Effect> {
        let order = core.guest().order();
        let access = |length: usize| Access {
            bytes: length as u8,
            order,
            ..Access::U64
        };
        let effect = |change| {
            Some(match change {
                Change::Register(slot, delta) => {
                    let old = core.register(slot);
                    Effect::Write {
                        slot,
                        old,
                        new: old ^ delta,
                    }
                }
                Change::Load(address, bytes) if bytes <= 8 => {
                    let access = access(bytes.into());
                    let value = core.memory().load(access, address).ok()?;
                    Effect::Load {
                        access,
                        address,
                        value,
                    }
                }
                Change::Store(address, delta) if delta.len() <= 8 => {
                    let access = access(delta.len());
                    let mut number = [0; 8];
                    number[..delta.len()].copy_from_slice(delta);
                    let delta = access.extend(u64::from_le_bytes(number));
                    let value = core.memory().load(access, address).ok()? ^ delta;
                    Effect::Store {
                        access,
                        address,
                        value,
                    }
                }
                Change::Pc(delta) => Effect::Jump {
                    target: core.pc() ^ delta,
                },
                _ => return None,
            })
        };
        let effects = self.history.next().into_iter().flatten().filter_map(effect);
        effects.collect()
    }

    fn travel(&mut self, core: &mut dyn Core, back: bool) -> Result<bool, Unsaved> {
        let step = match back {
            true => self.history.last(),
            false => self.history.next(),
        };
        let Some(changes) = step else {
            return Ok(false);
        };
        let memory = Arc::clone(core.memory());
        let mut changes: Vec<Change<'_>> = changes.collect();
        if back {
            changes.reverse();
        }
        // Before anything changes.
        for change in &changes {
            if let Change::Maps(number) = change
                && let Some(saved) = self.history.maps(*number)
            {
                memory.can_save(&saved.range(), u64::MAX)?;
            }
        }
        let mut other_side = Vec::new();
        let (mut pc, mut inside) = (core.pc(), core.inside());
        for change in changes {
            match change {
                Change::Register(slot, delta) => {
                    let value = core.register(slot) ^ delta;
                    core.set_register(slot, value);
                    self.known.registers[usize::from(slot)] = value;
                }
                Change::Pc(delta) => pc ^= delta,
                Change::Inside(delta) => inside ^= delta,
                Change::Store(address, delta) => alter(&memory, address, delta),
                Change::Write(address, delta) => alter(&memory, address, delta),
                Change::Load(..) => {}
                Change::Maps(number) => {
                    if let Some(saved) = self.history.maps(number) {
                        other_side.push((number, memory.save(saved.range(), u64::MAX)?));
                        memory.put_back(saved)?;
                    }
                }
            }
        }
        core.set_pc(pc);
        core.set_inside(inside);
        (self.known.pc, self.known.inside) = (pc, inside);
        for (number, saved) in other_side {
            self.history.replace_maps(number, saved);
        }
        match back {
            true => self.history.went_back(),
            false => self.history.went_forward(),
        }
        Ok(true)
    }

    /// What an access of the step before (or after) the hart's place meets of watched memory.
    pub fn watched(&self, watchpoints: &[Watchpoint], back: bool) -> Option<Hit> {
        let mut step = match back {
            true => self.history.last(),
            false => self.history.next(),
        }?;
        step.find_map(|change| {
            let (intent, address, bytes) = match change {
                Change::Store(address, delta) => (Intent::Write, address, delta.len() as u8),
                Change::Load(address, bytes) => (Intent::Read, address, bytes),
                _ => return None,
            };
            let mut watchpoints = watchpoints.iter();
            watchpoints.find_map(|it| it.meets(intent, address, bytes))
        })
    }
}

/// The bytes that can be read, of so many.
fn readable(memory: &Memory, address: u64, length: u64) -> Vec<u8> {
    let mut bytes = vec![0; length as usize];
    if memory.read(address, &mut bytes).is_ok() {
        return bytes;
    }
    let mut done = 0;
    while done < length {
        let count = (PAGE - (address + done) % PAGE).min(length - done);
        let part = &mut bytes[done as usize..(done + count) as usize];
        if memory.read(address + done, part).is_err() {
            break;
        }
        done += count;
    }
    bytes.truncate(done as usize);
    bytes
}

/// Changes bytes by a difference.
fn alter(memory: &Memory, address: u64, delta: &[u8]) {
    let access = match delta.len() {
        1 => Access::U8,
        2 => Access::U16,
        4 => Access::U32,
        8 => Access::U64,
        _ => return alter_slowly(memory, address, delta),
    };
    let mut number = [0; 8];
    number[..delta.len()].copy_from_slice(delta);
    let number = u64::from_le_bytes(number);
    let altered = memory
        .load(access, address)
        .and_then(|old| memory.store(access, address, old ^ number));
    if altered.is_err() {
        alter_slowly(memory, address, delta);
    }
}

/// The same, however long, and whatever the protection.
fn alter_slowly(memory: &Memory, address: u64, delta: &[u8]) {
    let mut bytes = readable(memory, address, delta.len() as u64);
    bytes
        .iter_mut()
        .zip(delta)
        .for_each(|(byte, delta)| *byte ^= delta);
    // It was written when it was noted: it is mapped.
    let _ = memory.poke(address, &bytes);
}

/// Notes the effects of one instruction.
struct Noting<'a, 'o> {
    /// Somebody else who wants to know.
    other: Option<&'o mut (dyn Observer + 'o)>,
    step: &'a mut Step,
    registers: &'a mut [u64; SLOTS],
    memory: &'a Memory,
    watchpoints: &'a [Watchpoint],
    hit: Option<Hit>,
    /// Where the instruction is about to store, and what is there.
    before: Option<(u64, [u8; 16])>,
}

impl Noting<'_, '_> {
    /// The bytes at an address; none where they are a device's.
    fn bytes(&self, address: u64, length: u8) -> Option<[u8; 16]> {
        let mut bytes = [0; 16];
        let read = self.memory.read(address, &mut bytes[..usize::from(length)]);
        read.is_ok().then_some(bytes)
    }
}

impl Observer for Noting<'_, '_> {
    fn allows(&mut self, intent: Intent, address: u64, bytes: u8) -> bool {
        if !self.watchpoints.is_empty() {
            let mut watchpoints = self.watchpoints.iter();
            let hit = watchpoints.find_map(|it| it.meets(intent, address, bytes));
            self.hit = self.hit.or(hit);
        }
        if intent == Intent::Write {
            self.before = self.bytes(address, bytes).map(|before| (address, before));
        }
        true
    }

    fn effect(&mut self, effect: Effect) {
        if let Some(other) = &mut self.other {
            other.effect(effect);
        }
        match effect {
            Effect::Write { slot, old, new } => {
                self.step.push(Change::Register(slot, old ^ new));
                self.registers[usize::from(slot)] = new;
            }
            Effect::Load {
                access, address, ..
            } => {
                self.step.push(Change::Load(address, access.bytes));
            }
            Effect::Store {
                access, address, ..
            } => {
                let Some((start, before)) = self.before else {
                    return;
                };
                let length = usize::from(access.bytes);
                let skipped = address.wrapping_sub(start) as usize;
                let Some(mut delta) = self.bytes(address, access.bytes) else {
                    return;
                };
                let before = before.iter().skip(skipped);
                delta
                    .iter_mut()
                    .zip(before)
                    .for_each(|(new, old)| *new ^= old);
                self.step.push(Change::Store(address, &delta[..length]));
            }
            Effect::Read { .. } | Effect::Jump { .. } | Effect::Trap(_) => {}
        }
    }
}

/// Wraps a core: what it does is noted, one instruction at a time, as long as the recording is on.
pub struct Recorder {
    core: Box<dyn Core>,
    recording: Arc<Recording>,
    breakpoints: Vec<u64>,
    watchpoints: Vec<Watchpoint>,
}

impl Recorder {
    /// Notes what a core does.
    pub fn new(core: Box<dyn Core>, recording: Arc<Recording>) -> Recorder {
        Recorder {
            core,
            recording,
            breakpoints: Vec::new(),
            watchpoints: Vec::new(),
        }
    }
}

impl Core for Recorder {
    fn run(&mut self, budget: u64) -> Stop {
        if !self.recording.is_on() {
            return self.core.run(budget);
        }
        let stop = self.core.stop_flag();
        let memory = Arc::clone(self.core.memory());
        self.recording.lock().settle(&*self.core);
        for done in 0..budget {
            if stop.is_raised() && stop.take() {
                return Stop::Requested;
            }
            if done > 0 && self.breakpoints.contains(&self.core.pc()) {
                return Stop::Breakpoint;
            }
            let mut state = self.recording.lock();
            match state.step(&mut *self.core, &memory, &self.watchpoints, None) {
                Ok(None) => {}
                Ok(Some(hit)) => return Stop::Watchpoint(hit),
                Err(trap) => return Stop::Trap(trap),
            }
        }
        Stop::Budget
    }

    fn set_breakpoints(&mut self, addresses: &[u64]) {
        self.breakpoints = addresses.to_vec();
        self.core.set_breakpoints(addresses);
    }
    fn set_watchpoints(&mut self, watchpoints: &[Watchpoint]) {
        self.watchpoints = watchpoints.to_vec();
        self.core.set_watchpoints(watchpoints);
    }
    /// Another hart on the same memory, which nobody records: nothing before can be undone any more.
    fn fork(&self) -> Box<dyn Core> {
        self.recording
            .stop("a thread or process was started that changes the same memory");
        self.core.fork()
    }

    fn guest(&self) -> &'static dyn Guest {
        self.core.guest()
    }
    fn memory(&self) -> &Arc<Memory> {
        self.core.memory()
    }
    fn pc(&self) -> u64 {
        self.core.pc()
    }
    fn set_pc(&mut self, pc: u64) {
        self.core.set_pc(pc);
    }
    fn inside(&self) -> u8 {
        self.core.inside()
    }
    fn set_inside(&mut self, inside: u8) {
        self.core.set_inside(inside);
    }
    fn mode(&self) -> u8 {
        self.core.mode()
    }
    fn set_mode(&mut self, mode: u8) {
        self.core.set_mode(mode);
    }
    fn register(&self, slot: Slot) -> u64 {
        self.core.register(slot)
    }
    fn set_register(&mut self, slot: Slot, value: u64) {
        self.core.set_register(slot, value);
    }
    fn set_clock(&mut self, clock: Clock) {
        self.core.set_clock(clock);
    }
    fn set_random(&mut self, random: Random) {
        self.core.set_random(random);
    }
    fn set_compiling(&mut self, compiling: Compiling) {
        self.core.set_compiling(compiling);
    }
    fn set_code_room(&mut self, bytes: usize) {
        self.core.set_code_room(bytes);
    }
    fn measure(&mut self) {
        self.core.measure();
    }
    fn observe(&mut self, observer: &mut dyn Observer) -> Result<(), Trap> {
        if !self.recording.is_on() {
            return self.core.observe(observer);
        }
        let memory = Arc::clone(self.core.memory());
        let mut state = self.recording.lock();
        state.settle(&*self.core);
        let result = state.step(&mut *self.core, &memory, &[], Some(observer));
        if result.is_err() {
            // Whoever carries it out again notes it, with what the kernel does for it.
            state.take_back(&*self.core);
        }
        result.map(|_| ())
    }
    fn retired(&self) -> u64 {
        self.core.retired()
    }
    fn statistics(&self) -> Statistics {
        self.core.statistics()
    }
    fn stop_flag(&self) -> Arc<StopFlag> {
        self.core.stop_flag()
    }
    fn quiesce(&self) -> Quiesced<'_> {
        self.core.quiesce()
    }
    fn instruction_length(&self) -> u64 {
        self.core.instruction_length()
    }
}
