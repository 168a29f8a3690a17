//! Operands of instructions, and numbers.

use super::lex::{Spaced, Token};
use portolan_machine::assembly::{Assembly, Atom, Expression, Part};

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
            Token::Sign('(') => {
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

/// A number, and the tokens behind it: sums and differences of numbers and labels. Where numbers may be followed by others without a
/// comma, `1 -2` are two, and `1 - 2` is one.
///
/// # Errors
/// If there is none.
pub fn expression(tokens: &[Spaced], is_single: bool) -> Result<(Expression, &[Spaced]), String> {
    let (mut sum, mut rest) = term(tokens, is_single)?;
    while let [sign, next, ..] = rest
        && let Token::Sign(operation @ ('+' | '-')) = sign.token
        && (!sign.after_space || next.after_space)
    {
        let (right, after) = term(&rest[1..], is_single)?;
        let (left, right) = (Box::new(sum), Box::new(right));
        sum = match operation {
            '+' => Expression::Sum(left, right),
            _ => Expression::Difference(left, right),
        };
        rest = after;
    }
    Ok((sum, rest))
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
                    other => {
                        Expression::Difference(Box::new(Expression::Known(0)), Box::new(other))
                    }
                };
                Ok((value, after))
            }
        },
        Token::Sign('+') => term(rest, is_single),
        Token::Word(word) => {
            let part = match word.as_str() {
                "%hi" => Part::Upper20,
                "%lo" => Part::Lower12,
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
