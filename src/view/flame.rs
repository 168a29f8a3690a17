//! Flame graphs: folded stacks as a picture that needs nothing but a browser.

use super::markup::escaped;
use super::numbers::{grouped, percent};
use std::collections::BTreeMap;
use std::io::{self, Write};

const WIDTH: f64 = 1200.0;
const MARGIN: f64 = 10.0;
const TITLE: f64 = 40.0;
const ROW: f64 = 17.0;
/// The width of a letter of the font, roughly.
const LETTER: f64 = 7.0;
/// What is narrower cannot be seen.
const NARROWEST: f64 = 0.15;
/// Deeper stacks are cut off.
const DEEPEST: usize = 400;

/// A function in a stack, with what it called.
#[derive(Default)]
struct Frame<'s> {
    total: u64,
    callees: BTreeMap<&'s str, Frame<'s>>,
}

impl<'s> Frame<'s> {
    fn add(&mut self, stack: &'s str, cost: u64) {
        let mut frame = self;
        frame.total += cost;
        for name in stack.split(';').take(DEEPEST) {
            frame = frame.callees.entry(name).or_default();
            frame.total += cost;
        }
    }

    /// How many rows it takes, with what can be seen of what it called.
    fn depth(&self, whole: u64) -> usize {
        let seen = self
            .callees
            .values()
            .filter(|it| width(it.total, whole) >= NARROWEST);
        seen.map(|callee| 1 + callee.depth(whole))
            .max()
            .unwrap_or(0)
    }
}

fn width(part: u64, whole: u64) -> f64 {
    (WIDTH - 2.0 * MARGIN) * part as f64 / whole.max(1) as f64
}

/// Writes an SVG picture of stacks, whose functions are separated by semicolons, with what was spent in each. The
/// program is at the bottom; the mouse over a function shows its name and share.
pub fn write(
    title: &str,
    unit: &str,
    stacks: &BTreeMap<String, u64>,
    out: &mut dyn Write,
) -> io::Result<()> {
    let mut root = Frame::default();
    for (stack, cost) in stacks {
        root.add(stack, *cost);
    }
    let rows = root.depth(root.total);
    let height = TITLE + ROW * rows as f64 + MARGIN;
    writeln!(
        out,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{WIDTH}\" height=\"{height}\" \
         viewBox=\"0 0 {WIDTH} {height}\" font-family=\"monospace\" font-size=\"12\">"
    )?;
    writeln!(out, "{STYLE}")?;
    writeln!(
        out,
        "<rect class=\"ground\" width=\"100%\" height=\"100%\"/>"
    )?;
    let middle = WIDTH / 2.0;
    let title = escaped(title);
    writeln!(
        out,
        "<text class=\"title\" x=\"{middle}\" y=\"24\" text-anchor=\"middle\">{title}</text>"
    )?;
    let bottom = height - MARGIN - ROW;
    let picture = Picture {
        whole: root.total,
        unit,
    };
    picture.frames(&root, MARGIN, bottom, out)?;
    writeln!(out, "</svg>")
}

struct Picture<'p> {
    whole: u64,
    unit: &'p str,
}

impl Picture<'_> {
    fn frames(
        &self,
        frame: &Frame<'_>,
        left: f64,
        top: f64,
        out: &mut dyn Write,
    ) -> io::Result<()> {
        let mut left = left;
        for (name, callee) in &frame.callees {
            let width = width(callee.total, self.whole);
            if width >= NARROWEST {
                self.frame(name, callee.total, (left, top, width), out)?;
                self.frames(callee, left, top - ROW, out)?;
            }
            left += width;
        }
        Ok(())
    }

    fn frame(
        &self,
        name: &str,
        total: u64,
        (left, top, width): (f64, f64, f64),
        out: &mut dyn Write,
    ) -> io::Result<()> {
        let (count, share) = (grouped(total), percent(total, self.whole));
        let colour = colour(name);
        let bar = ROW - 1.0;
        write!(
            out,
            "<g><title>{}: {count} {}, {share:.2} %</title><rect x=\"{left:.2}\" y=\"{top:.0}\" \
             width=\"{width:.2}\" height=\"{bar}\" rx=\"1\" fill=\"{colour}\"/>",
            escaped(name),
            self.unit
        )?;
        let letters = ((width - 6.0) / LETTER).max(0.0) as usize;
        if letters >= 3 {
            let text = escaped(&super::numbers::fitted(name, letters));
            let (x, y) = (left + 3.0, top + 12.0);
            write!(out, "<text x=\"{x:.2}\" y=\"{y:.0}\">{text}</text>")?;
        }
        writeln!(out, "</g>")
    }
}

const STYLE: &str = "<style>\
.ground{fill:#fff}.title{font-size:16px;fill:#222}text{fill:#111;pointer-events:none}\
rect{stroke:none}g:hover rect{stroke:#000}\
@media(prefers-color-scheme:dark){.ground{fill:#1b1b1b}.title{fill:#eee}g:hover rect{stroke:#fff}}\
</style>";

/// A warm colour, the same for the same name.
fn colour(name: &str) -> String {
    let hash = name.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3)
    });
    let (hue, light) = (hash % 45 + 10, 58 + (hash >> 20) % 14);
    format!("hsl({hue},85%,{light}%)")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_escaped_and_widths_are_shares() {
        let stacks = [("main;vec<int>::at(\"x\")", 3), ("main", 1)];
        let stacks = stacks.map(|(stack, cost)| (stack.to_owned(), cost));
        let mut svg = Vec::new();
        write("a & b", "instructions", &BTreeMap::from(stacks), &mut svg).expect("it is written");
        let svg = String::from_utf8(svg).expect("text");
        assert!(svg.contains("a &amp; b"), "{svg}");
        let title = "<title>vec&lt;int&gt;::at(&quot;x&quot;): 3 instructions, 75.00 %</title>";
        assert!(svg.contains(title), "{svg}");
        assert!(svg.contains("width=\"1180.00\""), "{svg}");
        assert!(svg.contains("width=\"885.00\""), "{svg}");
    }
}
