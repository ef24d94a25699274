//! How the screen is laid out: pure, from what the board shows.

use falter_model::{Outage, State, Timestamp};
use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::style::{Color, Modifier, Style};
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, Paragraph, Sparkline};

use crate::watch::{Network, Shown, SourceState, call};

/// Rows of a signal: its line of values.
const LABEL_COLUMNS: u16 = 30;

/// Draws everything, as far as there is room.
pub(super) fn draw(frame: &mut Frame<'_>, shown: &Shown) {
    let log_rows = (frame.area().height / 4).clamp(3, 12);
    let [top, log, keys] =
        Layout::vertical([Constraint::Min(3), Constraint::Length(log_rows), Constraint::Length(1)])
            .areas(frame.area());
    let each = shown.networks.values().map(|_| Constraint::Fill(1));
    let areas = Layout::vertical(each).split(top);
    for (network, area) in shown.networks.values().zip(areas.iter()) {
        draw_network(frame, network, *area);
    }
    draw_log(frame, shown, log);
    frame.render_widget(Line::from(" q ends").style(dim()), keys);
}

fn draw_network(frame: &mut Frame<'_>, network: &Network, area: Rect) {
    let block = Block::bordered().title(format!(" {} ", network.title));
    let inner = block.inner(area);
    frame.render_widget(block, area);
    let text = words(network);
    let text_rows = u16::try_from(text.len()).unwrap_or(u16::MAX).min(inner.height);
    let [above, below] =
        Layout::vertical([Constraint::Length(text_rows), Constraint::Min(0)]).areas(inner);
    frame.render_widget(Paragraph::new(text), above);
    let rows = below.rows();
    for ((signal, values), row) in network.signals.iter().zip(rows) {
        let [name, line] =
            Layout::horizontal([Constraint::Length(LABEL_COLUMNS), Constraint::Min(1)]).areas(row);
        let last = values.back().copied().flatten();
        let last = last.map_or_else(|| "not measured".to_owned(), short);
        frame.render_widget(Line::from(format!("{signal} {last}")), name);
        // The latest values, as many as there are columns.
        let skipped = values.len().saturating_sub(usize::from(line.width));
        let bars: Vec<Option<u64>> = scaled(values.iter().skip(skipped).copied());
        frame.render_widget(Sparkline::default().data(bars).max(FULL).style(dim()), line);
    }
}

/// State and since when, the verdict, the sources, what can't be trusted.
fn words(network: &Network) -> Vec<Line<'static>> {
    let mut lines = vec![state_line(network)];
    if let Some(outage) = network.present() {
        lines.extend(verdict_lines(outage));
    }
    for status in &network.sources {
        let said = status.said();
        let since = said.since.map_or_else(String::new, |since| format!(" since {since}"));
        let told = if said.told > 0 { format!(", {} told", said.told) } else { String::new() };
        let color = match said.state {
            SourceState::Up => Color::Green,
            SourceState::Down { .. } => Color::Red,
            SourceState::Starting | SourceState::Ended => Color::DarkGray,
        };
        let text = format!("{}: {}{since}{told}", said.name, said.state.words());
        lines.push(Line::styled(text, Style::new().fg(color)));
    }
    if network.sources.is_empty() {
        lines.push(Line::styled("no source: nothing can be seen", Style::new().fg(Color::Red)));
    }
    for (concern, says) in &network.troubles {
        let text = format!("blind: {concern}: {says}");
        lines.push(Line::styled(text, Style::new().fg(Color::Yellow)));
    }
    lines
}

fn state_line(network: &Network) -> Line<'static> {
    let now = network.now.map_or_else(String::new, |now: Timestamp| format!("   {now}"));
    let (words, color) = match network.present() {
        Some(outage) => {
            let lost = outage.lost_share.map_or_else(String::new, |lost| {
                format!(", {} of {} lost", lost.value, lost.basis.words())
            });
            let since = outage.from.first_bad;
            let text = format!("{} {} since {since}{lost}", outage.entity, outage.state);
            (text, color_of(outage.state))
        }
        None => ("no outage known".to_owned(), Color::Green),
    };
    let style = Style::new().fg(color).add_modifier(Modifier::BOLD);
    Line::from(vec![Span::styled(words, style), Span::styled(now, dim())])
}

fn verdict_lines(outage: &Outage) -> Vec<Line<'static>> {
    let Some(verdict) = &outage.verdict else { return Vec::new() };
    let causes: Vec<String> =
        verdict.causes.iter().map(|one| format!("{} {}", one.cause, one.probability)).collect();
    vec![
        Line::from(format!("verdict: {}", call(verdict))),
        Line::styled(format!("  {}", causes.join("  ")), dim()),
    ]
}

fn draw_log(frame: &mut Frame<'_>, shown: &Shown, area: Rect) {
    let block = Block::bordered().title(" what happened ");
    let room = usize::from(block.inner(area).height);
    let skipped = shown.lines.len().saturating_sub(room);
    let lines: Vec<Line<'_>> =
        shown.lines.iter().skip(skipped).map(|line| Line::from(line.as_str())).collect();
    frame.render_widget(Paragraph::new(lines).block(block), area);
}

/// The height of a full bar.
const FULL: u64 = 1_000;

/// Values as parts of the largest; what was not measured has no bar.
fn scaled(values: impl Iterator<Item = Option<f64>> + Clone) -> Vec<Option<u64>> {
    let largest = values.clone().flatten().fold(0.0_f64, f64::max);
    let part = |value: f64| {
        let share = if largest > 0.0 { (value / largest).clamp(0.0, 1.0) } else { 0.0 };
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "in 0 to 1000")]
        let height = (share * FULL as f64) as u64;
        height
    };
    values.map(|value| value.map(part)).collect()
}

/// Three digits are read at a glance.
fn short(value: f64) -> String {
    if value.fract() == 0.0 { format!("{value:.0}") } else { format!("{value:.3}") }
}

const fn color_of(state: State) -> Color {
    match state {
        State::Complete | State::Partial => Color::Red,
        State::Intermittent | State::Isolated | State::Degraded => Color::Yellow,
        State::Blind => Color::DarkGray,
    }
}

fn dim() -> Style {
    Style::new().fg(Color::DarkGray)
}
