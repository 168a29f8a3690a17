//! Single accesses: sizes, orders, alignment, and what follows a refusal.

use super::*;

const SHAPES: [Access; 7] = [
    Access::U8,
    Access::I8,
    Access::U16,
    Access::I16,
    Access::U32,
    Access::I32,
    Access::U64,
];

#[test]
fn loads_return_what_stores_left_at_every_alignment_and_order() {
    let memory = memory();
    memory.map(0x10000, 2 * PAGE, RW, "").unwrap();
    for a in SHAPES.into_iter().flat_map(|a| [a, a.big()]) {
        for address in (0x10000..0x10010).chain(0x10ff0..0x11010) {
            let value = 0x8182_8384_8586_8788_u64.rotate_left(8 * (address as u32 % 8));
            memory.fill(0x10000, 2 * PAGE, 0x55).unwrap();
            memory.store(a, address, value).unwrap();
            assert_eq!(
                memory.load(a, address),
                Ok(a.extend(value)),
                "{a:?} at {address:#x}"
            );
            assert_eq!(
                memory.load(Access::U8, address - 1).ok(),
                (address > 0x10000).then_some(0x55)
            );
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
