//! What the page that brings files in is answered.

use app::imports::{BatchLine, Imports, ImportsQuestion, SentFile};
use app::port::AskError;
use domain::access::Viewer;
use domain::importing::{ImportKind, ImportState};
use store::imports::StoredImport;

use crate::accounts::Refusal;
use crate::desk::ours;
use crate::pipeline::{MOST_BYTES, Pipeline, Uploaded, fields_of};

/// How many files that were brought in are listed.
const BATCHES_SHOWN: i64 = 20;

/// How many problems of a file are listed; all of them are in a file of their own.
const PROBLEMS_SHOWN: i64 = 20;

/// The newest files, and the one the question is about.
pub(super) async fn answer(
    pipeline: &Pipeline,
    viewer: &Viewer,
    question: ImportsQuestion,
) -> Result<Imports, AskError> {
    let mut work = pipeline.store.within(viewer.tenant).await.map_err(ours)?;
    let tenant = work.tenant().await.map_err(ours)?;
    let batches = work.imports(BATCHES_SHOWN).await.map_err(ours)?;
    drop(work);
    let sent = match question.file {
        Some(id) => sent(pipeline, viewer, &id).await?,
        None => None,
    };
    Ok(Imports {
        tenant,
        kinds: ImportKind::ALL.into_iter().filter(|kind| viewer.may(kind.needs())).collect(),
        most_megabytes: MOST_BYTES / 1024 / 1024,
        wrong: question.wrong.as_deref().and_then(in_words),
        sent,
        batches: batches.into_iter().map(|batch| line(batch, viewer)).collect(),
    })
}

/// The file the address names; one that is not there, or no longer, is none.
async fn sent(pipeline: &Pipeline, viewer: &Viewer, id: &str) -> Result<Option<SentFile>, AskError> {
    let Uploaded { file, columns, is_silent } = match pipeline.uploaded(viewer, id).await {
        Ok(uploaded) => uploaded,
        Err(Refusal::Ours(error)) => return Err(ours(error)),
        Err(Refusal::Forbidden(forbidden)) => return Err(forbidden.into()),
        Err(_) => return Ok(None),
    };
    let mut work = pipeline.store.within(viewer.tenant).await.map_err(ours)?;
    let problems = work.import_file_problems(file.id, 0, PROBLEMS_SHOWN).await.map_err(ours)?;
    Ok(Some(SentFile {
        id: file.id,
        kind: file.kind,
        name: file.file_name,
        size: file.size,
        state: file.state,
        is_silent,
        problem: file.problem,
        rows: file.counts.rows,
        created: file.counts.created,
        changed: file.counts.changed,
        refused: file.counts.refused,
        columns,
        fields: fields_of(file.kind),
        problems,
    }))
}

/// Why a file was not taken: only known words say anything.
fn in_words(word: &str) -> Option<&'static str> {
    Some(match word {
        "large" => "The file is larger than what one may have. Send it in parts.",
        "empty" | "file" => "There was nothing in it. Choose a file and send it again.",
        "kind" => "Say what its rows are.",
        "slow" => "It came too slowly and was let go. Send it again, or in parts.",
        "form" => "It did not arrive whole. Send it again.",
        "ours" => "Something failed on our side and nothing was kept: try again.",
        _ => return None,
    })
}

fn line(batch: StoredImport, viewer: &Viewer) -> BatchLine {
    BatchLine {
        id: batch.id,
        may_undo: batch.state != ImportState::Undone && viewer.may(batch.kind.needs()),
        kind: batch.kind,
        name: batch.file_name,
        state: batch.state,
        rows: batch.counts.rows,
        created: batch.counts.created,
        changed: batch.counts.changed,
        refused: batch.counts.refused,
        made_by: batch.made_by,
        made_at: batch.made_at,
        undone: batch.undone_by.map(|by| (by, batch.removed)),
    }
}
