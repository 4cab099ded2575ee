//! Every published signature case is accepted or refused as listed.

use crate::support::json_fixture;
use serde_json::Value;
use server::stripe::envelope::Envelope;
use server::stripe::signature::{SigningSecrets, verify};

#[test]
fn every_signature_case_is_decided_as_listed() {
    let cases = json_fixture("signature_vectors.json");
    let cases = cases["vectors"].as_array().unwrap();
    assert!(cases.len() >= 35);
    for case in cases {
        let name = case["name"].as_str().unwrap();
        let secrets =
            case["secrets"].as_array().unwrap().iter().map(|secret| secret.as_str().unwrap().to_owned());
        let secrets = SigningSecrets::exactly(secrets.collect());
        let body = case["payload"].as_str().unwrap().as_bytes();
        let now = jiff::Timestamp::from_second(case["now"].as_i64().unwrap()).unwrap();
        let verified = verify(case["header"].as_str(), body, &secrets, now).is_ok();
        let accepted = verified && Envelope::read(body).is_ok();
        if let Value::Bool(expected) = case["accept"] {
            assert_eq!(accepted, expected, "{name}");
        }
    }
}

#[test]
fn a_secret_from_the_environment_is_trimmed_and_never_shown() {
    let secrets = SigningSecrets::parse("whsec_one\n, whsec_two ").unwrap();
    assert_eq!(secrets, SigningSecrets::exactly(vec!["whsec_one".to_owned(), "whsec_two".to_owned()]));
    assert!(!format!("{secrets:?}").contains("whsec"));
    for text in ["", "whsec_one,", "whsec one", ","] {
        assert!(SigningSecrets::parse(text).is_err(), "{text:?}");
    }
}

#[test]
fn a_header_with_hundreds_of_candidates_is_refused() {
    let header = format!("t=1771000000{}", ",v1=00".repeat(150));
    let secrets = SigningSecrets::exactly(vec!["whsec_one".to_owned()]);
    let now = jiff::Timestamp::from_second(1_771_000_000).unwrap();
    assert!(verify(Some(&header), b"{}", &secrets, now).is_err());
}
