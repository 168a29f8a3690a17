//! The numbers of `asm-generic`, which most instruction sets share: an [`Abi`](crate::Abi) names
//! these tables and replaces those where it differs.

use crate::abi::{Constants, Layouts};
use crate::constants::{Constant, choice, flag, number};
use crate::errno::Errno;
use crate::layout::{Field, Layout, field};
use crate::loader::Image;
use crate::signals::Signal;
use crate::syscalls::{Arguments, Context, Reply};
use portolan_machine::guest::Core;
use portolan_machine::trap::Trap;

/// Options of prctl that only some instruction sets have: none.
pub fn prctl(_: &mut Context<'_>, _: &Arguments) -> Reply {
    Err(Errno::EINVAL)
}

/// All constants.
pub const CONSTANTS: Constants = Constants {
    errors: &[],
    open: OPEN,
    fcntl: FCNTL,
    signals: SIGNALS,
    signal_action: SIGNAL_ACTION,
    signal_mask: SIGNAL_MASK,
    signal_codes: SIGNAL_CODES,
    mmap: MMAP,
    limits: LIMITS,
    no_limit: NO_LIMIT,
    poll: POLL,
    socket_types: SOCKET_TYPES,
    socket_level: SOCKET_LEVEL,
    socket_options: SOCKET_OPTIONS,
    ioctl: IOCTL,
    terminal_input: TERMINAL_INPUT,
    terminal_output: TERMINAL_OUTPUT,
    terminal_control: TERMINAL_CONTROL,
    terminal_local: TERMINAL_LOCAL,
    terminal_characters: TERMINAL_CHARACTERS,
};

/// All structures, with 64-bit words.
pub const LAYOUTS64BIT: Layouts = Layouts {
    stat: STAT64BIT,
    stat64: STAT64BIT,
    statfs: STATFS64BIT,
    statfs64: STATFS64BIT,
    sigaction: SIGACTION64BIT,
    old_sigaction: SIGACTION64BIT,
    stack: STACK64BIT,
    flock: FLOCK64BIT,
    flock64: FLOCK64BIT,
    termios: TERMIOS,
    epoll_event: EPOLL_EVENT,
    shmid: SHMID64BIT,
    semid: SEMID64BIT,
    msqid: MSQID64BIT,
};

/// The mode of harts that have one only.
pub fn mode(_: &Image, _: Option<&Image>) -> Result<u8, &'static str> {
    Ok(0)
}

/// Registers are zero when a program starts.
pub fn start(_: &mut dyn Core) {}

/// Traps raise the signals of most kernels.
pub fn raise(_: &mut dyn Core, _: &Trap) -> Option<Signal> {
    None
}

/// Flags of open.
pub const OPEN: &[Constant] = &[
    choice("O_RDONLY", 0, 3),
    choice("O_WRONLY", 1, 3),
    choice("O_RDWR", 2, 3),
    flag("O_CREAT", 0o100),
    flag("O_EXCL", 0o200),
    flag("O_NOCTTY", 0o400),
    flag("O_TRUNC", 0o1000),
    flag("O_APPEND", 0o2000),
    flag("O_NONBLOCK", 0o4000),
    choice("O_SYNC", 0o4010000, 0o4010000),
    choice("O_DSYNC", 0o10000, 0o4010000),
    flag("O_ASYNC", 0o20000),
    flag("O_DIRECT", 0o40000),
    flag("O_LARGEFILE", 0o100000),
    flag("O_TMPFILE", 0o20200000),
    flag("O_NOFOLLOW", 0o400000),
    flag("O_DIRECTORY", 0o200000),
    flag("O_NOATIME", 0o1000000),
    flag("O_CLOEXEC", 0o2000000),
    flag("O_PATH", 0o10000000),
];

