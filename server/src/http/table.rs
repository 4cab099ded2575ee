//! The routes as they are added: what is not in the table is no route, and tests read it.

use axum::Router;
use axum::handler::Handler;
use axum::routing::{MethodFilter, MethodRouter, on};

use super::Services;

/// A route of the program.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Route {
    /// `GET`, `POST`, `PUT`, `PATCH` or `DELETE`.
    pub method: &'static str,
    /// The path, with its parameters in braces.
    pub path: String,
}

/// Routes, and the router made of them.
#[derive(Debug, Default)]
pub(super) struct Table {
    router: Router<Services>,
    routes: Vec<Route>,
}

impl Table {
    /// Answers `GET` at a path.
    pub(super) fn get<H, T>(self, path: &str, handler: H) -> Self
    where
        H: Handler<T, Services>,
        T: 'static,
    {
        self.add("GET", path, on(MethodFilter::GET, handler))
    }

    /// Answers `POST` at a path.
    pub(super) fn post<H, T>(self, path: &str, handler: H) -> Self
    where
        H: Handler<T, Services>,
        T: 'static,
    {
        self.add("POST", path, on(MethodFilter::POST, handler))
    }

    /// Answers `PUT` at a path.
    pub(super) fn put<H, T>(self, path: &str, handler: H) -> Self
    where
        H: Handler<T, Services>,
        T: 'static,
    {
        self.add("PUT", path, on(MethodFilter::PUT, handler))
    }

    /// Answers `PATCH` at a path.
    pub(super) fn patch<H, T>(self, path: &str, handler: H) -> Self
    where
        H: Handler<T, Services>,
        T: 'static,
    {
        self.add("PATCH", path, on(MethodFilter::PATCH, handler))
    }

    /// Answers `DELETE` at a path.
    pub(super) fn delete<H, T>(self, path: &str, handler: H) -> Self
    where
        H: Handler<T, Services>,
        T: 'static,
    {
        self.add("DELETE", path, on(MethodFilter::DELETE, handler))
    }

    fn add(mut self, method: &'static str, path: &str, answer: MethodRouter<Services>) -> Self {
        self.routes.push(Route { method, path: path.to_owned() });
        Self { router: self.router.route(path, answer), ..self }
    }

    /// The router, to be merged with others.
    pub(super) fn into_router(self) -> Router<Services> {
        self.router
    }

    /// What was added.
    pub(super) fn into_routes(self) -> Vec<Route> {
        self.routes
    }
}
