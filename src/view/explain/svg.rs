//! The bits of instructions as a picture for slides: SVG that needs nothing else, readable on light and dark
//! ground.

use super::{Field, Sheet};
use crate::view::markup::escaped;
use std::io::{self, Write};

/// The width of a bit, and of a letter of the large and the small type, which are of one width.
const BIT: usize = 24;
const LETTER: usize = 15;
const SMALL: usize = 8;
const MARGIN: usize = 24;
/// The height of one instruction's ribbon without the lines below.
const RIBBON: usize = 200;
const LINE: usize = 22;

/// A bar of colour behind each field; text has the ground's contrast whatever that is.
const COLOURS: [&str; 6] = [
    "#1f7a70", "#b84a27", "#6a57ab", "#8a5f0e", "#2b69aa", "#a23a5e",
];

/// Writes the sheets, one below the other.
pub fn write(out: &mut dyn Write, sheets: &[Sheet<'_>]) -> io::Result<()> {
    let width = |sheet: &Sheet| sheet.fields.iter().map(cell).sum::<usize>() + 2 * MARGIN;
    let text = |sheet: &Sheet| {
        let lines = lines(sheet);
        let longest = lines.iter().map(|(_, line)| line.chars().count()).max();
        longest.unwrap_or(0) * SMALL + 2 * MARGIN
    };
    let all = sheets.iter().map(|sheet| width(sheet).max(text(sheet)));
    let width = all.max().unwrap_or(0).max(480);
    let height: usize = sheets.iter().map(tall).sum();
    writeln!(
        out,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" height=\"{height}\" \
         role=\"img\" font-family=\"ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, monospace\">"
    )?;
    writeln!(
        out,
        "<style>text {{ fill: #16202a; }} .faint {{ fill: #5b6873; }} .bits {{ fill: #ffffff; font-weight: bold; }} \
         @media (prefers-color-scheme: dark) {{ .ground {{ fill: #10161c; }} text {{ fill: #e8eef4; }} \
         .faint {{ fill: #9fb0bf; }} }}</style>"
    )?;
    writeln!(
        out,
        "<rect class=\"ground\" width=\"{width}\" height=\"{height}\" fill=\"#ffffff\"/>"
    )?;
    let mut top = 0;
    for sheet in sheets {
        sheet.picture(out, top)?;
        top += tall(sheet);
    }
    writeln!(out, "</svg>")
}

fn tall(sheet: &Sheet<'_>) -> usize {
    RIBBON + lines(sheet).len() * LINE + MARGIN
}

/// The width of a field's cell: its bits, or its name if that is longer.
fn cell(field: &Field<'_>) -> usize {
    let bits = field.bits.len() * BIT;
    bits.max(field.name.len() * SMALL + 8).max(44)
}

/// What each field says, with the number of the field.
fn lines(sheet: &Sheet<'_>) -> Vec<(usize, String)> {
    let fields = sheet.fields.iter().enumerate();
    let lines = fields.map(|(n, field)| (n, format!("{:<8} {}", field.name, field.meaning)));
    lines.collect()
}

impl Sheet<'_> {
    fn picture(&self, out: &mut dyn Write, top: usize) -> io::Result<()> {
        let title = format!("{}   {}", self.assembly, self.bytes);
        writeln!(out, "<title>{}</title>", escaped(&title))?;
        text(out, MARGIN, top + 44, 26, "", self.assembly)?;
        let bytes = MARGIN + (self.assembly.len() + 2) * LETTER + LETTER;
        text(out, bytes, top + 44, 20, "faint", &self.bytes)?;
        text(out, MARGIN, top + 70, 13, "faint", self.notation)?;
        let mut left = MARGIN;
        let ribbon = top + 104;
        for (n, field) in self.fields.iter().enumerate() {
            let width = cell(field);
            let colour = COLOURS[n % COLOURS.len()];
            writeln!(
                out,
                "<rect x=\"{}\" y=\"{ribbon}\" width=\"{}\" height=\"40\" rx=\"4\" fill=\"{colour}\"/>",
                left + 1,
                width - 2
            )?;
            let (high, low) = (field.high.to_string(), field.low.to_string());
            text(out, left + 4, ribbon - 8, 12, "faint", &high)?;
            if high != low {
                let end = left + width - 4 - low.len() * SMALL;
                text(out, end, ribbon - 8, 12, "faint", &low)?;
            }
            let gap = (width - field.bits.len() * LETTER.min(BIT - 8)) / 2;
            text(out, left + gap, ribbon + 28, 22, "bits", &field.bits)?;
            let gap = (width - (field.name.len() * SMALL).min(width)) / 2;
            text(out, left + gap, ribbon + 60, 13, "", field.name)?;
            left += width;
        }
        for (row, (n, line)) in lines(self).iter().enumerate() {
            let y = top + RIBBON + row * LINE;
            writeln!(
                out,
                "<rect x=\"{MARGIN}\" y=\"{}\" width=\"10\" height=\"10\" rx=\"2\" fill=\"{}\"/>",
                y - 10,
                COLOURS[n % COLOURS.len()]
            )?;
            text(out, MARGIN + 18, y, 13, "", line)?;
        }
        Ok(())
    }
}

fn text(
    out: &mut dyn Write,
    x: usize,
    y: usize,
    size: usize,
    class: &str,
    text: &str,
) -> io::Result<()> {
    let class = match class {
        "" => String::new(),
        class => format!(" class=\"{class}\""),
    };
    writeln!(
        out,
        "<text x=\"{x}\" y=\"{y}\" font-size=\"{size}\" xml:space=\"preserve\"{class}>{}</text>",
        escaped(text)
    )
}
