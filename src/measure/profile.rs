//! Where a program spends its instructions, or its time: by function, and by who called whom.

use super::follow::Follower;
use super::territory::{Function, FunctionId, Territory};
use crate::Process;
use portolan_machine::cpu_time;
use portolan_machine::engine::{BlockObserver, Decoded, End, Ran};
use portolan_machine::hart::Hart;
use portolan_machine::memory::Memory;
use portolan_machine::stop::StopFlag;
use portolan_machine::trap::Trap;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

/// What was spent where: a tree of functions by who called them, whose root is the program.
#[derive(Default)]
pub struct Profile {
    /// The root first; callers come before those they call.
    pub nodes: Vec<Node>,
    children: HashMap<(u32, FunctionId), u32>,
}

/// A function as called by the functions above it.
#[derive(Clone, Debug)]
pub struct Node {
    /// The function; the root has none.
    pub function: Option<FunctionId>,
    /// The caller's number.
    pub parent: u32,
    /// What was spent in it, not in what it called.
    pub own: u64,
    /// How often it was called.
    pub calls: u64,
}

impl Profile {
    fn root(&mut self) -> u32 {
        if self.nodes.is_empty() {
            self.nodes.push(Node {
                function: None,
                parent: 0,
                own: 0,
                calls: 0,
            });
        }
        0
    }

    fn child(&mut self, parent: u32, function: FunctionId) -> u32 {
        let next = self.nodes.len() as u32;
        *self.children.entry((parent, function)).or_insert_with(|| {
            self.nodes.push(Node {
                function: Some(function),
                parent,
                own: 0,
                calls: 0,
            });
            next
        })
    }

    fn add(&mut self, other: &Profile) {
        let mut numbers = vec![self.root()];
        for node in other.nodes.iter().skip(1) {
            let Some(function) = node.function else {
                continue;
            };
            let parent = numbers[node.parent as usize];
            let number = self.child(parent, function);
            let sum = &mut self.nodes[number as usize];
            sum.own += node.own;
            sum.calls += node.calls;
            numbers.push(number);
        }
    }

    /// What was spent in each node and what it called.
    pub fn totals(&self) -> Vec<u64> {
        let mut totals: Vec<u64> = self.nodes.iter().map(|node| node.own).collect();
        for number in (1..self.nodes.len()).rev() {
            totals[self.nodes[number].parent as usize] += totals[number];
        }
        totals
    }
}

/// What the harts of a process hand in, and the functions that they met.
#[derive(Clone)]
pub struct Gathered {
    profile: Arc<Mutex<Profile>>,
    territory: Territory,
}

impl Gathered {
    fn new(process: &Process) -> Gathered {
        Gathered {
            profile: Arc::default(),
            territory: Territory::new(process),
        }
    }

    fn with<T>(&self, look: impl FnOnce(&mut Profile) -> T) -> T {
        // A sum that is not complete is one that a panic has made worthless anyway.
        look(&mut self.profile.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Looks at the profile and the functions in it.
    pub fn look<T>(&self, look: impl FnOnce(&Profile, &HashMap<FunctionId, Function>) -> T) -> T {
        let functions = self.territory.functions().into_iter().collect();
        self.with(|profile| {
            profile.root();
            look(profile, &functions)
        })
    }
}

/// Counts the instructions of one hart by who called whom.
pub struct Profiler {
    follower: Follower,
    own: Profile,
    gathered: Gathered,
}

impl Profiler {
    /// Of the first hart of a process.
    pub fn new(process: &Process) -> (Profiler, Gathered) {
        let gathered = Gathered::new(process);
        let stack_pointer = process.guest().stack_pointer();
        let follower = Follower::new(&gathered.territory, stack_pointer);
        (Profiler::with(follower, &gathered), gathered)
    }

    fn with(follower: Follower, gathered: &Gathered) -> Profiler {
        let mut own = Profile::default();
        own.root();
        Profiler {
            follower,
            own,
            gathered: gathered.clone(),
        }
    }
}

impl BlockObserver for Profiler {
    fn decoded(&mut self, block: &Decoded<'_>, memory: &Memory) -> u32 {
        self.follower.decoded(block, memory)
    }

    fn forgotten(&mut self) {
        self.follower.forgotten();
    }

    fn ran(&mut self, run: Ran, hart: &Hart) {
        let is_call = run.end == End::Trapped(Trap::Syscall);
        let executed = u64::from(run.retired) + u64::from(is_call);
        if self.follower.enter(run, hart) {
            let frames = self.follower.stack().frames();
            let parent = frames.len().checked_sub(2).map_or(0, |it| frames[it].note);
            if let Some(top) = self.follower.stack().top()
                && let Some(function) = top.function
            {
                top.note = self.own.child(parent, function);
                self.own.nodes[top.note as usize].calls += 1;
            }
        }
        if let Some(top) = self.follower.stack().top() {
            self.own.nodes[top.note as usize].own += executed;
        }
        self.follower.leave(run, hart);
    }

    fn fork(&self, _: &Arc<StopFlag>) -> Box<dyn BlockObserver> {
        Box::new(Profiler::with(self.follower.fork(), &self.gathered))
    }

    fn finish(&mut self) {
        self.gathered.with(|profile| profile.add(&self.own));
    }
}

/// Looks where one hart is, as often as its flag is raised, and charges the function there the processor time since
/// the last look.
pub struct Sampler {
    gathered: Gathered,
    flags: Arc<Mutex<Vec<Weak<StopFlag>>>>,
    last: Option<Duration>,
}

impl Sampler {
    /// Of the first hart of a process: it looks every `interval`, as long as there is a hart.
    pub fn new(process: &Process, interval: Duration) -> (Sampler, Gathered) {
        let gathered = Gathered::new(process);
        let stop = process.thread().core().stop_flag();
        let flags = Arc::new(Mutex::new(vec![Arc::downgrade(&stop)]));
        let raised = Arc::clone(&flags);
        // It allocates nothing, so that a process may be forked at any time.
        let raise = move || {
            loop {
                std::thread::sleep(interval);
                let mut flags = raised.lock().unwrap_or_else(PoisonError::into_inner);
                flags.retain(|flag| {
                    let flag = flag.upgrade();
                    if let Some(flag) = &flag {
                        flag.raise();
                    }
                    flag.is_some()
                });
                if flags.is_empty() {
                    break;
                }
            }
        };
        std::thread::spawn(raise);
        let sampler = Sampler {
            gathered: gathered.clone(),
            flags,
            last: None,
        };
        (sampler, gathered)
    }
}

impl BlockObserver for Sampler {
    fn wants_blocks(&self) -> bool {
        false
    }

    fn interrupted(&mut self, hart: &Hart) {
        let now = cpu_time::of_this_thread();
        let since = now.saturating_sub(self.last.replace(now).unwrap_or(now));
        let spot = self
            .gathered
            .territory
            .find_coarsely(hart.pc.get(), &hart.memory);
        self.gathered.with(|profile| {
            let root = profile.root();
            let node = profile.child(root, spot.function);
            let node = &mut profile.nodes[node as usize];
            node.own += since.as_micros() as u64;
            node.calls += 1;
        });
    }

    fn fork(&self, stop: &Arc<StopFlag>) -> Box<dyn BlockObserver> {
        let mut flags = self.flags.lock().unwrap_or_else(PoisonError::into_inner);
        flags.push(Arc::downgrade(stop));
        Box::new(Sampler {
            gathered: self.gathered.clone(),
            flags: Arc::clone(&self.flags),
            last: None,
        })
    }
}
