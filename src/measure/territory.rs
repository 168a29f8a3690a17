//! Which function an address is in, asked while the program runs: its libraries come and go.

use super::atlas::{File, placed};
use crate::Process;
use crate::view::functions::Functions;
use portolan_linux::paths::Paths;
use portolan_machine::memory::{Mapping, Memory};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// A function, or code that belongs to no symbol, by a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FunctionId(u32);

/// What is at an address.
#[derive(Clone, Copy, Debug)]
pub struct Spot {
    /// The function.
    pub function: FunctionId,
    /// Whether that has a symbol. Code without one is a function for itself at each address.
    pub is_named: bool,
    /// Whether a symbol starts there.
    pub is_start: bool,
    /// The file that it is in, by a number.
    pub file: u32,
}

/// The functions that were met, for all harts of a process.
#[derive(Clone)]
pub struct Territory(Arc<Mutex<State>>);

struct State {
    paths: Paths,
    /// The program, as mappings name it.
    program: String,
    mappings: Vec<Known>,
    functions: Vec<Function>,
    /// The names of the files that they are in.
    files: Vec<String>,
    /// By file and start.
    ids: HashMap<(String, u64), FunctionId>,
}

/// A mapping with code.
struct Known {
    mapping: Mapping,
    name: String,
    bias: u64,
    functions: Arc<Functions>,
}

/// A function that was met.
#[derive(Clone, Debug)]
pub struct Function {
    /// The file that it is in, without directories; what memory without a file is called.
    pub file: String,
    /// Its symbol, or the distance from the start of the file of code without one.
    pub name: String,
}

impl Territory {
    /// Nothing met yet.
    pub fn new(process: &Process) -> Territory {
        let process = process.thread().process();
        Territory(Arc::new(Mutex::new(State {
            paths: process.paths.clone(),
            program: process.program.path.to_string_lossy().into_owned(),
            mappings: Vec::new(),
            functions: Vec::new(),
            files: Vec::new(),
            ids: HashMap::new(),
        })))
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // What was met stays true.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What is at an address now.
    pub fn find(&self, address: u64, memory: &Memory) -> Spot {
        self.lock().find(address, memory)
    }

    /// As [`Territory::find`], but all code of a file that has no symbols is one function.
    pub fn find_coarsely(&self, address: u64, memory: &Memory) -> Spot {
        let mut state = self.lock();
        let spot = state.find(address, memory);
        match spot.is_named {
            true => spot,
            false => {
                let file = state.functions[spot.function.0 as usize].file.clone();
                let function = state.number((file.clone(), u64::MAX), || Function {
                    name: format!("[{file}]"),
                    file,
                });
                Spot { function, ..spot }
            }
        }
    }

    /// An address as people read it: `main+0x4`, with the file if that is not the program.
    pub fn text(&self, address: u64, memory: &Memory) -> String {
        let mut state = self.lock();
        let Some(number) = state.mapping(address, memory) else {
            return "?".to_owned();
        };
        let known = &state.mappings[number];
        let offset = address.wrapping_sub(known.bias);
        let file = known.name.rsplit('/').next().unwrap_or_default();
        let (name, distance) = match known.functions.at(offset) {
            Some((start, name)) => (name, offset - start),
            None => return format!("{file}+{offset:#x}"),
        };
        let mut text = name.to_owned();
        if distance > 0 {
            text += &format!("+{distance:#x}");
        }
        if *known.name != *state.program {
            text += &format!(" [{file}]");
        }
        text
    }

    /// What is known of a function.
    pub fn function(&self, id: FunctionId) -> Function {
        self.lock().functions[id.0 as usize].clone()
    }

    /// All functions met, by their numbers.
    pub fn functions(&self) -> Vec<(FunctionId, Function)> {
        let functions = self.lock().functions.clone();
        (0u32..).map(FunctionId).zip(functions).collect()
    }
}

impl State {
    fn find(&mut self, address: u64, memory: &Memory) -> Spot {
        let number = self.mapping(address, memory);
        let (file, name, start, is_named) = match number.map(|number| &self.mappings[number]) {
            None => ("?".to_owned(), format!("{address:#x}"), address, false),
            Some(known) => {
                let file = known.name.rsplit('/').next().unwrap_or_default().to_owned();
                match known.functions.at(address.wrapping_sub(known.bias)) {
                    Some((start, name)) => {
                        // Compilers put what seldom runs elsewhere.
                        let name = name.split_once(".cold").map_or(name, |(name, _)| name);
                        (file, name.to_owned(), start.wrapping_add(known.bias), true)
                    }
                    None => {
                        let offset = address.wrapping_sub(known.bias);
                        let name = format!("{file}+{offset:#x}");
                        (file, name, address, false)
                    }
                }
            }
        };
        let key = match is_named {
            true => (format!("{file}/{name}"), 0),
            false => (file.clone(), start),
        };
        let known = self.files.iter().position(|known| *known == file);
        let number = known.unwrap_or(self.files.len());
        if known.is_none() {
            self.files.push(file.clone());
        }
        let function = self.number(key, || Function { file, name });
        Spot {
            file: number as u32,
            function,
            is_named,
            is_start: start == address,
        }
    }

    fn number(&mut self, key: (String, u64), make: impl FnOnce() -> Function) -> FunctionId {
        let next = FunctionId(self.functions.len() as u32);
        *self.ids.entry(key).or_insert_with(|| {
            self.functions.push(make());
            next
        })
    }

    /// The number of the mapping that an address is in, which may be a new one.
    fn mapping(&mut self, address: u64, memory: &Memory) -> Option<usize> {
        let mut mappings = memory.mappings().into_iter();
        let found = mappings.find(|it| (it.start..it.end).contains(&address))?;
        let same = |known: &Known| {
            let known = &known.mapping;
            (known.start, known.offset, &known.name) == (found.start, found.offset, &found.name)
        };
        if let Some(known) = self.mappings.iter().position(same) {
            return Some(known);
        }
        let path = File::host_path(&found, &self.paths);
        let (functions, bias) = match &path {
            Some(path) => {
                let placed = placed(path, &found);
                (Functions::of(path), placed.map(|(bias, _)| bias))
            }
            None => (Functions::default(), None),
        };
        let name = match &*found.name {
            "" => "[anonymous]".to_owned(),
            name => name.to_owned(),
        };
        self.mappings.push(Known {
            bias: bias.unwrap_or(0),
            functions: Arc::new(functions),
            mapping: found,
            name,
        });
        Some(self.mappings.len() - 1)
    }
}

#[cfg(test)]
impl FunctionId {
    pub(super) fn numbered(number: u32) -> FunctionId {
        FunctionId(number)
    }

    pub(super) fn number(self) -> u32 {
        self.0
    }
}
