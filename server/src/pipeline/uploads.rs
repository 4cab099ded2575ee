//! Files a person sends from a page: kept in pieces, looked at, read to see what would become of them, brought in.
//!
//! Reading goes on behind the page, which shows how far it has come. What is kept is forgotten after a day.

use std::collections::BTreeMap;
use std::io::{self, Cursor, Read};

use domain::access::Viewer;
use domain::ids::{ImportFileId, ImportId, TenantId};
use domain::importing::{FileState, ImportKind};
use jiff::SignedDuration;
use store::import_files::{MOST_OF_A_PIECE, StoredFile};
use store::{Store, StoreError};
use tokio::sync::mpsc;

use super::import::heading_of;
use super::{FileToImport, ImportError, Mapping, Pipeline, Progress};
use crate::accounts::{Refusal, Sender, name_of};
use crate::applier::Applier;
use crate::chance::new_id;

/// A larger file is refused.
pub const MOST_BYTES: usize = 50 * 1024 * 1024;

/// How long files are kept, and how many of a tenant's.
const KEPT_HOURS: i64 = 24;
const MOST_FILES: i64 = 5;

/// A reading nobody has heard of for so long has ended with the program.
const SILENT_MINUTES: i64 = 2;

/// The most columns of which somebody can say what they are.
const MOST_COLUMNS: usize = 200;

/// A file with what its columns are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Uploaded {
    /// The file.
    pub file: StoredFile,
    /// What its columns are called, each with the field it is read as.
    pub columns: Vec<(String, Option<&'static str>)>,
    /// Whether reading it ended with the program.
    pub is_silent: bool,
}

/// A file while it arrives.
#[derive(Debug)]
pub struct Receiving {
    pipeline: Pipeline,
    tenant: TenantId,
    file: ImportFileId,
    gathered: Vec<u8>,
    pieces: i32,
    size: usize,
}

impl Pipeline {
    /// Begins to receive a file of a viewer's.
    pub async fn receive(&self, viewer: &Viewer, kind: ImportKind, name: &str) -> Result<Receiving, Refusal> {
        viewer.require(kind.needs())?;
        let name: String = name.chars().filter(|character| !character.is_control()).take(300).collect();
        let name = if name.trim().is_empty() { "a file".to_owned() } else { name.trim().to_owned() };
        let now = self.clock.now();
        let file = ImportFileId(new_id());
        let mut work = self.store.within(viewer.tenant).await?;
        work.import_files_forget(now - SignedDuration::from_hours(KEPT_HOURS), MOST_FILES - 1).await?;
        work.import_file_add(&StoredFile::arriving(file, kind, name, name_of(&viewer.actor), now)).await?;
        work.commit().await?;
        let pipeline = self.clone();
        Ok(Receiving { pipeline, tenant: viewer.tenant, file, gathered: Vec::new(), pieces: 0, size: 0 })
    }

    /// A file that was sent, with what its columns are said to be, or else are like.
    pub async fn uploaded(&self, viewer: &Viewer, id: &str) -> Result<Uploaded, Refusal> {
        let file = self.sent(viewer, id).await?;
        let columns = match file.state {
            FileState::Arriving | FileState::Done => Vec::new(),
            _ => self.columns_of(viewer.tenant, &file).await?,
        };
        let silent = SignedDuration::from_mins(SILENT_MINUTES);
        let is_silent = file.state.is_running() && file.told_at + silent < self.clock.now();
        Ok(Uploaded { file, columns, is_silent })
    }

    async fn sent(&self, viewer: &Viewer, id: &str) -> Result<StoredFile, Refusal> {
        let id: ImportFileId = id.parse().map_err(|_| Refusal::NotFound)?;
        let mut work = self.store.within(viewer.tenant).await?;
        let file = work.import_file(id).await?.ok_or(Refusal::NotFound)?;
        viewer.require(file.kind.needs())?;
        Ok(file)
    }

