//! The commands: one table, from which dispatch, `help` and completion follow.

use super::{Prompt, Refusal, Then};

/// What a command's arguments are, to be completed.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Completed {
    /// Nothing is known of them.
    Nothing,
    /// Functions and registers.
    Places,
    /// The words that follow `info`.
    Topics,
    /// Commands.
    Commands,
}

/// What a command was given.
pub struct Given<'a> {
    /// What follows `/`.
    pub format: &'a str,
    /// The rest of the line.
    pub text: &'a str,
}

/// A command.
pub struct Command {
    /// Its name; any beginning of it that no other command has will do.
    pub name: &'static str,
    /// Other names, those of gdb.
    pub short: &'static [&'static str],
    /// Its arguments.
    pub arguments: &'static str,
    /// What it does.
    pub help: &'static str,
    /// What its arguments are.
    pub completed: Completed,
    /// Carries it out.
    pub run: fn(&mut Prompt<'_>, &Given<'_>) -> Result<Then, Refusal>,
}

macro_rules! commands {
    ($($section:literal { $($name:literal $short:tt $arguments:literal $help:literal $completed:ident $run:expr;)* })*) => {
        &[$(($section, &[$(Command {
            name: $name,
            short: &$short,
            arguments: $arguments,
            help: $help,
            completed: Completed::$completed,
            run: |prompt, given| {
                let run: fn(&mut Prompt<'_>, &Given<'_>) -> Result<(), Refusal> = $run;
                run(prompt, given).map(|()| Then::Read)
            },
        },)*]),)*]
    };
}

/// All of them, in sections.
pub const SECTIONS: &[(&str, &[Command])] = commands! {
    "Running" {
        "stepi" ["si"] "[N]" "run one instruction, or N; a system call is one" Nothing |p, g| p.step_instructions(g);
        "step" ["s"] "[N]" "run to another source line; one instruction where none is known" Nothing |p, g| p.step_lines(g, false);
        "nexti" ["ni"] "[N]" "as stepi, but over called functions" Nothing |p, g| p.next_instructions(g);
        "next" ["n"] "[N]" "as step, but over called functions" Nothing |p, g| p.step_lines(g, true);
        "finish" ["fin"] "" "run until this function returns" Nothing |p, _| p.finish();
        "until" ["u"] "[WHERE]" "run to a later line of this function, or to a place" Places |p, g| p.until(g);
        "advance" ["run-to"] "WHERE" "run to a place" Places |p, g| p.advance_to(g.text);
        "run" [] "" "the same as continue, where nothing has run yet" Nothing |p, _| p.run_program();
        "start" [] "" "run to main" Nothing |p, _| p.start();
        "continue" ["c", "fg"] "[N]" "run to a stop or the end; past the breakpoint here N-1 times" Nothing |p, g| p.go_on(g);
    }
    "Going back" {
        "reverse-stepi" ["rsi", "back"] "[N]" "go back one instruction, or N, and what the system call did" Nothing |p, g| p.step_back(g);
        "reverse-step" ["rs"] "" "go back to the beginning of a source line" Nothing |p, _| p.line_back(false);
        "reverse-nexti" ["rni"] "" "as reverse-stepi, but over a function that returned" Nothing |p, _| p.next_back();
        "reverse-next" ["rn"] "" "as reverse-step, but over functions that returned" Nothing |p, _| p.line_back(true);
        "reverse-finish" ["rf"] "" "go back to the call of this function" Nothing |p, _| p.finish_back();
        "reverse-continue" ["rc"] "" "go back to a breakpoint, a watched access, or the beginning" Nothing |p, _| p.run_back();
        "record" ["rec"] "[stop]" "how far back one can go; `stop` forgets it and runs at full speed" Nothing |p, g| p.record(g);
    }
    "Stopping" {
        "break" ["b", "br"] "[WHERE] [if EXPR]" "stop before an instruction, if something holds" Places |p, g| p.add_breakpoint(g, false);
        "tbreak" ["tb"] "[WHERE] [if EXPR]" "the same, once" Places |p, g| p.add_breakpoint(g, true);
        "watch" [] "EXPR" "stop when a register-free place changes: *(int *)$sp, {char}ADDR, ADDR [N]" Places |p, g| p.add_watchpoint(g, false, true);
        "rwatch" [] "EXPR" "stop after it is read" Places |p, g| p.add_watchpoint(g, true, false);
        "awatch" [] "EXPR" "stop after it is read or written" Places |p, g| p.add_watchpoint(g, true, true);
        "delete" ["d"] "[N..]" "delete stops, or all" Nothing |p, g| p.delete(g);
        "enable" ["en"] "[N..]" "have stops stop again, or all" Nothing |p, g| p.enable(g, true);
        "disable" ["dis"] "[N..]" "keep stops, but pass them" Nothing |p, g| p.enable(g, false);
        "condition" ["cond"] "N [EXPR]" "stop only if it is not zero" Nothing |p, g| p.set_condition(g);
        "handle" [] "SIGNAL.. ACTION.." "what is done with signals: [no]stop, [no]print, [no]pass; Ctrl-C stops" Nothing |p, g| p.handle(g);
        "ignore" [] "N COUNT" "pass it so often" Nothing |p, g| p.ignore(g);
    }
    "Looking" {
        "info" ["i"] "TOPIC" "registers, breakpoints, signals, line, symbol, frame, source, maps, sharedlibrary, record" Topics |p, g| p.info(g);
        "registers" ["r", "regs"] "[NAME..]" "registers, with * those that changed; `all`, `float`" Places |p, g| p.registers(&g.words());
        "print" ["p", "inspect"] "[/F] EXPR" "C's operators over $registers, symbols, *(int *)ADDR, {char}ADDR" Places |p, g| p.print(g);
        "x" ["memory"] "[/NFU] EXPR" "memory: N items, format x d u o t a c f s i z, unit b h w g" Places |p, g| p.examine(g);
        "disassemble" ["disas"] "[WHERE [N]]" "the function, or N instructions from a place" Places |p, g| p.disassemble_at(g);
        "explain" ["ex"] "" "the next instruction, bit by bit, with its values and effects" Nothing |p, _| p.explain();
        "list" ["l"] "[WHERE]" "source lines" Places |p, g| p.list(g);
        "backtrace" ["bt"] "[N]" "the calls that led here, as far as they are recorded" Nothing |p, g| p.backtrace(g);
        "where" ["w"] "" "the function and line" Nothing |p, _| p.locate();
        "up" [] "[N]" "select the caller's frame" Nothing |p, g| p.select_up(g, 1);
        "down" [] "[N]" "select the called one's" Nothing |p, g| p.select_up(g, -1);
        "frame" ["f"] "[N]" "select a frame and show it" Nothing |p, g| p.select_frame(g);
        "display" [] "[/F] EXPR" "print it at each stop" Places |p, g| p.display(g);
        "undisplay" [] "[N]" "no more" Nothing |p, g| p.undisplay(g);
    }
    "Changing" {
        "set" [] "PLACE = EXPR" "$reg = .., {int}ADDR = .., var *(char *)ADDR = .." Places |p, g| p.set(g);
    }
    "This prompt" {
        "help" ["h", "?"] "[COMMAND]" "this list, or one of it" Commands |p, g| p.help(g);
    }
};

