//! The comparison as one page that needs nothing else: no network, no script; tables, and functions to unfold.

use super::{Comparison, Cost, Function, Line, Row};
use crate::measure::subject::ListedInstruction;
use crate::view::markup::escaped;
use crate::view::numbers::{grouped, percent};
use std::io::{self, Write};

/// Functions whose instructions are shown, at most: those that ran most.
const SHOWN: usize = 40;

/// Writes the page.
pub fn write(comparison: &Comparison, out: &mut dyn Write) -> io::Result<()> {
    let title = escaped(&comparison.title());
    writeln!(
        out,
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">"
    )?;
    writeln!(
        out,
        "<meta name=\"viewport\" content=\"width=device-width\">"
    )?;
    writeln!(
        out,
        "<title>{title} on {} instruction sets</title>",
        comparison.programs.len()
    )?;
    writeln!(out, "<style>{STYLE}</style>\n</head>\n<body>")?;
    writeln!(
        out,
        "<a class=\"skip\" href=\"#functions\">To the functions</a>"
    )?;
    writeln!(
        out,
        "<h1>{title} on {} instruction sets</h1>",
        comparison.programs.len()
    )?;
    let page = Page { comparison };
    page.verdict(out)?;
    page.table("Size and work", comparison.sizes(), out)?;
    page.kinds(out)?;
    page.table("Conventions", comparison.conventions(), out)?;
    let accesses = comparison.accesses();
    if !accesses.is_empty() {
        page.table("Accesses to memory", accesses, out)?;
    }
    page.calls(out)?;
    page.registers(out)?;
    page.functions(out)?;
    writeln!(out, "</main>\n</body>\n</html>")
}

struct Page<'c> {
    comparison: &'c Comparison,
}

impl Page<'_> {
    /// The heads of columns, one a program.
    fn heads(&self, first: &str, out: &mut dyn Write) -> io::Result<()> {
        write!(out, "<thead><tr><th scope=\"col\">{}</th>", escaped(first))?;
        for run in &self.comparison.programs {
            let (isa, title) = (escaped(&run.subject.isa), escaped(&run.subject.title));
            write!(out, "<th scope=\"col\" title=\"{title}\">{isa}</th>")?;
        }
        writeln!(out, "</tr></thead>")
    }

    fn verdict(&self, out: &mut dyn Write) -> io::Result<()> {
        write!(out, "<main>\n<p class=\"verdict\">")?;
        for line in self.comparison.verdict() {
            writeln!(out, "{}", escaped(&line))?;
        }
        writeln!(out, "</p>")
    }

    fn table(&self, title: &str, rows: Vec<Row>, out: &mut dyn Write) -> io::Result<()> {
        writeln!(out, "<h2>{title}</h2>\n<div class=\"wide\"><table>")?;
        self.heads("", out)?;
        writeln!(out, "<tbody>")?;
        for row in rows {
            write!(out, "<tr><th scope=\"row\">{}</th>", escaped(&row.name))?;
            for value in &row.values {
                write!(out, "<td>{}</td>", escaped(value))?;
            }
            writeln!(out, "</tr>")?;
        }
        writeln!(out, "</tbody></table></div>")
    }

    fn kinds(&self, out: &mut dyn Write) -> io::Result<()> {
        writeln!(out, "<h2>What ran</h2>\n<div class=\"wide\"><table>")?;
        self.heads("kind", out)?;
        writeln!(out, "<tbody>")?;
        for (kind, counts) in self.comparison.kinds() {
            write!(out, "<tr><th scope=\"row\">{}</th>", kind.title())?;
            for (run, count) in self.comparison.programs.iter().zip(counts) {
                let share = percent(count, run.subject.executed);
                write!(
                    out,
                    "<td class=\"bar\" style=\"--share:{share:.1}%\">{} <small>{share:.1}&nbsp;%</small></td>",
                    grouped(count)
                )?;
            }
            writeln!(out, "</tr>")?;
        }
        writeln!(out, "</tbody></table></div>")
    }

    fn calls(&self, out: &mut dyn Write) -> io::Result<()> {
        writeln!(out, "<h2>System calls</h2>\n<div class=\"wide\"><table>")?;
        self.heads("call", out)?;
        writeln!(out, "<tbody>")?;
        for (name, counts) in self.comparison.calls() {
            write!(out, "<tr><th scope=\"row\">{}</th>", escaped(&name))?;
            for count in counts {
                write!(out, "<td>{}</td>", grouped(count))?;
            }
            writeln!(out, "</tr>")?;
        }
        writeln!(out, "</tbody></table></div>")
    }

    fn registers(&self, out: &mut dyn Write) -> io::Result<()> {
        writeln!(
            out,
            "<h2>Registers</h2>\n<p>Those of the instructions that ran, with their share of these.</p>"
        )?;
        writeln!(out, "<div class=\"wide\"><table>")?;
        self.heads("", out)?;
        writeln!(out, "<tbody><tr><th scope=\"row\">used</th>")?;
        for run in &self.comparison.programs {
            write!(out, "<td class=\"text\">")?;
            for register in &run.subject.registers {
                let share = percent(register.uses, run.subject.executed);
                let name = escaped(&register.name);
                write!(
                    out,
                    "<span style=\"{}\" title=\"{share:.1} %\">{name}</span> ",
                    heat(share)
                )?;
            }
            write!(out, "</td>")?;
        }
        writeln!(out, "</tr></tbody></table></div>")
    }

    fn functions(&self, out: &mut dyn Write) -> io::Result<()> {
        writeln!(out, "<h2 id=\"functions\">Functions and lines</h2>")?;
        writeln!(
            out,
            "<p>How many instructions ran, and of how many. The warmer, the larger the share of all that the \
             program ran. Tab goes from function to function, Enter unfolds one.</p>"
        )?;
        for (number, function) in self.comparison.functions.iter().enumerate() {
            let open = if number == 0 { " open" } else { "" };
            writeln!(
                out,
                "<details{open}><summary><b>{}</b>",
                escaped(&function.name)
            )?;
            for (run, cost) in self.comparison.programs.iter().zip(&function.costs) {
                let isa = escaped(&run.subject.isa);
                match cost {
                    None => writeln!(out, "<span class=\"cost\">{isa} -</span>")?,
                    Some(cost) => {
                        let share = percent(cost.executed, run.subject.executed);
                        writeln!(
                            out,
                            "<span class=\"cost\" style=\"{}\">{isa} {} of {}</span>",
                            heat(share),
                            grouped(cost.executed),
                            grouped(cost.instructions)
                        )?;
                    }
                }
            }
            writeln!(out, "</summary>")?;
            if number < SHOWN {
                self.lines(function, out)?;
            }
            writeln!(out, "</details>")?;
        }
        Ok(())
    }

    fn lines(&self, function: &Function, out: &mut dyn Write) -> io::Result<()> {
        writeln!(out, "<div class=\"wide\"><table class=\"code\">")?;
        self.heads("line", out)?;
        writeln!(out, "<tbody>")?;
        for line in &function.lines {
            self.line(line, out)?;
        }
        writeln!(out, "</tbody></table></div>")
    }

    fn line(&self, line: &Line, out: &mut dyn Write) -> io::Result<()> {
        let place = match &*line.file {
            "" => "of no line".to_owned(),
            file => format!("{}:{}", escaped(file), line.line),
        };
        let text = line.text.as_deref().unwrap_or_default();
        write!(
            out,
            "<tr><th scope=\"row\">{place}<pre>{}</pre></th>",
            escaped(text)
        )?;
        let programs = self.comparison.programs.iter();
        for ((run, cost), listing) in programs.zip(&line.costs).zip(&line.listings) {
            self.cell(run.subject.executed, cost, listing, out)?;
        }
        writeln!(out, "</tr>")
    }

    fn cell(
        &self,
        all: u64,
        cost: &Cost,
        listing: &[ListedInstruction],
        out: &mut dyn Write,
    ) -> io::Result<()> {
        if listing.is_empty() {
            return write!(out, "<td></td>");
        }
        let share = percent(cost.executed, all);
        write!(
            out,
            "<td class=\"text\"><span style=\"{}\">{} of {}</span><pre>",
            heat(share),
            grouped(cost.executed),
            cost.instructions
        )?;
        for instruction in listing {
            let text = escaped(&instruction.text);
            writeln!(out, "{:>9} {text}", grouped(instruction.executed))?;
        }
        write!(out, "</pre></td>")
    }
}

