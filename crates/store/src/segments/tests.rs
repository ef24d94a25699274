use std::io::Read;

use falter_model::Span;

use super::*;

const LIMITS: Limits = Limits { age: Span::from_days(30), octets: 1 << 30 };

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// Appends `line` and a line feed.
fn append(segments: &mut Segments, moment: &str, line: &str) {
    segments.append(at(moment), format!("{line}\n").as_bytes(), head).unwrap();
}

/// A head that names the file before.
fn head(before: Option<&Path>) -> Vec<u8> {
    let name = before.and_then(|path| path.file_name()).map(|name| name.to_str().unwrap());
    format!("head{}\n", name.map(|name| format!(" after {name}")).unwrap_or_default()).into_bytes()
}

fn files(segments: &Segments) -> Vec<PathBuf> {
    segments.since(Timestamp::EPOCH).unwrap()
}

fn content(path: &Path) -> String {
    let mut text = String::new();
    zstd::Decoder::new(File::open(path).unwrap()).unwrap().read_to_string(&mut text).unwrap();
    text
}

#[test]
fn an_hour_is_a_file_and_begins_with_its_head() {
    let dir = tempfile::tempdir().unwrap();
    let mut segments = Segments::open(dir.path(), "kp", LIMITS).unwrap();
    append(&mut segments, "2022-01-25T21:59:58Z", "a");
    segments.flush().unwrap();
    append(&mut segments, "2022-01-25T21:59:59Z", "b");
    append(&mut segments, "2022-01-25T22:00:00Z", "c");
    // The clock was set back.
    append(&mut segments, "2022-01-25T21:30:00Z", "d");
    segments.sync().unwrap();
    let files = segments.since(at("2022-01-25T21:10:00Z")).unwrap();
    let contents: Vec<String> = files.iter().map(|path| content(path)).collect();
    let second = "head after 2022-01-25T21.jsonl.zst\nc\nd\n";
    assert_eq!(contents, ["head\na\nb\n", second]);
    assert_eq!(segments.since(at("2022-01-25T22:00:00Z")).unwrap().len(), 1);
}

#[test]
fn a_frame_that_was_cut_off_costs_itself() {
    let dir = tempfile::tempdir().unwrap();
    let mut segments = Segments::open(dir.path(), "kp", LIMITS).unwrap();
    append(&mut segments, "2022-01-25T21:00:00Z", "kept");
    segments.flush().unwrap();
    append(&mut segments, "2022-01-25T21:00:01Z", "cut off");
    segments.flush().unwrap();
    let path = segments.since(at("2022-01-25T21:00:00Z")).unwrap().remove(0);
    drop(segments);
    let octets = fs::read(&path).unwrap();
    fs::write(&path, &octets[..octets.len() - 3]).unwrap();
    let mut segments = Segments::open(dir.path(), "kp", LIMITS).unwrap();
    let cut_off = segments.cut_off().unwrap();
    assert_eq!(cut_off.path, path);
    assert_eq!(fs::metadata(&path).unwrap().len() + cut_off.octets, octets.len() as u64 - 3);
    append(&mut segments, "2022-01-25T21:00:02Z", "after");
    segments.flush().unwrap();
    assert_eq!(content(&path), "head\nkept\nafter\n");
}

#[test]
fn a_file_that_was_hardly_begun_is_begun_again() {
    let dir = tempfile::tempdir().unwrap();
    let mut segments = Segments::open(dir.path(), "kp", LIMITS).unwrap();
    append(&mut segments, "2022-01-25T21:00:00Z", "kept");
    drop(segments);
    let folder = dir.path().join("observations/kp");
    let torn = folder.join("2022-01-25T22.jsonl.zst");
    fs::write(&torn, &frames::of(b"head that was cut off\n").unwrap()[..9]).unwrap();
    let mut segments = Segments::open(dir.path(), "kp", LIMITS).unwrap();
    assert_eq!(segments.cut_off().unwrap().path, torn);
    append(&mut segments, "2022-01-25T22:00:01Z", "after");
    segments.flush().unwrap();
    assert_eq!(content(&torn), "head after 2022-01-25T21.jsonl.zst\nafter\n");
}

#[test]
fn a_clock_that_was_set_back_while_nobody_wrote_opens_no_old_file() {
    let dir = tempfile::tempdir().unwrap();
    for (moment, line) in [("2022-01-25T22:00:00Z", "a"), ("2022-01-25T20:00:00Z", "b")] {
        let mut segments = Segments::open(dir.path(), "kp", LIMITS).unwrap();
        assert_eq!(segments.cut_off(), None);
        append(&mut segments, moment, line);
        segments.sync().unwrap();
        assert_eq!(files(&segments).len(), 1);
    }
    let segments = Segments::open(dir.path(), "kp", LIMITS).unwrap();
    assert_eq!(content(&files(&segments)[0]), "head\na\nb\n");
}

