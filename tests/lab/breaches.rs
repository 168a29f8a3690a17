//! Functions that do not keep to their calling convention.

use super::*;

const LAB: &str = "
    title = 'conduct'
    machine = 'spim'
    steps = 10_000
    [[case]]
    name = 'runs'
    [convention]
";

/// What is said of a program for SPIM with a function `f`.
fn conduct(f: &str, lab: &str) -> Option<Vec<String>> {
    let scratch = TempDir::new();
    let source = format!(
        "
        .text
        .globl main
main:   addiu $sp, $sp, -8
        li    $s0, 1
        li    $a0, 3
        jal   f
        addiu $sp, $sp, 8
        li    $v0, 10
        syscall
        .globl f
{f}
        .globl g
g:      jr    $ra
"
    );
    let path = scratch.path().join("conduct.s");
    fs::write(&path, source).expect("a source");
    let program = assembled("mipsel-linux-gnu", &path, &scratch)?;
    let (verdict, _) = verdict(&super::lab(&scratch, lab), &program);
    let results = verdict["results"].as_array()?;
    let found = results.iter().find(|it| it["kind"] == "convention")?;
    let found = found["differences"].as_array()?;
    let what = found.iter().filter_map(|it| it["what"].as_str());
    Some(what.map(str::to_owned).collect())
}

fn finds(f: &str, expected: &[&str]) {
    let Some(found) = conduct(f, LAB) else { return };
    assert_eq!(found.len(), expected.len(), "{found:?}");
    for (found, expected) in found.iter().zip(expected) {
        assert!(found.contains(expected), "{found} instead of {expected}");
    }
}

#[test]
fn what_is_as_it_should_be() {
    let f = "
f:      addiu $sp, $sp, -8
        sw    $ra, 4($sp)
        sw    $s0, 0($sp)
        move  $s0, $a0
        jal   g
        lw    $s0, 0($sp)
        lw    $ra, 4($sp)
        addiu $sp, $sp, 8
        jr    $ra";
    finds(f, &[]);
    // It calls itself, and ends as another function.
    let f = "
f:      blez  $a0, last
        addiu $sp, $sp, -8
        sw    $ra, 4($sp)
        addiu $a0, $a0, -1
        jal   f
        lw    $ra, 4($sp)
        addiu $sp, $sp, 8
last:   j     g";
    finds(f, &[]);
}

#[test]
fn a_register_that_the_callee_keeps() {
    finds(
        "f:      li $s0, 2\n        jr $ra",
        &["f changes s0 from 1 to 2"],
    );
    finds("f:      li $t0, 2\n        li $v1, 3\n        jr $ra", &[]);
}

#[test]
fn a_stack_pointer_that_is_off() {
    let f = "f:      addiu $sp, $sp, -16\n        jr $ra";
    finds(f, &["f returns with sp off by -16 bytes"]);
}

#[test]
fn a_return_address_that_was_not_saved() {
    let f = "f:      jal g\n        jr $ra";
    finds(f, &["f returns to f+0x8 instead of main+0x1"]);
}

#[test]
fn a_stack_pointer_that_is_not_aligned() {
    let f = "
f:      addiu $sp, $sp, -4
        sw    $ra, 0($sp)
        jal   g
        lw    $ra, 0($sp)
        addiu $sp, $sp, 4
        jr    $ra";
    finds(f, &["no multiple of 8, where g is called (at f+0x"]);
}

#[test]
fn only_what_the_lab_asks_for() {
    let f = "f:      li $s0, 2\n        addiu $sp, $sp, -16\n        jr $ra";
    let lab = |rest: &str| format!("{LAB}{rest}\n");
    let Some(found) = conduct(f, &lab("saved_registers = false")) else {
        return;
    };
    assert!(found.len() == 1 && found[0].contains("sp off"), "{found:?}");
    assert_eq!(conduct(f, &lab("functions = ['g']")), Some(Vec::new()));
}
