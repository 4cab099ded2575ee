//! The files a browser asks for, from inside the binary.
//!
//! `build.rs` embeds what `bundle` made. A file's name holds a hash of its content, so it may be
//! kept for ever; pages ask [`href`] for the current name.
//!
//! To add a file: give it to `bundle` (see `frontend/bundle/src/inputs.rs`); it is served from here
//! without further words.

use axum::Router;
use axum::body::Body;
use axum::extract::Path;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;

include!(concat!(env!("OUT_DIR"), "/assets.rs"));

const FOR_EVER: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");
const FOR_A_DAY: HeaderValue = HeaderValue::from_static("public, max-age=86400");

/// A file with its compressed siblings.
#[derive(Debug)]
struct Asset {
    logical: &'static str,
    href: &'static str,
    content_type: &'static str,
    hash: &'static str,
    identity: &'static [u8],
    brotli: Option<&'static [u8]>,
    gzip: Option<&'static [u8]>,
}

/// Serves `/assets/{file}`, and `/favicon.svg` for whoever asks without reading the page.
pub fn router<S: Clone + Send + Sync + 'static>() -> Router<S> {
    Router::new().route("/assets/{file}", get(show_asset)).route("/favicon.svg", get(show_favicon))
}

/// Where the file with this name in the source is served, `/assets/command-center-….css`.
pub fn href(logical: &str) -> Option<&'static str> {
    asset(logical).map(|asset| asset.href)
}

async fn show_asset(Path(file): Path<String>, headers: HeaderMap) -> Response {
    let href = format!("/assets/{file}");
    match ASSETS.iter().find(|asset| asset.href == href) {
        Some(asset) => asset.answer(&headers, FOR_EVER),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

/// This name stays when the content changes, so it is asked about again after a day.
async fn show_favicon(headers: HeaderMap) -> Response {
    match asset("favicon.svg") {
        Some(asset) => asset.answer(&headers, FOR_A_DAY),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

fn asset(logical: &str) -> Option<&'static Asset> {
    ASSETS.iter().find(|asset| asset.logical == logical)
}

impl Asset {
    fn answer(&self, request: &HeaderMap, cache_control: HeaderValue) -> Response {
        let encoding = negotiate(&joined(request, &header::ACCEPT_ENCODING), &self.encodings());
        let entity_tag = self.entity_tag(encoding);
        let known = names(&joined(request, &header::IF_NONE_MATCH), &entity_tag);
        let mut response = if known {
            StatusCode::NOT_MODIFIED.into_response()
        } else {
            self.body(encoding).into_response()
        };
        self.describe(response.headers_mut(), encoding, &entity_tag, cache_control);
        response
    }

    fn describe(
        &self,
        headers: &mut HeaderMap,
        encoding: Encoding,
        entity_tag: &str,
        cache_control: HeaderValue,
    ) {
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(self.content_type));
        headers.insert(header::CACHE_CONTROL, cache_control);
        headers.insert(header::VARY, HeaderValue::from_static("Accept-Encoding"));
        headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
        if let Ok(entity_tag) = HeaderValue::from_str(entity_tag) {
            headers.insert(header::ETAG, entity_tag);
        }
        if let Some(token) = encoding.token() {
            headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static(token));
        }
    }

    fn encodings(&self) -> Vec<Encoding> {
        let brotli = self.brotli.map(|_| Encoding::Brotli);
        let gzip = self.gzip.map(|_| Encoding::Gzip);
        brotli.into_iter().chain(gzip).collect()
    }

    fn body(&self, encoding: Encoding) -> Body {
        let compressed = match encoding {
            Encoding::Brotli => self.brotli,
            Encoding::Gzip => self.gzip,
            Encoding::Identity => None,
        };
        Body::from(compressed.unwrap_or(self.identity))
    }

    /// Each encoding is a representation of its own and needs a tag of its own.
    fn entity_tag(&self, encoding: Encoding) -> String {
        match encoding.token() {
            Some(token) => format!("\"{}-{token}\"", self.hash),
            None => format!("\"{}\"", self.hash),
        }
    }
}

/// How a body is compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Encoding {
    Brotli,
    Gzip,
    Identity,
}

impl Encoding {
    /// Its name in `Content-Encoding`; the plain bytes have none.
    fn token(self) -> Option<&'static str> {
        match self {
            Self::Brotli => Some("br"),
            Self::Gzip => Some("gzip"),
            Self::Identity => None,
        }
    }
}

