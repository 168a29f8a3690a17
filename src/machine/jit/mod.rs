//! The compiler: regions of hot code as functions of the host.
//!
//! The interpreter finds what is hot and gathers a [`Region`]; a thread of its own compiles it with
//! Cranelift; from then on the interpreter enters it instead of interpreting the block at its entry.
//! Regions go on to each other directly, through links that start unset, and by looking computed
//! addresses that they did not foresee up in the interpreter's table of blocks entered last.
//!
//! # Faults
//!
//! The hart's state is true at checkpoints only. If an access faults, the hart goes back to the last
//! checkpoint, and the interpreter runs what follows again, up to the access that faults there too:
//! precisely. [`flow`] sees to it that nothing but loads is repeated.
//!
//! Where that takes a checkpoint at every turn, as after stores in loops, accesses are *guarded*
//! instead: a fault leads to code that leaves the instruction to the interpreter, with the state as it
//! was before (see [`looks`]).
//!
//! # The wall
//!
//! Addresses are compared with the end of guest memory where [`inside`] does not know better.
//!
//! # Changes of code
//!
//! All compiled code belongs to one version of the code (see [`Memory::code_version`]). With the
//! next one, no hart enters it any more, and links to it are unset; its memory is used again when
//! every hart has seen the new version.
//!
//! [`Memory::code_version`]: crate::memory::Memory::code_version

mod anchor;
mod arena;
mod baseline;
mod calls;
mod draft;
mod exceptions;
mod flags;
mod flow;
pub(crate) mod frame;
mod inside;
mod inspect;
mod looks;
mod lower;
mod region;
mod step;
mod strays;
mod support;
mod unread;
mod widths;
mod worker;

pub use baseline::{Counts, Request};
pub use exceptions::without_flags;
pub use flow::Slots;
pub use inspect::inspect;
pub use lower::{EnteredTable, Target};
pub use region::{After, Entry, Profile, Region, Straight};
pub use step::Step;
pub use strays::Stray;

use crate::cpu_time;
use crate::engine::Cpu;
use crate::guest::{self, Guest};
use crate::memory::Memory;
use crate::stop::StopFlag;
use arena::Code;
use baseline::Batch;
use lower::Tables;
use rustc_hash::{FxHashMap, FxHashSet};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use worker::Worker;

pub(crate) use frame::divert;

/// The most bytes of code that are kept, unless somebody wants less: what was dropped before, and is still
/// in use, has room beside it.
pub const ROOM: usize = arena::RESERVED / 4 * 3;

/// How often a region is compiled anew at most.
const MOST_ANEW: u32 = 2;

/// What the harts on one memory share: the compiled regions, and the thread that makes them.
pub struct Jit {
    regions: Arc<Mutex<Regions>>,
    worker: Worker,
}

/// All compiled code.
#[derive(Default)]
struct Regions {
    /// The most bytes that it may have, and how many it has, in whole pages.
    room: usize,
    live: usize,
    /// Whether there was no memory for some.
    refused: bool,
    /// The version of the code that it was made from.
    version: u64,
    by_entry: FxHashMap<Entry, Arc<Compiled>>,
    /// Code of the baseline compiler, and where each of its blocks is: the batch, and its number there.
    batches: Vec<Arc<Batch>>,
    blocks: FxHashMap<Entry, (usize, usize)>,
    /// The entries of the regions that are being compiled, or could not be.
    asked: FxHashSet<Entry>,
    /// How often regions were compiled anew, and what that replaced.
    anew: FxHashMap<Entry, u32>,
    replaced: Vec<Arc<Compiled>>,
    /// Code of earlier versions, with the version that replaced it: some hart may be in it still.
    stale: Vec<(u64, Stale)>,
    /// What harts are in.
    harts: Vec<Arc<Seen>>,
    totals: guest::Compiled,
}

/// Code that no hart enters any more.
type Stale = (Vec<Arc<Compiled>>, Vec<Arc<Batch>>);

/// A compiled region.
struct Compiled {
    entry: Entry,
    code: Code,
    tables: Tables,
}

/// The version of the code that a hart runs; [`Seen::NOTHING`] while it runs none.
struct Seen {
    version: AtomicU64,
    stop: Arc<StopFlag>,
}

impl Seen {
    const NOTHING: u64 = u64::MAX;
}

