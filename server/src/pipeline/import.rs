//! Files brought in, piece by piece, and taken out again.

use std::io::{self, BufRead as _, BufReader, Cursor, Read};

use ::csv::{ByteRecord, ReaderBuilder, StringRecord};
use domain::access::{Actor, Permission, Viewer};
use domain::audit::Deed;
use domain::ids::{ImportId, TenantId};
use domain::importing::{ImportKind, ImportState, RowProblem};
use store::StoreError;
use store::imports::{Counts, NewImport};
use store::leads::{Bringing, Put};
use store::work::TenantWork;
use tokio::sync::mpsc;

use super::cost_files::{self, RowsSaid};
use super::foresight::Foresight;
use super::{Context, Mapping, Pipeline, Record, Taken};
use crate::accounts::{Refusal, Sender, about, deed, name_of, saying};
use crate::chance::new_id;

/// How many rows one transaction takes.
const ROWS_AT_ONCE: usize = 2_000;

/// How many problems are kept with a file.
const PROBLEMS_KEPT: usize = 200;

/// How much of a file is looked at to tell what stands between its cells.
const LOOKED_AT: usize = 64 * 1024;

/// What a file holds, from its beginning each time it is asked for.
pub type Source = Box<dyn Fn() -> io::Result<Box<dyn Read + Send>> + Send + Sync>;

/// What these bytes hold.
#[must_use]
pub fn source_of(bytes: Vec<u8>) -> Source {
    Box::new(move || Ok(Box::new(Cursor::new(bytes.clone()))))
}

/// A file, and how it is to be read.
pub struct FileToImport {
    /// What its rows are.
    pub kind: ImportKind,
    /// What it is called.
    pub name: String,
    /// What it holds.
    pub source: Source,
    /// What somebody said its columns are: a column and a field each.
    pub said: Vec<(String, String)>,
    /// Whether nothing is to be kept.
    pub is_dry_run: bool,
    /// Who is told after every piece how far it has come.
    pub progress: Option<mpsc::Sender<Progress>>,
}

/// How far a file was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Progress {
    /// What became of its rows so far.
    pub counts: Counts,
    /// What was wrong with rows of the newest piece, all of it.
    pub problems: Vec<RowProblem>,
}

/// What became of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Imported {
    /// Its id; `None` when nothing was kept.
    pub id: Option<ImportId>,
    /// What became of its rows.
    pub counts: Counts,
    /// Which column was read as which field.
    pub mapping: Mapping,
}

/// What was taken out again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Undone {
    /// How much the file had created.
    pub created: i64,
    /// How much of that was taken out; the rest has been changed or used since.
    pub removed: i64,
}

/// Why a file was not read to its end.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// It cannot be read like this.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The file itself cannot be read.
    #[error("the file cannot be read: {0}")]
    File(io::Error),
}

impl From<StoreError> for ImportError {
    fn from(error: StoreError) -> Self {
        Self::Refused(error.into())
    }
}

/// A row with the line it begins on.
type Row = (u64, Result<StringRecord, Refusal>);

/// What is read of a file, in its order.
enum Piece {
    Heading(Vec<String>),
    Rows(Vec<Row>),
    Broken(io::Error),
}

impl Pipeline {
    /// Brings in a file for the viewer's tenant.
    pub async fn import(
        &self,
        viewer: &Viewer,
        file: FileToImport,
        sender: &Sender,
    ) -> Result<Imported, ImportError> {
        viewer.require(file.kind.needs()).map_err(Refusal::from)?;
        self.read_file(viewer.actor.clone(), viewer.tenant, file, sender).await
    }

    /// The same for whoever may run commands.
    pub async fn provision_import(
        &self,
        tenant: TenantId,
        file: FileToImport,
    ) -> Result<Imported, ImportError> {
        self.read_file(Actor::CommandLine, tenant, file, &Sender::default()).await
    }

