//! `portolan isa`: an instruction set's instructions, registers and conventions.

use super::paint::Paint;
use super::words::wrapped;
use crate::guests::{GUESTS, Port};
use portolan_machine::convention::{Convention, Keeper, ReturnAddress};
use portolan_machine::guest::{Guest, Summary};
use portolan_machine::memory::Order;
use portolan_machine::registers::{Kind, Register, Role, Slot};
use serde::Serialize;
use std::io::{self, Write};
use thiserror::Error;

/// How to show it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Options {
    /// JSON instead of text.
    pub json: bool,
    /// Colours.
    pub paint: Paint,
}

/// Why an instruction set was not shown.
#[derive(Debug, Error)]
pub enum IsaError {
    /// Nothing fits the filter.
    #[error(
        "{guest} has no instruction and no extension called {filter:?}; its extensions are: {extensions}"
    )]
    Nothing {
        /// The instruction set.
        guest: &'static str,
        /// What was asked for.
        filter: String,
        /// What there is.
        extensions: String,
    },
    /// It could not be written.
    #[error("the list could not be written: {0}")]
    Write(#[from] io::Error),
}

/// Writes which instruction sets there are.
pub fn write_all(out: &mut dyn Write, options: &Options) -> io::Result<()> {
    let sets: Vec<Heading> = GUESTS.iter().map(Heading::of).collect();
    if options.json {
        serde_json::to_writer_pretty(&mut *out, &sets)?;
        return writeln!(out);
    }
    let paint = options.paint;
    let head = format!(
        "{:<12} {:>12} {:>9} {:>4}  {:<10} {}",
        "name", "instructions", "registers", "bits", "byte order", "title"
    );
    writeln!(out, "{}", paint.faint(head))?;
    for set in &sets {
        let name = paint.name(format_args!("{:<12}", set.name));
        let order = set.byte_order.split('-').next().unwrap_or_default();
        writeln!(
            out,
            "{name} {:>12} {:>9} {:>9}  {:<9} {}",
            set.instructions,
            set.registers,
            set.bits,
            format!("{order} end"),
            set.title
        )?;
    }
    writeln!(out, "\n`portolan isa NAME` shows one of them.")
}

/// Writes an instruction set; with a filter, the instructions of a mnemonic or an extension only.
pub fn write(
    out: &mut dyn Write,
    port: &Port,
    filter: Option<&str>,
    options: &Options,
) -> Result<(), IsaError> {
    let all = port.guest.instructions();
    let chosen: Vec<&Summary> = match filter {
        None => all.iter().collect(),
        Some(filter) => chosen(&all, filter),
    };
    if let (Some(filter), true) = (filter, chosen.is_empty()) {
        return Err(IsaError::Nothing {
            guest: port.guest.name(),
            filter: filter.to_owned(),
            extensions: extensions(&all).join(", "),
        });
    }
    let set = Set {
        heading: Heading::of(port),
        registers: files(port.guest),
        calls: Calls::of(port.guest),
        system_calls: SystemCalls::of(port),
        instructions: chosen,
    };
    if options.json {
        serde_json::to_writer_pretty(&mut *out, &set).map_err(io::Error::from)?;
        writeln!(out)?;
    } else {
        let page = Page {
            out,
            paint: options.paint,
        };
        page.write(&set, filter.is_none())?;
    }
    Ok(out.flush()?)
}

/// The instructions of a mnemonic; if there is none, those of an extension or a section.
fn chosen<'a>(all: &'a [Summary], filter: &str) -> Vec<&'a Summary> {
    let wanted = filter.to_lowercase();
    let is_named = |it: &&Summary| it.name.split(' ').any(|name| name == wanted);
    let named: Vec<&Summary> = all.iter().filter(is_named).collect();
    if !named.is_empty() {
        return named;
    }
    let is_of = |it: &&Summary| {
        let extension = it.extension.to_lowercase();
        extension == wanted
            || extension.split(' ').any(|part| part == wanted)
            || it.section.to_lowercase().contains(&wanted)
    };
    all.iter().filter(is_of).collect()
}

