//! Listens for changes and renews the figures: at most once a second, never while nobody sees them, and once
//! more after the last change.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;

use leptos::prelude::*;
use leptos::task::spawn_local;
use web_sys::EventSource;

use super::browser::{is_hidden, listen, page_again};
use super::figures::take_over;
use super::live_refresh::{Freshness, Pill};

/// The event that says the ledger has changed.
const LEDGER: &str = "ledger";

/// Between two renewals.
const REST: Duration = Duration::from_secs(1);

/// Before a renewal that failed, or a stream the server has closed, is tried again.
const PATIENCE: Duration = Duration::from_secs(15);

/// How long figures count as just updated.
const JUST_NOW: Duration = Duration::from_secs(4);

/// Between two sentences to those who listen.
const SILENCE: Duration = Duration::from_secs(30);

/// Keeps the figures of the page fresh for as long as it is open.
pub(super) fn keep_fresh(stream: String, pill: Pill) {
    pill.is_awake.set(true);
    let keeper = Rc::new(Keeper {
        stream,
        pill,
        source: RefCell::new(None),
        is_interrupted: Cell::new(false),
        is_wanted: Cell::new(false),
        is_resting: Cell::new(false),
        is_silent: Cell::new(false),
    });
    let seen_again = Rc::clone(&keeper);
    listen(&document(), "visibilitychange", move |_| seen_again.attention_changed());
    keeper.connect();
}

struct Keeper {
    stream: String,
    pill: Pill,
    /// The open stream; none while nobody looks.
    source: RefCell<Option<EventSource>>,
    /// The stream ended, and has not been taken up again.
    is_interrupted: Cell<bool>,
    /// Something has changed since the figures were read.
    is_wanted: Cell<bool>,
    /// A renewal is under way, or was a moment ago.
    is_resting: Cell<bool>,
    /// Something was said a moment ago.
    is_silent: Cell<bool>,
}

impl Keeper {
    /// A browser keeps only six connections to a host, so a page in the background gives its own back; when it
    /// is looked at again it may have missed something.
    fn attention_changed(self: &Rc<Self>) {
        if is_hidden() {
            if let Some(source) = self.source.take() {
                source.close();
            }
            return;
        }
        self.connect();
        self.ledger_changed();
    }

    fn connect(self: &Rc<Self>) {
        if is_hidden() || self.source.borrow().is_some() {
            return;
        }
        let Ok(source) = EventSource::new(&self.stream) else { return };
        self.source.replace(Some(source.clone()));
        let keeper = Rc::clone(self);
        listen(&source, LEDGER, move |_| keeper.ledger_changed());
        let keeper = Rc::clone(self);
        listen(&source, "open", move |_| keeper.connected());
        let (keeper, broken) = (Rc::clone(self), source.clone());
        listen(&source, "error", move |_| keeper.disconnected(&broken));
    }

    fn ledger_changed(self: &Rc<Self>) {
        self.is_wanted.set(true);
        self.renew_when_due();
    }

    /// What changed while nobody was connected was not told.
    fn connected(self: &Rc<Self>) {
        let was_offline = self.pill.freshness.get_untracked() == Freshness::Offline;
        self.pill.freshness.set(Freshness::Live);
        if self.is_interrupted.replace(false) || was_offline {
            self.ledger_changed();
        }
    }

    /// The browser connects again by itself, except where the server refused; the page itself says why. A server
    /// ends its streams now and then: that is told only when the next one does not begin.
    fn disconnected(self: &Rc<Self>, source: &EventSource) {
        let is_refused = source.ready_state() == EventSource::CLOSED;
        if self.is_interrupted.replace(true) || is_refused {
            self.show_offline();
        }
        if is_refused {
            self.source.take();
            self.ledger_changed();
            let keeper = Rc::clone(self);
            set_timeout(move || keeper.connect(), PATIENCE);
        }
    }

    fn renew_when_due(self: &Rc<Self>) {
        if !self.is_wanted.get() || self.is_resting.get() || is_hidden() {
            return;
        }
        self.is_wanted.set(false);
        self.is_resting.set(true);
        let keeper = Rc::clone(self);
        spawn_local(async move {
            let renewed = page_again().await.as_ref().and_then(take_over);
            keeper.renewed(renewed);
        });
    }

    fn renewed(self: &Rc<Self>, as_of: Option<String>) {
        let rest = if as_of.is_some() { REST } else { PATIENCE };
        match as_of {
            Some(as_of) => self.show_updated(as_of),
            None => {
                self.is_wanted.set(true);
                self.show_offline();
            }
        }
        let keeper = Rc::clone(self);
        let rested = move || {
            keeper.is_resting.set(false);
            keeper.renew_when_due();
        };
        set_timeout(rested, rest);
    }

    fn show_updated(self: &Rc<Self>, as_of: String) {
        self.say(format!("Figures updated, as of {as_of}"));
        self.pill.as_of.set(as_of);
        self.pill.freshness.set(Freshness::Updated);
        let pill = self.pill;
        let settle = move || {
            if pill.freshness.get_untracked() == Freshness::Updated {
                pill.freshness.set(Freshness::Live);
            }
        };
        set_timeout(settle, JUST_NOW);
    }

    fn show_offline(self: &Rc<Self>) {
        if self.pill.freshness.get_untracked() == Freshness::Offline {
            return;
        }
        self.pill.freshness.set(Freshness::Offline);
        self.say("Live updates are interrupted".to_owned());
    }

    fn say(self: &Rc<Self>, sentence: String) {
        if self.is_silent.replace(true) {
            return;
        }
        self.pill.said.set(sentence);
        let keeper = Rc::clone(self);
        set_timeout(move || keeper.is_silent.set(false), SILENCE);
    }
}
