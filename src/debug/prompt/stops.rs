//! Commands about breakpoints and watchpoints.

use super::commands::Given;
use super::{Prompt, Refusal, count, refuse};
use crate::debug::expression::Place;
use portolan_machine::engine::{Hit, Moment, Watchpoint};

impl Prompt<'_> {
    pub(super) fn add_breakpoint(&mut self, given: &Given<'_>, once: bool) -> Result<(), Refusal> {
        let words = format!(" {} ", given.text);
        let (place, condition) = match words.split_once(" if ") {
            Some((place, condition)) => (place.trim(), Some(condition.trim())),
            None => (given.text, None),
        };
        let condition =
            condition.map(|text| Ok::<_, Refusal>((text.to_owned(), self.expression(text)?)));
        let condition = condition.transpose()?;
        let address = self.location(place)?;
        let number = self.session.set_breakpoint(address);
        if let Some(terms) = self.session.terms(number) {
            terms.temporary = once;
            terms.condition = condition;
        }
        let kind = if once {
            "temporary breakpoint"
        } else {
            "breakpoint"
        };
        let place = self.locator.place(address);
        Ok(writeln!(
            self.out,
            "{kind} {number} at {address:#x} {place}"
        )?)
    }

    /// `EXPR`, or `ADDRESS N` for so many bytes.
    pub(super) fn add_watchpoint(
        &mut self,
        given: &Given<'_>,
        reads: bool,
        writes: bool,
    ) -> Result<(), Refusal> {
        if given.text.is_empty() {
            return refuse(
                "what is to be watched? watch *(int *)$sp, or an address and how many bytes: watch sp+8 8",
            );
        }
        let counted = given.text.rsplit_once(' ').and_then(|(place, bytes)| {
            let bytes = count(bytes).ok()?;
            Some((self.evaluate(place).ok()?.bits, bytes))
        });
        let object = self.locator.object(given.text);
        let (start, bytes) = match counted.or(object) {
            Some(counted) => counted,
            None => {
                let expression = self.expression(given.text)?;
                match expression.place(self.session.core()) {
                    Ok(Place::Memory(address, kind)) => (address, kind.bytes.into()),
                    Ok(_) => {
                        return refuse(
                            "only memory is watched; a register is, by `break .. if $reg == ..`",
                        );
                    }
                    // An address by itself is one byte there.
                    Err(_) => (expression.evaluate(self.session.core())?.bits, 1),
                }
            }
        };
        let number = self.session.set_watchpoint(Watchpoint {
            start,
            bytes,
            reads,
            writes,
            moment: Moment::After,
        });
        Ok(writeln!(self.out, "watchpoint {number} at {start:#x}")?)
    }

    /// What a watched access did to what is watched.
    pub(super) fn report_watched(&mut self, hit: Hit) -> Result<(), Refusal> {
        let mut watchpoints = self.session.watchpoints().iter();
        let number = watchpoints.find(|(_, it)| **it == hit.watchpoint);
        let number = number.map_or(0, |(number, _)| *number);
        writeln!(self.out, "watchpoint {number}: {:#x}", hit.address)?;
        if let Some((old, new)) = self.session.take_seen(number) {
            match old == new {
                true => writeln!(self.out, "    value = {new:#x}")?,
                false => writeln!(
                    self.out,
                    "    old value = {old:#x}\n    new value = {new:#x}"
                )?,
            }
        }
        Ok(())
    }

    pub(super) fn list_stops(&mut self) -> Result<(), Refusal> {
        let breakpoints = self.session.breakpoints().iter();
        let mut lines: Vec<(u32, String)> = breakpoints
            .map(|(number, address)| {
                let place = self.locator.place(*address);
                (*number, format!("{address:#x} {place}"))
            })
            .collect();
        lines.extend(self.session.watchpoints().iter().map(|(number, watched)| {
            let verb = match (watched.reads, watched.writes) {
                (true, true) => "awatch",
                (true, false) => "rwatch",
                _ => "watch",
            };
            let Watchpoint { start, bytes, .. } = watched;
            (*number, format!("{verb} {start:#x} {bytes}"))
        }));
        lines.sort();
        if lines.is_empty() {
            return Ok(writeln!(self.out, "no breakpoints")?);
        }
        for (number, line) in lines {
            write!(self.out, "{number}  {line}")?;
            if let Some(terms) = self.session.terms(number) {
                if !terms.enabled {
                    write!(self.out, "  disabled")?;
                }
                if terms.temporary {
                    write!(self.out, "  once")?;
                }
                if let Some((text, _)) = &terms.condition {
                    write!(self.out, "  if {text}")?;
                }
                if terms.hits > 0 {
                    write!(self.out, "  hit {} times", terms.hits)?;
                }
                if terms.ignore > 0 {
                    write!(self.out, "  passed {} more times", terms.ignore)?;
                }
            }
            writeln!(self.out)?;
        }
        Ok(())
    }

    fn numbers(&mut self, given: &Given<'_>) -> Result<Vec<u32>, Refusal> {
        if given.text.is_empty() {
            return Ok(self.session.stops());
        }
        let words = given.words().into_iter();
        let numbers = words.map(|word| {
            let number = word
                .parse()
                .ok()
                .filter(|number| self.session.terms(*number).is_some());
            number.ok_or_else(|| Refusal(format!("there is no stop {word}; `info b` lists them")))
        });
        numbers.collect()
    }

    pub(super) fn delete(&mut self, given: &Given<'_>) -> Result<(), Refusal> {
        for number in self.numbers(given)? {
            if !self.session.delete_breakpoint(number) {
                self.session.delete_watchpoint(number);
            }
        }
        Ok(())
    }

    pub(super) fn enable(&mut self, given: &Given<'_>, enabled: bool) -> Result<(), Refusal> {
        for number in self.numbers(given)? {
            if let Some(terms) = self.session.terms(number) {
                terms.enabled = enabled;
            }
        }
        Ok(())
    }

    pub(super) fn set_condition(&mut self, given: &Given<'_>) -> Result<(), Refusal> {
        let (number, text) = given.text.split_once(' ').unwrap_or((given.text, ""));
        let text = text.trim();
        let condition = match text {
            "" => None,
            text => Some((text.to_owned(), self.expression(text)?)),
        };
        let found = number
            .parse()
            .ok()
            .and_then(|number| self.session.terms(number));
        let Some(terms) = found else {
            return refuse(format!("there is no stop {number:?}: condition 1 $a0 == 3"));
        };
        terms.condition = condition;
        Ok(())
    }
}
