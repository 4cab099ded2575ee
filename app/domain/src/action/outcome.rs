//! What came of an action: what a campaign sent and was answered in the days before and after.
//!
//! Before and after is no proof: other things changed, too. Few messages say nothing at all.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::ActionKind;

/// Over how many days before and after it is counted.
pub const DAYS: i64 = 7;

/// Fewer messages than these in both weeks together say nothing.
const ENOUGH: i64 = 20;

/// What a campaign did over some days.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Activity {
    /// Messages that went out.
    pub sent: i64,
    /// Answers that came.
    pub replied: i64,
}

/// What came of an action.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outcome {
    /// The days before.
    pub before: Activity,
    /// The days after.
    pub after: Activity,
    /// How it reads.
    pub verdict: Verdict,
}

/// How an outcome reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// As expected.
    AsExpected,
    /// Otherwise.
    Otherwise,
    /// Too little happened to tell.
    TooLittle,
}

/// The days looked at around the moment something was done, as their beginning and end; the moment is between.
#[must_use]
pub fn window(done_at: Timestamp) -> (Timestamp, Timestamp) {
    let days = SignedDuration::from_hours(24 * DAYS);
    (done_at.saturating_sub(days).unwrap_or(done_at), done_at.saturating_add(days).unwrap_or(done_at))
}

/// What came of something that was done, once its days are over.
#[must_use]
pub fn outcome(kind: ActionKind, before: Activity, after: Activity) -> Outcome {
    Outcome { before, after, verdict: verdict(kind, before, after) }
}

fn verdict(kind: ActionKind, before: Activity, after: Activity) -> Verdict {
    if before.sent + after.sent < ENOUGH {
        return Verdict::TooLittle;
    }
    let is_as_expected = match kind {
        // What was on its way when it was paused may still arrive.
        ActionKind::PauseCampaign => after.sent * 10 <= before.sent,
        ActionKind::LaunchCampaign | ActionKind::ResumeCampaign => after.sent > before.sent,
        // Of leads other things are counted.
        ActionKind::RetryEnrichment | ActionKind::SendFollowUp => return Verdict::TooLittle,
    };
    if is_as_expected { Verdict::AsExpected } else { Verdict::Otherwise }
}

impl Verdict {
    /// How it reads, for people.
    #[must_use]
    pub const fn in_words(self) -> &'static str {
        match self {
            Self::AsExpected => "as expected",
            Self::Otherwise => "not as expected",
            Self::TooLittle => "too little happened to tell",
        }
    }
}
