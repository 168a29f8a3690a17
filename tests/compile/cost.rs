//! What compiling costs: `cargo bench -p portolan-compile`, or with `-- --show NAME..` the code.

#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
fn main() {
    costs::main();
}

#[cfg(not(all(target_os = "linux", target_arch = "x86_64")))]
fn main() {}

#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
mod costs {
    use portolan_compile::{Compiler, EVERYTHING};
    use portolan_machine::graph::Graph;
    use portolan_machine::guest::Guest;
    use portolan_riscv::{Riscv64, decode};
    use std::time::Duration;

    /// A few of each kind.
    const ALONE: &[&str] = &[
        "addi",
        "add",
        "addw",
        "sub",
        "sll",
        "slt",
        "srliw",
        "mul",
        "mulh",
        "mulhsu",
        "div",
        "divw",
        "remu",
        "clz",
        "rol",
        "rorw",
        "rev8",
        "orc.b",
        "max",
        "lw",
        "lbu",
        "ld",
        "sb",
        "sd",
        "beq",
        "jal",
        "jalr",
        "lr.d",
        "sc.d",
        "amoadd.d",
        "amomaxu.w",
        "fadd.d",
        "fsgnj.s",
        "fence",
        "ecall",
    ];

    /// Runs of instructions, as they come in hashes and in loops over memory.
    const TOGETHER: &[&[&str]] = &[
        &[
            "add", "addw", "slliw", "srliw", "or", "xor", "and", "addi", "sltu", "bne",
        ],
        &[
            "lw", "addw", "slliw", "srliw", "or", "xor", "and", "addi", "sd", "bne",
        ],
        &["ld", "sd", "ld", "sd", "ld", "sd", "ld", "sd", "ld", "sd"],
    ];

    /// How often each is compiled: the fastest counts.
    const TIMES: usize = 300;

    pub fn main() {
        let window = 0x2_0000..0x2_1000;
        let mut checked = Compiler::new(&Riscv64, window, false);
        let mut unchecked = Compiler::new(&Riscv64, EVERYTHING, false);
        let arguments: Vec<String> = std::env::args().skip(1).collect();
        if let Some(at) = arguments.iter().position(|argument| argument == "--show") {
            for name in arguments[at + 1..]
                .iter()
                .filter(|name| !name.starts_with('-'))
            {
                let (given, made) = checked.explain(&[instruction(name, 0)]);
                println!("# {name}\n{given}\n{made}");
            }
            return;
        }
        println!("                            memory checked            unchecked");
        println!("microseconds        lowering Cranelift  bytes   Cranelift  bytes");
        for name in ALONE {
            report([&mut checked, &mut unchecked], name, &[name]);
        }
        for names in TOGETHER {
            println!("{}:", names.join(" "));
            report([&mut checked, &mut unchecked], "once", names);
            report(
                [&mut checked, &mut unchecked],
                "ten times",
                &names.repeat(10),
            );
        }
    }

    fn report(compilers: [&mut Compiler; 2], what: &str, names: &[&str]) {
        let numbered = names.iter().enumerate();
        let graphs: Vec<Graph> = numbered
            .map(|(n, name)| instruction(name, n as u64))
            .collect();
        let microseconds = |time: Duration| time.as_secs_f64() * 1e6;
        print!("{what:18}");
        for (n, compiler) in compilers.into_iter().enumerate() {
            let (mut lowering, mut cranelift, mut size) = (Duration::MAX, Duration::MAX, 0);
            for _ in 0..TIMES {
                let (first, second, bytes) = compiler.cost(&graphs);
                lowering = lowering.min(first);
                cranelift = cranelift.min(second);
                size = bytes;
            }
            if n == 0 {
                print!(" {:9.1}", microseconds(lowering));
            }
            print!(" {:9.1} {size:6}  ", microseconds(cranelift));
        }
        println!();
    }

    /// The `n`-th instruction of a run: its registers are not those of its neighbours.
    fn instruction(name: &str, n: u64) -> Graph {
        let row = decode::rows().position(|row| row.name == name);
        let row = row.unwrap_or_else(|| panic!("no instruction is called {name:?}"));
        let register = |k| 10 + ((n + k) % 8) as i64;
        let word = decode::pattern(row).encode(&[
            ("rd", register(2)),
            ("rs1", register(0)),
            ("rs2", register(1)),
            ("imm", 16),
            ("shamt5", 7),
            ("shamt6", 7),
        ]);
        let pc = 0x4_0000 + 4 * n;
        Riscv64
            .record(&word.to_le_bytes(), pc)
            .expect("an instruction")
    }
}
