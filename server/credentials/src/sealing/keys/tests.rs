use proptest::prelude::*;

use super::*;

const CONTEXT: &[u8] = b"tenant 1, stripe_webhook";

fn reveal(keys: &SecretsKeys, context: &[u8], sealed: &Sealed) -> Result<String, OpenError> {
    keys.open(context, &sealed.key_id, &sealed.bytes).map(|text| text.reveal().to_owned())
}

fn text_of(keys: &SecretsKeys) -> String {
    keys.to_base64().reveal().to_owned()
}

#[test]
fn what_was_sealed_opens_and_looks_different_each_time() {
    let keys = SecretsKeys::draw();
    let (first, second) = (keys.seal(CONTEXT, b"whsec_1"), keys.seal(CONTEXT, b"whsec_1"));

    assert_eq!(reveal(&keys, CONTEXT, &first).unwrap(), "whsec_1");
    assert_eq!(reveal(&keys, CONTEXT, &second).unwrap(), "whsec_1");
    assert_ne!(first.bytes, second.bytes);
    assert_eq!(first.bytes.len(), 24 + 7 + 16);
}

#[test]
fn what_was_sealed_for_one_place_does_not_open_in_another() {
    let keys = SecretsKeys::draw();
    let sealed = keys.seal(CONTEXT, b"whsec_1");
    for elsewhere in [&b"tenant 2, stripe_webhook"[..], b"tenant 1, stripe_api", b""] {
        assert_eq!(reveal(&keys, elsewhere, &sealed), Err(OpenError::Tampered));
    }
}

#[test]
fn a_new_key_seals_and_the_old_one_still_opens() {
    let (old, new) = (SecretsKeys::draw(), SecretsKeys::draw());
    let sealed = old.seal(CONTEXT, b"whsec_1");
    let both = SecretsKeys::parse(&format!(" {} , {}\n", text_of(&new), text_of(&old))).unwrap();

    assert_eq!(reveal(&both, CONTEXT, &sealed).unwrap(), "whsec_1");
    assert_eq!(both.current_key_id(), new.current_key_id());
    assert_eq!(both.seal(CONTEXT, b"whsec_1").key_id, new.current_key_id());
    let missing = OpenError::UnknownKey { key_id: old.current_key_id().to_owned() };
    assert_eq!(reveal(&new, CONTEXT, &sealed), Err(missing));
}

#[test]
fn another_key_under_the_same_name_does_not_open() {
    let (ours, theirs) = (SecretsKeys::draw(), SecretsKeys::draw());
    let forged = Sealed { key_id: ours.current_key_id().to_owned(), ..theirs.seal(CONTEXT, b"whsec_1") };
    assert_eq!(reveal(&ours, CONTEXT, &forged), Err(OpenError::Tampered));
}

#[test]
fn what_is_no_text_is_said_to_be_none() {
    let keys = SecretsKeys::draw();
    assert_eq!(reveal(&keys, CONTEXT, &keys.seal(CONTEXT, b"\xff")), Err(OpenError::NotText));
}

#[test]
fn keys_are_read_with_and_without_padding() {
    let padded = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
    let keys = SecretsKeys::parse(padded).unwrap();
    assert_eq!(keys.current_key_id(), "66687aad");
    assert_eq!(SecretsKeys::parse(padded.trim_end_matches('=')).unwrap().current_key_id(), "66687aad");
    assert_eq!(text_of(&keys), padded);
}

#[test]
fn keys_are_written_as_they_are_read() {
    let text = format!("{},{}", text_of(&SecretsKeys::draw()), text_of(&SecretsKeys::draw()));
    assert_eq!(text_of(&SecretsKeys::parse(&text).unwrap()), text);
}

#[test]
fn what_is_no_key_is_refused_without_being_repeated() {
    let good = text_of(&SecretsKeys::draw());
    let long = format!("AAAA{good}");
    for text in ["", ",", "hunter2", &good[1..], &long, &format!("{good},"), &format!("{good},hunter2")] {
        let error = SecretsKeys::parse(text).unwrap_err();
        assert!(!error.to_string().contains("hunter2") && !error.to_string().contains(&good[..8]), "{text}");
    }
}

#[test]
fn debug_shows_the_names_of_keys_only() {
    let keys = SecretsKeys::parse("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=").unwrap();
    assert_eq!(format!("{keys:?}"), "[\"66687aad\"]");
    assert_eq!(format!("{:?}", keys.to_base64()), "SecretText(…)");
}

proptest! {
    #[test]
    fn every_text_comes_back(text in "\\PC{0,200}", context in any::<Vec<u8>>()) {
        let keys = SecretsKeys::draw();
        let sealed = keys.seal(&context, text.as_bytes());
        prop_assert_eq!(reveal(&keys, &context, &sealed), Ok(text));
    }

    #[test]
    fn a_change_of_any_bit_is_noticed(text in "\\PC{0,40}", at in any::<prop::sample::Index>(), bit in 0..8) {
        let keys = SecretsKeys::draw();
        let mut sealed = keys.seal(CONTEXT, text.as_bytes());
        let at = at.index(sealed.bytes.len());
        sealed.bytes[at] ^= 1_u8 << bit;
        prop_assert_eq!(reveal(&keys, CONTEXT, &sealed), Err(OpenError::Tampered));
    }

    #[test]
    fn a_part_is_not_the_whole(text in "\\PC{0,40}", length in any::<prop::sample::Index>()) {
        let keys = SecretsKeys::draw();
        let mut sealed = keys.seal(CONTEXT, text.as_bytes());
        sealed.bytes.truncate(length.index(sealed.bytes.len()));
        prop_assert_eq!(reveal(&keys, CONTEXT, &sealed), Err(OpenError::Tampered));
    }
}
