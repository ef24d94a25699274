//! Colors of a terminal, or none.

/// How text may look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum TextStyle {
    /// Letters only.
    #[default]
    Plain,
    /// With ANSI colors.
    Color,
}

/// Colors that every terminal has; nothing is told by color alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Hue {
    Red,
    Yellow,
    Green,
    Blue,
    Gray,
}

/// Adds colors, or leaves text as it is.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ink {
    style: TextStyle,
}

impl Ink {
    pub(super) const fn new(style: TextStyle) -> Self {
        Self { style }
    }

    pub(super) fn bold(self, text: &str) -> String {
        self.paint("1", text)
    }

    pub(super) fn dim(self, text: &str) -> String {
        self.paint("2", text)
    }

    pub(super) fn hue(self, hue: Hue, text: &str) -> String {
        // The numbers of ECMA-48, select graphic rendition.
        let code = match hue {
            Hue::Red => "31",
            Hue::Yellow => "33",
            Hue::Green => "32",
            Hue::Blue => "36",
            Hue::Gray => "90",
        };
        self.paint(code, text)
    }

    /// The filled part in color, the rest dim.
    pub(super) fn bar(self, hue: Hue, bar: &str) -> String {
        let mut painted = String::new();
        let cells: Vec<char> = bar.chars().collect();
        for run in cells.chunk_by(|a, b| is_filled(*a) == is_filled(*b)) {
            let text: String = run.iter().collect();
            let filled = run.first().is_some_and(|cell| is_filled(*cell));
            painted.push_str(&if filled { self.hue(hue, &text) } else { self.dim(&text) });
        }
        painted
    }

    fn paint(self, code: &str, text: &str) -> String {
        match self.style {
            TextStyle::Color if !text.trim().is_empty() => format!("\u{1b}[{code}m{text}\u{1b}[0m"),
            TextStyle::Plain | TextStyle::Color => text.to_owned(),
        }
    }
}

const fn is_filled(cell: char) -> bool {
    !matches!(cell, '·' | ' ')
}