fn extensions(all: &[Summary]) -> Vec<&str> {
    let mut found: Vec<&str> = Vec::new();
    for it in all {
        // x86-64 names each group's features in a row; other sets have one extension each.
        let parts = match it.notations.len() {
            1 => vec![it.extension.as_str()],
            _ => it.extension.split(' ').collect(),
        };
        for part in parts {
            if !part.is_empty() && !found.contains(&part) {
                found.push(part);
            }
        }
    }
    found
}

#[derive(Serialize)]
struct Heading {
    name: &'static str,
    title: &'static str,
    bits: u8,
    byte_order: &'static str,
    instructions: usize,
    registers: usize,
}

impl Heading {
    fn of(port: &Port) -> Heading {
        let files = port.guest.register_files().iter();
        let named = files.filter(|file| file.kind != Kind::Control);
        Heading {
            name: port.guest.name(),
            title: port.guest.title(),
            bits: port.elf.bits,
            byte_order: match port.guest.order() {
                Order::Little => "little-endian",
                Order::Big => "big-endian",
            },
            instructions: port.guest.instructions().len(),
            registers: named.map(|file| file.registers.len()).sum(),
        }
    }
}

#[derive(Serialize)]
struct Set<'a> {
    #[serde(flatten)]
    heading: Heading,
    registers: Vec<File>,
    calls: Calls,
    #[serde(skip_serializing_if = "Option::is_none")]
    system_calls: Option<SystemCalls>,
    #[serde(serialize_with = "instructions")]
    instructions: Vec<&'a Summary>,
}

/// Summaries belong to the machine, which does not know JSON.
fn instructions<S: serde::Serializer>(all: &[&Summary], to: S) -> Result<S::Ok, S::Error> {
    #[derive(Serialize)]
    struct Row<'a> {
        name: &'a str,
        operands: &'a str,
        notations: &'a [String],
        extension: &'a str,
        section: &'a str,
        sentence: &'a str,
        executed: bool,
    }
    to.collect_seq(all.iter().map(|it| Row {
        name: &it.name,
        operands: &it.operands,
        notations: &it.notations,
        extension: &it.extension,
        section: &it.section,
        sentence: &it.sentence,
        executed: it.is_executed,
    }))
}

#[derive(Serialize)]
struct File {
    title: &'static str,
    bits: u16,
    #[serde(skip)]
    kind: Kind,
    registers: Vec<Named>,
}

#[derive(Serialize)]
struct Named {
    name: &'static str,
    abi: &'static str,
    role: String,
    kept_by: &'static str,
}

fn files(guest: &dyn Guest) -> Vec<File> {
    let convention = guest.convention();
    let file = |file: &'static portolan_machine::registers::RegisterFile| File {
        title: file.title,
        bits: file.bits,
        kind: file.kind,
        registers: file
            .iter()
            .map(|(slot, register)| Named {
                name: register.name,
                abi: register.abi,
                role: role(convention, slot, register),
                kept_by: match convention.keeper(register) {
                    Keeper::Callee => "callee",
                    Keeper::Caller => "caller",
                    Keeper::Nobody => "nobody",
                },
            })
            .collect(),
    };
    guest.register_files().iter().map(file).collect()
}

/// What a register is for, in a few words.
fn role(convention: &Convention, slot: Slot, register: &Register) -> String {
    let mut roles = vec![match register.role {
        Role::Zero => "always zero".to_owned(),
        Role::ReturnAddress => "return address".to_owned(),
        Role::StackPointer => "stack pointer".to_owned(),
        Role::FramePointer => "saved; frame pointer, if there is one".to_owned(),
        Role::GlobalPointer => "global pointer".to_owned(),
        Role::ThreadPointer => "thread pointer".to_owned(),
        Role::Argument(number) => format!("argument {}", number + 1),
        Role::Saved => "saved".to_owned(),
        Role::Temporary => String::new(),
        Role::Control => String::new(),
    }];
    let place = |slots: &[Slot]| slots.iter().position(|it| *it == slot).map(|n| n + 1);
    if let Some(number) = place(convention.float_arguments) {
        roles.push(format!("argument {number}"));
    }
    for results in [convention.results, convention.float_results] {
        if let Some(number) = place(results) {
            roles.push(format!("result {number}"));
        }
    }
    roles.retain(|role| !role.is_empty());
    match roles.is_empty() && register.role == Role::Temporary {
        true => "temporary".to_owned(),
        false => roles.join(", "),
    }
}

