//! An interface, in namespaces of the test's own: nothing leaves the machine.

use std::sync::Arc;

use falter_sources::clock::SystemClock;
use falter_sources::darknet::{ListenError, Listener, Scope, can_listen};

use crate::namespaces::run_inside;

#[test]
fn an_interface_that_is_not_there_is_told() {
    let (scope, clock) = (Scope::of_victims(None), Arc::new(SystemClock));
    let error = Listener::open("nowhere0", "dark".into(), scope, clock).unwrap_err();
    assert!(matches!(error, ListenError::NoInterface { .. }), "{error}");
    assert_eq!(can_listen("nowhere0").unwrap_err().to_string(), "there is no interface nowhere0");
}

#[test]
fn an_interface_shows_what_arrives_there() {
    run_inside("inside::what_arrives_is_told");
}

#[test]
fn an_interface_that_goes_down_is_told() {
    run_inside("inside::a_cable_that_is_pulled_is_told");
}
