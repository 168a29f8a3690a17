//! Where Portolan and QEMU need not agree, each with the reason: the one list of them. It was made
//! with QEMU 7.2.

use super::Mips;
use super::rows::{UNKNOWN_CALL, V0};
use crate::qemu::Outcome;
use crate::scene::Scene;
use crate::subject::Subject;
use crate::world::{CODE, Ending, State, World};
use portolan_machine::float::Flags;
use portolan_machine::memory::{Cause, Intent, PAGE};
use portolan_machine::trap::Trap;
use portolan_mips::decode::{self, Instruction, NAN2008, Set};
use portolan_mips::encoding::{Op, ROWS};
use portolan_mips::regs::{CAUSE, F, FLUSH, HIDDEN, R};
use std::ops::Range;

/// FCSR.Cause.E: an operation that the processor leaves to the operating system. Nobody sees it set:
/// Linux carries the operation out.
pub const UNIMPLEMENTED: u64 = 1 << 17;

/// The kernel's answer to a call that no kernel has, and the register that says that it is an error.
const ENOSYS: u64 = 89;
const A3: u8 = 7;

/// Where branches and jumps put their links.
const RA: u8 = 31;

/// Where QEMU has mapped something: the harness, and the stack that its kernel gives every program, of
/// 32 bits and of 64.
const OF_QEMU: [Range<u64>; 3] = [
    0x1357_0000..0x135a_0000,
    0x3fff_f000..0x4090_0000,
    1 << 38..(1 << 38) + (1 << 28),
];

/// The addresses that the host gives to programs. An access beyond raises another exception there than
/// a page fault, which does not tell QEMU the address.
const HOST: Range<u64> = 0..(1 << 47) - PAGE;

// siginfo's codes.
const SI_KERNEL: u64 = 128;
const FPE_INTOVF: u64 = 2;
const SIGTRAP: u64 = 5;
const SIGFPE: u64 = 8;

/// What the manual leaves open (UNPREDICTABLE) depending on an instruction's fields. (A branch in a
/// delay slot is open too: no scene has one.)
pub fn is_unpredictable(mips: &Mips, instruction: &Instruction) -> bool {
    use Op::*;
    let Instruction {
        rs, rt, rd, sa, cc, ..
    } = *instruction;
    let (msb, lsb) = (rd, sa);
    match instruction.op {
        // A branch that cannot be done again.
        jalr | jalr_hb => rs == rd,
        bgezal | bgezall | bltzal | bltzall => rs == 31,
        // Fields that end beyond the register, or before they begin.
        ext | dextm | dextu => lsb + msb > 31,
        ins | dins | dinsu => msb < lsb,
        // Control registers that there are not.
        cfc1 | ctc1 => !matches!(rd, 0 | 25 | 26 | 28 | 31),
        // Pairs of conditions.
        c_cond_ps | movf_ps | movt_ps => cc % 2 == 1,
        // Doubles in odd registers of 32 bits. (Other operations on them are refused there too.)
        movf_d | movn_d | movt_d | movz_d => !mips.has_wide_floats() && (rd | sa) % 2 == 1,
        ldc1 | sdc1 => !mips.has_wide_floats() && rt % 2 == 1,
        _ => false,
    }
}

/// Whether an operation on a 64-bit register whose upper half is not the sign of the lower one is
/// UNPREDICTABLE.
pub fn takes_words(op: Op) -> bool {
    use Op::*;
    matches!(
        op,
        add | addi
            | addiu
            | addu
            | clo
            | clz
            | div
            | divu
            | madd
            | maddu
            | msub
            | msubu
            | mul
            | mult
            | multu
            | sub
            | subu
            | seb
            | seh
            | sra
            | srav
            | srl
            | srlv
            | rotr
            | rotrv
            | ext
            | ins
            | wsbh
    )
}

