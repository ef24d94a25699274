//! Where a URL that is no archive of a known project is kept.

use std::path::PathBuf;

use sha2::{Digest, Sha256};
use url::Url;

/// Names of files have 255 octets on most systems, and get endings.
const LONGEST_NAME: usize = 128;

/// Below a folder for the server, under the path's own names, so that what they say (a collector, a
/// compression) stays readable. What can't be a name is replaced, with a digest that keeps it apart.
pub fn place_of(url: &Url) -> PathBuf {
    let server = match (url.host_str(), url.port()) {
        (Some(host), Some(port)) => format!("{host}_{port}"),
        (Some(host), None) => host.to_owned(),
        (None, _) => "nowhere".to_owned(),
    };
    let mut place = PathBuf::from(name_of(&server));
    let mut parts: Vec<&str> = url.path_segments().into_iter().flatten().collect();
    let last = parts.pop().filter(|name| !name.is_empty()).unwrap_or("index");
    place.extend(parts.into_iter().filter(|part| !part.is_empty()).map(name_of));
    let last = name_of(last);
    match url.query() {
        // Before the name, whose ending tells the compression.
        Some(query) => place.push(format!("{}-{last}", digest(query))),
        None => place.push(last),
    }
    place
}

fn name_of(part: &str) -> String {
    let is_plain = |c: u8| c.is_ascii_alphanumeric() || b".-_".contains(&c);
    if part.len() <= LONGEST_NAME && !part.starts_with('.') && part.bytes().all(is_plain) {
        return part.to_owned();
    }
    let plain: String =
        part.chars().map(|c| if c.is_ascii_alphanumeric() || c == '.' { c } else { '_' }).collect();
    let tail = plain.len().saturating_sub(LONGEST_NAME / 2);
    let tail = plain.get(tail..).unwrap_or_default().trim_start_matches('.');
    format!("{}-{tail}", digest(part))
}

/// Enough of it that no two meet.
fn digest(text: &str) -> String {
    let digest = Sha256::digest(text);
    let head = digest.iter().take(6).fold(0_u64, |head, octet| head << 8 | u64::from(*octet));
    format!("{head:012x}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(url: &str, expected: &str) {
        assert_eq!(place_of(&url.parse().unwrap()).to_str().unwrap(), expected, "{url}");
    }

    #[test]
    fn names_stay_readable_and_inside_the_folder() {
        check("http://a.example/rrc00/2022.01/b.gz", "a.example/rrc00/2022.01/b.gz");
        check("https://a.example:8443/", "a.example_8443/index");
        check("https://a.example/../..//b.gz", "a.example/b.gz");
        check("https://a.example/b.gz?day=1", "a.example/5123495753a7-b.gz");
        check("http://[2001:db8::1]/.part", "ecda91ca4e05-_2001_db8__1_/daa00e09c08f-part");
    }

    #[test]
    fn two_urls_never_share_a_place() {
        let urls = [
            "http://a.example/x%2fy",
            "http://a.example/x_2fy",
            "http://a.example/x/y",
            "http://a.example/x%2Fy",
            "http://a.example/y?x",
            "http://a.example/y",
        ];
        let mut places: Vec<PathBuf> =
            urls.iter().map(|url| place_of(&url.parse().unwrap())).collect();
        places.sort();
        places.dedup();
        assert_eq!(places.len(), urls.len());
    }
}