    pub(super) async fn read_file(
        &self,
        actor: Actor,
        tenant: TenantId,
        file: FileToImport,
        sender: &Sender,
    ) -> Result<Imported, ImportError> {
        let FileToImport { kind, name, source, said, is_dry_run, progress } = file;
        let context = self.context(tenant).await?;
        let mut pieces = pieces(source().map_err(ImportError::File)?);
        let mapping = match pieces.recv().await {
            Some(Piece::Heading(heading)) => Mapping::of(kind, &heading, &said)?,
            Some(Piece::Broken(error)) => return Err(ImportError::File(error)),
            _ => return Err(Refusal::field("file", "the file is empty").into()),
        };
        let mut importing = Importing {
            pipeline: self,
            context,
            kind,
            id: (!is_dry_run).then(|| ImportId(new_id())),
            counts: Counts::default(),
            costs_said: RowsSaid::default(),
            foresight: None,
            progress,
        };
        if is_dry_run {
            let rows = FileRows { source: &source, mapping: &mapping };
            importing.foresight = Some(Foresight::begin(self, &importing.context, kind, &rows).await?);
        }
        importing.begin(&actor, &name, &mapping).await?;
        let read = importing.read(&mut pieces, &mapping).await;
        importing.end(read.is_ok(), actor, &name, sender).await?;
        read?;
        Ok(Imported { id: importing.id, counts: importing.counts, mapping })
    }

    /// Takes out what a file created and nobody changed or used since.
    pub async fn undo_import(&self, viewer: &Viewer, id: &str, sender: &Sender) -> Result<Undone, Refusal> {
        viewer.require(Permission::Act)?;
        let id: ImportId = id.parse().map_err(|_| Refusal::NotFound)?;
        self.undo(viewer.actor.clone(), viewer.tenant, id, Some(viewer), sender).await
    }

    /// The same for whoever may run commands.
    pub async fn provision_undo_import(&self, tenant: TenantId, id: ImportId) -> Result<Undone, Refusal> {
        self.undo(Actor::CommandLine, tenant, id, None, &Sender::default()).await
    }

    async fn undo(
        &self,
        actor: Actor,
        tenant: TenantId,
        id: ImportId,
        viewer: Option<&Viewer>,
        sender: &Sender,
    ) -> Result<Undone, Refusal> {
        let mut work = self.store.within(tenant).await?;
        let import = work.import(id).await?.ok_or(Refusal::NotFound)?;
        viewer.map_or(Ok(()), |viewer| viewer.require(import.kind.needs()))?;
        if import.state == ImportState::Undone {
            return Err(Refusal::Conflict("this was undone already".to_owned()));
        }
        let now = self.clock.now();
        let removed = work.import_undo(id, import.kind, &name_of(&actor), now).await?;
        let line = about(deed(actor, Deed::ImportUndone, sender), import.file_name);
        let details = [("removed", removed.to_string()), ("of", import.counts.created.to_string())];
        work.audit(&saying(line, details), now).await?;
        work.commit().await?;
        Ok(Undone { created: import.counts.created, removed })
    }
}

/// A file while it is read.
struct Importing<'a> {
    pipeline: &'a Pipeline,
    context: Context,
    kind: ImportKind,
    id: Option<ImportId>,
    counts: Counts,
    costs_said: RowsSaid,
    foresight: Option<Foresight>,
    progress: Option<mpsc::Sender<Progress>>,
}