/// Whether the manual leaves open what a scene does.
fn is_open(mips: &Mips, scene: &Scene) -> bool {
    let instructions = || {
        scene
            .code
            .chunks_exact(4)
            .filter_map(|bytes| mips.decode(bytes))
    };
    let count = |ops: &[Op]| instructions().filter(|it| ops.contains(&it.op)).count();
    let reserved_bits = |instruction: Instruction| {
        let value = scene.before.registers[usize::from(R + instruction.rt)];
        // The jump before it may have put an address there.
        let is_link = instructions().any(|jump| link(&jump) == Some(instruction.rt));
        instruction.op == Op::ctc1
            && (is_link || writable(instruction.rd, value) != value & 0xffff_ffff)
    };
    instructions().any(|instruction| is_unpredictable(mips, &instruction))
        || instructions().any(reserved_bits)
        // A store-conditional after a load-linked of another size. (Nor may it have another address;
        // programs have none such.)
        || count(&[Op::ll]) > 0 && count(&[Op::scd]) > 0
        || count(&[Op::lld]) > 0 && count(&[Op::sc]) > 0
        // Whether it ends the link itself.
        || count(&[Op::sc, Op::scd]) > 1
}

/// The register in which a branch or jump leaves the way back.
fn link(jump: &Instruction) -> Option<u8> {
    use Op::*;
    match jump.op {
        jalr | jalr_hb => Some(jump.rd),
        jal | bgezal | bgezall | bltzal | bltzall => Some(RA),
        _ => None,
    }
}

/// What QEMU ends at: 7.2 has no signal for sdbbp.
pub fn ends_qemu(word: u32) -> bool {
    word & 0xfc00_003f == 0x7000_003f
}

/// What is written to a floating-point control register: reserved bits must be zero, and QEMU
/// ignores all others if they are not.
pub fn writable(cs: u8, value: u64) -> u64 {
    match cs {
        25 => value & 0xff,
        _ => value & 0xffff_ffff & !UNIMPLEMENTED & !0x007c_0000,
    }
}

/// Whether the processor has an instruction on the other side. None of QEMU with 32 bits has pairs of
/// singles.
pub fn compares(mips: &Mips, name: &str) -> bool {
    let has_part = |part| name.split('.').any(|other| other == part);
    let is_pair = ["ps", "pl", "pu"].into_iter().any(has_part);
    !(is_pair && mips.set == Set::Mips32 && mips.has_wide_floats())
}

/// Whether an instruction is for floating-point registers of 64 bits only.
fn needs_wide_floats(op: Op) -> bool {
    let name = ROWS[op as usize].name;
    let has_part = |part| name.split('.').skip(1).any(|other| other == part);
    ["ps", "pl", "pu", "l"].into_iter().any(has_part) || matches!(op, Op::luxc1 | Op::suxc1)
}

/// Whether QEMU is right about an instruction in whatever state a program comes to it.
pub fn compares_in_programs(mips: &Mips, op: Op) -> bool {
    use Op::*;
    match op {
        // UNPREDICTABLE unless the register is a multiple of four.
        alnv_ps => false,
        // See `forgive`.
        cvt_s_pl | cvt_s_pu => false,
        // Words that may not be words.
        _ if mips.has_wide_registers() && takes_words(op) => false,
        // What always traps.
        _ => mips.has_wide_floats() || !needs_wide_floats(op),
    }
}

