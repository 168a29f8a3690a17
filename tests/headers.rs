//! The numbers and structures of each guest's Linux ABI are those of the kernel's headers, as its compiler sees them: a
//! program prints what the headers say.
#![cfg(feature = "host")]

#[macro_use]
mod support;

use std::collections::HashMap;
use std::fmt::Write;
use std::fs;
use std::process::Command;

use portolan::guests::GUESTS;
use portolan_linux::abi::Abi;
use portolan_linux::constants::Constant;
use portolan_linux::errno::Errno;
use portolan_linux::layout::Layout;
use portolan_linux::personality::{self, Personality};
use support::guests::Guest;
use support::{TempDir, portolan, run};

/// The kernel's headers. The C library's say the same in other words, and cannot be in one file with them.
const HEADERS: &str = "
int printf(const char *, ...);
typedef __SIZE_TYPE__ size_t;
typedef int pid_t;
#include <asm/bitsperlong.h>
#include <asm/errno.h>
#include <asm/unistd.h>
#include <asm/termbits.h>
#include <asm/termios.h>
#include <asm/ioctls.h>
#include <asm/fcntl.h>
#include <asm/signal.h>
#include <asm/siginfo.h>
#include <asm/mman.h>
#include <linux/mman.h>
#include <asm/resource.h>
#include <asm/poll.h>
#include <asm/socket.h>
#include <asm/sockios.h>
#include <linux/sockios.h>
#include <linux/fs.h>
#include <asm/stat.h>
#include <asm/statfs.h>
#include <asm/shmbuf.h>
#include <asm/sembuf.h>
#include <asm/msgbuf.h>
#include <linux/eventpoll.h>
";

/// What a program of the guest's says: a number for each name.
fn said(guest: &Guest, body: &str) -> Option<HashMap<String, u64>> {
    let scratch = TempDir::new();
    let (source, program) = (scratch.path().join("said.c"), scratch.path().join("said"));
    let text = format!("{HEADERS}int main(void) {{\n{body}return 0;\n}}\n");
    fs::write(&source, text).expect("a scratch file");
    let mut compiler = Command::new(guest.compiler()?);
    compiler.args(["-static", "-w", "-o"]);
    let end = run(compiler.arg(&program).arg(&source), b"");
    assert_eq!(end.status, 0, "{}", String::from_utf8_lossy(&end.stderr));
    let end = run(portolan().arg(&program), b"");
    assert_eq!(end.status, 0, "{end:?}");
    let text = end.text();
    let numbers = text.lines().map(|line| {
        let (name, number) = line.split_once(' ').expect("a name and a number");
        let number = u64::from_str_radix(number, 16).expect("hexadecimal");
        (name.to_owned(), number)
    });
    Some(numbers.collect())
}

/// Compares what is expected of each name with what the headers have; a name that they do not have is passed over.
fn compare(guest: &Guest, expected: &[(String, u64)], least: usize) {
    let mut body = String::new();
    for (name, _) in expected {
        writeln!(
            body,
            "#ifdef {name}\nprintf(\"{name} %llx\\n\", (unsigned long long)(unsigned)({name}));\n#endif"
        )
        .expect("a string");
    }
    let Some(said) = said(guest, &body) else {
        return;
    };
    for (name, number) in expected {
        if let Some(theirs) = said.get(name) {
            assert_eq!(number, theirs, "{name} on {}", guest.isa);
        }
    }
    assert!(said.len() >= least, "{} are known", said.len());
}

fn abi(guest: &Guest) -> &'static Abi {
    let mut ports = GUESTS.iter();
    let port = ports.find(|port| port.guest.name() == guest.isa);
    port.and_then(|port| port.abi).expect("a guest with an ABI")
}

