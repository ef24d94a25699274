//! Shapes and letters as elements of SVG. All text from outside passes through here and is escaped.

use unicode_width::UnicodeWidthChar;

use super::palette::Palette;
use crate::escape::xml;
use crate::wrap;

/// What was drawn so far.
#[derive(Debug)]
pub(super) struct Canvas {
    pub(super) palette: Palette,
    body: String,
}

/// How a text looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Face {
    Title,
    Lead,
    Heading,
    Strong,
    Body,
    Small,
    /// On a bar of the accent's color.
    Inside,
}

/// Which end of a text stands at its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Anchor {
    Start,
    Middle,
    End,
}

/// Names no font that must be there.
const FONTS: &str = "Helvetica, Arial, 'Liberation Sans', 'DejaVu Sans', sans-serif";

impl Face {
    pub(super) const fn size(self) -> f64 {
        match self {
            Self::Title => 34.0,
            Self::Lead => 18.0,
            Self::Heading => 17.0,
            Self::Strong | Self::Body => 14.0,
            Self::Small | Self::Inside => 12.0,
        }
    }

    const fn bold(self) -> bool {
        matches!(self, Self::Title | Self::Heading | Self::Strong | Self::Inside)
    }
}

impl Canvas {
    pub(super) const fn new(palette: Palette) -> Self {
        Self { palette, body: String::new() }
    }

    /// A filled rectangle; opacity in [0, 1].
    pub(super) fn rect(
        &mut self,
        x: f64,
        y: f64,
        width: f64,
        height: f64,
        fill: &str,
        opacity: f64,
    ) {
        let shape = format!(
            "<rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" fill=\"{fill}\"",
            number(x),
            number(y),
            number(width.max(0.0)),
            number(height.max(0.0))
        );
        self.body.push_str(&shape);
        if opacity < 1.0 {
            self.add(format_args!(" fill-opacity=\"{opacity:.2}\""));
        }
        self.body.push_str("/>\n");
    }

    /// Hatched: not measured.
    pub(super) fn hatch(&mut self, x: f64, y: f64, width: f64, height: f64) {
        self.rect(x, y, width, height, "url(#falter-not-measured)", 1.0);
    }

    pub(super) fn line(&mut self, from: (f64, f64), to: (f64, f64), color: &str, width: f64) {
        self.add(format_args!(
            "<line x1=\"{}\" y1=\"{}\" x2=\"{}\" y2=\"{}\" stroke=\"{color}\" stroke-width=\"{}\"/>\n",
            number(from.0),
            number(from.1),
            number(to.0),
            number(to.1),
            number(width)
        ));
    }

    /// An outline; `data` is made of numbers only.
    pub(super) fn outline(&mut self, data: &str, color: &str) {
        self.add(format_args!(
            "<path d=\"{data}\" fill=\"none\" stroke=\"{color}\" stroke-width=\"1.8\" \
             stroke-linejoin=\"round\" stroke-linecap=\"round\"/>\n"
        ));
    }

    /// An area; `data` is made of numbers only.
    pub(super) fn area(&mut self, data: &str, color: &str) {
        self.add(format_args!("<path d=\"{data}\" fill=\"{color}\" fill-opacity=\"0.16\"/>\n"));
    }

    /// A number in a disc.
    pub(super) fn disc(&mut self, x: f64, y: f64, text: &str) {
        let (ink, ground) = (self.palette.ink, self.palette.ground);
        self.add(format_args!(
            "<circle cx=\"{}\" cy=\"{}\" r=\"9\" fill=\"{ink}\" stroke=\"{ground}\" \
             stroke-width=\"1.5\"/>\n",
            number(x),
            number(y)
        ));
        self.text_in(x, y + 4.0, Face::Inside, Anchor::Middle, ground, text);
    }

    /// Text with its base line at `y`.
    pub(super) fn text(&mut self, x: f64, y: f64, face: Face, anchor: Anchor, text: &str) {
        let color = match face {
            Face::Title | Face::Lead | Face::Heading | Face::Strong | Face::Body => {
                self.palette.ink
            }
            Face::Small => self.palette.faint,
            Face::Inside => self.palette.on_accent,
        };
        self.text_in(x, y, face, anchor, color, text);
    }

