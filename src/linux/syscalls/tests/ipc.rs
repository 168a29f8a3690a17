//! SysV IPC behind one call, queues and timers, for a guest whose structures are not the host's.

use crate::errno::Errno;
use crate::layout::Writer;
use crate::testing::{Bench, SHAPE};

const SEMGET: u64 = 2;
const SEMCTL: u64 = 3;
const MSGSND: u64 = 11;
const MSGRCV: u64 = 12;
const MSGGET: u64 = 13;
const MSGCTL: u64 = 14;
const SHMAT: u64 = 21;
const SHMDT: u64 = 22;
const SHMGET: u64 = 23;
const SHMCTL: u64 = 24;

const IPC_CREAT: u64 = 0o1000;
const IPC_RMID: u64 = 0;
/// With the version that 32-bit guests ask for.
const IPC_STAT: u64 = 0x102;

#[test]
fn segments_are_attached_and_told_of_in_the_guests_layout() {
    let mut bench = Bench::new();
    let id = bench
        .call("ipc", &[SHMGET, 0, 5000, IPC_CREAT | 0o600])
        .unwrap();
    let result = bench.room(4);
    assert_eq!(bench.call("ipc", &[SHMAT, id, 0, result, 0]), Ok(0));
    let first = bench.word(result);
    let second = bench.call("shmat", &[id, 0, 0o10000]).unwrap();
    bench.memory().write(first + 4096, b"both").unwrap();
    assert_eq!(bench.bytes(second + 4096, 4), b"both");
    assert!(bench.memory().write(second, b"no").is_err(), "SHM_RDONLY");
    let mapping = bench.memory().mappings();
    let mapping = mapping.iter().find(|mapping| mapping.start == first);
    assert_eq!(&*mapping.unwrap().name, "/SYSV00000000 (deleted)");

    let status = bench.room(80);
    assert_eq!(bench.call("ipc", &[SHMCTL, id, IPC_STAT, 0, status]), Ok(0));
    assert_eq!(bench.word(status + 20) & 0o777, 0o600);
    assert_eq!(bench.word(status + 36), 5000);
    assert_eq!(bench.word(status + 60), 2, "attachments");
    assert_eq!(bench.word(status + 52), u64::from(std::process::id()));
    let now = std::time::UNIX_EPOCH.elapsed().unwrap().as_secs();
    assert!(now.abs_diff(bench.word(status + 48)) < 1000);
    assert_eq!(bench.bytes(status + 68, 2), [0, 0], "the upper half");

    assert_eq!(bench.call("ipc", &[SHMDT, 0, 0, 0, first]), Ok(0));
    assert_eq!(
        bench.call("ipc", &[SHMDT, 0, 0, 0, first]),
        Err(Errno::EINVAL)
    );
    assert_eq!(bench.call("ipc", &[SHMCTL, id, IPC_RMID, 0, 0]), Ok(0));
    assert_eq!(bench.call("ipc", &[SHMDT, 0, 0, 0, second]), Ok(0));
    assert_eq!(bench.call("shmat", &[id, 0, 0]), Err(Errno::EINVAL));
}

#[test]
fn messages_have_a_type_of_the_guests_words() {
    let mut bench = Bench::new();
    let id = bench
        .call("ipc", &[MSGGET, 0, IPC_CREAT | 0o600, 0])
        .unwrap();
    let message = bench.put(&[0, 0, 0, 7, b'a', b'b', b'c']);
    assert_eq!(bench.call("ipc", &[MSGSND, id, 3, 0, message]), Ok(0));
    let room = bench.room(16);
    // The old way to pass five arguments: buffer and type in memory.
    let kludge = bench.put(&Writer::new(SHAPE).u32(room as u32).u32(7).finish());
    assert_eq!(bench.call("ipc", &[MSGRCV, id, 12, 0, kludge]), Ok(3));
    assert_eq!(bench.bytes(room, 8), [0, 0, 0, 7, b'a', b'b', b'c', 0]);
    assert_eq!(bench.call("ipc", &[MSGSND, id, 3, 0, message]), Ok(0));
    let version = 1 << 16;
    assert_eq!(
        bench.call("ipc", &[MSGRCV | version, id, 12, 0, room, 7]),
        Ok(3)
    );
    assert_eq!(bench.call("ipc", &[MSGCTL, id, IPC_RMID, 0, 0]), Ok(0));
    assert_eq!(bench.call("ipc", &[99, 0, 0, 0, 0]), Err(Errno::ENOSYS));
}

