//! Reading on in an input, and telling where that is not possible.

use super::{InputReport, Place};
use crate::compression::Window;

/// Widens the window by more data; false at the end, and where the input can't be read on, which is
/// told.
pub(super) fn widen(window: &mut Window, report: &mut InputReport) -> bool {
    match window.widen() {
        Ok(more) => more,
        Err(error) => {
            let offset = window.offset() + window.octets().len() as u64;
            report.tell(Place::Offset(offset), error);
            false
        }
    }
}
