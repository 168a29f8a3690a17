//! Single accesses and runs of bytes: sizes, orders, alignment, and where they fault.

use super::*;
use Cause::{Protection as Forbidden, Unmapped};
use Intent::{Execute, Read, Write};

#[test]
fn loads_return_what_stores_left_at_every_alignment_and_order() {
    let memory = memory();
    memory.map(0x10000, 2 * PAGE, RW, "").unwrap();
    for a in SHAPES {
        for address in (0x10001..0x10010).chain(0x10ff0..0x11010) {
            let value = 0x8182_8384_8586_8788_u64.rotate_left(8 * (address as u32 % 8));
            memory.fill(0x10000, 2 * PAGE, 0x55).unwrap();
            memory.store(a, address, value).unwrap();
            assert_eq!(
                memory.load(a, address),
                Ok(a.extend(value)),
                "{a:?} at {address:#x}"
            );
            assert_eq!(memory.load(Access::U8, address - 1), Ok(0x55));
            assert_eq!(
                memory.load(Access::U8, address + u64::from(a.bytes)),
                Ok(0x55)
            );
        }
    }
}

#[test]
fn bytes_lie_in_the_order_of_the_access() {
    let memory = memory();
    memory.map(0, PAGE, RW, "").unwrap();
    let mut bytes = [0; 4];
    memory.store(Access::U32, 8, 0x1122_3344).unwrap();
    memory.read(8, &mut bytes).unwrap();
    assert_eq!(bytes, [0x44, 0x33, 0x22, 0x11]);
    memory.store(Access::U32.big(), 8, 0x1122_3344).unwrap();
    memory.read(8, &mut bytes).unwrap();
    assert_eq!(bytes, [0x11, 0x22, 0x33, 0x44]);
}

#[test]
fn faults_carry_the_first_bad_byte_and_why() {
    let memory = memory();
    memory.map(0x1000, PAGE, RW, "").unwrap();
    memory.map(0x2000, PAGE, READ, "").unwrap();
    memory.map(0x3000, PAGE, Protection::NONE, "").unwrap();
    for a in SHAPES {
        let (bytes, over) = (u64::from(a.bytes), u64::from(a.bytes) - 1);
        // Wholly inside a bad page.
        assert_eq!(memory.load(a, 0x4000), Err(fault(Read, Unmapped, 0x4000)));
        assert_eq!(memory.load(a, 0x3008), Err(fault(Read, Forbidden, 0x3008)));
        assert_eq!(
            memory.store(a, 0x2008, 1),
            Err(fault(Write, Forbidden, 0x2008))
        );
        // From bad into good: the first byte. From good into bad: the first byte of the page.
        let border = if over == 0 {
            0x1000 - bytes
        } else {
            0x1000 - over
        };
        assert_eq!(memory.load(a, border), Err(fault(Read, Unmapped, border)));
        if over > 0 {
            assert_eq!(
                memory.load(a, 0x3000 - over),
                Err(fault(Read, Forbidden, 0x3000))
            );
            assert_eq!(
                memory.store(a, 0x2000 - over, u64::MAX),
                Err(fault(Write, Forbidden, 0x2000))
            );
            assert_eq!(
                memory.load(a, 0x2000 - over),
                Ok(0),
                "a faulting store writes nothing"
            );
        }
    }
}

#[test]
fn any_permission_lets_a_page_be_read() {
    let memory = memory();
    for bits in 1..8 {
        let page = u64::from(bits) * PAGE;
        memory
            .map(page, PAGE, Protection::from_bits(bits), "")
            .unwrap();
        memory.poke(page + 8, &[7]).unwrap();
        assert_eq!(memory.load(Access::U64, page + 8), Ok(7));
        assert_eq!(
            memory.store(Access::U8, page, 1).is_ok(),
            bits & 2 != 0,
            "{bits}"
        );
        assert_eq!(
            memory.fetch(page, &mut [0; 16]).is_ok(),
            bits & 4 != 0,
            "{bits}"
        );
    }
}

#[test]
fn runs_of_bytes_transfer_what_precedes_a_fault() {
    let memory = memory();
    memory.map(0x1000, 3 * PAGE, RW, "").unwrap();
    memory.protect(0x3000, PAGE, READ).unwrap();
    let data: Vec<u8> = (0..3 * PAGE).map(|at| (at * 7 + at / PAGE) as u8).collect();
    assert_eq!(
        memory.write(0x1000, &data),
        Err(fault(Write, Forbidden, 0x3000))
    );
    let mut back = vec![0; 3 * PAGE as usize];
    memory.read(0x1000, &mut back).unwrap();
    assert_eq!(back[..0x2000], data[..0x2000]);
    assert!(back[0x2000..].iter().all(|byte| *byte == 0));
    let mut beyond = vec![0xee; 4 * PAGE as usize];
    assert_eq!(
        memory.read(0x1800, &mut beyond),
        Err(fault(Read, Unmapped, 0x4000))
    );
    assert_eq!(beyond[..0x1800], data[0x800..0x2000]);
    assert_eq!(
        memory.fill(0x2ff0, 0x20, 9),
        Err(fault(Write, Forbidden, 0x3000))
    );
    assert_eq!(memory.load(Access::U8, 0x2fff), Ok(9));
    assert_eq!(memory.read(0x9999_0000, &mut []), Ok(()));
}

