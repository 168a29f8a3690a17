//! `portolan doctor`: what a program needs, and what of that is missing.

mod code;
mod dynamic;
mod libraries;

use super::object_file::ObjectFile;
use super::words::spaced;
use crate::guests;
use libraries::{Libraries, Library, MissingVersion};
use portolan_linux::loader::{self, ElfIdentity, LoadError};
use portolan_linux::paths::{Paths, path_of};
use portolan_linux::personality::Personality;
use portolan_linux::process::Command;
use serde::Serialize;
use std::fs;
use std::io::{self, Write};
use std::path::PathBuf;

/// Everything there is to say.
#[derive(Debug, Serialize)]
pub struct Diagnosis {
    program: PathBuf,
    /// The scripts that lead to it.
    scripts: Vec<PathBuf>,
    /// What the program is.
    is: String,
    /// What its headers and attributes say about how it was compiled.
    marks: Vec<String>,
    interpreter: Option<PathBuf>,
    libraries: Vec<Library>,
    missing_versions: Vec<MissingVersion>,
    instructions: u64,
    unknown_instructions: Vec<Unknown>,
    /// An estimate from the code: calls whose number is a constant shortly before.
    system_calls: Calls,
    /// What has to be there and is not; the program runs if this is empty.
    missing: Vec<String>,
}

#[derive(Debug, Serialize)]
struct Unknown {
    bytes: String,
    count: u64,
    at: Vec<String>,
}

#[derive(Debug, Default, Serialize)]
struct Calls {
    made: Vec<String>,
    not_implemented: Vec<String>,
    unseen: u64,
}

impl Diagnosis {
    /// Examines what would run.
    ///
    /// # Errors
    ///
    /// What is no program at all.
    pub fn of(command: &Command) -> Result<Diagnosis, LoadError> {
        let paths = Paths::new(command.options.sysroot.as_deref());
        let resolved = command.resolve(&paths)?;
        let identity = resolved.identity;
        let data = fs::read(&resolved.host_path).map_err(|error| LoadError::Unreadable {
            path: resolved.host_path.clone(),
            error,
        })?;
        let mut found = Diagnosis {
            program: paths.guest(&resolved.host_path),
            scripts: resolved
                .scripts
                .iter()
                .map(|(path, _)| path.clone())
                .collect(),
            is: identity.to_string(),
            marks: Vec::new(),
            interpreter: None,
            libraries: Vec::new(),
            missing_versions: Vec::new(),
            instructions: 0,
            unknown_instructions: Vec::new(),
            system_calls: Calls::default(),
            missing: Vec::new(),
        };
        let Some(port) = guests::for_program(&identity) else {
            let known = guests::names_of_platforms();
            found
                .missing
                .push(format!("a guest for it; Portolan runs {known}"));
            return Ok(found);
        };
        if let Some(what) = (port.abi.elf.refuse)(identity.flags) {
            found
                .missing
                .push(format!("{what}, which the program is marked to need"));
        }
        let image = loader::parse(data.as_slice())?;
        let is_ours = |other: &ElfIdentity| {
            other.machine == identity.machine && other.shape == identity.shape
        };
        found.interpreter = image.interpreter.map(path_of);
        if let Some(interpreter) = &found.interpreter
            && libraries::host(&paths, interpreter).is_none()
        {
            found
                .missing
                .push(format!("the interpreter {}", interpreter.display()));
        }
        let triple = format!("{}-linux-gnu", port.abi.name);
        let program = (found.program.as_path(), data.as_slice());
        let interpreter = found.interpreter.as_deref();
        let followed = libraries::follow(&paths, program, interpreter, &triple, &is_ours);
        match followed {
            Ok(Libraries {
                found: libraries,
                versions,
            }) => {
                (found.libraries, found.missing_versions) = (libraries, versions);
            }
            Err(error) => found
                .missing
                .push(format!("a readable dynamic section: {error}")),
        }
        found.name_missing();
        if let Ok(file) = ObjectFile::parse(&data) {
            let attributes = |name: &str| {
                let section = file.sections.iter().find(|section| section.name == name);
                section.map(|section| section.data.to_vec())
            };
            found.marks = (port.abi.elf.describe)(identity.flags, &attributes);
            found.examine(port, &file);
        }
        Ok(found)
    }

