//! What goes into the store of a replay, and an outage as it comes out: with whether it was measured,
//! and with what its numbers rest on.

use std::borrow::Cow;
use std::ffi::OsStr;
use std::path::{self, Path};

use falter_draw::{Ground, Nature};
use falter_model::{Outage, Timestamp};
use falter_store::Store;
use serde::Serialize;

use crate::digest;
use crate::exit::Failure;
use crate::replay::{Digests, Document};

/// An outage of the store, as `falter show --json` prints it.
#[derive(Debug, Serialize)]
pub(super) struct Kept {
    /// The outage, as `falter replay --json` tells it.
    #[serde(flatten)]
    pub(super) outage: Outage,
    /// True for a re-enactment; `None` where an older version kept it, which did not tell.
    synthetic: Option<bool>,
    /// How many times faster than life a re-enactment was made, where that is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    time_scale: Option<f64>,
    rests_on: RestsOn,
}

/// The replay that an outage came from.
#[derive(Debug, Serialize)]
struct RestsOn {
    network: Option<String>,
    from: Option<Timestamp>,
    until: Option<Timestamp>,
    digests: Digests,
    inputs: Vec<Input>,
}

/// A file that was read.
#[derive(Debug, Serialize)]
struct Input {
    path: String,
    /// SHA-256, in hexadecimal, of the first `offset` octets after decompression.
    digest: Option<String>,
    offset: Option<u64>,
}

impl Kept {
    /// The outage of this id, or the only one whose id begins so.
    pub(super) fn read(store: &Store, wanted: &str) -> Result<Self, Failure> {
        let outage = store.outage(wanted).map_err(Failure::failed)?;
        let replay = store.origin(&outage.id).map_err(Failure::failed)?;
        let inputs = replay.inputs.into_iter().map(|input| {
            let known = !input.digest.is_empty();
            Input {
                path: input.path,
                offset: known.then_some(input.offset),
                digest: known.then_some(input.digest),
            }
        });
        Ok(Self {
            outage,
            synthetic: replay.synthetic,
            time_scale: replay.time_scale,
            rests_on: RestsOn {
                network: replay.network,
                from: replay.from,
                until: replay.until,
                digests: Digests {
                    profile: replay.profile_digest,
                    config: replay.config_digest,
                    fit: replay.fit_digest,
                },
                inputs: inputs.collect(),
            },
        })
    }

    /// The same for publication: files are named, the folders of whoever keeps them are not.
    pub(super) fn published(mut self) -> Self {
        for input in &mut self.rests_on.inputs {
            input.path = input.name().into_owned();
        }
        self
    }

    /// Whether it was measured.
    pub(super) const fn nature(&self) -> Nature {
        nature(self.synthetic, self.time_scale)
    }

    /// What its numbers rest on: profile, configuration, fit, then the files.
    pub(super) fn grounds(&self) -> Vec<Ground> {
        let ground = |what: String, digest: &str| Ground { what, digest: digest.to_owned() };
        let RestsOn { network, digests, inputs, .. } = &self.rests_on;
        let profile = digests.profile.as_ref().map(|digest| {
            ground(format!("profile {}", network.as_deref().unwrap_or_default()), digest)
        });
        let rules = [
            ground("configuration".to_owned(), &digests.config),
            ground("fit of the causes".to_owned(), &digests.fit),
        ];
        let inputs = inputs
            .iter()
            .map(|input| ground(input.words(), input.digest.as_deref().unwrap_or_default()));
        profile.into_iter().chain(rules).chain(inputs).collect()
    }
}

impl Input {
    /// The file without its folder.
    fn name(&self) -> Cow<'_, str> {
        let name = Path::new(&self.path).file_name();
        name.map_or(Cow::Borrowed(&self.path), OsStr::to_string_lossy)
    }

    /// `input updates.gz, 4096 octets`.
    fn words(&self) -> String {
        let name = self.name();
        let read = self.offset.map_or_else(String::new, |offset| format!(", {offset} octets"));
        match &*name {
            STDIN => format!("standard input{read}"),
            name => format!("input {name}{read}"),
        }
    }
}

/// Whether something was measured, as pictures and texts tell it.
pub(super) const fn nature(synthetic: Option<bool>, time_scale: Option<f64>) -> Nature {
    match synthetic {
        Some(false) => Nature::Measured,
        Some(true) => Nature::Reenacted { time_scale },
        None => Nature::Unknown,
    }
}

/// Keeps a replay. A store that can't take it keeps what it had.
pub(super) fn save(dir: &Path, document: &Document) -> Result<(), Failure> {
    let mut store = Store::open(dir).map_err(Failure::failed)?;
    let inputs: Vec<_> = document.inputs.iter().filter_map(to_keep).collect();
    store
        .save(&falter_store::Replay {
            network: document.network.as_deref(),
            from: document.from,
            until: document.until,
            synthetic: document.synthetic,
            time_scale: document.time_scale,
            digests: falter_store::Digests {
                profile: document.digests.profile.as_deref(),
                config: &document.digests.config,
                fit: &document.digests.fit,
            },
            inputs: &inputs,
            outages: &document.outages,
            series: &document.series,
            blind: &document.blind,
        })
        .map_err(Failure::failed)
}

/// A file that was read; its path from the root, since a store is asked from other folders too.
fn to_keep(input: &crate::replay::Input) -> Option<falter_store::Input> {
    let content = input.content?;
    let path = if input.path == STDIN {
        STDIN.to_owned()
    } else {
        // Where the present folder is not known, as it was named.
        path::absolute(&input.path)
            .map_or_else(|_| input.path.clone(), |path| path.display().to_string())
    };
    Some(falter_store::Input {
        path,
        digest: digest::in_hex(&content.sha256),
        offset: content.octets,
    })
}

/// How standard input is named.
const STDIN: &str = "-";
