use super::*;

fn decode(text: &str) -> Frame {
    Frame::decode(text.as_bytes()).unwrap_or_else(|error| panic!("{error}: {text}"))
}

fn message(fields: &str) -> Message {
    let text = format!(
        r#"{{"type":"ris_message","data":{{"timestamp":1643144400.25,"peer":"2001:7f8::1","peer_asn":"3333",
        "id":"x","host":"rrc00.ripe.net",{fields}}}}}"#
    );
    match decode(&text) {
        Frame::Message(message) => *message,
        other => panic!("{other:?}"),
    }
}

#[test]
fn an_update_is_read_with_all_that_is_needed() {
    let message = message(
        r#""type":"UPDATE","path":[3333,4837,[65551,65550]],"community":[[4837,1],[65535,666],[1,2,3]],
        "origin":"igp","med":0,"aggregator":"64500:192.0.2.1","raw":"FF","announcements":[
        {"next_hop":"192.0.2.1","prefixes":["175.45.176.0/24","175.45.176.0/99"]},
        {"next_hop":"2001:db8::1,fe80::1","prefixes":["2001:db8::/32"]}],
        "withdrawals":["175.45.177.0/24"],"new_field":{"a":[1]}"#,
    );
    assert_eq!(message.at, Timestamp::from_micros(1_643_144_400_250_000));
    assert_eq!((message.collector.as_str(), message.peer_asn), ("rrc00", Asn(3333)));
    let Content::Update(update) = message.content else { panic!("{message:?}") };
    assert_eq!(update.path, [3333, 4837, 65_550, 65_551].map(Asn));
    assert_eq!((update.origin, update.blackholed, update.bad_prefixes), (None, true, 1));
    assert_eq!(
        update.announced,
        [
            ("175.45.176.0/24".parse().unwrap(), Some([192, 0, 2, 1].into())),
            ("2001:db8::/32".parse().unwrap(), Some("2001:db8::1".parse().unwrap())),
        ]
    );
    assert_eq!(update.withdrawn, ["175.45.177.0/24".parse().unwrap()]);
}

#[test]
fn the_other_types_are_told_apart() {
    let hold = Notification { code: 4, subcode: 0 };
    for (fields, expected) in [
        (r#""type":"KEEPALIVE""#, Content::Keepalive),
        (r#""type":"OPEN","direction":"sent","capabilities":{"1":{}}"#, Content::Open),
        (
            r#""type":"NOTIFICATION","notification":{"code":4,"subcode":0,"data":""}"#,
            Content::Notification(hold),
        ),
        (r#""type":"NOTIFICATION","code":4,"subcode":0"#, Content::Notification(hold)),
        (r#""type":"RIS_PEER_STATE","state":"down""#, Content::PeerState(Some(false))),
        (r#""type":"RIS_PEER_STATE","state":"connected""#, Content::PeerState(Some(true))),
        (r#""type":"RIS_PEER_STATE","state":"purple""#, Content::PeerState(None)),
        (r#""type":"ROUTE_REFRESH""#, Content::Other("ROUTE_REFRESH".to_owned())),
    ] {
        assert_eq!(message(fields).content, expected, "{fields}");
    }
}

#[test]
fn what_the_server_says_of_itself() {
    let error = r#"{"type":"ris_error","data":{"message":"client too slow"}}"#;
    assert_eq!(decode(error), Frame::Error("client too slow".to_owned()));
    assert_eq!(decode(r#"{"type":"pong","data":null}"#), Frame::Pong);
    let other = r#"{"type":"ris_subscribe_ok","data":{"subscription":{}}}"#;
    assert_eq!(decode(other), Frame::Other("ris_subscribe_ok".to_owned()));
}

#[test]
fn what_is_wrong_is_told_with_its_place() {
    for (text, expected) in [
        ("", "octet 0: EOF while parsing a value at line 1 column 0"),
        ("hello", "octet 1: expected value at line 1 column 1"),
        (r#"{"type":7}"#, "invalid type: integer `7`, expected a string at line 1 column 9"),
        (r#"{"type":"ris_message"}"#, "invalid type: null"),
        (
            r#"{"type":"ris_message","data":{"timestamp":"x"}}"#,
            r#"octet 45: invalid type: string "x", expected f64"#,
        ),
    ] {
        let error = Frame::decode(text.as_bytes()).unwrap_err().to_string();
        assert!(error.contains(expected), "{error:?}, not {expected:?}");
    }
    for time in ["-1", "1e300"] {
        let text = format!(
            r#"{{"type":"ris_message","data":{{"timestamp":{time},"peer":"192.0.2.1","peer_asn":1,"host":"rrc00","type":"KEEPALIVE"}}}}"#
        );
        assert!(matches!(Frame::decode(text.as_bytes()), Err(FrameError::Time { .. })), "{time}");
    }
}
