//! The guest accesses of the host backend: the only code that touches guest memory.
//!
//! Any of them can fault in the host at any time: protection is checked there, a file can be
//! truncated, another thread can unmap the page. So each is an instruction in inline assembly with
//! an entry in the fix-up table (see `fixup.rs`), never a Rust load or store, and no Rust reference
//! to guest memory exists. That also makes races between guest threads the hardware's business, not
//! the language's.
//!
//! The wall is the compare in front of each. It looks at the first byte only: an access of at most
//! [`GUARD`] bytes that starts inside the space ends inside it or faults in the guard zone behind.
//!
//! A single access costs a compare and a never-taken branch, the access, and for loads and atomics
//! (assembly with a result cannot jump in stable Rust) a cleared register and its test.

use std::arch::asm;
use std::hint::cold_path;

use super::host::{GUARD, Space};
use super::{Access, Order, Rmw};

const _: () = assert!(GUARD >= 8, "the guard zone stops the largest single access");

/// The entry that says: if the instruction at label 2 faults, continue at `$resume`. Retained by
/// name, since nothing refers to it but the borders of its section.
macro_rules! fixup {
    ($resume:literal) => {
        concat!(
            ".pushsection portolan_fixups, \"aR\", @progbits\n",
            ".balign 4\n",
            ".long 2b - .\n",
            ".long ",
            $resume,
            " - .\n",
            ".popsection"
        )
    };
}

/// An instruction that may fault, with the operands of `asm!`; whether it did not. Where it does,
/// its outputs are meaningless. A stub out of the way, behind the function, notes the fault.
macro_rules! guarded {
    ($instruction:expr, $($operands:tt)*) => {{
        let faulted: u32;
        asm!(
            "xor {faulted:e}, {faulted:e}",
            concat!("2: ", $instruction),
            "3:",
            ".subsection 1",
            "4: mov {faulted:e}, 1",
            "jmp 3b",
            ".previous",
            fixup!("4b"),
            faulted = out(reg) faulted,
            $($operands)*
        );
        if faulted != 0 {
            cold_path();
        }
        faulted == 0
    }};
}

/// A load by `$instruction` into a 64-bit value.
macro_rules! load {
    ($instruction:literal, $base:expr, $address:expr) => {{
        let value: u64;
        let done = guarded!(
            concat!($instruction, " [{base} + {address}]"),
            value = lateout(reg) value,
            base = in(reg) $base,
            address = in(reg) $address,
            options(readonly, nostack)
        );
        if done { Some(value) } else { None }
    }};
}

/// A store by `$instruction`. Without outputs the assembly can jump, so success costs no test.
macro_rules! store {
    ($instruction:literal, $base:expr, $address:expr, $value:expr) => {
        asm!(
            concat!("2: ", $instruction),
            fixup!("{faulted}"),
            base = in(reg) $base,
            address = in(reg) $address,
            value = in(reg) $value,
            faulted = label { cold_path(); return None },
            options(nostack, preserves_flags)
        )
    };
}

/// An atomic exchange by `$instruction`, which leaves the old value in the register of the new.
macro_rules! exchange {
    ($instruction:literal, $base:expr, $address:expr, $value:expr) => {{
        let old: u64;
        let done = guarded!(
            $instruction,
            value = inlateout(reg) $value => old,
            base = in(reg) $base,
            address = in(reg) $address,
            options(nostack)
        );
        if done { Some(old) } else { None }
    }};
}

/// An atomic compare and exchange by `$instruction`.
macro_rules! compare_exchange {
    ($instruction:literal, $base:expr, $address:expr, $expected:expr, $new:expr) => {{
        let old: u64;
        let done = guarded!(
            $instruction,
            new = in(reg) $new,
            base = in(reg) $base,
            address = in(reg) $address,
            inlateout("rax") $expected => old,
            options(nostack)
        );
        if done { Some(old) } else { None }
    }};
}

/// All are refused (`None`, or a short count) without effect where the host faults; the caller
/// finds out why.
impl Space {
    #[inline(always)]
    pub(super) fn load(&self, a: Access, address: u64) -> Option<u64> {
        if address >= self.limit() {
            cold_path();
            return None;
        }
        let base = self.base();
        // Little-endian loads extend as they load; others load the raw value.
        let extends = a.signed && matches!((a.order, a.bytes), (Order::Little, _) | (_, 1));
        // SAFETY: the access starts inside the space, so it ends inside the region (the space and
        // its guard zones), where there is nothing but guest memory. It may fault: the fix-up
        // table has its instruction.
        let value = unsafe {
            match (a.bytes, extends) {
                (1, false) => load!("movzx {value:e}, byte ptr", base, address),
                (1, true) => load!("movsx {value}, byte ptr", base, address),
                (2, false) => load!("movzx {value:e}, word ptr", base, address),
                (2, true) => load!("movsx {value}, word ptr", base, address),
                (4, false) => load!("mov {value:e}, dword ptr", base, address),
                (4, true) => load!("movsxd {value}, dword ptr", base, address),
                _ => load!("mov {value}, qword ptr", base, address),
            }?
        };
        Some(match a.order {
            Order::Little => value,
            Order::Big => a.value(value),
        })
    }