impl Importing<'_> {
    async fn begin(&self, actor: &Actor, name: &str, mapping: &Mapping) -> Result<(), StoreError> {
        let Some(id) = self.id else { return Ok(()) };
        let import = NewImport {
            id,
            kind: self.kind,
            file_name: name.chars().filter(|character| !character.is_control()).take(300).collect(),
            mapping: mapping.read(),
            made_by: name_of(actor),
        };
        let mut work = self.pipeline.store.within(self.context.tenant.id).await?;
        work.import_begin(&import, self.context.now).await?;
        work.commit().await
    }

    async fn read(
        &mut self,
        pieces: &mut mpsc::Receiver<Piece>,
        mapping: &Mapping,
    ) -> Result<(), ImportError> {
        while let Some(piece) = pieces.recv().await {
            match piece {
                Piece::Heading(_) => {}
                Piece::Rows(rows) => self.take(rows, mapping).await?,
                Piece::Broken(error) => return Err(ImportError::File(error)),
            }
        }
        Ok(())
    }

    async fn take(&mut self, rows: Vec<Row>, mapping: &Mapping) -> Result<(), ImportError> {
        let lines: Vec<u64> = rows.iter().map(|(line, _)| *line).collect();
        let records = records(rows, mapping);
        let (taken, work) = match &mut self.foresight {
            Some(foresight) => (foresight.take(&self.context, records, &mut self.costs_said).await?, None),
            None => {
                let (taken, work) = self.write(records).await?;
                (taken, Some(work))
            }
        };
        let mut problems = Vec::new();
        lines.into_iter().zip(&taken).for_each(|(line, taken)| {
            problems.extend(count(&mut self.counts, line, taken));
        });
        if let Some((id, mut work)) = self.id.zip(work) {
            work.import_set(id, &self.counts, ImportState::Running, self.context.now).await?;
            work.commit().await?;
        }
        if let Some(progress) = &self.progress {
            // Whoever no longer listens does not want to know.
            let _ = progress.send(Progress { counts: self.counts.clone(), problems }).await;
        }
        Ok(())
    }

    /// Writes what rows say, to be committed with what became of them.
    async fn write(
        &mut self,
        records: Vec<Result<Record, Refusal>>,
    ) -> Result<(Vec<Taken>, TenantWork), StoreError> {
        let bringing = Bringing { now: self.context.now, import: self.id };
        let mut work = self.pipeline.store.within(self.context.tenant.id).await?;
        let taken =
            self.context.take_rows(&mut work, self.kind, records, bringing, &mut self.costs_said).await?;
        Ok((taken, work))
    }

    async fn end(&self, is_whole: bool, actor: Actor, name: &str, sender: &Sender) -> Result<(), StoreError> {
        let Some(id) = self.id else { return Ok(()) };
        let now = self.pipeline.clock.now();
        let state = if is_whole { ImportState::Done } else { ImportState::Failed };
        let mut work = self.pipeline.store.within(self.context.tenant.id).await?;
        work.import_set(id, &self.counts, state, now).await?;
        let line = about(deed(actor, Deed::FileImported, sender), name);
        let Counts { rows, created, changed, refused, .. } = &self.counts;
        let details = [
            ("kind", self.kind.word().to_owned()),
            ("rows", rows.to_string()),
            ("created", created.to_string()),
            ("changed", changed.to_string()),
            ("refused", refused.to_string()),
        ];
        work.audit(&saying(line, details), now).await?;
        work.commit().await
    }
}

impl Context {
    /// Takes in what rows of a file say, of which some were taken before.
    pub(super) async fn take_rows(
        &self,
        work: &mut TenantWork,
        kind: ImportKind,
        records: Vec<Result<Record, Refusal>>,
        bringing: Bringing,
        costs_said: &mut RowsSaid,
    ) -> Result<Vec<Taken>, StoreError> {
        match kind {
            ImportKind::Costs => cost_files::take(self, work, records, bringing, costs_said).await,
            kind => self.take(work, kind, records, bringing).await,
        }
    }
}

/// What rows say, by their fields.
fn records(rows: Vec<Row>, mapping: &Mapping) -> Vec<Result<Record, Refusal>> {
    let record = |row: StringRecord| Record::of_cells(mapping.cells(row.iter()));
    rows.into_iter().map(|(_, row)| row.map(record)).collect()
}

/// The rows of a file, to be read once more.
pub(super) struct FileRows<'a> {
    source: &'a Source,
    mapping: &'a Mapping,
}

impl FileRows<'_> {
    /// Hands on what the rows say, piece by piece.
    pub(super) async fn each(
        &self,
        mut hear: impl FnMut(Vec<Result<Record, Refusal>>),
    ) -> Result<(), ImportError> {
        let mut pieces = pieces((self.source)().map_err(ImportError::File)?);
        while let Some(piece) = pieces.recv().await {
            match piece {
                Piece::Heading(_) => {}
                Piece::Rows(rows) => hear(records(rows, self.mapping)),
                Piece::Broken(error) => return Err(ImportError::File(error)),
            }
        }
        Ok(())
    }
}

