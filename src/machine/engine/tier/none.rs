//! The second tier where there is none: nothing is ever hot.

use super::block::Blocks;
use super::meter::Shares;
use super::{Compilation, Compiling, Cpu};
use crate::guest::{Compiled, Isa};
use crate::hart::Hart;
use crate::memory::Memory;
use crate::stop::StopFlag;
use std::marker::PhantomData;
use std::sync::Arc;

/// No code is made.
pub fn compile<I: Isa>(
    _: &'static I,
    _: &Memory,
    _: u8,
    _: u64,
    _: Cpu,
    _: &dyn Fn(u64) -> bool,
) -> Option<Compilation> {
    None
}

/// One hart's second tier.
pub struct Tier {
    /// Always nothing, if somebody asks.
    shares: Option<Shares>,
}

/// Keeps other threads out of a compiler.
pub struct Quiesced<'a>(PhantomData<&'a Tier>);

impl Tier {
    pub fn new<I: Isa>(_: &'static I, _: &Memory, _: &Arc<StopFlag>) -> Tier {
        Tier { shares: None }
    }
    pub fn fork(&self, _: &Arc<StopFlag>) -> Tier {
        Tier {
            shares: self.shares.as_ref().map(|_| Shares::default()),
        }
    }
    pub fn measure(&mut self) {
        self.shares = Some(Shares::default());
    }
    pub fn shares(&self) -> Option<&Shares> {
        self.shares.as_ref()
    }
    pub fn set_compiling(&mut self, _: Compiling) {}
    pub fn set_code_room(&self, _: usize) {}
    pub fn totals(&self) -> Compiled {
        Compiled::default()
    }
    pub fn quiesce(&self) -> Quiesced<'_> {
        Quiesced(PhantomData)
    }
    pub fn is_on(&self) -> bool {
        false
    }
    pub fn is_eager(&self) -> bool {
        false
    }
    pub fn begin<I: Isa>(&self, _: &Hart, _: &Blocks<I>, _: u64) {}
    pub fn end(&self) {}
    pub fn renew(&self, _: u64) {}
    pub fn trapped(&self) {}
    pub fn heat<I: Isa>(&self, _: &I, _: &Hart, _: &mut Blocks<I>, _: u64, _: Option<u64>) {}
    pub fn run<I: Isa>(&self, _: &I, _: &Hart, _: &mut Blocks<I>, _: u64, _: usize) -> u32 {
        0
    }
}
