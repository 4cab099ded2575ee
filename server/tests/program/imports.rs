//! Files into the pipeline: what their columns mean, what is wrong with their rows, and out again.

use std::collections::BTreeMap;

use domain::importing::ImportKind;
use serde_json::Value;
use server::clock::Clock;
use server::pipeline::{FileToImport, ImportError, Imported, Pipeline, source_of};

use crate::support::tables::Tables;
use crate::support::{Ledger, now};

struct Files {
    ledger: Ledger,
    pipeline: Pipeline,
}

impl Files {
    async fn open() -> Self {
        let ledger = Ledger::create().await;
        let pipeline = Pipeline { store: ledger.store().clone(), clock: Clock::Fixed(now()) };
        Self { ledger, pipeline }
    }

    async fn bring(&self, kind: ImportKind, text: &str) -> Imported {
        self.read(kind, text, &[], false).await.unwrap()
    }

    async fn read(
        &self,
        kind: ImportKind,
        text: &str,
        said: &[(&str, &str)],
        is_dry_run: bool,
    ) -> Result<Imported, ImportError> {
        let file = FileToImport {
            kind,
            name: "a file.csv".to_owned(),
            source: source_of(text.as_bytes().to_vec()),
            said: said.iter().map(|(column, field)| ((*column).to_owned(), (*field).to_owned())).collect(),
            is_dry_run,
            progress: None,
        };
        self.pipeline.provision_import(self.ledger.ours.id, file).await
    }

    async fn rows(&self, table: &str) -> Vec<Value> {
        Tables::of(&self.ledger.database.url).await.rows(table).to_vec()
    }
}

const LEADS: &str = "E-mail;Full name;Lead source;Status;Stage date;Shoe size\r\n\
    ada@x.example;\"Ada; Countess\";heyreach;replied;2026-10-05;38\r\n\
    grace@x.example;Grace;carrier pigeon;;;\r\n\
    nobody;Nobody;;;;\r\n\
    eve@x.example;Eve;;won;;\r\n\
    short;row\r\n\
    ada@x.example;Ada again;;;;\r\n";

#[tokio::test]
async fn leads_are_read_by_names_like_theirs_and_each_bad_row_is_named() {
    let files = Files::open().await;
    let imported = files.bring(ImportKind::Leads, LEADS).await;
    let counts = &imported.counts;
    assert_eq!((counts.rows, counts.created, counts.changed, counts.refused), (6, 2, 1, 3));
    let problems: Vec<(u64, &str)> =
        counts.problems.iter().map(|problem| (problem.line, problem.field.as_str())).collect();
    assert_eq!(problems, [(4, "email"), (5, "stage"), (6, "")]);
    assert_eq!(imported.mapping.left_out(), ["Shoe size"]);
    let leads: BTreeMap<String, Value> = files
        .rows("leads")
        .await
        .into_iter()
        .map(|row| (row["email"].as_str().unwrap().to_owned(), row))
        .collect();
    assert_eq!(leads.len(), 2);
    assert_eq!(
        (&leads["ada@x.example"]["name"], &leads["ada@x.example"]["stage"]),
        (&"Ada again".into(), &"replied".into())
    );
    assert_eq!(leads["grace@x.example"]["channel"], "unknown");
}

#[tokio::test]
async fn a_dry_run_says_the_same_and_keeps_nothing() {
    let files = Files::open().await;
    let foreseen = files.read(ImportKind::Leads, LEADS, &[], true).await.unwrap();
    assert!(files.rows("leads").await.is_empty() && files.rows("imports").await.is_empty());
    let imported = files.bring(ImportKind::Leads, LEADS).await;
    assert_eq!((foreseen.counts, foreseen.id), (imported.counts, None));
    let import = &files.rows("imports").await[0];
    assert_eq!((&import["state"], &import["created"]), (&"done".into(), &2.into()));
    let again = files.bring(ImportKind::Leads, LEADS).await;
    assert_eq!((again.counts.created, again.counts.refused), (0, 3), "nobody is brought twice");
}

/// Five thousand rows of leads: each tells of a new one, of one from far before, or of a known one; some are refused.
fn five_thousand_leads() -> String {
    let mut text = "id,email,name,owner,stage\n".to_owned();
    for row in 0..5_000 {
        let line = match row % 10 {
            // Somebody the file told of 2,500 rows before: changed, told the same again, or with another's e-mail.
            7 if row >= 2_500 => format!("l-{},,Name {},,\n", row - 2_500, row - 2_500),
            8 if row >= 2_500 => format!("l-{},,Other {row},Grace,replied\n", row - 2_500),
            9 if row >= 2_500 => format!("l-{row},mail{}@x.example,,,\n", row - 2_509),
            // Who was known before takes another e-mail, and somebody else its old one, in a later piece.
            6 if row < 50 => format!("known-{row},new{row}@x.example,,,\n"),
            6 if row >= 4_950 => format!("l-{row},known{}@x.example,,,\n", row - 4_950),
            5 => format!("l-{row},no e-mail,,,\n"),
            _ => format!("l-{row},mail{row}@x.example,Name {row},,contacted\n"),
        };
        text.push_str(&line);
    }
    text
}

