//! A line of assembly in words, numbers and signs.

/// A part of a line.
#[derive(Clone, Debug, PartialEq)]
pub enum Token {
    /// A name: of a label, a register, a directive, an instruction.
    Word(String),
    /// An integer, or a character.
    Integer(i64),
    /// A number with a point or an exponent.
    Real(f64),
    /// Characters between quotes.
    Text(Vec<u8>),
    /// Anything else.
    Sign(char),
}

/// A token, and whether white space is before it.
#[derive(Clone, Debug, PartialEq)]
pub struct Spaced {
    /// The token.
    pub token: Token,
    /// Whether white space, or the start of the line, is before it.
    pub after_space: bool,
}

/// The tokens of a line, up to its comment.
///
/// # Errors
/// What is wrong with it.
pub fn line(text: &str) -> Result<Vec<Spaced>, String> {
    let mut tokens = Vec::new();
    let mut rest = text;
    let mut after_space = true;
    while let Some(first) = rest.chars().next() {
        if first == '#' {
            break;
        }
        if first.is_whitespace() || first == '\u{feff}' {
            rest = &rest[first.len_utf8()..];
            after_space = true;
            continue;
        }
        let (token, length) = match first {
            '"' => text_literal(rest)?,
            '\'' => character(rest)?,
            _ if first.is_ascii_digit() => number(rest)?,
            _ if is_word(first) => {
                let end = rest.find(|c: char| !is_word(c) && !c.is_ascii_digit());
                let end = end.unwrap_or(rest.len());
                (Token::Word(rest[..end].to_owned()), end)
            }
            _ => (Token::Sign(first), first.len_utf8()),
        };
        tokens.push(Spaced { token, after_space });
        rest = &rest[length..];
        after_space = false;
    }
    Ok(tokens)
}

fn is_word(character: char) -> bool {
    character.is_alphabetic() || "_.$%@".contains(character)
}

fn number(text: &str) -> Result<(Token, usize), String> {
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '.' || c == '_';
    let mut end = text.find(|c| !is_part(c)).unwrap_or(text.len());
    // The sign of an exponent
    let is_real = |digits: &str| !digits.starts_with("0x") && !digits.starts_with("0X");
    if is_real(&text[..end])
        && text[..end].ends_with(['e', 'E'])
        && text[end..].starts_with(['+', '-'])
    {
        let after = &text[end + 1..];
        end += 1 + after
            .find(|c: char| !c.is_ascii_digit())
            .unwrap_or(after.len());
    }
    let digits = &text[..end];
    let lower = digits.to_ascii_lowercase();
    let whole = match (lower.strip_prefix("0x"), lower.strip_prefix("0b")) {
        (Some(digits), _) => u64::from_str_radix(digits, 16),
        (_, Some(digits)) => u64::from_str_radix(digits, 2),
        _ => lower.parse(),
    };
    let token = match whole {
        Ok(number) => Token::Integer(number as i64),
        Err(_) => match digits.parse::<f64>() {
            Ok(number) if is_real(digits) => Token::Real(number),
            _ => return Err(format!("{digits} is no number")),
        },
    };
    Ok((token, end))
}

/// The character that an escape such as `\n` stands for.
fn escaped(letter: char) -> Option<u8> {
    Some(match letter {
        'n' => b'\n',
        't' => b'\t',
        'r' => b'\r',
        'b' => 8,
        'f' => 12,
        'v' => 11,
        'a' => 7,
        '0' => 0,
        '\\' | '"' | '\'' => letter as u8,
        _ => return None,
    })
}

fn text_literal(text: &str) -> Result<(Token, usize), String> {
    let mut bytes = Vec::new();
    let mut characters = text.char_indices().skip(1);
    while let Some((at, character)) = characters.next() {
        match character {
            '"' => return Ok((Token::Text(bytes), at + 1)),
            '\\' => {
                let (_, letter) = characters.next().ok_or("the string has no end")?;
                let byte = escaped(letter).ok_or_else(|| format!("\\{letter} is no escape"))?;
                bytes.push(byte);
            }
            _ => bytes.extend(character.encode_utf8(&mut [0; 4]).bytes()),
        }
    }
    Err("the string has no end: a quotation mark is missing".to_owned())
}

fn character(text: &str) -> Result<(Token, usize), String> {
    let mut characters = text.char_indices().skip(1).map(|(_, character)| character);
    let wrong = || "a character is written as 'a' or '\\n'".to_owned();
    let first = characters.next().ok_or_else(wrong)?;
    let (value, length) = match first {
        '\\' => {
            let letter = characters.next().ok_or_else(wrong)?;
            (i64::from(escaped(letter).ok_or_else(wrong)?), 2)
        }
        _ => (i64::from(u32::from(first)), first.len_utf8()),
    };
    match text[1 + length..].starts_with('\'') {
        true => Ok((Token::Integer(value), length + 2)),
        false => Err(wrong()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tokens(text: &str) -> Vec<Token> {
        let tokens = line(text).unwrap_or_else(|error| panic!("{text}: {error}"));
        tokens.into_iter().map(|it| it.token).collect()
    }

    #[test]
    fn lines_are_words_numbers_and_signs() {
        let word = |text: &str| Token::Word(text.to_owned());
        assert_eq!(
            tokens("a.b: lw $t0, -0x10($sp) # x"),
            [
                word("a.b"),
                Token::Sign(':'),
                word("lw"),
                word("$t0"),
                Token::Sign(','),
                Token::Sign('-'),
                Token::Integer(16),
                Token::Sign('('),
                word("$sp"),
                Token::Sign(')'),
            ]
        );
        assert_eq!(
            tokens("'#' '\\n'"),
            [Token::Integer(35), Token::Integer(10)]
        );
        assert_eq!(
            tokens("1.5e-3 2e3 0xe"),
            [Token::Real(0.0015), Token::Real(2000.0), Token::Integer(14)]
        );
        assert_eq!(tokens(r##""a\t\"#""##), [Token::Text(b"a\t\"#".to_vec())]);
    }

    #[test]
    fn what_has_no_end_is_refused() {
        for text in ["\"a", "'ab'", "'", "12ab", "\"\\q\"", "0xg"] {
            assert!(line(text).is_err(), "{text}");
        }
    }
}
