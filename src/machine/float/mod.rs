//! Exact IEEE 754 arithmetic for every instruction set.
