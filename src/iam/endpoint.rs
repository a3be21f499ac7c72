//! The address of the service. A token is only sent over https, or over http to this machine.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use serde::{Deserialize, Serialize};
use url::{Host, Url};

/// The public service.
pub const PUBLIC: &str = "https://iam.cloud.ibm.com";

/// The hosts of IBM's IAM. Their subdomains are its private and regional hosts.
const IAMS: [&str; 2] = ["iam.cloud.ibm.com", "iam.test.cloud.ibm.com"];

/// A checked base URL: only scheme, host and port.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Endpoint {
    url: Url,
}

/// Why a text is not an endpoint. The message describes the problem, and does not repeat the text.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EndpointError {
    /// Not an absolute URL with a host.
    #[error("it is not a URL like {PUBLIC}")]
    NotAUrl,
    /// An http URL to another machine. Tokens would cross a network unencrypted.
    #[error("http is allowed only for this machine; use https")]
    Insecure,
    /// A URL with a user, path, query or fragment.
    #[error("it must contain only a scheme and a host, like {PUBLIC}")]
    NotBare,
}

impl Endpoint {
    /// Parses and checks a text.
    ///
    /// # Errors
    /// Why the text is not an endpoint.
    pub fn parse(text: &str) -> Result<Self, EndpointError> {
        let url = Url::parse(text.trim()).map_err(|_| EndpointError::NotAUrl)?;
        if !url.has_host() || !matches!(url.scheme(), "http" | "https") {
            return Err(EndpointError::NotAUrl);
        }
        let bare = url.username().is_empty()
            && url.password().is_none()
            && url.path() == "/"
            && url.query().is_none()
            && url.fragment().is_none();
        if !bare {
            return Err(EndpointError::NotBare);
        }
        let endpoint = Self { url };
        if endpoint.url.scheme() == "http" && !endpoint.is_loopback() {
            return Err(EndpointError::Insecure);
        }
        Ok(endpoint)
    }

    /// Whether the endpoint is on this machine.
    #[must_use]
    pub fn is_loopback(&self) -> bool {
        match self.url.host() {
            Some(Host::Domain(name)) => name == "localhost",
            Some(Host::Ipv4(address)) => IpAddr::V4(address).is_loopback(),
            Some(Host::Ipv6(address)) => IpAddr::V6(address).is_loopback(),
            None => false,
        }
    }

    /// Whether the endpoint is IBM's own IAM: over https, at the default port, with one of its host names.
    #[must_use]
    pub fn is_iams(&self) -> bool {
        let Some(Host::Domain(name)) = self.url.host() else {
            return false;
        };
        let of = |iam: &str| match name.strip_suffix(iam) {
            Some("") => true,
            Some(below) => below.strip_suffix('.').is_some_and(|labels| !labels.split('.').any(str::is_empty)),
            None => false,
        };
        self.is_https() && self.url.port().is_none() && IAMS.into_iter().any(of)
    }

    /// Returns the addresses of `localhost`, with the port of the endpoint.
    #[must_use]
    pub fn loopback_addresses(&self) -> [SocketAddr; 2] {
        let port = self.url.port_or_known_default().unwrap_or_default();
        [(Ipv4Addr::LOCALHOST, port).into(), (Ipv6Addr::LOCALHOST, port).into()]
    }

    /// Whether the endpoint uses https, and so needs certificates.
    #[must_use]
    pub fn is_https(&self) -> bool {
        self.url.scheme() == "https"
    }

    /// Parses the name of a cloud, as `-a` takes it, or an endpoint.
    ///
    /// # Errors
    /// As for [`Endpoint::parse`].
    pub fn of_cloud(text: &str) -> Result<Self, EndpointError> {
        let bare = text.trim().trim_start_matches("https://").trim_end_matches('/');
        Self::parse(match bare {
            "cloud.ibm.com" | "api.cloud.ibm.com" => PUBLIC,
            "private.cloud.ibm.com" => "https://private.iam.cloud.ibm.com",
            "test.cloud.ibm.com" => "https://iam.test.cloud.ibm.com",
            _ => text,
        })
    }

    /// Returns IBM's accounts service in the same domain. An endpoint that is not IBM's is returned itself.
    #[must_use]
    pub fn accounts_service(&self) -> Self {
        let host = self.url.host_str().unwrap_or_default();
        if !self.is_iams() {
            return self.clone();
        }
        // Regional hosts of the login pages have no corresponding accounts host.
        let host = match host.split_once("iam.") {
            Some((before, rest)) if before.is_empty() || before.starts_with("private.") => {
                format!("{before}accounts.{rest}")
            }
            Some((_, rest)) => format!("accounts.{rest}"),
            None => return self.clone(),
        };
        Self::parse(&format!("https://{host}")).unwrap_or_else(|_| self.clone())
    }

