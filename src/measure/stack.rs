//! The call stack of a hart, as its calls and returns tell it.
//!
//! What leaves a function without returning must not stay on it: a tail call takes the place of its caller; what
//! longjmp or an exception skips is seen by the stack pointer, which is above where the callee found it, or by where
//! the jump leads; and a signal handler is a call that nobody made, which ends when the program goes on where it was.

use super::territory::{FunctionId, Spot};
use portolan_machine::guest::Flow;

/// A function that has not returned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Frame {
    /// The function; not known before its first block has run.
    pub function: Option<FunctionId>,
    /// The file that this is in.
    file: u32,
    /// It handles a signal.
    pub is_handler: bool,
    /// Whatever who uses the stack has to remember of it.
    pub note: u32,
    /// Where it will return to; for a signal handler, where the program was.
    back: u64,
    /// The stack pointer when it was entered.
    stack_pointer: u64,
}

/// The functions of a hart that have not returned, the innermost last.
#[derive(Clone, Debug, Default)]
pub struct Stack {
    frames: Vec<Frame>,
    /// Where the program goes on if nobody interferes: the first and the last address that may be.
    expected: Option<(u64, u64)>,
}

/// How a block was left.
#[derive(Clone, Copy, Debug)]
pub struct Left {
    /// How the instruction that jumped does so, if one did, and the address after it.
    pub jump: Option<(Flow, u64)>,
    /// Where it goes on.
    pub next: u64,
    /// The stack pointer.
    pub stack_pointer: u64,
}

/// Recursions deeper than this are not followed.
const DEEPEST: usize = 1 << 14;

/// The kernel may go back over an instruction that it interrupted, and a handler may skip one.
const INSTRUCTION: u64 = 16;

/// What a call pushes may be on either side of what was noted.
const PUSHED: u64 = 16;

impl Stack {
    /// The functions that have not returned, the innermost last.
    pub fn frames(&self) -> &[Frame] {
        &self.frames
    }

    /// The innermost function.
    pub fn top(&mut self) -> Option<&mut Frame> {
        self.frames.last_mut()
    }

    /// A block runs that starts at an address: whether the innermost function is another one now.
    pub fn enter(&mut self, start: u64, spot: Spot, stack_pointer: u64) -> bool {
        if let Some((first, last)) = self.expected
            && !(first..=last).contains(&start)
        {
            self.interfered(start, stack_pointer);
        }
        if self.frames.is_empty() {
            self.push(0, u64::MAX, false);
        }
        let Some(top) = self.frames.last_mut() else {
            return false;
        };
        // It was called just now, or it went on as another function, which a tail call is.
        // Code without symbols belongs to the function that led to it, unless that is in another file.
        let elsewhere = spot.is_named || top.file != spot.file;
        let is_new = top.function.is_none() || (elsewhere && top.function != Some(spot.function));
        if is_new {
            (top.function, top.file) = (Some(spot.function), spot.file);
        }
        is_new
    }

    /// A block has run to where it was left; `spot` tells of other addresses.
    pub fn leave(&mut self, left: Left, spot: impl FnOnce(u64) -> Spot) {
        self.expected = Some((left.next, left.next));
        match left.jump {
            // What calls the next instruction asks for its own address.
            Some((Flow::Call, back)) if left.next != back => {
                self.unwind(left.stack_pointer);
                self.push(back, left.stack_pointer, false);
            }
            Some((Flow::Return, _)) => {
                let is_left = |frame: &Frame| {
                    !frame.is_handler
                        && frame.back == left.next
                        && frame.stack_pointer <= left.stack_pointer
                };
                // Mostly the innermost one.
                match self.frames.iter().rposition(is_left) {
                    Some(returned) if returned > 0 => self.frames.truncate(returned),
                    // A return that is used for another jump.
                    _ => self.jump(left, spot(left.next)),
                }
            }
            Some((Flow::Jump, _)) => self.jump(left, spot(left.next)),
            _ => {}
        }
    }

    /// The kernel was called by an instruction of so many bytes. It goes on after that, or makes the call again.
    pub fn called_kernel(&mut self, address: u64, length: u8) {
        self.expected = Some((address, address.wrapping_add(u64::from(length))));
    }

    fn push(&mut self, back: u64, stack_pointer: u64, is_handler: bool) {
        if self.frames.len() < DEEPEST {
            self.frames.push(Frame {
                function: None,
                file: 0,
                is_handler,
                note: 0,
                back,
                stack_pointer,
            });
        }
    }

    /// A jump into the middle of another function, one that is active, has skipped what that had called.
    fn jump(&mut self, left: Left, spot: Spot) {
        let top = self.frames.last().and_then(|top| top.function);
        if spot.is_start || top == Some(spot.function) {
            return;
        }
        let is_active = |index: &usize| {
            let (frame, callees) = (&self.frames[*index], &self.frames[index + 1..]);
            let handles = callees.iter().any(|callee| callee.is_handler);
            let reached = callees[0].stack_pointer <= left.stack_pointer.saturating_add(PUSHED);
            frame.function == Some(spot.function)
                && (handles || reached && frame.stack_pointer >= left.stack_pointer)
        };
        let outer = self.frames.len().saturating_sub(1);
        if let Some(active) = (0..outer).rev().find(is_active) {
            self.frames.truncate(active + 1);
        }
    }

