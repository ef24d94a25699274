//! Text from outside made harmless for the form that it goes into.
//!
//! Names of networks, servers and sites, sentences and ids may hold anything: tags, terminal
//! sequences, marks that turn the direction of writing.

/// Stands for what can't be shown.
const REPLACEMENT: char = '\u{fffd}';

/// The text without characters that act instead of being read: controls, line breaks (become
/// spaces), marks of direction, and what XML 1.0 does not allow.
pub(crate) fn printable(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            '\t' | '\n' | '\r' | '\u{2028}' | '\u{2029}' => ' ',
            '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => {
                REPLACEMENT
            }
            '\u{fffe}' | '\u{ffff}' => REPLACEMENT,
            c if c.is_control() => REPLACEMENT,
            c => c,
        })
        .collect()
}

/// For text and attributes of SVG and HTML.
pub(crate) fn xml(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in printable(text).chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            c => escaped.push(c),
        }
    }
    escaped
}

/// For a line of Markdown, where it never stands first: no markup, no HTML, no links made of bare
/// addresses.
pub(crate) fn markdown(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in printable(text).chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '~' | '#' | '!' | '$' => {
                escaped.push('\\');
                escaped.push(c);
            }
            // GitHub makes links of what begins with these.
            '@' => escaped.push_str("&#64;"),
            c => escaped.push(c),
        }
    }
    escaped.replace("://", "&#58;//").replace("www.", "www&#46;").replace("WWW.", "WWW&#46;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_is_read_not_followed() {
        assert_eq!(xml("<script>\"a\" & 'b'"), "&lt;script&gt;&quot;a&quot; &amp; &#39;b&#39;");
        assert_eq!(markdown("[x](javascript:1) <b>"), "\\[x\\](javascript:1) &lt;b&gt;");
        assert_eq!(markdown("https://a.b www.c.d"), "https&#58;//a.b www&#46;c.d");
    }

    #[test]
    fn a_terminal_gets_no_orders() {
        assert_eq!(
            printable("a\u{1b}[31mb\u{202e}c\u{9b}d\ne"),
            "a\u{fffd}[31mb\u{fffd}c\u{fffd}d e"
        );
    }
}
