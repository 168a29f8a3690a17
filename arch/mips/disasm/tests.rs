use super::*;
use crate::{MIPS, MIPS64, MIPSEL};
use portolan_machine::guest::Guest;

fn write(guest: &'static dyn Guest, bytes: &[u8], style: Style) -> String {
    let line = guest.disassembler(style).line(bytes, 0x40_0000);
    line.text(&|address| format!("{address:#x}"))
        .replace('\t', " ")
}

fn big(word: u32) -> String {
    write(&MIPS, &word.to_be_bytes(), Style::default())
}

#[test]
fn instructions_are_written_as_binutils_wrote_them() {
    for (word, expected) in [
        (0x0000_0000, "nop"),
        (0x03a0_f025, "move s8,sp"),
        (0x2402_0fa1, "li v0,4001"),
        (0x3c1c_0002, "lui gp,0x2"),
        (0x8f99_8018, "lw t9,-32744(gp)"),
        (0x0320_f809, "jalr t9"),
        (0x0411_0001, "bal 0x400008"),
        (0x1000_ffff, "b 0x400000"),
        (0x0c10_0004, "jal 0x400010"),
        (0x0040_01f4, "teq v0,zero,0x7"),
        (0x0007_000d, "break 0x7"),
        (0x7c03_e83b, "rdhwr v1,$29"),
        (0x4002_6000, "mfc0 v0,c0_status"),
        (0x4602_003c, "c.lt.s $f0,$f2"),
        (0x4622_073c, "c.lt.d $fcc7,$f0,$f2"),
        (0x7c82_3940, "ext v0,a0,0x5,0x8"),
        (0x7082_1020, "clz v0,a0"),
        (0x7863_10ce, "addv.d $w3,$w2,$w3"),
        (0xffff_ffff, ".word 0xffffffff"),
    ] {
        assert_eq!(big(word), expected, "{word:08x}");
    }
}

#[test]
fn short_forms_and_names_of_registers_are_optional() {
    let move_ = 0x03a0_f025u32.to_be_bytes();
    let style = Style {
        aliases: false,
        abi_names: false,
        ..Style::default()
    };
    assert_eq!(write(&MIPS, &move_, style), "or $30,$29,$0");
}

#[test]
fn registers_have_the_names_of_the_calling_convention() {
    let addu = 0x0109_5021u32.to_be_bytes();
    assert_eq!(write(&MIPS, &addu, Style::default()), "addu t2,t0,t1");
    assert_eq!(write(&MIPS64, &addu, Style::default()), "addu a6,a4,a5");
}

#[test]
fn addresses_wrap_at_the_guests_width() {
    let far = 0x1000_8000u32.to_be_bytes(); // b .-131068
    let line = |guest: &'static dyn Guest| {
        let line = guest.disassembler(Style::default()).line(&far, 0);
        line.target
    };
    assert_eq!(line(&MIPS), Some(0xfffe_0004));
    assert_eq!(line(&MIPS64), Some(0xffff_ffff_fffe_0004));
}

#[test]
fn any_bytes_give_a_line_no_longer_than_they_are() {
    for first in 0..=u16::MAX {
        let [low, high] = first.to_le_bytes();
        for length in 1..=8 {
            let bytes = [low, high, 0x21, 0x10, low, high, 0, 0];
            for guest in [&MIPS, &MIPSEL] {
                let line = Guest::disassembler(guest, Style::default()).line(&bytes[..length], 0);
                assert!(line.length > 0 && usize::from(line.length) <= length);
            }
        }
    }
}
