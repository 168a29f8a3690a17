//! What compilers do not make: see tests/disassembly for the rest.

use super::*;

/// The lines of both syntaxes, as objdump writes them.
fn lines(bytes: &[u8]) -> [String; 2] {
    [Syntax::Att, Syntax::Intel].map(|syntax| {
        let line = Writer { syntax }.line(bytes, 0x1000);
        format!("{} {}", line.mnemonic, line.operands)
    })
}

#[test]
fn an_index_that_is_none_is_shown() {
    for (bytes, att, intel) in [
        (
            &[0x8b, 0x04, 0x20][..],
            "mov (%rax,%riz,1),%eax",
            "mov eax,DWORD PTR [rax+riz*1]",
        ),
        (
            &[0x8b, 0x04, 0x24],
            "mov (%rsp),%eax",
            "mov eax,DWORD PTR [rsp]",
        ),
        (
            &[0x8b, 0x04, 0x64],
            "mov (%rsp,%riz,2),%eax",
            "mov eax,DWORD PTR [rsp+riz*2]",
        ),
        (
            &[0x41, 0x8b, 0x04, 0x23],
            "mov (%r11,%riz,1),%eax",
            "mov eax,DWORD PTR [r11+riz*1]",
        ),
        (
            &[0x8b, 0x44, 0x20, 5],
            "mov 0x5(%rax,%riz,1),%eax",
            "mov eax,DWORD PTR [rax+riz*1+0x5]",
        ),
        (
            &[0x67, 0x8b, 0x04, 0x25, 1, 0, 0, 0],
            "mov 0x1(,%eiz,1),%eax",
            "mov eax,DWORD PTR [eiz*1+0x1]",
        ),
    ] {
        assert_eq!(lines(bytes), [att, intel], "{bytes:02x?}");
    }
}

#[test]
fn hints_of_jumps_are_suffixes_in_one_syntax() {
    assert_eq!(lines(&[0x3e, 0x74, 0]), ["je,pt ", "ds je "]);
    assert_eq!(
        lines(&[0x2e, 0x0f, 0x85, 0, 0, 0, 0]),
        ["jne,pn ", "cs jne "]
    );
    assert_eq!(lines(&[0x3e, 0x2e, 0x74, 0])[0], "ds cs je ");
}
