//! The Linux personality: what a user program sees of a kernel. It knows no instruction set.
