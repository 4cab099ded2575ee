//! Many stylesheets, one file.
//!
//! What is taken out is only what cannot mean anything: comments, and whitespace beside a brace,
//! a semicolon or after a comma. Strings and `url(…)` are carried over as they are, except that
//! a `url(…)` naming a font or icon is pointed at the name that file is served under.

use crate::asset::Asset;
use crate::error::BundleError;
use crate::inputs::Named;

/// Joins the stylesheets in the order given.
pub(crate) fn combine(stylesheets: &[Named<String>], assets: &[Asset]) -> Result<String, BundleError> {
    let mut combined = String::new();
    for (name, text) in stylesheets {
        let compact = compact(text, |target| served_name(target, assets));
        combined.push_str(&compact.map_err(|refusal| refusal.of(name))?);
        combined.push('\n');
    }
    Ok(combined)
}

/// Why a stylesheet cannot be joined to others.
#[derive(Debug, PartialEq)]
enum Refusal {
    Malformed(&'static str),
    UnknownTarget(String),
}

impl Refusal {
    fn of(self, stylesheet: &str) -> BundleError {
        let stylesheet = stylesheet.to_owned();
        match self {
            Self::Malformed(reason) => BundleError::Stylesheet { stylesheet, reason },
            Self::UnknownTarget(target) => BundleError::UnknownTarget { stylesheet, target },
        }
    }
}

/// What a `url(…)` becomes; `None` when it names no file of the bundle. The stylesheet is served
/// beside the files it refers to, so a bare name is enough.
fn served_name(target: &str, assets: &[Asset]) -> Option<String> {
    if target.starts_with("data:") || target.starts_with('#') {
        return Some(target.to_owned());
    }
    let name = target.rsplit('/').next()?;
    assets.iter().find(|asset| asset.logical() == name).map(|asset| asset.file().to_owned())
}

/// The smallest parts whose insides must not be looked at.
#[derive(Debug, PartialEq)]
enum Piece<'a> {
    Space,
    Comment,
    Text(&'a str),
    Url(Url<'a>),
}

/// A `url(…)` taken apart.
#[derive(Debug, PartialEq)]
struct Url<'a> {
    target: &'a str,
    quote: &'static str,
}

/// What stood between the last text and the next one.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Gap {
    Nothing,
    Space,
    Comment,
}

fn compact(text: &str, served_name: impl Fn(&str) -> Option<String>) -> Result<String, Refusal> {
    let mut writer = Writer::default();
    let mut rest = text;
    while !rest.is_empty() {
        let (piece, after) = next_piece(rest)?;
        match piece {
            Piece::Space => writer.space(),
            Piece::Comment => writer.comment(),
            Piece::Text(text) => writer.text(text)?,
            Piece::Url(url) => writer.text(&rewritten(&url, &served_name)?)?,
        }
        rest = after;
    }
    writer.finish()
}

fn rewritten(url: &Url<'_>, served_name: impl Fn(&str) -> Option<String>) -> Result<String, Refusal> {
    let Url { target, quote } = url;
    let Some(name) = served_name(target) else {
        return Err(Refusal::UnknownTarget((*target).to_owned()));
    };
    Ok(format!("url({quote}{name}{quote})"))
}

/// The text written so far, and what is owed before the next one.
#[derive(Debug)]
struct Writer {
    written: String,
    gap: Gap,
    depth: u32,
}

impl Default for Writer {
    fn default() -> Self {
        Self { written: String::new(), gap: Gap::Nothing, depth: 0 }
    }
}

impl Writer {
    fn space(&mut self) {
        self.gap = Gap::Space;
    }

    fn comment(&mut self) {
        if self.gap == Gap::Nothing {
            self.gap = Gap::Comment;
        }
    }

    fn text(&mut self, text: &str) -> Result<(), Refusal> {
        self.count_braces(text)?;
        self.written.push_str(self.separator_before(text));
        self.written.push_str(text);
        self.gap = Gap::Nothing;
        Ok(())
    }

