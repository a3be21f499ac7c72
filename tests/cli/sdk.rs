//! IBM's own clients against `sandbox run`, unmodified.

use std::path::Path;

use crate::support::{World, finish};

/// Runs a client's script in a separate sandbox; an environment variable says where the client's libraries are.
fn run(script: &str, program: impl FnOnce(&str) -> (String, Vec<(&'static str, String)>), variable: &str) {
    run_with(script, program, variable, &[]);
}

/// The same with options for the sandbox, and with other certificates in the environment.
#[expect(clippy::disallowed_methods, reason = "the clients to use are told by the environment")]
fn run_with(
    script: &str,
    program: impl FnOnce(&str) -> (String, Vec<(&'static str, String)>),
    variable: &str,
    options: &[&str],
) {
    let (program, variables) = program(&std::env::var(variable).unwrap());
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(script);
    let world = World::new();
    let words = [&["sandbox", "run"], options, &["--", &program, script.to_str().unwrap()]].concat();
    let mut command = world.bare_command(&words);
    command.env("SSL_CERT_DIR", "/etc/ssl/certs");
    let run = finish(command.envs(variables).env("PATH", std::env::var("PATH").unwrap()).spawn().unwrap());
    assert_eq!((run.status, run.stdout.as_str()), (0, "all of it works\n"), "{run}");
}

#[test]
#[ignore = "needs IBM's client in a Python environment; .ci/run makes one and runs this"]
fn ibms_python_client_works_unmodified() {
    run("sdk.py", |python| (python.to_owned(), Vec::new()), "IBMIAM_TEST_PYTHON");
}

#[test]
#[ignore = "needs IBM's client for Node; .ci/run installs it and runs this"]
fn ibms_node_client_works_unmodified() {
    run("sdk.js", |modules| ("node".to_owned(), vec![("NODE_PATH", modules.to_owned())]), "IBMIAM_TEST_NODE_MODULES");
}

#[test]
#[ignore = "needs IBM's client in a Python environment; .ci/run makes one and runs this"]
fn ibms_python_client_manages_service_ids_and_their_keys() {
    run("sdk_service_ids.py", |python| (python.to_owned(), Vec::new()), "IBMIAM_TEST_PYTHON");
}

#[test]
#[ignore = "needs IBM's client for Node; .ci/run installs it and runs this"]
fn ibms_node_client_manages_service_ids_and_their_keys() {
    let node = |modules: &str| ("node".to_owned(), vec![("NODE_PATH", modules.to_owned())]);
    run("sdk_service_ids.js", node, "IBMIAM_TEST_NODE_MODULES");
}

#[test]
#[ignore = "needs IBM's clients in a Python environment; .ci/run makes one and runs this"]
fn python_clients_and_curl_trust_the_sandbox_by_the_exported_variables() {
    run_with("sdk_tokens.py", |python| (python.to_owned(), Vec::new()), "IBMIAM_TEST_PYTHON", &["--tls"]);
}

#[test]
#[ignore = "needs IBM's client for Node; .ci/run installs it and runs this"]
fn the_node_client_trusts_the_sandbox_by_the_exported_variables() {
    let node = |modules: &str| ("node".to_owned(), vec![("NODE_PATH", modules.to_owned())]);
    run_with("sdk_tokens.js", node, "IBMIAM_TEST_NODE_MODULES", &["--tls"]);
}
