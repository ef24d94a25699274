//! Every way in which the country can be broken.

/// A stand-in.
pub fn story(
    _country: &crate::country::Country,
    _fault: &str,
    _implementation: Option<&str>,
    _parameters: &std::collections::BTreeMap<String, f64>,
    _seed: u64,
) -> anyhow::Result<crate::story::Story> {
    anyhow::bail!("no faults yet")
}