#[test]
fn what_can_not_be_written_waits_and_what_is_too_much_is_one_hole() {
    let dir = tempfile::tempdir().unwrap();
    let mut segments = Segments::open(dir.path(), "kp", LIMITS).unwrap();
    // A folder stands where the file should.
    let stands = dir.path().join("observations/kp/2022-01-25T21.jsonl.zst");
    let taken = |segments: &mut Segments, moment: &str, line: &str| {
        segments.append(at(moment), format!("{line}\n").as_bytes(), head)
    };
    append(&mut segments, "2022-01-25T20:59:59Z", "before");
    fs::create_dir(&stands).unwrap();
    let error = taken(&mut segments, "2022-01-25T21:00:00Z", "waits").unwrap_err();
    assert!(matches!(&error, SegmentError::Io { path, .. } if *path == stands), "{error}");
    let long = "x".repeat(MOST_WAITING - 20);
    taken(&mut segments, "2022-01-25T21:00:00Z", &long).unwrap();
    for _ in 0..2 {
        let error = taken(&mut segments, "2022-01-25T21:00:00Z", &long).unwrap_err();
        assert!(matches!(error, SegmentError::Overfull { .. }), "{error}");
    }
    let error = taken(&mut segments, "2022-01-25T21:00:00Z", "small").unwrap_err();
    assert!(matches!(error, SegmentError::Overfull { .. }), "no holes between: {error}");
    fs::remove_dir(&stands).unwrap();
    append(&mut segments, "2022-01-25T21:00:01Z", "after");
    segments.flush().unwrap();
    let contents: Vec<String> = files(&segments).iter().map(|path| content(path)).collect();
    let first = format!("head\nbefore\nwaits\n{long}\n");
    assert_eq!(contents, [first, "head after 2022-01-25T20.jsonl.zst\nafter\n".to_owned()]);
}

#[test]
fn lines_that_wait_for_the_first_file_are_not_told_to_be_kept() {
    let dir = tempfile::tempdir().unwrap();
    let mut segments = Segments::open(dir.path(), "kp", LIMITS).unwrap();
    let stands = dir.path().join("observations/kp/2022-01-25T21.jsonl.zst");
    fs::create_dir(&stands).unwrap();
    segments.append(at("2022-01-25T21:00:00Z"), b"waits\n", head).unwrap_err();
    assert!(matches!(segments.flush(), Err(SegmentError::NotBegun { .. })));
    fs::remove_dir(&stands).unwrap();
    append(&mut segments, "2022-01-25T21:00:01Z", "after");
    segments.sync().unwrap();
    assert_eq!(content(&stands), "head\nwaits\nafter\n");
}

#[test]
fn one_writes_at_a_time() {
    let dir = tempfile::tempdir().unwrap();
    let first = Segments::open(dir.path(), "kp", LIMITS).unwrap();
    let refused = Segments::open(dir.path(), "kp", LIMITS).unwrap_err();
    assert!(matches!(refused, SegmentError::Locked { .. }), "{refused}");
    Segments::open(dir.path(), "ug", LIMITS).unwrap();
    drop(first);
    Segments::open(dir.path(), "kp", LIMITS).unwrap();
}

#[test]
fn what_is_old_or_too_much_goes_and_the_newest_stays() {
    let dir = tempfile::tempdir().unwrap();
    let hours = ["2022-01-01T00", "2022-01-02T00", "2022-01-02T01", "2022-01-02T02"];
    let write = |limits| {
        let mut segments = Segments::open(dir.path(), "kp", limits).unwrap();
        for hour in hours {
            append(&mut segments, &format!("{hour}:00:00Z"), "line");
        }
        segments.sync().unwrap();
        segments
    };
    let kept = |segments: &Segments| segments.since(Timestamp::EPOCH).unwrap().len();
    let now = at("2022-01-02T02:30:00Z");
    let segments = write(Limits { age: Span::from_days(1), ..LIMITS });
    assert_eq!(segments.prune(now).unwrap().files.len(), 1);
    assert_eq!(kept(&segments), 3);
    drop(segments);
    // The oldest one does not come back: whoever writes goes on with the newest.
    let segments = write(Limits { octets: 0, ..LIMITS });
    let pruned = segments.prune(now).unwrap();
    assert_eq!((pruned.files.len(), kept(&segments)), (2, 1));
    assert!(pruned.octets > 0);
}