/// Commands of fcntl.
pub const FCNTL: &[Constant] = &[
    number("F_DUPFD", 0),
    number("F_GETFD", 1),
    number("F_SETFD", 2),
    number("F_GETFL", 3),
    number("F_SETFL", 4),
    number("F_GETLK", 5),
    number("F_SETLK", 6),
    number("F_SETLKW", 7),
    number("F_SETOWN", 8),
    number("F_GETOWN", 9),
    number("F_SETSIG", 10),
    number("F_GETSIG", 11),
    number("F_SETOWN_EX", 15),
    number("F_GETOWN_EX", 16),
    number("F_OFD_GETLK", 36),
    number("F_OFD_SETLK", 37),
    number("F_OFD_SETLKW", 38),
    number("F_SETLEASE", 1024),
    number("F_GETLEASE", 1025),
    number("F_NOTIFY", 1026),
    number("F_DUPFD_CLOEXEC", 1030),
    number("F_SETPIPE_SZ", 1031),
    number("F_GETPIPE_SZ", 1032),
    number("F_ADD_SEALS", 1033),
    number("F_GET_SEALS", 1034),
];

/// Signals.
pub const SIGNALS: &[Constant] = &[
    number("SIGHUP", 1),
    number("SIGINT", 2),
    number("SIGQUIT", 3),
    number("SIGILL", 4),
    number("SIGTRAP", 5),
    number("SIGABRT", 6),
    number("SIGBUS", 7),
    number("SIGFPE", 8),
    number("SIGKILL", 9),
    number("SIGUSR1", 10),
    number("SIGSEGV", 11),
    number("SIGUSR2", 12),
    number("SIGPIPE", 13),
    number("SIGALRM", 14),
    number("SIGTERM", 15),
    number("SIGSTKFLT", 16),
    number("SIGCHLD", 17),
    number("SIGCONT", 18),
    number("SIGSTOP", 19),
    number("SIGTSTP", 20),
    number("SIGTTIN", 21),
    number("SIGTTOU", 22),
    number("SIGURG", 23),
    number("SIGXCPU", 24),
    number("SIGXFSZ", 25),
    number("SIGVTALRM", 26),
    number("SIGPROF", 27),
    number("SIGWINCH", 28),
    number("SIGIO", 29),
    number("SIGPWR", 30),
    number("SIGSYS", 31),
];

/// Flags of sigaction.
pub const SIGNAL_ACTION: &[Constant] = &[
    flag("SA_NOCLDSTOP", 1),
    flag("SA_NOCLDWAIT", 2),
    flag("SA_SIGINFO", 4),
    flag("SA_ONSTACK", 0x0800_0000),
    flag("SA_RESTART", 0x1000_0000),
    flag("SA_NODEFER", 0x4000_0000),
    flag("SA_RESETHAND", 0x8000_0000),
    flag("SA_RESTORER", 0x0400_0000),
];

/// What sigprocmask does.
pub const SIGNAL_MASK: &[Constant] = &[
    number("SIG_BLOCK", 0),
    number("SIG_UNBLOCK", 1),
    number("SIG_SETMASK", 2),
];

/// The codes of signals that do not come from an instruction.
pub const SIGNAL_CODES: &[Constant] = &[
    number("SI_USER", 0),
    number("SI_KERNEL", 0x80),
    number("SI_QUEUE", 0xffff_ffff),
    number("SI_TIMER", 0xffff_fffe),
    number("SI_MESGQ", 0xffff_fffd),
    number("SI_ASYNCIO", 0xffff_fffc),
    number("SI_SIGIO", 0xffff_fffb),
    number("SI_TKILL", 0xffff_fffa),
];

/// Flags of mmap.
pub const MMAP: &[Constant] = &[
    choice("MAP_SHARED", 1, 0xf),
    choice("MAP_PRIVATE", 2, 0xf),
    choice("MAP_SHARED_VALIDATE", 3, 0xf),
    flag("MAP_FIXED", 0x10),
    flag("MAP_ANONYMOUS", 0x20),
    flag("MAP_GROWSDOWN", 0x100),
    flag("MAP_DENYWRITE", 0x800),
    flag("MAP_EXECUTABLE", 0x1000),
    flag("MAP_LOCKED", 0x2000),
    flag("MAP_NORESERVE", 0x4000),
    flag("MAP_POPULATE", 0x8000),
    flag("MAP_NONBLOCK", 0x10000),
    flag("MAP_STACK", 0x20000),
    flag("MAP_HUGETLB", 0x40000),
    flag("MAP_SYNC", 0x80000),
    flag("MAP_FIXED_NOREPLACE", 0x100000),
];

