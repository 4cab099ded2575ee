//! What is pointed at and focused.

use std::fmt::{self, Write as _};

use super::frame::{PLOT_HEIGHT, Percent, TOP};
use super::revenue_by_channel::Period;
use super::text::escape;

/// Lays a column of full height over every period, with its words and its link: small bars
/// are as easy to hit as tall ones.
pub(super) fn write_targets(svg: &mut String, periods: &[Period]) -> fmt::Result {
    let width = Percent::of(1, periods.len());
    write!(svg, r#"<g class="targets" fill="transparent" transform="translate(0 {TOP})">"#)?;
    for (index, period) in periods.iter().enumerate() {
        let left = Percent::of(index, periods.len());
        let (name, summary) = (escape(&period.name), escape(&period.summary));
        let column = format!(
            "<title>{name}\n{summary}</title><rect x=\"{left}\" width=\"{width}\" height=\"{PLOT_HEIGHT}\"/>"
        );
        match period.href.as_deref().and_then(local_link) {
            Some(href) => write!(svg, r#"<a href="{href}">{column}</a>"#)?,
            None => write!(svg, "<g>{column}</g>")?,
        }
    }
    svg.write_str("</g>")
}

/// A link that stays on this site, as markup; anything else is shown without a link. What is judged is the
/// text that will be sent, as dropped characters could otherwise join two slashes.
fn local_link(href: &str) -> Option<String> {
    let markup = escape(href);
    let leaves_site =
        markup.starts_with("//") || markup.starts_with("/\\") || markup.contains(char::is_control);
    (markup.starts_with(['/', '?', '#']) && !leaves_site).then_some(markup)
}