    /// Forgets what the stack pointer says is gone, as far as the innermost signal handler, which may have a
    /// stack of its own.
    fn unwind(&mut self, stack_pointer: u64) {
        while self.frames.len() > 1
            && let Some(top) = self.frames.last()
            && !top.is_handler
            && top.stack_pointer < stack_pointer.saturating_sub(PUSHED)
        {
            self.frames.pop();
        }
    }

    /// The kernel made the program go on elsewhere: in a signal handler, or where one had interrupted it.
    fn interfered(&mut self, start: u64, stack_pointer: u64) {
        let resumes = |frame: &Frame| {
            let distance = frame.back.wrapping_sub(start).wrapping_add(INSTRUCTION);
            frame.is_handler && distance <= 2 * INSTRUCTION
        };
        let back = self.expected.map_or(0, |(_, last)| last);
        match self.frames.iter().rposition(resumes) {
            Some(handler) => self.frames.truncate(handler),
            None if self.frames.is_empty() => {}
            None => self.push(back, stack_pointer, true),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measure::territory::FunctionId;

    /// A program of functions that are 0x100 bytes long: that of an address is its number.
    fn spot(address: u64) -> Spot {
        Spot {
            function: FunctionId::numbered((address / 0x100) as u32),
            is_named: true,
            is_start: address.is_multiple_of(0x100),
            file: 0,
        }
    }

    struct Run(Stack);

    impl Run {
        fn new() -> Run {
            Run(Stack::default())
        }

        /// A block of 8 bytes at an address, which leaves the stack pointer so.
        fn block(
            &mut self,
            start: u64,
            flow: Option<Flow>,
            next: u64,
            stack_pointer: u64,
        ) -> &mut Run {
            self.0.enter(start, spot(start), stack_pointer);
            let left = Left {
                jump: flow.map(|flow| (flow, start + 8)),
                next,
                stack_pointer,
            };
            self.0.leave(left, spot);
            self
        }

        fn functions(&self) -> Vec<u32> {
            let known = self.0.frames().iter().filter_map(|frame| frame.function);
            known.map(FunctionId::number).collect()
        }
    }

    #[test]
    fn calls_and_returns_nest() {
        let mut run = Run::new();
        run.block(0x100, Some(Flow::Call), 0x200, 900);
        run.block(0x200, Some(Flow::Call), 0x300, 800);
        run.block(0x300, None, 0x308, 700);
        assert_eq!(run.functions(), [1, 2, 3]);
        run.block(0x308, Some(Flow::Return), 0x208, 800);
        run.block(0x208, None, 0x210, 800);
        assert_eq!(run.functions(), [1, 2]);
    }

    #[test]
    fn a_tail_call_takes_the_callers_place() {
        let mut run = Run::new();
        run.block(0x100, Some(Flow::Call), 0x200, 900);
        run.block(0x200, Some(Flow::Jump), 0x300, 900);
        run.block(0x300, Some(Flow::Return), 0x108, 900);
        run.block(0x108, None, 0x110, 900);
        assert_eq!(run.functions(), [1]);
    }

    #[test]
    fn functions_that_call_each_other_by_tail_calls_do_not_pile_up() {
        let mut run = Run::new();
        run.block(0x100, Some(Flow::Call), 0x200, 900);
        for _ in 0..3 {
            run.block(0x200, Some(Flow::Jump), 0x300, 900);
            run.block(0x300, Some(Flow::Jump), 0x200, 900);
        }
        run.block(0x200, None, 0x208, 900);
        assert_eq!(run.functions(), [1, 2]);
    }

    #[test]
    fn a_long_jump_forgets_what_it_skips() {
        // By an indirect jump, as x86's does, and by a return, as others' do.
        for flow in [Flow::Jump, Flow::Return] {
            let mut run = Run::new();
            run.block(0x100, Some(Flow::Call), 0x200, 900);
            run.block(0x200, Some(Flow::Call), 0x300, 800);
            run.block(0x300, Some(Flow::Call), 0x400, 700);
            run.block(0x400, Some(flow), 0x140, 900);
            run.block(0x140, None, 0x148, 900);
            assert_eq!(run.functions(), [1], "{flow:?}");
        }
    }

    #[test]
    fn a_signal_handler_ends_where_it_interrupted() {
        let mut run = Run::new();
        run.block(0x100, Some(Flow::Call), 0x200, 900);
        run.block(0x200, None, 0x208, 900);
        // On a stack of its own.
        run.block(0x500, Some(Flow::Call), 0x600, 5000);
        run.block(0x600, None, 0x608, 4900);
        assert_eq!(run.functions(), [1, 2, 5, 6]);
        run.block(0x608, Some(Flow::Return), 0x508, 5000);
        run.0.called_kernel(0x508, 4);
        run.block(0x208, Some(Flow::Return), 0x108, 900);
        run.block(0x108, None, 0x110, 900);
        assert_eq!(run.functions(), [1]);
    }

    #[test]
    fn a_handler_that_jumps_out_is_gone() {
        let mut run = Run::new();
        run.block(0x100, Some(Flow::Call), 0x200, 900);
        run.block(0x200, None, 0x208, 800);
        run.block(0x500, Some(Flow::Call), 0x600, 5000);
        run.block(0x600, Some(Flow::Jump), 0x140, 900);
        run.block(0x140, None, 0x148, 900);
        assert_eq!(run.functions(), [1]);
    }

    #[test]
    fn asking_for_the_own_address_is_no_call() {
        let mut run = Run::new();
        run.block(0x100, Some(Flow::Call), 0x108, 900);
        run.block(0x108, None, 0x110, 900);
        assert_eq!(run.0.frames().len(), 1);
    }
}