    #[inline(always)]
    pub(super) fn store(&self, a: Access, address: u64, value: u64) -> Option<()> {
        if address >= self.limit() {
            cold_path();
            return None;
        }
        let base = self.base();
        let value = match a.order {
            Order::Little => value,
            Order::Big => a.raw(value),
        };
        // SAFETY: as in `load`.
        unsafe {
            match a.bytes {
                1 => store!(
                    "mov byte ptr [{base} + {address}], {value:l}",
                    base,
                    address,
                    value
                ),
                2 => store!(
                    "mov word ptr [{base} + {address}], {value:x}",
                    base,
                    address,
                    value
                ),
                4 => store!(
                    "mov dword ptr [{base} + {address}], {value:e}",
                    base,
                    address,
                    value
                ),
                _ => store!(
                    "mov qword ptr [{base} + {address}], {value}",
                    base,
                    address,
                    value
                ),
            }
        }
        Some(())
    }

    /// At any alignment: the host's processor locks what its accesses straddle.
    pub(super) fn rmw(&self, a: Access, op: Rmw, address: u64, operand: u64) -> Option<u64> {
        match (op, a.order) {
            (Rmw::Swap, _) => self
                .swap(a, address, a.raw(operand))
                .map(|old| a.value(old)),
            (Rmw::Add, Order::Little) => self.add(a, address, operand).map(|old| a.value(old)),
            _ => {
                let raw = Access {
                    signed: false,
                    order: Order::Little,
                    ..a
                };
                let mut old = self.load(raw, address)?;
                loop {
                    let seen =
                        self.raw_compare_exchange(a, address, old, op.apply(a, old, operand))?;
                    if raw.value(seen) == old {
                        return Some(a.value(old));
                    }
                    old = raw.value(seen);
                }
            }
        }
    }

    pub(super) fn compare_exchange(
        &self,
        a: Access,
        address: u64,
        expected: u64,
        new: u64,
    ) -> Option<u64> {
        let old = self.raw_compare_exchange(a, address, a.raw(expected), a.raw(new))?;
        Some(a.value(old))
    }

    /// `address` must be a multiple of 16.
    pub(super) fn compare_exchange_pair(
        &self,
        address: u64,
        expected: [u64; 2],
        new: [u64; 2],
    ) -> Option<bool> {
        if address >= self.limit() {
            return None;
        }
        let (faulted, equal): (u32, u8);
        // SAFETY: as in `load`. The compiler keeps rbx for itself, so that it is exchanged around the
        // instruction, fault or not; no operand is in it.
        unsafe {
            asm!(
                "xor r8d, r8d",
                "xchg rbx, rsi",
                "2: lock cmpxchg16b xmmword ptr [rdi]",
                "sete r9b",
                "3: xchg rbx, rsi",
                ".subsection 1",
                "4: mov r8d, 1",
                "jmp 3b",
                ".previous",
                fixup!("4b"),
                in("rdi") self.base().wrapping_add(address as usize),
                inlateout("rsi") new[0] => _,
                in("rcx") new[1],
                inlateout("rax") expected[0] => _,
                inlateout("rdx") expected[1] => _,
                out("r8") faulted,
                out("r9b") equal,
                options(nostack)
            );
        }
        if faulted != 0 {
            cold_path();
            return None;
        }
        Some(equal != 0)
    }

    fn swap(&self, a: Access, at: u64, value: u64) -> Option<u64> {
        if at >= self.limit() {
            return None;
        }
        let base = self.base();
        // SAFETY: as in `load`.
        unsafe {
            match a.bytes {
                1 => exchange!(
                    "xchg byte ptr [{base} + {address}], {value:l}",
                    base,
                    at,
                    value
                ),
                2 => exchange!(
                    "xchg word ptr [{base} + {address}], {value:x}",
                    base,
                    at,
                    value
                ),
                4 => exchange!(
                    "xchg dword ptr [{base} + {address}], {value:e}",
                    base,
                    at,
                    value
                ),
                _ => exchange!(
                    "xchg qword ptr [{base} + {address}], {value}",
                    base,
                    at,
                    value
                ),
            }
        }
    }

    fn add(&self, a: Access, at: u64, value: u64) -> Option<u64> {
        if at >= self.limit() {
            return None;
        }
        let base = self.base();
        // SAFETY: as in `load`.
        unsafe {
            match a.bytes {
                1 => exchange!("lock xadd [{base} + {address}], {value:l}", base, at, value),
                2 => exchange!("lock xadd [{base} + {address}], {value:x}", base, at, value),
                4 => exchange!("lock xadd [{base} + {address}], {value:e}", base, at, value),
                _ => exchange!("lock xadd [{base} + {address}], {value}", base, at, value),
            }
        }
    }

