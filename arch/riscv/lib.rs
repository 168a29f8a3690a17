//! RISC-V as a guest.
