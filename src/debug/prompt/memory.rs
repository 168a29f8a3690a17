//! Commands that show and change values: print, x, display, set.

use super::commands::Given;
use super::{Prompt, Refusal, count, refuse};
use crate::debug::expression::{Place, Value, number_of};
use portolan_machine::memory::Order;
use portolan_machine::registers::Role;

/// How values are written.
#[derive(Clone, Copy)]
struct Format {
    items: u64,
    letter: char,
    bytes: Option<u8>,
}

impl Format {
    /// `NFU`, in any order after the number.
    fn parse(text: &str) -> Result<Format, Refusal> {
        let letters = text.trim_start_matches(|c: char| c.is_ascii_digit());
        let digits = &text[..text.len() - letters.len()];
        let mut format = Format {
            items: match digits {
                "" => 1,
                digits => count(digits)?.min(65536),
            },
            letter: '\0',
            bytes: None,
        };
        for letter in letters.chars() {
            match letter {
                'b' => format.bytes = Some(1),
                'h' => format.bytes = Some(2),
                'w' => format.bytes = Some(4),
                'g' => format.bytes = Some(8),
                _ if "xduotacfsiz".contains(letter) => format.letter = letter,
                _ => {
                    return refuse(format!(
                        "{letter:?} is no format (x d u o t a c f s i z) or unit (b h w g)"
                    ));
                }
            }
        }
        Ok(format)
    }
}