    fn raw_compare_exchange(&self, a: Access, at: u64, old: u64, new: u64) -> Option<u64> {
        if at >= self.limit() {
            return None;
        }
        let base = self.base();
        // SAFETY: as in `load`.
        unsafe {
            match a.bytes {
                1 => {
                    compare_exchange!(
                        "lock cmpxchg [{base} + {address}], {new:l}",
                        base,
                        at,
                        old,
                        new
                    )
                }
                2 => {
                    compare_exchange!(
                        "lock cmpxchg [{base} + {address}], {new:x}",
                        base,
                        at,
                        old,
                        new
                    )
                }
                4 => {
                    compare_exchange!(
                        "lock cmpxchg [{base} + {address}], {new:e}",
                        base,
                        at,
                        old,
                        new
                    )
                }
                _ => {
                    compare_exchange!(
                        "lock cmpxchg [{base} + {address}], {new}",
                        base,
                        at,
                        old,
                        new
                    )
                }
            }
        }
    }

    /// Copies bytes from `address` on; how many, which is fewer where one is not readable.
    pub(super) fn copy_out(&self, address: u64, into: &mut [u8]) -> usize {
        let count = self.reachable(address, into.len() as u64) as usize;
        // SAFETY: `count` bytes lie both in the space and in `into`; as in `load` for faults.
        let left = unsafe {
            copy(
                into.as_mut_ptr(),
                self.base().wrapping_add(address as usize),
                count,
            )
        };
        count - left
    }

    /// Copies bytes to `address` on; how many, which is fewer where one is not writable.
    pub(super) fn copy_in(&self, address: u64, from: &[u8]) -> usize {
        let count = self.reachable(address, from.len() as u64) as usize;
        // SAFETY: as in `copy_out`.
        let left = unsafe {
            copy(
                self.base().wrapping_add(address as usize),
                from.as_ptr(),
                count,
            )
        };
        count - left
    }

    /// Sets `length` bytes from `address` on; how many, which is fewer where one is not writable.
    pub(super) fn fill(&self, address: u64, length: u64, byte: u8) -> u64 {
        self.fill_elements(Access::U8, address, byte.into(), length)
    }

    /// Copies elements upwards, one after the other; how many, which is fewer where one cannot be loaded or
    /// stored.
    pub(super) fn copy_elements(&self, access: Access, to: u64, from: u64, count: u64) -> u64 {
        let count = self.elements(access, to, count);
        let count = self.elements(access, from, count);
        let base = self.base();
        let left: u64;
        macro_rules! copy {
            ($instruction:literal) => {
                asm!(
                    concat!("2: rep ", $instruction),
                    "3:",
                    fixup!("3b"),
                    inlateout("rcx") count => left,
                    inlateout("rdi") base.wrapping_add(to as usize) => _,
                    inlateout("rsi") base.wrapping_add(from as usize) => _,
                    options(nostack, preserves_flags)
                )
            };
        }
        // SAFETY: both runs of elements lie in the space; as in `load` for faults, which leave the count of
        // those that were not copied. The direction flag is clear on entry.
        unsafe {
            match access.bytes {
                1 => copy!("movsb"),
                2 => copy!("movsw"),
                4 => copy!("movsd"),
                _ => copy!("movsq"),
            }
        }
        count - left
    }

    /// Stores a value in elements upwards; how many, which is fewer where one cannot be stored.
    pub(super) fn fill_elements(&self, access: Access, to: u64, value: u64, count: u64) -> u64 {
        let count = self.elements(access, to, count);
        let base = self.base();
        let left: u64;
        macro_rules! fill {
            ($instruction:literal) => {
                asm!(
                    concat!("2: rep ", $instruction),
                    "3:",
                    fixup!("3b"),
                    inlateout("rcx") count => left,
                    inlateout("rdi") base.wrapping_add(to as usize) => _,
                    in("rax") access.raw(value),
                    options(nostack, preserves_flags)
                )
            };
        }
        // SAFETY: as in `copy_elements`.
        unsafe {
            match access.bytes {
                1 => fill!("stosb"),
                2 => fill!("stosw"),
                4 => fill!("stosd"),
                _ => fill!("stosq"),
            }
        }
        count - left
    }

    /// How many of `count` elements from `address` on lie in the space.
    fn elements(&self, access: Access, address: u64, count: u64) -> u64 {
        let size = u64::from(access.bytes);
        self.reachable(address, count * size) / size
    }

    /// How many of `length` bytes from `address` on lie in the space.
    fn reachable(&self, address: u64, length: u64) -> u64 {
        self.limit().saturating_sub(address).min(length)
    }
}

/// Copies `count` bytes upwards until one cannot be accessed; how many are left.
///
/// # Safety
///
/// Each of the two runs of bytes must lie inside the region of a [`Space`] or be valid for the
/// access. The count is exact: the instruction faults precisely, and resumes behind itself.
unsafe fn copy(to: *mut u8, from: *const u8, count: usize) -> usize {
    let left: usize;
    // SAFETY: as the caller promises; a fault has its fix-up. The direction flag is clear on entry.
    unsafe {
        asm!(
            "2: rep movsb",
            "3:",
            fixup!("3b"),
            inlateout("rcx") count => left,
            inlateout("rdi") to => _,
            inlateout("rsi") from => _,
            options(nostack, preserves_flags)
        );
    }
    left
}
