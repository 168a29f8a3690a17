//! Lines of a source with everything filled in: included files, `.eqv`, macros.

use super::lex::{self, Spaced, Token};
use super::{Diagnostics, Origin};
use std::collections::HashMap;
use std::rc::Rc;

/// A line to be assembled.
pub struct Line {
    /// Where it is.
    pub origin: Origin,
    /// What is on it.
    pub tokens: Vec<Spaced>,
}

/// A file of the source.
pub struct File {
    /// Its name, as errors tell it.
    pub name: String,
    /// Its lines.
    pub lines: Vec<String>,
}

/// Reads a file of a name, next to another one.
pub type Reader<'a> = &'a dyn Fn(&str) -> Result<String, String>;

struct Macro {
    name: String,
    parameters: Vec<String>,
    body: Vec<(Origin, Vec<Spaced>)>,
    labels: Vec<String>,
}

/// What has been read so far.
pub struct Source<'a> {
    read: Reader<'a>,
    /// The files.
    pub files: Vec<File>,
    /// The lines.
    pub lines: Vec<Line>,
    names: HashMap<String, Vec<Spaced>>,
    macros: Vec<Rc<Macro>>,
    /// The macro that is being defined, and where that began.
    open: Option<(Origin, Macro)>,
    expanded: usize,
}

/// Files and macros may go so deep into one another.
const DEEPEST: usize = 32;
/// Macros that expand each other would never end.
const MOST_LINES: usize = 1_000_000;

