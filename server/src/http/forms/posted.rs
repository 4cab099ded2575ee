//! A form as it was posted: each field once, each value plain text.

use std::collections::BTreeMap;

use axum::body::Body;
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, StatusCode};

use crate::http::bodies::read_body;

/// No form of ours comes near this.
const MAX_FORM_BYTES: usize = 64 * 1024;

/// The one field a form may have several times.
const REPEATED: &str = "scope";

/// What is never shown again to who typed it.
const SECRETS: [&str; 5] = ["password", "current_password", "new_password", "value", "token"];

/// A posted form.
pub(super) struct Posted(BTreeMap<String, Vec<String>>);

impl Posted {
    /// Reads a body; the status says why it is no form of ours.
    pub(super) async fn read(headers: &HeaderMap, body: Body) -> Result<Self, StatusCode> {
        let content_type =
            headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let essence = content_type.split(';').next().unwrap_or_default().trim();
        if !essence.eq_ignore_ascii_case("application/x-www-form-urlencoded") {
            return Err(StatusCode::UNSUPPORTED_MEDIA_TYPE);
        }
        Self::parse(&read_body(body, MAX_FORM_BYTES).await?)
    }

    fn parse(body: &[u8]) -> Result<Self, StatusCode> {
        let mut fields: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for (name, value) in form_urlencoded::parse(body) {
            let values = fields.entry(name.into_owned()).or_default();
            values.push(value.into_owned());
        }
        // Two readings of one field are none.
        let is_ambiguous = fields.iter().any(|(name, values)| values.len() > 1 && name != REPEATED);
        if is_ambiguous { Err(StatusCode::BAD_REQUEST) } else { Ok(Self(fields)) }
    }

    /// Which form of the page it is.
    pub(super) fn form(&self) -> &str {
        self.get("form").unwrap_or_default()
    }

    /// A field; one that was not sent is empty.
    pub(super) fn take(&mut self, name: &str) -> String {
        self.0.remove(name).and_then(|mut values| values.pop()).unwrap_or_default()
    }

    /// A field, when it was sent.
    pub(super) fn take_sent(&mut self, name: &str) -> Option<String> {
        self.0.remove(name).and_then(|mut values| values.pop())
    }

    /// A field that may be there several times.
    pub(super) fn take_all(&mut self, name: &str) -> Vec<String> {
        self.0.remove(name).unwrap_or_default()
    }

    /// What was typed and may be shown again; a repeated field has spaces between.
    pub(super) fn typed(&self) -> BTreeMap<String, String> {
        let shown = self.0.iter().filter(|(name, _)| !SECRETS.contains(&name.as_str()));
        shown.map(|(name, values)| (name.clone(), values.join(" "))).collect()
    }

    fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name)?.first().map(String::as_str)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_field_is_read_once_and_secrets_are_not_shown_again() {
        let body = b"form=create&name=A%20B&password=hunter2&scope=act&scope=read_figures";
        let mut posted = Posted::parse(body).ok().unwrap();
        let typed = posted.typed();
        assert_eq!(typed["name"], "A B");
        assert!(!typed.contains_key("password"));
        assert_eq!(posted.form(), "create");
        assert_eq!(posted.take_all("scope"), ["act", "read_figures"]);
        assert_eq!(posted.take("password"), "hunter2");
        assert_eq!(posted.take("missing"), "");
        assert_eq!(Posted::parse(b"role=viewer&role=owner").err(), Some(StatusCode::BAD_REQUEST));
    }
}
