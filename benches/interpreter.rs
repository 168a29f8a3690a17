//! Guest instructions a second, of every rom that scales.

mod handwritten;
mod support;

use criterion::{Bencher, Criterion, Throughput, criterion_group, criterion_main};
use std::time::Duration;
use support::clock;

fn roms(criterion: &mut Criterion) {
    for rom in support::ROMS {
        let elf = rom.elf();
        let expected = support::run(&mut rom.machine(&elf));
        let mut group = criterion.benchmark_group(rom.name);
        group.throughput(Throughput::Elements(expected.1));
        group.sample_size(20);
        group.bench_function("portolan", |bencher| {
            measure(bencher, &expected, || {
                let mut machine = rom.machine(&elf);
                move || support::run(&mut machine)
            });
        });
        if rom.integer {
            group.bench_function("hand-written", |bencher| {
                measure(bencher, &expected, || {
                    let mut other = rom.handwritten(&elf);
                    move || support::run_handwritten(&mut other)
                });
            });
        }
    }
}

/// Measures what `prepare` prepares: a run that must end as expected.
fn measure<R: FnOnce() -> support::Outcome>(
    bencher: &mut Bencher,
    expected: &support::Outcome,
    prepare: impl Fn() -> R,
) {
    bencher.iter_custom(|times| {
        let once = |_| {
            let run = prepare();
            let start = clock::now();
            let outcome = run();
            let time = clock::now() - start;
            assert_eq!(outcome, *expected);
            time
        };
        (0..times).map(once).sum::<Duration>()
    });
}

criterion_group!(benches, roms);
criterion_main!(benches);