/// Resources of getrlimit.
pub const LIMITS: &[Constant] = &[
    number("RLIMIT_CPU", 0),
    number("RLIMIT_FSIZE", 1),
    number("RLIMIT_DATA", 2),
    number("RLIMIT_STACK", 3),
    number("RLIMIT_CORE", 4),
    number("RLIMIT_RSS", 5),
    number("RLIMIT_NPROC", 6),
    number("RLIMIT_NOFILE", 7),
    number("RLIMIT_MEMLOCK", 8),
    number("RLIMIT_AS", 9),
    number("RLIMIT_LOCKS", 10),
    number("RLIMIT_SIGPENDING", 11),
    number("RLIMIT_MSGQUEUE", 12),
    number("RLIMIT_NICE", 13),
    number("RLIMIT_RTPRIO", 14),
    number("RLIMIT_RTTIME", 15),
];

/// `RLIM_INFINITY` in 64 bits.
pub const NO_LIMIT: u64 = u64::MAX;

/// Events of poll.
pub const POLL: &[Constant] = &[
    flag("POLLIN", 1),
    flag("POLLPRI", 2),
    flag("POLLOUT", 4),
    flag("POLLERR", 8),
    flag("POLLHUP", 0x10),
    flag("POLLNVAL", 0x20),
    flag("POLLRDNORM", 0x40),
    flag("POLLRDBAND", 0x80),
    flag("POLLWRNORM", 0x100),
    flag("POLLWRBAND", 0x200),
    flag("POLLMSG", 0x400),
    flag("POLLRDHUP", 0x2000),
];

/// Types of sockets, and the flags that go with them.
pub const SOCKET_TYPES: &[Constant] = &[
    choice("SOCK_STREAM", 1, 0xf),
    choice("SOCK_DGRAM", 2, 0xf),
    choice("SOCK_RAW", 3, 0xf),
    choice("SOCK_RDM", 4, 0xf),
    choice("SOCK_SEQPACKET", 5, 0xf),
    choice("SOCK_DCCP", 6, 0xf),
    choice("SOCK_PACKET", 10, 0xf),
    flag("SOCK_CLOEXEC", 0o2000000),
    flag("SOCK_NONBLOCK", 0o4000),
];

/// `SOL_SOCKET`.
pub const SOCKET_LEVEL: i32 = 1;

