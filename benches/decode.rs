//! Instructions a second, decoded, disassembled and recorded, over the code of a rom.

#[path = "support/clock.rs"]
mod clock;

use criterion::{Bencher, Criterion, Throughput, criterion_group, criterion_main};
use object::read::elf::ElfFile64;
use object::{Endianness, Object, ObjectSection};
use portolan::guests;
use portolan_machine::guest::Style;
use std::hint::black_box;
use std::path::Path;

fn decode(criterion: &mut Criterion) {
    let guest = guests::named("riscv64").expect("known");
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("roms/bin/riscv64/matmul");
    let file = std::fs::read(path).expect("the roms are part of the repository");
    let elf = ElfFile64::<Endianness>::parse(&*file).expect("an ELF file");
    let text = elf.section_by_name(".text").expect("it has code");
    let start = text.address();
    let text = text.data().expect("in the file");
    // The instructions with the bytes from each on, and their addresses.
    let mut instructions = Vec::new();
    let mut disassembler = guest.disassembler(Style::default());
    let mut at = 0;
    while at < text.len() {
        let pc = start + at as u64;
        instructions.push((pc, &text[at..]));
        at += usize::from(disassembler.line(&text[at..], pc).length);
    }
    let mut group = criterion.benchmark_group("riscv64");
    group.throughput(Throughput::Elements(instructions.len() as u64));
    group.bench_function("decode", |bencher| {
        measure(bencher, || {
            for (_, bytes) in &instructions {
                let _ = black_box(portolan_riscv::decode::decode(bytes));
            }
        });
    });
    group.bench_function("disassemble", |bencher| {
        measure(bencher, || {
            let mut disassembler = guest.disassembler(Style::default());
            for (pc, bytes) in &instructions {
                black_box(disassembler.line(bytes, *pc));
            }
        });
    });
    group.bench_function("record", |bencher| {
        measure(bencher, || {
            for (pc, bytes) in &instructions {
                let _ = black_box(guest.record(bytes, *pc));
            }
        });
    });
}

fn measure(bencher: &mut Bencher, mut work: impl FnMut()) {
    bencher.iter_custom(|times| {
        let start = clock::now();
        (0..times).for_each(|_| work());
        clock::now() - start
    });
}

criterion_group!(benches, decode);
criterion_main!(benches);
