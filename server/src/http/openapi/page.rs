//! The description as a page: every operation, and a form for each that only reads.

use std::fmt::Write as _;

use super::operations::{Caller, Given, Operation, Where};
use crate::assets;

/// The whole page. All of its text is the program's own.
pub(super) fn page(operations: &[Operation]) -> String {
    let stylesheet = assets::href("command-center.css").unwrap_or_default();
    let mut html = format!(
        "<!DOCTYPE html><html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <meta name=\"color-scheme\" content=\"light dark\"><meta name=\"robots\" content=\"noindex\">\
         <title>API · Command Center</title><link rel=\"stylesheet\" href=\"{stylesheet}\"></head>\
         <body class=\"api-docs\"><main id=\"main\"><h1>API</h1>\
         <p>Programs send <code>Authorization: Bearer cc_…</code>; here you ask as whoever you are signed in as. \
         <a href=\"/api/openapi.json\">openapi.json</a> · <a href=\"/portal/metrics\">what every figure means</a> · \
         <a href=\"/portal/command-center\">back</a></p>"
    );
    for operation in operations {
        let _ = write!(html, "{}", section(operation));
    }
    html.push_str("</main></body></html>");
    html
}

fn section(operation: &Operation) -> String {
    let Operation { method, path, id, summary, body, .. } = operation;
    let body =
        body.map(|example| format!("<p>Body: <code>{}</code></p>", escaped(example))).unwrap_or_default();
    let who = match operation.caller {
        Caller::Anybody => "Anybody may ask.",
        Caller::Known => "With a key or signed in.",
        Caller::Stripe => "Signed by Stripe.",
        Caller::Tool => "With the token the tool was given.",
    };
    let form = if operation.is_tried() { form(operation) } else { list(operation.given) };
    format!(
        "<section class=\"card\" aria-labelledby=\"{id}\"><header class=\"card-head\"><h2 id=\"{id}\">{summary}</h2>\
         <code>{method} {path}</code></header><div class=\"api-operation\"><p>{who}</p>{body}{form}</div></section>"
    )
}

fn list(given: &[Given]) -> String {
    let lines =
        given.iter().map(|given| format!("<li><code>{}</code> {}</li>", given.name, escaped(given.says)));
    format!("<ul>{}</ul>", lines.collect::<String>())
}

fn form(operation: &Operation) -> String {
    let fields: String = operation
        .given
        .iter()
        .filter(|given| given.place == Where::Query)
        .map(|given| field(operation, given))
        .collect();
    format!(
        "<form class=\"api-form\" method=\"get\" action=\"/api/docs\" target=\"_blank\">\
         <input type=\"hidden\" name=\"try\" value=\"{}\">{fields}<button class=\"button\" type=\"submit\">Try it</button></form>",
        operation.path
    )
}

fn field(operation: &Operation, given: &Given) -> String {
    let id = format!("{}-{}", operation.id, given.name);
    let label = format!("<label for=\"{id}\"><code>{}</code> {}</label>", given.name, escaped(given.says));
    if given.words.is_empty() {
        return format!("<div class=\"field\">{label}<input id=\"{id}\" name=\"{}\"></div>", given.name);
    }
    let words: String = given.words.iter().map(|word| format!("<option>{word}</option>")).collect();
    format!(
        "<div class=\"field\">{label}<select id=\"{id}\" name=\"{}\"><option value=\"\"></option>{words}</select></div>",
        given.name
    )
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
