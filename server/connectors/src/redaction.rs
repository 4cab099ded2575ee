//! What a tool said, without what nobody needs to see.

use serde_json::Value;

/// The longest text that is kept of an answer to a deed.
const LONGEST: usize = 2_000;

/// A tool's answer without keys, tokens and secrets, and without endless texts.
pub(crate) fn redacted(said: &Value) -> Value {
    match said {
        Value::Object(fields) => {
            let kept = |(name, value): (&String, &Value)| {
                let value = if is_secret(name) { Value::from("(left out)") } else { redacted(value) };
                (name.clone(), value)
            };
            Value::Object(fields.iter().map(kept).collect())
        }
        Value::Array(items) => Value::Array(items.iter().take(200).map(redacted).collect()),
        Value::String(text) => Value::from(presentable(text, LONGEST)),
        other => other.clone(),
    }
}

/// A text without what a terminal or a log may not be told.
pub(crate) fn presentable(text: &str, at_most: usize) -> String {
    text.chars().filter(|c| !c.is_control() || *c == '\n').take(at_most).collect()
}

fn is_secret(name: &str) -> bool {
    let name = name.to_lowercase();
    ["secret", "token", "password", "authorization", "api_key", "apikey", "api-key"]
        .iter()
        .any(|word| name.contains(word))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_looks_like_a_secret_is_left_out_at_any_depth() {
        let said = json!({ "id": 7, "hooks": [{ "secret": "s", "Api_Key": "k", "url": "u" }] });
        let expected =
            json!({ "id": 7, "hooks": [{ "secret": "(left out)", "Api_Key": "(left out)", "url": "u" }] });
        assert_eq!(redacted(&said), expected);
    }
}