/// Counts a row, and says what is wrong with it.
fn count(counts: &mut Counts, line: u64, taken: &Taken) -> Option<RowProblem> {
    counts.rows += 1;
    match taken {
        Ok(Put::New) => counts.created += 1,
        Ok(Put::Changed) => counts.changed += 1,
        Ok(Put::Same) => {}
        Err(refusal) => {
            counts.refused += 1;
            let problem = problem(line, refusal);
            if counts.problems.len() < PROBLEMS_KEPT {
                counts.problems.push(problem.clone());
            }
            return Some(problem);
        }
    }
    None
}

fn problem(line: u64, refusal: &Refusal) -> RowProblem {
    let field = match refusal {
        Refusal::Field { field, .. } => *field,
        Refusal::Conflict(_) => "email",
        _ => "",
    };
    RowProblem { line, field: field.to_owned(), message: refusal.to_string() }
}

/// What the columns of a file are called.
pub(super) async fn heading_of(source: Box<dyn Read + Send>) -> Result<Vec<String>, ImportError> {
    match pieces(source).recv().await {
        Some(Piece::Heading(heading)) => Ok(heading),
        Some(Piece::Broken(error)) => Err(ImportError::File(error)),
        _ => Err(Refusal::field("file", "the file is empty").into()),
    }
}

/// Reads a file in a thread of its own, never more than a few pieces ahead.
fn pieces(source: Box<dyn Read + Send>) -> mpsc::Receiver<Piece> {
    let (sender, receiver) = mpsc::channel(2);
    tokio::task::spawn_blocking(move || {
        if let Err(error) = read_pieces(source, &sender) {
            // Whoever no longer listens does not want to know.
            let _ = sender.blocking_send(Piece::Broken(error));
        }
    });
    receiver
}

fn read_pieces(source: Box<dyn Read + Send>, to: &mpsc::Sender<Piece>) -> io::Result<()> {
    let mut source = BufReader::with_capacity(LOOKED_AT, source);
    let first_line = first_line(source.fill_buf()?).to_vec();
    let between = between_cells(&first_line);
    // A line that ends with CR and LF counts for the reader only when it comes upon the next one.
    let lag = u64::from(first_line.ends_with(b"\r"));
    let mut reader = ReaderBuilder::new().delimiter(between).flexible(true).from_reader(source);
    let heading = reader.byte_headers()?;
    let heading: Vec<String> =
        heading.iter().map(|name| String::from_utf8_lossy(name).into_owned()).collect();
    let width = heading.len();
    if to.blocking_send(Piece::Heading(heading)).is_err() {
        return Ok(());
    }
    let mut rows = Vec::with_capacity(ROWS_AT_ONCE);
    let mut record = ByteRecord::new();
    while reader.read_byte_record(&mut record)? {
        rows.push(row(&record, width, lag));
        if rows.len() == ROWS_AT_ONCE && to.blocking_send(Piece::Rows(std::mem::take(&mut rows))).is_err() {
            return Ok(());
        }
    }
    if !rows.is_empty() {
        let _ = to.blocking_send(Piece::Rows(rows));
    }
    Ok(())
}

fn row(record: &ByteRecord, width: usize, lag: u64) -> Row {
    let line = record.position().map_or(0, ::csv::Position::line) + lag;
    if record.len() != width {
        let message = format!("the row has {} cells, and the heading {width}", record.len());
        return (line, Err(Refusal::Unreadable(message)));
    }
    let text = StringRecord::from_byte_record(record.clone());
    (line, text.map_err(|_| Refusal::Unreadable("the row is not written in UTF-8".to_owned())))
}

fn first_line(beginning: &[u8]) -> &[u8] {
    beginning.split(|byte| *byte == b'\n').next().unwrap_or_default()
}

/// Commas, semicolons or tabs: what the first line has most of.
fn between_cells(first_line: &[u8]) -> u8 {
    let times = |sign: u8| first_line.iter().filter(|byte| **byte == sign).count();
    [b'\t', b';', b','].into_iter().max_by_key(|sign| times(*sign)).unwrap_or(b',')
}
