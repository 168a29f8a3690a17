//! Control.

use super::transfer::clear_c1;
use super::{INITIAL_CONTROL, STATUS, Stack, semantics};
use crate::decode::Instruction;
use crate::regs::{
    FPU_CONTROL, FPU_DATA, FPU_INSTRUCTION, FPU_OPCODE, FPU_STATUS, FPU_TAGS, FPU_TOP, ST,
};
use crate::semantics::Hart;
use portolan_machine::domain::{Domain, Helper, Word};
use portolan_machine::memory::Access;

semantics! { out of line:
    fincstp |cpu| {
        cpu.wait()?;
        clear_c1(cpu);
        cpu.rotate(1);
    };
    fdecstp |cpu| {
        cpu.wait()?;
        clear_c1(cpu);
        cpu.rotate(7);
    };
    ffree   |cpu, _it, which| {
        cpu.wait()?;
        free(cpu, super::number(which));
    };
    ffreep  |cpu, _it, which| {
        cpu.wait()?;
        free(cpu, super::number(which));
        cpu.pop();
    };
    fninit  |cpu| initialize(cpu)?;
    fnclex  |cpu| {
        let status = cpu.read(FPU_STATUS);
        cpu.write(FPU_STATUS, status & cpu.imm(STATUS & !0x7f));
    };
    fnstcw  |cpu, it| cpu.store(Access::U16, cpu.at(it), cpu.control_word())?;
    fldcw   |cpu, it| {
        cpu.wait()?;
        let word = cpu.load(Access::U16, cpu.at(it))?;
        cpu.set_control_word(word);
    };
    fnstsw  |cpu, it, to| cpu.set(it, to, cpu.status_word())?;
    fnstenv |cpu, it| {
        store_environment(cpu, it)?;
        // All exceptions are masked from here on.
        let control = cpu.read(FPU_CONTROL);
        cpu.write(FPU_CONTROL, control & cpu.imm(!0x3fi64));
    };
    fldenv  |cpu, it| {
        cpu.wait()?;
        let environment = load_environment(cpu, it)?;
        cpu.rotate_to(environment.top(cpu))?;
        environment.enter(cpu);
    };
    fnsave  |cpu, it| {
        store_environment(cpu, it)?;
        let at = cpu.at(it) + cpu.imm(environment_length(it));
        for n in 0..8 {
            let [significand, exponent] = cpu.st(n);
            let at = at + cpu.imm(10 * n);
            cpu.store(Access::U64, at, significand)?;
            cpu.store(Access::U16, at + cpu.imm(8), exponent)?;
        }
        initialize(cpu)?;
    };
    frstor  |cpu, it| {
        cpu.wait()?;
        let environment = load_environment(cpu, it)?;
        let at = cpu.at(it) + cpu.imm(environment_length(it));
        let mut stack = Vec::new();
        for n in 0..8 {
            let at = at + cpu.imm(10 * n);
            let significand = cpu.load(Access::U64, at)?;
            stack.push([significand, cpu.load(Access::U16, at + cpu.imm(8))?]);
        }
        for (n, value) in (0..).zip(stack) {
            cpu.write(ST + 2 * n, value[0]);
            cpu.write(ST + 2 * n + 1, value[1]);
        }
        environment.enter(cpu);
    };
    fwait   |cpu| cpu.wait()?;
    fnop    |cpu| cpu.wait()?;
    fneni   |cpu| { let _ = cpu; };
}

/// Marks a register as empty.
#[inline(always)]
fn free<D: Domain>(cpu: D, number: u8) {
    clear_c1(cpu);
    let tags = cpu.read(FPU_TAGS);
    cpu.write(FPU_TAGS, tags & cpu.imm(!(1i64 << number)));
}

/// The state after fninit. The registers keep what they hold.
#[inline(always)]
fn initialize<D: Domain>(cpu: D) -> Result<(), D::Leave> {
    cpu.rotate_to(cpu.imm(0))?;
    for slot in [
        FPU_TAGS,
        FPU_STATUS,
        FPU_CONTROL,
        FPU_INSTRUCTION,
        FPU_DATA,
        FPU_OPCODE,
    ] {
        cpu.write(slot, cpu.imm(0));
    }
    Ok(())
}

/// The bytes of what fnstenv stores (Volume 1, Section 8.1.10): 14 with the prefix 66.
fn environment_length(it: &Instruction) -> i64 {
    match it.operands[0].bits {
        16 => 14,
        _ => 28,
    }
}

/// What fnstenv stores, but for selectors, which are zero.
struct Environment<W> {
    control: W,
    status: W,
    tags: W,
    instruction: W,
    opcode: W,
    data: W,
}