    /// A comment between two names keeps them apart, so an empty one stays there.
    fn separator_before(&self, text: &str) -> &'static str {
        let free_before = self.written.is_empty() || self.written.ends_with(['{', '}', ';', ',']);
        let free_after = text.starts_with(['{', '}', ';']);
        match self.gap {
            _ if free_before || free_after => "",
            Gap::Nothing => "",
            Gap::Space => " ",
            Gap::Comment => "/**/",
        }
    }

    fn count_braces(&mut self, text: &str) -> Result<(), Refusal> {
        let depth = match text {
            "{" => self.depth.checked_add(1),
            "}" => self.depth.checked_sub(1),
            _ => return Ok(()),
        };
        self.depth = depth.ok_or(Refusal::Malformed("closes more than it opens"))?;
        Ok(())
    }

    /// An open rule would swallow the next stylesheet.
    fn finish(self) -> Result<String, Refusal> {
        if self.depth > 0 {
            return Err(Refusal::Malformed("opens more than it closes"));
        }
        Ok(self.written)
    }
}

/// Takes the next piece off a text that is not empty.
fn next_piece(text: &str) -> Result<(Piece<'_>, &str), Refusal> {
    if text.starts_with(char::is_whitespace) {
        return Ok((Piece::Space, text.trim_start()));
    }
    if let Some(inside) = text.strip_prefix("/*") {
        let (_, after) = inside.split_once("*/").ok_or(Refusal::Malformed("leaves a comment open"))?;
        return Ok((Piece::Comment, after));
    }
    if text.starts_with(['"', '\'']) {
        let (string, after) = split_string(text)?;
        return Ok((Piece::Text(string), after));
    }
    if let Some(inside) = text.strip_prefix("url(") {
        return split_url(inside);
    }
    Ok(split_text(text))
}

/// Splits after the quote that closes the string the text starts with.
fn split_string(text: &str) -> Result<(&str, &str), Refusal> {
    let quote = text.chars().next().expect("the text starts with a quote");
    let mut escaped = false;
    for (index, character) in text.char_indices().skip(1) {
        match character {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            _ if character == quote => return Ok(text.split_at(index + 1)),
            '\n' => break,
            _ => {}
        }
    }
    Err(Refusal::Malformed("leaves a string open"))
}

fn split_url(inside: &str) -> Result<(Piece<'_>, &str), Refusal> {
    const OPEN: Refusal = Refusal::Malformed("leaves a url( open");
    let inside = inside.trim_start();
    if !inside.starts_with(['"', '\'']) {
        let (target, after) = inside.split_once(')').ok_or(OPEN)?;
        return Ok((Piece::Url(Url { target: target.trim_end(), quote: "" }), after));
    }
    let (string, after) = split_string(inside)?;
    let after = after.trim_start().strip_prefix(')').ok_or(OPEN)?;
    let quote = if string.starts_with('"') { "\"" } else { "'" };
    Ok((Piece::Url(Url { target: string.trim_matches(['"', '\'']), quote }), after))
}

/// A word, or one character of punctuation. A backslash takes the character after it along.
fn split_text(text: &str) -> (Piece<'_>, &str) {
    let word = text.find(|character: char| !is_name(character)).unwrap_or(text.len());
    let length = match text.chars().next() {
        Some('\\') => text.chars().take(2).map(char::len_utf8).sum(),
        Some(first) => word.max(first.len_utf8()),
        None => 0,
    };
    let (piece, after) = text.split_at(length);
    (Piece::Text(piece), after)
}

