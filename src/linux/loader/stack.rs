//! The stack that a program starts with: arguments, environment, and the auxiliary vector.

use super::error::LoadError;
use crate::layout::{Shape, Writer};
use portolan_machine::memory::{Memory, MemoryError};
use std::ffi::CString;
use std::ops::Range;

/// Keys of the auxiliary vector.
pub mod key {
    #![allow(missing_docs, reason = "they are the names of <elf.h>")]
    pub const NULL: u64 = 0;
    pub const PHDR: u64 = 3;
    pub const PHENT: u64 = 4;
    pub const PHNUM: u64 = 5;
    pub const PAGESZ: u64 = 6;
    pub const BASE: u64 = 7;
    pub const FLAGS: u64 = 8;
    pub const ENTRY: u64 = 9;
    pub const UID: u64 = 11;
    pub const EUID: u64 = 12;
    pub const GID: u64 = 13;
    pub const EGID: u64 = 14;
    pub const PLATFORM: u64 = 15;
    pub const HWCAP: u64 = 16;
    pub const CLKTCK: u64 = 17;
    pub const SECURE: u64 = 23;
    pub const BASE_PLATFORM: u64 = 24;
    pub const RANDOM: u64 = 25;
    pub const HWCAP2: u64 = 26;
    pub const EXECFN: u64 = 31;
    pub const MINSIGSTKSZ: u64 = 51;
}

/// What goes on the stack.
#[derive(Clone, Debug)]
pub struct Contents<'a> {
    /// Arguments, the program's name first.
    pub arguments: &'a [CString],
    /// `NAME=VALUE` strings.
    pub environment: &'a [CString],
    /// The path that the program was started by.
    pub file: &'a CString,
    /// `AT_PLATFORM` and `AT_BASE_PLATFORM`, if there are any.
    pub platforms: [(u64, Option<&'a str>); 2],
    /// `AT_RANDOM`.
    pub random: [u8; 16],
    /// Further entries of the auxiliary vector.
    pub auxiliary: &'a [(u64, u64)],
}

/// A stack that is ready.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stack {
    /// The stack pointer: the address of argc.
    pub pointer: u64,
    /// The auxiliary vector, as `/proc/self/auxv` has it.
    pub auxiliary: Vec<u8>,
    /// The addresses of the argument strings, which `/proc/self/cmdline` shows.
    pub arguments: Range<u64>,
}

/// Puts the contents at the top of `range`, in the kernel's order.
///
/// # Errors
///
/// [`LoadError::ArgumentsTooLong`] if they take more than a quarter of the stack.
pub fn build(
    memory: &Memory,
    shape: Shape,
    range: Range<u64>,
    contents: &Contents<'_>,
) -> Result<Stack, LoadError> {
    let word = u64::from(shape.word);
    let strings = |list: &[CString]| -> u64 {
        list.iter()
            .map(|string| string.as_bytes_with_nul().len() as u64)
            .sum()
    };
    let text = strings(contents.arguments) + strings(contents.environment);
    let pointers = (contents.arguments.len() + contents.environment.len()) as u64 * word;
    let (size, most) = (text + pointers, (range.end - range.start) / 4);
    if size > most {
        return Err(LoadError::ArgumentsTooLong { size, most });
    }

    // From the top: a null word, the file's name, environment and arguments as strings.
    let mut top = Pile {
        memory,
        at: range.end - word,
    };
    let file = top.string(contents.file)?;
    let environment = top.strings(contents.environment)?;
    let arguments_end = top.at;
    let arguments = top.strings(contents.arguments)?;
    let argument_strings = top.at..arguments_end;
    // Then what the auxiliary vector points to.
    let mut platforms = Vec::new();
    for (key, name) in contents.platforms {
        if let Some(name) = name {
            let bytes: Vec<u8> = name.bytes().chain([0]).collect();
            platforms.push((key, top.bytes(&bytes, 16)?));
        }
    }
    let random = top.bytes(&contents.random, 16)?;

    let mut auxiliary = contents.auxiliary.to_vec();
    auxiliary.push((key::RANDOM, random));
    auxiliary.push((key::EXECFN, file));
    auxiliary.extend(platforms);
    auxiliary.push((key::NULL, 0));
    let auxiliary = auxiliary
        .iter()
        .fold(Writer::new(shape), |out, (key, value)| {
            out.long(*key).long(*value)
        })
        .finish();

    // Last, the words: argc, argv, null, envp, null, the auxiliary vector.
    let mut words = Writer::new(shape).long(arguments.len() as u64);
    for address in &arguments {
        words = words.long(*address);
    }
    words = words.long(0);
    for address in &environment {
        words = words.long(*address);
    }
    let words = words.long(0).raw(&auxiliary).finish();
    let pointer = top.bytes(&words, 16)?;
    Ok(Stack {
        pointer,
        auxiliary,
        arguments: argument_strings,
    })
}

