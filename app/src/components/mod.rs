//! Data in, markup out; no component asks for anything.
//!
//! To add one: a file named by what it shows, its stylesheet of the same name in `style/`, and a line here.

mod channel_mark;
mod channel_table;
mod figure_card;
mod figure_row;
mod layout;
mod ledger_filters;
mod ledger_table;
mod notes;
mod period_picker;
mod periods_table;
mod product_table;
mod revenue_chart;
mod sentence;
mod welcome;

pub use channel_mark::ChannelMark;
pub use channel_table::ChannelTable;
pub use figure_row::FigureRow;
pub use layout::{Layout, Place};
pub use ledger_filters::LedgerFilters;
pub use ledger_table::LedgerTable;
pub use notes::{Note, Notes, overview_notes};
pub use period_picker::PeriodPicker;
pub use periods_table::PeriodsTable;
pub use product_table::ProductTable;
pub use revenue_chart::RevenueChart;
pub use sentence::Sentence;
pub use welcome::Welcome;