/// What QEMU should make of a scene that ended so here. None if that cannot be compared.
pub fn expected(
    mips: &Mips,
    scene: &Scene,
    ending: Ending,
    mut after: State,
) -> Option<(Outcome, State)> {
    if is_open(mips, scene) {
        return None;
    }
    for (slot, _) in HIDDEN.iter().filter(|(slot, _)| *slot != FLUSH) {
        after.registers[usize::from(*slot)] = 0;
    }
    after.pc = mips.address(after.pc);
    let outcome = match ending {
        Ending::Left if is_of_qemu(after.pc) => return None,
        Ending::Left => Outcome::Left,
        Ending::Trap(Trap::Illegal) => Outcome::Illegal,
        Ending::Trap(Trap::Overflow) => Outcome::Signal(SIGFPE, FPE_INTOVF),
        // The kernel tells of those that are not enabled too.
        Ending::Trap(Trap::Float { .. }) => {
            let raised = after.registers[usize::from(CAUSE)];
            Outcome::Signal(SIGFPE, float_code(raised))
        }
        // SIGFPE, but QEMU 7.2 forgets the number on the way from the processor to the kernel.
        Ending::Trap(Trap::Software { code: 6 | 7 }) => return None,
        Ending::Trap(Trap::Software { .. }) => Outcome::Signal(SIGTRAP, SI_KERNEL),
        Ending::Trap(Trap::Breakpoint) => Outcome::Breakpoint,
        // QEMU 7.2 has no signal for a jump to such an address: it ends. Or it takes it for one to
        // MIPS16 code.
        Ending::Trap(Trap::Misaligned {
            intent: Intent::Execute,
            ..
        }) => return None,
        // QEMU only looks at the address once it knows that there is a link. The manual (sc) requires
        // an exception for every address that is not aligned.
        Ending::Trap(Trap::Misaligned {
            intent: Intent::Write,
            ..
        }) => return None,
        Ending::Trap(Trap::Misaligned { address, .. }) => {
            Outcome::Misaligned(mips.address(address))
        }
        Ending::Trap(Trap::Fault(fault)) => {
            let code = CODE - PAGE..CODE + PAGE;
            if fault.intent == Intent::Write && code.contains(&fault.address) {
                // QEMU's harness has to write to the code; the scene's code must not.
                return None;
            }
            let address = mips.address(fault.address);
            if is_of_qemu(address) {
                return None;
            }
            match fault.cause {
                Cause::Unmapped => Outcome::Unmapped(address),
                Cause::Protection => Outcome::Protected(address),
                Cause::Bus => unreachable!("no file is mapped"),
            }
        }
        // QEMU is both processor and kernel.
        Ending::Trap(Trap::Syscall) => {
            if after.registers[usize::from(R + V0)] != UNKNOWN_CALL {
                return None;
            }
            after.registers[usize::from(R + V0)] = ENOSYS;
            after.registers[usize::from(R + A3)] = 1;
            after.pc += 4;
            Outcome::Left
        }
        // QEMU would never return.
        Ending::Endless => return None,
    };
    Some((outcome, after))
}

fn is_of_qemu(address: u64) -> bool {
    OF_QEMU.iter().any(|range| range.contains(&address))
}

/// The code of SIGFPE: the gravest exception.
fn float_code(raised: u64) -> u64 {
    let has = |flags: Flags| raised & u64::from(flags.bits()) != 0;
    let order = [
        (Flags::INVALID, 7),
        (Flags::DIVIDE_BY_ZERO, 3),
        (Flags::OVERFLOW, 4),
        (Flags::UNDERFLOW, 5),
        (Flags::INEXACT, 6),
    ];
    order
        .into_iter()
        .find(|&(flag, _)| has(flag))
        .map_or(0, |(_, code)| code)
}

/// Takes away those differences that are nobody's mistake, or QEMU's.
pub fn forgive(
    mips: &Mips,
    scene: &Scene,
    ours: &mut (Outcome, State),
    theirs: &mut (Outcome, State),
) {
    // Addresses of 32 bits come from a processor of 64.
    if let Outcome::Unmapped(address) = theirs.0 {
        let address = mips.address(address);
        theirs.0 = match ours.0 {
            Outcome::Left if address == theirs.1.pc => Outcome::Left,
            _ => Outcome::Unmapped(address),
        };
    }
    if ours.0 == Outcome::Illegal && runs_there(mips, &scene.code) {
        theirs.clone_from(ours);
    }
    // QEMU cannot tell where.
    if let (Outcome::Unmapped(address), Outcome::Unmapped(_)) = (ours.0, theirs.0)
        && !HOST.contains(&address)
    {
        theirs.0 = ours.0;
    }
    // QEMU's kernel does not complete accesses that are not aligned, as Linux does.
    if let Outcome::Misaligned(address) = theirs.0
        && last_instructions(mips, scene, &theirs.1)
            .any(|instruction| is_completed(instruction.op, address))
    {
        theirs.clone_from(ours);
    }
    // QEMU drops branches that cannot be taken. The manual (Volume III, Exception PC) knows of none.
    if ours.0 == theirs.0
        && theirs.1.pc == ours.1.pc + 4
        && last_instructions(mips, scene, &ours.1)
            .next()
            .is_some_and(|branch| is_never_taken(&branch))
    {
        theirs.1.pc = ours.1.pc;
    }
    forgive_counters(mips, scene, &mut ours.1, &theirs.1);
    for bytes in scene.code.chunks_exact(4) {
        if let Some(instruction) = mips.decode(bytes) {
            forgive_instruction(&instruction, &ours.1, &mut theirs.1);
        }
    }
    // Where a set bit marks a signaling NaN, QEMU answers every NaN with the default one. The manual
    // (Volume I-A, Quiet NaNs) wants one of the operands where it can be.
    if ours.1 != theirs.1 && mips.mode & NAN2008 == 0 && meets_quiet_nan(mips, scene) {
        let single = scene.code.len() == 4;
        match mips.decode(&scene.code) {
            Some(instruction) if single => forgive_nan(mips, &instruction, &ours.1, &mut theirs.1),
            _ => theirs.clone_from(ours),
        }
    }
}

