//! Text in HTML and SVG.

/// Text as markup takes it.
pub fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            // Markup has no others of these.
            control if control.is_control() && !"\t\n\r".contains(control) => escaped.push('?'),
            other => escaped.push(other),
        }
    }
    escaped
}
