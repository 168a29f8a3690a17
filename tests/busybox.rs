//! Debian's busybox for another ISA: a hundred small tools in one binary. Each command runs under Portolan and under
//! QEMU, in copies of the same directory; output, status and what is left in the directory must be the same.
#![cfg(feature = "host")]

#[macro_use]
mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File, Permissions};
use std::iter;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, UNIX_EPOCH};

use support::guests::Guest;
use support::{End, TempDir, portolan, run, workspace};

/// What the commands find: text, numbers, bytes, a directory, a link, a file they may not write.
fn furnish(at: &Path) {
    let text =
        "The quick brown fox\njumps over\nthe lazy dog\n\nand\tthe lazy dog sleeps\nthe end\n";
    let numbers: String = (0..200u32)
        .map(|i| format!("{}\n", i * 7919 % 1009))
        .collect();
    let bytes: Vec<u8> = (0..5000u32).map(|i| (i * i / 7 % 251) as u8).collect();
    let long = text.repeat(400);
    let table = "red 3 0.5\ngreen 12 2.25\nblue 7 -1\ngreen 1 10\nred 20 0.125\n";
    fs::create_dir_all(at.join("dir/deep/deeper")).expect("a directory");
    for (name, content) in [
        ("text", text.as_bytes()),
        ("other", text.replace("lazy", "busy").as_bytes()),
        ("numbers", numbers.as_bytes()),
        ("bytes", &bytes),
        ("long", long.as_bytes()),
        ("table", table.as_bytes()),
        ("empty", b""),
        ("dir/one.c", b"int one;\n"),
        ("dir/two.h", b"int two;\n"),
        ("dir/deep/three.c", b"int three;\n"),
        ("dir/deep/deeper/four.txt", b"four\n"),
    ] {
        fs::write(at.join(name), content).expect(name);
    }
    symlink("dir/one.c", at.join("link")).expect("a link");
    fs::set_permissions(at.join("other"), fs::Permissions::from_mode(0o640)).expect("permissions");

    // Last, as every entry that is made changes its directory: listings and archives hold the times.
    let then = UNIX_EPOCH + Duration::from_secs(1_000_000_000);
    for name in inventory(at)
        .keys()
        .filter(|name| name.as_os_str() != "link")
    {
        let file = File::open(at.join(name)).expect("it was just made");
        file.set_modified(then).expect("its owner may");
    }
}

/// All there is below a directory: what kind of thing it is, who may use it, what is in it.
fn inventory(at: &Path) -> BTreeMap<PathBuf, String> {
    let mut found = BTreeMap::new();
    let mut left = vec![at.to_owned()];
    while let Some(path) = left.pop() {
        let about = fs::symlink_metadata(&path).expect("it was just listed");
        let mode = about.permissions().mode();
        let content = if about.is_dir() {
            left.extend(
                fs::read_dir(&path)
                    .expect("a directory")
                    .map(|entry| entry.expect("an entry").path()),
            );
            "a directory".to_owned()
        } else if about.is_symlink() {
            format!("-> {}", fs::read_link(&path).expect("a link").display())
        } else if about.is_file() {
            fs::read(&path).expect("a file").escape_ascii().to_string()
        } else {
            "neither file nor directory nor link".to_owned()
        };
        found.insert(
            path.strip_prefix(at).expect("below it").to_owned(),
            format!("{mode:o} {content}"),
        );
    }
    found
}

/// Splits as a shell does, with single quotes only.
fn words(line: &str) -> Vec<String> {
    let mut words = Vec::new();
    for (i, part) in line.split('\'').enumerate() {
        match i % 2 {
            0 => words.extend(part.split_whitespace().map(str::to_owned)),
            _ => words.push(part.to_owned()),
        }
    }
    words
}

