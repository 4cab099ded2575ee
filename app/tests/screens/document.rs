//! A whole document, rendered as the server does.

use std::sync::atomic::{AtomicU16, Ordering};
use std::sync::{Arc, Once};

use app::office::Office;
use app::port::Desk;
use app::visit::Visit;
use app::{Assets, StatusPort, shell};
use domain::access::Role;
use futures::StreamExt;
use leptos::prelude::*;
use leptos_meta::ServerMetaContext;
use leptos_router::location::RequestUrl;

use crate::desk::FixedDesk;
use crate::office::FixedOffice;
use crate::visits::member;

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

/// Who asks, and who answers.
#[derive(Clone, Debug)]
pub(crate) struct World {
    pub(crate) visit: Visit,
    pub(crate) desk: FixedDesk,
    pub(crate) office: FixedOffice,
}

impl World {
    /// A visit where all is calm.
    pub(crate) fn of(visit: Visit) -> Self {
        Self { visit, desk: FixedDesk::default(), office: FixedOffice::default() }
    }

    /// The same with another office.
    pub(crate) fn with(self, office: FixedOffice) -> Self {
        Self { office, ..self }
    }
}

/// An owner asks for an address.
pub(crate) async fn at(address: &str, desk: FixedDesk) -> Answer {
    asked(address, World { desk, ..World::of(member(Role::Owner)) }).await
}

/// Asks for an address.
pub(crate) async fn asked(address: &str, world: World) -> Answer {
    start_executor();
    let status = Arc::new(AtomicU16::new(200));
    let (meta, output) = ServerMetaContext::new();
    let owner = Owner::new();
    let html = owner.with(|| {
        let port = Arc::clone(&status);
        provide_context(StatusPort(Arc::new(move |code| port.store(code, Ordering::Relaxed))));
        provide_context::<Arc<dyn Desk>>(Arc::new(world.desk));
        provide_context::<Arc<dyn Office>>(Arc::new(world.office));
        provide_context(world.visit);
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
