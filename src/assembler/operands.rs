//! Operands of instructions, and numbers.

use super::lex::{Spaced, Token};
use portolan_machine::assembly::{Assembly, Atom, Expression, Operation, Part};

/// The operands of an instruction.
///
/// # Errors
/// What is wrong with them.
pub fn atoms(assembly: &Assembly, mnemonic: &str, tokens: &[Spaced]) -> Result<Vec<Atom>, String> {
    let mut atoms = Vec::new();
    let mut rest = tokens;
    while let [first, after @ ..] = rest {
        match &first.token {
            Token::Sign(',') => rest = after,
            Token::Sign('(') if is_register(assembly, after) => {
                atoms.push(Atom::Open);
                rest = after;
            }
            Token::Sign(')') => {
                atoms.push(Atom::Close);
                rest = after;
            }
            Token::Word(word) if assembly.register(word).is_some() => {
                atoms.extend(assembly.register(word).map(Atom::Register));
                rest = after;
            }
            Token::Word(word) if word.starts_with('$') && !word.starts_with("$fcc") => {
                return Err(format!("no register is called {word}"));
            }
            _ => {
                let (number, after) = expression(rest, mnemonic == "li.s")?;
                atoms.push(Atom::Number(number));
                rest = after;
            }
        }
    }
    Ok(atoms)
}

fn is_register(assembly: &Assembly, tokens: &[Spaced]) -> bool {
    match tokens.first().map(|it| &it.token) {
        // One that there is not is told as such.
        Some(Token::Word(word)) => word.starts_with('$') || assembly.register(word).is_some(),
        _ => false,
    }
}

/// A number, and the tokens behind it. Operators bind as in GNU as: `*`, `/`, `%`, `<<` and `>>` first, then `&`, `|` and `^`, and
/// `+` and `-` last. Where numbers may be followed by others without a comma, `1 -2` are two, and `1 - 2` is one.
///
/// # Errors
/// If there is none.
pub fn expression(tokens: &[Spaced], is_single: bool) -> Result<(Expression, &[Spaced]), String> {
    computed(tokens, is_single, 0)
}

/// Operators by how they bind, the loosest first.
const LEVELS: [&[(&str, Operation)]; 3] = [
    &[("+", Operation::Add), ("-", Operation::Subtract)],
    &[
        ("&", Operation::And),
        ("|", Operation::Or),
        ("^", Operation::ExclusiveOr),
    ],
    &[
        ("*", Operation::Multiply),
        ("/", Operation::Divide),
        ("%", Operation::Remainder),
        ("<<", Operation::ShiftLeft),
        (">>", Operation::ShiftRight),
    ],
];

/// What operators of a level and of those that bind closer make of numbers.
fn computed(
    tokens: &[Spaced],
    is_single: bool,
    level: usize,
) -> Result<(Expression, &[Spaced]), String> {
    let Some(operators) = LEVELS.get(level) else {
        return term(tokens, is_single);
    };
    let (mut value, mut rest) = computed(tokens, is_single, level + 1)?;
    while let Some((operation, after)) = operators.iter().find_map(|it| operator(it, rest)) {
        let (right, after) = computed(after, is_single, level + 1)?;
        value = Expression::computed(operation, value, right);
        rest = after;
    }
    Ok((value, rest))
}

/// An operator, if tokens begin with it and something follows.
fn operator<'a>(
    (spelling, operation): &(&str, Operation),
    tokens: &'a [Spaced],
) -> Option<(Operation, &'a [Spaced])> {
    let (signs, rest) = tokens.split_at_checked(spelling.len())?;
    let is_it = signs.iter().zip(spelling.chars()).all(|(it, sign)| {
        // A remainder's sign may begin a word, too.
        it.token == Token::Sign(sign) || it.token == Token::Word(sign.to_string())
    });
    let is_one = signs[1..].iter().all(|it| !it.after_space);
    let stands_between = match operation {
        Operation::Add | Operation::Subtract => {
            !signs[0].after_space || rest.first().is_some_and(|next| next.after_space)
        }
        _ => true,
    };
    (is_it && is_one && stands_between && !rest.is_empty()).then_some((*operation, rest))
}

