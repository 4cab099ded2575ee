//! The store on a real PostgreSQL: what its methods keep, and whom they keep out.

#![cfg(test)]

mod accounts;
mod actions_walls;
mod alerts_walls;
mod channels_walls;
mod comments;
mod connections_walls;
mod job_queue;
mod jobs_walls;
mod keeping;
mod pipeline_figures_walls;
mod pipeline_walls;
mod roles;
mod row_security;
mod support;
mod walls;
mod work;
