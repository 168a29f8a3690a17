//! Commands about the calls that led here.

use super::commands::Given;
use super::{Prompt, Refusal, count, refuse};

impl Prompt<'_> {
    /// Where each frame is: the pc, and the calls that have not returned, from the last.
    fn frames(&mut self) -> &[u64] {
        if self.frames.is_none() {
            let mut frames = vec![self.session.core().pc()];
            frames.extend(self.session.open_calls());
            self.frames = Some(frames);
        }
        self.frames.as_deref().unwrap_or_default()
    }

    pub(super) fn backtrace(&mut self, given: &Given<'_>) -> Result<(), Refusal> {
        let most = match given.text {
            "" => usize::MAX,
            text => count(text)? as usize,
        };
        let frames = self.frames().to_vec();
        for (number, pc) in frames.iter().enumerate().take(most) {
            self.show(number, *pc)?;
        }
        if !self.session.is_recording() {
            writeln!(
                self.out,
                "(the callers are known from the history, and none is recorded)"
            )?;
        } else if self.session.history_is_cut() {
            writeln!(
                self.out,
                "(what called before the history begins is not known)"
            )?;
        }
        Ok(())
    }

    fn show(&mut self, number: usize, pc: u64) -> Result<(), Refusal> {
        let mark = if number == self.selected { '*' } else { ' ' };
        Ok(writeln!(
            self.out,
            "{mark}#{number:<3} {pc:#x} {}",
            self.locator.place(pc)
        )?)
    }

    pub(super) fn frame_pc(&mut self) -> Result<u64, Refusal> {
        let selected = self.selected;
        let pc = self.frames().get(selected).copied();
        Ok(pc.unwrap_or_default())
    }

    pub(super) fn show_frame(&mut self) -> Result<(), Refusal> {
        let pc = self.frame_pc()?;
        self.show(self.selected, pc)
    }

    pub(super) fn select_up(&mut self, given: &Given<'_>, direction: i64) -> Result<(), Refusal> {
        let by = given.count()?;
        let last = self.frames().len() - 1;
        let selected = self.selected as u64;
        let wanted = match direction {
            1.. if selected as usize == last => {
                return refuse("this is the outermost frame that is known");
            }
            1.. => selected.saturating_add(by),
            _ if selected == 0 => return refuse("this is the innermost frame"),
            _ => selected.saturating_sub(by),
        };
        self.selected = (wanted as usize).min(last);
        self.show_frame()
    }

    pub(super) fn select_frame(&mut self, given: &Given<'_>) -> Result<(), Refusal> {
        if !given.text.is_empty() {
            let wanted = given.text.parse().ok().filter(|n| *n < self.frames().len());
            let Some(wanted) = wanted else {
                return refuse(format!("there is no frame {}; `bt` lists them", given.text));
            };
            self.selected = wanted;
        }
        self.show_frame()
    }
}
