//! The one list of what need not agree with the host's processor, and of what is not run beside it.

use crate::Case;
use crate::state::Units;
use iced_x86::{Code, Instruction, Mnemonic, OpKind, Register};
use portolan_x86::encoding::Op;
use portolan_x86::regs::{AF, CF, OF, PF, SF, ZF};

/// What cannot be run like this: it leaves the program, or what it gives is nobody's.
pub fn is_left_out(op: Op, it: &Instruction) -> bool {
    let touches_segment = (0..it.op_count()).any(|index| {
        it.op_kind(index) == OpKind::Register && it.op_register(index).is_segment_register()
    });
    let is_absolute = it.op_count() > 0
        && (0..it.op_count()).any(|index| it.op_kind(index) == OpKind::Memory)
        && it.memory_base() == Register::None;
    let narrow = match it.op_count() {
        0 => false,
        _ if it.op_kind(0) == OpKind::Register => it.op0_register().size() == 2,
        _ => it.memory_size().size() == 2,
    };
    touches_segment
        // With REX.B it is xchg, for whatever f3 is worth; iced-x86 takes it for pause all the same.
        || op == Op::pause
        || is_absolute && !matches!(op, Op::lea | Op::nop)
        || it.is_ip_rel_memory_operand()
        || matches!(it.segment_prefix(), Register::FS | Register::GS)
        || matches!(op, Op::cpuid | Op::rdtsc | Op::rdtscp | Op::popf | Op::prefetch | Op::endbr64)
        || op == Op::xlat
        // What they give is nobody's, or the kernel's.
        || matches!(op, Op::rdrand | Op::rdseed | Op::rdpid)
        || matches!(op, Op::rdfsbase | Op::rdgsbase | Op::wrfsbase | Op::wrgsbase)
        || matches!(op, Op::sgdt | Op::sidt | Op::sldt | Op::smsw | Op::str)
        // Each processor has its own approximation.
        || matches!(op, Op::rcpps | Op::rcpss | Op::rsqrtps | Op::rsqrtss)
        // The host's processor has components of its own, and tells which are in use as it likes.
        || matches!(op, Op::xgetbv | Op::xsave | Op::xsavec | Op::xsaveopt | Op::xrstor)
        // The manual leaves the result open.
        || op == Op::bswap && narrow
        || matches!(it.mnemonic(), Mnemonic::Shld | Mnemonic::Shrd) && narrow
        || matches!(it.code(), Code::Enterw_imm16_imm8 | Code::Leavew)
}

/// Where the frame is that `enter` copies from, after the start of memory: far from the one that it makes. Where they
/// overlap, processors differ in when they read it.
pub const OUTER_FRAME: u64 = 256;

/// The flags that the manual leaves undefined.
pub fn undefined_flags(op: Op, it: &Instruction, registers: &[u64; 16]) -> &'static [u8] {
    let bits = match it.op0_kind() {
        OpKind::Register => it.op0_register().size() as u64 * 8,
        _ => it.memory_size().size() as u64 * 8,
    };
    let mask = if bits == 64 { 63 } else { 31 };
    let last = it.op_count().saturating_sub(1);
    let count = mask
        & match it.op_count() {
            0 => 0,
            _ if it.op_kind(last) == OpKind::Register => registers[1],
            _ if it.op_kind(last) == OpKind::Memory => 0,
            _ => it.immediate(last),
        };
    match op {
        Op::and | Op::or | Op::xor | Op::test => &[AF],
        Op::mul | Op::imul => &[SF, ZF, AF, PF],
        Op::div | Op::idiv => &[CF, OF, SF, ZF, AF, PF],
        Op::bsf | Op::bsr => &[CF, OF, SF, AF, PF],
        Op::tzcnt | Op::lzcnt => &[OF, SF, AF, PF],
        Op::andn | Op::blsi | Op::blsmsk | Op::blsr | Op::bzhi => &[AF, PF],
        Op::bextr => &[SF, AF, PF],
        Op::bt | Op::bts | Op::btr | Op::btc => &[OF, SF, AF, PF],
        Op::shl | Op::shr | Op::sar if count >= bits => &[CF, OF, AF],
        Op::shl | Op::shr | Op::sar | Op::shld | Op::shrd if count > 1 => &[OF, AF],
        Op::shl | Op::shr | Op::sar | Op::shld | Op::shrd if count == 1 => &[AF],
        Op::rol | Op::ror | Op::rcl | Op::rcr if count != 1 && count != 0 => &[OF],
        _ => &[],
    }
}

/// Clears what the instruction stored that is each processor's own: where fxsave tells of instructions
/// that raised something, and which bits MXCSR has.
pub fn forget_memory(case: &Case, scratch: &mut [u8]) {
    if case.op == Op::fxsave {
        scratch[case.target + 6..case.target + 24].fill(0);
        scratch[case.target + 28..case.target + 32].fill(0);
    }
    if matches!(case.op, Op::fnstenv | Op::fnsave) {
        let narrow = !case.it.memory_size().size().is_multiple_of(4);
        let (start, end) = if narrow { (6, 14) } else { (12, 28) };
        scratch[case.target + start..case.target + end].fill(0);
    }
}

/// Elementary functions are approximations: results may differ by one in the last place, and by how
/// they were rounded.
pub fn approximate(case: &Case, ours: &mut Units, theirs: &Units) {
    let results = match case.op {
        Op::f2xm1 | Op::fyl2x | Op::fyl2xp1 | Op::fpatan | Op::fsin | Op::fcos => 0..1,
        Op::fsincos | Op::fptan => 0..2,
        _ => return,
    };
    let whole = |(significand, exponent): (u64, u16)| {
        u128::from(exponent) << 63 | u128::from(significand & u64::MAX >> 1)
    };
    for n in results {
        if whole(ours.stack[n]).abs_diff(whole(theirs.stack[n])) <= 1 {
            ours.stack[n] = theirs.stack[n];
        }
    }
    // C1 tells of the rounding.
    ours.status = ours.status & !0x200 | theirs.status & 0x200;
}
