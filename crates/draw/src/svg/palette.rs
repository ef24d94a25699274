//! Colors: Okabe and Ito, "Color Universal Design" (2008), on light and dark ground.

use falter_model::State;

use crate::Theme;

/// The colors of a picture.
#[derive(Debug, Clone, Copy)]
pub(super) struct Palette {
    pub(super) ground: &'static str,
    /// Letters.
    pub(super) ink: &'static str,
    /// Letters of lesser weight.
    pub(super) faint: &'static str,
    /// Lines of the grid.
    pub(super) grid: &'static str,
    /// Values, and bars of causes that were not decided.
    pub(super) value: &'static str,
    /// The outage, and the decided cause.
    pub(super) accent: &'static str,
    /// Letters on `accent`.
    pub(super) on_accent: &'static str,
    /// How strongly the outage is shaded, in [0, 1].
    pub(super) shade: f64,
    sky: &'static str,
    orange: &'static str,
    purple: &'static str,
    green: &'static str,
}

impl Palette {
    pub(super) const fn of(theme: Theme) -> Self {
        let light = Self {
            ground: "#ffffff",
            ink: "#1a1a1a",
            faint: "#5f6368",
            grid: "#dfe1e5",
            value: "#0072b2",
            accent: "#d55e00",
            on_accent: "#ffffff",
            shade: 0.11,
            sky: "#56b4e9",
            orange: "#e69f00",
            purple: "#cc79a7",
            green: "#009e73",
        };
        match theme {
            Theme::Light => light,
            Theme::Dark => Self {
                ground: "#15181c",
                ink: "#f1f3f4",
                faint: "#a9aeb4",
                grid: "#33383f",
                value: "#56b4e9",
                accent: "#ee7a1f",
                on_accent: "#15181c",
                shade: 0.2,
                ..light
            },
        }
    }

    pub(super) const fn state(&self, state: State) -> &'static str {
        match state {
            State::Complete => self.accent,
            State::Partial => self.orange,
            State::Intermittent => self.purple,
            State::Isolated => self.green,
            State::Degraded => self.sky,
            State::Blind => self.faint,
        }
    }
}
