//! A bare machine: one hart, its memory and no operating system.

use crate::{Error, guests};
use object::read::elf::{ElfFile, FileHeader};
use object::{Endianness, FileKind, Object, ObjectSegment, SegmentFlags, elf};
use portolan_machine::engine::{Call, Hooked, Hooks, MemoryAccess};
use portolan_machine::graph::Graph;
use portolan_machine::guest::{Core, Guest};
use portolan_machine::memory::{Memory, PAGE, Protection};
use portolan_machine::trap::Stop;
use std::sync::{Arc, Mutex, PoisonError};

/// One hart with a memory of its own. Traps, system calls among them, stop it and are the
/// caller's business.
pub struct Machine {
    core: Box<dyn Core>,
    hooks: Option<Arc<Mutex<Hooks>>>,
}

impl Machine {
    /// A machine of the instruction set with this name (see [`guests::GUESTS`]), its registers
    /// zero and its memory empty.
    pub fn new(instruction_set: &str) -> Result<Machine, Error> {
        let guest = guests::named(instruction_set)
            .ok_or_else(|| Error::UnknownGuest(instruction_set.to_owned()))?;
        let memory = Arc::new(Memory::new(guest.address_bits())?);
        Ok(Machine {
            core: guest.core(memory),
            hooks: None,
        })
    }

    /// Maps zero-filled memory, rounded outwards to pages.
    pub fn map(&mut self, address: u64, length: u64, protection: Protection) -> Result<(), Error> {
        let start = address / PAGE * PAGE;
        let end = address.saturating_add(length).next_multiple_of(PAGE);
        Ok(self.memory().map(start, end - start, protection, "")?)
    }

    /// Maps memory that can be read and executed, and fills it.
    pub fn load(&mut self, address: u64, code: &[u8]) -> Result<(), Error> {
        self.map(
            address,
            code.len() as u64,
            Protection::READ | Protection::EXEC,
        )?;
        Ok(self.memory().poke(address, code)?)
    }

    /// Loads the segments of a static ELF file at their addresses and continues at its entry.
    pub fn load_elf(&mut self, file: &[u8]) -> Result<(), Error> {
        match FileKind::parse(file).map_err(Error::Elf)? {
            FileKind::Elf32 => self.load_segments::<elf::FileHeader32<Endianness>>(file),
            // Any other kind is refused as what it is not.
            _ => self.load_segments::<elf::FileHeader64<Endianness>>(file),
        }
    }

    fn load_segments<Header>(&mut self, file: &[u8]) -> Result<(), Error>
    where
        Header: FileHeader<Endian = Endianness>,
    {
        let elf = ElfFile::<Header>::parse(file).map_err(Error::Elf)?;
        for segment in elf.segments() {
            let SegmentFlags::Elf { p_flags, .. } = segment.flags() else {
                continue;
            };
            let granted = [
                (elf::PF_R, Protection::READ),
                (elf::PF_W, Protection::WRITE),
                (elf::PF_X, Protection::EXEC),
            ];
            let protection = granted
                .iter()
                .filter(|(flag, _)| p_flags.contains(*flag))
                .fold(Protection::NONE, |all, &(_, one)| all | one);
            self.map(segment.address(), segment.size(), protection)?;
            self.memory()
                .poke(segment.address(), segment.data().map_err(Error::Elf)?)?;
        }
        self.core.set_pc(elf.entry());
        Ok(())
    }

    /// The instruction set.
    pub fn guest(&self) -> &'static dyn Guest {
        self.core.guest()
    }

    /// The memory.
    pub fn memory(&self) -> &Memory {
        self.core.memory()
    }

    /// The hart.
    pub fn core(&mut self) -> &mut dyn Core {
        &mut *self.core
    }

    /// The contents of the register with a name of the manual or of the calling convention.
    pub fn register(&self, name: &str) -> Result<u64, Error> {
        Ok(self.core.register(self.slot(name)?))
    }

    /// Puts another hart in the place of this one, made from it.
    pub(crate) fn replace_core(&mut self, make: impl FnOnce(&dyn Core) -> Box<dyn Core>) {
        self.core = make(&*self.core);
    }

    /// Replaces the contents of a register.
    pub fn set_register(&mut self, name: &str, value: u64) -> Result<(), Error> {
        let slot = self.slot(name)?;
        self.core.set_register(slot, value);
        Ok(())
    }

    fn slot(&self, name: &str) -> Result<u8, Error> {
        let register = self.guest().register_named(name);
        register
            .map(|(slot, _)| slot)
            .ok_or_else(|| Error::UnknownRegister {
                name: name.to_owned(),
                guest: self.guest().name(),
            })
    }

    /// The address of the next instruction.
    pub fn pc(&self) -> u64 {
        self.core.pc()
    }

    /// Continues elsewhere.
    pub fn set_pc(&mut self, pc: u64) {
        self.core.set_pc(pc);
    }

    /// Runs at most this many instructions.
    pub fn run(&mut self, budget: u64) -> Stop {
        self.core.run(budget)
    }

    /// Calls `hook` before each instruction, with what it is about to do.
    pub fn on_instruction(&mut self, hook: impl FnMut(&Graph) + Send + 'static) {
        self.hook(|hooks| hooks.instruction.push(Box::new(hook)));
    }

    /// Calls `hook` for each access to memory.
    pub fn on_memory(&mut self, hook: impl FnMut(MemoryAccess) + Send + 'static) {
        self.hook(|hooks| hooks.memory.push(Box::new(hook)));
    }

    /// Calls `hook` for each call, return and system call.
    pub fn on_call(&mut self, hook: impl FnMut(Call) + Send + 'static) {
        self.hook(|hooks| hooks.call.push(Box::new(hook)));
    }

    fn hook(&mut self, add: impl FnOnce(&mut Hooks)) {
        let hooks = self.hooks.get_or_insert_with(|| {
            let hooks = Arc::<Mutex<Hooks>>::default();
            self.core = Box::new(Hooked::new(self.core.fork(), hooks.clone()));
            hooks
        });
        add(&mut hooks.lock().unwrap_or_else(PoisonError::into_inner));
    }
}
