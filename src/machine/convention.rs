//! How functions call each other and the kernel, as data: what a compiler's manual calls the ABI.

use crate::registers::{Register, RegisterFile, Role, Slot};

/// A calling convention. What single registers are for, their [`Role`]s say.
#[derive(Clone, Copy, Debug)]
pub struct Convention {
    /// What it is called: `lp64d`.
    pub name: &'static str,
    /// The document that says so.
    pub document: &'static str,
    /// The registers of results, in order.
    pub results: &'static [Slot],
    /// The registers of floating-point arguments, where the roles do not say them, in order.
    pub float_arguments: &'static [Slot],
    /// The registers of floating-point results, in order.
    pub float_results: &'static [Slot],
    /// Who keeps the global pointer, if there is one.
    pub global_pointer: Keeper,
    /// How the callee knows where to return to.
    pub return_address: ReturnAddress,
    /// The register in which the callee finds its own address, if it may count on that.
    pub function_address: Option<Slot>,
    /// The stack pointer is a multiple of so many bytes where a call is made.
    pub stack_alignment: u8,
    /// Where the first argument that has no register is, in bytes above the stack pointer where the
    /// call is made.
    pub stack_arguments: u8,
    /// The mnemonic of the instruction that calls the kernel.
    pub kernel_call: &'static str,
    /// The registers that such a call may change besides its result.
    pub kernel_changes: &'static [Slot],
    /// What else one has to know, a sentence each.
    pub remarks: &'static [&'static str],
}

/// How a callee knows where to return to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReturnAddress {
    /// The register with that role has it.
    Register,
    /// The call pushes it on the stack.
    Stack,
}

/// Who takes care of a register's contents in a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keeper {
    /// The callee: after the call they are what they were before.
    Callee,
    /// The caller, if it still needs them: the callee may change them.
    Caller,
    /// Nobody: they never change, or belong to the system or to the whole program.
    Nobody,
}

impl Convention {
    /// Who takes care of a register.
    pub fn keeper(&self, register: &Register) -> Keeper {
        match register.role {
            Role::StackPointer | Role::FramePointer | Role::Saved => Keeper::Callee,
            Role::GlobalPointer => self.global_pointer,
            Role::ReturnAddress | Role::Argument(_) | Role::Temporary => Keeper::Caller,
            Role::Zero | Role::ThreadPointer | Role::Control => Keeper::Nobody,
        }
    }

    /// The registers of arguments in one register file, in order.
    pub fn arguments(&self, file: &RegisterFile) -> Vec<Slot> {
        let numbered = file
            .iter()
            .filter_map(|(slot, register)| match register.role {
                Role::Argument(number) => Some((number, slot)),
                _ => None,
            });
        let mut numbered: Vec<(u8, Slot)> = numbered.collect();
        numbered.sort_unstable();
        let others = self.float_arguments.iter().copied();
        let others = others.filter(|slot| file.at(*slot).is_some());
        numbered
            .iter()
            .map(|(_, slot)| *slot)
            .chain(others)
            .collect()
    }
}
