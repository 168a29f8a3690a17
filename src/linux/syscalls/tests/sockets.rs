//! Sockets, for a guest whose words, byte order and numbers are not the host's.

use super::Scratch;
use crate::errno::Errno;
use crate::layout::Writer;
use crate::testing::{Bench, SHAPE};

const AF_UNIX: u64 = 1;
const AF_INET: u64 = 2;
const AF_NETLINK: u64 = 16;
const NETLINK_NETFILTER: u64 = 12;
/// As MIPS has them: the other way round than elsewhere.
const SOCK_DGRAM: u64 = 1;
const SOCK_STREAM: u64 = 2;
const SOCK_NONBLOCK: u64 = 0x80;
const SOL_SOCKET: u64 = 0xffff;
const SO_RCVTIMEO: u64 = 0x1006;
const SO_ERROR: u64 = 0x1007;
const SO_TYPE: u64 = 0x1008;
const SCM_RIGHTS: u32 = 1;
const SCM_CREDENTIALS: u32 = 2;

fn pair(bench: &mut Bench, kind: u64) -> [u64; 2] {
    let ends = bench.room(8);
    bench.call("socketpair", &[AF_UNIX, kind, 0, ends]).unwrap();
    [bench.word(ends), bench.word(ends + 4)]
}

fn close(bench: &mut Bench, fds: &[u64]) {
    for fd in fds {
        bench.call("close", &[*fd]).unwrap();
    }
}

#[test]
fn types_and_options_have_the_guests_numbers() {
    let mut bench = Bench::new();
    let ends = pair(&mut bench, SOCK_STREAM | SOCK_NONBLOCK);
    let (value, length) = (bench.room(16), bench.put(&[0, 0, 0, 16]));
    let ask = [ends[0], SOL_SOCKET, SO_TYPE, value, length];
    assert_eq!(bench.call("getsockopt", &ask), Ok(0));
    assert_eq!((bench.word(value), bench.word(length)), (SOCK_STREAM, 4));
    assert_eq!(
        bench.call("recvfrom", &[ends[0], value, 4, 0, 0, 0]),
        Err(Errno::EAGAIN)
    );
    // The host's number of the level and of the option mean nothing.
    assert_eq!(
        bench.call("getsockopt", &[ends[0], 1, SO_TYPE, value, length]),
        Err(Errno::EOPNOTSUPP)
    );
    assert_eq!(
        bench.call("getsockopt", &[ends[0], SOL_SOCKET, 3, value, length]),
        Err(Errno::ENOPROTOOPT)
    );
    assert_eq!(
        bench.call("getsockopt", &[9999, SOL_SOCKET, 3, value, length]),
        Err(Errno::EBADF)
    );
    assert_eq!(
        bench.call("socket", &[AF_UNIX, SOCK_STREAM | 0x800, 0]),
        Err(Errno::EINVAL),
        "the host's SOCK_NONBLOCK"
    );
    assert_eq!(
        bench.call("socket", &[AF_NETLINK, SOCK_DGRAM, NETLINK_NETFILTER]),
        Err(Errno::EPROTONOSUPPORT),
        "its contents would be in the host's byte order"
    );
    close(&mut bench, &ends);
}

#[test]
fn times_of_options_are_words_of_the_guest() {
    let mut bench = Bench::new();
    let ends = pair(&mut bench, SOCK_STREAM);
    let time = bench.put(&Writer::new(SHAPE).u32(3).u32(500_000).finish());
    let set = |length| [ends[0], SOL_SOCKET, SO_RCVTIMEO, time, length];
    assert_eq!(bench.call("setsockopt", &set(8)), Ok(0));
    assert_eq!(bench.call("setsockopt", &set(7)), Err(Errno::EINVAL));
    let (value, length) = (bench.room(16), bench.put(&[0, 0, 0, 16]));
    let ask = [ends[0], SOL_SOCKET, SO_RCVTIMEO, value, length];
    bench.trace();
    assert_eq!(bench.call("getsockopt", &ask), Ok(0));
    assert_eq!((bench.word(value), bench.word(length)), (3, 8));
    assert_eq!(
        bench.trace(),
        format!(
            "getsockopt({}, SOL_SOCKET, SO_RCVTIMEO_OLD, {{tv_sec=3, tv_usec=500000}}, [16 => 8]) \
             = 0\n",
            ends[0]
        )
    );
    close(&mut bench, &ends);
}

