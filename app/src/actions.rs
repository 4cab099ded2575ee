//! What the pages of actions are asked and answered.

use domain::action::leads::{LeadState, LeadsPreview};
use domain::action::outcome::Outcome;
use domain::action::{ActionKind, CampaignPreview, State, Step};
use domain::channel::ChannelList;
use domain::connection::Tool;
use domain::ids::{ActionId, LeadId};
use domain::tenant::Tenant;
use jiff::Timestamp;

/// Which actions a page asks for, in the words of its address.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ActionsQuestion {
    /// Another tenant than the viewer's own.
    pub tenant_id: Option<String>,
    /// Only of this kind.
    pub kind: Option<String>,
    /// Only in this state.
    pub state: Option<String>,
    /// Only of campaigns of this channel.
    pub channel: Option<String>,
    /// Those after the page this was given out with.
    pub cursor: Option<String>,
}

/// What was done.
#[derive(Clone, Debug)]
pub struct ActionsPage {
    /// Whose.
    pub tenant: Tenant,
    /// Its channels.
    pub channels: ChannelList,
    /// What was done, the newest first.
    pub lines: Vec<ActionLine>,
    /// Where the next page begins.
    pub next: Option<String>,
}

/// Something that was done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ActionLine {
    /// Which.
    pub id: ActionId,
    /// What.
    pub kind: ActionKind,
    /// What it was done to.
    pub name: String,
    /// The tool it is of; `None` when it is of several.
    pub connector: Option<String>,
    /// Where it is.
    pub state: State,
    /// Who asked for it.
    pub asked_by: String,
    /// When.
    pub asked_at: Timestamp,
    /// What the tool answered, as text.
    pub answer: Option<String>,
    /// Why it is not done, or not known.
    pub problem: Option<String>,
    /// Whether it takes another back.
    pub is_undo: bool,
    /// Whether it can be taken back.
    pub can_undo: bool,
    /// What came of it, once that is known.
    pub outcome: Option<Outcome>,
    /// When that is known, if it is to be.
    pub outcome_at: Option<Timestamp>,
    /// Its life, the newest step first.
    pub history: Vec<ActionEventLine>,
    /// How far it is with each lead, when it is done to leads.
    pub leads: Vec<ActionLeadLine>,
}

/// How far an action is with one lead.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ActionLeadLine {
    /// Who.
    pub lead: LeadId,
    /// What they are called.
    pub name: String,
    /// How far it is.
    pub state: LeadState,
    /// Why it came to nothing, or is not known.
    pub problem: Option<String>,
    /// What they were written.
    pub message: Option<String>,
    /// What was found of them, as names and values.
    pub found: Vec<(String, String)>,
}

/// A step of an action's life.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ActionEventLine {
    /// What happened.
    pub step: Step,
    /// Who did it; `None` when the program did.
    pub by: Option<String>,
    /// What there is to know of it.
    pub note: Option<String>,
    /// When.
    pub at: Timestamp,
}

/// What somebody wants to have done, in the words of the address.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ConfirmationQuestion {
    /// Another tenant than the viewer's own.
    pub tenant_id: Option<String>,
    /// What.
    pub kind: String,
    /// To which campaign.
    pub campaign: String,
}

/// What it would touch.
#[derive(Clone, Debug)]
pub struct ConfirmationPage {
    /// Whose.
    pub tenant: Tenant,
    /// Its channels.
    pub channels: ChannelList,
    /// What it would touch.
    pub preview: CampaignPreview,
    /// Why it cannot be done as things are.
    pub obstacle: Option<String>,
    /// What the form calls it, so that sent twice it is done once.
    pub key: String,
}

/// What somebody wants to have done to leads, in the words of the address.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LeadsConfirmationQuestion {
    /// Another tenant than the viewer's own.
    pub tenant_id: Option<String>,
    /// What.
    pub kind: String,
    /// To whom.
    pub leads: Vec<String>,
    /// What they are written; what was written last, otherwise.
    pub text: Option<String>,
    /// The tool that is to look them up; the first that can, otherwise.
    pub tool: Option<String>,
}

/// Whom it would touch.
#[derive(Clone, Debug)]
pub struct LeadsConfirmationPage {
    /// Whose.
    pub tenant: Tenant,
    /// Whom it would touch, and who is left alone.
    pub preview: LeadsPreview,
    /// Why it cannot be done as things are.
    pub obstacle: Option<String>,
    /// What names what is shown, so that nothing else is done.
    pub seen: String,
    /// The tools that can be asked to look people up.
    pub tools: Vec<Tool>,
    /// What the form calls it, so that sent twice it is done once.
    pub key: String,
}