/// The lower part of a distance of which another instruction has the upper one.
const PAIRED: &str = "%pcrel_lo";

/// What a symbol of [`paired`] says: the label of the other instruction.
pub fn other_half(symbol: &str) -> Option<&str> {
    let inner = symbol.strip_prefix(PAIRED)?.strip_prefix('(')?;
    inner.strip_suffix(')')
}

/// `%pcrel_lo(label)`: the distance is a symbol, as it is known only with all instructions.
fn paired(tokens: &[Spaced]) -> Result<(Expression, &[Spaced]), String> {
    match tokens {
        [open, label, close, rest @ ..]
            if open.token == Token::Sign('(') && close.token == Token::Sign(')') =>
        {
            if let Token::Word(label) = &label.token {
                let distance = Expression::Symbol(format!("{PAIRED}({label})"));
                return Ok((Expression::Part(Part::Lower12, Box::new(distance)), rest));
            }
        }
        _ => {}
    }
    Err(format!(
        "{PAIRED} wants the label of the instruction with %pcrel_hi in parentheses"
    ))
}

fn term(tokens: &[Spaced], is_single: bool) -> Result<(Expression, &[Spaced]), String> {
    let Some((first, rest)) = tokens.split_first() else {
        return Err("a number or a label is missing".to_owned());
    };
    let real = |number: f64| match is_single {
        true => i64::from((number as f32).to_bits()),
        false => number.to_bits() as i64,
    };
    let known = |number| Ok((Expression::Known(number), rest));
    match &first.token {
        Token::Integer(number) if is_single => known(real(*number as f64)),
        Token::Integer(number) => known(*number),
        Token::Real(number) => known(real(*number)),
        Token::Sign('-') => match rest {
            [
                Spaced {
                    token: Token::Real(number),
                    ..
                },
                after @ ..,
            ] => Ok((Expression::Known(real(-number)), after)),
            [
                Spaced {
                    token: Token::Integer(number),
                    ..
                },
                after @ ..,
            ] if is_single => Ok((Expression::Known(real(-(*number as f64))), after)),
            _ => {
                let (value, after) = term(rest, is_single)?;
                let value = match value {
                    Expression::Known(number) => Expression::Known(number.wrapping_neg()),
                    other => Expression::computed(Operation::Subtract, Expression::Known(0), other),
                };
                Ok((value, after))
            }
        },
        Token::Sign('+') => term(rest, is_single),
        Token::Sign('~') => {
            let (value, after) = term(rest, is_single)?;
            let ones = Expression::Known(-1);
            Ok((
                Expression::computed(Operation::ExclusiveOr, value, ones),
                after,
            ))
        }
        Token::Sign('(') => match expression(rest, is_single)? {
            (value, [close, after @ ..]) if close.token == Token::Sign(')') => Ok((value, after)),
            _ => Err("a parenthesis is not closed".to_owned()),
        },
        Token::Word(word) => {
            let part = match word.as_str() {
                "%hi" => Part::Upper20,
                "%lo" => Part::Lower12,
                "%pcrel_hi" => Part::RelativeUpper20,
                PAIRED => return paired(rest),
                _ => return Ok((Expression::Symbol(word.clone()), rest)),
            };
            let [open, rest @ ..] = rest else {
                return Err(format!("{word} wants a label in parentheses"));
            };
            let (inner, rest) = expression(rest, is_single)?;
            match (&open.token, rest) {
                (Token::Sign('('), [close, rest @ ..]) if close.token == Token::Sign(')') => {
                    Ok((Expression::Part(part, Box::new(inner)), rest))
                }
                _ => Err(format!("{word} wants a label in parentheses")),
            }
        }
        Token::Text(_) => Err("a string is no operand".to_owned()),
        Token::Sign(sign) => Err(format!("{sign:?} is no number")),
    }
}
