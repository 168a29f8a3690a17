//! The yardstick: an RV64IMC interpreter as one would write it by hand, for these programs only.
//!
//! No domains, no rows, no hooks, no budget, no breakpoints, no stop flag, no self-modifying code,
//! no other instruction set: a decoder, an array of decoded instructions, a cache that finds in it
//! what to run, an array of registers, and a `match` in a loop. It pays for guest memory what
//! Portolan pays, since it uses the same [`Memory`].

mod decode;

use decode::{Insn, Op};
use portolan::{Access, Fault, Memory};
use std::collections::HashMap;
use std::sync::Arc;

/// Entries of the jump cache, a power of two.
const CACHE: usize = 4096;

/// Why [`Handwritten::run`] returned; the pc is at the instruction.
#[derive(Debug)]
pub enum Stop {
    Syscall,
    Illegal,
    /// Of a load, a store, or an instruction fetch.
    Fault(#[allow(dead_code, reason = "for the message of a panic")] Fault),
}

pub struct Handwritten {
    /// x0 is zero: the decoder sends what is written to it to [`decode::NOWHERE`].
    pub x: [u64; 64],
    pub pc: u64,
    pub retired: u64,
    pub memory: Arc<Memory>,
    /// Blocks, one after the other. Each ends with a jump, a system call or [`Op::End`].
    insns: Vec<Insn>,
    /// Where in `insns` the block of an address is.
    blocks: HashMap<u64, u32>,
    /// The blocks entered last, by the low bits of their address.
    cache: Box<[(u64, u32); CACHE]>,
}

impl Handwritten {
    pub fn new(memory: Arc<Memory>, pc: u64) -> Handwritten {
        Handwritten {
            x: [0; 64],
            pc,
            retired: 0,
            memory,
            insns: Vec::new(),
            blocks: HashMap::new(),
            cache: Box::new([(u64::MAX, 0); CACHE]),
        }
    }

    /// Puts the block at the pc into its place in the cache.
    #[cold]
    #[inline(never)]
    fn enter(&mut self) -> Result<usize, Stop> {
        let pc = self.pc;
        let at = match self.blocks.get(&pc) {
            Some(&at) => at,
            None => {
                let at = self.insns.len() as u32;
                self.decode(pc)?;
                self.blocks.insert(pc, at);
                at
            }
        };
        self.cache[pc as usize / 2 % CACHE] = (pc, at);
        Ok(at as usize)
    }

    /// Decodes up to a jump, at most 64 instructions, all in one page.
    fn decode(&mut self, start: u64) -> Result<(), Stop> {
        let mut at = start;
        for count in 0.. {
            let offset = (at - start) as u16;
            let mut bytes = [0; 16];
            let decoded = match self.memory.fetch(at, &mut bytes) {
                _ if count == 64 || at >> 12 != start >> 12 => None,
                Ok(present) => decode::decode(&bytes[..present.min(4)], offset),
                Err(fault) if count == 0 => return Err(Stop::Fault(fault)),
                Err(_) => None,
            };
            let Some((insn, length)) = decoded else {
                if count == 0 {
                    return Err(Stop::Illegal);
                }
                self.insns.push(decode::end(offset));
                break;
            };
            self.insns.push(insn);
            at += length as u64;
            if matches!(insn.op, Op::Jal | Op::Jalr | Op::Ecall) {
                break;
            }
        }
        Ok(())
    }

    pub fn run(&mut self) -> Stop {
        loop {
            let at = match self.enter() {
                Ok(at) => at,
                Err(stop) => return stop,
            };
            if let Some(stop) = self.run_from(at) {
                return stop;
            }
        }
    }