    async fn columns_of(
        &self,
        tenant: TenantId,
        file: &StoredFile,
    ) -> Result<Vec<(String, Option<&'static str>)>, Refusal> {
        let heading = match heading_of(kept(self.store.clone(), tenant, file.id)).await {
            Ok(heading) => heading,
            Err(ImportError::Refused(Refusal::Ours(error))) => return Err(error.into()),
            // What it is is said when it is read.
            Err(_) => return Ok(Vec::new()),
        };
        let said: BTreeMap<&str, &str> =
            file.said.iter().map(|(column, field)| (column.as_str(), field.as_str())).collect();
        let guessed = Mapping::guessed(file.kind, &heading);
        let columns = guessed.columns().take(MOST_COLUMNS).map(|(column, guessed)| {
            let field = match said.get(column) {
                Some(field) => super::fields_of(file.kind).iter().copied().find(|known| known == field),
                None => guessed,
            };
            (column.to_owned(), field)
        });
        Ok(columns.collect())
    }

    /// Begins to read a file, to see what would become of its rows; nothing of them is kept.
    pub async fn check_upload(
        &self,
        viewer: &Viewer,
        id: &str,
        said: Vec<(String, String)>,
        applier: &Applier,
    ) -> Result<(), Refusal> {
        let file = self.sent(viewer, id).await?;
        let from = [FileState::Waiting, FileState::Checked, FileState::Failed];
        let file = StoredFile { said, ..file };
        self.begin(viewer, file, (&from, FileState::Checking), &Sender::default(), applier).await
    }

    /// Begins to bring a file in, as it was read the last time.
    pub async fn import_upload(
        &self,
        viewer: &Viewer,
        id: &str,
        sender: &Sender,
        applier: &Applier,
    ) -> Result<(), Refusal> {
        let file = self.sent(viewer, id).await?;
        self.begin(viewer, file, (&[FileState::Checked], FileState::Importing), sender, applier).await
    }

    async fn begin(
        &self,
        viewer: &Viewer,
        file: StoredFile,
        (from, to): (&[FileState], FileState),
        sender: &Sender,
        applier: &Applier,
    ) -> Result<(), Refusal> {
        let now = self.clock.now();
        let stale = now - SignedDuration::from_mins(SILENT_MINUTES);
        let mut work = self.store.within(viewer.tenant).await?;
        if !work.import_file_begin(file.id, (from, to), &file.said, (stale, now)).await? {
            let message = "this cannot be done with the file as it is now: reload the page to see it";
            return Err(Refusal::Conflict(message.to_owned()));
        }
        work.commit().await?;
        let reading = Reading {
            pipeline: self.clone(),
            viewer: viewer.clone(),
            is_dry_run: to == FileState::Checking,
            sender: sender.clone(),
            applier: applier.clone(),
            file,
        };
        tokio::spawn(reading.run());
        Ok(())
    }
}

impl Receiving {
    /// Takes in more of the file; refuses it when it grows too large.
    pub async fn take(&mut self, bytes: &[u8]) -> Result<(), Refusal> {
        self.size += bytes.len();
        if self.size > MOST_BYTES {
            let message =
                format!("the file is larger than {} MB: send it in parts", MOST_BYTES / 1024 / 1024);
            return Err(Refusal::field("file", message));
        }
        self.gathered.extend_from_slice(bytes);
        while self.gathered.len() >= MOST_OF_A_PIECE {
            let rest = self.gathered.split_off(MOST_OF_A_PIECE);
            let piece = std::mem::replace(&mut self.gathered, rest);
            self.keep(&piece).await?;
        }
        Ok(())
    }

    async fn keep(&mut self, piece: &[u8]) -> Result<(), StoreError> {
        let mut work = self.pipeline.store.within(self.tenant).await?;
        work.import_file_piece_add(self.file, self.pieces, piece).await?;
        work.commit().await?;
        self.pieces += 1;
        Ok(())
    }

    /// Says that this was all of it.
    pub async fn finish(mut self) -> Result<ImportFileId, Refusal> {
        if self.size == 0 {
            return Err(Refusal::field("file", "the file is empty"));
        }
        let rest = std::mem::take(&mut self.gathered);
        if !rest.is_empty() {
            self.keep(&rest).await?;
        }
        let size = i64::try_from(self.size).unwrap_or(i64::MAX);
        let mut work = self.pipeline.store.within(self.tenant).await?;
        work.import_file_arrived(self.file, size, self.pipeline.clock.now()).await?;
        work.commit().await?;
        Ok(self.file)
    }
}