    /// Whether a web page for the user belongs to an endpoint: on the endpoint's own host, or on a host of IAM.
    #[must_use]
    pub fn is_page_of(page: &str, endpoint: &Self) -> bool {
        let Ok(page) = Url::parse(page) else {
            return false;
        };
        let host = page.host_str().unwrap_or_default();
        let plain = page.username().is_empty() && page.password().is_none();
        let on_iams = Self::parse(&format!("{}://{host}", page.scheme())).is_ok_and(|there| there.is_iams());
        plain && (page.origin() == endpoint.url.origin() || on_iams && page.port().is_none())
    }

    /// Returns the URL of an operation. `path` starts with a slash, and contains external text only in [`Segment`]s.
    #[must_use]
    pub fn join(&self, path: &str) -> String {
        format!("{self}{path}")
    }
}

impl TryFrom<String> for Endpoint {
    type Error = EndpointError;

    fn try_from(text: String) -> Result<Self, EndpointError> {
        Self::parse(&text)
    }
}

impl From<Endpoint> for String {
    fn from(endpoint: Endpoint) -> Self {
        endpoint.to_string()
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.url.as_str().trim_end_matches('/'))
    }
}

/// One segment of a URL path with external text, escaped so that it stays one segment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Segment(String);

impl Segment {
    /// Escapes the text; `None` for what a path cannot contain: an empty text, `.` and `..`.
    #[must_use]
    pub fn new(text: &str) -> Option<Self> {
        let usable = !matches!(text, "" | "." | "..");
        usable.then(|| {
            let mut escaped = String::with_capacity(text.len());
            for byte in text.bytes() {
                if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) {
                    escaped.push(char::from(byte));
                } else {
                    escaped.push_str(&format!("%{byte:02X}"));
                }
            }
            Self(escaped)
        })
    }
}