    fn name_missing(&mut self) {
        for library in self
            .libraries
            .iter()
            .filter(|library| library.path.is_none())
        {
            let (name, user) = (&library.name, &library.needed_by);
            self.missing
                .push(format!("the library {name}, needed by {user}"));
        }
        for MissingVersion {
            version,
            library,
            needed_by,
        } in &self.missing_versions
        {
            self.missing.push(format!(
                "version {version} in {library}, needed by {needed_by}"
            ));
        }
    }

    fn examine(&mut self, port: guests::Platform, file: &ObjectFile<'_>) {
        let code = code::read(port.guest, file, port.abi.registers.number);
        self.instructions = code.instructions;
        self.unknown_instructions = code
            .unknown
            .iter()
            .map(|(bytes, (count, at))| Unknown {
                bytes: spaced(bytes),
                count: *count,
                at: at.iter().map(|address| format!("{address:#x}")).collect(),
            })
            .collect();
        let unknown: u64 = self
            .unknown_instructions
            .iter()
            .map(|unknown| unknown.count)
            .sum();
        if unknown > 0 {
            self.missing.push(format!(
                "{unknown} instructions that {} does not have, if they are reached",
                port.guest.name()
            ));
        }
        let personality = Personality::new(port.abi);
        self.system_calls.unseen = code.unseen;
        for number in &code.calls {
            let numbered = personality.call(*number);
            let name = numbered.map_or_else(|| number.to_string(), |call| call.name.to_owned());
            if numbered.is_none_or(|numbered| numbered.call.is_none()) {
                self.system_calls.not_implemented.push(name.clone());
            }
            self.system_calls.made.push(name);
        }
    }

    /// Whether it should run.
    pub fn runs(&self) -> bool {
        self.missing.is_empty()
    }

    /// Writes it for people.
    pub fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        for script in &self.scripts {
            writeln!(out, "script        {}", script.display())?;
        }
        writeln!(out, "program       {}", self.program.display())?;
        writeln!(out, "is            {}", self.is)?;
        for mark in &self.marks {
            writeln!(out, "compiled for  {mark}")?;
        }
        if let Some(interpreter) = &self.interpreter {
            writeln!(out, "interpreter   {}", interpreter.display())?;
        }
        for library in &self.libraries {
            match &library.path {
                Some(path) => {
                    writeln!(out, "library       {} => {}", library.name, path.display())?
                }
                None => writeln!(out, "library       {} is missing", library.name)?,
            }
        }
        if self.instructions > 0 {
            writeln!(out, "instructions  {}", self.instructions)?;
        }
        for Unknown { bytes, count, at } in &self.unknown_instructions {
            writeln!(
                out,
                "unknown       {bytes}  {count} times, at {}",
                at.join(" ")
            )?;
        }
        let calls = &self.system_calls;
        if !calls.made.is_empty() {
            writeln!(out, "system calls  {} (an estimate)", calls.made.join(" "))?;
        }
        if calls.unseen > 0 {
            writeln!(
                out,
                "              and {} whose number is not to be seen",
                calls.unseen
            )?;
        }
        if !calls.not_implemented.is_empty() {
            let names = calls.not_implemented.join(" ");
            writeln!(out, "not offered   {names}: such calls fail with ENOSYS")?;
        }
        match self.missing.as_slice() {
            [] => writeln!(out, "It should run."),
            missing => {
                writeln!(out, "It lacks:")?;
                missing
                    .iter()
                    .try_for_each(|what| writeln!(out, "  {what}"))
            }
        }
    }

    /// Writes it for programs.
    pub fn write_json(&self, out: &mut dyn Write) -> io::Result<()> {
        serde_json::to_writer_pretty(&mut *out, self)?;
        writeln!(out)
    }
}
