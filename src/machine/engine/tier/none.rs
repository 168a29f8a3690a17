//! The second tier where there is none: nothing is ever hot.

use super::Compiling;
use super::block::Blocks;
use crate::guest::{Compiled, Isa};
use crate::hart::Hart;
use crate::memory::Memory;
use crate::stop::StopFlag;
use std::marker::PhantomData;
use std::sync::Arc;

/// One hart's second tier.
pub struct Tier;

/// Keeps other threads out of a compiler.
pub struct Quiesced<'a>(PhantomData<&'a Tier>);

impl Tier {
    pub fn new<I: Isa>(_: &'static I, _: &Memory, _: &Arc<StopFlag>) -> Tier {
        Tier
    }
    pub fn fork(&self, _: &Arc<StopFlag>) -> Tier {
        Tier
    }
    pub fn set_compiling(&mut self, _: Compiling) {}
    pub fn totals(&self) -> Compiled {
        Compiled::default()
    }
    pub fn quiesce(&self) -> Quiesced<'_> {
        Quiesced(PhantomData)
    }
    pub fn is_on(&self) -> bool {
        false
    }
    pub fn threshold(&self) -> u32 {
        u32::MAX
    }
    pub fn begin<I: Isa>(&self, _: &Hart, _: &Blocks<I>, _: u64) {}
    pub fn end(&self) {}
    pub fn renew(&self, _: u64) {}
    pub fn trapped(&self) {}
    pub fn heat<I: Isa>(&self, _: &I, _: &Hart, _: &mut Blocks<I>, _: u64) {}
    pub fn run<I: Isa>(&self, _: &Hart, _: &mut Blocks<I>, _: usize) -> u32 {
        0
    }
}
