//! Plain instances of common instructions, from which the relatives of other instruction sets' ones are
//! found. What they do, semantics say; here is only how they are encoded.

/// Bytes in hexadecimal; `ib` and `id` stand for a number of one and of four bytes, with its sign.
const ENCODINGS: &[&str] = &[
    // Arithmetic: eax or rax with a number, with itself or with ebx or rbx.
    "83 c0 ib",
    "48 83 c0 ib",
    "05 id",
    "48 05 id",
    "01 d8",
    "48 01 d8",
    "83 e8 ib",
    "48 83 e8 ib",
    "2d id",
    "48 2d id",
    "29 d8",
    "48 29 d8",
    "83 e0 ib",
    "48 83 e0 ib",
    "25 id",
    "48 25 id",
    "21 d8",
    "48 21 d8",
    "83 c8 ib",
    "48 83 c8 ib",
    "0d id",
    "48 0d id",
    "09 d8",
    "48 09 d8",
    "83 f0 ib",
    "48 83 f0 ib",
    "35 id",
    "48 35 id",
    "31 d8",
    "48 31 d8",
    "f7 d8",
    "48 f7 d8",
    "f7 d0",
    "48 f7 d0",
    "0f af c3",
    "48 0f af c3",
    "6b c3 ib",
    "48 6b c3 ib",
    // Shifts, by a number and by cl; those of BMI2 by ecx or rcx, into another register.
    "c1 e0 ib",
    "48 c1 e0 ib",
    "c1 e8 ib",
    "48 c1 e8 ib",
    "c1 f8 ib",
    "48 c1 f8 ib",
    "c1 c8 ib",
    "48 c1 c8 ib",
    "c1 c0 ib",
    "48 c1 c0 ib",
    "d3 e0",
    "48 d3 e0",
    "d3 e8",
    "48 d3 e8",
    "d3 f8",
    "48 d3 f8",
    "d3 c8",
    "48 d3 c8",
    "d3 c0",
    "48 d3 c0",
    "c4 e2 71 f7 c3",
    "c4 e2 f1 f7 c3",
    "c4 e2 73 f7 c3",
    "c4 e2 f3 f7 c3",
    "c4 e2 72 f7 c3",
    "c4 e2 f2 f7 c3",
    // Moves and addresses.
    "89 d8",
    "48 89 d8",
    "b8 id",
    "48 c7 c0 id",
    "8d 04 0b",
    "48 8d 04 0b",
    "8d 43 ib",
    "48 8d 43 ib",
    "48 8d 83 id",
    "48 8d 04 59",
    "48 8d 04 99",
    "48 8d 04 d9",
    "0f be c3",
    "48 0f be c3",
    "0f bf c3",
    "48 0f bf c3",
    "48 63 c3",
    "0f b6 c3",
    "0f b7 c3",
    // Loads and stores at rbx, or so far from it.
    "8b 03",
    "48 8b 03",
    "0f b6 03",
    "0f b7 03",
    "0f be 03",
    "48 0f be 03",
    "0f bf 03",
    "48 0f bf 03",
    "48 63 03",
    "88 03",
    "66 89 03",
    "89 03",
    "48 89 03",
    "8b 43 ib",
    "48 8b 43 ib",
    "0f b6 43 ib",
    "0f b7 43 ib",
    "0f be 43 ib",
    "48 0f be 43 ib",
    "0f bf 43 ib",
    "48 0f bf 43 ib",
    "48 63 43 ib",
    "88 43 ib",
    "66 89 43 ib",
    "89 43 ib",
    "48 89 43 ib",
    "8b 83 id",
    "48 8b 83 id",
    "89 83 id",
    "48 89 83 id",
    // The stack pointer.
    "48 83 c4 ib",
    "48 83 ec ib",
    "48 81 c4 id",
    "48 81 ec id",
    "48 8b 44 24 ib",
    "48 89 44 24 ib",
    "8b 44 24 ib",
    "89 44 24 ib",
    "48 8d 44 24 ib",
    // Bits and bytes.
    "0f c8",
    "48 0f c8",
    "f3 0f b8 c3",
    "f3 48 0f b8 c3",
    "f3 0f bd c3",
    "f3 48 0f bd c3",
    "f3 0f bc c3",
    "f3 48 0f bc c3",
    "c4 e2 60 f2 c1",
    "c4 e2 e0 f2 c1",
    // Jumps, traps and the rest.
    "eb 40",
    "ff e3",
    "0f 05",
    "90",
    "cc",
    "0f 0b",
    "0f ae f0",
    // Floating point, in xmm0 and xmm1.
    "f2 0f 58 c1",
    "f2 0f 5c c1",
    "f2 0f 59 c1",
    "f2 0f 5e c1",
    "f2 0f 51 c1",
    "f3 0f 58 c1",
    "f3 0f 5c c1",
    "f3 0f 59 c1",
    "f3 0f 5e c1",
    "f3 0f 51 c1",
    "f2 0f 10 03",
    "f2 0f 11 03",
    "f2 0f 10 43 ib",
    "f2 0f 11 43 ib",
    "66 48 0f 6e c3",
    "66 48 0f 7e c3",
    "66 0f 6e c3",
    "66 0f 7e c3",
    "f2 48 0f 2a c3",
    "f2 0f 2a c3",
    "f3 0f 5a c1",
    "f2 0f 5a c1",
];

/// Their bytes with a number, where it fits.
pub fn instances(constant: i64) -> Vec<Vec<u8>> {
    ENCODINGS
        .iter()
        .filter_map(|text| bytes(text, constant))
        .collect()
}

fn bytes(text: &str, constant: i64) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    for word in text.split(' ') {
        match word {
            "ib" => bytes.extend(i8::try_from(constant).ok()?.to_le_bytes()),
            "id" => bytes.extend(i32::try_from(constant).ok()?.to_le_bytes()),
            _ => bytes.push(u8::from_str_radix(word, 16).ok()?),
        }
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decode::decode;

    #[test]
    fn each_is_one_instruction() {
        for text in ENCODINGS {
            let bytes = bytes(text, 8).unwrap_or_else(|| panic!("{text} is no hexadecimal"));
            let length = decode(&bytes, 0).map(|it| usize::from(it.length));
            assert_eq!(length, Ok(bytes.len()), "{text}");
        }
    }
}
