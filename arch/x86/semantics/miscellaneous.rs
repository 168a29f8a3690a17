//! Miscellaneous and system instructions.

use super::{GENERAL_PROTECTION, processor, semantics};
use crate::regs::{RAX, RBX, RCX, RDX};
use portolan_machine::domain::{Counter, Domain, Word};
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
    cpuid    |cpu| {
        let (leaf, subleaf) = (cpu.read(RAX).zext(32), cpu.read(RCX).zext(32));
        for (slot, register) in [RAX, RBX, RCX, RDX].into_iter().zip(0i64..) {
            let value = cpu.call(&processor::CPUID, [leaf, subleaf, cpu.imm(register)]);
            cpu.write(slot, value);
        }
    };
    syscall  |cpu| cpu.trap(Trap::Syscall)?;
    hlt      |cpu| cpu.trap(Trap::Software { code: GENERAL_PROTECTION })?;
}

/// The time-stamp counter: a thousand million ticks a second, in edx:eax.
#[inline(always)]
fn set_time<D: Domain>(cpu: D) {
    let time = cpu.counter(Counter::Time) * cpu.imm(100);
    cpu.write(RAX, time.zext(32));
    cpu.write(RDX, time >> cpu.imm(32));
}
