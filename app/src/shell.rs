//! The document around a page, and what the server lends it.

use std::fmt;
use std::sync::Arc;

use leptos::nonce::use_nonce;
use leptos::prelude::*;
use leptos_meta::MetaTags;

use crate::routes::App;

/// Wakes the islands, in the order of the document. It finds its files by the links above it, so its text
/// never changes.
const WAKE_ISLANDS: &str = include_str!("wake_islands.js");

/// The addresses of the files a page asks for, as they are served.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assets {
    /// The one stylesheet.
    pub stylesheet: String,
    /// The script that loads the islands.
    pub script: String,
    /// The islands.
    pub wasm: String,
    /// The icon, when there is one.
    pub favicon: Option<String>,
    /// The font, when there is one.
    pub font: Option<String>,
}

/// How a page tells the server which status its answer has; the server provides it as a context.
#[derive(Clone)]
pub struct StatusPort(pub Arc<dyn Fn(u16) + Send + Sync>);

impl fmt::Debug for StatusPort {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("StatusPort")
    }
}

impl StatusPort {
    /// Says the status of the answer being made, where there is one to say it of.
    pub fn set(status: u16) {
        if let Some(Self(set)) = use_context::<Self>() {
            set(status);
        }
    }
}

/// The whole document.
#[must_use]
pub fn shell(assets: Assets) -> impl IntoView {
    view! {
        <!DOCTYPE html>
        <html lang="en">
            <head>
                <meta charset="utf-8"/>
                <meta name="viewport" content="width=device-width, initial-scale=1"/>
                <meta name="color-scheme" content="light dark"/>
                <meta name="robots" content="noindex"/>
                {files(assets)}
                <MetaTags/>
            </head>
            <body>
                <App/>
            </body>
        </html>
    }
}

fn files(assets: Assets) -> impl IntoView {
    let icon = assets.favicon.map(|file| view! { <link rel="icon" type="image/svg+xml" href=file/> });
    let font = assets.font.map(|file| {
        view! { <link rel="preload" href=file r#as="font" r#type="font/woff2" crossorigin="anonymous"/> }
    });
    view! {
        <link rel="stylesheet" href=assets.stylesheet/>
        {font}
        {icon}
        <link id="islands-script" rel="modulepreload" nonce=use_nonce() href=assets.script/>
        <link
            id="islands-wasm"
            rel="preload"
            href=assets.wasm
            r#as="fetch"
            r#type="application/wasm"
            crossorigin="anonymous"
        />
        <script type="module" nonce=use_nonce()>
            {WAKE_ISLANDS}
        </script>
    }
}
