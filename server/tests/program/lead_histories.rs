//! What is told of leads' stages by several doors, in any order and in copies, comes to one history.

use domain::connection::{ConnectionState, Tool};
use domain::ids::{LeadId, TouchId};
use domain::importing::ImportKind;
use domain::lead::{Stage, StageFact, Stay, TouchKind};
use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::TestRunner;
use server::clock::Clock;
use server::pipeline::{FileToImport, Pipeline, source_of};
use store::connections::StoredConnection;
use store::lead_touches::Touch;
use store::leads::{Bringing, LeadTold};
use store::synced_objects::{SyncedKind, SyncedObject};
use uuid::Uuid;

use crate::support::{Ledger, now};

const TOOL: Tool = Tool::HeyReach;

/// What is told of a lead, by which door.
#[derive(Clone, Debug)]
enum Telling {
    /// A program says since when it is in a stage.
    Put(StageFact),
    /// A program says when it came.
    Came(Timestamp),
    /// A file says since when it is in a stage.
    File(StageFact),
    /// A tool lists something that happened.
    Touched(TouchKind, Timestamp),
    /// A tool says how far it has come, and since when.
    Status(StageFact),
}

fn any_day() -> impl Strategy<Value = Timestamp> {
    (1i64..12).prop_map(|day| now() - SignedDuration::from_hours(24 * day))
}

fn any_telling() -> impl Strategy<Value = Telling> {
    let fact = |stages: Vec<Stage>| {
        (prop::sample::select(stages), any_day())
            .prop_map(|(stage, entered_at)| StageFact { entered_at, stage })
    };
    let kinds = prop::sample::select(vec![TouchKind::Sent, TouchKind::Replied, TouchKind::Meeting]);
    prop_oneof![
        fact(Stage::ALL.to_vec()).prop_map(Telling::Put),
        any_day().prop_map(Telling::Came),
        fact(Stage::ALL.to_vec()).prop_map(Telling::File),
        (kinds, any_day()).prop_map(|(kind, at)| Telling::Touched(kind, at)),
        fact(vec![Stage::Contacted, Stage::Replied, Stage::Meeting]).prop_map(Telling::Status),
    ]
}

/// A tenant with a tool that leads are told to.
struct Doors {
    ledger: Ledger,
    pipeline: Pipeline,
}

impl Doors {
    async fn open() -> Self {
        let ledger = Ledger::create().await;
        let connection = StoredConnection {
            tool: TOOL,
            state: ConnectionState::Connected,
            api_base: None,
            capabilities: serde_json::json!({}),
            problem: None,
            webhook_token_hash: None,
            connected_by: "a test".to_owned(),
            connected_at: now(),
            probed_at: now(),
        };
        let mut work = ledger.store().within(ledger.ours.id).await.unwrap();
        work.connection_put(&connection).await.unwrap();
        work.commit().await.unwrap();
        let pipeline = Pipeline { store: ledger.store().clone(), clock: Clock::Fixed(now()) };
        Self { ledger, pipeline }
    }

    async fn tell(&self, lead: &str, telling: &Telling) {
        match telling {
            Telling::Put(fact) => self.put(LeadTold { facts: vec![*fact], ..named(lead) }).await,
            Telling::Came(at) => self.put(LeadTold { created_at: Some(*at), ..named(lead) }).await,
            Telling::File(fact) => self.file(lead, *fact).await,
            Telling::Touched(kind, at) => self.touch(lead, *kind, *at).await,
            Telling::Status(status) => self.say(lead, *status).await,
        }
    }

    async fn put(&self, told: LeadTold) {
        self.ledger.store().leads_put(self.ledger.ours.id, &[told], Bringing::at(now())).await.unwrap();
    }

    async fn file(&self, lead: &str, StageFact { entered_at, stage }: StageFact) {
        let text = format!("id,stage,stage date\n{lead},{stage},{entered_at}\n");
        let file = FileToImport {
            kind: ImportKind::Leads,
            name: "leads.csv".to_owned(),
            source: source_of(text.into_bytes()),
            said: Vec::new(),
            is_dry_run: false,
            progress: None,
        };
        let imported = self.pipeline.provision_import(self.ledger.ours.id, file).await.unwrap();
        assert_eq!(imported.counts.refused, 0);
    }

