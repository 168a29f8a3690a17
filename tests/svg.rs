//! What is written as SVG is XML to a strict reader, and has everything in its picture: `explain --svg`, `profile --svg`.
#![cfg(feature = "host")]

mod support;

use portolan::Guest;
use portolan::guests::{self, GUESTS};
use roxmltree::{Document, Node};
use std::fs;
use std::process::Command;
use support::{TempDir, run, workspace};

const SVG: &str = "http://www.w3.org/2000/svg";

fn portolan(command: &str) -> Command {
    let mut portolan = Command::new(env!("CARGO_BIN_EXE_portolan"));
    portolan.arg(command).current_dir(workspace());
    portolan
}

fn parsed(svg: &str) -> Document<'_> {
    let document = Document::parse(svg).unwrap_or_else(|error| panic!("{error}: {svg}"));
    assert!(document.root_element().has_tag_name((SVG, "svg")), "{svg}");
    document
}

fn elements<'a, 'd>(
    document: &'a Document<'d>,
    name: &'static str,
) -> impl Iterator<Item = Node<'a, 'd>> {
    let all = document.root_element().descendants();
    all.filter(move |it| it.has_tag_name((SVG, name)))
}

fn number(node: Node<'_, '_>, name: &str) -> f64 {
    let text = node.attribute(name).unwrap_or_else(|| panic!("no {name}"));
    text.parse().unwrap_or_else(|_| panic!("{name}={text:?}"))
}

fn text<'a>(node: Node<'a, '_>) -> &'a str {
    node.text().unwrap_or_default()
}

/// Rectangles, and the beginnings of texts, are in the picture.
fn check_places(document: &Document<'_>) {
    let picture = document.root_element();
    let (width, height) = (number(picture, "width"), number(picture, "height"));
    let is_ground = |node: &Node<'_, '_>| node.attribute("class") == Some("ground");
    let all = elements(document, "text").chain(elements(document, "rect"));
    for node in all.filter(|it| !is_ground(it)) {
        let (x, y) = (node.attribute("x"), node.attribute("y"));
        let place = |it: Option<&str>| it.map_or(0.0, |it| it.parse::<f64>().expect("a number"));
        let (x, y) = (place(x), place(y));
        assert!(
            (0.0..width).contains(&x) && (0.0..=height).contains(&y),
            "{node:?}"
        );
        if node.has_tag_name((SVG, "rect")) {
            let ends = (x + number(node, "width"), y + number(node, "height"));
            assert!(
                ends.0 <= width + 0.01 && ends.1 <= height + 0.01,
                "{node:?}"
            );
        }
    }
}

fn explained(guest: &dyn Guest, bytes: &[u8]) -> String {
    let mut explain = portolan("explain");
    explain.args(["--svg", "--arch", guest.name()]);
    explain.args(bytes.iter().map(|byte| format!("{byte:02x}")));
    let end = run(&mut explain, b"");
    assert_eq!(end.status, 0, "{bytes:02x?}");
    end.text()
}

/// The bits that a field shows; one that is long, and has the byte order of x86, shows its number.
fn bits_of(shown: &str) -> String {
    let Some(digits) = shown.strip_prefix("0x") else {
        return shown.to_owned();
    };
    let number = u64::from_str_radix(digits, 16).expect("a number");
    let bytes = number.to_le_bytes();
    let shown = bytes[..digits.len() / 2].iter();
    shown.map(|byte| format!("{byte:08b}")).collect()
}

/// Instructions from all over each instruction set: all of their bits are shown, in order, each field with its name.
#[test]
fn explanations_show_every_bit() {
    for port in GUESTS.iter() {
        let guest = port.guest;
        let all = guest.instances(8);
        let step = (all.len() / 12).max(1);
        for bytes in all.iter().step_by(step) {
            let svg = explained(guest, bytes);
            let document = parsed(&svg);
            check_places(&document);
            let bits =
                elements(&document, "text").filter(|it| it.attribute("class") == Some("bits"));
            let bits: String = bits.map(|it| bits_of(text(it))).collect();
            let of = |byte: &u8| format!("{byte:08b}");
            let (forward, backward): (String, String) = (
                bytes.iter().map(of).collect(),
                bytes.iter().rev().map(of).collect(),
            );
            assert!(
                bits == forward || bits == backward,
                "{} {bytes:02x?}: {bits}",
                guest.name()
            );
            let explained = guest.explain(bytes, 0).expect("an instruction");
            let texts: Vec<&str> = elements(&document, "text").map(text).collect();
            assert!(
                texts.contains(&explained.assembly.as_str()),
                "{:?} is not in {texts:?}",
                explained.assembly
            );
        }
    }
}

#[test]
fn an_explanation_says_what_it_says_as_text() {
    let guest = guests::named("riscv64").expect("a guest");
    // blt a0,a1,.+16
    let svg = explained(guest, &[0x63, 0x48, 0xb5, 0x00]);
    let document = parsed(&svg);
    let texts: Vec<&str> = elements(&document, "text").map(text).collect();
    for wanted in [
        "rs2", "rs1", "funct3", "opcode", "01011", "01010", "1100011",
    ] {
        assert!(texts.contains(&wanted), "{wanted:?} is not in {texts:?}");
    }
}

/// Each frame of a flame graph is above the one that called it, and within it.
#[test]
fn frames_are_within_their_callers() {
    let scratch = TempDir::new();
    let file = scratch.path().join("flame.svg");
    let mut profile = portolan("profile");
    profile.arg("--svg").arg(&file).arg("roms/bin/riscv64/sort");
    assert_eq!(run(&mut profile, b"").status, 0);
    let svg = fs::read_to_string(&file).expect("a picture");
    let document = parsed(&svg);
    check_places(&document);
    let titles: Vec<&str> = elements(&document, "title").map(text).collect();
    assert!(
        titles.iter().any(|it| it.starts_with("main: ")),
        "{titles:?}"
    );
    // What has a title is a frame: its group's rectangle.
    let frames = elements(&document, "title").filter_map(|title| {
        let rect = title
            .parent()?
            .children()
            .find(|it| it.has_tag_name((SVG, "rect")))?;
        let (x, y) = (number(rect, "x"), number(rect, "y"));
        Some((text(title), x, x + number(rect, "width"), y))
    });
    let frames: Vec<_> = frames.collect();
    assert!(frames.len() > 5, "{frames:?}");
    let lowest = frames.iter().map(|it| it.3).fold(f64::MIN, f64::max);
    let mut rows: Vec<f64> = frames.iter().map(|it| it.3).collect();
    rows.sort_by(f64::total_cmp);
    rows.dedup();
    for (name, left, right, y) in &frames {
        let Some(below) = rows.iter().find(|row| *row > y) else {
            assert_eq!(*y, lowest);
            continue;
        };
        let is_callers = |it: &&(&str, f64, f64, f64)| {
            it.3 == *below && it.1 <= left + 0.1 && it.2 >= right - 0.1
        };
        assert!(
            frames.iter().any(|it| is_callers(&it)),
            "{name} is over nobody"
        );
    }
}
