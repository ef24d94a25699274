//! Finds profiles: a path, a folder of the user's, or one of those built in.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context;
use falter_model::Profile;

use crate::exit::Failure;

/// A profile with its text: what verdicts name the digest of.
#[derive(Debug, Clone)]
pub(crate) struct Found {
    /// Where it comes from: a path, or `bundled`.
    pub(crate) origin: String,
    /// Its TOML.
    pub(crate) text: String,
    /// What the TOML says.
    pub(crate) profile: Profile,
}

/// The profile of this name or path.
pub(crate) fn find(network: &str, folder: Option<&Path>) -> Result<Found, Failure> {
    let looks_like_path = network.contains('/')
        || Path::new(network).extension().is_some_and(|ending| ending.eq_ignore_ascii_case("toml"));
    if looks_like_path {
        return read(Path::new(network));
    }
    if let Some(folder) = folder {
        let path = folder.join(format!("{network}.toml"));
        if path.exists() {
            return read(&path);
        }
    }
    match falter_networks::bundled().iter().find(|(name, _)| *name == network) {
        Some((_, text)) => parse((*text).to_owned(), "bundled".to_owned()),
        None => Err(Failure::usage(anyhow::anyhow!(
            "there is no profile {network:?}; known are {}; or give the path of a TOML file",
            names(folder)?.join(", ")
        ))),
    }
}

/// The names of all profiles that can be found, sorted.
pub(crate) fn names(folder: Option<&Path>) -> Result<Vec<String>, Failure> {
    let mut names: Vec<String> =
        falter_networks::bundled().iter().map(|(name, _)| (*name).to_owned()).collect();
    if let Some(folder) = folder {
        for path in toml_files(folder)? {
            names.extend(path.file_stem().map(|stem| stem.to_string_lossy().into_owned()));
        }
    }
    names.sort();
    names.dedup();
    Ok(names)
}

fn toml_files(folder: &Path) -> Result<Vec<PathBuf>, Failure> {
    let entries = fs::read_dir(folder)
        .with_context(|| format!("could not read the folder of profiles {}", folder.display()))
        .map_err(Failure::usage)?;
    let mut paths = Vec::new();
    for entry in entries {
        let path = entry
            .with_context(|| format!("could not read the folder of profiles {}", folder.display()))
            .map_err(Failure::failed)?
            .path();
        if path.extension().is_some_and(|ending| ending == "toml") {
            paths.push(path);
        }
    }
    Ok(paths)
}

fn read(path: &Path) -> Result<Found, Failure> {
    let text = fs::read_to_string(path)
        .with_context(|| format!("could not read the profile {}", path.display()))
        .map_err(Failure::usage)?;
    parse(text, path.display().to_string())
}

fn parse(text: String, origin: String) -> Result<Found, Failure> {
    let profile = falter_networks::parse(&text, &origin).map_err(Failure::usage)?;
    Ok(Found { origin, text, profile })
}