#[tokio::test]
async fn a_dry_run_of_thousands_of_rows_says_exactly_what_the_import_then_does() {
    let files = Files::open().await;
    let known: Vec<String> = (0..50).map(|row| format!("known-{row},known{row}@x.example,Known\n")).collect();
    files.bring(ImportKind::Leads, &format!("id,email,name\n{}", known.concat())).await;
    let leads = five_thousand_leads();
    let deals: String = (0..5_000)
        .map(|row| {
            format!("d-{},{},{}\n", row % 3_000, row % 3_000, if row % 7 == 0 { "many" } else { "open" })
        })
        .collect();
    let costs: String =
        (0..5_000).map(|row| format!("heyreach,tool,{},2026-01-01,2026-01-31\n", row % 3)).collect();
    for (kind, text) in [
        (ImportKind::Leads, leads),
        (ImportKind::Deals, format!("id,value,state\n{deals}")),
        (ImportKind::Costs, format!("channel,type,cost,start,end\n{costs}")),
    ] {
        for time in ["the first time", "again"] {
            let before = Tables::of(&files.ledger.database.url).await;
            let foreseen = files.read(kind, &text, &[], true).await.unwrap();
            assert_eq!(Tables::of(&files.ledger.database.url).await, before, "{kind:?}: nothing is kept");
            let imported = files.bring(kind, &text).await;
            assert_eq!(foreseen.counts, imported.counts, "{kind:?}, {time}");
            assert_eq!(imported.counts.rows, 5_000);
            assert!(imported.counts.refused > 0 || kind == ImportKind::Costs, "{kind:?}");
        }
    }
}

#[tokio::test]
async fn undoing_takes_out_what_the_file_created_and_nobody_changed_or_used() {
    let files = Files::open().await;
    files.bring(ImportKind::Leads, "email,name\nold@x.example,Old\n").await;
    let text = "email,name\nold@x.example,Older\na@x.example,A\nb@x.example,B\nc@x.example,C\n";
    let imported = files.bring(ImportKind::Leads, text).await;
    assert_eq!((imported.counts.created, imported.counts.changed), (3, 1));
    files.bring(ImportKind::Leads, "email,owner\na@x.example,Grace\n").await;
    files.bring(ImportKind::Deals, "id,lead,value\nd-1,b@x.example,1200.50\n").await;
    let undo =
        async || files.pipeline.provision_undo_import(files.ledger.ours.id, imported.id.unwrap()).await;
    let undone = undo().await.unwrap();
    assert_eq!((undone.created, undone.removed), (3, 1), "one was changed, one has a deal");
    let mut left: Vec<Value> = files.rows("leads").await.iter().map(|row| row["email"].clone()).collect();
    left.sort_by_key(ToString::to_string);
    assert_eq!(left, ["a@x.example", "b@x.example", "old@x.example"]);
    assert_eq!(files.rows("deals").await[0]["value_minor"], 120_050);
    assert!(undo().await.is_err(), "once is enough");
    let deeds: Vec<Value> = files.rows("audit_log").await.iter().map(|line| line["deed"].clone()).collect();
    let [brought @ .., last] = deeds.as_slice() else { panic!("nothing was written down") };
    assert!(brought.iter().all(|deed| deed == "file_imported") && last == "import_undone", "{deeds:?}");
    let theirs = files.pipeline.provision_undo_import(files.ledger.theirs.id, imported.id.unwrap()).await;
    assert!(theirs.is_err(), "another tenant's file does not exist");
}

#[tokio::test]
async fn costs_campaigns_and_deals_come_in_by_files_too() {
    let files = Files::open().await;
    let costs = "channel,type,cost,currency,start,end,notes\n\
        HeyReach,subscription,310.00,usd,2026-01-01,2026-01-31,seats\n\
        meta_ads,ad_spend,\"1,250.5\",usd,2026-01-01,2026-01-31,\n\
        meta_ads,ad_spend,-20,usd,2026-01-01,2026-01-31,credit\n\
        meta_ads,ad_spend,20,usd,2026-01-31,2026-01-01,\n";
    let imported = files.bring(ImportKind::Costs, costs).await;
    assert_eq!((imported.counts.created, imported.counts.refused), (3, 1));
    assert_eq!(
        imported.counts.problems[0].to_string(),
        "line 5: period_end: the period ends before it begins"
    );
    let mut amounts: Vec<i64> = files
        .rows("channel_costs")
        .await
        .iter()
        .map(|row| row["base_amount_minor"].as_i64().unwrap())
        .collect();
    amounts.sort_unstable();
    assert_eq!(amounts, [-2_000, 31_000, 125_050]);
    let undone =
        files.pipeline.provision_undo_import(files.ledger.ours.id, imported.id.unwrap()).await.unwrap();
    assert_eq!(undone.removed, 3);
    let campaigns = "id,tool,campaign,status\n1,heyreach,Founders,active\n1,plusvibe,Founders,paused\n";
    assert_eq!(files.bring(ImportKind::Campaigns, campaigns).await.counts.created, 2);
    let deals = "id,value,status,close date\nd-1,10,won,2026-11-02\nd-2,10,open,\nd-3,10,maybe,\n";
    let imported = files.bring(ImportKind::Deals, deals).await;
    assert_eq!((imported.counts.created, imported.counts.refused), (2, 1), "{:?}", imported.counts.problems);
}