#[test]
fn strings_end_before_the_page_that_is_missing() {
    let memory = memory();
    memory.map(0x1000, 2 * PAGE, RW, "").unwrap();
    memory.write(0x2ffb, b"abcd\0").unwrap();
    assert_eq!(memory.read_cstring(0x2ffb, 100).unwrap(), b"abcd");
    assert_eq!(memory.read_cstring(0x2ffb, 3).unwrap(), b"abc");
    memory.fill(0x1f00, 0x1100, b'x').unwrap();
    assert_eq!(
        memory.read_cstring(0x1f00, 0x2000),
        Err(fault(Read, Unmapped, 0x3000))
    );
    assert_eq!(memory.read_cstring(0x1f00, 0x1100).unwrap().len(), 0x1100);
    assert_eq!(
        memory.read_cstring(u64::MAX, 4),
        Err(fault(Read, Unmapped, u64::MAX))
    );
}

#[test]
fn fetch_stops_where_execution_must() {
    let memory = memory();
    memory.map(0x1000, PAGE, RX, "").unwrap();
    memory.map(0x2000, PAGE, READ, "").unwrap();
    memory.poke(0x1ffa, &[1, 2, 3, 4, 5, 6, 7, 8]).unwrap();
    let mut bytes = [0; 16];
    assert_eq!(memory.fetch(0x1000, &mut bytes), Ok(16));
    assert_eq!(memory.fetch(0x1ffa, &mut bytes), Ok(6));
    assert_eq!(bytes[..6], [1, 2, 3, 4, 5, 6]);
    assert_eq!(
        memory.fetch(0x2000, &mut bytes),
        Err(fault(Execute, Forbidden, 0x2000))
    );
    assert_eq!(
        memory.fetch(0x3000, &mut bytes),
        Err(fault(Execute, Unmapped, 0x3000))
    );
    memory.protect(0x2000, PAGE, RX).unwrap();
    assert_eq!(memory.fetch(0x1ffa, &mut bytes), Ok(16));
    assert_eq!(bytes[..8], [1, 2, 3, 4, 5, 6, 7, 8]);
}

#[test]
fn pokes_ignore_protection_but_not_absence() {
    let memory = memory();
    memory.map(0x1000, PAGE, READ, "").unwrap();
    memory.map(0x2000, PAGE, Protection::NONE, "").unwrap();
    assert_eq!(
        memory.poke(0x1ffe, &[1; 0x1004]),
        Err(fault(Write, Unmapped, 0x3000))
    );
    assert_eq!(memory.load(Access::U16, 0x1ffe), Ok(0x0101));
    assert!(memory.load(Access::U8, 0x2000).is_err());
    assert!(memory.store(Access::U8, 0x1000, 0).is_err());
    memory.protect(0x2000, PAGE, READ).unwrap();
    assert_eq!(memory.load(Access::U16, 0x2ffe), Ok(0x0101));
}

#[test]
fn unmapping_races_give_values_or_faults() {
    let memory = memory();
    let pages = 4 * PAGE;
    memory.map(0x10000, pages, RW, "").unwrap();
    let done = std::sync::atomic::AtomicBool::new(false);
    std::thread::scope(|threads| {
        threads.spawn(|| {
            let (mut values, mut turn) = (0, 0);
            while values == 0 || !done.load(Ordering::Relaxed) {
                turn += 1;
                let address = 0x10000 + turn * 24 % (pages - 8);
                let outcome = match turn % 4 {
                    0 => memory.load(Access::U64, address),
                    1 => memory.store(Access::U64, address, 0).map(|()| 0),
                    2 => memory.rmw(Access::U64, Rmw::Xor, address & !7, 0),
                    _ => memory.read(address, &mut [0; 64]).map(|()| 0),
                };
                match outcome {
                    Ok(value) => {
                        assert_eq!(value, 0);
                        values += 1;
                    }
                    Err(fault) => {
                        assert!((0x10000..0x10000 + pages + 64).contains(&fault.address));
                        assert_ne!(fault.cause, Cause::Bus);
                    }
                }
            }
        });
        for _ in 0..3000 {
            memory.unmap(0x11000, 2 * PAGE).unwrap();
            memory.map(0x11000, 2 * PAGE, RW, "").unwrap();
            memory.protect(0x12000, PAGE, READ).unwrap();
        }
        done.store(true, Ordering::Relaxed);
    });
}