/// How functions call each other.
#[derive(Serialize)]
struct Calls {
    convention: &'static str,
    document: &'static str,
    arguments: Vec<String>,
    float_arguments: Vec<String>,
    results: Vec<String>,
    float_results: Vec<String>,
    callee_saved: Vec<String>,
    return_address: String,
    stack_pointer: String,
    stack_alignment: u8,
    stack_arguments: u8,
    remarks: &'static [&'static str],
}

impl Calls {
    fn of(guest: &dyn Guest) -> Calls {
        let convention = guest.convention();
        let names = |slots: &[Slot]| slots.iter().map(|slot| guest.slot_name(*slot)).collect();
        let arguments = |kind: Kind| {
            let files = guest.register_files().iter();
            let files = files.filter(|file| file.kind == kind);
            let slots: Vec<Slot> = files.flat_map(|file| convention.arguments(file)).collect();
            names(&slots)
        };
        let all = || guest.register_files().iter().flat_map(|file| file.iter());
        let kept = all().filter(|(_, it)| convention.keeper(it) == Keeper::Callee);
        let returns = all().find(|(_, it)| it.role == Role::ReturnAddress);
        Calls {
            convention: convention.name,
            document: convention.document,
            arguments: arguments(Kind::Integer),
            float_arguments: arguments(Kind::Float),
            results: names(convention.results),
            float_results: names(convention.float_results),
            callee_saved: kept.map(|(_, it)| it.abi.to_owned()).collect(),
            return_address: match (convention.return_address, returns) {
                (ReturnAddress::Register, Some((_, register))) => register.abi.to_owned(),
                _ => "the stack".to_owned(),
            },
            stack_pointer: guest.slot_name(guest.stack_pointer()),
            stack_alignment: convention.stack_alignment,
            stack_arguments: convention.stack_arguments,
            remarks: convention.remarks,
        }
    }
}

/// How programs call the kernel.
#[derive(Serialize)]
struct SystemCalls {
    instruction: &'static str,
    number: String,
    arguments: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    stack_arguments: Option<u16>,
    result: String,
    error: String,
    may_change: Vec<String>,
    /// Some calls, with their numbers.
    examples: Vec<(String, u64)>,
}

impl SystemCalls {
    #[cfg(feature = "host")]
    fn of(port: &Port) -> Option<SystemCalls> {
        let (abi, guest) = (port.abi?, port.guest);
        let convention = guest.convention();
        let name = |slot: &Slot| guest.slot_name(*slot);
        let known = portolan_linux::personality::numbers(abi.numbers);
        let known: Vec<(u64, &str)> = known.collect();
        let examples = ["read", "write", "mmap", "execve", "exit_group"].iter();
        let numbered = |call: &&str| {
            let (number, _) = known.iter().find(|(_, name)| name == call)?;
            Some(((*call).to_owned(), *number))
        };
        Some(SystemCalls {
            instruction: convention.kernel_call,
            number: name(&abi.registers.number),
            arguments: abi.registers.arguments.iter().map(name).collect(),
            stack_arguments: abi.registers.stack_arguments,
            result: name(&abi.registers.result),
            error: error(guest, abi),
            may_change: convention.kernel_changes.iter().map(name).collect(),
            examples: examples.filter_map(numbered).collect(),
        })
    }

    #[cfg(not(feature = "host"))]
    fn of(_: &Port) -> Option<SystemCalls> {
        None
    }
}

