//! Creates a certificate authority, and a certificate for this machine that it signs.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::path::Path;
use std::sync::Arc;

use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose, SanType,
};
use time::OffsetDateTime;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::PrivatePkcs8KeyDer;

use crate::text::reason;

/// Creates both certificates, and writes that of the authority to a file, for clients to trust.
pub(super) fn acceptor(bundle: &Path, listen: IpAddr, now: i64) -> Result<TlsAcceptor, String> {
    let failed = |error: rcgen::Error| error.to_string();
    let authority_key = KeyPair::generate().map_err(failed)?;
    let mut authority = CertificateParams::default();
    // The name is unique, so that a client that trusts another sandbox reports an unknown issuer.
    let name = format!("ibmiam sandbox {}", uuid::Uuid::new_v4().simple());
    authority.distinguished_name.push(DnType::CommonName, name);
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    authority.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::DigitalSignature];
    (authority.not_before, authority.not_after) = validity(now);
    let authority_pem = authority.self_signed(&authority_key).map_err(failed)?.pem();
    let issuer = Issuer::new(authority, authority_key);

    let key = KeyPair::generate().map_err(failed)?;
    let mut params = CertificateParams::new(["localhost".to_owned()]).map_err(failed)?;
    params.distinguished_name = DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, "localhost");
    // Python 3.13 and later require these extensions.
    params.use_authority_key_identifier_extension = true;
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    (params.not_before, params.not_after) = validity(now);
    for address in [IpAddr::V4(Ipv4Addr::LOCALHOST), IpAddr::V6(Ipv6Addr::LOCALHOST), listen] {
        params.subject_alt_names.push(SanType::IpAddress(address));
    }
    let certificate = params.signed_by(&key, &issuer).map_err(failed)?;

    let provider = Arc::new(tokio_rustls::rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .and_then(|builder| {
            let key = PrivatePkcs8KeyDer::from(key.serialize_der()).into();
            builder.with_no_client_auth().with_single_cert(vec![certificate.der().clone()], key)
        })
        .map_err(|error| error.to_string())?;
    crate::files::replace(bundle, authority_pem.as_bytes())
        .map_err(|error| format!("{}: {}", bundle.display(), reason(&error)))?;
    Ok(TlsAcceptor::from(Arc::new(config)))
}

/// Returns the validity: from yesterday to one year from now, which no platform rejects as too long.
fn validity(now: i64) -> (OffsetDateTime, OffsetDateTime) {
    let day = |seconds: i64| {
        let date = jiff::Timestamp::from_second(seconds).unwrap_or_default().to_zoned(jiff::tz::TimeZone::UTC).date();
        rcgen::date_time_ymd(date.year().into(), date.month().cast_unsigned(), date.day().cast_unsigned())
    };
    (day(now - 86_400), day(now + 365 * 86_400))
}
