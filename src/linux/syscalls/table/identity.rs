//! Who the process is, and what the system is.

use super::NONE;
use crate::syscalls::Kind::{Address, Input, Int, IntOut, Output, Size, Unsigned, UtsnameOut};
use crate::syscalls::{Call, call, identity as id};

pub(super) const CALLS: &[Call] = &[
    call("uname", id::uname, &[UtsnameOut]),
    call("sysinfo", id::sysinfo, &[Address]),
    call("sethostname", id::sethostname, &[Input, Size]),
    call("setdomainname", id::setdomainname, &[Input, Size]),
    call("syslog", id::syslog, &[Int, Output, Unsigned]),
    call("getuid", id::getuid, NONE),
    call("geteuid", id::geteuid, NONE),
    call("getgid", id::getgid, NONE),
    call("getegid", id::getegid, NONE),
    call("getresuid", id::getresuid, &[IntOut, IntOut, IntOut]),
    call("getresgid", id::getresgid, &[IntOut, IntOut, IntOut]),
    call("setuid", id::setuid, &[Int]),
    call("setgid", id::setgid, &[Int]),
    call("setreuid", id::setreuid, &[Int, Int]),
    call("setregid", id::setregid, &[Int, Int]),
    call("setresuid", id::setresuid, &[Int, Int, Int]),
    call("setresgid", id::setresgid, &[Int, Int, Int]),
    call("setfsuid", id::setfsuid, &[Int]),
    call("setfsgid", id::setfsgid, &[Int]),
    call("getgroups", id::getgroups, &[Int, Address]),
    call("setgroups", id::setgroups, &[Int, Address]),
    call("capget", id::capget, &[Address, Address]),
    call("capset", id::capset, &[Address, Address]),
];