    /// Runs until a stop, or until a block is not in the cache.
    fn run_from(&mut self, mut at: usize) -> Option<Stop> {
        let (insns, cache, memory) = (&*self.insns, &*self.cache, &*self.memory);
        let x = &mut self.x;
        let (mut start, mut first) = (self.pc, at);
        let mut retired = self.retired;
        loop {
            let insn = &insns[at];
            at += 1;
            let (a, b) = (x[usize::from(insn.rs1 % 64)], x[usize::from(insn.rs2 % 64)]);
            let imm = i64::from(insn.imm) as u64;
            macro_rules! rd {
                ($value:expr) => {
                    x[usize::from(insn.rd % 64)] = $value
                };
            }
            macro_rules! jump {
                ($target:expr) => {{
                    retired = retired.wrapping_add((at - first) as u64);
                    start = $target;
                    let (pc, to) = cache[start as usize / 2 % CACHE];
                    if pc != start {
                        (self.pc, self.retired) = (start, retired);
                        return None;
                    }
                    first = to as usize;
                    at = first;
                }};
            }
            macro_rules! branch {
                ($condition:expr) => {
                    if $condition {
                        jump!(start.wrapping_add(imm));
                    }
                };
            }
            macro_rules! stop {
                ($stop:expr) => {{
                    self.retired = retired + (at - 1 - first) as u64;
                    self.pc = start + u64::from(insn.offset);
                    return Some($stop);
                }};
            }
            macro_rules! load {
                ($access:ident) => {
                    match memory.load(Access::$access, a.wrapping_add(imm)) {
                        Ok(value) => rd!(value),
                        Err(fault) => stop!(Stop::Fault(fault)),
                    }
                };
            }
            macro_rules! store {
                ($access:ident) => {
                    if let Err(fault) = memory.store(Access::$access, a.wrapping_add(imm), b) {
                        stop!(Stop::Fault(fault))
                    }
                };
            }
            let (wa, wb) = (a as i32, b as i32);
            let word = |value: i32| i64::from(value) as u64;
            match insn.op {
                Op::Addi => rd!(a.wrapping_add(imm)),
                Op::Slti => rd!(u64::from((a as i64) < imm as i64)),
                Op::Sltiu => rd!(u64::from(a < imm)),
                Op::Xori => rd!(a ^ imm),
                Op::Ori => rd!(a | imm),
                Op::Andi => rd!(a & imm),
                Op::Slli => rd!(a << (imm & 63)),
                Op::Srli => rd!(a >> (imm & 63)),
                Op::Srai => rd!((a as i64 >> (imm & 63)) as u64),
                Op::Addiw => rd!(word(wa.wrapping_add(imm as i32))),
                Op::Slliw => rd!(word(wa << (imm & 31))),
                Op::Srliw => rd!(word((a as u32 >> (imm & 31)) as i32)),
                Op::Sraiw => rd!(word(wa >> (imm & 31))),
                Op::Lui => rd!(imm),
                Op::Auipc => rd!(start.wrapping_add(imm)),
                Op::Add => rd!(a.wrapping_add(b)),
                Op::Sub => rd!(a.wrapping_sub(b)),
                Op::Sll => rd!(a << (b & 63)),
                Op::Slt => rd!(u64::from((a as i64) < b as i64)),
                Op::Sltu => rd!(u64::from(a < b)),
                Op::Xor => rd!(a ^ b),
                Op::Srl => rd!(a >> (b & 63)),
                Op::Sra => rd!((a as i64 >> (b & 63)) as u64),
                Op::Or => rd!(a | b),
                Op::And => rd!(a & b),
                Op::Addw => rd!(word(wa.wrapping_add(wb))),
                Op::Subw => rd!(word(wa.wrapping_sub(wb))),
                Op::Sllw => rd!(word(wa << (b & 31))),
                Op::Srlw => rd!(word((a as u32 >> (b & 31)) as i32)),
                Op::Sraw => rd!(word(wa >> (b & 31))),
                Op::Mul => rd!(a.wrapping_mul(b)),
                Op::Mulh => rd!(((i128::from(a as i64) * i128::from(b as i64)) >> 64) as u64),
                Op::Mulhsu => rd!((i128::from(a as i64).wrapping_mul(i128::from(b)) >> 64) as u64),
                Op::Mulhu => rd!(((u128::from(a) * u128::from(b)) >> 64) as u64),
                Op::Mulw => rd!(word(wa.wrapping_mul(wb))),
                Op::Div if b == 0 => rd!(u64::MAX),
                Op::Div => rd!((a as i64).wrapping_div(b as i64) as u64),
                Op::Divu => rd!(a.checked_div(b).unwrap_or(u64::MAX)),
                Op::Rem if b == 0 => rd!(a),
                Op::Rem => rd!((a as i64).wrapping_rem(b as i64) as u64),
                Op::Remu => rd!(a.checked_rem(b).unwrap_or(a)),
                Op::Divw if wb == 0 => rd!(u64::MAX),
                Op::Divw => rd!(word(wa.wrapping_div(wb))),
                Op::Divuw => rd!(word(
                    (a as u32).checked_div(b as u32).unwrap_or(u32::MAX) as i32
                )),
                Op::Remw if wb == 0 => rd!(word(wa)),
                Op::Remw => rd!(word(wa.wrapping_rem(wb))),
                Op::Remuw => rd!(word(
                    (a as u32).checked_rem(b as u32).unwrap_or(a as u32) as i32
                )),
                Op::Lb => load!(I8),
                Op::Lh => load!(I16),
                Op::Lw => load!(I32),
                Op::Ld => load!(U64),
                Op::Lbu => load!(U8),
                Op::Lhu => load!(U16),
                Op::Lwu => load!(U32),
                Op::Sb => store!(U8),
                Op::Sh => store!(U16),
                Op::Sw => store!(U32),
                Op::Sd => store!(U64),
                Op::Beq => branch!(a == b),
                Op::Bne => branch!(a != b),
                Op::Blt => branch!((a as i64) < b as i64),
                Op::Bge => branch!(a as i64 >= b as i64),
                Op::Bltu => branch!(a < b),
                Op::Bgeu => branch!(a >= b),
                Op::Jal => {
                    rd!(start.wrapping_add(u64::from(insn.offset)));
                    jump!(start.wrapping_add(imm));
                }
                Op::Jalr => {
                    rd!(start.wrapping_add(u64::from(insn.offset)));
                    jump!(a.wrapping_add(imm) & !1);
                }
                Op::Fence => std::sync::atomic::fence(std::sync::atomic::Ordering::SeqCst),
                Op::End => {
                    retired = retired.wrapping_sub(1);
                    jump!(start.wrapping_add(imm));
                }
                Op::Ecall => stop!(Stop::Syscall),
            }
        }
    }
}
