//! Frames of zstd: lines are compressed some at a time, each time so that they can be read alone.

use std::io;

use zstd::zstd_safe;

/// zstd's own default: a second of lines is small, more effort gains nothing.
const LEVEL: i32 = 3;

/// Lines as a frame, with a checksum (RFC 8878, 3.1.1): after a crash of the machine a frame may be
/// there at its full length without its content.
pub(super) fn of(lines: &[u8]) -> io::Result<Vec<u8>> {
    let mut compressor = zstd::bulk::Compressor::new(LEVEL)?;
    compressor.include_checksum(true)?;
    compressor.compress(lines)
}

/// Up to where octets are frames, the last of which is whole. One further up that was damaged later is
/// left alone: what follows it is worth more than a clean file.
pub(super) fn whole(octets: &[u8]) -> usize {
    let mut ends = vec![0];
    let mut end = 0;
    while let Some(rest) = octets.get(end..)
        && !rest.is_empty()
        && let Ok(length) = zstd_safe::find_frame_compressed_size(rest)
        && length > 0
        && length <= rest.len()
    {
        end += length;
        ends.push(end);
    }
    while let Some(end) = ends.pop()
        && let Some(begin) = ends.last()
    {
        let frame = octets.get(*begin..end).unwrap_or_default();
        if zstd::stream::copy_decode(frame, io::sink()).is_ok() {
            return end;
        }
    }
    0
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

    #[test]
    fn what_is_there_without_its_content_is_no_frame() {
        let (first, second) = (of(b"one\n").unwrap(), of(b"two\n").unwrap());
        // Its header and length reached the disk, its last octets did not.
        let both = [first.clone(), second].concat();
        for damaged in first.len() + 10..both.len() {
            let mut octets = both.clone();
            octets[damaged] ^= 0x55;
            assert_eq!(whole(&octets), first.len(), "octet {damaged}");
        }
        assert_eq!(whole(&[&first[..], &[0; 4096]].concat()), first.len());
        // What follows a damaged frame stays.
        let mut octets = [both.clone(), first.clone()].concat();
        octets[both.len() - 1] ^= 0x55;
        assert_eq!(whole(&octets), octets.len());
    }
}
