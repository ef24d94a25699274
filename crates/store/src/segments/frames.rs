//! Frames of zstd: lines are compressed some at a time, each time so that they can be read alone.

use std::io;

use zstd::zstd_safe;

/// zstd's own default: a second of lines is small, more effort gains nothing.
const LEVEL: i32 = 3;

/// Lines as a frame.
pub(super) fn of(lines: &[u8]) -> io::Result<Vec<u8>> {
    zstd::bulk::compress(lines, LEVEL)
}

/// Up to where octets are whole frames.
pub(super) fn whole(octets: &[u8]) -> usize {
    let mut end = 0;
    while let Some(rest) = octets.get(end..)
        && !rest.is_empty()
        && let Ok(length) = zstd_safe::find_frame_compressed_size(rest)
        && length > 0
        && length <= rest.len()
    {
        end += length;
    }
    end
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_cut_off_is_no_frame() {
        let (first, second) = (of(b"one\n").unwrap(), of(b"two, and more of it\n").unwrap());
        let both = [first.clone(), second.clone()].concat();
        for length in 0..=both.len() {
            let expected = match length {
                _ if length == both.len() => both.len(),
                _ if length >= first.len() => first.len(),
                _ => 0,
            };
            assert_eq!(whole(&both[..length]), expected, "{length} octets");
        }
        assert_eq!(whole(&[&first[..], b"no frame at all"].concat()), first.len());
    }
}
