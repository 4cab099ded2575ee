//! A whole document, rendered as the server does.

use std::sync::atomic::{AtomicU16, Ordering};
use std::sync::{Arc, Once};

use app::port::Desk;
use app::{Assets, StatusPort, shell};
use futures::StreamExt;
use leptos::prelude::*;
use leptos_meta::ServerMetaContext;
use leptos_router::location::RequestUrl;

use crate::desk::FixedDesk;

/// What a browser would get.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) html: String,
}

impl Answer {
    /// Whether the document holds this; the marks between pieces of text do not count.
    pub(crate) fn says(&self, part: &str) -> bool {
        self.html.replace("<!>", "").contains(part)
    }
}

/// Asks for an address.
pub(crate) async fn at(address: &str, desk: FixedDesk) -> Answer {
    start_executor();
    let status = Arc::new(AtomicU16::new(200));
    let (meta, output) = ServerMetaContext::new();
    let owner = Owner::new();
    let html = owner.with(|| {
        let port = Arc::clone(&status);
        provide_context(StatusPort(Arc::new(move |code| port.store(code, Ordering::Relaxed))));
        provide_context::<Arc<dyn Desk>>(Arc::new(desk));
        provide_context(RequestUrl::new(address));
        provide_context(meta);
        shell(assets()).into_view().to_html_stream_in_order()
    });
    let html: Vec<String> = output.inject_meta_context(html).await.collect().await;
    drop(owner);
    Answer { status: status.load(Ordering::Relaxed), html: html.concat() }
}

fn assets() -> Assets {
    Assets {
        stylesheet: "preview.css".to_owned(),
        script: "none.js".to_owned(),
        wasm: "none.wasm".to_owned(),
        favicon: None,
        font: None,
    }
}

fn start_executor() {
    static START: Once = Once::new();
    START.call_once(|| any_spawner::Executor::init_tokio().unwrap());
}