#[test]
fn the_error_of_a_socket_has_the_guests_number() {
    let mut bench = Bench::new();
    let ends = pair(&mut bench, SOCK_DGRAM);
    let (value, length) = (bench.room(4), bench.put(&[0, 0, 0, 4]));
    let ask = [ends[0], SOL_SOCKET, SO_ERROR, value, length];
    assert_eq!(bench.call("getsockopt", &ask), Ok(0));
    assert_eq!(bench.word(value), 0);
    close(&mut bench, &ends);
}

#[test]
fn internet_addresses_have_a_family_in_the_guests_order() {
    let mut bench = Bench::new();
    let fd = bench.call("socket", &[AF_INET, SOCK_DGRAM, 0]).unwrap();
    let name = bench.put(&[0, 2, 0, 0, 127, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0]);
    assert_eq!(bench.call("bind", &[fd, name, 16]), Ok(0));
    let (room, length) = (bench.room(32), bench.put(&[0, 0, 0, 32]));
    assert_eq!(bench.call("getsockname", &[fd, room, length]), Ok(0));
    let told = bench.bytes(room, 16);
    assert_eq!(
        (&told[..2], &told[4..8]),
        (&[0, 2][..], &[127, 0, 0, 1][..])
    );
    assert_eq!(bench.word(length), 16);
    let port = u16::from(told[2]) << 8 | u16::from(told[3]);
    bench.trace();
    let text = bench.text("hello");
    assert_eq!(bench.call("sendto", &[fd, text, 5, 0, room, 16]), Ok(5));
    assert_eq!(
        bench.trace(),
        format!(
            "sendto({fd}, \"hello\", 5, 0, {{sa_family=AF_INET, sin_port=htons({port}), \
             sin_addr=inet_addr(\"127.0.0.1\")}}, 16) = 5\n"
        )
    );
    close(&mut bench, &[fd]);
}

#[test]
fn unix_addresses_are_paths() {
    let scratch = Scratch::new("sockets");
    let mut bench = Bench::new();
    let path = scratch.file("s");
    let server = bench.call("socket", &[AF_UNIX, SOCK_STREAM, 0]).unwrap();
    let name = bench.put(&[&[0, 1], path.as_bytes(), &[0]].concat());
    let length = path.len() as u64 + 3;
    assert_eq!(bench.call("bind", &[server, name, length]), Ok(0));
    assert!(fs_has_socket(&path));
    assert_eq!(bench.call("listen", &[server, 1]), Ok(0));
    let client = bench.call("socket", &[AF_UNIX, SOCK_STREAM, 0]).unwrap();
    assert_eq!(bench.call("connect", &[client, name, length]), Ok(0));
    let (room, size) = (bench.room(128), bench.put(&[0, 0, 0, 110]));
    let peer = bench.call("accept4", &[server, room, size, 0]).unwrap();
    assert_eq!((bench.bytes(room, 2), bench.word(size)), (vec![0, 1], 2));
    assert_eq!(
        bench.call("accept4", &[server, room, size, 1]),
        Err(Errno::EINVAL)
    );
    close(&mut bench, &[server, client, peer]);
}

fn fs_has_socket(path: &str) -> bool {
    use std::os::unix::fs::FileTypeExt;
    std::fs::metadata(path).is_ok_and(|metadata| metadata.file_type().is_socket())
}

/// A `struct msghdr` with one buffer and room for control messages.
fn message(bench: &mut Bench, text: u64, length: u32, control: (u64, u32)) -> u64 {
    let vectors = bench.put(&Writer::new(SHAPE).u32(text as u32).u32(length).finish());
    let header = Writer::new(SHAPE).u32(0).u32(0).u32(vectors as u32).u32(1);
    let header = header.u32(control.0 as u32).u32(control.1).u32(0);
    bench.put(&header.finish())
}

/// A control message of `SOL_SOCKET` as 32-bit big-endian guests have it.
fn control(kind: u32, numbers: &[u32]) -> Vec<u8> {
    let head = Writer::new(SHAPE).u32(12 + numbers.len() as u32 * 4);
    let head = head.u32(SOL_SOCKET as u32).u32(kind);
    numbers
        .iter()
        .fold(head, |out, number| out.u32(*number))
        .finish()
}