    pub(super) fn text_in(
        &mut self,
        x: f64,
        y: f64,
        face: Face,
        anchor: Anchor,
        color: &str,
        text: &str,
    ) {
        let anchor = match anchor {
            Anchor::Start => "",
            Anchor::Middle => " text-anchor=\"middle\"",
            Anchor::End => " text-anchor=\"end\"",
        };
        let weight = if face.bold() { " font-weight=\"bold\"" } else { "" };
        self.add(format_args!(
            "<text x=\"{}\" y=\"{}\" font-size=\"{}\" fill=\"{color}\"{anchor}{weight}>{}</text>\n",
            number(x),
            number(y),
            number(face.size()),
            xml(text)
        ));
    }

    /// Text in lines of at most `width`, the first base line at `y`; where the next one would stand.
    pub(super) fn paragraph(&mut self, x: f64, y: f64, face: Face, width: f64, text: &str) -> f64 {
        let mut y = y;
        for line in wrap::wrap_by(text, width, |line| text_width(line, face)) {
            self.text(x, y, face, Anchor::Start, &line);
            y += (face.size() * 1.35).round();
        }
        y
    }

    /// The document: this canvas with another one on top.
    pub(super) fn document(
        &self,
        over: &Self,
        width: f64,
        height: f64,
        title: &str,
        description: &str,
    ) -> String {
        let (w, h) = (number(width), number(height.ceil()));
        let faint = self.palette.faint;
        let ground = self.palette.ground;
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {w} {h}\" width=\"{w}\" \
             height=\"{h}\" role=\"img\" font-family=\"{FONTS}\">\n\
             <title>{}</title>\n<desc>{}</desc>\n\
             <defs><pattern id=\"falter-not-measured\" width=\"6\" height=\"6\" \
             patternUnits=\"userSpaceOnUse\" patternTransform=\"rotate(45)\">\
             <rect width=\"6\" height=\"6\" fill=\"{ground}\"/>\
             <rect width=\"1.4\" height=\"6\" fill=\"{faint}\" fill-opacity=\"0.55\"/>\
             </pattern></defs>\n{}{}</svg>\n",
            xml(title),
            xml(description),
            self.body,
            over.body
        )
    }

    fn add(&mut self, element: std::fmt::Arguments<'_>) {
        self.body.push_str(&element.to_string());
    }
}

/// A coordinate with one decimal where it needs one; what is not finite becomes 0.
pub(super) fn number(value: f64) -> String {
    let value = if value.is_finite() { (value * 10.0).round() / 10.0 + 0.0 } else { 0.0 };
    format!("{value}")
}

/// About how wide a text is. Measured on Helvetica and Liberation Sans, rounded up, since the
/// reader's font is not known.
pub(super) fn text_width(text: &str, face: Face) -> f64 {
    let em: f64 = text
        .chars()
        .map(|c| match c {
            'i' | 'j' | 'l' | 'I' | '.' | ',' | ':' | ';' | '\'' | '|' | '!' | '/' | ' ' => 0.3,
            'f' | 't' | 'r' | '(' | ')' | '-' => 0.36,
            'm' | 'w' | 'M' | 'W' | '%' | '@' => 0.88,
            c if c.is_uppercase() => 0.71,
            c if c.is_ascii() => 0.56,
            c => c.width().map_or(0.0, |cells| if cells > 1 { 1.05 } else { 0.62 }),
        })
        .sum();
    em * face.size() * if face.bold() { 1.06 } else { 1.0 }
}

/// The text, cut with `…` to at most `width`.
pub(super) fn fitted(text: &str, face: Face, width: f64) -> String {
    if text_width(text, face) <= width {
        return text.to_owned();
    }
    let mut fitted = String::new();
    for c in text.chars() {
        fitted.push(c);
        if text_width(&fitted, face) + face.size() > width {
            break;
        }
    }
    fitted.truncate(fitted.trim_end_matches([' ', ',', ':']).len());
    fitted.push('…');
    fitted
}
