//! ioctl of `/dev/fb0` and `/dev/input/event0`: `linux/fb.h`, `linux/input.h`.
//!
//! Instruction sets spell the direction of a request differently, and it is not looked at: type and number say which one it is.

use super::{Context, Reply};
use crate::errno::Errno;
use crate::layout::{Shape, Writer};
use crate::screen::{PIXEL, Part, Screen};

/// A request, without its direction.
struct Request {
    kind: u8,
    number: u8,
    /// Bytes of its argument, where the request says it. The highest bit of fourteen is a direction of some.
    size: u64,
}

impl Request {
    fn of(number: u64) -> Request {
        Request {
            kind: (number >> 8) as u8,
            number: number as u8,
            size: number >> 16 & 0x1fff,
        }
    }
}

/// Answers a request, if it is one to a screen or its keyboard.
pub fn request(context: &Context<'_>, fd: i32, number: u64, argument: u64) -> Option<Reply> {
    let screen = context.process.options.screen.as_ref()?;
    let request = Request::of(number);
    match (request.kind, screen.part(fd)?) {
        (b'F', Part::Framebuffer) => Some(of_framebuffer(context, screen, &request, argument)),
        (b'E', Part::Keyboard) => Some(of_keyboard(context, &request, argument)),
        _ => None,
    }
}

/// `struct fb_var_screeninfo`, in bytes and as words.
const VARIABLE: usize = 160;
const X_RESOLUTION: usize = 0;
const Y_RESOLUTION: usize = 1;
const X_OFFSET: usize = 4;
const Y_OFFSET: usize = 5;
const BITS_PER_PIXEL: usize = 6;

fn of_framebuffer(context: &Context<'_>, screen: &Screen, it: &Request, argument: u64) -> Reply {
    const FBIOGET_VSCREENINFO: u8 = 0;
    const FBIOPUT_VSCREENINFO: u8 = 1;
    const FBIOGET_FSCREENINFO: u8 = 2;
    const FBIOPAN_DISPLAY: u8 = 6;
    const FBIOBLANK: u8 = 0x11;
    let user = context.user();
    let shape = user.shape;
    let wanted = || -> Result<Vec<u32>, Errno> {
        user.get(argument, VARIABLE, |r| {
            (0..VARIABLE / 4).map(|_| r.u32()).collect()
        })
    };
    match it.number {
        FBIOGET_VSCREENINFO => user.write(argument, &variable(shape, screen))?,
        FBIOPUT_VSCREENINFO => {
            // There is one mode.
            let wanted = wanted()?;
            let mode = [X_RESOLUTION, Y_RESOLUTION, BITS_PER_PIXEL].map(|index| wanted[index]);
            if mode != [screen.width, screen.height, PIXEL * 8] {
                return Err(Errno::EINVAL);
            }
            user.write(argument, &variable(shape, screen))?;
        }
        FBIOGET_FSCREENINFO => user.write(argument, &fixed(shape, screen))?,
        FBIOPAN_DISPLAY => {
            // There is no more than the screen shows.
            let wanted = wanted()?;
            if (wanted[X_OFFSET], wanted[Y_OFFSET]) != (0, 0) {
                return Err(Errno::EINVAL);
            }
        }
        FBIOBLANK => {}
        _ => return Err(Errno::ENOTTY),
    }
    Ok(0)
}

fn variable(shape: Shape, screen: &Screen) -> Vec<u8> {
    let (width, height) = (screen.width, screen.height);
    // Resolution, virtual resolution, offset, bits, grey scale.
    let words = [width, height, width, height, 0, 0, PIXEL * 8, 0];
    let out = words.into_iter().fold(Writer::new(shape), Writer::u32);
    // Red, green, blue, transparency: where they begin, how long they are, and whether the highest bit is right.
    let colours = [16, 8, 0, 8, 8, 0, 0, 8, 0, 0, 0, 0];
    colours
        .into_iter()
        .fold(out, Writer::u32)
        .pad(VARIABLE)
        .finish()
}

fn fixed(shape: Shape, screen: &Screen) -> Vec<u8> {
    const TRUE_COLOUR: u32 = 2;
    let bytes = screen.stride() * screen.height;
    let out = Writer::new(shape).array(b"portolan", 16);
    // Where it is in the machine's memory, which is nobody's business; type and auxiliary type are packed pixels.
    let out = out.long(0).u32(bytes).u32(0).u32(0).u32(TRUE_COLOUR);
    // Steps to pan by, and bytes of a row; no registers, no acceleration, no capabilities.
    let out = out.u16(0).u16(0).u16(0).u32(screen.stride()).long(0);
    let out = out.u32(0).u32(0).u16(0).u16(0).u16(0);
    out.align(usize::from(shape.word)).finish()
}

const EV_KEY: u8 = 1;

fn of_keyboard(context: &Context<'_>, it: &Request, argument: u64) -> Reply {
    const EVIOCGVERSION: u8 = 0x01;
    const EVIOCGID: u8 = 0x02;
    const EVIOCGNAME: u8 = 0x06;
    const EVIOCGPHYS: u8 = 0x07;
    const EVIOCGPROP: u8 = 0x09;
    const EVIOCGKEY: u8 = 0x18;
    const EVIOCGLED: u8 = 0x19;
    const EVIOCGSND: u8 = 0x1a;
    const EVIOCGSW: u8 = 0x1b;
    const EVIOCGBIT: u8 = 0x20;
    const EVIOCGBIT_KEY: u8 = EVIOCGBIT + EV_KEY;
    const EVIOCGBIT_LAST: u8 = EVIOCGBIT + 0x1f;
    const EVIOCGRAB: u8 = 0x90;
    let user = context.user();
    let shape = user.shape;
    // As much as fits, and how much that is.
    let give = |bytes: &[u8]| -> Reply {
        let given = bytes.len().min(it.size as usize);
        user.write(argument, &bytes[..given])?;
        Ok(given as u64)
    };
    match it.number {
        EVIOCGVERSION => user.write_u32(argument, 0x1_0001).map(|()| 0),
        EVIOCGID => {
            const BUS_VIRTUAL: u16 = 6;
            let id = user.writer().u16(BUS_VIRTUAL).u16(0).u16(0).u16(1);
            user.put(argument, id).map(|()| 0)
        }
        EVIOCGNAME => give(b"Portolan keyboard\0"),
        EVIOCGPHYS => give(b"portolan/input0\0"),
        EVIOCGBIT => give(&bits(shape, [0, EV_KEY.into()])),
        EVIOCGBIT_KEY => give(&bits(shape, KEYS)),
        EVIOCGPROP | EVIOCGKEY | EVIOCGLED | EVIOCGSND | EVIOCGSW | EVIOCGBIT..=EVIOCGBIT_LAST => {
            give(&bits(shape, []))
        }
        EVIOCGRAB => Ok(0),
        _ => Err(Errno::EINVAL),
    }
}

/// The keys that a person's keyboard has: from escape to delete.
const KEYS: std::ops::RangeInclusive<u16> = 1..=111;

/// Bits of an array of C's `long`.
fn bits(shape: Shape, set: impl IntoIterator<Item = u16>) -> Vec<u8> {
    /// The largest array that is asked for has a bit for each of 768 keys.
    const LONGEST: usize = 768 / 8;
    let word = u16::from(shape.word) * 8;
    let mut longs = vec![0_u64; LONGEST / usize::from(shape.word)];
    for bit in set {
        longs[usize::from(bit / word)] |= 1 << (bit % word);
    }
    longs
        .into_iter()
        .fold(Writer::new(shape), Writer::long)
        .finish()
}
