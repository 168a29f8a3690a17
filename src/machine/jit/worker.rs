//! The thread that compiles.

use super::anchor::anchor;
use super::looks::finish;
use super::lower::{CONVENTION, Tables, Target, lower};
use super::{Compiled, Region, Regions, lock};
use crate::cpu_time;
use crate::engine::Cpu;
use crate::jit::arena::Code;
use cranelift_codegen::Context;
use cranelift_codegen::control::ControlPlane;
use cranelift_codegen::ir::Function;
use cranelift_codegen::isa::{self, OwnedTargetIsa};
use cranelift_codegen::settings::{self, Configurable};
use cranelift_frontend::FunctionBuilderContext;
use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, OnceLock, PoisonError};
use std::thread::{self, JoinHandle};

/// Compiles regions, on a thread that is started when there is something to do.
pub struct Worker {
    shared: Arc<Shared>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

/// What the thread has in common with those that ask.
struct Shared {
    target: Target,
    regions: Arc<Mutex<Regions>>,
    queue: Mutex<Queue>,
    changed: Condvar,
}

#[derive(Default)]
struct Queue {
    waiting: VecDeque<(u64, Region)>,
    /// The thread is to end, with the region that it compiles.
    end: bool,
}

impl Worker {
    pub fn new(target: Target, regions: Arc<Mutex<Regions>>) -> Worker {
        Worker {
            shared: Arc::new(Shared {
                target,
                regions,
                queue: Mutex::default(),
                changed: Condvar::new(),
            }),
            thread: Mutex::default(),
        }
    }

    /// What all that is compiled has in common.
    pub fn target(&self) -> &Target {
        &self.shared.target
    }

    /// Has a region of this version compiled; `at_once`, by the calling thread.
    pub fn ask(&self, version: u64, region: Region, at_once: bool) {
        if at_once {
            let mut compiler = Compiler::new(Cpu::Host);
            return self.shared.compile(&mut compiler, version, &region);
        }
        let mut thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner);
        self.shared.queue().waiting.push_back((version, region));
        self.shared.changed.notify_one();
        if thread.is_none() {
            let shared = Arc::clone(&self.shared);
            *thread = spawn(move || shared.work());
        }
    }

    /// Ends the thread, and lets none be started until the result is dropped.
    pub fn quiesce(&self) -> Quiesced<'_> {
        let mut thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(thread) = thread.take() {
            self.shared.queue().end = true;
            self.shared.changed.notify_one();
            // It does not panic; if it did, there is nothing to wait for either.
            let _ = thread.join();
            self.shared.queue().end = false;
        }
        Quiesced { _thread: thread }
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        self.quiesce();
    }
}

/// Keeps the thread from being started: see [`Worker::quiesce`].
pub struct Quiesced<'a> {
    _thread: MutexGuard<'a, Option<JoinHandle<()>>>,
}

/// Starts a thread that gets no signals: those of the process are for threads that know what to do.
fn spawn(work: impl FnOnce() + Send + 'static) -> Option<JoinHandle<()>> {
    // SAFETY: the sets are valid for the calls. All zeros is one, which the first call fills in.
    unsafe {
        let mut all: libc::sigset_t = std::mem::zeroed();
        let mut before: libc::sigset_t = std::mem::zeroed();
        libc::sigfillset(&mut all);
        libc::pthread_sigmask(libc::SIG_SETMASK, &all, &mut before);
        let thread = thread::Builder::new()
            .name("compiler".to_owned())
            .spawn(work);
        libc::pthread_sigmask(libc::SIG_SETMASK, &before, std::ptr::null_mut());
        // Without one, nothing is compiled; the next who asks tries again.
        thread.ok()
    }
}

impl Shared {
    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn work(&self) {
        let mut compiler = Compiler::new(Cpu::Host);
        loop {
            let mut queue = self.queue();
            let (version, region) = loop {
                if queue.end {
                    return;
                }
                if let Some(asked) = queue.waiting.pop_front() {
                    break asked;
                }
                queue = self
                    .changed
                    .wait(queue)
                    .unwrap_or_else(PoisonError::into_inner);
            };
            drop(queue);
            self.compile(&mut compiler, version, &region);
        }
    }