/// Options of the level `SOL_SOCKET`.
pub const SOCKET_OPTIONS: &[Constant] = &[
    number("SO_DEBUG", 1),
    number("SO_REUSEADDR", 2),
    number("SO_TYPE", 3),
    number("SO_ERROR", 4),
    number("SO_DONTROUTE", 5),
    number("SO_BROADCAST", 6),
    number("SO_SNDBUF", 7),
    number("SO_RCVBUF", 8),
    number("SO_KEEPALIVE", 9),
    number("SO_OOBINLINE", 10),
    number("SO_NO_CHECK", 11),
    number("SO_PRIORITY", 12),
    number("SO_LINGER", 13),
    number("SO_BSDCOMPAT", 14),
    number("SO_REUSEPORT", 15),
    number("SO_PASSCRED", 16),
    number("SO_PEERCRED", 17),
    number("SO_RCVLOWAT", 18),
    number("SO_SNDLOWAT", 19),
    number("SO_RCVTIMEO_OLD", 20),
    number("SO_SNDTIMEO_OLD", 21),
    number("SO_SECURITY_AUTHENTICATION", 22),
    number("SO_SECURITY_ENCRYPTION_TRANSPORT", 23),
    number("SO_SECURITY_ENCRYPTION_NETWORK", 24),
    number("SO_BINDTODEVICE", 25),
    number("SO_ATTACH_FILTER", 26),
    number("SO_DETACH_FILTER", 27),
    number("SO_PEERNAME", 28),
    number("SO_TIMESTAMP_OLD", 29),
    number("SO_ACCEPTCONN", 30),
    number("SO_PEERSEC", 31),
    number("SO_SNDBUFFORCE", 32),
    number("SO_RCVBUFFORCE", 33),
    number("SO_PASSSEC", 34),
    number("SO_TIMESTAMPNS_OLD", 35),
    number("SO_MARK", 36),
    number("SO_TIMESTAMPING_OLD", 37),
    number("SO_PROTOCOL", 38),
    number("SO_DOMAIN", 39),
    number("SO_RXQ_OVFL", 40),
    number("SO_WIFI_STATUS", 41),
    number("SO_PEEK_OFF", 42),
    number("SO_NOFCS", 43),
    number("SO_LOCK_FILTER", 44),
    number("SO_SELECT_ERR_QUEUE", 45),
    number("SO_BUSY_POLL", 46),
    number("SO_MAX_PACING_RATE", 47),
    number("SO_BPF_EXTENSIONS", 48),
    number("SO_INCOMING_CPU", 49),
    number("SO_ATTACH_BPF", 50),
    number("SO_ATTACH_REUSEPORT_CBPF", 51),
    number("SO_ATTACH_REUSEPORT_EBPF", 52),
    number("SO_CNX_ADVICE", 53),
    number("SO_MEMINFO", 55),
    number("SO_INCOMING_NAPI_ID", 56),
    number("SO_COOKIE", 57),
    number("SO_PEERGROUPS", 59),
    number("SO_ZEROCOPY", 60),
    number("SO_TXTIME", 61),
    number("SO_BINDTOIFINDEX", 62),
    number("SO_TIMESTAMP_NEW", 63),
    number("SO_TIMESTAMPNS_NEW", 64),
    number("SO_TIMESTAMPING_NEW", 65),
    number("SO_RCVTIMEO_NEW", 66),
    number("SO_SNDTIMEO_NEW", 67),
    number("SO_DETACH_REUSEPORT_BPF", 68),
    number("SO_PREFER_BUSY_POLL", 69),
    number("SO_BUSY_POLL_BUDGET", 70),
    number("SO_NETNS_COOKIE", 71),
    number("SO_BUF_LOCK", 72),
    number("SO_RESERVE_MEM", 73),
    number("SO_TXREHASH", 74),
    number("SO_RCVMARK", 75),
    number("SO_PASSPIDFD", 76),
    number("SO_PEERPIDFD", 77),
];

