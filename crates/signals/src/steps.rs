//! Widths of bins.

use falter_model::{Span, Step};

/// One minute. A second stands in where a minute could not be a step, which it can.
pub(crate) const MINUTE: Step = match Step::new(Span::from_minutes(1)) {
    Ok(step) => step,
    Err(_) => Step::SECOND,
};
