//! Who may buy: lists of leads, and everything known of one.

use domain::action::ActionKind;
use domain::action::leads::LeadState;
use domain::channel::ChannelSlug;
use domain::connection::Tool;
use domain::deal::DealState;
use domain::ids::LeadId;
use domain::lead::{Stage, TouchKind};
use domain::ledger::EntryKind;
use domain::money::{Currency, Money};
use domain::period::DateRange;
use jiff::Timestamp;
use jiff::civil::Date;

use super::{PeriodQuestion, TenantView};

/// Which leads are asked for, in the words of the address.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LeadsQuestion {
    /// Whose, and, where days are named, those that came in them.
    pub period: PeriodQuestion,
    /// Only those of this channel.
    pub channel: Option<String>,
    /// Only those that stand in this stage.
    pub stage: Option<String>,
    /// Only those that ever reached this stage, or a later one.
    pub reached: Option<String>,
    /// The day at whose end they stand in the stage; without it now.
    pub at: Option<String>,
    /// `yes` for those that are stuck.
    pub stuck: Option<String>,
    /// `failed` for those that were looked up last in vain.
    pub lookup: Option<String>,
    /// Only those whose name, e-mail, company or id holds this.
    pub search: Option<String>,
    /// Where the page before ended.
    pub cursor: Option<String>,
    /// How many at most.
    pub limit: Option<String>,
}

/// A page of leads, the newest first.
#[derive(Clone, Debug, PartialEq)]
pub struct LeadsPage {
    /// Whose they are.
    pub tenant: TenantView,
    /// The days they came in, where days are asked for.
    pub range: Option<DateRange>,
    /// The day at whose end they stand in their stage, when it is not now.
    pub at: Option<Date>,
    /// The channel asked for.
    pub channel: Option<ChannelSlug>,
    /// When this was so.
    pub as_of: Timestamp,
    /// The leads of this page.
    pub lines: Vec<LeadLine>,
    /// How many the filter finds in all.
    pub leads_in_all: i64,
    /// The cursor of the next page; `None` on the last.
    pub next: Option<String>,
}

/// One lead.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeadLine {
    /// Its id.
    pub id: LeadId,
    /// What the person is called.
    pub name: Option<String>,
    /// Its e-mail.
    pub email: Option<String>,
    /// Its company.
    pub company: Option<String>,
    /// The channel it came by.
    pub channel: ChannelSlug,
    /// The stage it stands in.
    pub stage: Stage,
    /// Since when.
    pub stage_entered_at: Timestamp,
    /// When something last happened with it.
    pub last_activity_at: Timestamp,
    /// Who looks after it.
    pub owner: Option<String>,
    /// What it may be worth.
    pub value: Option<Money>,
    /// Whole days it has been in its stage, where that is too long.
    pub stuck_days: Option<i64>,
}

/// Everything known of a lead.
#[derive(Clone, Debug, PartialEq)]
pub struct LeadStory {
    /// Whose it is.
    pub tenant: TenantView,
    /// The lead.
    pub lead: LeadLine,
    /// The id it has where it came from.
    pub external_id: String,
    /// Where it came from, as its origin calls it.
    pub source: String,
    /// When it came.
    pub created_at: Timestamp,
    /// What it has paid, by currency, refunds taken off.
    pub paid: Vec<(Currency, i64)>,
    /// What happened, the newest first.
    pub events: Vec<LeadEvent>,
}

/// Something that happened with a lead.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeadEvent {
    /// When.
    pub at: Timestamp,
    /// What.
    pub what: LeadEventKind,
}

/// What happened with a lead.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LeadEventKind {
    /// It became a lead.
    Came,
    /// It entered a stage.
    Stage(Stage),
    /// Somebody or something touched it: the kind, the campaign and a note, where there are any.
    Touch {
        /// What kind.
        kind: TouchKind,
        /// The campaign it belongs to.
        campaign: Option<String>,
        /// What somebody wrote of it.
        note: Option<String>,
    },
    /// A deal with it was opened, won or lost.
    Deal {
        /// The deal.
        name: String,
        /// What became of it then.
        state: DealState,
        /// What it is worth.
        value: Money,
    },
    /// Somebody had something done to it.
    Action {
        /// What.
        kind: ActionKind,
        /// The tool that was asked.
        tool: Tool,
        /// How far it is.
        state: LeadState,
        /// Why it came to nothing, or is not known.
        problem: Option<String>,
        /// What the lead was written, or what was found of it.
        note: Option<String>,
    },
    /// Money moved: a row of the ledger.
    Money {
        /// Its kind.
        kind: EntryKind,
        /// How much.
        money: Money,
        /// The object of Stripe's it leads to.
        stripe_id: String,
    },
}
