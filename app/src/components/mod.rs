//! Data in, markup out; no component asks for anything.
//!
//! To add one: a file named by what it shows, its stylesheet of the same name in `style/`, and a line here.

mod channel_mark;
mod channel_table;
mod confirmation;
mod event_filters;
mod event_table;
mod failure_table;
mod fields;
mod figure_card;
mod figure_row;
mod layout;
mod ledger_filters;
mod ledger_table;
mod lone;
mod moment;
mod notes;
mod notice_line;
mod period_picker;
mod periods_table;
mod place;
mod post_form;
mod product_table;
mod revenue_chart;
mod row_story;
mod sentence;
mod shown_once;
mod stripe_object;
mod switcher;
mod welcome;

pub use channel_mark::ChannelMark;
pub use channel_table::ChannelTable;
pub use confirmation::Confirmation;
pub use event_filters::EventFilters;
pub use event_table::{Effects, EventTable, StateTag};
pub use failure_table::{FailureTable, standing_name};
pub use fields::{SelectField, TextArea, TextField};
pub use figure_row::FigureRow;
pub use layout::Layout;
pub use ledger_filters::LedgerFilters;
pub use ledger_table::LedgerTable;
pub use lone::Lone;
pub use moment::Moment;
pub use notes::{Note, Notes, overview_notes};
pub use notice_line::NoticeLine;
pub use period_picker::{HiddenFields, PeriodPicker};
pub use periods_table::PeriodsTable;
pub use place::Place;
pub use post_form::{PostForm, RowProblem};
pub use product_table::ProductTable;
pub use revenue_chart::RevenueChart;
pub use sentence::Sentence;
pub use shown_once::ShownOnce;
pub use stripe_object::StripeObject;
pub use switcher::Switcher;
pub use welcome::Welcome;