/// Whether QEMU runs a word that is none of our instructions.
fn runs_there(mips: &Mips, code: &[u8]) -> bool {
    let Some(word) = mips.word(code) else {
        return false;
    };
    if mips.decode(code).is_some() {
        return false;
    }
    match (word >> 26, word & 63) {
        // A call of the firmware PMON, which only emulators know.
        (0x00, 0x05) => return true,
        // MDMX, which it takes for nothing to do.
        (0x1e, _) => return true,
        // Extensions that it has not either, but with a result that goes to $0: nothing to do again.
        (0x1f, _) if word >> 11 & 31 == 0 || word >> 16 & 31 == 0 => return true,
        // jalx: its processors have the encoding MIPS16, which is only known by name here.
        (0x1d, _) => return true,
        _ => {}
    }
    // Its processor with 64 bits has MIPS-3D, which is only known by name here, and the comparisons of
    // it are not checked for.
    let named = |word| {
        let (row, _) = decode::find(mips.variant(), &mips.bytes(word)).ok()?;
        Some(decode::row(row))
    };
    let runs = |word| {
        mips.decode(&mips.bytes(word)).is_some()
            || named(word).is_some_and(|row| row.extension == "MIPS-3D")
    };
    // Where a field must be zero and is not, the operation is UNPREDICTABLE. QEMU often does not look at
    // it. Some are other instructions that it has not.
    let is_free = named(word).is_none_or(|row| row.name == "c1" || row.extension == "SmartMIPS");
    let is_move = word >> 26 == 0x11 && word >> 25 & 1 == 0;
    let function = if is_move { 0x7ff } else { 31 << 6 };
    let fields = [31 << 21, 31 << 16, 31 << 11, function];
    runs(word)
        || is_free
            && (0..16).any(|chosen| {
                let cleared = (0..4).filter(|n| chosen >> n & 1 == 1);
                runs(cleared.fold(word, |word, n: usize| word & !fields[n]))
            })
}

fn forgive_instruction(instruction: &Instruction, ours: &State, theirs: &mut State) {
    let mut copy = |slot: u8| {
        theirs.registers[usize::from(slot)] = ours.registers[usize::from(slot)];
    };
    match instruction.op {
        // FIR says which processor it is.
        Op::cfc1 if instruction.rd == 0 => copy(R + instruction.rt),
        // How many cycles a step of the counter takes is the processor's choice.
        Op::rdhwr if instruction.rd == 3 => copy(R + instruction.rt),
        // QEMU takes them for arithmetic. In the manual they are not, and leave FCSR.Cause alone.
        Op::cvt_s_pl | Op::cvt_s_pu => copy(CAUSE),
        _ => {}
    }
}

/// Whether a branch that is not taken executes its delay slot, and its registers alone say that it
/// is not taken.
fn is_never_taken(branch: &Instruction) -> bool {
    match branch.op {
        Op::bne => branch.rs == branch.rt,
        Op::bgtz | Op::bltz | Op::bltzal => branch.rs == 0,
        _ => false,
    }
}

