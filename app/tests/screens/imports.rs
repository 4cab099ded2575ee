//! The page that brings files in.

use app::imports::{BatchLine, Imports, ImportsQuestion, SentFile};
use domain::access::Role;
use domain::ids::{ImportFileId, ImportId};
use domain::importing::{FileState, ImportKind, ImportState, RowProblem};
use jiff::ToSpan;
use uuid::Uuid;

use crate::desk::now;
use crate::document::{Answer, World, asked};
use crate::office::FixedOffice;
use crate::pages::{lines, main_of, refuse_markup_of_others};
use crate::visits::{HOSTILE, member};

const PAGE: &str = "/portal/import";

impl FixedOffice {
    /// What the page is answered; the file in the address is one in the state of that word.
    pub(crate) fn import_page(&self, question: ImportsQuestion) -> Imports {
        let state = question.file.and_then(|word| word.parse().ok());
        Imports {
            tenant: self.tenant(),
            kinds: vec![ImportKind::Leads, ImportKind::Links],
            most_megabytes: 50,
            wrong: question.wrong.map(|_| "The file is larger than what one may have. Send it in parts."),
            sent: state.map(|state| self.sent(state)),
            batches: if self.bare { Vec::new() } else { self.batches() },
        }
    }

    fn said(&self, usual: &str) -> String {
        if self.hostile { HOSTILE.to_owned() } else { usual.to_owned() }
    }

    fn sent(&self, state: FileState) -> SentFile {
        SentFile {
            id: ImportFileId(Uuid::from_u128(5)),
            kind: ImportKind::Leads,
            name: self.said("leads of may.csv"),
            size: 81_920,
            state,
            is_silent: false,
            problem: (state == FileState::Failed).then(|| self.said("no column is like any")),
            rows: 1_200,
            created: 900,
            changed: 40,
            refused: 31,
            columns: vec![(self.said("E-mail"), Some("email")), (self.said("Shoe size"), None)],
            fields: &["email", "stage_at"],
            problems: vec![RowProblem {
                line: 7,
                field: "stage".to_owned(),
                message: self.said("no such stage"),
            }],
        }
    }

    fn batches(&self) -> Vec<BatchLine> {
        let line = |number: u128, state, undone: Option<&str>| BatchLine {
            id: ImportId(Uuid::from_u128(number)),
            kind: ImportKind::Leads,
            name: self.said("leads.csv"),
            state,
            rows: 12,
            created: 9,
            changed: 1,
            refused: 2,
            made_by: self.said("grace@example.org"),
            made_at: now() - 3.hours(),
            may_undo: undone.is_none(),
            undone: undone.map(|by| (by.to_owned(), 8)),
        };
        vec![line(1, ImportState::Done, None), line(2, ImportState::Undone, Some("ada@example.org"))]
    }
}

async fn by(role: Role, address: &str) -> Answer {
    asked(address, World::of(member(role))).await
}

#[tokio::test]
async fn a_checked_file_shows_its_columns_what_would_become_of_it_and_what_is_wrong() {
    let answer = by(Role::Operator, &format!("{PAGE}?file=checked")).await;
    insta::assert_snapshot!(lines(main_of(&answer.html)));
}

#[tokio::test]
async fn each_state_offers_what_can_be_done_then() {
    for (state, says, says_not) in [
        ("arriving", "did not arrive whole", "Check every row"),
        ("waiting", "Check every row", "Bring these rows in"),
        ("checking", "Being checked", "Check"),
        ("checked", "Bring these rows in", "Check every row"),
        ("importing", "Being brought in", "Bring these rows in"),
        ("done", "brought in: 900 new", "Check again"),
        ("failed", "No column is like any", "Bring these rows in"),
    ] {
        let answer = by(Role::Admin, &format!("{PAGE}?file={state}")).await;
        assert!(answer.says(says), "{state} does not say {says}");
        let sent = main_of(&answer.html)
            .split("id=\"sent-title\"")
            .nth(1)
            .unwrap()
            .split("</section>")
            .next()
            .unwrap();
        assert!(!sent.contains(says_not), "{state} says {says_not}");
    }
}

#[tokio::test]
async fn who_may_not_act_is_told_so_and_an_empty_page_says_what_it_is_for() {
    assert_eq!(by(Role::Viewer, PAGE).await.status, 403);
    let office = FixedOffice { bare: true, ..FixedOffice::default() };
    let answer = asked(PAGE, World::of(member(Role::Admin)).with(office)).await;
    assert!(answer.says("No file was brought in yet") && answer.says("enctype=\"multipart/form-data\""));
    assert!(by(Role::Admin, &format!("{PAGE}?wrong=large")).await.says("Send it in parts."));
}

#[tokio::test]
async fn hostile_names_stay_text() {
    for state in ["checked", "failed", "done"] {
        let office = FixedOffice { hostile: true, ..FixedOffice::default() };
        let world = World::of(member(Role::Admin)).with(office);
        // What a form sends back is as it was, marks that turn text round and all.
        let html = asked(&format!("{PAGE}?file={state}"), world).await.html.replace('\u{202e}', "");
        refuse_markup_of_others(main_of(&html));
    }
}
