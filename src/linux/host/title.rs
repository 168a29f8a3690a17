//! What the host's lists of processes say about this one.

use super::call::GuestBuffer;
use super::calls;
use std::ffi::{CStr, c_ulong};

/// `struct prctl_mm_map`.
#[repr(C)]
struct Map {
    /// Code, data, heap, stack, as `/proc/self/stat` has them.
    places: [u64; 7],
    arguments: [u64; 2],
    environment: [u64; 2],
    auxiliary: u64,
    auxiliary_size: u32,
    executable: i32,
}

/// Fields of `/proc/self/stat`, counted from 1 as the manual does.
const START_CODE: usize = 26;
const END_CODE: usize = 27;
const START_STACK: usize = 28;
const START_DATA: usize = 45;
const END_DATA: usize = 46;
const START_HEAP: usize = 47;
const START_ENVIRONMENT: usize = 50;
const END_ENVIRONMENT: usize = 51;

/// Lets the host's lists show the guest's name and arguments instead of the emulator's. The
/// arguments are read where the guest has them, so that a program that rewrites its own is shown
/// as it wants. Only a courtesy: what the host does not allow is left as it is.
pub(crate) fn show(name: &CStr, arguments: GuestBuffer<'_>) {
    let _ = calls::prctl_name(libc::PR_SET_NAME, name).now();
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    if let Some(map) = map(&stat, &arguments) {
        // SAFETY: the kernel reads the structure, and notes where lists of processes are to look;
        // nothing is moved. The addresses stay inside the guest's reserved region, and reading
        // them when they are gone fails in the kernel.
        unsafe {
            let size = size_of::<Map>() as c_ulong;
            libc::prctl(
                libc::PR_SET_MM,
                libc::PR_SET_MM_MAP as c_ulong,
                &raw const map,
                size,
                0,
            );
        }
    }
}

fn map(stat: &str, arguments: &GuestBuffer<'_>) -> Option<Map> {
    // The second field, a name in parentheses, may contain anything.
    let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
    let field = |number: usize| fields.get(number - 3)?.parse::<u64>().ok();
    // SAFETY: asks where the heap ends; moves nothing.
    let heap_end = unsafe { libc::sbrk(0) } as u64;
    let start = arguments.start();
    Some(Map {
        places: [
            field(START_CODE)?,
            field(END_CODE)?,
            field(START_DATA)?,
            field(END_DATA)?,
            field(START_HEAP)?,
            heap_end,
            field(START_STACK)?,
        ],
        arguments: [start, start + arguments.len() as u64],
        environment: [field(START_ENVIRONMENT)?, field(END_ENVIRONMENT)?],
        auxiliary: 0,
        auxiliary_size: 0,
        executable: -1,
    })
}
