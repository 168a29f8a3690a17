//! What the ELF files of x86-64 say of the processor that they are for: `.note.gnu.property`, by the
//! psABI, section "Program Property".

use portolan_linux::abi::Sections;

/// What processors have: a bit for each level of the psABI.
const ISA_1_NEEDED: u32 = 0xc000_8002;
/// What all parts of the program are compiled for.
const FEATURE_1_AND: u32 = 0xc000_0002;

const LEVELS: [&str; 4] = ["x86-64 baseline", "x86-64-v2", "x86-64-v3", "x86-64-v4"];
const FEATURES: [&str; 2] = ["indirect branch tracking (IBT)", "shadow stacks (SHSTK)"];

/// What a file was compiled for.
pub fn describe(_: u32, section: Sections<'_>) -> Vec<String> {
    let Some(note) = section(".note.gnu.property") else {
        return Vec::new();
    };
    let mut marks = Vec::new();
    for (kind, bits) in properties(&note) {
        match kind {
            ISA_1_NEEDED => {
                let highest = (0..LEVELS.len()).rev().find(|level| bits >> level & 1 != 0);
                marks.extend(highest.map(|level| LEVELS[level].to_owned()));
            }
            FEATURE_1_AND => {
                let marked = (0..).zip(FEATURES).filter(|(bit, _)| bits >> bit & 1 != 0);
                marks.extend(marked.map(|(_, name)| name.to_owned()));
            }
            _ => {}
        }
    }
    marks
}

/// The properties of one word. A note: sizes of name and description, type, name; the description is
/// a list of types, sizes and values, each in whole words of 8 bytes.
fn properties(note: &[u8]) -> Vec<(u32, u32)> {
    const HEADER: usize = 16;
    let word = |bytes: &[u8], at: usize| -> Option<u32> {
        Some(u32::from_le_bytes(bytes.get(at..at + 4)?.try_into().ok()?))
    };
    let mut found = Vec::new();
    let Some(size) = word(note, 4) else {
        return found;
    };
    let mut rest = note.get(HEADER..).unwrap_or_default();
    rest = &rest[..rest.len().min(size as usize)];
    while let (Some(kind), Some(size)) = (word(rest, 0), word(rest, 4)) {
        if let (4, Some(value)) = (size, word(rest, 8)) {
            found.push((kind, value));
        }
        let next = (size as usize).saturating_add(8 + 7) & !7;
        rest = rest.get(next..).unwrap_or_default();
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(words: &[u32]) -> Vec<u8> {
        words.iter().flat_map(|word| word.to_le_bytes()).collect()
    }

    #[test]
    fn the_note_tells_the_level_and_what_is_marked() {
        let gnu = u32::from_le_bytes(*b"GNU\0");
        let note = words(&[4, 32, 5, gnu, FEATURE_1_AND, 4, 1, 0, ISA_1_NEEDED, 4, 3, 0]);
        let section = |name: &str| (name == ".note.gnu.property").then(|| note.clone());
        let marks = describe(0, &section);
        assert_eq!(marks, ["indirect branch tracking (IBT)", "x86-64-v2"]);
        for cut in 0..note.len() {
            describe(0, &|_| Some(note[..cut].to_vec()));
        }
        assert!(describe(0, &|_| None).is_empty());
    }
}