#[test]
fn descriptors_and_credentials_travel_in_the_guests_layout() {
    let mut bench = Bench::new();
    let ends = pair(&mut bench, SOCK_STREAM);
    let text = bench.text("x");
    let rights = bench.put(&control(SCM_RIGHTS, &[0, 1, 2]));
    let sent = message(&mut bench, text, 1, (rights, 24));
    // Room for two of three descriptors.
    let room = bench.room(64);
    let received = message(&mut bench, text, 1, (room, 20));
    bench.trace();
    assert_eq!(bench.call("sendmsg", &[ends[0], sent, 0]), Ok(1));
    let trace = bench.trace();
    assert!(
        trace.contains(
            "msg_control=[{cmsg_len=24, cmsg_level=SOL_SOCKET, cmsg_type=SCM_RIGHTS, \
             cmsg_data=[0, 1, 2]}], msg_controllen=24, msg_flags=0}, 0) = 1"
        ),
        "{trace}"
    );
    assert_eq!(bench.call("recvmsg", &[ends[1], received, 0]), Ok(1));
    const MSG_CTRUNC: u64 = 8;
    assert_eq!(bench.word(received + 24), MSG_CTRUNC);
    assert_eq!((bench.word(received + 20), bench.word(room)), (20, 20));
    assert_eq!(bench.word(room + 4), SOL_SOCKET);
    let opened = [bench.word(room + 12), bench.word(room + 16)];
    close(&mut bench, &opened);

    let on = bench.put(&[0, 0, 0, 1]);
    const SO_PASSCRED: u64 = 17;
    let pass = [ends[1], SOL_SOCKET, SO_PASSCRED, on, 4];
    assert_eq!(bench.call("setsockopt", &pass), Ok(0));
    let own = [std::process::id(), uid(), gid()];
    let who = bench.put(&control(SCM_CREDENTIALS, &own));
    let sent = message(&mut bench, text, 1, (who, 24));
    let received = message(&mut bench, text, 1, (room, 64));
    assert_eq!(bench.call("sendmsg", &[ends[0], sent, 0]), Ok(1));
    assert_eq!(bench.call("recvmsg", &[ends[1], received, 0]), Ok(1));
    assert_eq!(bench.bytes(room, 24), control(SCM_CREDENTIALS, &own));
    assert_eq!(bench.word(received + 20), 24);

    // A head that is too short, and more buffers than there may be.
    let wrong = bench.put(&[0, 0, 0, 11, 0, 0, 0xff, 0xff, 0, 0, 0, 1]);
    let sent = message(&mut bench, text, 1, (wrong, 12));
    assert_eq!(
        bench.call("sendmsg", &[ends[0], sent, 0]),
        Err(Errno::EINVAL)
    );
    bench.memory().write(sent + 12, &[0, 0, 4, 1]).unwrap();
    assert_eq!(
        bench.call("sendmsg", &[ends[0], sent, 0]),
        Err(Errno::EMSGSIZE)
    );
    close(&mut bench, &ends);
}

fn uid() -> u32 {
    crate::host::calls::getuid().now().unwrap() as u32
}

fn gid() -> u32 {
    crate::host::calls::getgid().now().unwrap() as u32
}

#[test]
fn calls_behind_one_number_are_the_same_and_traced_so() {
    let mut bench = Bench::new();
    let ends = bench.room(8);
    let words = [AF_UNIX, SOCK_DGRAM, 0, ends];
    let words = words.map(|word| (word as u32).to_be_bytes()).concat();
    let arguments = bench.put(&words);
    const SYS_SOCKETPAIR: u64 = 8;
    bench.trace();
    assert_eq!(
        bench.call("socketcall", &[SYS_SOCKETPAIR, arguments]),
        Ok(0)
    );
    let fds = [bench.word(ends), bench.word(ends + 4)];
    assert_eq!(
        bench.trace(),
        format!(
            "socketpair(AF_UNIX, SOCK_DGRAM, 0, [{}, {}]) = 0\n",
            fds[0], fds[1]
        )
    );
    assert_eq!(
        bench.call("socketcall", &[SYS_SOCKETPAIR, 4]),
        Err(Errno::EFAULT)
    );
    assert_eq!(
        bench.call("socketcall", &[21, arguments]),
        Err(Errno::EINVAL)
    );
    assert_eq!(
        bench.call("socketcall", &[0, arguments]),
        Err(Errno::EINVAL)
    );
    close(&mut bench, &fds);
}
