//! The minimum work of a client: one connection with std's sockets and rustls, all pages, every body discarded.
//! What a program needs beyond this is the cost of its own work.
//!
//! Usage: floor URL PAGES, with the token in `IBMCLOUD_IAM_TOKEN` and the certificates in `SSL_CERT_FILE`.
#![expect(
    clippy::disallowed_methods,
    reason = "this is no part of the program, which reads the environment in one place"
)]

use std::error::Error;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::sync::Arc;

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().collect();
    let [_, url, pages] = arguments.as_slice() else { return Err("usage: floor URL PAGES".into()) };
    let (scheme, authority) = url.split_once("://").ok_or("not a URL")?;
    let token = std::env::var("IBMCLOUD_IAM_TOKEN")?;
    let socket = TcpStream::connect(authority)?;
    socket.set_nodelay(true)?;
    let pages = pages.parse()?;
    match scheme {
        "http" => all_pages(socket, authority, &token, pages),
        _ => {
            let mut roots = RootCertStore::empty();
            for certificate in CertificateDer::pem_file_iter(std::env::var("SSL_CERT_FILE")?)? {
                roots.add(certificate?)?;
            }
            let provider = Arc::new(rustls::crypto::ring::default_provider());
            let builder = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
            let config = Arc::new(builder.with_root_certificates(roots).with_no_client_auth());
            let host = authority.split(':').next().unwrap_or_default().to_owned();
            let connection = ClientConnection::new(config, host.try_into()?)?;
            all_pages(StreamOwned::new(connection, socket), authority, &token, pages)
        }
    }
}

fn all_pages(stream: impl Read + Write, host: &str, token: &str, pages: u32) -> Result<(), Box<dyn Error>> {
    let mut stream = BufReader::with_capacity(64 << 10, stream);
    let mut body = Vec::new();
    for page in 0..pages {
        let request = format!(
            "GET /v1/apikeys?pagesize=100&pagetoken={page} HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {token}\r\n\r\n"
        );
        stream.get_mut().write_all(request.as_bytes())?;
        let mut length = 0;
        loop {
            let mut line = String::new();
            stream.read_line(&mut line)?;
            match line.trim_end().split_once(": ") {
                Some((name, value)) if name.eq_ignore_ascii_case("content-length") => length = value.parse()?,
                Some(_) => {}
                None if line.starts_with("HTTP/1.1 200") => {}
                None if line == "\r\n" => break,
                None => return Err(line.into()),
            }
        }
        body.resize(length, 0);
        stream.read_exact(&mut body)?;
    }
    Ok(())
}