/// How a call that fails is told from one that does not: seen on a hart that gets both results.
#[cfg(feature = "host")]
fn error(guest: &'static dyn Guest, abi: &portolan_linux::abi::Abi) -> String {
    use portolan_machine::memory::Memory;
    use std::sync::Arc;
    const NUMBER: u16 = 22;
    let Ok(memory) = Memory::new(guest.address_bits()) else {
        return "the host has no memory to try it".to_owned();
    };
    let mut core = guest.core(Arc::new(memory));
    let result = guest.slot_name(abi.registers.result);
    (abi.set_result)(&mut *core, Err(NUMBER));
    let failed = |slot: Slot| core.register(slot);
    if failed(abi.registers.result) == u64::from(NUMBER).wrapping_neg() {
        return format!("{result} is the error's number, negative: -4095 to -1");
    }
    let files = guest.register_files().iter().flat_map(|file| file.iter());
    let marked = files.map(|(slot, _)| slot);
    let mut marked = marked.filter(|slot| *slot != abi.registers.result && failed(*slot) != 0);
    match marked.next() {
        Some(slot) => format!(
            "{} is {}, and {result} the error's number; {0} is 0 otherwise",
            guest.slot_name(slot),
            failed(slot),
        ),
        None => format!("{result} is the error's number"),
    }
}

/// Text for people.
struct Page<'o> {
    out: &'o mut dyn Write,
    paint: Paint,
}

/// Columns for text.
const COLUMNS: usize = 96;

