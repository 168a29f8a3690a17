//! A function of Python, and the bytecode that Python makes of it: recorded on several machines, or made now.

use std::path::{Path, PathBuf};
use std::process::Command;

const SOURCE: &str = include_str!("../../../roms/python/area.py");
const SCRIPT: &str = include_str!("../../../roms/python/show.py");
const RECORDED: &str = include_str!("../../../roms/python/recorded.txt");

/// What Python said on one machine.
pub struct Said {
    /// The machine, as Python knows it.
    pub machine: String,
    /// Python's version.
    pub version: String,
    /// A number that two pieces of bytecode have in common only if they are the same.
    pub fingerprint: String,
    /// The instructions of the virtual CPU: bytes, name, operand.
    pub instructions: Vec<String>,
    /// What the function computed.
    pub result: String,
}

/// The lines of the function.
pub fn source() -> Vec<String> {
    SOURCE.lines().map(str::to_owned).collect()
}

/// What was recorded.
pub fn recorded() -> Vec<Said> {
    parse(RECORDED)
}

/// What the Python of a sysroot says now, run by Portolan.
pub fn live(sysroot: &Path) -> Result<Said, String> {
    let run = || -> std::io::Result<String> {
        let scratch = Scratch::new()?;
        std::fs::write(scratch.0.join("area.py"), SOURCE)?;
        std::fs::write(scratch.0.join("show.py"), SCRIPT)?;
        let output = Command::new(std::env::current_exe()?)
            .args(["run", "-L"])
            .arg(sysroot)
            .arg(sysroot.join("usr/bin/python3"))
            .arg("-IS")
            .arg(scratch.0.join("show.py"))
            .output()?;
        if !output.status.success() {
            let said = String::from_utf8_lossy(&output.stderr);
            let first = said.lines().next().unwrap_or("it failed").to_owned();
            return Err(std::io::Error::other(first));
        }
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    };
    let text = run().map_err(|error| format!("{}: {error}", sysroot.display()))?;
    let said = parse(&text).into_iter().next();
    said.ok_or_else(|| format!("{}: its Python said nothing", sysroot.display()))
}

/// A directory that is gone afterwards.
struct Scratch(PathBuf);

impl Scratch {
    fn new() -> std::io::Result<Scratch> {
        let name = format!("portolan-tour-{}", std::process::id());
        let path = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&path)?;
        Ok(Scratch(path))
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // What is left behind is two small files.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn parse(text: &str) -> Vec<Said> {
    let mut all: Vec<Said> = Vec::new();
    for line in text.lines() {
        let (key, value) = line.split_once(' ').unwrap_or((line, ""));
        if key == "machine" {
            let machine = value.split(' ').next().unwrap_or_default();
            all.push(Said {
                machine: machine.to_owned(),
                version: String::new(),
                fingerprint: String::new(),
                instructions: Vec::new(),
                result: String::new(),
            });
        }
        let Some(said) = all.last_mut() else {
            continue;
        };
        let value = value.trim_end().to_owned();
        match key {
            "python" => said.version = value,
            "fingerprint" => said.fingerprint = value,
            "at" => said.instructions.push(value),
            "result" => said.result = value,
            _ => {}
        }
    }
    all
}
