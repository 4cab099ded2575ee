//! The forms of files that are brought in.

use app::visit::Notice;

use super::posted::Posted;
use super::{Done, Poster};
use crate::accounts::Refusal;

/// More columns than this nobody says anything of.
const MOST_COLUMNS: usize = 200;

impl Poster<'_> {
    pub(super) async fn check_file(&self, posted: &mut Posted) -> Result<Done, Refusal> {
        let (viewer, file) = (self.viewer()?, posted.take("file"));
        let columns = (0..MOST_COLUMNS).map_while(|place| {
            let column = posted.take_sent(&format!("column_{place}"))?;
            Some((column, posted.take(&format!("field_{place}"))))
        });
        let said = columns.collect();
        let Self { services, .. } = self;
        services.pipeline.check_upload(&viewer, &file, said, &services.applier).await?;
        Ok(Done::Said(Notice::FileChecking))
    }

    pub(super) async fn import_file(&self, posted: &mut Posted) -> Result<Done, Refusal> {
        let (viewer, file) = (self.viewer()?, posted.take("file"));
        let Self { services, sender, .. } = self;
        services.pipeline.import_upload(&viewer, &file, sender, &services.applier).await?;
        Ok(Done::Said(Notice::FileImporting))
    }

    pub(super) async fn undo_import(&self, posted: &mut Posted) -> Result<Done, Refusal> {
        let (viewer, import) = (self.viewer()?, posted.take("import"));
        self.services.pipeline.undo_import(&viewer, &import, self.sender).await?;
        self.services.applier.wake();
        self.services.applier.announce(viewer.tenant);
        Ok(Done::Said(Notice::ImportUndone))
    }
}
