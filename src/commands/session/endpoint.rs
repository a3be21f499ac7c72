//! `api`: shows or sets the endpoint for logins.

use crate::cli::session::Api;
use crate::context::Context;
use crate::error::Error;
use crate::files;
use crate::iam::{Endpoint, endpoint};
use crate::output::Column;
use crate::output::report::Record;
use crate::session;
use crate::text::{reason, visible};

/// The width of the label.
const LABEL: u16 = 14;

const FIELDS: [Column<String>; 1] = [Column::new("API endpoint:", "api_endpoint", |endpoint| endpoint.as_str().into())];

pub(crate) fn run(context: &mut Context<'_>, options: &Api) -> Result<u8, Error> {
    if context.settings.sandbox {
        return Err(Error::usage("The sandbox has an endpoint of its own.")
            .hint("Leave out --sandbox (IBMIAM_SANDBOX) to see or set the endpoint elsewhere."));
    }
    let path = context.settings.endpoint_file()?;
    let failed = |error: std::io::Error| Error::failed(format!("Cannot write {}: {}.", path.display(), reason(&error)));
    if options.unset {
        match std::fs::remove_file(&path) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(failed(error)),
            _ => {}
        }
    }
    if let Some(text) = &options.address {
        let endpoint = Endpoint::of_cloud(text).map_err(|why| {
            let bad = Error::from(session::Error::BadEndpoint { text: endpoint::without_password(text), why });
            bad.hint("Use cloud.ibm.com, private.cloud.ibm.com, test.cloud.ibm.com or a URL.")
        })?;
        context.ui.say(&format!("Setting API endpoint to {endpoint}..."));
        files::private_folder(&context.settings.data_folder()?).map_err(failed)?;
        files::replace(&path, format!("{endpoint}\n").as_bytes()).map_err(failed)?;
        context.ui.ok();
    }
    let endpoint = session::asked_endpoint(&context.settings)?;
    let shown = super::view::cloud(context, &endpoint);
    context.ui.render(&Record::new(&FIELDS, &shown, LABEL))?;
    if context.settings.endpoint.is_some() {
        context.ui.note(match std::fs::read_to_string(&path) {
            Ok(stored) => {
                let stored = visible(stored.trim()).into_owned();
                format!("--endpoint or IBMCLOUD_IAM_API_ENDPOINT overrides the stored endpoint {stored}.")
            }
            Err(_) => "--endpoint or IBMCLOUD_IAM_API_ENDPOINT sets this endpoint.".to_owned(),
        });
    }
    Ok(0)
}
