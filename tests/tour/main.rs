//! `portolan tour`: every page in both languages, and what it shows.
#![cfg(feature = "host")]

use portolan::view::paint::Paint;
use portolan::view::tour::{Exhibits, Language, SCREEN, Tour, pages};
use std::io::Cursor;
use unicode_width::UnicodeWidthStr;

fn tour(language: Language, on: bool) -> Tour {
    let exhibits = Exhibits {
        sysroots: Vec::new(),
        paint: Paint { on },
    };
    Tour::new(language, exhibits, Paint { on })
}

/// All pages.
fn text(language: Language) -> String {
    let mut out = Vec::new();
    tour(language, false).write(&mut out).unwrap();
    String::from_utf8(out).unwrap()
}

#[test]
fn every_page_fits_a_terminal() {
    let (rows, columns) = SCREEN;
    for language in Language::ALL {
        let tour = tour(language, false);
        for (number, page) in pages(language).iter().enumerate() {
            let screen = tour.screen(number);
            // An empty line and a question follow.
            let count = screen.len();
            assert!(
                count <= rows - 2,
                "{language:?} {} has {count} rows",
                page.name
            );
            for line in &screen {
                // A letter in the last column makes some terminals begin a new line.
                let width = line.width();
                assert!(
                    width < columns,
                    "{language:?} {}: {width} columns: {line}",
                    page.name
                );
                assert_eq!(line.trim_end(), line, "{language:?} {}", page.name);
            }
        }
    }
}

/// What of a page does not depend on the language.
fn skeleton(language: Language) -> Vec<(String, Vec<String>)> {
    let exhibits = |lines: &[String]| {
        let all = lines.iter().filter(|line| line.starts_with("{{"));
        all.cloned().collect::<Vec<_>>()
    };
    pages(language)
        .iter()
        .map(|page| (page.name.clone(), exhibits(&page.lines)))
        .collect()
}

#[test]
fn both_languages_have_the_same_pages_and_exhibits() {
    let english = skeleton(Language::English);
    assert_eq!(english, skeleton(Language::Chinese));
    assert!(english.len() >= 15);
    for language in Language::ALL {
        for page in pages(language) {
            assert!(
                !page.title.is_empty() && !page.lines.is_empty(),
                "{}",
                page.name
            );
            let stars: usize = page
                .lines
                .iter()
                .map(|line| line.matches('*').count())
                .sum();
            assert_eq!(stars % 2, 0, "{language:?} {}: a term is open", page.name);
        }
    }
    let is_chinese = |text: &str| text.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c));
    assert!(!is_chinese(&text(Language::English)));
    for page in pages(Language::Chinese) {
        assert!(
            page.lines.iter().any(|line| is_chinese(line)),
            "{}",
            page.name
        );
    }
}

#[test]
fn every_exhibit_is_shown() {
    for language in Language::ALL {
        let tour = tour(language, false);
        for (number, page) in pages(language).iter().enumerate() {
            let screen = tour.screen(number).join("\n");
            assert!(
                !screen.contains("not in this build"),
                "{}: {screen}",
                page.name
            );
            assert!(!screen.contains("{{"), "{}: {screen}", page.name);
        }
    }
}

#[test]
fn what_is_shown_is_what_the_program_does() {
    let text = text(Language::English);
    for words in [
        "Hello from the other side of the instruction set.",
        "48 83 ec 08             sub rsp,0x8",
        "after     rsp = 992",
        "0100 | 1 | 0 | 0 | 0 | 10000011 | 11  | 101 | 100 | 00001000",
        "add sp,sp,-8",
        "addiu sp,sp,-8",
        "daddiu sp,sp,-8",
        "REX.W + 83 /5 ib  SUB r/m64, imm8",
        "fib(20) = 6765",
        "as x86_64",
        "sp <- sext32(sp - 24)",
        "imul",
        "BINARY_OP *",
        "e747cc97f475",
    ] {
        assert!(text.contains(words), "{words:?} is not in\n{text}");
    }
    // One program on each machine, all with the same output.
    assert_eq!(text.matches("fib(20) = 6765").count(), 6, "{text}");
}

/// The numbers of the pages that a reader with these answers sees.
fn walked(answers: &str) -> Vec<String> {
    let mut out = Vec::new();
    let mut input = Cursor::new(answers.as_bytes());
    tour(Language::English, false)
        .walk(&mut input, &mut out, 0)
        .unwrap();
    let text = String::from_utf8(out).unwrap();
    let screens = text.split("\x1b[2J\x1b[H").skip(1);
    screens
        .map(|screen| {
            assert_eq!(screen.matches('\n').count(), SCREEN.0 - 1, "{screen}");
            screen.split('/').next().unwrap().to_owned()
        })
        .collect()
}

#[test]
fn one_walks_on_and_back_and_stops() {
    assert_eq!(walked("\n\nb\nq\n"), ["1", "2", "3", "2"]);
    assert_eq!(walked("b\n7\nquit\n"), ["1", "1", "7"]);
    // What nobody offered goes on; a number that is no page does, too.
    assert_eq!(walked("next\n99\nq\n"), ["1", "2", "3"]);
    let all = walked(&"\n".repeat(100));
    assert_eq!(all.len(), tour(Language::English, false).len());
}

#[test]
fn colours_change_nothing_else() {
    for language in Language::ALL {
        let (plain, painted) = (tour(language, false), tour(language, true));
        for number in 0..plain.len() {
            let painted = painted.screen(number).join("\n");
            let mut text = String::new();
            for (n, part) in painted.split('\x1b').enumerate() {
                text += match n {
                    0 => part,
                    _ => part.split_once('m').unwrap().1,
                };
            }
            let lines: Vec<&str> = text.lines().map(str::trim_end).collect();
            assert_eq!(lines, plain.screen(number));
        }
    }
}
