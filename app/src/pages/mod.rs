//! One module per page: read the address, ask the desk once, show the answer.
//!
//! Each page has a view that takes the answer and nothing else, which tests render without a server.

mod asking;
mod command_center;
mod not_found;
mod refusal;
mod revenue;

pub use command_center::{CommandCenterPage, CommandCenterView};
pub use not_found::NotFoundPage;
pub use refusal::RefusalView;
pub use revenue::{RevenuePage, RevenueView};
