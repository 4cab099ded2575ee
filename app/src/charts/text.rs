//! The one place where words become markup.

/// Makes any text safe between tags and inside quoted attributes. Characters XML forbids are dropped, and
/// so are the invisible ones that would turn round the text after them.
pub(super) fn escape(raw: &str) -> String {
    let mut markup = String::with_capacity(raw.len());
    for character in raw.chars().filter(|&character| is_printable(character)) {
        match character {
            '&' => markup.push_str("&amp;"),
            '<' => markup.push_str("&lt;"),
            '>' => markup.push_str("&gt;"),
            '"' => markup.push_str("&quot;"),
            '\'' => markup.push_str("&#39;"),
            other => markup.push(other),
        }
    }
    markup
}

fn is_printable(character: char) -> bool {
    match character {
        '\n' | '\t' => true,
        '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' => false,
        '\u{FFFE}' | '\u{FFFF}' => false,
        other => !other.is_control(),
    }
}