impl fmt::Display for Segment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Returns the given endpoint for a message, without a password in it.
#[must_use]
pub fn without_password(text: &str) -> String {
    text.rsplit_once('@').map_or_else(|| text.to_owned(), |(_, host)| format!("…@{host}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn https_anywhere_and_http_to_this_machine_only() {
        for good in [
            "https://iam.cloud.ibm.com",
            "https://iam.cloud.ibm.com/",
            "http://127.0.0.1:4711",
            "http://127.9.9.9",
            "http://[::1]:80",
            "http://localhost:1",
        ] {
            assert!(Endpoint::parse(good).is_ok(), "{good}");
        }
        for insecure in [
            "http://iam.cloud.ibm.com",
            "http://localhost.example",
            "http://127.0.0.1.example",
            "http://10.0.0.1",
            "http://[::2]",
            "http://0.0.0.0",
        ] {
            let error = Endpoint::parse(insecure);
            assert_eq!(error, Err(EndpointError::Insecure), "{insecure}");
        }
    }

    #[test]
    fn anything_but_scheme_and_host_is_refused() {
        for text in [
            "https://user@iam.cloud.ibm.com",
            "https://iam.cloud.ibm.com/identity",
            "https://iam.cloud.ibm.com?x",
            "https://iam.cloud.ibm.com#x",
        ] {
            assert_eq!(Endpoint::parse(text), Err(EndpointError::NotBare), "{text}");
        }
        for text in ["", "iam.cloud.ibm.com", "file:///etc", "ftp://x", "https://"] {
            assert_eq!(Endpoint::parse(text), Err(EndpointError::NotAUrl), "{text}");
        }
    }

    #[test]
    fn the_accounts_service_has_the_domain_of_the_iam() {
        for (iam, accounts) in [
            ("https://iam.cloud.ibm.com", "https://accounts.cloud.ibm.com"),
            ("https://iam.test.cloud.ibm.com", "https://accounts.test.cloud.ibm.com"),
            ("https://private.iam.cloud.ibm.com", "https://private.accounts.cloud.ibm.com"),
            ("https://private.us-south.iam.cloud.ibm.com", "https://private.us-south.accounts.cloud.ibm.com"),
            ("https://identity-1.us-east.iam.cloud.ibm.com", "https://accounts.cloud.ibm.com"),
            ("http://127.0.0.1:4711", "http://127.0.0.1:4711"),
            ("https://iam.example.com", "https://iam.example.com"),
        ] {
            assert_eq!(Endpoint::parse(iam).unwrap().accounts_service().to_string(), accounts);
        }
    }

    #[test]
    fn ibms_iam_is_known_by_its_names_and_nothing_else_is_taken_for_it() {
        let is_iams = |text: &str| Endpoint::parse(text).is_ok_and(|endpoint| endpoint.is_iams());
        for own in [
            PUBLIC,
            "https://iam.test.cloud.ibm.com/",
            "https://IAM.Cloud.IBM.com",
            "https://iam.cloud.ibm.com:443",
            "https://private.iam.cloud.ibm.com",
            "https://private.us-south.iam.cloud.ibm.com",
            "https://identity-3.us-east.iam.cloud.ibm.com",
            "https://private.iam.test.cloud.ibm.com",
        ] {
            assert!(is_iams(own), "{own}");
        }
        for other in [
            "http://iam.cloud.ibm.com",
            "https://iam.cloud.ibm.com:8443",
            "https://iam.cloud.ibm.com:80",
            "https://iam.cloud.ibm.com.",
            "https://iam.cloud.ibm.com.evil.org",
            "https://eviliam.cloud.ibm.com",
            "https://evil-iam.cloud.ibm.com",
            "https://.iam.cloud.ibm.com",
            "https://a..iam.cloud.ibm.com",
            "https://iam.cloud.ibm.com@evil.org",
            "https://iam.cloud.ibm.com:443@evil.org",
            "https://evil.org/iam.cloud.ibm.com",
            "https://evil.org?.iam.cloud.ibm.com",
            "https://evil.org#.iam.cloud.ibm.com",
            "https://evil.org\\.iam.cloud.ibm.com",
            "https://evil.org%2f.iam.cloud.ibm.com",
            "https://i\u{430}m.cloud.ibm.com",
            "https://iam.cloud.\u{131}bm.com",
            "https://cloud.ibm.com",
            "https://iam.dev.cloud.ibm.com",
            "https://127.0.0.1",
            "http://localhost",
        ] {
            assert!(!is_iams(other), "{other}");
        }
    }

    #[test]
    fn people_are_sent_to_pages_of_iam_only() {
        let public = Endpoint::parse(PUBLIC).unwrap();
        let sandbox = Endpoint::parse("http://127.0.0.1:4711").unwrap();
        assert!(Endpoint::is_page_of("https://identity-3.us-east.iam.cloud.ibm.com/identity/passcode", &public));
        assert!(Endpoint::is_page_of("http://127.0.0.1:4711/identity/passcode", &sandbox));
        for page in
            ["https://example.com/", "http://iam.cloud.ibm.com/", "https://a@iam.cloud.ibm.com/", "javascript:1"]
        {
            assert!(!Endpoint::is_page_of(page, &public), "{page}");
        }
        assert!(!Endpoint::is_page_of("http://127.0.0.1:4712/identity/passcode", &sandbox));
    }

    #[test]
    fn the_cloud_has_shorter_names() {
        let named = |text: &str| Endpoint::of_cloud(text).unwrap().to_string();
        assert_eq!(named("cloud.ibm.com"), PUBLIC);
        assert_eq!(named("https://test.cloud.ibm.com/"), "https://iam.test.cloud.ibm.com");
        assert_eq!(named("https://private.cloud.ibm.com"), "https://private.iam.cloud.ibm.com");
        assert_eq!(named("http://127.0.0.1:1"), "http://127.0.0.1:1");
    }

    #[test]
    fn it_prints_without_a_trailing_slash() {
        let endpoint = Endpoint::parse("https://iam.cloud.ibm.com/").unwrap();
        assert_eq!(endpoint.to_string(), "https://iam.cloud.ibm.com");
        assert_eq!(endpoint.join("/v1/apikeys"), "https://iam.cloud.ibm.com/v1/apikeys");
    }

    #[test]
    fn a_segment_stays_one_segment() {
        assert_eq!(Segment::new("a/../b?c#d%e").unwrap().to_string(), "a%2F..%2Fb%3Fc%23d%25e");
        assert_eq!(Segment::new("ApiKey-1").unwrap().to_string(), "ApiKey-1");
        assert!(Segment::new("..").is_none());
        assert!(Segment::new(".").is_none());
        assert!(Segment::new("").is_none());
    }
}
