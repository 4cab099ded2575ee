//! The forms of who steers jobs.

use app::visit::Notice;

use super::posted::Posted;
use super::{Done, Poster};
use crate::accounts::Refusal;
use crate::jobs::Steering;

impl Poster<'_> {
    pub(super) async fn steer_job(
        &self,
        posted: &mut Posted,
        steering: Steering,
        done: Notice,
    ) -> Result<Done, Refusal> {
        let job = posted.take("job");
        self.services.jobs.steer(&self.viewer()?, &job, steering, self.sender).await?;
        Ok(Done::Said(done))
    }
}
