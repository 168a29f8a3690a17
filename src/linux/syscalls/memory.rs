//! The address space: mapping, unmapping, protecting, the heap.

use super::{Arguments, Context, Reply};
use crate::constants;
use crate::errno::Errno;
use crate::host::{GuestBuffer, calls};
use portolan_machine::memory::{Intent, MemoryError, PAGE, Protection};
use std::os::fd::BorrowedFd;

impl From<MemoryError> for Errno {
    fn from(error: MemoryError) -> Errno {
        match error {
            MemoryError::Misaligned { .. } | MemoryError::Overlap => Errno::EINVAL,
            MemoryError::OutsideSpace { .. }
            | MemoryError::Unmapped { .. }
            | MemoryError::NoMemory => Errno::ENOMEM,
            MemoryError::Host { errno } => Errno::from_host(errno),
        }
    }
}

/// What mmap's flags ask for.
struct Wish {
    shared: bool,
    anonymous: bool,
    fixed: bool,
    replace: bool,
    low: bool,
}

impl Wish {
    fn read(context: &Context<'_>, flags: u64) -> Result<Wish, Errno> {
        let set = context.personality().abi.constants.mmap;
        let has = |name| {
            let constant = set.iter().find(|constant| constant.name == name);
            constant.is_some_and(|c| flags & c.mask == c.value)
        };
        if has("MAP_HUGETLB") {
            return Err(Errno::ENOMEM);
        }
        if has("MAP_SHARED_VALIDATE") && has("MAP_SYNC") {
            return Err(Errno::EOPNOTSUPP);
        }
        let shared = has("MAP_SHARED") || has("MAP_SHARED_VALIDATE");
        if !shared && !has("MAP_PRIVATE") {
            return Err(Errno::EINVAL);
        }
        let keep = has("MAP_FIXED_NOREPLACE");
        Ok(Wish {
            shared,
            anonymous: has("MAP_ANONYMOUS"),
            fixed: has("MAP_FIXED") || keep,
            replace: !keep,
            low: has("MAP_32BIT"),
        })
    }
}

/// The end of the addresses that `MAP_32BIT` chooses from: those that fit into 32 bits with a sign.
const LOW_END: u64 = 1 << 31;

/// Lengths count as whole pages; those that no space can have are refused.
fn whole_pages(length: u64) -> Result<u64, Errno> {
    match length {
        0 => Err(Errno::EINVAL),
        length => length.checked_next_multiple_of(PAGE).ok_or(Errno::ENOMEM),
    }
}

/// mmap(address, length, protection, flags, fd, offset)
pub fn mmap(context: &mut Context<'_>, a: &Arguments) -> Reply {
    map(context, a, a.word(5))
}

/// mmap2(address, length, protection, flags, fd, page_offset)
pub fn mmap2(context: &mut Context<'_>, a: &Arguments) -> Reply {
    let offset = a.word(5).checked_mul(PAGE).ok_or(Errno::EOVERFLOW)?;
    map(context, a, offset)
}

fn map(context: &mut Context<'_>, a: &Arguments, offset: u64) -> Reply {
    let wish = Wish::read(context, a.word(3))?;
    if !offset.is_multiple_of(PAGE) {
        return Err(Errno::EINVAL);
    }
    if !wish.anonymous {
        calls::fcntl(a.int(4), libc::F_GETFD, 0).now()?;
    }
    let length = whole_pages(a.word(1))?;
    let protection = Protection::from_bits(a.word(2) as u8);
    let process = context.process;
    // Whoever chooses an address holds the heap's lock until it is taken.
    let _heap = process.heap();
    super::limits::check_space(context, length)?;
    let address = choose(context, a.word(0), length, &wish)?;
    let memory = &process.memory;
    match (wish.anonymous, wish.shared) {
        (true, false) => memory.map(address, length, protection, "")?,
        (true, true) => memory.map_shared_anonymous(address, length, protection, "")?,
        (false, shared) => {
            let fd = a.int(4);
            let name = crate::paths::directory(fd).unwrap_or_default();
            let name = process.paths.guest(&name).to_string_lossy().into_owned();
            let fd = crate::host::borrow(fd).ok_or(Errno::EBADF)?;
            map_file(
                memory,
                (address, length),
                protection,
                shared,
                fd,
                (offset, &name),
            )?;
        }
    }
    Ok(address)
}