/// Leaves.
pub const QUIT: [&str; 3] = ["quit", "q", "exit"];

/// Every command.
pub fn all() -> impl Iterator<Item = &'static Command> {
    SECTIONS.iter().flat_map(|(_, commands)| *commands)
}

/// The command that a word means: by its name, gdb's short one, or what it begins with.
pub fn find(word: &str) -> Result<&'static Command, Refusal> {
    if let Some(command) = all().find(|it| it.name == word || it.short.contains(&word)) {
        return Ok(command);
    }
    let begun: Vec<_> = all().filter(|it| it.name.starts_with(word)).collect();
    match begun.as_slice() {
        [command] => Ok(command),
        [] => {
            let near = all().max_by(|a, b| {
                let like = |it: &Command| strsim::jaro_winkler(it.name, word);
                like(a).total_cmp(&like(b))
            });
            let near = near.filter(|it| strsim::jaro_winkler(it.name, word) > 0.75);
            let hint = near.map_or(String::new(), |it| format!("did you mean {}? ", it.name));
            Err(Refusal(format!(
                "no command is called {word:?}; {hint}`help` lists them"
            )))
        }
        several => {
            let names: Vec<_> = several.iter().map(|it| it.name).collect();
            Err(Refusal(format!("{word:?} may be {}", names.join(", "))))
        }
    }
}

impl Given<'_> {
    /// The words of the rest of the line.
    pub fn words(&self) -> Vec<&str> {
        self.text.split_whitespace().collect()
    }

    /// The number that is the only argument, or 1.
    pub fn count(&self) -> Result<u64, Refusal> {
        match self.text {
            "" => Ok(1),
            text => super::count(text),
        }
    }
}