impl Prompt<'_> {
    pub(super) fn print(&mut self, given: &Given<'_>) -> Result<(), Refusal> {
        let format = Format::parse(given.format)?;
        if given.text.is_empty() {
            return refuse("print wants an expression: print/x $sp + 8");
        }
        let value = self.evaluate(given.text)?;
        self.printed.push(value);
        let text = self.written(value, format);
        Ok(writeln!(self.out, "${} = {text}", self.printed.len())?)
    }

    fn written(&self, value: Value, format: Format) -> String {
        let bytes = format.bytes.unwrap_or(value.kind.bytes);
        let bits = value.bits & (u64::MAX >> (64 - 8 * u32::from(bytes)));
        let unused = 64 - 8 * u32::from(bytes);
        let signed = (bits << unused).cast_signed() >> unused;
        match format.letter {
            'x' => format!("{bits:#x}"),
            'z' => format!("0x{bits:0digits$x}", digits = 2 * usize::from(bytes)),
            'u' => bits.to_string(),
            'o' => format!("{bits:#o}").replacen("0o", "0", 1),
            't' => format!("{bits:b}"),
            'c' => format!("{} {:?}", bits as i8, char::from(bits as u8)),
            'f' if bytes == 4 => f32::from_bits(bits as u32).to_string(),
            'f' => f64::from_bits(bits).to_string(),
            'd' => signed.to_string(),
            letter => {
                let place = self.locator.place(bits);
                let place = place.function.map(|(name, offset)| match offset {
                    0 => format!(" <{name}>"),
                    offset => format!(" <{name}+{offset}>"),
                });
                match (letter, place) {
                    ('a', place) => format!("{bits:#x}{}", place.unwrap_or_default()),
                    (_, Some(place)) => format!("{bits:#x}{place}"),
                    _ if value.kind.signed => signed.to_string(),
                    _ => format!("{bits:#x}"),
                }
            }
        }
    }

    /// `x/NFU EXPR`; without one it goes on.
    pub(super) fn examine(&mut self, given: &Given<'_>) -> Result<(), Refusal> {
        let (address, format) = match (&self.next_examined, given.text) {
            (Some((address, format)), _) => (*address, format.clone()),
            (None, "") => return refuse("x wants an address: x/4xg $sp"),
            (None, text) => (self.evaluate(text)?.bits, given.format.to_owned()),
        };
        let parsed = Format::parse(&format)?;
        let end = match parsed.letter {
            'i' => {
                self.disassemble(address, parsed.items as usize)?;
                self.next_examined.as_ref().map_or(address, |(end, _)| *end)
            }
            's' => self.strings(address, parsed.items)?,
            _ => self.items(address, parsed)?,
        };
        self.next_examined = Some((end, format));
        Ok(())
    }

    fn items(&mut self, start: u64, mut format: Format) -> Result<u64, Refusal> {
        let memory = self.session.core().memory().clone();
        let order = self.session.guest().order();
        let letter = if format.letter == '\0' {
            'x'
        } else {
            format.letter
        };
        let bytes = match (letter, format.bytes) {
            (_, Some(bytes)) => bytes,
            ('c', None) => 1,
            ('a' | 'f', None) => 8,
            _ => 4,
        };
        format.bytes = Some(bytes);
        format.letter = if letter == 'x' { 'z' } else { letter };
        let per_line = match (letter, bytes) {
            ('a', _) => 1,
            ('c' | 't', _) => 8,
            (_, 1) => 16,
            _ => 16 / u64::from(bytes),
        };
        let mut address = start;
        for item in 0..format.items {
            let mut raw = [0; 8];
            let raw = &mut raw[..usize::from(bytes)];
            if let Err(fault) = memory.read(address, raw) {
                writeln!(self.out)?;
                return refuse(fault.to_string());
            }
            if item % per_line == 0 {
                let end = if item == 0 { "" } else { "\n" };
                write!(self.out, "{end}{address:#x}:")?;
            }
            let text = match letter {
                'c' => format!("{:?}", char::from(raw[0])),
                _ => self.written(Value::address(number_of(raw, order)), format),
            };
            write!(self.out, " {text}")?;
            address = address.wrapping_add(bytes.into());
        }
        writeln!(self.out)?;
        Ok(address)
    }

    fn strings(&mut self, start: u64, items: u64) -> Result<u64, Refusal> {
        let memory = self.session.core().memory().clone();
        let mut address = start;
        for _ in 0..items {
            let text = memory
                .read_cstring(address, 4096)
                .map_err(|e| Refusal(e.to_string()))?;
            writeln!(
                self.out,
                "{address:#x}: {:?}",
                String::from_utf8_lossy(&text)
            )?;
            address = address.wrapping_add(text.len() as u64 + 1);
        }
        Ok(address)
    }

    pub(super) fn display(&mut self, given: &Given<'_>) -> Result<(), Refusal> {
        if given.text.is_empty() {
            return self.show_displays();
        }
        self.evaluate(given.text)?;
        let text = match given.format {
            "" => given.text.to_owned(),
            format => format!("/{format} {}", given.text),
        };
        self.displays.push((self.next_display, text));
        self.next_display += 1;
        self.show_displays()
    }

    pub(super) fn undisplay(&mut self, given: &Given<'_>) -> Result<(), Refusal> {
        match given.text {
            "" => self.displays.clear(),
            text => {
                let number = count(text)?;
                self.displays.retain(|(n, _)| u64::from(*n) != number);
            }
        }
        Ok(())
    }

    pub(super) fn show_displays(&mut self) -> Result<(), Refusal> {
        for (number, text) in self.displays.clone() {
            let (format, expression) = match text.strip_prefix('/') {
                Some(rest) => rest.split_once(' ').unwrap_or((rest, "")),
                None => ("", text.as_str()),
            };
            let parsed = Format::parse(format)?;
            if matches!(parsed.letter, 'i' | 's') || parsed.items > 1 {
                writeln!(self.out, "{number}: x{text}")?;
                let given = Given {
                    format,
                    text: expression,
                };
                self.next_examined = None;
                self.examine(&given)?;
                continue;
            }
            let shown = match self.evaluate(expression) {
                Ok(value) => self.written(value, parsed),
                Err(Refusal(message)) => message,
            };
            writeln!(self.out, "{number}: {expression} = {shown}")?;
        }
        Ok(())
    }

    /// `PLACE = EXPR`, `var PLACE = EXPR`, or `REGISTER EXPR`.
    pub(super) fn set(&mut self, given: &Given<'_>) -> Result<(), Refusal> {
        let text = given.text.strip_prefix("var").map_or(given.text, |rest| {
            let rest = rest.strip_prefix("iable").unwrap_or(rest);
            if rest.starts_with(' ') {
                rest
            } else {
                given.text
            }
        });
        let assigned = text.find('=').filter(|at| {
            let around = |n: usize| text.as_bytes().get(n).copied().unwrap_or(b' ');
            around(at + 1) != b'=' && !b"<>!=".contains(&around(at.wrapping_sub(1)))
        });
        let (place, value) = match assigned {
            Some(at) => (&text[..at], &text[at + 1..]),
            None => match text.trim().split_once(char::is_whitespace) {
                Some(split) => split,
                None => {
                    return refuse("set wants a place and a value: set $a0 = 1, set {int}$sp = 2");
                }
            },
        };
        if self.session.has_ended() {
            return refuse("the program has ended: its past can be looked at, not changed");
        }
        let place = place.trim();
        let guest = self.session.guest();
        let value = self.evaluate(value)?;
        let bare = place.trim_start_matches('$');
        let expression = match guest.register_named(bare) {
            Some(_) => self.expression(&format!("${bare}"))?,
            None => self.expression(place)?,
        };
        let core = self.session.core();
        match expression.place(core)? {
            Place::Pc => core.set_pc(value.bits),
            Place::Register(slot) => {
                let zero = guest
                    .register(slot)
                    .is_some_and(|(_, it)| it.role == Role::Zero);
                if zero {
                    return refuse(format!("{bare} is always zero"));
                }
                core.set_register(slot, value.bits);
            }
            Place::Memory(address, kind) => {
                let bytes = usize::from(kind.bytes);
                let little = value.bits.to_le_bytes();
                let mut raw = little[..bytes].to_vec();
                if guest.order() == Order::Big {
                    raw.reverse();
                }
                let poked = core.memory().poke(address, &raw);
                poked.map_err(|fault| Refusal(fault.to_string()))?;
            }
        }
        self.settle()
    }
}