/// Requests of ioctl.
pub const IOCTL: &[Constant] = &[
    number("TCGETS", 0x5401),
    number("TCSETS", 0x5402),
    number("TCSETSW", 0x5403),
    number("TCSETSF", 0x5404),
    number("TCSBRK", 0x5409),
    number("TCXONC", 0x540a),
    number("TCFLSH", 0x540b),
    number("TIOCEXCL", 0x540c),
    number("TIOCNXCL", 0x540d),
    number("TIOCSCTTY", 0x540e),
    number("TIOCGPGRP", 0x540f),
    number("TIOCSPGRP", 0x5410),
    number("TIOCOUTQ", 0x5411),
    number("TIOCSTI", 0x5412),
    number("TIOCGWINSZ", 0x5413),
    number("TIOCSWINSZ", 0x5414),
    number("TIOCMGET", 0x5415),
    number("TIOCMBIS", 0x5416),
    number("TIOCMBIC", 0x5417),
    number("TIOCMSET", 0x5418),
    number("FIONREAD", 0x541b),
    number("TIOCCONS", 0x541d),
    number("FIONBIO", 0x5421),
    number("TIOCNOTTY", 0x5422),
    number("TIOCSETD", 0x5423),
    number("TIOCGETD", 0x5424),
    number("TCSBRKP", 0x5425),
    number("TIOCGSID", 0x5429),
    number("TCGETS2", 0x802c_542a),
    number("TCSETS2", 0x402c_542b),
    number("TCSETSW2", 0x402c_542c),
    number("TCSETSF2", 0x402c_542d),
    number("TIOCGPTN", 0x8004_5430),
    number("TIOCSPTLCK", 0x4004_5431),
    number("TIOCGPTLCK", 0x8004_5439),
    number("TIOCGPTPEER", 0x5441),
    number("FIONCLEX", 0x5450),
    number("FIOCLEX", 0x5451),
    number("FIOASYNC", 0x5452),
    number("FIOQSIZE", 0x5460),
    number("BLKROGET", 0x125e),
    number("BLKRRPART", 0x125f),
    number("BLKGETSIZE", 0x1260),
    number("BLKFLSBUF", 0x1261),
    number("BLKSSZGET", 0x1268),
    number("BLKBSZGET", 0x8008_1270),
    number("BLKGETSIZE64", 0x8008_1272),
    number("FS_IOC_GETFLAGS", 0x8008_6601),
    number("FS_IOC_SETFLAGS", 0x4008_6602),
    number("FS_IOC_GETVERSION", 0x8008_7601),
    number("FICLONE", 0x4004_9409),
    number("FIOSETOWN", 0x8901),
    number("SIOCSPGRP", 0x8902),
    number("FIOGETOWN", 0x8903),
    number("SIOCGPGRP", 0x8904),
    number("SIOCATMARK", 0x8905),
    number("SIOCGIFNAME", 0x8910),
    number("SIOCGIFCONF", 0x8912),
    number("SIOCGIFFLAGS", 0x8913),
    number("SIOCSIFFLAGS", 0x8914),
    number("SIOCGIFADDR", 0x8915),
    number("SIOCSIFADDR", 0x8916),
    number("SIOCGIFDSTADDR", 0x8917),
    number("SIOCSIFDSTADDR", 0x8918),
    number("SIOCGIFBRDADDR", 0x8919),
    number("SIOCSIFBRDADDR", 0x891a),
    number("SIOCGIFNETMASK", 0x891b),
    number("SIOCSIFNETMASK", 0x891c),
    number("SIOCGIFMETRIC", 0x891d),
    number("SIOCSIFMETRIC", 0x891e),
    number("SIOCGIFMTU", 0x8921),
    number("SIOCSIFMTU", 0x8922),
    number("SIOCSIFNAME", 0x8923),
    number("SIOCSIFHWADDR", 0x8924),
    number("SIOCGIFHWADDR", 0x8927),
    number("SIOCGIFINDEX", 0x8933),
    number("SIOCGIFTXQLEN", 0x8942),
    number("SIOCSIFTXQLEN", 0x8943),
];

/// Input modes of termios.
pub const TERMINAL_INPUT: &[Constant] = &[
    flag("IGNBRK", 1),
    flag("BRKINT", 2),
    flag("IGNPAR", 4),
    flag("PARMRK", 0o10),
    flag("INPCK", 0o20),
    flag("ISTRIP", 0o40),
    flag("INLCR", 0o100),
    flag("IGNCR", 0o200),
    flag("ICRNL", 0o400),
    flag("IUCLC", 0o1000),
    flag("IXON", 0o2000),
    flag("IXANY", 0o4000),
    flag("IXOFF", 0o10000),
    flag("IMAXBEL", 0o20000),
    flag("IUTF8", 0o40000),
];

/// Output modes of termios.
pub const TERMINAL_OUTPUT: &[Constant] = &[
    flag("OPOST", 1),
    flag("OLCUC", 2),
    flag("ONLCR", 4),
    flag("OCRNL", 0o10),
    flag("ONOCR", 0o20),
    flag("ONLRET", 0o40),
    flag("OFILL", 0o100),
    flag("OFDEL", 0o200),
    flag("NL1", 0o400),
    choice("CR1", 0o1000, 0o3000),
    choice("CR2", 0o2000, 0o3000),
    choice("CR3", 0o3000, 0o3000),
    choice("TAB1", 0o4000, 0o14000),
    choice("TAB2", 0o10000, 0o14000),
    choice("TAB3", 0o14000, 0o14000),
    flag("BS1", 0o20000),
    flag("VT1", 0o40000),
    flag("FF1", 0o100000),
];

