//! Exercises: a lab file says what programs are to do, and a program is checked against it.
//!
//! What a lab expects stays here: a program runs in a process of its own (the hidden command `examine`), which is told
//! what to run and what to look at ([`Job`]) and answers with what it saw ([`Report`]).

mod examine;
mod file;
mod image;
mod job;
mod judge;
mod report;
mod value;

pub use examine::examine;
pub use file::{Lab, LabError, Trial};
pub use image::{Image, ImageError};
pub use job::{End, Job, Report};
pub use judge::{Judge, Run};
pub use report::{Difference, Outcome, Verdict};
