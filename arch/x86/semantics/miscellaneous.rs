//! Miscellaneous and system instructions.

use super::{GENERAL_PROTECTION, Hart, processor, semantics};
use crate::decode::{Instruction, Kind, Operand};
use crate::regs::{AF, CF, FS_BASE, GS_BASE, OF, PF, RAX, RBX, RCX, RDX, SF, ZF};
use portolan_machine::domain::{Counter, Domain, Word};
use portolan_machine::memory::Access;
use portolan_machine::registers::Slot;
use portolan_machine::trap::Trap;

semantics! {
    nop      |cpu| { let _ = cpu; };
    endbr64  |cpu| { let _ = cpu; };
    pause    |cpu| { let _ = cpu; };
    prefetch |cpu| { let _ = cpu; };
    ud2      |cpu| cpu.trap(Trap::Illegal)?;
    ud1      |cpu| cpu.trap(Trap::Illegal)?;
    ud0      |cpu| cpu.trap(Trap::Illegal)?;
    mfence   |cpu| cpu.fence();
    lfence   |cpu| cpu.fence();
    sfence   |cpu| cpu.fence();
    rdtsc    |cpu| set_time(cpu);
    rdtscp   |cpu| {
        set_time(cpu);
        cpu.write(RCX, cpu.imm(0));
    };
    clflush  |cpu, it| { cpu.load(Access::U8, cpu.at(it))?; };
    rdrand   |cpu, _it, to| draw(cpu, to);
    rdseed   |cpu, _it, to| draw(cpu, to);
    rdpid    |cpu, _it, to| cpu.set_part(to, cpu.imm(0));
    cpuid    |cpu, it| {
        let (leaf, subleaf) = (cpu.read(RAX).zext(32), cpu.read(RCX).zext(32));
        for (slot, register) in [RAX, RBX, RCX, RDX].into_iter().zip(0i64..) {
            let which = cpu.imm(i64::from(it.condition) << processor::LEVEL | register);
            let value = cpu.call(&processor::CPUID, [leaf, subleaf, which]);
            cpu.write(slot, value);
        }
    };
    syscall  |cpu| cpu.trap(Trap::Syscall)?;
    hlt      |cpu| cpu.trap(Trap::Software { code: GENERAL_PROTECTION })?;
}

// Segment bases
semantics! {
    rdfsbase |cpu, _it, to| cpu.set_part(to, cpu.read(FS_BASE).zext(to.bits));
    rdgsbase |cpu, _it, to| cpu.set_part(to, cpu.read(GS_BASE).zext(to.bits));
    wrfsbase |cpu, _it, from| set_base(cpu, FS_BASE, from)?;
    wrgsbase |cpu, _it, from| set_base(cpu, GS_BASE, from)?;
}

// Where processors keep their tables is the kernel's concern (UMIP): it answers in their place, with
// what `arch/x86/kernel/umip.c` has.
semantics! {
    sgdt |cpu, it| store_table(cpu, it, 0xffff_ffff_fffe_0000)?;
    sidt |cpu, it| store_table(cpu, it, 0xffff_ffff_ffff_0000)?;
    sldt |cpu, it, to| store_selector(cpu, it, to, 0)?;
    str  |cpu, it, to| store_selector(cpu, it, to, TASK_SELECTOR)?;
    smsw |cpu, it, to| store_selector(cpu, it, to, STATUS)?;
}

/// cr0 with protection, paging and the floating-point unit.
const STATUS: i64 = 0x8005_0033;
const TASK_SELECTOR: i64 = 0x40;

/// A limit of zero, and a base.
#[inline(always)]
fn store_table<D: Domain>(cpu: D, it: &Instruction, base: u64) -> Result<(), D::Leave> {
    let at = cpu.at(it);
    cpu.store(Access::U16, at, cpu.imm(0))?;
    cpu.store(Access::U64, at + cpu.imm(2), cpu.constant(base))
}

/// 16 bits in memory; in a register as many as the operand has, where the kernel leaves the others.
#[inline(always)]
fn store_selector<D: Domain>(
    cpu: D,
    it: &Instruction,
    to: Operand,
    selector: i64,
) -> Result<(), D::Leave> {
    match to.kind {
        Kind::Memory => cpu.store(Access::U16, cpu.at(it), cpu.imm(selector & 0xffff)),
        _ => {
            let kept = match to.bits {
                64 => cpu.imm(0),
                bits => cpu.read(to.slot) >> cpu.imm(bits) << cpu.imm(bits),
            };
            cpu.write(to.slot, kept | cpu.imm(selector).zext(to.bits));
            Ok(())
        }
    }
}

/// An address in one of the two halves that the processor translates; others are refused.
#[inline(always)]
fn set_base<D: Domain>(cpu: D, base: Slot, from: Operand) -> Result<(), D::Leave> {
    let value = cpu.part(from);
    let canonical = value.sext(48).eq(value);
    let refused = Trap::Software {
        code: GENERAL_PROTECTION,
    };
    cpu.trap_when(!canonical, refused)?;
    cpu.write(base, value);
    Ok(())
}

/// A random number, which there always is.
#[inline(always)]
fn draw<D: Domain>(cpu: D, to: Operand) {
    cpu.set_part(to, cpu.counter(Counter::Random).zext(to.bits));
    cpu.write(CF, cpu.imm(1));
    for flag in [OF, SF, ZF, AF, PF] {
        cpu.write(flag, cpu.imm(0));
    }
}

/// The time-stamp counter: a thousand million ticks a second, in edx:eax.
#[inline(always)]
fn set_time<D: Domain>(cpu: D) {
    let time = cpu.counter(Counter::Time) * cpu.imm(100);
    cpu.write(RAX, time.zext(32));
    cpu.write(RDX, time >> cpu.imm(32));
}