/// A background that is warmer the larger a share is.
fn heat(share: f64) -> String {
    // Small shares differ visibly, too.
    let warmth = (share / 100.0).sqrt() * 0.75;
    format!("background:rgba(235,110,20,{warmth:.2})")
}

const STYLE: &str = "\
:root{color-scheme:light dark;--ground:#fff;--ink:#1a1a1a;--line:#d5d5d5;--bar:#cfe3f7}\
@media(prefers-color-scheme:dark){:root{--ground:#161616;--ink:#e8e8e8;--line:#3b3b3b;--bar:#23466b}}\
body{background:var(--ground);color:var(--ink);font:15px/1.45 system-ui,sans-serif;margin:1.5rem auto;max-width:82rem;padding:0 1rem}\
h1{font-size:1.5rem}h2{font-size:1.15rem;margin-top:2rem}\
.skip{position:absolute;left:-99rem}.skip:focus{position:static}\
.verdict{white-space:pre-wrap;font-family:ui-monospace,monospace}\
.wide{overflow-x:auto}table{border-collapse:collapse}\
th,td{border-bottom:1px solid var(--line);padding:.2rem .7rem;text-align:right;vertical-align:top}\
th[scope=row]{text-align:left;font-weight:normal}thead th{font-weight:600}\
td{font-variant-numeric:tabular-nums;max-width:24rem}td.text{text-align:left}\
td.bar{background:linear-gradient(to left,var(--bar) var(--share),transparent var(--share))}\
td.text span{padding:0 .25rem;border-radius:3px}\
pre{margin:.2rem 0;font:12.5px/1.35 ui-monospace,monospace;white-space:pre}\
.code th[scope=row] pre{font-weight:600;white-space:pre-wrap;max-width:22rem}\
details{border-top:1px solid var(--line);padding:.3rem 0}summary{cursor:pointer}\
summary:focus-visible{outline:2px solid #4a90d9}\
.cost{font-variant-numeric:tabular-nums;padding:0 .35rem;margin-left:.6rem;border-radius:3px}";