/// The encoding the client likes best of those offered, the earlier one when it likes two alike.
/// What it does not mention it does not want; the plain bytes are what is left when nothing else
/// fits, even refused, for they are more use than an error.
fn negotiate(accept_encoding: &str, offered: &[Encoding]) -> Encoding {
    let plain = weight(accept_encoding, "identity").unwrap_or(0);
    let mut best = (Encoding::Identity, plain);
    for encoding in offered.iter().rev() {
        let Some(token) = encoding.token() else { continue };
        let wanted = weight(accept_encoding, token).or_else(|| weight(accept_encoding, "*")).unwrap_or(0);
        if wanted > 0 && wanted >= best.1 {
            best = (*encoding, wanted);
        }
    }
    best.0
}

/// How much the client wants a coding, in thousandths; `None` when it does not say.
fn weight(accept_encoding: &str, coding: &str) -> Option<u16> {
    accept_encoding.split(',').find_map(|item| {
        let (name, parameter) = item.split_once(';').unwrap_or((item, "q=1"));
        let named = name.trim().eq_ignore_ascii_case(coding);
        named.then(|| thousandths(parameter).unwrap_or(0))
    })
}

/// Reads `q=0.25` as 250; anything that is no weight between 0 and 1 is `None`.
fn thousandths(parameter: &str) -> Option<u16> {
    let (name, value) = parameter.split_once('=')?;
    if !name.trim().eq_ignore_ascii_case("q") {
        return None;
    }
    let (whole, fraction) = value.trim().split_once('.').unwrap_or((value.trim(), ""));
    if fraction.len() > 3 || !fraction.chars().all(|digit| digit.is_ascii_digit()) {
        return None;
    }
    let parts: u16 = format!("{fraction:0<3}").parse().ok()?;
    match whole {
        "0" => Some(parts),
        "1" if parts == 0 => Some(1000),
        _ => None,
    }
}

/// Whether `If-None-Match` names this tag; a weak tag names the same file here.
fn names(if_none_match: &str, entity_tag: &str) -> bool {
    if_none_match
        .split(',')
        .map(str::trim)
        .any(|tag| tag == "*" || tag.trim_start_matches("W/") == entity_tag)
}

/// A header that may be sent in several lines, as one.
fn joined(headers: &HeaderMap, name: &HeaderName) -> String {
    headers.get_all(name).iter().filter_map(|value| value.to_str().ok()).collect::<Vec<_>>().join(",")
}

#[cfg(test)]
mod tests {
    use axum::http::{Method, Request};
    use http_body_util::BodyExt;
    use tower::ServiceExt;

    use super::*;

    const BOTH: [Encoding; 2] = [Encoding::Brotli, Encoding::Gzip];

    const PAGE: Asset = Asset {
        logical: "page.css",
        href: "/assets/page-0123.css",
        content_type: "text/css; charset=utf-8",
        hash: "0123",
        identity: b"plain",
        brotli: Some(b"brotli"),
        gzip: Some(b"gzip"),
    };

    fn answer(request: &[(HeaderName, &str)]) -> Response {
        let headers = request
            .iter()
            .map(|(name, value)| (name.clone(), HeaderValue::from_str(value).unwrap()))
            .collect();
        PAGE.answer(&headers, FOR_EVER)
    }