/// Memory that is filled downwards.
struct Pile<'a> {
    memory: &'a Memory,
    at: u64,
}

impl Pile<'_> {
    fn bytes(&mut self, bytes: &[u8], alignment: u64) -> Result<u64, LoadError> {
        self.at = (self.at - bytes.len() as u64) / alignment * alignment;
        self.memory
            .poke(self.at, bytes)
            .map_err(|fault| MemoryError::Unmapped {
                address: fault.address,
            })?;
        Ok(self.at)
    }

    fn string(&mut self, string: &CString) -> Result<u64, LoadError> {
        self.bytes(string.as_bytes_with_nul(), 1)
    }

    /// Strings that stand in memory in their order; their addresses.
    fn strings(&mut self, strings: &[CString]) -> Result<Vec<u64>, LoadError> {
        let mut addresses = Vec::with_capacity(strings.len());
        for string in strings.iter().rev() {
            addresses.push(self.string(string)?);
        }
        addresses.reverse();
        Ok(addresses)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use portolan_machine::memory::{Access, Order, Protection};

    fn contents<'a>(arguments: &'a [CString], file: &'a CString) -> Contents<'a> {
        Contents {
            arguments,
            environment: &[],
            file,
            platforms: [(key::PLATFORM, Some("toy")), (key::BASE_PLATFORM, None)],
            random: [7; 16],
            auxiliary: &[(key::PAGESZ, 4096)],
        }
    }

    #[test]
    fn words_and_strings_are_where_the_kernel_puts_them() {
        let memory = Memory::new(32).unwrap();
        memory
            .map(
                0x10000,
                0x10000,
                Protection::READ | Protection::WRITE,
                "[stack]",
            )
            .unwrap();
        let shape = Shape {
            word: 4,
            order: Order::Big,
        };
        let (arguments, file) = (
            [c"prog".to_owned(), c"-x".to_owned()],
            c"/bin/prog".to_owned(),
        );
        let stack = build(
            &memory,
            shape,
            0x10000..0x20000,
            &contents(&arguments, &file),
        )
        .unwrap();
        assert_eq!(stack.pointer % 16, 0);
        let load = |index: u64| {
            memory
                .load(Access::U32.big(), stack.pointer + 4 * index)
                .unwrap()
        };
        assert_eq!(load(0), 2);
        assert_eq!(memory.read_cstring(load(1), 9).unwrap(), b"prog");
        assert_eq!(memory.read_cstring(load(2), 9).unwrap(), b"-x");
        assert_eq!((load(3), load(4)), (0, 0));
        assert_eq!((load(5), load(6)), (key::PAGESZ, 4096));
        assert_eq!(load(7), key::RANDOM);
        assert_eq!(memory.load(Access::U8, load(8)).unwrap(), 7);
        assert_eq!(load(9), key::EXECFN);
        assert_eq!(memory.read_cstring(load(10), 99).unwrap(), b"/bin/prog");
        let mut bytes = vec![0; (stack.arguments.end - stack.arguments.start) as usize];
        memory.read(stack.arguments.start, &mut bytes).unwrap();
        assert_eq!(bytes, b"prog\0-x\0");
    }

    #[test]
    fn too_many_arguments_are_refused() {
        let memory = Memory::new(32).unwrap();
        memory
            .map(
                0x10000,
                0x1000,
                Protection::READ | Protection::WRITE,
                "[stack]",
            )
            .unwrap();
        let shape = Shape {
            word: 8,
            order: Order::Little,
        };
        let arguments = vec![CString::new(vec![b'a'; 100]).unwrap(); 20];
        let result = build(
            &memory,
            shape,
            0x10000..0x11000,
            &contents(&arguments, &c"".to_owned()),
        );
        assert!(matches!(
            result,
            Err(LoadError::ArgumentsTooLong { most: 1024, .. })
        ));
    }
}
