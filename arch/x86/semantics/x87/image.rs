//! The image that fxsave stores, and the area of xsave, made outside of instructions: operating systems
//! have one in the frames of signal handlers.

use super::control::{tag, tags};
use super::state::{
    DATA, INSTRUCTION, MXCSR, MXCSR_MASK, OPCODE, REGISTERS, STATUS, TAGS, VECTORS, slots,
};
use super::xsave::{AREA, AVX, HELD, SSE, UPPER, X87};
use super::{CONTROL, EXCEPTIONS, INITIAL_CONTROL, PENDING, STATUS as STATUS_BITS, TOP};
use crate::regs::{
    FPU_CONTROL, FPU_DATA, FPU_INSTRUCTION, FPU_OPCODE, FPU_STATUS, FPU_TAGS, FPU_TOP, ST, XMM,
    YMM_HIGH,
};
use crate::semantics::{MXCSR_RESERVED, mxcsr, mxcsr_slots};
use portolan_machine::registers::Slot;

/// Bytes of the image.
pub const IMAGE: usize = 512;

/// The bits of MXCSR that can be set.
const MXCSR_KNOWN: u64 = (1 << MXCSR_RESERVED) - 1;

/// The image of the state that the slots hold.
pub fn image(slot: impl Fn(Slot) -> u64) -> [u8; IMAGE] {
    let mut image = [0; IMAGE];
    let mut put = |place: i64, bytes: usize, value: u64| {
        let place = place as usize;
        image[place..place + bytes].copy_from_slice(&value.to_le_bytes()[..bytes]);
    };
    let (status, control, top) = (slot(FPU_STATUS), slot(FPU_CONTROL), slot(FPU_TOP));
    let pending = match status & control & EXCEPTIONS as u64 {
        0 => 0,
        _ => PENDING as u64,
    };
    put(0, 2, control ^ INITIAL_CONTROL as u64);
    put(STATUS, 2, status | top << TOP | pending);
    put(
        TAGS,
        1,
        (slot(FPU_TAGS) as u8).rotate_left(top as u32).into(),
    );
    put(OPCODE, 2, slot(FPU_OPCODE));
    put(INSTRUCTION, 8, slot(FPU_INSTRUCTION));
    put(DATA, 8, slot(FPU_DATA));
    put(MXCSR, 4, mxcsr(&slot).into());
    put(MXCSR_MASK, 4, MXCSR_KNOWN);
    for (register, place) in slots(ST, 16, REGISTERS) {
        let bytes = if register % 2 == 0 { 8 } else { 2 };
        put(place, bytes, slot(register));
    }
    for (register, place) in slots(XMM, 32, VECTORS) {
        put(place, 8, slot(register));
    }
    image
}

/// What the slots hold after fxrstor of an image; None if that is refused.
pub fn restored(image: &[u8; IMAGE]) -> Option<Vec<(Slot, u64)>> {
    let get = |place: i64, bytes: usize| {
        let (place, mut word) = (place as usize, [0; 8]);
        word[..bytes].copy_from_slice(&image[place..place + bytes]);
        u64::from_le_bytes(word)
    };
    let mxcsr = get(MXCSR, 4);
    if mxcsr & !MXCSR_KNOWN != 0 {
        return None;
    }
    let status = get(STATUS, 2);
    let top = status >> TOP & 7;
    let tags = (get(TAGS, 1) as u8).rotate_right(top as u32);
    let mut values = vec![
        (
            FPU_CONTROL,
            (get(0, 2) ^ INITIAL_CONTROL as u64) & CONTROL as u64,
        ),
        (FPU_STATUS, status & STATUS_BITS as u64),
        (FPU_TOP, top),
        (FPU_TAGS, tags.into()),
        (FPU_OPCODE, get(OPCODE, 2) & 0x7ff),
        (FPU_INSTRUCTION, get(INSTRUCTION, 8)),
        (FPU_DATA, get(DATA, 8)),
    ];
    values.extend(mxcsr_slots(mxcsr as u32));
    values.extend(slots(ST, 16, REGISTERS).map(|(register, place)| {
        let bytes = if register % 2 == 0 { 8 } else { 2 };
        (register, get(place, bytes))
    }));
    values.extend(slots(XMM, 32, VECTORS).map(|(register, place)| (register, get(place, 8))));
    Some(values)
}

/// The tag word that fnstenv stores, of the state that the slots hold.
pub fn tag_word(slot: impl Fn(Slot) -> u64) -> u64 {
    let (used, top) = (slot(FPU_TAGS), slot(FPU_TOP));
    let tags = (0..8).fold(0, |all, n: u8| {
        let [significand, exponent] = [slot(ST + 2 * n), slot(ST + 2 * n + 1)];
        all | (tag(significand, exponent, used >> n & 1) as u16) << (2 * n)
    });
    tags.rotate_left(2 * top as u32).into()
}

/// What the slot of tags holds after a tag word was loaded.
pub fn restored_tags(word: u64, top: u64) -> u64 {
    tags(word, top, 0)
}

/// The area of the state that the slots hold, of which AVX is a part if it is in use.
pub fn area(slot: impl Fn(Slot) -> u64) -> [u8; AREA] {
    let mut area = [0; AREA];
    area[..IMAGE].copy_from_slice(&image(&slot));
    let mut used = 0;
    for (register, place) in slots(YMM_HIGH, 32, UPPER as i64) {
        used |= slot(register);
        area[place as usize..][..8].copy_from_slice(&slot(register).to_le_bytes());
    }
    let held = X87 | SSE | if used == 0 { 0 } else { AVX };
    area[HELD..HELD + 8].copy_from_slice(&held.to_le_bytes());
    area
}

/// What the slots hold after xrstor of an area; None if that is refused.
pub fn restored_area(area: &[u8; AREA]) -> Option<Vec<(Slot, u64)>> {
    let word = |place: usize| {
        let bytes = area[place..].first_chunk().copied();
        u64::from_le_bytes(bytes.unwrap_or_default())
    };
    let held = word(HELD);
    let image = area
        .first_chunk()
        .filter(|_| held & !(X87 | SSE | AVX) == 0)?;
    let mut values = restored(image)?;
    // What is not in the area is as in the beginning, but for MXCSR.
    for (slot, value) in &mut values {
        let is_lost = match *slot {
            XMM..MXCSR_SLOTS => held & SSE == 0,
            ST.. => held & X87 == 0,
            _ => false,
        };
        if is_lost {
            *value = 0;
        }
    }
    values.extend(
        slots(YMM_HIGH, 32, UPPER as i64).map(|(slot, place)| match held & AVX {
            0 => (slot, 0),
            _ => (slot, word(place as usize)),
        }),
    );
    Some(values)
}

/// The first slot of MXCSR, after those of the XMM registers.
const MXCSR_SLOTS: Slot = XMM + 32;