    fn header_of<'a>(response: &'a Response, name: &HeaderName) -> Option<&'a str> {
        response.headers().get(name).map(|value| value.to_str().unwrap())
    }

    async fn body_of(response: Response) -> Vec<u8> {
        response.into_body().collect().await.unwrap().to_bytes().to_vec()
    }

    #[test]
    fn brotli_is_preferred_to_gzip_and_gzip_to_nothing() {
        assert_eq!(negotiate("gzip, deflate, br, zstd", &BOTH), Encoding::Brotli);
        assert_eq!(negotiate("gzip, deflate", &BOTH), Encoding::Gzip);
        assert_eq!(negotiate("deflate", &BOTH), Encoding::Identity);
        assert_eq!(negotiate("", &BOTH), Encoding::Identity);
    }

    #[test]
    fn a_higher_weight_wins_over_our_own_order() {
        assert_eq!(negotiate("br;q=0.5, gzip;q=0.9", &BOTH), Encoding::Gzip);
        assert_eq!(negotiate("identity, br;q=0.5", &BOTH), Encoding::Identity);
        assert_eq!(negotiate("identity;q=0.1, gzip;q=0.2", &BOTH), Encoding::Gzip);
    }

    #[test]
    fn a_weight_of_zero_refuses() {
        assert_eq!(negotiate("br;q=0, gzip", &BOTH), Encoding::Gzip);
        assert_eq!(negotiate("br;q=0.000, gzip; q=0", &BOTH), Encoding::Identity);
        assert_eq!(negotiate("*, br;q=0", &BOTH), Encoding::Gzip);
        assert_eq!(negotiate("*;q=0", &BOTH), Encoding::Identity);
    }

    #[test]
    fn a_star_stands_for_what_is_not_named() {
        assert_eq!(negotiate("*", &BOTH), Encoding::Brotli);
        assert_eq!(negotiate("br;q=0.1, *;q=0.5", &BOTH), Encoding::Gzip);
    }

    #[test]
    fn what_is_not_offered_is_not_chosen() {
        assert_eq!(negotiate("br, gzip", &[]), Encoding::Identity);
        assert_eq!(negotiate("br, gzip;q=0.5", &[Encoding::Gzip]), Encoding::Gzip);
    }

    #[test]
    fn names_and_weights_are_read_whatever_their_case_and_spacing() {
        assert_eq!(negotiate("GZIP ; Q=1.0", &BOTH), Encoding::Gzip);
        assert_eq!(thousandths(" q = 0.25 "), Some(250));
        assert_eq!(thousandths("q=1.000"), Some(1000));
    }

    #[test]
    fn a_weight_that_is_none_refuses() {
        for weight in ["q=2", "q=-1", "q=0.1234", "q=0.x", "q=", "level=1", "q=1.001"] {
            assert_eq!(negotiate(&format!("br;{weight}"), &BOTH), Encoding::Identity, "{weight}");
        }
    }

    #[tokio::test]
    async fn the_compressed_file_says_what_it_is_and_how_long_it_keeps() {
        let response = answer(&[(header::ACCEPT_ENCODING, "gzip, br")]);

        assert_eq!(header_of(&response, &header::CONTENT_ENCODING), Some("br"));
        assert_eq!(header_of(&response, &header::CONTENT_TYPE), Some("text/css; charset=utf-8"));
        assert_eq!(header_of(&response, &header::CACHE_CONTROL), Some("public, max-age=31536000, immutable"));
        assert_eq!(header_of(&response, &header::VARY), Some("Accept-Encoding"));
        assert_eq!(header_of(&response, &header::X_CONTENT_TYPE_OPTIONS), Some("nosniff"));
        assert_eq!(header_of(&response, &header::ETAG), Some("\"0123-br\""));
        assert_eq!(body_of(response).await, b"brotli");
    }

    #[tokio::test]
    async fn a_client_that_asks_for_no_encoding_gets_the_plain_bytes() {
        let response = answer(&[]);

        assert_eq!(header_of(&response, &header::CONTENT_ENCODING), None);
        assert_eq!(header_of(&response, &header::ETAG), Some("\"0123\""));
        assert_eq!(body_of(response).await, b"plain");
    }

    #[tokio::test]
    async fn a_client_that_has_the_file_gets_no_body() {
        for tag in ["\"0123-br\"", "W/\"0123-br\"", "\"other\", \"0123-br\"", "*"] {
            let response = answer(&[(header::ACCEPT_ENCODING, "br"), (header::IF_NONE_MATCH, tag)]);

            assert_eq!(response.status(), StatusCode::NOT_MODIFIED, "{tag}");
            assert_eq!(body_of(response).await, b"");
        }
    }

    #[test]
    fn the_tag_of_another_encoding_does_not_match() {
        let response = answer(&[(header::ACCEPT_ENCODING, "gzip"), (header::IF_NONE_MATCH, "\"0123-br\"")]);

        assert_eq!(response.status(), StatusCode::OK);
    }

    #[tokio::test]
    async fn a_file_that_is_not_there_is_not_found() {
        for method in [Method::GET, Method::HEAD] {
            let request =
                Request::builder().method(method).uri("/assets/gone.js").body(Body::empty()).unwrap();

            let response = router::<()>().oneshot(request).await.unwrap();

            assert_eq!(response.status(), StatusCode::NOT_FOUND);
        }
    }

    #[tokio::test]
    async fn every_embedded_file_is_served_where_its_link_points() {
        for asset in ASSETS {
            let link = href(asset.logical).unwrap();
            let request = Request::head(link).body(Body::empty()).unwrap();

            let response = router::<()>().oneshot(request).await.unwrap();

            assert_eq!(response.status(), StatusCode::OK, "{link}");
            let length = header_of(&response, &header::CONTENT_LENGTH).unwrap().to_owned();
            assert_eq!(length, asset.identity.len().to_string(), "{link}");
            assert_eq!(body_of(response).await, b"");
        }
    }

    #[test]
    fn nothing_is_served_under_a_name_nobody_gave() {
        assert_eq!(href("no-such-file.css"), None);
    }
}