impl Jit {
    /// A compiler for one guest's memory, with the table that its harts find entries in.
    pub fn new(guest: &dyn Guest, memory: &Memory, entered: EnteredTable) -> Arc<Jit> {
        let regions = Arc::new(Mutex::new(Regions {
            room: ROOM,
            ..Regions::default()
        }));
        let target = Target::new(guest, memory, entered, Cpu::Host);
        Arc::new(Jit {
            worker: Worker::new(target, Arc::clone(&regions)),
            regions,
        })
    }

    /// Another hart, which `stop` makes leave compiled code.
    pub fn join(self: &Arc<Jit>, stop: Arc<StopFlag>) -> Member {
        let seen = Arc::new(Seen {
            version: AtomicU64::new(Seen::NOTHING),
            stop,
        });
        lock(&self.regions).harts.push(Arc::clone(&seen));
        Member {
            jit: Arc::clone(self),
            seen,
        }
    }

    /// Keeps at most so many bytes of code from now on.
    pub fn set_room(&self, bytes: usize) {
        lock(&self.regions).room = bytes.min(ROOM);
    }

    /// What was compiled so far.
    pub fn totals(&self) -> guest::Compiled {
        lock(&self.regions).totals
    }

    /// Keeps every other thread out until the result is dropped, and ends the compiling thread: a
    /// process that is about to fork(2) holds this across it.
    pub fn quiesce(&self) -> Quiesced<'_> {
        let worker = self.worker.quiesce();
        Quiesced {
            _regions: lock(&self.regions),
            _worker: worker,
        }
    }
}

/// Keeps other threads out of a compiler: see [`Jit::quiesce`].
pub struct Quiesced<'a> {
    _regions: MutexGuard<'a, Regions>,
    _worker: worker::Quiesced<'a>,
}

/// One hart's part in a compiler.
pub struct Member {
    jit: Arc<Jit>,
    seen: Arc<Seen>,
}

impl Member {
    /// The compiler.
    pub fn jit(&self) -> &Arc<Jit> {
        &self.jit
    }

    /// The hart runs code of this version from now on, until [`Member::rest`]. The caller looks at
    /// the memory's version again *after* this.
    pub fn run(&self, version: u64) {
        self.seen.version.store(version, Ordering::SeqCst);
    }

    /// The hart runs no code.
    pub fn rest(&self) {
        self.seen.version.store(Seen::NOTHING, Ordering::Release);
    }

    /// The code has another version: what was compiled before is not used any more. Other harts are
    /// stopped, so that they see it soon.
    pub fn renew(&self, version: u64) {
        let mut regions = lock(&self.jit.regions);
        if regions.version < version {
            regions.renew(version, &self.seen);
        }
        self.run(version);
    }

    /// The code of the region of an entry.
    pub fn find(&self, version: u64, entry: Entry) -> Option<usize> {
        let regions = lock(&self.jit.regions);
        let compiled = regions.by_entry.get(&entry)?;
        (regions.version == version).then(|| compiled.code.entry())
    }

    /// Whether there is so much code that all of it is to be dropped, by making the version another one.
    /// What is still needed is soon made anew, and what is not, which is most of it, takes no more room: to
    /// find that out of each piece would cost all the others, as they are linked.
    pub fn is_full(&self) -> bool {
        let regions = lock(&self.jit.regions);
        regions.live > regions.room || regions.refused && regions.live > 0
    }

    /// Whether nobody has asked for the region of an entry. From now on, somebody has.
    pub fn is_new(&self, version: u64, entry: Entry) -> bool {
        let mut regions = lock(&self.jit.regions);
        regions.version == version && regions.asked.insert(entry)
    }

    /// Whether the region of an entry, which has code, is to be compiled once more: not often.
    pub fn is_anew(&self, version: u64, entry: Entry) -> bool {
        let mut regions = lock(&self.jit.regions);
        if regions.version != version || !regions.by_entry.contains_key(&entry) {
            return false;
        }
        let times = regions.anew.entry(entry).or_default();
        *times += 1;
        *times <= MOST_ANEW
    }

    /// Has blocks of this version compiled by the baseline compiler, now. Tells the code of each, as far
    /// as there was room.
    pub fn compile_blocks(&self, version: u64, requests: &[Request]) -> Vec<(Entry, usize)> {
        // With the lock, so that no other thread is in the arena when one forks.
        let mut regions = lock(&self.jit.regions);
        if regions.version != version {
            return Vec::new();
        }
        let start = cpu_time::of_this_thread();
        let batch = Batch::compile(requests, self.jit.worker.target());
        regions.refused |= batch.is_none();
        regions.totals.time += cpu_time::of_this_thread().saturating_sub(start);
        batch.map_or_else(Vec::new, |batch| regions.publish_blocks(batch))
    }

