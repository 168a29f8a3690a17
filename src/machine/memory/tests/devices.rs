//! Pages of devices: every access is the device's, once.

use super::super::*;
use std::sync::Arc;

/// Tells what it was asked, and has a value.
#[derive(Default)]
struct Witness(Mutex<Vec<(bool, u64, u8, u64)>>);

impl Device for Witness {
    fn read(&self, offset: u64, bytes: u8) -> Option<u64> {
        self.0.lock().unwrap().push((false, offset, bytes, 0));
        (offset != 0x20).then_some(0x8182_8384_8586_8788)
    }

    fn write(&self, offset: u64, bytes: u8, value: u64) -> Option<()> {
        self.0.lock().unwrap().push((true, offset, bytes, value));
        (offset != 0x20).then_some(())
    }
}

const AT: u64 = 0x4000;

fn with_device() -> (Memory, Arc<Witness>) {
    let memory = Memory::new(24).unwrap();
    let witness = Arc::<Witness>::default();
    memory
        .map_device(AT, 2 * PAGE, witness.clone(), "[device]")
        .unwrap();
    (memory, witness)
}

fn asked(witness: &Witness) -> Vec<(bool, u64, u8, u64)> {
    std::mem::take(&mut *witness.0.lock().unwrap())
}

#[test]
fn values_are_numbers_whatever_the_byte_order() {
    let (memory, witness) = with_device();
    assert_eq!(memory.load(Access::U16, AT + 8), Ok(0x8788));
    assert_eq!(
        memory.load(Access::I32.big(), AT),
        Ok(0xffff_ffff_8586_8788)
    );
    memory
        .store(Access::U16.big(), AT + PAGE, 0x1_2345)
        .unwrap();
    memory.store(Access::I8, AT + 1, u64::MAX).unwrap();
    let wanted = [
        (false, 8, 2, 0),
        (false, 0, 4, 0),
        (true, PAGE, 2, 0x2345),
        (true, 1, 1, 0xff),
    ];
    assert_eq!(asked(&witness), wanted);
}

#[test]
fn atomic_changes_are_a_read_and_a_write() {
    let (memory, witness) = with_device();
    assert_eq!(memory.rmw(Access::U8, Rmw::Add, AT, 1), Ok(0x88));
    assert_eq!(memory.compare_exchange(Access::U8, AT, 0x88, 5), Ok(0x88));
    assert_eq!(memory.compare_exchange(Access::U8, AT, 0x87, 6), Ok(0x88));
    let read = (false, 0, 1, 0);
    let wanted = [read, (true, 0, 1, 0x89), read, (true, 0, 1, 5), read];
    assert_eq!(asked(&witness), wanted);
}

#[test]
fn what_a_device_refuses_is_a_bus_error() {
    let (memory, witness) = with_device();
    let bus = |address, intent| Fault {
        address,
        intent,
        cause: Cause::Bus,
    };
    assert_eq!(
        memory.load(Access::U8, AT + 0x20),
        Err(bus(AT + 0x20, Intent::Read))
    );
    let stored = memory.store(Access::U8, AT + 0x20, 0);
    assert_eq!(stored, Err(bus(AT + 0x20, Intent::Write)));
    asked(&witness);
    // Bytes behind it, and runs of bytes, are nothing that it is asked for.
    let last = AT + 2 * PAGE - 2;
    assert_eq!(memory.load(Access::U32, last), Err(bus(last, Intent::Read)));
    assert_eq!(memory.read(AT, &mut [0; 4]), Err(bus(AT, Intent::Read)));
    assert_eq!(memory.write(AT, &[0; 4]), Err(bus(AT, Intent::Write)));
    assert_eq!(memory.poke(AT, &[0; 4]), Err(bus(AT, Intent::Write)));
    assert_eq!(asked(&witness), []);
}

#[test]
fn another_mapping_takes_the_pages_away() {
    let (memory, witness) = with_device();
    assert_eq!(memory.mappings()[0].name.as_ref(), "[device]");
    memory.map(AT + PAGE, PAGE, Protection::READ, "").unwrap();
    assert_eq!(memory.load(Access::U32, AT + PAGE), Ok(0));
    memory.unmap(AT, PAGE).unwrap();
    let gone = memory.load(Access::U32, AT).map_err(|fault| fault.cause);
    assert_eq!(gone, Err(Cause::Unmapped));
    assert_eq!(asked(&witness), []);
}

#[test]
fn pages_beyond_the_wall_may_be_a_devices() {
    let memory = Memory::new(24).unwrap();
    let witness = Arc::<Witness>::default();
    let last = u64::MAX - 2 * PAGE + 1;
    for at in [1 << 24, last] {
        memory.map_device(at, PAGE, witness.clone(), "").unwrap();
        assert_eq!(memory.load(Access::U8, at + 4), Ok(0x88));
        assert_eq!(memory.store(Access::U16, at + 8, 0x1_0002), Ok(()));
        let wanted = [(false, 4, 1, 0), (true, 8, 2, 2)];
        assert_eq!(asked(&witness), wanted);
        let behind = memory.load(Access::U8, at + PAGE);
        assert_eq!(behind.map_err(|fault| fault.cause), Err(Cause::Unmapped));
    }
    // Neither inside nor beyond.
    let across = memory.map_device((1 << 24) - PAGE, 2 * PAGE, witness, "");
    assert!(matches!(across, Err(MemoryError::OutsideSpace { .. })));
}
