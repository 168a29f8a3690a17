//! One guest address space: its mappings, its wall, and the accesses to it.