fn map_file(
    memory: &portolan_machine::memory::Memory,
    (address, length): (u64, u64),
    protection: Protection,
    shared: bool,
    fd: BorrowedFd<'_>,
    (offset, name): (u64, &str),
) -> Result<(), Errno> {
    Ok(memory.map_file(address, length, protection, shared, fd, offset, name)?)
}

/// The address of a new mapping.
fn choose(context: &Context<'_>, hint: u64, length: u64, wish: &Wish) -> Result<u64, Errno> {
    let memory = &context.process.memory;
    let range = context.process.mapping_range();
    if wish.fixed {
        if !hint.is_multiple_of(PAGE) {
            return Err(Errno::EINVAL);
        }
        if !wish.replace && !memory.is_free(hint, length) {
            return Err(Errno::EEXIST);
        }
        return Ok(hint);
    }
    let hint = hint / PAGE * PAGE;
    if hint >= range.start && memory.is_free(hint, length) {
        return Ok(hint);
    }
    let end = match wish.low {
        true => range.end.min(LOW_END),
        false => range.end,
    };
    memory
        .find_free(length, range.start, end)
        .ok_or(Errno::ENOMEM)
}

/// munmap(address, length)
pub fn munmap(context: &mut Context<'_>, a: &Arguments) -> Reply {
    let length = whole_pages(a.word(1)).map_err(|_| Errno::EINVAL)?;
    match context.process.memory.unmap(a.word(0), length) {
        Err(MemoryError::OutsideSpace { .. }) => Err(Errno::EINVAL),
        result => Ok(result.map(|()| 0)?),
    }
}

/// mprotect(address, length, protection)
pub fn mprotect(context: &mut Context<'_>, a: &Arguments) -> Reply {
    const GROWS: u64 = 0x0300_0000;
    if a.word(2) & !(7 | GROWS) != 0 || !a.word(0).is_multiple_of(PAGE) {
        return Err(Errno::EINVAL);
    }
    if a.word(1) == 0 {
        return Ok(0);
    }
    let protection = Protection::from_bits(a.word(2) as u8);
    context
        .process
        .memory
        .protect(a.word(0), a.word(1), protection)?;
    Ok(0)
}

/// mremap(old, old_length, new_length, flags, new)
pub fn mremap(context: &mut Context<'_>, a: &Arguments) -> Reply {
    const MAYMOVE: u64 = 1;
    const FIXED: u64 = 2;
    const DONTUNMAP: u64 = 4;
    let (old, flags, new) = (a.word(0), a.word(3), a.word(4));
    // Second mappings of shared memory, which an old length of zero asks for, are not offered.
    let (old_length, new_length) = (whole_pages(a.word(1))?, whole_pages(a.word(2))?);
    let fixed = flags & FIXED != 0;
    let stays = flags & DONTUNMAP != 0;
    let needs_moving = (fixed || stays) && flags & MAYMOVE == 0;
    if flags & !(MAYMOVE | FIXED | DONTUNMAP) != 0
        || needs_moving
        || stays && old_length != new_length
    {
        return Err(Errno::EINVAL);
    }
    let process = context.process;
    let memory = &process.memory;
    let _heap = process.heap();
    let remap = |target| match memory.remap(old, old_length, target, new_length) {
        Err(MemoryError::Unmapped { .. }) => Err(Errno::EFAULT),
        result => result.map(|()| target).map_err(Errno::from),
    };
    if stays {
        let range = process.mapping_range();
        // Without MREMAP_FIXED the new address is a wish.
        if !new.is_multiple_of(PAGE) {
            return Err(Errno::EINVAL);
        }
        let wish = new >= range.start && memory.is_free(new, new_length);
        let target = match fixed || wish {
            true => Some(new),
            false => memory.find_free(new_length, range.start, range.end),
        };
        return leave_behind(context, old..old + old_length, || {
            remap(target.ok_or(Errno::ENOMEM)?)
        });
    }
    if fixed {
        return remap(new);
    }
    if new_length <= old_length {
        return remap(old);
    }
    let more = new_length - old_length;
    super::limits::check_space(context, more)?;
    let next = old.checked_add(old_length).ok_or(Errno::EINVAL)?;
    if memory.is_free(next, more) {
        return remap(old);
    }
    if flags & MAYMOVE == 0 {
        return Err(Errno::ENOMEM);
    }
    let range = process.mapping_range();
    remap(
        memory
            .find_free(new_length, range.start, range.end)
            .ok_or(Errno::ENOMEM)?,
    )
}

