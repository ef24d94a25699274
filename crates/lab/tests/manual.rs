//! The page in the documentation is what the code says.

#[test]
fn the_page_is_made_from_the_code() {
    let page = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/lab.md");
    let page = std::fs::read_to_string(page).unwrap();
    assert!(
        page == falter_lab::manual::markdown(),
        "make it anew: falter-lab manual > docs/lab.md"
    );
}
