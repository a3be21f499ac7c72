//! Help topics: exit statuses, environment and files. Help texts and man pages use these tables.

use std::fmt::Write;

/// An entry of a table: a term and its meaning.
pub type Entry = (&'static str, &'static str);

/// The exit statuses.
pub const EXIT_STATUS: [Entry; 11] = [
    ("0", "success; also for an empty list"),
    ("1", "failure at the service or on this machine"),
    ("2", "usage error: invalid option, ambiguous name, or confirmation required"),
    ("3", "no API key or service ID with that name, ID or value"),
    ("4", "not logged in, key rejected, or not authorized"),
    ("5", "conflict: the key is locked, someone else changed it, or the limit of keys is reached"),
    ("6", "the service is unreachable"),
    ("10", "an audit with --fail-on found something"),
    ("130", "cancelled: you answered no, or pressed Ctrl-C"),
    ("129, 131, 143", "ended by SIGHUP, SIGQUIT or SIGTERM"),
    ("others", "exec and sandbox run: the status of the command; 127 if it was not found"),
];

/// The environment variables.
pub const ENVIRONMENT: [Entry; 21] = [
    ("IBMCLOUD_API_KEY", "API key to use, or @FILE to read it from a file; login reads it too"),
    ("IBMCLOUD_IAM_TOKEN", "access token to use, with or without 'Bearer '"),
    ("IBMCLOUD_CR_TOKEN", "token of a compute resource, or @FILE, for login"),
    ("IBMCLOUD_CR_PROFILE", "trusted profile for IBMCLOUD_CR_TOKEN"),
    ("IBMIAM_SESSION", "stored session to use, as --session"),
    ("IBMCLOUD_IAM_API_ENDPOINT", "URL of the IAM service, as --endpoint: https, or http for this machine"),
    ("IBMIAM_SANDBOX", "1: as --sandbox"),
    ("IBMIAM_HOME", "folder for all files of ibmiam"),
    ("IBMIAM_REPLACED", "folder for replaced key files; 'sandbox run' sets it"),
    ("IBMCLOUD_HTTP_TIMEOUT", "timeout in seconds for each attempt of a request, as --timeout"),
    ("IBMCLOUD_TRACE", "true or a file: as --trace"),
    ("IBMCLOUD_QUIET", "true: as --quiet"),
    ("IBMCLOUD_COLOR", "true or false: as --color"),
    ("NO_COLOR", "if set: no colors"),
    ("CLICOLOR_FORCE", "if set: colors also in files and pipes"),
    ("SSL_CERT_FILE", "file with CA certificates; no others are trusted, as --ca-file"),
    ("SSL_CERT_DIR", "folder of CA certificates to trust"),
    ("HTTPS_PROXY", "proxy to use, except for this machine"),
    ("NO_PROXY", "hosts to connect to without a proxy"),
    ("IBMCLOUD_CONFIG_HOME", "folder of the ibmcloud session; also IBMCLOUD_HOME"),
    ("SHELL", "shell for 'completion install'"),
];

/// The files, relative to the folders of the platform for application data and caches.
pub const FILES: [Entry; 11] = [
    ("sessions/NAME.json", "login: endpoint, account, user; also the refresh token, if it is not in a keyring"),
    ("sessions/.current", "name of the default session"),
    ("endpoint", "endpoint that you set with 'api'"),
    ("tokens/NAME", "in the cache folder: access token of a session, valid for at most one hour"),
    ("names/", "in the cache folder: names of keys and accounts, for completion"),
    ("activity/", "in the cache folder: last use of each key, cached for an hour"),
    ("sandbox/iam.sqlite", "data of the sandbox"),
    ("sandbox/signing-key.der", "key that the sandbox signs tokens with"),
    ("pending/", "creations that are in progress or interrupted: names, times and paths, no values"),
    ("replaced/", "key files that a new key replaced (--overwrite, api-key-rotate)"),
    (".ibmiam-NAME.pending", "next to a key file: a creation in progress or interrupted; may contain the value"),
];

/// The topics of `ibmiam help TOPIC`: name, heading, text before the table, and the table.
const TOPICS: [(&str, &str, &str, &[Entry]); 3] = [
    ("exit-codes", "Exit status", "", &EXIT_STATUS),
    ("environment", "Environment variables", "", &ENVIRONMENT),
    ("files", "Files", FOLDERS, &FILES),
];

/// The text about the folders of the files.
pub const FOLDERS: &str = "In the platform's folder for application data (on Linux ~/.local/share/ibmiam and \
                           ~/.cache/ibmiam), or in IBMIAM_HOME. Folders have mode 0700, files 0600.";

/// Returns the help of a topic; `None` if there is no topic of that name.
#[must_use]
pub fn help(name: &str) -> Option<String> {
    let (_, heading, text, entries) = TOPICS.into_iter().find(|(topic, ..)| *topic == name)?;
    let mut help = format!("{heading}:\n");
    if !text.is_empty() {
        let _ = writeln!(help, "  {text}\n");
    }
    help.push_str(&table(entries));
    Some(help)
}

/// Formats a table, with each line indented.
#[must_use]
pub fn table(entries: &[Entry]) -> String {
    let width = entries.iter().map(|(term, _)| term.len()).max().unwrap_or_default();
    entries.iter().map(|(term, meaning)| format!("  {term:width$}  {meaning}\n")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_topic_has_help_and_others_have_none() {
        for (name, heading, ..) in TOPICS {
            assert!(help(name).unwrap().starts_with(heading));
        }
        assert_eq!(help("nosuch"), None);
    }
}