/// Moves pages by `remap`, and leaves fresh ones in their place. Only private memory without a
/// file: of others, the old place would have to go on showing the same pages.
fn leave_behind(
    context: &Context<'_>,
    old: std::ops::Range<u64>,
    remap: impl FnOnce() -> Reply,
) -> Reply {
    let memory = &context.process.memory;
    super::limits::check_space(context, old.end - old.start)?;
    let mappings = memory.mappings().into_iter();
    let parts: Vec<_> = mappings
        .filter(|mapping| mapping.start < old.end && old.start < mapping.end)
        .collect();
    if parts.iter().any(|mapping| mapping.inode != 0) {
        return Err(Errno::EINVAL);
    }
    let reply = remap()?;
    for part in parts {
        let (start, end) = (part.start.max(old.start), part.end.min(old.end));
        memory.map(start, end - start, part.protection, &part.name)?;
    }
    Ok(reply)
}

/// brk(end)
pub fn brk(context: &mut Context<'_>, a: &Arguments) -> Reply {
    let process = context.process;
    let mut heap = process.heap();
    let wanted = a.word(0);
    let top = |address: u64| address.checked_next_multiple_of(PAGE);
    let (Some(old), Some(new)) = (top(heap.end), top(wanted)) else {
        return Ok(heap.end);
    };
    if wanted < heap.start {
        return Ok(heap.end);
    }
    let changed = if new > old {
        let free = process.memory.is_free(old, new - old)
            && super::limits::check_space(context, new - old).is_ok();
        let protection = Protection::READ | Protection::WRITE;
        free && process
            .memory
            .map(old, new - old, protection, "[heap]")
            .is_ok()
    } else {
        new == old || process.memory.unmap(new, old - new).is_ok()
    };
    if changed {
        heap.end = wanted;
    }
    Ok(heap.end)
}

/// Guest pages for a host call, all of which are mapped.
fn pages<'a>(
    context: &Context<'a>,
    address: u64,
    length: u64,
    intent: Intent,
) -> Result<GuestBuffer<'a>, Errno> {
    if !address.is_multiple_of(PAGE) {
        return Err(Errno::EINVAL);
    }
    let length = length.checked_next_multiple_of(PAGE).ok_or(Errno::EINVAL)?;
    let end = address.checked_add(length).ok_or(Errno::EINVAL)?;
    let memory = &context.process.memory;
    let mut reached = address;
    for mapping in memory.mappings() {
        if mapping.start <= reached && reached < mapping.end {
            reached = mapping.end;
        }
    }
    if reached < end {
        return Err(Errno::ENOMEM);
    }
    Ok(GuestBuffer::new(memory, address, length as usize, intent)?)
}

