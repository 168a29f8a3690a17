//! Socket addresses, `struct sockaddr` and its kin: byte order, and the paths of unix sockets.

use super::order::{Field, HOST, turn};
use crate::errno::Errno;
use crate::host::message::Room;
use crate::layout::Shape;
use crate::paths::{c_path, path_of, rust_path};
use crate::syscalls::Context;
use std::ffi::CString;
use std::fs::File;
use std::os::fd::AsRawFd;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

/// Bytes of `struct sockaddr_storage`: no address is longer.
pub const LONGEST: usize = 128;
/// Bytes before the path of a unix address: the family.
const FAMILY: usize = 2;
/// Bytes of a unix socket's path.
const UNIX_PATH: usize = 108;

/// How the address of a family is made up; the family itself comes first.
fn fields(family: i32) -> &'static [Field] {
    use Field::{Bytes, Numbers, Rest};
    match family {
        // Port and address are in network order.
        libc::AF_INET6 => &[Numbers(2, 1), Bytes(2 + 4 + 16), Numbers(4, 1)],
        // nl_pad, nl_pid, nl_groups
        libc::AF_NETLINK => &[Numbers(2, 2), Numbers(4, 2)],
        // sll_protocol is in network order; sll_ifindex, sll_hatype
        libc::AF_PACKET => &[Numbers(2, 1), Bytes(2), Numbers(4, 1), Numbers(2, 1)],
        // svm_reserved1, svm_port, svm_cid
        libc::AF_VSOCK => &[Numbers(2, 2), Rest(4)],
        // salg_type, salg_feat, salg_mask, salg_name
        libc::AF_ALG => &[Numbers(2, 1), Bytes(14), Numbers(4, 2)],
        // can_ifindex
        libc::AF_CAN => &[Numbers(2, 2), Rest(4)],
        _ => &[Numbers(2, 1)],
    }
}

/// The family of an address in the host's order.
fn family(bytes: &[u8]) -> i32 {
    bytes
        .get(..FAMILY)
        .map_or(libc::AF_UNSPEC, |bytes| HOST.decode(bytes) as i32)
}

/// Whether the last link of a unix socket's path is followed: connecting does, binding makes the
/// name itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Use {
    /// A new name.
    Bind,
    /// A name that is there.
    Reach,
}

/// An address as the host has it.
#[derive(Debug)]
pub struct Address {
    /// The bytes.
    pub bytes: Vec<u8>,
    /// What a path too long for an address is relative to, as long as it is needed.
    _directory: Option<File>,
}

/// Reads the address that a guest passes.
pub fn read(
    context: &Context<'_>,
    address: u64,
    length: u64,
    purpose: Use,
) -> Result<Address, Errno> {
    let length = length as i32;
    let length = usize::try_from(length).map_err(|_| Errno::EINVAL)?;
    if length > LONGEST {
        return Err(Errno::EINVAL);
    }
    let mut bytes = context.user().bytes(address, length)?;
    to_host(context.user().shape, &mut bytes);
    let plain = |bytes| Address {
        bytes,
        _directory: None,
    };
    match unix_path(&bytes) {
        Some(path) if length <= FAMILY + UNIX_PATH => {
            let path = CString::new(path).map_err(|_| Errno::EINVAL)?;
            let found = context.host_path(libc::AT_FDCWD, path.clone(), purpose == Use::Reach)?;
            match found == path {
                true => Ok(plain(bytes)),
                false => unix_address(&found),
            }
        }
        _ => Ok(plain(bytes)),
    }
}

/// Turns an address that stands in guest memory to the host's order.
pub fn to_host(shape: Shape, bytes: &mut [u8]) {
    let family = bytes
        .get(..FAMILY)
        .map_or(libc::AF_UNSPEC, |bytes| shape.decode(bytes) as i32);
    turn(shape, fields(family), bytes);
}

/// The path of a unix address, if it has one: neither unnamed nor abstract.
pub fn unix_path(bytes: &[u8]) -> Option<&[u8]> {
    if family(bytes) != libc::AF_UNIX {
        return None;
    }
    let path = &bytes[FAMILY..];
    let path = path.split(|byte| *byte == 0).next()?;
    (!path.is_empty()).then_some(path)
}

/// The address of a path on the host. A sysroot may make it longer than an address can be; then
/// it is said relative to its directory, which is opened.
fn unix_address(path: &CString) -> Result<Address, Errno> {
    let whole = path.to_bytes();
    if whole.len() < UNIX_PATH {
        return Ok(Address {
            bytes: named(whole),
            _directory: None,
        });
    }
    let path = rust_path(path);
    let (Some(parent), Some(name)) = (path.parent(), path.file_name()) else {
        return Err(Errno::EINVAL);
    };
    let directory = File::options()
        .read(true)
        .custom_flags(libc::O_PATH | libc::O_DIRECTORY)
        .open(parent)
        .map_err(|error| Errno::from_io(&error))?;
    let short = Path::new("/proc/self/fd")
        .join(directory.as_raw_fd().to_string())
        .join(name);
    let short = c_path(&short);
    if short.to_bytes().len() >= UNIX_PATH {
        return Err(Errno::ENAMETOOLONG);
    }
    Ok(Address {
        bytes: named(short.to_bytes()),
        _directory: Some(directory),
    })
}

fn named(path: &[u8]) -> Vec<u8> {
    let family = HOST.encode(libc::AF_UNIX as u64, FAMILY);
    [&family[..FAMILY], path, &[0]].concat()
}

/// An address that the host gives, as the guest has it.
pub fn to_guest(context: &Context<'_>, address: &[u8]) -> Vec<u8> {
    let mut bytes = address.to_vec();
    let paths = &context.process.paths;
    if paths.has_sysroot()
        && let Some(path) = unix_path(address)
    {
        let path = path_of(path.to_vec());
        let guest = paths.guest(&path);
        if guest != path {
            bytes = named(guest.as_os_str().as_bytes());
        }
    }
    let fields = fields(family(&bytes));
    turn(context.user().shape, fields, &mut bytes);
    bytes
}

/// Stores a name that a call reports, with its length: as much as there is room for.
pub fn put(
    context: &Context<'_>,
    name: &Room,
    address: u64,
    length_address: u64,
) -> Result<(), Errno> {
    let user = context.user();
    let room = user.read_u32(length_address)?.cast_signed();
    let room = usize::try_from(room).map_err(|_| Errno::EINVAL)?;
    let bytes = to_guest(context, name.filled());
    if room > 0 && !bytes.is_empty() {
        user.write(address, &bytes[..bytes.len().min(room)])?;
    }
    user.write_u32(length_address, bytes.len() as u32)
}
