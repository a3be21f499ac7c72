//! What the commands that start a server for other programs share.

use std::path::{Path, PathBuf};

use crate::cli::sandbox::How;
use crate::context::system_clock;
use crate::error::Error;
use crate::files;
use crate::sandbox::{Options, Sandbox, Setup};
use crate::text::reason;

/// Adds the options of the command line.
pub(crate) fn server_options(basic: Options, how: &How, bundle: impl FnOnce() -> PathBuf) -> Result<Options, Error> {
    let setup = match &how.config {
        None => Setup::default(),
        Some(path) => {
            let shown = path.display();
            let text = std::fs::read_to_string(path)
                .map_err(|error| Error::usage(format!("Cannot read {shown}: {}.", reason(&error))))?;
            Setup::read(&text).map_err(|why| Error::usage(format!("{shown} is invalid: {why}")))?
        }
    };
    let fault = |spec: &String| spec.parse().map_err(|why| Error::usage(format!("--fault: {why}.")));
    let faults = how.faults.iter().map(fault).collect::<Result<_, _>>()?;
    let log = how.log.as_deref().map(open_log).transpose()?;
    Ok(Options { seed: how.seed, setup, faults, log, tls: how.tls.then(bundle), ..basic })
}

fn open_log(path: &Path) -> Result<std::fs::File, Error> {
    files::private_options()
        .create(true)
        .append(true)
        .open(path)
        .map_err(|error| Error::failed(format!("Cannot write {}: {}.", path.display(), reason(&error))))
}

/// Returns the environment variables that IBM's clients and this program read.
pub(crate) fn variables(sandbox: &Sandbox, bundle: Option<&Path>) -> Result<Vec<(&'static str, String)>, Error> {
    let key = sandbox.first_key()?;
    let url = sandbox.url().to_owned();
    let mut variables = vec![
        ("IBMCLOUD_IAM_API_ENDPOINT", url.clone()),
        ("IBMCLOUD_API_KEY", key.clone()),
        ("IAM_IDENTITY_URL", url.clone()),
        ("IAM_IDENTITY_AUTH_URL", url),
        ("IAM_IDENTITY_APIKEY", key),
        ("IAM_IDENTITY_ACCOUNT_ID", sandbox.account_id().to_owned()),
        ("IAM_IDENTITY_IAM_ID", sandbox.iam_id().to_owned()),
        ("IAM_IDENTITY_AUTHTYPE", "iam".to_owned()),
    ];
    if let Some(bundle) = bundle {
        // The variables of OpenSSL and this program, Node, Python, curl, and the AWS SDKs (and therefore ibm-cos-sdk).
        for name in ["SSL_CERT_FILE", "NODE_EXTRA_CA_CERTS", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "AWS_CA_BUNDLE"] {
            variables.insert(1, (name, bundle.display().to_string()));
        }
    }
    Ok(variables)
}

pub(crate) fn unix_seconds() -> i64 {
    system_clock().as_second()
}
