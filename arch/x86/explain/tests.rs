use super::*;

fn explained(bytes: &[u8]) -> Explanation {
    explain(bytes, 0x1000).unwrap()
}

/// The fields as `name=value: meaning`.
fn told(bytes: &[u8]) -> Vec<String> {
    let fields = explained(bytes).fields;
    fields
        .iter()
        .map(|field| format!("{}={:#x}: {}", field.name, field.value, field.meaning))
        .collect()
}

#[test]
fn the_manuals_notation() {
    for (bytes, notation, assembly) in [
        (
            &[0x48, 0x83, 0xec, 0x08][..],
            "REX.W + 83 /5 ib  SUB r/m64, imm8",
            "sub rsp,0x8",
        ),
        (&[0x55], "50+ro  PUSH r64", "push rbp"),
        (
            &[0x0f, 0xb6, 0xc0],
            "0F B6 /r  MOVZX r32, r/m8",
            "movzx eax,al",
        ),
        (
            &[0xf3, 0x0f, 0xb8, 0xc1],
            "F3 0F B8 /r  POPCNT r32, r/m32",
            "popcnt eax,ecx",
        ),
        (&[0x74, 0x02], "74 cb  JE rel8", "je 0x1004"),
    ] {
        let it = explained(bytes);
        assert_eq!(
            (it.notation.as_str(), it.assembly.as_str()),
            (notation, assembly)
        );
    }
}

#[test]
fn every_bit_of_a_subtraction() {
    assert_eq!(
        told(&[0x48, 0x83, 0xec, 0x08]),
        [
            "REX=0x4: a REX prefix",
            "W=0x1: operands of 64 bits",
            "R=0x0: no 8 added to ModRM.reg",
            "X=0x0: no 8 added to SIB.index",
            "B=0x0: no 8 added to ModRM.rm, SIB.base or the opcode",
            "opcode=0x83: one of adc, add, and, cmp, or, sbb, sub, xor",
            "mod=0x3: rm is a register",
            "reg=0x5: /5: sub",
            "rm=0x4: rsp",
            "imm8=0x8: 8",
        ]
    );
}

#[test]
fn every_bit_of_an_access() {
    // mov eax, fs:[r13 + r8*4 - 8]
    assert_eq!(
        told(&[0x64, 0x43, 0x8b, 0x44, 0x85, 0xf8]),
        [
            "prefix=0x64: in the segment of fs",
            "REX=0x4: a REX prefix",
            "W=0x0: the usual operand size",
            "R=0x0: no 8 added to ModRM.reg",
            "X=0x1: 8 added to SIB.index",
            "B=0x1: 8 added to ModRM.rm, SIB.base or the opcode",
            "opcode=0x8b: mov",
            "mod=0x1: in memory, with a displacement of 8 bits",
            "reg=0x0: eax",
            "rm=0x4: a SIB byte follows",
            "scale=0x2: index times 4",
            "index=0x0: r8",
            "base=0x5: r13",
            "disp8=0xf8: -8",
        ]
    );
}

#[test]
fn every_byte_is_told_once() {
    let samples: &[&[u8]] = &[
        &[0x48, 0xb8, 1, 2, 3, 4, 5, 6, 7, 8],
        &[0xc8, 0x10, 0x00, 0x01],
        &[0x66, 0x0f, 0x3a, 0x0f, 0x44, 0x17, 0xf0, 0x01],
        &[0xc5, 0xfd, 0x6f, 0x0e],
        &[0xc4, 0xe3, 0x75, 0x4a, 0x44, 0x88, 0x10, 0x30],
        &[0xc4, 0xe2, 0x75, 0x92, 0x04, 0x98],
        &[0x62, 0xf1, 0xfe, 0x48, 0x6f, 0x01],
        &[0xe9, 0, 0, 0, 0],
        &[0xd9, 0xc9],
        &[0x8b, 0x04, 0x25, 0x10, 0, 0, 0],
        &[0x0f, 0x05],
        &[0x41, 0x50],
    ];
    for bytes in samples {
        let bits: usize = explained(bytes)
            .fields
            .iter()
            .map(|field| usize::from(field.bits.0 - field.bits.1) + 1)
            .sum();
        assert_eq!(bits, 8 * bytes.len(), "{bytes:02x?}: {:?}", told(bytes));
    }
}

#[test]
fn what_is_known_by_name_only_is_explained_and_refused() {
    let it = explained(&[0x62, 0xf1, 0x7d, 0x48, 0x6f, 0x0e]);
    assert_eq!(
        (it.name.as_str(), it.extension.as_str()),
        ("vmovdqa32", "AVX512F")
    );
    assert_eq!(it.graph.flow, Flow::Trap);
}
