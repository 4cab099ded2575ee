//! What is done to leads: looking them up, and writing to them once more.
//!
//! [`choosing`] says of each lead whether it is done to them and at which tool, or why not. [`asking`] shows that and takes
//! it on. [`calling`] is the job: lead by lead the tool is asked once ([`speaking`]), and what it said is kept before the
//! next. A lead
//! whose tool was asked when the program ended is not asked about again: nobody knows what the tool made of it.

mod asking;
mod calling;
mod choosing;
mod finding;
mod speaking;

pub use asking::LeadsAsked;
pub(crate) use asking::seen_of;
pub(crate) use finding::found_of;
