//! The terminal while it watches: networks, sources, signals, the verdict, what happened last.

mod draw;

use std::sync::mpsc::TryRecvError;
use std::time::Duration;

use anyhow::Context;
use ratatui::crossterm::event::{self, Event as Key, KeyCode, KeyEventKind, KeyModifiers};

use crate::exit::Failure;
use crate::notify;
use crate::watch::Watching;

/// It is drawn so often, and after each key.
const DRAWN_EVERY: Duration = Duration::from_millis(250);

/// Draws until watching ends, or somebody presses q. The terminal is as it was afterwards, also where
/// something panics.
pub(crate) fn show(watching: &Watching) -> Result<(), Failure> {
    let mut terminal =
        ratatui::try_init().context("could not use the terminal").map_err(Failure::failed)?;
    let shown = draw_until_the_end(&mut terminal, watching);
    ratatui::restore();
    shown.context("could not draw on the terminal").map_err(Failure::failed)
}

fn draw_until_the_end(
    terminal: &mut ratatui::DefaultTerminal,
    watching: &Watching,
) -> std::io::Result<()> {
    loop {
        // The board has them already.
        loop {
            match watching.events.try_recv() {
                Ok(_) => {}
                Err(TryRecvError::Empty) => break,
                Err(TryRecvError::Disconnected) => return Ok(()),
            }
        }
        notify::alive(&watching.board);
        let shown = watching.board.shown();
        terminal.draw(|frame| draw::draw(frame, &shown))?;
        if watching.stop.is_cancelled() || (event::poll(DRAWN_EVERY)? && is_enough(&event::read()?))
        {
            return Ok(());
        }
    }
}

/// q, Escape or Ctrl-C.
fn is_enough(key: &Key) -> bool {
    let Key::Key(key) = key else { return false };
    let control_c = key.code == KeyCode::Char('c') && key.modifiers.contains(KeyModifiers::CONTROL);
    key.kind == KeyEventKind::Press
        && (control_c || matches!(key.code, KeyCode::Char('q') | KeyCode::Esc))
}
