use std::io::Read;

use falter_model::Span;

use super::*;

const LIMITS: Limits = Limits { age: Span::from_days(30), octets: 1 << 30 };

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// Appends `line` and a line feed.
fn append(segments: &mut Segments, moment: &str, line: &str) {
    segments.append(at(moment), format!("{line}\n").as_bytes(), || b"head\n".to_vec()).unwrap();
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
    assert_eq!(contents, ["head\na\nb\n", "head\nc\nd\n"]);
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
    append(&mut segments, "2022-01-25T21:00:02Z", "after");
    segments.flush().unwrap();
    assert_eq!(content(&path), "head\nkept\nafter\n");
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
    let segments = write(Limits { octets: 0, ..LIMITS });
    let pruned = segments.prune(now).unwrap();
    assert_eq!((pruned.files.len(), kept(&segments)), (3, 1));
    assert!(pruned.octets > 0);
}