#[tokio::test]
async fn a_file_of_costs_brought_twice_adds_nothing_until_it_was_undone() {
    let files = Files::open().await;
    let costs = "channel,type,cost,start,end,notes\n\
        heyreach,tool,310,2026-01-01,2026-01-31,a seat\n\
        heyreach,tool,310.00,2026-01-01,2026-01-31,a seat\n\
        heyreach,tool,310,2026-02-01,2026-02-28,\n";
    let ours = files.ledger.ours.id;
    let counted = async || {
        let rows = files.rows("channel_costs").await;
        rows.iter().filter(|row| row["deleted_at"].is_null()).count()
    };
    let foreseen = files.read(ImportKind::Costs, costs, &[], true).await.unwrap();
    let first = files.bring(ImportKind::Costs, costs).await;
    assert_eq!(
        (foreseen.counts.created, first.counts.created),
        (3, 3),
        "two rows that say the same are two costs"
    );
    let again = files.read(ImportKind::Costs, costs, &[], true).await.unwrap();
    assert_eq!((again.counts.rows, again.counts.created, again.counts.changed), (3, 0, 0));
    let longer = format!("{costs}heyreach,tool,310,2026-01-01,2026-01-31,a seat\n");
    assert_eq!(files.bring(ImportKind::Costs, costs).await.counts.created, 0);
    let third = files.bring(ImportKind::Costs, &longer).await;
    assert_eq!((third.counts.created, counted().await), (1, 4));
    files.pipeline.provision_undo_import(ours, third.id.unwrap()).await.unwrap();
    files.pipeline.provision_undo_import(ours, first.id.unwrap()).await.unwrap();
    assert_eq!(counted().await, 0);
    let back = files.bring(ImportKind::Costs, costs).await;
    assert_eq!((back.counts.created, counted().await), (3, 3));
    assert_eq!(files.pipeline.provision_undo_import(ours, back.id.unwrap()).await.unwrap().removed, 3);
}

#[tokio::test]
async fn a_comma_never_multiplies_an_amount() {
    let files = Files::open().await;
    let costs = "channel;type;cost;currency;start;end\n\
        heyreach;tool;12,50;eur;2026-01-01;2026-01-31\n\
        heyreach;tool;1.234,50;eur;2026-02-01;2026-02-28\n\
        heyreach;tool;1,250;eur;2026-03-01;2026-03-31\n\
        heyreach;tool;1.250;eur;2026-04-01;2026-04-30\n\
        heyreach;tool;12,345,6;eur;2026-05-01;2026-05-31\n";
    let imported = files.bring(ImportKind::Costs, costs).await;
    let mut amounts: Vec<i64> =
        files.rows("channel_costs").await.iter().map(|row| row["amount_minor"].as_i64().unwrap()).collect();
    amounts.sort_unstable();
    assert_eq!(amounts, [1_250, 123_450, 125_000]);
    let problems: Vec<String> = imported.counts.problems.iter().map(ToString::to_string).collect();
    let unclear = "it is not clear whether 1.250 has thousands or decimals: write it like 1234.50";
    assert_eq!(
        problems,
        [format!("line 5: amount: {unclear}"), "line 6: amount: this is an amount like 1234.50".to_owned()]
    );
}

#[tokio::test]
async fn a_file_that_cannot_be_read_is_refused_before_anything_is_kept() {
    let files = Files::open().await;
    for (text, said) in [("", &[][..]), ("a,b\n1,2\n", &[]), ("email\nx@y.example\n", &[("mail", "email")])] {
        let refused = files.read(ImportKind::Leads, text, said, false).await.unwrap_err();
        assert!(matches!(refused, ImportError::Refused(_)), "{refused}");
    }
    let bytes = b"email,name\nx@y.example,\xff\xfe\n".to_vec();
    let file = FileToImport {
        kind: ImportKind::Leads,
        name: "latin.csv".to_owned(),
        source: source_of(bytes),
        said: Vec::new(),
        is_dry_run: false,
        progress: None,
    };
    let imported = files.pipeline.provision_import(files.ledger.ours.id, file).await.unwrap();
    assert_eq!((imported.counts.created, imported.counts.refused), (0, 1));
    assert!(files.rows("leads").await.is_empty());
}