impl<'a> Source<'a> {
    /// Nothing yet; `read` reads files.
    pub fn new(read: Reader<'a>) -> Source<'a> {
        Source {
            read,
            files: Vec::new(),
            lines: Vec::new(),
            names: HashMap::new(),
            macros: Vec::new(),
            open: None,
            expanded: 0,
        }
    }

    /// Reads a file with all that it includes.
    pub fn file(&mut self, name: &str, text: &str, depth: usize, errors: &mut Diagnostics) {
        let file = self.files.len();
        let lines: Vec<String> = text.lines().map(str::to_owned).collect();
        self.files.push(File {
            name: name.to_owned(),
            lines: lines.clone(),
        });
        for (number, line) in lines.iter().enumerate() {
            let origin = Origin {
                file,
                line: number + 1,
            };
            match lex::line(line) {
                Ok(tokens) => {
                    let is_end = |it: &Spaced| it.token == Token::Sign(';');
                    for statement in tokens.split(is_end) {
                        self.line(origin, statement.to_vec(), depth, errors);
                    }
                }
                Err(error) => errors.push(origin, error),
            }
        }
        if let Some((origin, open)) = self.open.take_if(|(origin, _)| origin.file == file) {
            let name = open.name;
            errors.push(origin, format!("the macro {name} has no .end_macro"));
        }
    }

    fn line(
        &mut self,
        origin: Origin,
        tokens: Vec<Spaced>,
        depth: usize,
        errors: &mut Diagnostics,
    ) {
        let word = |index: usize| match tokens.get(index).map(|it| &it.token) {
            Some(Token::Word(word)) => Some(word.as_str()),
            _ => None,
        };
        let sign = |index: usize, sign| {
            let token = tokens.get(index).map(|it: &Spaced| &it.token);
            token == Some(&Token::Sign(sign))
        };
        let directive = word(0).map(str::to_ascii_lowercase);
        match directive.as_deref() {
            Some(".end_macro" | ".endm") => match self.open.take() {
                Some((_, done)) => self.macros.push(Rc::new(done)),
                None => errors.push(origin, ".end_macro without .macro".to_owned()),
            },
            Some(".macro") => match (word(1), &self.open) {
                (_, Some(_)) => errors.push(origin, "a macro inside a macro".to_owned()),
                (None, _) => errors.push(origin, ".macro wants a name".to_owned()),
                (Some(name), None) => {
                    let words = tokens[2..].iter().filter_map(|it| match &it.token {
                        Token::Word(word) => Some(word.clone()),
                        _ => None,
                    });
                    let parameters: Vec<String> = words.collect();
                    let wrong = parameters.iter().find(|it| !it.starts_with(['%', '$']));
                    if let Some(wrong) = wrong {
                        let what = format!("a macro's parameter begins with %, as %{wrong} does");
                        errors.push(origin, what);
                    }
                    let empty = Macro {
                        name: name.to_owned(),
                        parameters,
                        body: Vec::new(),
                        labels: Vec::new(),
                    };
                    self.open = Some((origin, empty));
                }
            },
            _ if self.open.is_some() => {
                if let Some((_, open)) = &mut self.open {
                    for pair in tokens.windows(2) {
                        if let [
                            Spaced {
                                token: Token::Word(label),
                                ..
                            },
                            colon,
                        ] = pair
                            && colon.token == Token::Sign(':')
                        {
                            open.labels.push(label.clone());
                        }
                    }
                    open.body.push((origin, tokens));
                }
            }
            Some(".eqv" | ".equ") => match word(1) {
                Some(name) if tokens.len() > 2 => {
                    let rest = &tokens[2..];
                    let comma = rest[0].token == Token::Sign(',');
                    self.stands_for(Some(name), &rest[usize::from(comma)..]);
                }
                _ => errors.push(
                    origin,
                    ".eqv wants a name and what it stands for".to_owned(),
                ),
            },
            // As GNU as and SPIM have it
            Some(".set") if sign(2, ',') && tokens.len() > 3 => {
                self.stands_for(word(1), &tokens[3..]);
            }
            Some(_) if sign(1, '=') && tokens.len() > 2 => {
                self.stands_for(word(0), &tokens[2..]);
            }
            Some(".include") => match tokens.get(1).map(|it| &it.token) {
                _ if depth >= DEEPEST => {
                    errors.push(origin, "files include each other without end".to_owned());
                }
                Some(Token::Text(name)) => {
                    let name = String::from_utf8_lossy(name).into_owned();
                    match (self.read)(&name) {
                        Ok(text) => self.file(&name, &text, depth + 1, errors),
                        Err(error) => errors.push(origin, format!("{name}: {error}")),
                    }
                }
                _ => errors.push(
                    origin,
                    ".include wants a name in quotation marks".to_owned(),
                ),
            },
            _ => {
                let tokens = self.filled_in(&tokens);
                self.plain(origin, tokens, depth, errors);
            }
        }
    }

    /// From here on a name stands for these tokens.
    fn stands_for(&mut self, name: Option<&str>, tokens: &[Spaced]) {
        if let Some(name) = name {
            let value = self.filled_in(tokens);
            self.names.insert(name.to_owned(), value);
        }
    }

    /// A line that may call a macro, behind labels.
    fn plain(
        &mut self,
        origin: Origin,
        tokens: Vec<Spaced>,
        depth: usize,
        errors: &mut Diagnostics,
    ) {
        let mut start = 0;
        while tokens
            .get(start + 1)
            .is_some_and(|it| it.token == Token::Sign(':'))
        {
            start += 2;
        }
        let called = match tokens.get(start).map(|it| &it.token) {
            Some(Token::Word(name)) => {
                let arguments = arguments(&tokens[start + 1..]);
                let mut named = self.macros.iter().filter(|it| it.name == *name).peekable();
                let is_macro = named.peek().is_some();
                let fits = named
                    .rev()
                    .find(|it| it.parameters.len() == arguments.len());
                if is_macro && fits.is_none() {
                    let what = format!("no macro {name} has {} arguments", arguments.len());
                    return errors.push(origin, what);
                }
                fits.cloned().map(|found| (found, arguments))
            }
            _ => None,
        };
        let Some((called, arguments)) = called else {
            if !tokens.is_empty() {
                self.lines.push(Line { origin, tokens });
            }
            return;
        };
        if depth >= DEEPEST || self.lines.len() > MOST_LINES {
            let what = format!("the macro {} expands without end", called.name);
            return errors.push(origin, what);
        }
        if start > 0 {
            let labels = tokens[..start].to_vec();
            self.lines.push(Line {
                origin,
                tokens: labels,
            });
        }
        self.expanded += 1;
        let number = self.expanded;
        for (_, body) in &called.body {
            let mut line = Vec::new();
            for spaced in body {
                let Token::Word(word) = &spaced.token else {
                    line.push(spaced.clone());
                    continue;
                };
                if let Some(index) = called.parameters.iter().position(|it| it == word) {
                    let mut argument = arguments[index].to_vec();
                    if let Some(first) = argument.first_mut() {
                        first.after_space = spaced.after_space;
                    }
                    line.extend(argument);
                } else if called.labels.contains(word) {
                    line.push(Spaced {
                        token: Token::Word(format!("{word}_M{number}")),
                        ..*spaced
                    });
                } else {
                    line.push(spaced.clone());
                }
            }
            // Errors are told where the macro is called: there the arguments are.
            self.line(origin, line, depth + 1, errors);
        }
    }

    /// Tokens with what `.eqv` says in place of names.
    fn filled_in(&self, tokens: &[Spaced]) -> Vec<Spaced> {
        let mut filled = Vec::new();
        for spaced in tokens {
            let value = match &spaced.token {
                Token::Word(word) => self.names.get(word),
                _ => None,
            };
            match value {
                None => filled.push(spaced.clone()),
                Some(value) => {
                    let from = filled.len();
                    filled.extend(value.iter().cloned());
                    if let Some(first) = filled.get_mut(from) {
                        first.after_space = spaced.after_space;
                    }
                }
            }
        }
        filled
    }
}

/// The arguments of a macro: between commas or spaces, with or without parentheses around all of them.
fn arguments(tokens: &[Spaced]) -> Vec<&[Spaced]> {
    let inner = match tokens {
        [open, inner @ .., close]
            if open.token == Token::Sign('(') && close.token == Token::Sign(')') =>
        {
            inner
        }
        _ => tokens,
    };
    let mut arguments = Vec::new();
    let mut start = 0;
    for (index, spaced) in inner.iter().enumerate() {
        let is_comma = spaced.token == Token::Sign(',');
        // `-4` is one argument, and `label+4`.
        let follows = index > start
            && spaced.after_space
            && !matches!(inner[index - 1].token, Token::Sign('-' | '+'))
            && !matches!(spaced.token, Token::Sign('+'));
        if is_comma || follows {
            if index > start {
                arguments.push(&inner[start..index]);
            }
            start = index + usize::from(is_comma);
        }
    }
    if start < inner.len() {
        arguments.push(&inner[start..]);
    }
    arguments
}
