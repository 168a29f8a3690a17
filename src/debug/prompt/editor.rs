//! Editing lines at a terminal: history, and completion from the table of commands and the program's symbols.

use super::{Prompt, Then};
use rustyline::completion::Completer;
use rustyline::error::ReadlineError;
use rustyline::history::DefaultHistory;
use rustyline::{Config, Context, Editor, Helper};
use std::cell::RefCell;
use std::io;
use std::path::PathBuf;
use std::rc::Rc;

/// Lines kept from one time to the next.
const LINES: usize = 1000;

struct Completing<'p, 'a>(Rc<RefCell<&'p mut Prompt<'a>>>);

impl Completer for Completing<'_, '_> {
    type Candidate = String;

    fn complete(
        &self,
        line: &str,
        at: usize,
        _: &Context<'_>,
    ) -> rustyline::Result<(usize, Vec<String>)> {
        Ok(self.0.borrow_mut().completions(&line[..at]))
    }
}

impl rustyline::hint::Hinter for Completing<'_, '_> {
    type Hint = String;
}
impl rustyline::highlight::Highlighter for Completing<'_, '_> {}
impl rustyline::validate::Validator for Completing<'_, '_> {}
impl Helper for Completing<'_, '_> {}

/// Reads commands from the terminal.
pub(super) fn run(prompt: &mut Prompt<'_>) -> io::Result<()> {
    let config = Config::builder()
        .max_history_size(LINES)
        .map_err(io::Error::other)?
        .completion_type(rustyline::CompletionType::List)
        .build();
    let prompt = Rc::new(RefCell::new(prompt));
    let mut editor: Editor<Completing<'_, '_>, DefaultHistory> =
        Editor::with_config(config).map_err(io::Error::other)?;
    editor.set_helper(Some(Completing(Rc::clone(&prompt))));
    let file = history_file();
    if let Some(file) = &file {
        // The first time there is none.
        let _ = editor.load_history(file);
    }
    let result = loop {
        match editor.readline("(portolan) ") {
            Ok(line) => {
                if !line.trim().is_empty() {
                    let _ = editor.add_history_entry(&line);
                }
                if let Then::Quit = prompt.borrow_mut().obey(&line)? {
                    break Ok(());
                }
            }
            // Ctrl-C abandons the line, as in a shell; Ctrl-D leaves.
            Err(ReadlineError::Interrupted) => {}
            Err(ReadlineError::Eof) => break Ok(()),
            Err(error) => break Err(io::Error::other(error)),
        }
    };
    if let Some(file) = &file {
        // Where it cannot be kept, it is not.
        let _ = editor.save_history(file);
    }
    result
}

/// Where the lines typed are kept: in the state directory, if there can be one.
fn history_file() -> Option<PathBuf> {
    let named = |name| {
        std::env::var_os(name)
            .filter(|it| !it.is_empty())
            .map(PathBuf::from)
    };
    let state = named("XDG_STATE_HOME").or_else(|| Some(named("HOME")?.join(".local/state")))?;
    let directory = state.join("portolan");
    std::fs::create_dir_all(&directory).ok()?;
    Some(directory.join("step_history"))
}