    /// The lead, which a tool that speaks of somebody new makes known since then.
    async fn met(&self, lead: &str, since: Timestamp) -> LeadId {
        let mut work = self.ledger.store().within(self.ledger.ours.id).await.unwrap();
        if work.lead(lead).await.unwrap().is_none() {
            let told = LeadTold { created_at: Some(since), ..named(lead) };
            work.leads_put(&[told], Bringing::at(now())).await.unwrap();
        }
        let id = work.lead(lead).await.unwrap().unwrap().id;
        work.commit().await.unwrap();
        id
    }

    async fn touch(&self, lead: &str, kind: TouchKind, occurred_at: Timestamp) {
        let id = self.met(lead, occurred_at).await;
        let external_id = format!("{}:{lead}:{}:{occurred_at}", TOOL.word(), kind.word());
        let touch = Touch {
            id: TouchId(Uuid::new_v5(&Uuid::NAMESPACE_OID, external_id.as_bytes())),
            external_id,
            lead: id,
            kind,
            channel: None,
            campaign: None,
            occurred_at,
            note: None,
        };
        let mut work = self.ledger.store().within(self.ledger.ours.id).await.unwrap();
        work.touches_add(&[touch], now()).await.unwrap();
        work.leads_advance(&[id], now()).await.unwrap();
        work.commit().await.unwrap();
    }

    async fn say(&self, lead: &str, status: StageFact) {
        let id = self.met(lead, status.entered_at).await;
        let person = SyncedObject {
            external_id: lead.to_owned(),
            lead: Some(id),
            raw: serde_json::json!({ "status": status.stage, "at": status.entered_at }),
            thread: None,
            stage: Some(status.stage),
            stage_at: Some(status.entered_at),
        };
        let mut work = self.ledger.store().within(self.ledger.ours.id).await.unwrap();
        work.synced_put(TOOL, SyncedKind::Person, &[person], now()).await.unwrap();
        work.people_advance(TOOL, now()).await.unwrap();
        work.commit().await.unwrap();
    }

    /// The lead's stays, and the stage it is in by its own row.
    async fn history(&self, lead: &str) -> (Vec<Stay>, Stage, Timestamp) {
        let mut work = self.ledger.store().within(self.ledger.ours.id).await.unwrap();
        let stored = work.lead(lead).await.unwrap().unwrap();
        let stays = work.lead_stays(&[stored.id]).await.unwrap();
        (stays.into_iter().map(|(_, stay)| stay).collect(), stored.stage, stored.stage_entered_at)
    }
}

fn named(lead: &str) -> LeadTold {
    LeadTold::of(LeadId(Uuid::new_v5(&Uuid::NAMESPACE_OID, lead.as_bytes())), lead.to_owned())
}

#[tokio::test]
async fn by_whatever_doors_and_in_whatever_order_stages_are_told_the_history_is_one() {
    let doors = Doors::open().await;
    let mut runner = TestRunner::deterministic();
    let cases = prop::collection::vec(any_telling(), 2..8).prop_flat_map(|tellings| {
        let copies = prop::collection::vec(prop::sample::select(tellings.clone()), 0..3);
        let otherwise = copies.prop_map({
            let tellings = tellings.clone();
            move |copies| tellings.iter().cloned().chain(copies).collect::<Vec<_>>()
        });
        (Just(tellings), otherwise.prop_shuffle())
    });
    for case in 0..60 {
        let (tellings, otherwise) = cases.new_tree(&mut runner).unwrap().current();
        let (one, other) = (format!("{case} in order"), format!("{case} otherwise"));
        for telling in &tellings {
            doors.tell(&one, telling).await;
        }
        for telling in &otherwise {
            doors.tell(&other, telling).await;
        }
        let expected = doors.history(&one).await;
        assert_eq!(doors.history(&other).await, expected, "{tellings:#?} and then {otherwise:#?}");
        let last = expected.0.last().unwrap();
        assert_eq!((last.stage, last.entered_at), (expected.1, expected.2));
    }
}