/// Makes a directory of commands, one an applet, that run it under QEMU. Debian's shell may start an applet by executing
/// `/proc/self/exe`: QEMU gives that to this machine's kernel, which cannot run it, and the shell tries `PATH` next,
/// where it would find this machine's program of the name.
fn applets_for_qemu(qemu: &Command, busybox: &Path, at: &Path) {
    let words = iter::once(qemu.get_program()).chain(qemu.get_args());
    let qemu: Vec<_> = words.map(|word| word.to_string_lossy()).collect();
    let (qemu, busybox) = (qemu.join(" "), busybox.display());
    fs::create_dir(at).expect("a directory");
    let applet = at.join("applet");
    let script = format!("#!/bin/sh\nexec {qemu} {busybox} \"${{0##*/}}\" \"$@\"\n");
    fs::write(&applet, script).expect("a script");
    fs::set_permissions(&applet, Permissions::from_mode(0o755)).expect("permissions");
    let list = format!("{qemu} {busybox} --list");
    let list = run(Command::new("sh").args(["-c", &list]), b"");
    for name in list.text().lines() {
        symlink("applet", at.join(name)).expect("a link");
    }
}

/// Runs a command in a freshly furnished directory, which is gone afterwards: the next run finds the same under the same
/// name, as some commands print it.
fn one(
    mut runner: Command,
    here: &Path,
    path: &str,
    busybox: &Path,
    command: &[String],
    input: &str,
) -> (End, BTreeMap<PathBuf, String>) {
    fs::create_dir(here).expect("a directory to work in");
    furnish(here);
    runner
        .arg(busybox)
        .args(command)
        .current_dir(here)
        .env_clear()
        .env("PATH", path)
        .env("LC_ALL", "C")
        .env("TZ", "UTC");
    let end = run(&mut runner, input.as_bytes());
    let left = inventory(here);
    fs::remove_dir_all(here).expect("nobody uses it");
    (end, left)
}

