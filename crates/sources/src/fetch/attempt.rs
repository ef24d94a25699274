//! One attempt: asks for what is missing of a file and appends it.

use std::io;

use http_body_util::BodyExt;
use hyper::StatusCode;
use hyper::header::{
    CONTENT_LENGTH, CONTENT_RANGE, ETAG, HeaderName, IF_RANGE, LAST_MODIFIED, RANGE,
};
use tokio::time::timeout;
use url::Url;

use super::exchange::{self, Answer};
use super::part::{Origin, Part};
use super::{FetchError, Interrupted, Limits, Progress, Watcher};

/// Why an attempt failed.
#[derive(Debug)]
pub(super) enum Failed {
    /// Another one may not.
    Again(Interrupted),
    /// Every other one would too.
    Final(Box<FetchError>),
}

impl From<FetchError> for Failed {
    fn from(error: FetchError) -> Self {
        Self::Final(Box::new(error))
    }
}

/// Downloads what is missing. Done means that the body ended where it should, no more.
pub(super) async fn attempt(
    limits: &Limits,
    url: &Url,
    part: &mut Part,
    watcher: Watcher<'_>,
) -> Result<(), Failed> {
    let resume = part.resume();
    let rest = resume.map(|(offset, validator)| {
        [(RANGE, format!("bytes={offset}-")), (IF_RANGE, validator.to_owned())]
    });
    let fields = rest.as_ref().map_or(&[][..], |fields| &fields[..]);
    let answer = exchange::get(limits, url, fields).await?;
    let origin = Origin {
        url: url.as_str().to_owned(),
        validator: validator(&answer),
        total: field(&answer, CONTENT_LENGTH).and_then(|length| length.parse().ok()),
    };
    match answer.status {
        StatusCode::OK => part.begin(origin).await.map_err(|error| cannot(part, error))?,
        StatusCode::PARTIAL_CONTENT if rest.is_some() => is_the_rest(&answer, &origin, part)?,
        // What was asked for lies behind its end: it is another file now.
        StatusCode::RANGE_NOT_SATISFIABLE if rest.is_some() => {
            return Err(Failed::Again(Interrupted::Changed));
        }
        _ => return Err(refused(limits, url, &answer)),
    }
    let total = part.origin().total;
    if total.is_some_and(|total| total > limits.octets) {
        return Err(too_large(limits, url));
    }
    let appended = append(limits, url, answer, part, watcher).await;
    // What came before a fault is kept, and can be gone on with.
    part.flush().await.map_err(|error| cannot(part, error))?;
    appended?;
    match total {
        Some(expected) if part.octets() < expected => {
            Err(Failed::Again(Interrupted::Short { expected }))
        }
        Some(total) if part.octets() > total => Err(Failed::Again(Interrupted::Changed)),
        _ => Ok(()),
    }
}

async fn append(
    limits: &Limits,
    url: &Url,
    mut answer: Answer,
    part: &mut Part,
    watcher: Watcher<'_>,
) -> Result<(), Failed> {
    loop {
        watcher(Progress { url, octets: part.octets(), total: part.origin().total });
        let frame = timeout(limits.stall, answer.body.frame()).await;
        let frame = match frame {
            Err(_) => return Err(Failed::Again(Interrupted::Stalled(limits.stall))),
            Ok(None) => return Ok(()),
            Ok(Some(frame)) => {
                frame.map_err(|error| Failed::Again(Interrupted::BrokeOff(error)))?
            }
        };
        // Trailers say nothing of interest.
        let Ok(octets) = frame.into_data() else { continue };
        if part.octets() + octets.len() as u64 > limits.octets {
            return Err(too_large(limits, url));
        }
        part.append(&octets).await.map_err(|error| cannot(part, error))?;
    }
}

/// Whether a partial answer goes on where the part ends, with the same file. A server that passes over
/// the condition of the request is found out here, one that lies here by the checksums.
fn is_the_rest(answer: &Answer, origin: &Origin, part: &Part) -> Result<(), Failed> {
    let text = field(answer, CONTENT_RANGE).unwrap_or_default();
    let range = text.strip_prefix("bytes ").and_then(|range| range.split_once('/'));
    let begins = range.and_then(|(range, _)| range.split_once('-')?.0.trim().parse::<u64>().ok());
    if begins != Some(part.octets()) {
        let found = text.chars().take(64).collect::<String>().into();
        return Err(Failed::Again(Interrupted::OtherPart { found }));
    }
    let total = range.and_then(|(_, total)| total.trim().parse::<u64>().ok());
    let known = part.origin();
    let is_other_length = total.zip(known.total).is_some_and(|(now, before)| now != before);
    let is_other_file = origin.validator.is_some() && origin.validator != known.validator;
    if is_other_length || is_other_file {
        return Err(Failed::Again(Interrupted::Changed));
    }
    Ok(())
}

/// A strong entity tag or, where there is none, the time of change.
fn validator(answer: &Answer) -> Option<String> {
    let tag = field(answer, ETAG).filter(|tag| tag.starts_with('"'));
    tag.or_else(|| field(answer, LAST_MODIFIED)).map(str::to_owned)
}

fn field(answer: &Answer, name: HeaderName) -> Option<&str> {
    answer.fields.get(name)?.to_str().ok().map(str::trim)
}

fn refused(limits: &Limits, url: &Url, answer: &Answer) -> Failed {
    let (url, status) = (url.clone(), answer.status.as_u16());
    match status {
        404 | 410 => FetchError::Missing { url }.into(),
        // It takes too long, there are too many of us, the server has trouble.
        408 | 425 | 429 | 500..=599 => {
            let wait = exchange::asked_to_wait(&answer.fields, limits);
            Failed::Again(Interrupted::Status { status, wait })
        }
        _ => FetchError::Refused { url, status }.into(),
    }
}

fn too_large(limits: &Limits, url: &Url) -> Failed {
    FetchError::TooLarge { url: url.clone(), most: limits.octets }.into()
}

fn cannot(part: &Part, error: io::Error) -> Failed {
    part.cannot(error).into()
}
