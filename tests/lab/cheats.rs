//! Programs that do not do what they are asked for, but try to look as if they did.

use super::*;
use support::guests;

fn cheat(isa: &str, source: &str, lab: &str) -> Option<(Value, i32)> {
    let scratch = TempDir::new();
    let path = scratch.path().join("cheat.c");
    fs::write(&path, source).expect("a source");
    let program = compiled(guests::named(isa), &path, &scratch)?;
    Some(verdict(&super::lab(&scratch, lab), &program))
}

const NO_MULTIPLICATION: &str = "
    title = 'no multiplication'
    [[call]]
    function = 'square'
    arguments = [7]
    result = 49
    [instructions]
    forbidden = ['*mul*']
    functions = ['square']
";

#[test]
fn instructions_in_data_count() {
    let source = |code: &str| {
        format!(
            "#include <sys/mman.h>
            #include <string.h>
            static const unsigned char code[] = {{{code}}};
            int square(int n) {{
                void *page = mmap(0, 4096, 7, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
                memcpy(page, code, sizeof code);
                __builtin___clear_cache(page, (char *)page + 4096);
                return ((int (*)(int))page)(n);
            }}
            int main(void) {{ return square(1) != 1; }}"
        )
    };
    for (isa, code) in [
        // mul a0, a0, a0; ret
        ("riscv64", "0x33, 0x05, 0xa5, 0x02, 0x67, 0x80, 0, 0"),
        // mov eax, edi; imul eax, eax; ret
        ("x86_64", "0x89, 0xf8, 0x0f, 0xaf, 0xc0, 0xc3"),
    ] {
        let Some((verdict, status)) = cheat(isa, &source(code), NO_MULTIPLICATION) else {
            return;
        };
        assert_eq!(
            (failed(&verdict), status),
            (vec!["the instructions used"], 1),
            "{isa}"
        );
        let found = differences(&verdict, "the instructions used");
        assert!(found.contains("is executed (at 0x"), "{found}");
    }
}

#[test]
fn instructions_that_are_not_reached_count() {
    let source = "
        int square(int n) {
            if (n == 7) return 49;
            return n * n;
        }
        int main(void) { return square(1) != 1; }";
    let Some((verdict, _)) = cheat("riscv64", source, NO_MULTIPLICATION) else {
        return;
    };
    let found = differences(&verdict, "the instructions used");
    assert!(
        found.contains("mulw is in the program (at square"),
        "{found}"
    );
}

#[test]
fn required_instructions_have_to_run() {
    let source = "
        int unused(int n) { return n * n; }
        int square(int n) { return n == 7 ? 49 : 0; }
        int main(void) { return square(1) != 0; }";
    let lab = NO_MULTIPLICATION.replace("forbidden", "required");
    let Some((verdict, _)) = cheat("riscv64", source, &lab) else {
        return;
    };
    let found = differences(&verdict, "the instructions used");
    assert!(found.contains("*mul* is not executed"), "{found}");
}

const ANY: &str = "
    title = 'ends'
    steps = 1_000_000
    seconds = 1
    [[case]]
    name = 'ends'
    stdout = 'x'
";

#[test]
fn other_processes_are_not_allowed() {
    let source = "
        #include <unistd.h>
        #include <sys/wait.h>
        int main(void) {
            if (fork() == 0) { write(1, \"x\", 1); _exit(0); }
            wait(0);
            return 0;
        }";
    for isa in ["riscv64", "x86_64", "mips"] {
        let Some((verdict, _)) = cheat(isa, source, ANY) else {
            return;
        };
        let found = differences(&verdict, "ends");
        assert!(found.contains("starts another process"), "{isa}: {found}");
        let allowed = ANY.replace("steps", "processes = true\nsteps");
        let Some((verdict, _)) = cheat(isa, source, &allowed) else {
            return;
        };
        assert_eq!(failed(&verdict), [""; 0], "{isa}: {verdict}");
    }
}

#[test]
fn programs_that_do_not_end_are_stopped() {
    let waits = "#include <unistd.h>\nint main(void) { for (;;) pause(); }";
    let computes = "int main(void) { for (volatile int n = 0;; n++); }";
    let floods = "
        #include <unistd.h>
        static char much[1 << 20];
        int main(void) { for (;;) write(1, much, sizeof much); }";
    for (source, why) in [
        (waits, "stopped after 1 seconds"),
        (computes, "stopped after 1000000 instructions, at main"),
        (floods, "stopped after it wrote 16 MiB"),
    ] {
        let Some((verdict, status)) = cheat("riscv64", source, ANY) else {
            return;
        };
        let found = differences(&verdict, "ends");
        assert!(found.contains(why), "{found}");
        assert_eq!(status, 1);
    }
}

#[test]
fn a_crash_fails_and_says_where() {
    let source = "int main(void) { *(volatile int *)8 = 1; }";
    let Some((verdict, _)) = cheat("riscv64", source, ANY) else {
        return;
    };
    let found = differences(&verdict, "ends");
    assert!(
        found.contains("SIGSEGV: it writes to 0x8") && found.contains("(at main"),
        "{found}"
    );
}

#[test]
fn expectations_are_nowhere_to_be_found() {
    // Neither arguments nor environment nor files of the process that runs it tell of them.
    let source = r#"
        #include <stdio.h>
        #include <dirent.h>
        extern char **environ;
        int main(void) {
            int entries = 0;
            DIR *directory = opendir(".");
            while (readdir(directory)) entries++;
            directory = opendir("..");
            while (readdir(directory)) entries++;
            printf("%d %d\n", entries, environ[0] == 0);
            return 0;
        }"#;
    let lab = "title = 'x'\n[[case]]\nname = 'alone'\nstdout = '5 1'\n";
    let Some((verdict, _)) = cheat("riscv64", source, lab) else {
        return;
    };
    assert_eq!(failed(&verdict), [""; 0], "{verdict}");
}