fn is_name(character: char) -> bool {
    character.is_alphanumeric() || matches!(character, '-' | '_')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn compacted(text: &str) -> String {
        compact(text, |target| Some(target.to_owned())).unwrap()
    }

    fn refused(text: &str) -> Refusal {
        compact(text, |target| Some(target.to_owned())).unwrap_err()
    }

    fn sheet(name: &str, text: &str) -> Named<String> {
        (name.to_owned(), text.to_owned())
    }

    #[test]
    fn comments_and_needless_whitespace_are_taken_out() {
        let text = "/* card */\n.card ,\n.card > h2 {\n  margin: 0 auto;\n  color: red;\n}\n\n.next { }\n";

        assert_eq!(compacted(text), ".card ,.card > h2{margin: 0 auto;color: red;}.next{}");
    }

    #[test]
    fn whitespace_that_means_something_stays() {
        let text = "a :hover { width: calc(100% - 2px) } @media (width > 40em) and (hover) { b { top: 0 } }";

        let expected = "a :hover{width: calc(100% - 2px)}@media (width > 40em) and (hover){b{top: 0}}";
        assert_eq!(compacted(text), expected);
    }

    #[test]
    fn a_comment_between_two_names_keeps_them_apart() {
        assert_eq!(compacted(".a/* and */.b{top:0}"), ".a/**/.b{top:0}");
        assert_eq!(compacted("a /* x */ b{}"), "a b{}");
    }

    #[test]
    fn strings_are_carried_over_as_they_are() {
        let text = r#"a::before{content:"  /* { \" */  "; quotes: '«  ' "\\"}"#;

        assert_eq!(compacted(text), r#"a::before{content:"  /* { \" */  ";quotes: '«  ' "\\"}"#);
    }

    #[test]
    fn escaped_names_are_carried_over() {
        assert_eq!(compacted(r".w\:1\/2 { top: 0 } .q\{ { top: 1px }"), r".w\:1\/2{top: 0}.q\{{top: 1px}");
    }

    #[test]
    fn a_picture_written_into_the_stylesheet_is_left_alone() {
        let text = r#"a{background:url("data:image/svg+xml,<g  transform='rotate(4)'/>")  no-repeat}"#;

        let combined = combine(&[sheet("a.css", text)], &[]).unwrap();

        let expected = r#"a{background:url("data:image/svg+xml,<g  transform='rotate(4)'/>") no-repeat}"#;
        assert_eq!(combined.trim_end(), expected);
    }

    #[test]
    fn a_font_is_referred_to_by_its_hashed_name() {
        let font = Asset::new("inter-latin.woff2", b"font".to_vec()).unwrap();
        let expected = format!("src:url(\"{0}\") format('woff2'),url({0})", font.file());
        let text = "src:url(\"fonts/inter-latin.woff2\") format('woff2'), url( fonts/inter-latin.woff2 )";

        let combined = combine(&[sheet("base.css", text)], &[font]).unwrap();

        assert_eq!(combined.trim_end(), expected);
    }

    #[test]
    fn a_reference_to_nothing_is_refused_with_both_names() {
        let error = combine(&[sheet("base.css", "src:url(fonts/gone.woff2)")], &[]).unwrap_err();

        assert_eq!(
            error.to_string(),
            "base.css: url(fonts/gone.woff2) names no font or icon of the style directory"
        );
    }

    #[test]
    fn what_would_swallow_the_next_stylesheet_is_refused() {
        assert_eq!(refused("a{"), Refusal::Malformed("opens more than it closes"));
        assert_eq!(refused("a{}}"), Refusal::Malformed("closes more than it opens"));
        assert_eq!(refused("a{} /* b"), Refusal::Malformed("leaves a comment open"));
        assert_eq!(refused("a{content:\"x}"), Refusal::Malformed("leaves a string open"));
        assert_eq!(refused("a{src:url(x}"), Refusal::Malformed("leaves a url( open"));
    }

    #[test]
    fn stylesheets_are_joined_in_the_order_given() {
        let sheets = [sheet("tokens.css", ":root{--a:1}"), sheet("base.css", "a{top:0}")];

        assert_eq!(combine(&sheets, &[]).unwrap(), ":root{--a:1}\na{top:0}\n");
    }
}
