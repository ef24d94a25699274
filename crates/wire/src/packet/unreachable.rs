//! What a router or host means by the type and code of a trouble, in one word.

use super::icmp::IcmpVersion;

/// The word for a trouble: `net`, `host`, `protocol`, `port`, `admin`, `ttl`, `size`, ...
/// (RFC 792, RFC 1122 section 3.2.2.1, RFC 1812 section 5.2.7.1, RFC 4443 section 3.)
pub const fn trouble_name(version: IcmpVersion, kind: u8, code: u8) -> &'static str {
    match version {
        IcmpVersion::V4 => name_v4(kind, code),
        IcmpVersion::V6 => name_v6(kind, code),
    }
}

const fn name_v4(kind: u8, code: u8) -> &'static str {
    match (kind, code) {
        (3, 0 | 6 | 8 | 11) => "net",
        (3, 1 | 7 | 12) => "host",
        (3, 2) => "protocol",
        (3, 3) => "port",
        (3, 4) => "size",
        (3, 5) => "route",
        (3, 9 | 10 | 13 | 14 | 15) => "admin",
        (4, _) => "quench",
        (11, 0) => "ttl",
        (11, _) => "fragments",
        (12, _) => "parameter",
        _ => "other",
    }
}

const fn name_v6(kind: u8, code: u8) -> &'static str {
    match (kind, code) {
        // No route to the destination; rejected by a route.
        (1, 0 | 6) => "net",
        // Administratively prohibited; the source address failed a policy.
        (1, 1 | 5) => "admin",
        (1, 2) => "scope",
        (1, 3) => "host",
        (1, 4) => "port",
        (1, 7) => "route",
        (2, _) => "size",
        (3, 0) => "ttl",
        (3, _) => "fragments",
        (4, _) => "parameter",
        _ => "other",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_of_both_versions_agree() {
        let same = [
            ((3, 0), (1, 0), "net"),
            ((3, 1), (1, 3), "host"),
            ((3, 3), (1, 4), "port"),
            ((3, 13), (1, 1), "admin"),
            ((11, 0), (3, 0), "ttl"),
            ((3, 4), (2, 0), "size"),
        ];
        for ((kind_4, code_4), (kind_6, code_6), name) in same {
            assert_eq!(trouble_name(IcmpVersion::V4, kind_4, code_4), name);
            assert_eq!(trouble_name(IcmpVersion::V6, kind_6, code_6), name);
        }
        assert_eq!(trouble_name(IcmpVersion::V4, 200, 0), "other");
    }
}
