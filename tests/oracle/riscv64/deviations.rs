//! Where Portolan and QEMU need not agree, each with the reason: the one list of them. It was made with
//! QEMU 7.2, and is complete for QEMU 10.0 too.

use super::rows::UNKNOWN_CALL;
use crate::qemu::Outcome;
use crate::scene::Scene;
use crate::world::{CODE, Ending, State};
use portolan_machine::memory::{Cause, Intent, PAGE};
use portolan_machine::trap::Trap;
use portolan_riscv::decode::{self, Instruction};
use portolan_riscv::encoding::Op;
use portolan_riscv::regs::{HIDDEN, X};

/// QEMU maps the guest's stack, which its kernel gives every program, from here on.
const STACK: std::ops::Range<u64> = 1 << 38..(1 << 38) + (1 << 28);

/// The addresses that the host gives to programs. An access beyond raises another exception there than
/// a page fault, which does not tell QEMU the address.
const HOST: std::ops::Range<u64> = 0..(1 << 47) - PAGE;

/// The kernel's answer to a call that no kernel has.
const ENOSYS: u64 = -38i64 as u64;

/// What QEMU should make of a scene that ended so here. None if that cannot be compared.
pub fn expected(scene: &Scene, ending: Ending, mut after: State) -> Option<(Outcome, State)> {
    let op = only_instruction(scene).map(|instruction| instruction.op);
    // QEMU does not show its reservation.
    for (slot, _) in HIDDEN {
        after.registers[usize::from(*slot)] = 0;
    }
    let outcome = match ending {
        Ending::Left => Outcome::Left,
        Ending::Trap(Trap::Illegal) => Outcome::Illegal,
        Ending::Trap(trap @ (Trap::Overflow | Trap::Float { .. } | Trap::Software { .. })) => {
            unreachable!("no instruction of RISC-V raises {trap:?}")
        }
        Ending::Trap(Trap::Breakpoint) => Outcome::Breakpoint,
        // QEMU 7.2 only looks at the address once it knows that there is a reservation, and QEMU 10.0
        // crashes. The manual (Zalrsc) requires an exception for every address that is not aligned.
        Ending::Trap(Trap::Misaligned { .. }) if matches!(op, Some(Op::sc_w | Op::sc_d)) => {
            return None;
        }
        Ending::Trap(Trap::Misaligned { address, .. }) => Outcome::Misaligned(address),
        Ending::Trap(Trap::Fault(fault)) => {
            let code = CODE - PAGE..CODE + PAGE;
            if fault.intent == Intent::Write && code.contains(&fault.address) {
                // QEMU's harness has to write to the code; the scene's code must not.
                return None;
            }
            if STACK.contains(&fault.address) {
                return None;
            }
            match fault.cause {
                Cause::Unmapped => Outcome::Unmapped(fault.address),
                Cause::Protection => Outcome::Protected(fault.address),
                Cause::Bus => unreachable!("no file is mapped"),
            }
        }
        // QEMU is both processor and kernel.
        Ending::Trap(Trap::Syscall) => {
            if after.registers[usize::from(X + 17)] != UNKNOWN_CALL {
                return None;
            }
            after.registers[usize::from(X + 10)] = ENOSYS;
            after.pc += 4;
            Outcome::Left
        }
        // QEMU would never return.
        Ending::Endless => return None,
    };
    Some((outcome, after))
}

/// Takes away those differences that are nobody's mistake, or QEMU's.
pub fn forgive(scene: &Scene, ours: &mut (Outcome, State), theirs: &mut (Outcome, State)) {
    // QEMU cannot tell where.
    if let (Outcome::Unmapped(address), Outcome::Unmapped(_)) = (ours.0, theirs.0)
        && !HOST.contains(&address)
    {
        theirs.0 = ours.0;
    }
    // QEMU 7.2 moves whole vector registers although it is told to have none.
    if ours.0 == Outcome::Illegal && is_vector(&scene.code) {
        theirs.clone_from(ours);
    }
    if let Some(instruction) = only_instruction(scene) {
        forgive_instruction(&instruction, ours, theirs);
    }
    forgive_counters(scene, &mut ours.1, &theirs.1);
}

/// The mistakes of QEMU in single instructions.
fn forgive_instruction(
    instruction: &Instruction,
    ours: &(Outcome, State),
    theirs: &mut (Outcome, State),
) {
    match (instruction.op, ours.0, theirs.0) {
        // QEMU 7.2 looks for the lowest set bit among all 64 bits. The manual (ctzw) gives 32 if the
        // low 32 bits are zero.
        (Op::ctzw, _, _) if instruction.rd != 0 => {
            let count = &mut theirs.1.registers[usize::from(X + instruction.rd)];
            *count = (*count).min(32);
        }
        // QEMU 10.0 asks for permission to store before it knows that it will not. The manual leaves
        // it open.
        (Op::sc_w | Op::sc_d, Outcome::Left, Outcome::Unmapped(_) | Outcome::Protected(_)) => {
            theirs.clone_from(ours);
        }
        // QEMU 7.2 takes a register that holds zero for no attempt to write. The manual (Zicsr) only
        // takes x0 for that, and what cannot be written traps at the attempt.
        (Op::csrrs | Op::csrrc, Outcome::Illegal, Outcome::Left)
            if is_counter(instruction)
                && instruction.rs1 != 0
                && ours.1.registers[usize::from(X + instruction.rs1)] == 0 =>
        {
            theirs.clone_from(ours);
        }
        _ => {}
    }
}

/// Counters never give the same number twice.
pub fn forgive_counters(scene: &Scene, here: &mut State, there: &State) {
    if let Some(instruction) = only_instruction(scene)
        && is_counter(&instruction)
    {
        let rd = usize::from(X + instruction.rd);
        here.registers[rd] = there.registers[rd];
    }
}

/// Whether a word has a place among the vector instructions: the opcode OP-V, or a width of LOAD-FP and
/// STORE-FP that no scalar has.
fn is_vector(code: &[u8]) -> bool {
    match code[..] {
        [low, second, _, _] => match low & 0x7f {
            0x57 => true,
            0x07 | 0x27 => matches!(second >> 4 & 7, 0 | 5..=7),
            _ => false,
        },
        _ => false,
    }
}

/// Of longer programs, nothing is forgiven: they avoid what is.
fn only_instruction(scene: &Scene) -> Option<Instruction> {
    let instruction = decode::decode(&scene.code).ok()?;
    (scene.code.len() == usize::from(instruction.length)).then_some(instruction)
}

fn is_counter(instruction: &Instruction) -> bool {
    use Op::{csrrc, csrrci, csrrs, csrrsi, csrrw, csrrwi};
    let csr = matches!(
        instruction.op,
        csrrw | csrrs | csrrc | csrrwi | csrrsi | csrrci
    );
    csr && (0xc00..=0xc02).contains(&instruction.imm)
}