/// Runs the commands and panics with all that differ.
fn compare_commands(guest: &Guest, commands: impl Iterator<Item = (Vec<String>, String)>) {
    let Some(root) = guest.debian_root() else {
        return;
    };
    let busybox = root.join("bin/busybox");
    let scratch = TempDir::new();
    let here = scratch.path().join("here");
    let Some(qemu) = guest.qemu() else { return };
    let applets = scratch.path().join("applets");
    applets_for_qemu(&qemu, &busybox, &applets);
    let path = format!("{}:/usr/bin:/bin", applets.display());
    let mut wrong = Vec::new();
    for (command, input) in commands {
        let line = command.join(" ");
        let Some(qemu) = guest.qemu() else { return };
        let (theirs, their_files) = one(qemu, &here, &path, &busybox, &command, &input);
        let (ours, our_files) = one(portolan(), &here, &path, &busybox, &command, &input);
        if ours != theirs {
            wrong.push(format!(
                "{line}\n  Portolan {ours:?}\n  QEMU     {theirs:?}"
            ));
        }
        let names: BTreeSet<_> = our_files.keys().chain(their_files.keys()).collect();
        for name in names {
            let (ours, theirs) = (our_files.get(name), their_files.get(name));
            if ours != theirs {
                let name = name.display();
                wrong.push(format!(
                    "{line} leaves {name}\n  Portolan {ours:?}\n  QEMU     {theirs:?}"
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Runs the commands of a text, one a line; what follows `<<<`, with `\n` and `\r` in it, is its input.
fn compare(guest: &Guest, lines: &str) {
    compare_commands(
        guest,
        lines
            .lines()
            .map(str::trim)
            .filter(|line| !line.is_empty())
            .map(|line| {
                let (command, input) = line.split_once(" <<< ").unwrap_or((line, ""));
                let input = input.replace("\\n", "\n").replace("\\r", "\r");
                (words(command), input)
            }),
    );
}

/// Reading and writing text.
fn text(guest: &Guest) {
    compare(
        guest,
        r#"
        cat text table
        cat -n text
        cat -A text
        cat missing
        tac text
        rev text
        head -n 2 text
        tail -n 2 text
        tail -c 10 text
        wc text long numbers bytes empty
        sort text
        sort -n -r numbers
        sort -k 2,2n -k 1,1 table
        sort -u numbers
        uniq -c <<< a\na\nb\nb\nb\na
        cut -d ' ' -f 1,3 table
        cut -c 3-9 text
        tr a-z A-Z <<< shout this
        tr -d aeiou <<< drop the vowels
        fold -w 7 text
        expand text
        unexpand -a <<< a        b        c
        nl text
        paste -d , table numbers
        grep -n -i THE text
        grep -v -c lazy text
        grep -o '[a-z]*z[a-z]*' text
        egrep 'o(x|ver)' text
        fgrep . table
        grep nothing text
        sed 's/\(.*\) \(.*\)/\2 \1/' table
        sed -n '/jumps/,/end/{=;p}' text
        sed -i 's/lazy/sleepy/g' text
        awk '{ n[$1] += $2 } END { print n["red"], n["green"], length(n) }' table
        awk '{ s += $3; l = length($1) > l ? length($1) : l } END { printf "%.3f %d %s\n", s, l, toupper(substr($1, 2)) }' table
        awk 'BEGIN { for (i = 1; i < 10; i++) printf "%d %.6f %x\n", i, sqrt(i) * sin(i), 2 ^ i }'
        strings -n 4 bytes
        dos2unix <<< one\r\ntwo\r\n
        diff text other
        diff -u text other
        cmp text other
        cmp -l text other
        tee copy <<< to two places
        xargs -n 2 echo <<< one two\nthree four five
        "#,
    );
}

/// Arithmetic, checksums, dumps.
fn numbers_and_sums(guest: &Guest) {
    compare(
        guest,
        r#"
        sha256sum text long bytes empty
        sha512sum bytes
        sha1sum long
        sha3sum bytes
        md5sum text bytes
        crc32 bytes
        base64 bytes
        base64 -d <<< cG9ydG9sYW4K
        uuencode -m text name
        od -A x -t x1 bytes
        od -t d4 -N 64 bytes
        hexdump -C -n 80 bytes
        xxd -l 64 bytes
        seq 1 3 20
        seq -w 8 11
        factor 1234567890 1000000007 1000000000039 18446744073709551615
        expr 7 * 6
        expr abcdef : '.*\(cd\)'
        bc <<< scale=20; sqrt(2); 2^100; 10/3
        dc <<< 40k 2 v p 16 o 255 p
        printf '%5d|%-8s|%x|%.3f|%e\n' 42 left 255 3.14159 123456.789
        echo -e 'tab\tnewline\n\x41'
        test 3 -lt 4
        test -d dir -a -f text
        [ abc = abd ]
        date -u -d @1000000000
        date -u -d '2001-09-09 01:46:40' '+%s %A %j'
        cal 9 1752
        ipcalc -n 192.168.77.5/20
        ascii
        "#,
    );
}

/// The file system.
fn files(guest: &Guest) {
    compare(
        guest,
        r#"
        ls
        ls -l dir
        ls -R
        ls -la dir/deep
        ls missing
        stat -c '%n %s %a %F' text dir link other
        find . -name '*.c'
        find . -size +10k
        find . -name '*.h' -o -type l
        cp text copy
        cp -r dir copy
        cp -a dir copy
        mv text moved
        mv dir/one.c dir/deep
        rm text
        rm -r dir
        rm missing
        mkdir -p new/er/est
        mkdir dir
        rmdir dir
        rmdir dir/deep/deeper
        ln text hard
        ln -s dir soft
        readlink link
        readlink -f link
        realpath dir/../link
        touch fresh
        touch -d @5 text
        chmod 600 text
        chmod -R a+x dir
        du -a -b dir
        dd if=bytes of=part bs=100 skip=3 count=7
        dd if=text of=bytes bs=1 seek=50 conv=notrunc count=5
        truncate -s 100 bytes
        basename /usr/lib/name.so .so
        dirname /usr/lib/name.so
        which ls
        pwd -P
        install -m 755 text tool
        shred -u -n 1 empty
        unlink link
        mkfifo pipe
        fallocate -l 500 empty
        "#,
    );
}

/// Compressors, by the bytes they make.
fn archives(guest: &Guest) {
    compare(
        guest,
        r#"
        tar cf all.tar dir text
        tar czf all.tgz dir
        tar tvf /dev/null
        gzip long
        gzip -9 -c long
        gzip -c bytes
        bzip2 long
        bzip2 -c bytes
        lzop -c long
        ar -t missing.a
        "#,
    );
}

/// What is left.
fn the_system(guest: &Guest) {
    compare(
        guest,
        r#"
        uname -m -s
        id -u
        whoami
        nproc
        true
        false
        sleep 0
        usleep 10
        getopt ab:c -a -b value rest
        tty <<< x
        which missing
        unknown-applet
        --list
        "#,
    );
}

/// Runs scripts with the shell, as [`compare`] runs commands.
fn compare_scripts(guest: &Guest, scripts: &[&str]) {
    compare_commands(
        guest,
        scripts.iter().map(|script| {
            (
                vec!["sh".into(), "-c".into(), (*script).into()],
                String::new(),
            )
        }),
    );
}

/// Programs that feed each other: fork, exec, pipes, wait.
fn pipelines(guest: &Guest) {
    compare_scripts(
        guest,
        &[
            r#"cat long | sort | uniq -c | sort -rn | head -3"#,
            r#"ls | while read f; do echo "<$f>"; done"#,
            r#"seq 1 1000 | awk '{ s += $1 } END { print s }' | rev"#,
            r#"tar cf - dir | tar tf - | sort"#,
            r#"tar czf a.tgz dir && rm -r dir && tar xzf a.tgz && find dir | sort && rm a.tgz"#,
            r#"gzip long && gunzip long.gz && sha256sum long && bzip2 long && bunzip2 long.bz2 && md5sum long"#,
            r#"yes chart | head -n 3"#,
            r#"env | sort"#,
            r#"cat text | tee one two | wc -l; cmp one two && echo same"#,
            r#"sed s/a/b/ < text | tr b c | grep -c c"#,
            r#"(echo one; echo two >&2) 2>&1 | sort -r"#,
            r#"cat < numbers | sort -n | sed -n '1p;$p' | paste -s -d -"#,
            r#"echo cG9ydG9sYW4K | base64 -d | od -c | head -1"#,
        ],
    );
}

/// The shell's own work: variables, functions, jobs, traps, redirection.
fn scripts(guest: &Guest) {
    compare_scripts(
        guest,
        &[
            r#"f() { [ $1 -le 1 ] && echo 1 || echo $(( $1 * $(f $(( $1 - 1 ))) )); }; f 10"#,
            r#"i=0; while [ $i -lt 20 ]; do i=$((i + 1)); case $i in *[02468]) continue;; 15) break;; esac; echo $i; done"#,
            r#"set -- a 'b c' d; for x in "$@"; do echo "[$x]"; done; shift; echo $# $1"#,
            r#"x=portolan.chart.txt; echo ${x%.*} ${x##*.} ${#x} ${x%%.*} ${y:-unset}"#,
            r#"trap 'echo leaving' EXIT; echo working; exit 3"#,
            r#"trap 'echo caught' USR1; kill -USR1 $$; echo after"#,
            r#"(exit 7); echo $?; false || echo no; true && echo yes"#,
            r#"sleep 0 & wait $!; echo done $?"#,
            "cat <<END | sort\nzwei\neins\nEND",
            r#"echo a > f; echo b >> f; cat f; exec 3< f; read x <&3; echo read $x"#,
            r#"for i in 1 2 3; do (echo child $i; exit $i) & wait $! || echo status $?; done"#,
            r#"echo *.missing dir/*.c t[a-f]*; cd dir && pwd -P | sed 's,.*/,,'"#,
            r#"umask 027; echo x > private; mkdir closed; stat -c %a private closed"#,
            r#"sh -c 'echo inner $0 $1' name arg; echo outer"#,
            r#"kill -TERM $$; echo never"#,
            r#"mkfifo p; (cat p | tr a-z A-Z) & echo through a pipe > p; wait"#,
            r#"readonly r=1; (r=2) 2>/dev/null; echo $?; printf '%s-' a b c; echo"#,
            r#"x=$(cat text | wc -w); echo $((x * 2)); eval 'y=$x'; echo $y; unset x; echo ${x-gone}"#,
            r#"exec 2>&1; ls missing; cat < missing; echo $?"#,
        ],
    );
}

/// A program that starts another of its ISA. QEMU hands the other to the host, which cannot run it (and, if a shell is
/// asked to, says so of its bytes): what is expected is written here.
fn exec_of_the_same_isa(guest: &Guest) {
    let Some(root) = guest.debian_root() else {
        return;
    };
    let busybox = root.join("bin/busybox");
    let scratch = TempDir::new();
    let here = scratch.path().join("here");
    for (line, expected) in [
        ("find dir -name 'o*.c' -exec wc -c {} ;", "9 dir/one.c\n"),
        ("env -i A=1 B=2 env", "A=1\nB=2\n"),
        ("timeout 60 expr 6 * 7", "42\n"),
        ("setsid echo alone", "alone\n"),
        (
            "sh -c 'ls dir | xargs -n 1 echo got'",
            "got deep\ngot one.c\ngot two.h\n",
        ),
        (
            "sh -c 'find . -type f | sort | xargs cat | wc -c'",
            "36827\n",
        ),
        (
            "sh -c 'diff -u text other > d; patch text < d; cmp text other && echo patched'",
            "patching file text\npatched\n",
        ),
        (
            "sh -c 'find . -name \"*.c\" | cpio -o -H newc | cpio -t | sort'",
            "dir/deep/three.c\ndir/one.c\n",
        ),
        ("sh -c 'exec expr 1 + 1'", "2\n"),
        (
            "sh -c 'time -p true 2>&1 | cut -d \" \" -f 1'",
            "real\nuser\nsys\n",
        ),
        ("sh -c 'env X=inner sh -c \"expr length inner\"'", "5\n"),
    ] {
        let (end, _) = one(
            portolan(),
            &here,
            "/usr/bin:/bin",
            &busybox,
            &words(line),
            "",
        );
        assert_eq!(
            (end.text().as_str(), end.status),
            (expected, 0),
            "{line}: {end:?}"
        );
    }
}

/// A program that starts one of another instruction set, of this machine's too: that is emulated, as the trace of its
/// calls shows, with the options of the first.
fn exec_of_another_isa(guest: &Guest) {
    let Some(root) = guest.debian_root() else {
        return;
    };
    let scratch = TempDir::new();
    let trace = scratch.path().join("trace");
    for other in ["riscv64", "mips", "mipsel", "mips64", "x86_64"] {
        let rom = workspace().join("roms/bin").join(other).join("hello");
        let mut portolan = portolan();
        portolan.arg(format!("--strace={}", trace.display()));
        portolan.arg(root.join("bin/busybox")).args(["sh", "-c"]);
        let end = run(portolan.arg(format!("{}; echo $?", rom.display())), b"");
        let expected = "Hello from the other side of the instruction set.\n0\n";
        assert_eq!((end.text().as_str(), end.status), (expected, 0), "{other}");
        let trace = fs::read_to_string(&trace).expect("a trace");
        assert!(trace.contains("write(1, \"Hello from"), "{other}:\n{trace}");
    }
}

each_guest! {
    text: super::text;
    numbers_and_sums: super::numbers_and_sums;
    files: super::files;
    archives: super::archives;
    the_system: super::the_system;
    pipelines: super::pipelines;
    scripts: super::scripts;
    exec_of_the_same_isa: super::exec_of_the_same_isa;
    exec_of_another_isa: super::exec_of_another_isa;
}
