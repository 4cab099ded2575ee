//! Every connector against its tool, which stands on this machine and behaves as its documents say.

#![cfg(test)]

mod deeds;
mod deliveries;
mod lists;
mod looking_up;
mod support;
