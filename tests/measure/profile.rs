//! `portolan profile`.

use super::{compiled, json, portolan, rom};
use crate::support;
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use support::guests::Guest;
use support::{TempDir, run};

/// The folded stacks of a program.
fn folded(program: &Path) -> BTreeMap<String, u64> {
    let scratch = TempDir::new();
    let file = scratch.path().join("folded");
    let mut command = portolan("profile");
    let end = run(command.arg("--folded").arg(&file).arg(program), b"");
    assert_eq!(end.status, 0, "{}", String::from_utf8_lossy(&end.stderr));
    let text = fs::read_to_string(&file).expect("stacks");
    let stacks = text.lines().map(|line| {
        let (stack, cost) = line.rsplit_once(' ').expect("a stack and a number");
        (stack.to_owned(), cost.parse().expect("a number"))
    });
    stacks.collect()
}

fn function<'v>(profile: &'v Value, name: &str) -> &'v Value {
    let functions = profile["functions"].as_array().expect("functions");
    let found = functions.iter().find(|it| it["name"] == name);
    found.unwrap_or_else(|| panic!("no {name}: {profile}"))
}

fn number(value: &Value) -> u64 {
    value
        .as_u64()
        .unwrap_or_else(|| panic!("{value} is no number"))
}

fn every_instruction_belongs_to_a_function(guest: &Guest) {
    let program = rom(guest.isa, "fib");
    let (profile, output) = json("profile", &[], &program);
    assert_eq!(output, "fib(20) = 6765\n");
    let (mix, _) = json("mix", &[], &program);
    assert_eq!(profile["total"], mix["instructions"]);
    let all = number(&profile["total"]);
    let functions = profile["functions"].as_array().expect("functions");
    assert_eq!(
        functions.iter().map(|it| number(&it["own"])).sum::<u64>(),
        all
    );
    let (fib, main) = (function(&profile, "fib"), function(&profile, "main"));
    assert!(number(&fib["own"]) > all * 95 / 100);
    assert!((10_000..22_000).contains(&number(&fib["calls"])), "{fib}");
    // What main calls is its own too, and recursion counts once.
    assert!((number(&fib["total"])..all).contains(&number(&main["total"])));
    assert_eq!(number(&main["calls"]), 1);
    let stacks = folded(&program);
    assert_eq!(stacks.values().sum::<u64>(), all);
    assert!(
        stacks
            .keys()
            .any(|stack| stack.contains(";main;fib;fib;fib")),
        "{stacks:?}"
    );
}

/// Jumps out of deep calls leave nothing behind, and neither do signal handlers.
fn nothing_stays_on_the_stack(guest: &Guest) {
    for (name, deepest) in [("jumps", 220), ("signals", 60)] {
        let Some((_scratch, program)) = compiled(guest, name, &["-pthread"]) else {
            return;
        };
        for stack in folded(&program).keys() {
            let functions: Vec<&str> = stack.split(';').collect();
            assert!(functions.len() < deepest, "{stack}");
            // Nobody calls main again.
            assert!(
                functions.iter().filter(|it| **it == "main").count() <= 1,
                "{stack}"
            );
        }
    }
}

each_guest! {
    every_instruction_belongs_to_a_function: super::every_instruction_belongs_to_a_function;
    nothing_stays_on_the_stack: super::nothing_stays_on_the_stack;
}

/// Time goes where the instructions are, and the program is compiled meanwhile.
#[test]
fn time_is_charged_to_where_it_is_spent() {
    let scratch = TempDir::new();
    let file = scratch.path().join("profile");
    let mut command = portolan("profile");
    command.args(["--by", "time", "--json", "-o"]).arg(&file);
    let end = run(command.arg(rom("riscv64", "fib")).arg("36"), b"");
    assert_eq!(end.text(), "fib(36) = 14930352\n");
    let profile = fs::read_to_string(&file).expect("a report");
    let profile: Value = serde_json::from_str(&profile).expect("JSON");
    assert_eq!(profile["unit"], "microseconds");
    let (fib, all) = (function(&profile, "fib"), number(&profile["total"]));
    assert!(number(&fib["own"]) > all * 9 / 10, "{profile}");
    assert!(number(&fib["calls"]) > 5, "{profile}");
}

/// The picture is markup that a strict reader takes, and shows the functions.
#[test]
fn the_flame_graph_is_a_picture() {
    let scratch = TempDir::new();
    let file = scratch.path().join("flame.svg");
    let mut command = portolan("profile");
    command.arg("--svg").arg(&file).arg(rom("mipsel", "sort"));
    assert_eq!(run(&mut command, b"").status, 0);
    let svg = fs::read_to_string(&file).expect("a picture");
    assert!(svg.contains("<title>main: "), "{svg}");
    assert!(svg.len() < 200_000);
    let mut open = Vec::new();
    for tag in svg.split('<').skip(1) {
        let (tag, text) = tag.split_once('>').expect("it ends");
        assert!(
            !text.contains('>') || open.last() == Some(&"style"),
            "{text}"
        );
        match (tag.strip_prefix('/'), tag.ends_with('/')) {
            (Some(name), _) => assert_eq!(open.pop(), Some(name)),
            (None, true) => {}
            (None, false) => open.push(tag.split(' ').next().expect("a name")),
        }
    }
    assert!(open.is_empty(), "{open:?}");
    // Nothing is loaded from anywhere.
    let links = svg.matches("http").count();
    assert_eq!(links, svg.matches("http://www.w3.org/2000/svg").count());
}

/// A dynamic program of Debian's: functions of its libraries have names.
#[test]
fn libraries_have_names() {
    let Some(root) = support::oracle_file("riscv64") else {
        return;
    };
    let mut command = portolan("profile");
    command
        .args(["--json", "-L"])
        .arg(&root)
        .arg(root.join("usr/bin/lua5.4"));
    let end = run(
        command.args([
            "-e",
            "for i = 1, 300 do s = string.rep('x', i) end print(#s)",
        ]),
        b"",
    );
    assert_eq!(end.text(), "300\n");
    let profile: Value = serde_json::from_slice(&end.stderr).expect("JSON");
    let strcmp = function(&profile, "strcmp");
    assert_eq!(strcmp["file"], "libc.so.6");
    assert!(number(&strcmp["calls"]) > 100, "{strcmp}");
}
