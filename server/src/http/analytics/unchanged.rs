//! Whether an answer is the one the asker has already: told by the state of the data, before anything is computed.

use axum::http::header::{ETAG, IF_NONE_MATCH, VARY};
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use sha2::{Digest as _, Sha256};

use crate::desk::DataState;

/// A weak entity tag: it tells the state of the data and what is asked of it, and so not when it was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::http) struct Tag(String);

impl Tag {
    /// The tag of an answer to this address. It holds the tenant: nobody else's answer has the same.
    pub(in crate::http) fn of(state: &DataState, asked: &Uri) -> Self {
        let told = format!("{} {state} {asked}", env!("CARGO_PKG_VERSION"));
        let digest = Sha256::digest(told.as_bytes());
        Self(format!("W/\"{}\"", hex::encode(digest.get(..16).unwrap_or_default())))
    }

    /// Whether the asker has an answer with this tag; weak tags are compared by what they say.
    pub(in crate::http) fn is_had(&self, headers: &HeaderMap) -> bool {
        let listed = headers.get_all(IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok());
        let strong = |tag: &str| tag.trim().trim_start_matches("W/").to_owned();
        listed.flat_map(|list| list.split(',')).any(|tag| tag.trim() == "*" || strong(tag) == strong(&self.0))
    }

    /// The answer with this tag, made only for who has it not.
    pub(in crate::http) fn answer<Answer: IntoResponse>(
        &self,
        headers: &HeaderMap,
        make: impl FnOnce() -> Answer,
    ) -> Response {
        if self.is_had(headers) { self.not_modified() } else { self.on(make()) }
    }

    /// The answer to who has it already.
    pub(in crate::http) fn not_modified(&self) -> Response {
        (StatusCode::NOT_MODIFIED, self.headers()).into_response()
    }

    /// An answer, with its tag.
    pub(in crate::http) fn on(&self, answer: impl IntoResponse) -> Response {
        (self.headers(), answer).into_response()
    }

    fn headers(&self) -> HeaderMap {
        let tag = HeaderValue::from_str(&self.0).expect("a tag is plain text");
        let varies = HeaderValue::from_static("cookie, authorization");
        [(ETAG, tag), (VARY, varies)].into_iter().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_is_recognised_in_a_list_weak_or_not() {
        let tag = Tag("W/\"one\"".to_owned());
        for (sent, is_had) in [
            ("W/\"one\"", true),
            ("\"one\"", true),
            ("\"other\", W/\"one\"", true),
            ("*", true),
            ("W/\"on\"", false),
            ("", false),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(IF_NONE_MATCH, HeaderValue::from_static(sent));
            assert_eq!(tag.is_had(&headers), is_had, "{sent}");
        }
    }
}
