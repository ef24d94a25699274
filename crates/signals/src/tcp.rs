//! Signals from TCP connection attempts, counted as those of [`crate::ping`] are: a reset is an
//! answer, the host is up.

pub(crate) mod loss;
pub(crate) mod rtt;
pub(crate) mod rtt_p95;
pub(crate) mod unreachable;
pub(crate) mod up_blocks;
pub(crate) mod up_share;

use crate::ping::Layer;

/// TCP.
pub(crate) const LAYER: Layer = Layer {
    up_share: &up_share::SPEC,
    up_blocks: &up_blocks::SPEC,
    loss: &loss::SPEC,
    rtt: &rtt::SPEC,
    rtt_p95: &rtt_p95::SPEC,
    unreachable: &unreachable::SPEC,
};