fn constants(guest: &Guest) {
    let sets = &abi(guest).constants;
    let sets: [&[Constant]; 16] = [
        sets.open,
        sets.fcntl,
        sets.signals,
        sets.signal_action,
        sets.signal_mask,
        sets.signal_codes,
        sets.mmap,
        sets.limits,
        sets.poll,
        sets.socket_options,
        sets.ioctl,
        sets.terminal_input,
        sets.terminal_output,
        sets.terminal_control,
        sets.terminal_local,
        sets.terminal_characters,
    ];
    let mut expected: Vec<(String, u64)> = sets
        .into_iter()
        .flatten()
        .map(|constant| (constant.name.to_owned(), constant.value))
        .collect();
    let level = abi(guest).constants.socket_level;
    expected.push(("SOL_SOCKET".to_owned(), level as u64));
    compare(guest, &expected, 250);
}

fn errors(guest: &Guest) {
    let personality = Personality::new(abi(guest));
    let named = |number| {
        let errno = Errno::from_host(number);
        let name = errno.name()?.to_owned();
        Some((name, u64::from(personality.error(errno))))
    };
    let expected: Vec<_> = (1..=133).filter_map(named).collect();
    compare(guest, &expected, 130);
}

fn calls(guest: &Guest) {
    let numbers = personality::numbers(abi(guest).numbers);
    let expected: Vec<_> = numbers
        .map(|(number, name)| (format!("__NR_{name}"), number))
        .collect();
    compare(guest, &expected, 250);
}

fn structures(guest: &Guest) {
    let (abi, mut body, mut expected) = (abi(guest), String::new(), Vec::new());
    let mut add = |structure: &str, layout: &Layout, place: &dyn Fn(&str) -> Option<String>| {
        let mut ask = |name: String, expression: String, expected_value: u16| {
            writeln!(
                body,
                "printf(\"{name} %llx\\n\", (unsigned long long){expression});"
            )
            .expect("a string");
            expected.push((name, u64::from(expected_value)));
        };
        let tag = structure.replace(' ', "_");
        ask(tag.clone(), format!("sizeof({structure})"), layout.size);
        for field in layout.fields {
            if let Some(place) = place(field.name) {
                let offset = format!("__builtin_offsetof({structure}, {place})");
                ask(format!("{tag}.{}", field.name), offset, field.offset);
            }
        }
    };
    let (layouts, narrow) = (&abi.layouts, abi.shape.word == 4);
    let plain = |name: &str| match name {
        "f_fsid_high" => None,
        // Of MIPS: since Linux 5.18 the header has them in another order than its own 64-bit kernel and C libraries.
        "l_sysid" | "l_pid" if narrow => None,
        name => Some(name.to_owned()),
    };
    add("struct stat", &layouts.stat, &plain);
    add("struct statfs", &layouts.statfs, &plain);
    add("struct sigaction", &layouts.sigaction, &plain);
    add("stack_t", &layouts.stack, &plain);
    add("struct flock", &layouts.flock, &plain);
    add("struct termios", &layouts.termios, &plain);
    add("struct epoll_event", &layouts.epoll_event, &plain);
    if narrow {
        add("struct stat64", &layouts.stat64, &plain);
        add("struct statfs64", &layouts.statfs64, &plain);
        add("struct flock64", &layouts.flock64, &plain);
    }
    // What they begin with has names of its own. Times in two halves that are one number here have no name.
    let of = |prefix: &'static str| {
        move |name: &str| match name {
            "msg_stime" | "msg_rtime" | "msg_ctime" if narrow => None,
            name if name.starts_with(prefix) => Some(name.to_owned()),
            name => Some(format!("{prefix}perm.{name}")),
        }
    };
    add("struct shmid64_ds", &layouts.shmid, &of("shm_"));
    add("struct semid64_ds", &layouts.semid, &of("sem_"));
    add("struct msqid64_ds", &layouts.msqid, &of("msg_"));
    let Some(said) = said(guest, &body) else {
        return;
    };
    for (name, number) in expected {
        assert_eq!(said[&name], number, "{name} on {}", guest.isa);
    }
}

each_guest! {
    constants_are_those_of_the_headers: constants;
    errors_are_those_of_the_headers: errors;
    calls_are_those_of_the_headers: calls;
    structures_are_those_of_the_headers: structures;
}
