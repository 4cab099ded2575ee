//! The screens, rendered without a server: what they say, where they lead, that nothing escapes.

#[cfg(test)]
mod accounts;
#[cfg(test)]
mod actions;
#[cfg(test)]
mod alerts;
mod campaigns;
#[cfg(test)]
mod channel_settings;
#[cfg(test)]
mod costs;
#[cfg(test)]
mod customers;
#[cfg(test)]
mod desk;
#[cfg(test)]
mod document;
#[cfg(test)]
mod events;
#[cfg(test)]
mod explain;
#[cfg(test)]
mod failed_payments;
#[cfg(test)]
mod figures;
#[cfg(test)]
mod hostility;
#[cfg(test)]
mod imports;
mod jobs;
#[cfg(test)]
mod leads;
#[cfg(test)]
mod metrics;
#[cfg(test)]
mod office;
#[cfg(test)]
mod pages;
#[cfg(test)]
mod preview;
#[cfg(test)]
mod recurring;
mod restatements;
mod routes;
#[cfg(test)]
mod sentences;
#[cfg(test)]
mod series;
#[cfg(test)]
mod settings;
#[cfg(test)]
mod style;
#[cfg(test)]
mod unknown;
#[cfg(test)]
mod visits;
