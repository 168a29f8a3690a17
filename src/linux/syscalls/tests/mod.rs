//! Calls made by the made-up instruction set of `testing.rs`, which shares no number, width or
//! byte order with the host.

mod ipc;
mod sockets;

use crate::errno::Errno;
use crate::testing::{Bench, FAILED, FIRST, RESULT, SP};
use crate::thread::Exit;
use std::fs;
use std::path::PathBuf;

/// A directory that goes away with the value.
struct Scratch(PathBuf);

impl Scratch {
    fn new(name: &str) -> Scratch {
        let path =
            std::env::temp_dir().join(format!("portolan-calls-{name}-{}", std::process::id()));
        fs::create_dir_all(&path).unwrap();
        Scratch(path)
    }

    fn file(&self, name: &str) -> String {
        self.0.join(name).to_str().unwrap().to_owned()
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

const AT_FDCWD: u64 = -100i32 as u32 as u64;
const O_RDWR: u64 = 2;
const O_CREAT: u64 = 0x100;
const O_TRUNC: u64 = 0x200;

#[test]
fn files_are_opened_written_and_read_with_the_guests_numbers() {
    let scratch = Scratch::new("files");
    let mut bench = Bench::new();
    let (path, text) = (bench.text(&scratch.file("f")), bench.text("hello"));
    let fd = bench
        .call(
            "openat",
            &[AT_FDCWD, path, O_RDWR | O_CREAT | O_TRUNC, 0o600],
        )
        .unwrap();
    assert_eq!(bench.call("write", &[fd, text, 5]), Ok(5));
    assert_eq!(fs::read(scratch.file("f")).unwrap(), b"hello");
    // The offset is 64 bits in an even pair of argument places: 4 and 5, high half first.
    let room = bench.room(8);
    assert_eq!(bench.call("pread64", &[fd, room, 3, 0xdead, 0, 2]), Ok(3));
    assert_eq!(bench.bytes(room, 4), b"llo\0");
    assert_eq!(bench.call("ftruncate64", &[fd, 0xdead, 0, 4]), Ok(0));
    let stat = bench.room(40);
    assert_eq!(bench.call("fstat", &[fd, stat]), Ok(0));
    assert_eq!(bench.word(stat + 4), 0o100600);
    assert_eq!(
        (bench.word(stat + 8), bench.word(stat + 12)),
        (0, 4),
        "64 bits, big-endian"
    );
    assert_eq!(bench.call("close", &[fd]), Ok(0));
    assert_eq!(bench.call("close", &[99_999]), Err(Errno::EBADF));
}

#[test]
fn errors_have_the_guests_numbers_and_flag() {
    let mut bench = Bench::new();
    let long = bench.text(&"a".repeat(5000));
    assert_eq!(
        bench.call("openat", &[AT_FDCWD, long, 0]),
        Err(Errno::ENAMETOOLONG)
    );
    assert_eq!(bench.thread.core().register(FAILED), 1);
    assert_eq!(bench.thread.core().register(RESULT), 78);
    assert_eq!(bench.call("openat", &[AT_FDCWD, 3, 0]), Err(Errno::EFAULT));
    assert_eq!(bench.call("write", &[1, 3, 1]), Err(Errno::EFAULT));
    assert_eq!(
        bench.call("write", &[1, 0xffff_fff0, 5]),
        Err(Errno::EFAULT)
    );
}

#[test]
fn calls_that_are_missing_are_answered_named_and_remembered() {
    let mut bench = Bench::new();
    let pc = bench.thread.core().pc();
    assert_eq!(bench.call("no_such_call", &[1, 2, 3]), Err(Errno::ENOSYS));
    assert_eq!(bench.raw_call(7777, &[]), Err(Errno::ENOSYS));
    let missing = bench.thread.process().missing();
    let seen: Vec<_> = missing
        .iter()
        .map(|call| (call.name, call.number, call.count))
        .collect();
    assert_eq!(seen[0].0, Some("no_such_call"));
    assert_eq!((seen[1].0, seen[1].1, seen[1].2), (None, 7777, 1));
    assert_eq!(missing[0].pc, pc);
    let trace = bench.trace();
    assert!(trace.contains("no_such_call(0x1, 0x2, 0x3"), "{trace}");
    assert!(trace.contains("syscall_0x1e61("), "{trace}");
}

#[test]
fn the_trace_is_in_straces_notation() {
    let scratch = Scratch::new("trace");
    let mut bench = Bench::new();
    bench.trace();
    let (path, text) = (bench.text(&scratch.file("none/f")), bench.text("a\n\"b\""));
    let _ = bench.call("openat", &[AT_FDCWD, path, O_RDWR | O_CREAT, 0o644]);
    let missing = scratch.file("none/f");
    assert_eq!(
        bench.trace(),
        format!(
            "openat(AT_FDCWD, \"{missing}\", O_RDWR|O_CREAT, 0644) = -1 ENOENT (No such file or \
             directory)\n"
        )
    );
    let ends = bench.room(8);
    bench.call("pipe2", &[ends, 0]).unwrap();
    let (read, write) = (bench.word(ends), bench.word(ends + 4));
    assert_eq!(
        bench.trace(),
        format!("{:<39} = 0\n", format!("pipe2([{read}, {write}], 0)"))
    );
    bench.call("write", &[write, text, 5]).unwrap();
    let line = format!("write({write}, \"a\\n\\\"b\\\"\", 5)");
    assert_eq!(bench.trace(), format!("{line:<39} = 5\n"));
    let room = bench.room(8);
    bench.call("read", &[read, room, 8]).unwrap();
    let line = format!("read({read}, \"a\\n\\\"b\\\"\", 8)");
    assert_eq!(bench.trace(), format!("{line:<39} = 5\n"));
    let address = bench
        .call("mmap2", &[0, 4096, 3, 0x802, u64::from(u32::MAX), 0])
        .unwrap();
    let line = "mmap2(NULL, 4096, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0)";
    assert_eq!(bench.trace(), format!("{line} = {address:#x}\n"));
    for fd in [read, write] {
        bench.call("close", &[fd]).unwrap();
    }
}

#[test]
fn arguments_continue_on_the_stack() {
    let scratch = Scratch::new("stack");
    fs::write(
        scratch.file("f"),
        [vec![b'a'; 4096], vec![b'b'; 10]].concat(),
    )
    .unwrap();
    let mut bench = Bench::new();
    let path = bench.text(&scratch.file("f"));
    let fd = bench.call("openat", &[AT_FDCWD, path, 0]).unwrap();
    let address = bench.call("mmap2", &[0, 4096, 1, 2, fd, 1]).unwrap();
    assert_eq!(bench.bytes(address, 3), b"bbb");
    bench.call("close", &[fd]).unwrap();
    let maps = String::from_utf8(bench.thread.process().maps()).unwrap();
    assert!(maps.contains("00001000") && maps.contains("/f\n"), "{maps}");
}

#[test]
fn memory_comes_goes_and_moves() {
    let mut bench = Bench::new();
    let none = u64::from(u32::MAX);
    let start = bench.call("brk", &[0]).unwrap();
    assert_eq!(bench.call("brk", &[start + 0x2345]), Ok(start + 0x2345));
    bench.memory().write(start + 0x2344, b"x").unwrap();
    assert_eq!(bench.call("brk", &[start]), Ok(start));
    assert!(bench.memory().write(start + 0x2344, b"x").is_err());
    assert_eq!(
        bench.call("brk", &[u64::from(u32::MAX)]),
        Ok(start),
        "too far"
    );

    let page = bench.call("mmap2", &[0, 100, 3, 0x802, none, 0]).unwrap();
    bench.memory().write(page, b"moved").unwrap();
    let moved = bench.call("mremap", &[page, 4096, 1 << 20, 1]).unwrap();
    assert_eq!(bench.bytes(moved, 5), b"moved");
    assert_eq!(bench.call("madvise", &[moved, 4096, 4]), Ok(0));
    assert_eq!(bench.bytes(moved, 5), [0; 5]);
    assert_eq!(bench.call("mprotect", &[moved, 4096, 0]), Ok(0));
    assert!(bench.memory().read(moved, &mut [0]).is_err());
    assert_eq!(bench.call("munmap", &[moved, 1 << 20]), Ok(0));
    assert_eq!(
        bench.call("mprotect", &[moved, 4096, 1]),
        Err(Errno::ENOMEM)
    );
    assert_eq!(bench.call("madvise", &[moved, 4096, 4]), Err(Errno::ENOMEM));
    assert_eq!(
        bench.call("mmap2", &[0, 0, 3, 0x802, none, 0]),
        Err(Errno::EINVAL)
    );
    assert_eq!(
        bench.call("mmap2", &[0, 4096, 3, 0x800, none, 0]),
        Err(Errno::EINVAL)
    );
    assert_eq!(
        bench.call("mmap2", &[0, 4096, 3, 2, none, 0]),
        Err(Errno::EBADF)
    );
    assert_eq!(
        bench.call("mmap2", &[0, 0x7fff_f000, 3, 0x802, none, 0]),
        Err(Errno::ENOMEM)
    );
}

#[test]
fn the_wall_holds_for_host_calls() {
    let mut bench = Bench::new();
    let limit = bench.memory().limit();
    let ends = bench.room(8);
    bench.call("pipe2", &[ends, 0]).unwrap();
    let (read, write) = (bench.word(ends), bench.word(ends + 4));
    let text = bench.text("0123456789");
    bench.call("write", &[write, text, 10]).unwrap();
    assert_eq!(
        bench.call("read", &[read, limit - 4, 10]),
        Err(Errno::EFAULT)
    );
    assert_eq!(bench.call("read", &[read, limit, 10]), Err(Errno::EFAULT));
    assert_eq!(
        bench.call("read", &[read, u64::from(u32::MAX), 10]),
        Err(Errno::EFAULT)
    );
    let list = bench.put(&[0xff, 0xff, 0xff, 0xf0, 0, 0, 0, 4]);
    assert_eq!(bench.call("readv", &[read, list, 1]), Err(Errno::EFAULT));
    let room = bench.room(16);
    assert_eq!(
        bench.call("read", &[read, room, 16]),
        Ok(10),
        "nothing was lost"
    );
    for fd in [read, write] {
        bench.call("close", &[fd]).unwrap();
    }
}

#[test]
fn directories_are_listed_in_both_layouts() {
    let scratch = Scratch::new("list");
    fs::write(scratch.file("some-name"), "").unwrap();
    let mut bench = Bench::new();
    let path = bench.text(scratch.0.to_str().unwrap());
    for call in ["getdents", "getdents64"] {
        let fd = bench.call("openat", &[AT_FDCWD, path, 0]).unwrap();
        let room = bench.room(512);
        let length = bench.call(call, &[fd, room, 512]).unwrap();
        let bytes = bench.bytes(room, length as usize);
        let name = b"some-name\0";
        assert!(
            bytes.windows(name.len()).any(|window| window == name),
            "{call}"
        );
        assert_eq!(bench.call(call, &[fd, room, 512]), Ok(0), "{call}: the end");
        bench.call("close", &[fd]).unwrap();
    }
}

#[test]
fn times_are_wide_only_where_the_call_says() {
    let mut bench = Bench::new();
    let (narrow, wide) = (bench.room(16), bench.room(16));
    bench.call("clock_gettime", &[0, narrow]).unwrap();
    bench.call("clock_gettime64", &[0, wide]).unwrap();
    assert_eq!(bench.word(wide), 0, "the upper half of the seconds");
    assert!(bench.word(wide + 4).abs_diff(bench.word(narrow)) <= 1);
    assert!(bench.word(narrow + 4) < 1_000_000_000);
    assert_eq!(bench.bytes(narrow + 8, 8), [0; 8]);
}

#[test]
fn poll_and_select_translate_their_structures() {
    let mut bench = Bench::new();
    let ends = bench.room(8);
    bench.call("pipe2", &[ends, 0]).unwrap();
    let (read, write) = (bench.word(ends), bench.word(ends + 4));
    let list = bench.put(&[read.to_be_bytes()[4..].to_vec(), vec![0, 1, 0xff, 0xff]].concat());
    assert_eq!(bench.call("poll", &[list, 1, 0]), Ok(0));
    assert_eq!(bench.bytes(list + 6, 2), [0, 0]);
    let text = bench.text("x");
    bench.call("write", &[write, text, 1]).unwrap();
    assert_eq!(bench.call("poll", &[list, 1, 1000]), Ok(1));
    assert_eq!(bench.bytes(list + 6, 2), [0, 1]);

    // One word of 32 bits for each 32 descriptors.
    let mut words = vec![0u32; read as usize / 32 + 1];
    words[read as usize / 32] = 1 << (read % 32);
    let bytes: Vec<u8> = words.iter().flat_map(|word| word.to_be_bytes()).collect();
    let set = bench.put(&bytes);
    assert_eq!(bench.call("_newselect", &[read + 1, set, 0, 0, 0]), Ok(1));
    assert_eq!(bench.bytes(set, bytes.len()), bytes);

    let ep = bench.call("epoll_create1", &[0]).unwrap();
    let event = bench.put(&[0, 0, 0, 1, 0, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8]);
    assert_eq!(bench.call("epoll_ctl", &[ep, 1, read, event]), Ok(0));
    let out = bench.room(16);
    assert_eq!(bench.call("epoll_wait", &[ep, out, 1, 0]), Ok(1));
    assert_eq!(
        bench.bytes(out, 16),
        [0, 0, 0, 1, 0, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8]
    );
    for fd in [read, write, ep] {
        bench.call("close", &[fd]).unwrap();
    }
}

#[test]
fn a_handler_is_called_and_returns_to_what_was_before() {
    let mut bench = Bench::new();
    const SIGUSR2: u64 = 17;
    const HANDLER: u64 = 0x4444;
    let word = |value: u64| (value as u32).to_be_bytes();
    let action = bench.put(&[word(0), word(HANDLER), word(0), word(0)].concat());
    assert_eq!(bench.call("rt_sigaction", &[SIGUSR2, action, 0, 16]), Ok(0));
    assert_eq!(
        bench.call("rt_sigaction", &[SIGUSR2, action, 0, 8]),
        Err(Errno::EINVAL)
    );
    assert_eq!(
        bench.call("rt_sigaction", &[9, action, 0, 16]),
        Err(Errno::EINVAL),
        "SIGKILL"
    );

    let pid = bench.call("getpid", &[]).unwrap();
    let tid = bench.thread.tid() as u64;
    let (pc, sp) = (bench.thread.core().pc(), bench.thread.core().register(SP));
    // The hart "runs" into a call at once: the handler's first instruction is getpid.
    let attached = bench.thread.attach();
    assert_eq!(bench.call("tgkill", &[pid, tid, SIGUSR2]), Ok(0));
    bench.thread.deliver_waiting();
    assert_eq!(bench.thread.core().pc(), HANDLER);
    assert_eq!(bench.thread.core().register(FIRST), SIGUSR2);
    assert_eq!(bench.thread.mask(), 1 << (SIGUSR2 - 1));
    let _ = bench.call("rt_sigreturn", &[]);
    assert_eq!(
        bench.thread.core().pc(),
        pc + 4,
        "after the call that sent it"
    );
    assert_eq!(
        (bench.thread.core().register(SP), bench.thread.mask()),
        (sp, 0)
    );
    drop(attached);

    let none = bench.put(&[word(0), word(0), word(0), word(0)].concat());
    assert_eq!(bench.call("rt_sigaction", &[SIGUSR2, none, 0, 16]), Ok(0));
}

#[test]
fn masks_have_low_signals_in_the_first_word() {
    let mut bench = Bench::new();
    const SIG_SETMASK: u64 = 3;
    // Signal 16, SIGUSR1 here, in the first word; signal 33 in the second.
    let set = bench.put(&[0, 0, 0x80, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0]);
    assert_eq!(
        bench.call("rt_sigprocmask", &[SIG_SETMASK, set, 0, 16]),
        Ok(0)
    );
    assert_eq!(bench.thread.mask(), 1 << 15 | 1 << 32);
    let host = crate::host::signals::mask();
    let usr1 = crate::host::signals::bit(libc::SIGUSR1);
    assert_ne!(host & usr1, 0, "the host's SIGUSR1 has another number");
    let out = bench.room(16);
    assert_eq!(
        bench.call("rt_sigprocmask", &[SIG_SETMASK, 0, out, 16]),
        Ok(0)
    );
    assert_eq!(bench.bytes(out, 16), bench.bytes(set, 16));
    let empty = bench.room(16);
    assert_eq!(
        bench.call("rt_sigprocmask", &[SIG_SETMASK, empty, 0, 16]),
        Ok(0)
    );
}

#[test]
fn a_signal_that_nobody_handles_ends_the_process_with_its_reason() {
    let mut bench = Bench::new();
    let pid = bench.call("getpid", &[]).unwrap();
    let _ = bench.call("tgkill", &[pid, bench.thread.tid() as u64, 15]);
    let Some(Exit::Signal(death)) = bench.thread.ended() else {
        panic!("it lives")
    };
    assert_eq!((death.signal, death.host_signal), (15, libc::SIGTERM));
    assert_eq!(death.name, "SIGTERM");
}

#[test]
fn a_trap_without_a_handler_ends_the_process() {
    use portolan_machine::memory::{Cause, Fault, Intent};
    use portolan_machine::trap::Trap;
    let mut bench = Bench::new();
    let fault = Fault {
        address: 0x10,
        intent: Intent::Write,
        cause: Cause::Unmapped,
    };
    bench.thread.service(Trap::Fault(fault));
    let Some(Exit::Signal(death)) = bench.thread.ended() else {
        panic!("it lives")
    };
    assert_eq!((death.name.as_str(), death.core), ("SIGSEGV", true));
    assert_eq!(death.trap, Some(Trap::Fault(fault)));
}

#[test]
fn the_end_has_the_status_that_a_parent_sees() {
    let mut bench = Bench::new();
    let _ = bench.call("exit_group", &[0x103]);
    assert_eq!(bench.thread.ended(), Some(&Exit::Code(3)));
}

#[test]
fn limits_on_address_space_are_kept_here() {
    let mut bench = Bench::new();
    const AS: u64 = 9;
    let limit = bench.put(&[&(64u64 << 20).to_be_bytes()[..], &u64::MAX.to_be_bytes()].concat());
    assert_eq!(bench.call("prlimit64", &[0, AS, limit, 0]), Ok(0));
    let none = u64::from(u32::MAX);
    assert_eq!(
        bench.call("mmap2", &[0, 128 << 20, 3, 0x802, none, 0]),
        Err(Errno::ENOMEM)
    );
    assert!(bench.call("mmap2", &[0, 4096, 3, 0x802, none, 0]).is_ok());
}

#[test]
fn proc_self_is_about_the_guest() {
    let mut bench = Bench::new();
    let (exe, room) = (bench.text("/proc/self/exe"), bench.room(300));
    let length = bench
        .call("readlinkat", &[AT_FDCWD, exe, room, 300])
        .unwrap();
    let target = String::from_utf8(bench.bytes(room, length as usize)).unwrap();
    assert!(target.ends_with("roms/bin/mips/hello"), "{target}");
    for (name, part) in [("cmdline", "toy\0"), ("maps", "[stack]"), ("auxv", "\0")] {
        let path = bench.text(&format!("/proc/self/{name}"));
        let fd = bench.call("openat", &[AT_FDCWD, path, 0]).unwrap();
        let (room, mut text) = (bench.room(4096), Vec::new());
        loop {
            let length = bench.call("read", &[fd, room, 4096]).unwrap();
            if length == 0 {
                break;
            }
            text.extend(bench.bytes(room, length as usize));
        }
        assert!(
            text.windows(part.len())
                .any(|window| window == part.as_bytes()),
            "{name}"
        );
        assert_eq!(
            bench.call("openat", &[AT_FDCWD, path, O_RDWR]),
            Err(Errno::EACCES)
        );
        bench.call("close", &[fd]).unwrap();
    }
    let path = bench.text("/proc/self/mem");
    assert_eq!(
        bench.call("openat", &[AT_FDCWD, path, 0]),
        Err(Errno::EACCES)
    );
}

#[test]
fn futexes_compare_in_the_guests_byte_order() {
    let mut bench = Bench::new();
    const WAIT: u64 = 0;
    const WAKE_OP: u64 = 5;
    let word = bench.put(&[0, 0, 0, 5, 0, 0, 0, 9]);
    let soon = bench.put(&[0, 0, 0, 0, 0, 0, 0, 1]);
    assert_eq!(
        bench.call("futex", &[word, WAIT, 6, soon]),
        Err(Errno::EAGAIN)
    );
    assert_eq!(
        bench.call("futex", &[word, WAIT, 5, soon]),
        Err(Errno::ETIMEDOUT)
    );
    // Add 3 to the second word, and wake there if it was above 1.
    let operation = 1 << 28 | 4 << 24 | 3 << 12 | 1;
    assert_eq!(
        bench.call("futex", &[word, WAKE_OP, 1, 1, word + 4, operation]),
        Ok(0)
    );
    assert_eq!(bench.word(word + 4), 12);
}
