use super::*;

fn write(disassembler: &mut Riscv, word: u32, pc: u64) -> String {
    let line = disassembler.line(&word.to_le_bytes(), pc);
    line.text(&|address| format!("{address:#x}"))
        .replace('\t', " ")
}

#[test]
fn instructions_are_written_as_binutils_wrote_them() {
    let golden = include_str!("golden.txt").lines();
    for line in golden.filter(|line| !line.is_empty() && !line.starts_with('#')) {
        let [encoding, with_aliases, without] = line.split('|').collect::<Vec<_>>()[..] else {
            panic!("{line:?} has three columns");
        };
        let word = u32::from_str_radix(encoding.trim(), 16).unwrap();
        for (aliases, expected) in [(true, with_aliases), (false, without)] {
            let style = Style {
                aliases,
                ..Style::default()
            };
            let written = write(&mut Riscv::new(style), word, 0);
            assert_eq!(written, expected.trim(), "{encoding}");
        }
    }
}

#[test]
fn registers_are_numbered_on_request() {
    let style = Style {
        abi_names: false,
        ..Style::default()
    };
    let mut disassembler = Riscv::new(style);
    assert_eq!(
        write(&mut disassembler, 0x00c5_f553, 0),
        "fadd.s f10,f11,f12"
    );
    assert_eq!(write(&mut disassembler, 0x0005_0593, 0), "mv x11,x10");
}

#[test]
fn an_address_made_by_two_instructions_stands_with_the_second() {
    let mut disassembler = Riscv::new(Style::default());
    assert_eq!(
        write(&mut disassembler, 0x0000_2517, 0x1000),
        "auipc a0,0x2"
    );
    assert_eq!(
        write(&mut disassembler, 0xffc5_0513, 0x1004),
        "add a0,a0,-4 # 0x2ffc"
    );
    // That was its last use: a0 may hold something else by now.
    assert_eq!(write(&mut disassembler, 0x0005_2583, 0x1008), "lw a1,0(a0)");
}

#[test]
fn offsets_from_gp_are_addresses_once_the_file_says_where_it_points() {
    let mut disassembler = Riscv::new(Style::default());
    let load = 0xff01_a503;
    assert_eq!(write(&mut disassembler, load, 0), "lw a0,-16(gp)");
    disassembler.symbol("__global_pointer$", 0x1_2800);
    assert_eq!(write(&mut disassembler, load, 0), "lw a0,-16(gp) # 0x127f0");
}

#[test]
fn any_bytes_give_a_line_no_longer_than_they_are() {
    let mut disassembler = Riscv::new(Style::default());
    for first in 0..=u16::MAX {
        let [low, high] = first.to_le_bytes();
        for length in 1..=24 {
            let bytes = [low, high].repeat(12);
            let line = disassembler.line(&bytes[..length], 0);
            assert!(line.length > 0 && usize::from(line.length) <= length);
        }
    }
}