/// Control modes of termios.
pub const TERMINAL_CONTROL: &[Constant] = &[
    choice("B50", 1, 0o10017),
    choice("B75", 2, 0o10017),
    choice("B110", 3, 0o10017),
    choice("B134", 4, 0o10017),
    choice("B150", 5, 0o10017),
    choice("B200", 6, 0o10017),
    choice("B300", 7, 0o10017),
    choice("B600", 0o10, 0o10017),
    choice("B1200", 0o11, 0o10017),
    choice("B1800", 0o12, 0o10017),
    choice("B2400", 0o13, 0o10017),
    choice("B4800", 0o14, 0o10017),
    choice("B9600", 0o15, 0o10017),
    choice("B19200", 0o16, 0o10017),
    choice("B38400", 0o17, 0o10017),
    choice("B57600", 0o10001, 0o10017),
    choice("B115200", 0o10002, 0o10017),
    choice("B230400", 0o10003, 0o10017),
    choice("CS6", 0o20, 0o60),
    choice("CS7", 0o40, 0o60),
    choice("CS8", 0o60, 0o60),
    flag("CSTOPB", 0o100),
    flag("CREAD", 0o200),
    flag("PARENB", 0o400),
    flag("PARODD", 0o1000),
    flag("HUPCL", 0o2000),
    flag("CLOCAL", 0o4000),
    flag("CRTSCTS", 0o20000000000),
];

/// Local modes of termios.
pub const TERMINAL_LOCAL: &[Constant] = &[
    flag("ISIG", 1),
    flag("ICANON", 2),
    flag("XCASE", 4),
    flag("ECHO", 0o10),
    flag("ECHOE", 0o20),
    flag("ECHOK", 0o40),
    flag("ECHONL", 0o100),
    flag("NOFLSH", 0o200),
    flag("TOSTOP", 0o400),
    flag("ECHOCTL", 0o1000),
    flag("ECHOPRT", 0o2000),
    flag("ECHOKE", 0o4000),
    flag("FLUSHO", 0o10000),
    flag("PENDIN", 0o40000),
    flag("IEXTEN", 0o100000),
    flag("EXTPROC", 0o200000),
];

/// Indexes of termios' control characters.
pub const TERMINAL_CHARACTERS: &[Constant] = &[
    number("VINTR", 0),
    number("VQUIT", 1),
    number("VERASE", 2),
    number("VKILL", 3),
    number("VEOF", 4),
    number("VTIME", 5),
    number("VMIN", 6),
    number("VSWTC", 7),
    number("VSTART", 8),
    number("VSTOP", 9),
    number("VSUSP", 10),
    number("VEOL", 11),
    number("VREPRINT", 12),
    number("VDISCARD", 13),
    number("VWERASE", 14),
    number("VLNEXT", 15),
    number("VEOL2", 16),
];

/// `struct termios` of asm-generic.
pub const TERMIOS: Layout = Layout {
    size: 36,
    fields: &[
        field("c_iflag", 0, 4),
        field("c_oflag", 4, 4),
        field("c_cflag", 8, 4),
        field("c_lflag", 12, 4),
        field("c_line", 16, 1),
        field("c_cc", 17, 1),
    ],
};

/// `struct stat` of asm-generic with 64-bit words.
pub const STAT64BIT: Layout = Layout {
    size: 128,
    fields: &[
        field("st_dev", 0, 8),
        field("st_ino", 8, 8),
        field("st_mode", 16, 4),
        field("st_nlink", 20, 4),
        field("st_uid", 24, 4),
        field("st_gid", 28, 4),
        field("st_rdev", 32, 8),
        field("st_size", 48, 8),
        field("st_blksize", 56, 4),
        field("st_blocks", 64, 8),
        field("st_atime", 72, 8),
        field("st_atime_nsec", 80, 8),
        field("st_mtime", 88, 8),
        field("st_mtime_nsec", 96, 8),
        field("st_ctime", 104, 8),
        field("st_ctime_nsec", 112, 8),
    ],
};