    fn compile(&self, compiler: &mut Compiler, version: u64, region: &Region) {
        if lock(&self.regions).version != version {
            return;
        }
        let start = cpu_time::of_this_thread();
        let compiled = compiler.compile(&self.target, region);
        let mut regions = lock(&self.regions);
        regions.totals.time += cpu_time::of_this_thread().saturating_sub(start);
        regions.refused |= compiled.is_none();
        if let Some((compiled, bytes)) = compiled {
            regions.totals.regions += 1;
            regions.totals.instructions += region.len() as u64;
            regions.totals.bytes += bytes as u64;
            regions.publish(version, compiled);
        }
    }
}

/// Cranelift, with the memory that it uses again and again.
pub struct Compiler {
    isa: Option<&'static OwnedTargetIsa>,
    /// The last function.
    pub context: Context,
    builder: FunctionBuilderContext,
}

impl Compiler {
    pub fn new(cpu: Cpu) -> Compiler {
        let isa = &ISAS[cpu as usize];
        Compiler {
            isa: isa.get_or_init(|| isa_of(cpu)).as_ref(),
            context: Context::new(),
            builder: FunctionBuilderContext::new(),
        }
    }

    /// The code of a region, and its size. None if this host cannot run any, or has no room.
    fn compile(&mut self, target: &Target, region: &Region) -> Option<(Compiled, usize)> {
        let tables = self.translate(target, region, |_| ())?;
        let finished = finish(self.context.compiled_code()?);
        let code = Code::new(&finished.code, &finished.accesses)?;
        let size = finished.code.len();
        let entry = region.entry;
        Some((
            Compiled {
                entry,
                code,
                tables,
            },
            size,
        ))
    }

    /// Has the context hold a region's code; `look` sees what Cranelift is given. None if this host has
    /// no such processor.
    pub fn translate(
        &mut self,
        target: &Target,
        region: &Region,
        look: impl FnOnce(&mut Function),
    ) -> Option<Tables> {
        let isa = self.isa?;
        self.context.clear();
        let tables = lower(
            region,
            target,
            &mut self.context.func,
            &mut self.builder,
            isa.frontend_config(),
        );
        look(&mut self.context.func);
        if region.computes_with_floats()
            && let Err(error) = anchor(&mut self.context, &**isa)
        {
            debug_assert!(false, "{error:?}");
            return None;
        }
        let compiled = match self.context.compile(&**isa, &mut ControlPlane::default()) {
            Ok(compiled) => compiled,
            Err(error) => {
                debug_assert!(false, "{:?}", error.inner);
                return None;
            }
        };
        debug_assert!(compiled.buffer.relocs().is_empty(), "{CONVENTION:?}");
        Some(tables)
    }
}

/// Made once: a thread that compiles may be short.
static ISAS: [OnceLock<Option<OwnedTargetIsa>>; 2] = [const { OnceLock::new() }; 2];

/// A processor, with the extensions that it has. None if Cranelift does not know it.
fn isa_of(cpu: Cpu) -> Option<OwnedTargetIsa> {
    let mut shared = settings::builder();
    let mut target = isa::lookup_by_name("x86_64").ok()?;
    for (name, value) in [
        ("opt_level", "speed"),
        (
            "enable_verifier",
            if cfg!(debug_assertions) {
                "true"
            } else {
                "false"
            },
        ),
        // Where tables of branches end.
        ("machine_code_cfg_info", "true"),
        // Without them, tail calls are miscompiled; faults find their way back by them.
        ("preserve_frame_pointers", "true"),
    ] {
        shared.set(name, value).ok()?;
    }
    for (present, feature) in [
        (is_x86_feature_detected!("sse3"), "has_sse3"),
        (is_x86_feature_detected!("ssse3"), "has_ssse3"),
        (is_x86_feature_detected!("sse4.1"), "has_sse41"),
        (is_x86_feature_detected!("sse4.2"), "has_sse42"),
        (is_x86_feature_detected!("avx"), "has_avx"),
        (is_x86_feature_detected!("avx2"), "has_avx2"),
        (is_x86_feature_detected!("fma"), "has_fma"),
        (is_x86_feature_detected!("lzcnt"), "has_lzcnt"),
        (is_x86_feature_detected!("popcnt"), "has_popcnt"),
        (is_x86_feature_detected!("bmi1"), "has_bmi1"),
        (is_x86_feature_detected!("bmi2"), "has_bmi2"),
    ] {
        // The third level has them all.
        if present || cpu == Cpu::X86_64V3 {
            target.enable(feature).ok()?;
        }
    }
    target.finish(settings::Flags::new(shared)).ok()
}