impl<W: Word> Environment<W> {
    fn top<D: Domain<Word = W>>(&self, cpu: D) -> W {
        (self.status >> cpu.imm(super::TOP)) & cpu.imm(7)
    }

    /// Replaces everything but the registers of the stack, which are in their places already.
    #[inline(always)]
    fn enter<D: Domain<Word = W>>(&self, cpu: D) {
        cpu.set_control_word(self.control);
        let top = cpu.set_status_word(self.status);
        let arguments = [self.tags, top, cpu.imm(0)];
        cpu.write(FPU_TAGS, cpu.call(&TAGS, arguments));
        cpu.write(FPU_INSTRUCTION, self.instruction);
        cpu.write(FPU_OPCODE, self.opcode);
        cpu.write(FPU_DATA, self.data);
    }
}

#[inline(always)]
fn load_environment<D: Domain>(cpu: D, it: &Instruction) -> Result<Environment<D::Word>, D::Leave> {
    let at = cpu.at(it);
    if environment_length(it) == 14 {
        let load = |place: i64| cpu.load(Access::U16, at + cpu.imm(place));
        return Ok(Environment {
            control: load(0)?,
            status: load(2)?,
            tags: load(4)?,
            instruction: load(6)?,
            opcode: cpu.imm(0),
            data: load(10)?,
        });
    }
    let load = |access, place: i64| cpu.load(access, at + cpu.imm(place));
    Ok(Environment {
        control: load(Access::U16, 0)?,
        status: load(Access::U16, 4)?,
        tags: load(Access::U16, 8)?,
        instruction: load(Access::U32, 12)?,
        opcode: load(Access::U16, 18)? & cpu.imm(0x7ff),
        data: load(Access::U32, 20)?,
    })
}

#[inline(always)]
fn store_environment<D: Domain>(cpu: D, it: &Instruction) -> Result<(), D::Leave> {
    let at = cpu.at(it);
    let words = [
        cpu.control_word(),
        cpu.status_word(),
        tag_word(cpu),
        cpu.read(FPU_INSTRUCTION),
        cpu.imm(0),
        cpu.read(FPU_DATA),
        cpu.imm(0),
    ];
    if environment_length(it) == 14 {
        for (place, word) in (0..).step_by(2).zip(words) {
            cpu.store(Access::U16, at + cpu.imm(place), word)?;
        }
        return Ok(());
    }
    let reserved = cpu.constant(0xffff_0000);
    let [control, status, tags, instruction, selector, data, other] = words;
    let opcode = cpu.read(FPU_OPCODE) << cpu.imm(16);
    let words = [
        control | reserved,
        status | reserved,
        tags | reserved,
        instruction,
        selector | opcode,
        data,
        other | reserved,
    ];
    for (place, word) in (0..).step_by(4).zip(words) {
        cpu.store(Access::U32, at + cpu.imm(place), word)?;
    }
    Ok(())
}

/// The tag word: two bits for each physical register.
#[inline(always)]
fn tag_word<D: Domain>(cpu: D) -> D::Word {
    let mut all = cpu.imm(0);
    for n in 0..8 {
        let [significand, exponent] = cpu.st(n);
        let tag = cpu.call(&TAG, [significand, exponent, cpu.is_used(n)]);
        all = all | tag << cpu.imm(2 * n);
    }
    let twice = all * cpu.imm(0x1_0001);
    ((twice << (cpu.read(FPU_TOP) << cpu.imm(1))) >> cpu.imm(16)) & cpu.imm(0xffff)
}

static TAG: Helper = Helper {
    name: "x87_tag",
    arity: 3,
    function: tag,
};

/// 0 for a number, 1 for zero, 2 for something special, 3 for an empty register.
pub(super) extern "C" fn tag(significand: u64, exponent: u64, used: u64) -> u64 {
    match (used, exponent & 0x7fff, significand) {
        (0, ..) => 3,
        (_, 0, 0) => 1,
        (_, 0 | 0x7fff, _) => 2,
        _ if significand >> 63 == 0 => 2,
        _ => 0,
    }
}

static TAGS: Helper = Helper {
    name: "x87_tags",
    arity: 2,
    function: tags,
};

/// Which registers of the stack are in use, of a tag word and the top.
pub(super) extern "C" fn tags(word: u64, top: u64, _: u64) -> u64 {
    let used = |physical: u32| u8::from(word >> (2 * physical) & 3 != 3) << physical;
    let all = (0..8).fold(0, |all, physical| all | used(physical));
    all.rotate_right(top as u32).into()
}

const _: () = assert!(INITIAL_CONTROL & 0x3f == 0x3f, "zero masks everything");