/// `struct statfs` with 64-bit words.
pub const STATFS64BIT: Layout = Layout {
    size: 120,
    fields: &[
        field("f_type", 0, 8),
        field("f_bsize", 8, 8),
        field("f_blocks", 16, 8),
        field("f_bfree", 24, 8),
        field("f_bavail", 32, 8),
        field("f_files", 40, 8),
        field("f_ffree", 48, 8),
        field("f_fsid", 56, 4),
        field("f_fsid_high", 60, 4),
        field("f_namelen", 64, 8),
        field("f_frsize", 72, 8),
        field("f_flags", 80, 8),
    ],
};

/// The kernel's `struct sigaction` with 64-bit words and no restorer.
pub const SIGACTION64BIT: Layout = Layout {
    size: 24,
    fields: &[
        field("sa_handler", 0, 8),
        field("sa_flags", 8, 8),
        field("sa_mask", 16, 8),
    ],
};

/// `stack_t` with 64-bit words.
pub const STACK64BIT: Layout = Layout {
    size: 24,
    fields: &[
        field("ss_sp", 0, 8),
        field("ss_flags", 8, 4),
        field("ss_size", 16, 8),
    ],
};

/// `struct flock` with 64-bit words.
pub const FLOCK64BIT: Layout = Layout {
    size: 32,
    fields: FLOCK,
};

const FLOCK: &[Field] = &[
    field("l_type", 0, 2),
    field("l_whence", 2, 2),
    field("l_start", 8, 8),
    field("l_len", 16, 8),
    field("l_pid", 24, 4),
];

/// `struct epoll_event`, aligned as C has it (x86-64 packs it).
pub const EPOLL_EVENT: Layout = Layout {
    size: 16,
    fields: &[field("events", 0, 4), field("data", 8, 8)],
};

/// `struct shmid64_ds` with 64-bit words. It begins with `struct ipc64_perm`, like the next two.
pub const SHMID64BIT: Layout = Layout {
    size: 112,
    fields: &[
        field("key", 0, 4),
        field("uid", 4, 4),
        field("gid", 8, 4),
        field("cuid", 12, 4),
        field("cgid", 16, 4),
        field("mode", 20, 4),
        field("seq", 24, 2),
        field("shm_segsz", 48, 8),
        field("shm_atime", 56, 8),
        field("shm_dtime", 64, 8),
        field("shm_ctime", 72, 8),
        field("shm_cpid", 80, 4),
        field("shm_lpid", 84, 4),
        field("shm_nattch", 88, 8),
    ],
};

/// `struct semid64_ds` with 64-bit words.
pub const SEMID64BIT: Layout = Layout {
    size: 88,
    fields: &[
        field("key", 0, 4),
        field("uid", 4, 4),
        field("gid", 8, 4),
        field("cuid", 12, 4),
        field("cgid", 16, 4),
        field("mode", 20, 4),
        field("seq", 24, 2),
        field("sem_otime", 48, 8),
        field("sem_ctime", 56, 8),
        field("sem_nsems", 64, 8),
    ],
};

/// `struct msqid64_ds` with 64-bit words.
pub const MSQID64BIT: Layout = Layout {
    size: 120,
    fields: &[
        field("key", 0, 4),
        field("uid", 4, 4),
        field("gid", 8, 4),
        field("cuid", 12, 4),
        field("cgid", 16, 4),
        field("mode", 20, 4),
        field("seq", 24, 2),
        field("msg_stime", 48, 8),
        field("msg_rtime", 56, 8),
        field("msg_ctime", 64, 8),
        field("msg_cbytes", 72, 8),
        field("msg_qnum", 80, 8),
        field("msg_qbytes", 88, 8),
        field("msg_lspid", 96, 4),
        field("msg_lrpid", 100, 4),
    ],
};
