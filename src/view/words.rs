//! Text in columns, and bytes as text.

/// Text in lines of so many columns, broken at spaces.
pub fn wrapped(text: &str, columns: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split(' ').filter(|word| !word.is_empty()) {
        match lines.last_mut() {
            Some(line) if line.len() + 1 + word.len() <= columns => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

/// What a measurement leaves out, if the program has forked so many processes.
#[cfg(feature = "host")]
pub fn left_out(forked: u64) -> Option<String> {
    match forked {
        0 => None,
        1 => Some("1 process that the program forked is not counted".to_owned()),
        _ => Some(format!(
            "{forked} processes that the program forked are not counted"
        )),
    }
}

/// Bytes in hexadecimal, in the order of memory.
pub fn spaced(bytes: &[u8]) -> String {
    let bytes: Vec<String> = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    bytes.join(" ")
}
