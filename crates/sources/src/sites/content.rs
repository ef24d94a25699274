//! What a page says, in sixty-four bits: a hash of which few bits change where few words do.

use std::collections::BTreeSet;

/// Words in a row that are hashed together: keeps the order of words in the digest.
const SHINGLE: usize = 3;
/// Words that are looked at: a page's own text is long past then.
const MOST_WORDS: usize = 20_000;
/// Octets of a title that are kept.
const TITLE_OCTETS: usize = 200;
/// From this many differing bits of 64 on a page is another. Two unrelated pages differ in 32 ± 4; for
/// near-duplicates 3 was found (Manku, Jain and Das Sarma, WWW 2007). A front page of news changes much
/// from day to day and keeps its frame, so the bound lies between, three deviations from the unrelated.
pub(super) const OTHER_BITS: u32 = 20;

/// The simhash (Charikar, STOC 2002) of a page's words, without its markup; `None` for a page without
/// words.
pub fn digest(page: &[u8]) -> Option<u64> {
    let words: Vec<Vec<u8>> = words(page);
    let shingles: BTreeSet<u64> = if words.len() < SHINGLE {
        words.iter().map(|word| hash(std::slice::from_ref(word))).collect()
    } else {
        words.windows(SHINGLE).map(hash).collect()
    };
    if shingles.is_empty() {
        return None;
    }
    let mut votes = [0_i64; 64];
    for shingle in shingles {
        for (bit, vote) in votes.iter_mut().enumerate() {
            *vote += if shingle >> bit & 1 == 1 { 1 } else { -1 };
        }
    }
    let bits = votes.iter().enumerate().filter(|(_, vote)| **vote > 0);
    Some(bits.fold(0, |digest, (bit, _)| digest | 1 << bit))
}

/// The title of a page of HTML.
pub fn title(page: &[u8]) -> Option<String> {
    let lower = page.to_ascii_lowercase();
    let start = find(&lower, b"<title")?;
    let open = start + lower.get(start..)?.iter().position(|octet| *octet == b'>')? + 1;
    let length = find(lower.get(open..)?, b"</title")?;
    let text = page.get(open..open + length.min(TITLE_OCTETS))?;
    let text = String::from_utf8_lossy(text);
    let plain: Vec<&str> = text.split_whitespace().collect();
    (!plain.is_empty()).then(|| plain.join(" "))
}

fn find(octets: &[u8], what: &[u8]) -> Option<usize> {
    octets.windows(what.len()).position(|window| window == what)
}

/// Runs of what is no space and no markup, in lower case; scripts and styles are not text.
fn words(page: &[u8]) -> Vec<Vec<u8>> {
    let (mut words, mut word) = (Vec::new(), Vec::new());
    let mut rest = page;
    while let Some((octet, after)) = rest.split_first() {
        rest = after;
        if *octet == b'<' {
            end(&mut word, &mut words);
            rest = after_markup(after);
        } else if octet.is_ascii_alphanumeric() || !octet.is_ascii() {
            word.push(octet.to_ascii_lowercase());
        } else {
            end(&mut word, &mut words);
        }
        if words.len() >= MOST_WORDS {
            return words;
        }
    }
    end(&mut word, &mut words);
    words
}

fn end(word: &mut Vec<u8>, words: &mut Vec<Vec<u8>>) {
    if !word.is_empty() {
        words.push(std::mem::take(word));
    }
}

/// What follows a tag whose `<` was read; with it goes what a script or a style holds.
fn after_markup(rest: &[u8]) -> &[u8] {
    for (name, close) in [(&b"script"[..], &b"</script"[..]), (b"style", b"</style")] {
        let opens = rest.get(..name.len()).is_some_and(|head| head.eq_ignore_ascii_case(name));
        if opens {
            let closes = rest.windows(close.len()).position(|w| w.eq_ignore_ascii_case(close));
            let from = closes.map_or(rest.len(), |at| at + 1);
            return after_markup(rest.get(from..).unwrap_or_default());
        }
    }
    let close = rest.iter().position(|octet| *octet == b'>');
    close.and_then(|at| rest.get(at + 1..)).unwrap_or_default()
}

/// FNV-1a over words and the gaps between them, mixed once more since its upper bits change little
/// (the finalizer of splitmix64).
fn hash(words: &[Vec<u8>]) -> u64 {
    let octets = words.iter().flat_map(|word| word.iter().chain(b" "));
    let sum = octets.fold(0xcbf2_9ce4_8422_2325, |sum: u64, octet| {
        (sum ^ u64::from(*octet)).wrapping_mul(0x0100_0000_01b3)
    });
    let sum = (sum ^ sum >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let sum = (sum ^ sum >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    sum ^ sum >> 31
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use proptest::prelude::*;

    use super::*;

    fn page(words: impl Iterator<Item = u32>) -> String {
        let mut page = "<html><title> A  page </title><script>var x = 1 < 2;</script>".to_owned();
        for word in words {
            let _written = write!(page, "<p>word{word}</p> ");
        }
        page
    }

    fn distance(a: &str, b: &str) -> u32 {
        (digest(a.as_bytes()).unwrap() ^ digest(b.as_bytes()).unwrap()).count_ones()
    }

    #[test]
    fn few_words_change_few_bits() {
        let before = page(0..300);
        let after = page((0..300).map(|n| if n % 50 == 7 { n + 1000 } else { n }));
        assert!(distance(&before, &after) < OTHER_BITS);
        assert!(distance(&before, &page(5000..5300)) >= OTHER_BITS);
    }

    #[test]
    fn markup_is_no_text() {
        let plain = "one two three four";
        let marked =
            "<b class=x>One</b> two<style>p { }</style> three <script>if (a<b) {}</script>four";
        assert_eq!(distance(plain, marked), 0);
        assert_eq!(digest(b"<p></p>"), None);
    }

    #[test]
    fn a_title_is_found() {
        assert_eq!(title(page(0..1).as_bytes()).as_deref(), Some("A page"));
        assert_eq!(title(b"<TITLE lang=ko>x</TITLE>").as_deref(), Some("x"));
        assert_eq!(title(b"<title>"), None);
        assert_eq!(title(b"no html"), None);
    }

    proptest! {
        #[test]
        fn nothing_panics(octets in prop::collection::vec(any::<u8>(), 0..300)) {
            digest(&octets);
            title(&octets);
        }
    }
}