/// madvise(address, length, advice)
pub fn madvise(context: &mut Context<'_>, a: &Arguments) -> Reply {
    let advice = a.int(2);
    if constants::name(super::names::MADVISE, advice as u64).is_none() {
        return Err(Errno::EINVAL);
    }
    let pages = pages(context, a.word(0), a.word(1), Intent::Write)?;
    if pages.is_empty() {
        return Ok(0);
    }
    calls::madvise(pages, advice).now()
}

/// msync(address, length, flags)
pub fn msync(context: &mut Context<'_>, a: &Arguments) -> Reply {
    let pages = pages(context, a.word(0), a.word(1), Intent::Read)?;
    if pages.is_empty() {
        return Ok(0);
    }
    calls::msync(pages, a.int(2)).now()
}

/// The pages that mincore tells about at once.
const CORE_PAGES: u64 = 4096;

/// mincore(address, length, vector)
pub fn mincore(context: &mut Context<'_>, a: &Arguments) -> Reply {
    let all = pages(context, a.word(0), a.word(1), Intent::Read)?.len() as u64;
    let mut done = 0;
    while done < all {
        let length = (all - done).min(CORE_PAGES * PAGE);
        let pages = pages(context, a.word(0) + done, length, Intent::Read)?;
        let mut bytes = vec![0; (length / PAGE) as usize];
        let room = calls::PageBytes::new(&mut bytes, &pages).ok_or(Errno::EINVAL)?;
        calls::mincore(pages, room).now()?;
        context
            .user()
            .write(a.word(2).wrapping_add(done / PAGE), &bytes)?;
        done += length;
    }
    Ok(0)
}

/// mlock(address, length) and, with flags, mlock2
pub fn mlock(context: &mut Context<'_>, a: &Arguments) -> Reply {
    let start = a.word(0) / PAGE * PAGE;
    let pages = pages(
        context,
        start,
        a.word(1).saturating_add(a.word(0) - start),
        Intent::Read,
    )?;
    if pages.is_empty() {
        return Ok(0);
    }
    calls::mlock2(pages, a.int(2)).now()
}

/// munlock(address, length)
pub fn munlock(context: &mut Context<'_>, a: &Arguments) -> Reply {
    let start = a.word(0) / PAGE * PAGE;
    let pages = pages(
        context,
        start,
        a.word(1).saturating_add(a.word(0) - start),
        Intent::Read,
    )?;
    if pages.is_empty() {
        return Ok(0);
    }
    calls::munlock(pages).now()
}

/// mlockall(flags). What is mapped later is not locked: that may cost time, but nothing that a
/// program could see.
pub fn mlockall(context: &mut Context<'_>, a: &Arguments) -> Reply {
    const CURRENT: i32 = 1;
    const FUTURE: i32 = 2;
    const ON_FAULT: i32 = 4;
    const MLOCK_ONFAULT: i32 = 1;
    let flags = a.int(0);
    if flags & !(CURRENT | FUTURE | ON_FAULT) != 0 || flags & (CURRENT | FUTURE) == 0 {
        return Err(Errno::EINVAL);
    }
    if flags & CURRENT != 0 {
        let how = if flags & ON_FAULT != 0 {
            MLOCK_ONFAULT
        } else {
            0
        };
        for mapping in context.process.memory.mappings() {
            // What cannot be read cannot be brought in, which is no error here.
            if mapping.protection != Protection::NONE {
                let length = mapping.end - mapping.start;
                let pages = pages(context, mapping.start, length, Intent::Read)?;
                calls::mlock2(pages, how).now()?;
            }
        }
    }
    Ok(0)
}

/// munlockall()
pub fn munlockall(context: &mut Context<'_>, _: &Arguments) -> Reply {
    for mapping in context.process.memory.mappings() {
        let length = mapping.end - mapping.start;
        calls::munlock(pages(context, mapping.start, length, Intent::Read)?).now()?;
    }
    Ok(0)
}