#[test]
fn semaphores_are_counted_through_the_one_call() {
    let mut bench = Bench::new();
    let id = bench
        .call("ipc", &[SEMGET, 0, 2, IPC_CREAT | 0o600])
        .unwrap();
    const SETALL: u64 = 17;
    const GETVAL: u64 = 12;
    let values = bench.put(&[0, 3, 0, 4]);
    let pointer = bench.put(&(values as u32).to_be_bytes());
    bench.trace();
    assert_eq!(bench.call("ipc", &[SEMCTL, id, 0, SETALL, pointer]), Ok(0));
    assert_eq!(
        bench.trace(),
        format!(
            "{:<39} = 0\n",
            format!("semctl({id}, 0, SETALL, {values:#x})")
        )
    );
    assert_eq!(bench.call("ipc", &[SEMCTL, id, 1, GETVAL, pointer]), Ok(4));
    assert_eq!(
        bench.call("ipc", &[SEMCTL, id, 0, IPC_RMID, pointer]),
        Ok(0)
    );
}

#[test]
fn queues_have_attributes_of_the_guests_words() {
    let mut bench = Bench::new();
    let name = bench.text(&format!("portolan-toy-{}", std::process::id()));
    const O_NONBLOCK: u32 = 0x80;
    let words = Writer::new(SHAPE).u32(0).u32(3).u32(100).u32(0).pad(32);
    let wanted = bench.put(&words.finish());
    let flags = 0x2 | 0x100 | u64::from(O_NONBLOCK);
    let queue = bench
        .call("mq_open", &[name, flags, 0o600, wanted])
        .unwrap();
    let told = bench.room(32);
    assert_eq!(bench.call("mq_getsetattr", &[queue, 0, told]), Ok(0));
    let expected = Writer::new(SHAPE).u32(O_NONBLOCK).u32(3).u32(100).u32(0);
    assert_eq!(bench.bytes(told, 32), expected.pad(32).finish());
    assert_eq!(bench.call("mq_unlink", &[name]), Ok(0));
    assert_eq!(bench.call("close", &[queue]), Ok(0));
}

#[test]
fn timers_have_signals_of_the_guests() {
    let mut bench = Bench::new();
    const SIGUSR1: u32 = 16;
    const MONOTONIC: u64 = 1;
    let event = |signal, notify| {
        let event = Writer::new(SHAPE).u32(5).u32(signal).u32(notify);
        event.pad(64).finish()
    };
    let (good, id) = (bench.put(&event(SIGUSR1, 0)), bench.room(4));
    assert_eq!(bench.call("timer_create", &[MONOTONIC, good, id]), Ok(0));
    let timer = bench.word(id);
    let far = Writer::new(SHAPE).u64(0).u64(0).u64(1000).u64(0).finish();
    let far = bench.put(&far);
    bench.trace();
    assert_eq!(bench.call("timer_settime64", &[timer, 0, far, 0]), Ok(0));
    assert_eq!(bench.call("timer_delete", &[timer]), Ok(0));
    assert_eq!(bench.call("timer_delete", &[timer]), Err(Errno::EINVAL));
    // A signal that this guest does not have.
    let bad = bench.put(&event(30, 0));
    assert_eq!(
        bench.call("timer_create", &[MONOTONIC, bad, id]),
        Err(Errno::EINVAL)
    );
}