/// The instructions that may have ended a scene: that at the pc, and that in its delay slot.
fn last_instructions(
    mips: &Mips,
    scene: &Scene,
    after: &State,
) -> impl Iterator<Item = Instruction> {
    let start = after.pc.wrapping_sub(CODE) as usize;
    let rest = scene.code.get(start..).unwrap_or_default();
    let words = rest.chunks_exact(4).take(2);
    words.filter_map(|bytes| mips.decode(bytes))
}

/// Whether Linux completes an access that is not aligned.
fn is_completed(op: Op, address: u64) -> bool {
    use Op::*;
    let unit = match op {
        lh | lhu | sh => 2,
        lw | lwu | sw | lwc1 | swc1 | lwxc1 | swxc1 => 4,
        ld | sd | ldc1 | sdc1 | ldxc1 | sdxc1 => 8,
        _ => 1,
    };
    !address.is_multiple_of(unit)
}

/// Whether an operation of a scene has a quiet NaN for an operand.
fn meets_quiet_nan(mips: &Mips, scene: &Scene) -> bool {
    let mut world = World::new(mips.guest, mips.breakpoint());
    world.set_mode(mips.mode);
    let mut found = false;
    world.watch(&scene.code, &scene.before, &mut |state| {
        let start = state.pc.wrapping_sub(CODE) as usize;
        if let Some(bytes) = scene.code.get(start..start + 4)
            && let Some(instruction) = mips.decode(bytes)
        {
            found |= has_quiet_nan(mips, &instruction, state);
        }
    });
    found
}

fn has_quiet_nan(mips: &Mips, instruction: &Instruction, state: &State) -> bool {
    let singles = |value: u64| [value & 0xffff_ffff, value >> 32];
    let quiet_single = |value: u64| {
        let fraction = value & 0x007f_ffff;
        value & 0x7fc0_0000 == 0x7f80_0000 && fraction != 0
    };
    let quiet_double = |value: u64| {
        let fraction = value & 0x000f_ffff_ffff_ffff;
        value & 0x7ff8_0000_0000_0000 == 0x7ff0_0000_0000_0000 && fraction != 0
    };
    // In the order of fs, ft, fr.
    [instruction.rd, instruction.rt, instruction.rs]
        .into_iter()
        .any(|n| {
            let n = if mips.has_wide_floats() { n } else { n & !1 };
            let value = state.registers[usize::from(F + n)];
            quiet_double(value) || singles(value).into_iter().any(quiet_single)
        })
        && ROWS[instruction.op as usize].section.starts_with("FPU")
}

/// Takes a NaN for another in the result of an operation.
fn forgive_nan(mips: &Mips, instruction: &Instruction, ours: &State, theirs: &mut State) {
    let fd = instruction.sa;
    let fd = if mips.has_wide_floats() { fd } else { fd & !1 };
    let slot = usize::from(F + fd);
    let (is, other) = (ours.registers[slot], theirs.registers[slot]);
    let is_double = |value: u64| value & !(1 << 63) > 0x7ff0_0000_0000_0000;
    let is_single = |value: u64| value & 0x7fff_ffff > 0x7f80_0000;
    if is_double(is) && is_double(other) {
        theirs.registers[slot] = is;
        return;
    }
    for at in [0, 32] {
        if is_single(is >> at) && is_single(other >> at) {
            let half = 0xffff_ffff << at;
            theirs.registers[slot] = theirs.registers[slot] & !half | is & half;
        }
    }
}

/// Counters never give the same number twice.
pub fn forgive_counters(mips: &Mips, scene: &Scene, here: &mut State, there: &State) {
    for bytes in scene.code.chunks_exact(4) {
        if let Some(instruction) = mips.decode(bytes)
            && instruction.op == Op::rdhwr
            && instruction.rd == 2
        {
            let rt = usize::from(R + instruction.rt);
            here.registers[rt] = there.registers[rt];
        }
    }
}