    /// What the code of a block counts is shown to `look`, with where that code is, if there is any.
    pub fn look_at_block<T>(
        &self,
        version: u64,
        entry: Entry,
        look: impl FnOnce(usize, &Counts) -> T,
    ) -> Option<T> {
        let regions = lock(&self.jit.regions);
        let &(batch, number) = regions.blocks.get(&entry)?;
        let (code, counts) = regions.batches[batch].block(number);
        (regions.version == version).then(|| look(code, counts))
    }

    /// Has a region of this version compiled; `at_once`, by this thread.
    pub fn compile(&self, version: u64, region: Region, at_once: bool) {
        self.jit.worker.ask(version, region, at_once);
    }
}

impl Drop for Member {
    fn drop(&mut self) {
        let mut regions = lock(&self.jit.regions);
        regions.harts.retain(|seen| !Arc::ptr_eq(seen, &self.seen));
    }
}

impl Regions {
    fn renew(&mut self, version: u64, by: &Arc<Seen>) {
        self.version = version;
        (self.live, self.refused) = (0, false);
        self.asked.clear();
        self.anew.clear();
        let mut stale = std::mem::take(&mut self.replaced);
        stale.extend(self.by_entry.drain().map(|(_, region)| region));
        let batches = std::mem::take(&mut self.batches);
        self.blocks.clear();
        let links = stale.iter().flat_map(|region| &region.tables.links);
        for link in links.chain(batches.iter().flat_map(|batch| &batch.links)) {
            link.unset();
        }
        if !stale.is_empty() || !batches.is_empty() {
            self.stale.push((version, (stale, batches)));
        }
        for hart in self.harts.iter().filter(|hart| !Arc::ptr_eq(hart, by)) {
            hart.stop.renew();
        }
        let oldest = self
            .harts
            .iter()
            .filter(|hart| !Arc::ptr_eq(hart, by))
            .map(|hart| hart.version.load(Ordering::SeqCst))
            .min();
        self.stale
            .retain(|(replaced_by, _)| oldest.is_some_and(|oldest| oldest < *replaced_by));
    }

    fn publish_blocks(&mut self, batch: Batch) -> Vec<(Entry, usize)> {
        let entries: Vec<Entry> = batch.entries().collect();
        for (number, entry) in entries.iter().enumerate() {
            // Another hart may have been faster: there is one code of an entry, and one count.
            let place = (self.batches.len(), number);
            self.blocks.entry(*entry).or_insert(place);
        }
        self.live += batch.room();
        self.totals.blocks += entries.len() as u64;
        self.totals.block_instructions += batch.instructions as u64;
        self.totals.block_bytes += batch.size as u64;
        self.batches.push(Arc::new(batch));
        let code = |entry| {
            let (batch, number) = self.blocks[&entry];
            (entry, self.batches[batch].block(number).0)
        };
        entries.into_iter().map(code).collect()
    }

    fn publish(&mut self, version: u64, compiled: Compiled) {
        if version != self.version {
            return;
        }
        self.live += compiled.code.room();
        let (entry, code) = (compiled.entry, compiled.code.entry());
        if let Some(old) = self.by_entry.insert(entry, Arc::new(compiled)) {
            self.totals.anew += 1;
            self.relink(old.code.entry(), code);
            if let Some(&(batch, number)) = self.blocks.get(&entry) {
                self.batches[batch].block(number).1.replace(code);
            }
            self.replaced.push(old);
        }
    }

    /// What leads to a region leads to its new code.
    fn relink(&self, old: usize, new: usize) {
        let regions = self.by_entry.values().chain(&self.replaced);
        let links = regions.flat_map(|region| &region.tables.links);
        for link in links.chain(self.batches.iter().flat_map(|batch| &batch.links)) {
            link.replace(old, new);
        }
    }
}

fn lock(regions: &Mutex<Regions>) -> MutexGuard<'_, Regions> {
    // A panic elsewhere leaves them consistent.
    regions.lock().unwrap_or_else(PoisonError::into_inner)
}
