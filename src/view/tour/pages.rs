//! The words of the tour, which are data: a file for each language.
//!
//! A page begins with a line `== NAME TITLE`. A line `{{EXHIBIT}}` stands for what [`Exhibits`](super::Exhibits)
//! shows; a term stands between asterisks where it is explained. Lines are broken in the files.

/// A language that the tour is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    /// English.
    English,
    /// Chinese, in simplified characters.
    Chinese,
}

impl Language {
    /// All of them.
    pub const ALL: [Language; 2] = [Language::English, Language::Chinese];

    fn text(self) -> &'static str {
        match self {
            Language::English => include_str!("en.txt"),
            Language::Chinese => include_str!("zh.txt"),
        }
    }

    /// What a reader is asked below each page.
    pub(super) fn question(self, is_last: bool) -> &'static str {
        match (self, is_last) {
            (Language::English, false) => "Enter: on   b: back   a number: that page   q: quit > ",
            (Language::English, true) => "Enter: the end   b: back   a number: that page > ",
            (Language::Chinese, false) => "回车：下一页   b：上一页   数字：跳到该页   q：退出 > ",
            (Language::Chinese, true) => "回车：结束   b：上一页   数字：跳到该页 > ",
        }
    }
}

/// A page as it is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// What it is called, whatever the language.
    pub name: String,
    /// Its title.
    pub title: String,
    /// Its lines, exhibits among them.
    pub lines: Vec<String>,
}

/// The pages in a language.
pub fn pages(language: Language) -> Vec<Page> {
    let mut pages: Vec<Page> = Vec::new();
    for line in language.text().lines() {
        if let Some(head) = line.strip_prefix("== ") {
            let (name, title) = head.split_once(' ').unwrap_or((head, ""));
            pages.push(Page {
                name: name.to_owned(),
                title: title.to_owned(),
                lines: Vec::new(),
            });
        } else if let Some(page) = pages.last_mut() {
            page.lines.push(line.to_owned());
        }
    }
    for page in &mut pages {
        while page.lines.last().is_some_and(String::is_empty) {
            page.lines.pop();
        }
    }
    pages
}