impl Page<'_> {
    fn write(mut self, set: &Set, is_whole: bool) -> io::Result<()> {
        if is_whole {
            self.heading(&set.heading)?;
            self.registers(&set.registers)?;
            self.calls(&set.calls)?;
            if let Some(calls) = &set.system_calls {
                self.system_calls(calls)?;
            }
        }
        self.instructions(&set.instructions, is_whole)
    }

    fn heading(&mut self, it: &Heading) -> io::Result<()> {
        let name = self.paint.strong(it.name);
        writeln!(self.out, "{name}  {}", it.title)?;
        let sizes = format!(
            "{} bits, {}, {} instructions, {} registers",
            it.bits, it.byte_order, it.instructions, it.registers
        );
        writeln!(self.out, "{}", self.paint.faint(sizes))
    }

    fn title(&mut self, title: &str) -> io::Result<()> {
        let title = self.paint.strong(title);
        writeln!(self.out, "\n{title}")
    }

    fn registers(&mut self, files: &[File]) -> io::Result<()> {
        for file in files {
            let bits = match file.kind {
                Kind::Control => String::new(),
                _ => format!(", {} bits each", file.bits),
            };
            self.title(&format!("{}{bits}", capitalised(file.title)))?;
            if file.kind == Kind::Control {
                let names: Vec<&str> = file.registers.iter().map(|it| it.name).collect();
                self.line("", &names.join(", "))?;
                continue;
            }
            for register in file.registers.iter() {
                let names = match register.name == register.abi {
                    true => register.name.to_owned(),
                    false => format!("{:<4} {}", register.name, register.abi),
                };
                let names = self.paint.name(format_args!("{names:<10}"));
                let keeper = match register.kept_by {
                    "nobody" => "",
                    keeper => keeper,
                };
                let line = format!("  {names} {keeper:<7} {}", register.role);
                writeln!(self.out, "{}", line.trim_end())?;
            }
        }
        let legend = "callee: it keeps the contents for its caller; caller: it saves them itself, if it \
                      needs them";
        writeln!(self.out, "\n  {}", self.paint.faint(legend))
    }

    fn calls(&mut self, it: &Calls) -> io::Result<()> {
        self.title(&format!("Calling functions: {}", it.convention))?;
        self.line("arguments", &it.arguments.join(", "))?;
        self.line("floats", &it.float_arguments.join(", "))?;
        let room = match it.stack_arguments {
            0 => String::new(),
            bytes => format!(", from {bytes} bytes above {} on", it.stack_pointer),
        };
        self.line("more", &format!("on the stack{room}"))?;
        self.line("results", &it.results.join(", "))?;
        self.line("", &format!("floats in {}", it.float_results.join(", ")))?;
        self.line("callee keeps", &it.callee_saved.join(", "))?;
        self.line("returns by", &it.return_address)?;
        let stack = format!(
            "{} is a multiple of {} where a call is made",
            it.stack_pointer, it.stack_alignment
        );
        self.line("stack", &stack)?;
        for (n, remark) in it.remarks.iter().enumerate() {
            self.line(if n == 0 { "besides" } else { "" }, remark)?;
        }
        self.line("says", it.document)
    }

    fn system_calls(&mut self, it: &SystemCalls) -> io::Result<()> {
        self.title("Calling the kernel: Linux")?;
        self.line("instruction", it.instruction)?;
        self.line("number", &it.number)?;
        let more = match it.stack_arguments {
            Some(bytes) => format!("; more on the stack, from {bytes} bytes above its pointer on"),
            None => String::new(),
        };
        self.line("arguments", &format!("{}{more}", it.arguments.join(", ")))?;
        self.line("result", &it.result)?;
        self.line("error", &it.error)?;
        let changes = match it.may_change.as_slice() {
            [] => "nothing".to_owned(),
            names => names.join(", "),
        };
        self.line("also changes", &changes)?;
        let numbers = it.examples.iter();
        let numbers = numbers.map(|(name, number)| format!("{name} {number}"));
        self.line("for example", &numbers.collect::<Vec<_>>().join(", "))
    }

    fn instructions(&mut self, all: &[&Summary], is_whole: bool) -> io::Result<()> {
        let mut group = (String::new(), String::new());
        // Where a row stands for many encodings, they come of several extensions.
        let by_extension = all.iter().all(|it| it.notations.len() == 1);
        // Many encodings of one instruction are for those who ask for it.
        let is_long = all.len() > 3;
        for it in all {
            let extension = if by_extension {
                it.extension.clone()
            } else {
                String::new()
            };
            let here = (extension, it.section.clone());
            if here != group {
                let title = match here.0.is_empty() {
                    true => here.1.clone(),
                    false => format!("{}: {}", here.0, here.1),
                };
                if is_whole || !group.1.is_empty() {
                    self.title(&title)?;
                } else {
                    let title = self.paint.strong(title);
                    writeln!(self.out, "{title}")?;
                }
                group = here;
            }
            self.instruction(it, is_long)?;
        }
        Ok(())
    }

    fn instruction(&mut self, it: &Summary, is_long: bool) -> io::Result<()> {
        let remark = match it.is_executed {
            true => "",
            false => "  (known by name only)",
        };
        let name = self.paint.verb(format_args!("{:<10}", it.name));
        let paint = self.paint;
        match it.notations.as_slice() {
            [notation] if !it.operands.is_empty() || !notation.contains("  ") => {
                let head = format!("  {name} {:<18} {}", it.operands, paint.faint(notation));
                writeln!(self.out, "{}{remark}", head.trim_end())?;
            }
            notations => {
                for line in wrapped(&it.name, COLUMNS - 2) {
                    writeln!(self.out, "  {}", paint.verb(line))?;
                }
                let shown = if is_long { 1 } else { notations.len() };
                for notation in &notations[..shown.min(notations.len())] {
                    let more = match notations.len() - shown.min(notations.len()) {
                        0 => String::new(),
                        more => format!("  and {more} more"),
                    };
                    writeln!(
                        self.out,
                        "             {}",
                        paint.faint(format!("{notation}{more}"))
                    )?;
                }
            }
        }
        self.sentence(&it.sentence)
    }

    fn sentence(&mut self, text: &str) -> io::Result<()> {
        for line in wrapped(text, COLUMNS - 13) {
            writeln!(self.out, "             {line}")?;
        }
        Ok(())
    }

    /// A line after a label; none if there is nothing to say.
    fn line(&mut self, label: &str, text: &str) -> io::Result<()> {
        for (n, line) in wrapped(text, COLUMNS - 15).iter().enumerate() {
            let label = if n == 0 { label } else { "" };
            let label = self.paint.name(format_args!("{label:<12}"));
            writeln!(self.out, "  {label} {line}")?;
        }
        Ok(())
    }
}

fn capitalised(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(letters).collect()
    })
}
