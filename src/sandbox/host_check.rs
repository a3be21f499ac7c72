//! Rejects requests that do not come from programs on this machine: requests from web pages in a browser, also if the
//! name of their server suddenly resolves to this machine (DNS rebinding).

use std::net::IpAddr;

use axum::http::uri::Authority;
use axum::http::{HeaderMap, Request, header};

use super::error::Refusal;

/// Returns the error if the request is rejected.
pub(super) fn refusal<B>(request: &Request<B>, own_url: &str) -> Option<Refusal> {
    let headers = request.headers();
    let of_uri = request.uri().authority().map(Authority::as_str);
    let hosts = texts(headers, header::HOST).chain(of_uri);
    if let Some(host) = hosts.into_iter().find(|host| !is_loopback(host)) {
        return Some(Refusal::foreign_host(host));
    }
    let origin = texts(headers, header::ORIGIN).find(|origin| *origin != own_url)?;
    Some(Refusal::foreign_origin(origin))
}

/// Returns all values of a header; a value that is not text becomes `?`, which is not a name of this machine.
fn texts(headers: &HeaderMap, name: header::HeaderName) -> impl Iterator<Item = &str> {
    headers.get_all(name).iter().map(|value| value.to_str().unwrap_or("?"))
}

/// Whether a `Host` names this machine: `localhost` or an address of the loopback interface, with any port.
fn is_loopback(host: &str) -> bool {
    let Ok(authority) = host.parse::<Authority>() else { return false };
    let name = authority.host();
    let address = name.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
    name.eq_ignore_ascii_case("localhost") || address.is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_of_this_machine_are_answered() {
        for host in ["127.0.0.1:4711", "localhost", "LOCALHOST:1", "[::1]:80", "127.1.2.3", "[::1]"] {
            assert!(is_loopback(host), "{host}");
        }
        for host in ["evil.example", "evil.example:4711", "localhost.evil.example", "10.0.0.1", "", "?", "a b", "[::2]"]
        {
            assert!(!is_loopback(host), "{host}");
        }
    }

    #[test]
    fn a_web_page_is_refused_and_the_sandboxs_own_is_not() {
        let refused = |headers: &[(&str, &str)], uri: &str| {
            let mut request = Request::builder().uri(uri);
            for (name, value) in headers {
                request = request.header(*name, *value);
            }
            refusal(&request.body(()).unwrap(), "http://127.0.0.1:1").is_some()
        };
        let own = ("host", "127.0.0.1:1");
        assert!(!refused(&[own], "/v1/apikeys"));
        assert!(!refused(&[], "/v1/apikeys"), "as HTTP/1.0 has it");
        assert!(!refused(&[own, ("origin", "http://127.0.0.1:1")], "/"));
        for origin in ["https://evil.example", "null", "http://127.0.0.1:2", ""] {
            assert!(refused(&[own, ("origin", origin)], "/"), "{origin}");
        }
        assert!(refused(&[("host", "evil.example")], "/"));
        assert!(refused(&[own, ("host", "evil.example")], "/"));
        assert!(refused(&[own], "http://evil.example/v1/apikeys"));
    }
}
