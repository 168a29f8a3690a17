//! Has `portolan` linked at a fixed address. Forty thousand addresses in its tables would otherwise be
//! written anew, and the pages that they are in copied, each time it starts: a sixth of what a small
//! program costs. What the guest runs has the user's rights anyway, and memory of its own elsewhere.

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let is = |key, value| std::env::var(key).as_deref() == Ok(value);
    if is("CARGO_CFG_TARGET_OS", "linux") && is("CARGO_CFG_TARGET_ARCH", "x86_64") {
        println!("cargo::rustc-link-arg-bin=portolan=-no-pie");
    }
}
