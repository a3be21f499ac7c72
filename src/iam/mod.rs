//! A typed client of the remote IAM Identity service. It does not depend on sessions, terminals or flags.
//!
//! Facts about the protocol come from IBM's API documentation and published SDKs. Where those say nothing, the client
//! makes no assumptions.

pub mod accounts;
mod certificates;
pub mod client;
pub mod clock;
pub mod endpoint;
pub mod error;
pub mod filter;
pub mod http;
pub mod identity;
mod json;
mod lenient;
pub mod new_key;
mod page;
pub mod paging;
pub mod renewal;
pub mod request;
pub mod retry;
pub mod service_ids;
pub mod trace;
pub mod types;
pub mod verified;
pub mod waiting;

pub use client::{Client, KeyQuery, Scope};
pub use endpoint::Endpoint;
pub use error::Error;
pub use http::HttpOptions;
pub use identity::Identity;
pub use new_key::{CreateAnswer, CreatedKey, KeyChanges, KeyDraft};
pub use types::{ApiKey, Key};