/// A file while it is read behind the page.
struct Reading {
    pipeline: Pipeline,
    viewer: Viewer,
    file: StoredFile,
    is_dry_run: bool,
    sender: Sender,
    applier: Applier,
}

impl Reading {
    async fn run(self) {
        let (progress, heard) = mpsc::channel(2);
        let (read, told) = tokio::join!(self.read(progress), self.tell(heard));
        let ended = match told {
            Ok(()) => self.end(read).await,
            Err(error) => Err(error),
        };
        if let Err(error) = ended {
            tracing::error!(%error, "how far a file was read could not be written down");
        }
        self.applier.wake();
        self.applier.announce(self.viewer.tenant);
    }

    async fn read(&self, progress: mpsc::Sender<Progress>) -> Result<Option<ImportId>, ImportError> {
        let (store, tenant, id) = (self.pipeline.store.clone(), self.viewer.tenant, self.file.id);
        let file = FileToImport {
            kind: self.file.kind,
            name: self.file.file_name.clone(),
            source: Box::new(move || Ok(kept(store.clone(), tenant, id))),
            said: self.file.said.clone(),
            is_dry_run: self.is_dry_run,
            progress: Some(progress),
        };
        let imported = self.pipeline.import(&self.viewer, file, &self.sender).await?;
        Ok(imported.id)
    }

    async fn tell(&self, mut heard: mpsc::Receiver<Progress>) -> Result<(), StoreError> {
        while let Some(Progress { counts, problems }) = heard.recv().await {
            let mut work = self.pipeline.store.within(self.viewer.tenant).await?;
            work.import_file_tell(self.file.id, &counts, &problems, self.pipeline.clock.now()).await?;
            work.commit().await?;
            self.applier.announce(self.viewer.tenant);
        }
        Ok(())
    }

    async fn end(&self, read: Result<Option<ImportId>, ImportError>) -> Result<(), StoreError> {
        let (state, problem, import) = match read {
            Ok(import) if self.is_dry_run => (FileState::Checked, None, import),
            Ok(import) => (FileState::Done, None, import),
            Err(ImportError::Refused(Refusal::Ours(error))) => {
                tracing::error!(%error, "a file could not be read");
                (FileState::Failed, Some("something failed on our side: try again".to_owned()), None)
            }
            Err(error) => (FileState::Failed, Some(error.to_string().chars().take(1_000).collect()), None),
        };
        let mut work = self.pipeline.store.within(self.viewer.tenant).await?;
        let now = self.pipeline.clock.now();
        work.import_file_end(self.file.id, state, (problem.as_deref(), import), now).await?;
        work.commit().await
    }
}

/// What a kept file holds, fetched a piece at a time by a task of its own.
fn kept(store: Store, tenant: TenantId, file: ImportFileId) -> Box<dyn Read + Send> {
    let (sender, pieces) = mpsc::channel(1);
    tokio::spawn(async move {
        let mut ordinal = 0;
        loop {
            let piece = piece(&store, tenant, file, ordinal).await;
            let is_last = !matches!(piece, Ok(Some(_)));
            let told = match piece {
                Ok(None) => Ok(()),
                Ok(Some(piece)) => sender.send(Ok(piece)).await,
                Err(error) => sender.send(Err(io::Error::other(error.to_string()))).await,
            };
            if is_last || told.is_err() {
                return;
            }
            ordinal += 1;
        }
    });
    Box::new(Kept { pieces, current: Cursor::new(Vec::new()) })
}

async fn piece(
    store: &Store,
    tenant: TenantId,
    file: ImportFileId,
    ordinal: i32,
) -> Result<Option<Vec<u8>>, StoreError> {
    store.within(tenant).await?.import_file_piece(file, ordinal).await
}

/// A kept file as it is read, in a thread that may wait.
struct Kept {
    pieces: mpsc::Receiver<io::Result<Vec<u8>>>,
    current: Cursor<Vec<u8>>,
}

impl Read for Kept {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            let read = self.current.read(buffer)?;
            if read > 0 || buffer.is_empty() {
                return Ok(read);
            }
            match self.pieces.blocking_recv() {
                Some(piece) => self.current = Cursor::new(piece?),
                None => return Ok(0),
            }
        }
    }
}
