//! IBM's own Python client against `sandbox run`.

use std::path::Path;

use crate::support::{World, finish};

#[test]
#[ignore = "needs IBM's client in a Python environment; .ci/run makes one and runs this"]
#[expect(clippy::disallowed_methods, reason = "the Python to use is told by the environment")]
fn ibms_python_client_works_unmodified() {
    let python = std::env::var("IBMIAM_TEST_PYTHON").unwrap();
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/sdk.py");
    let world = World::new();
    let mut command = world.bare_command(&["sandbox", "run", "--", &python, script.to_str().unwrap()]);
    let run = finish(command.spawn().unwrap());
    assert_eq!((run.status, run.stdout.as_str()), (0, "all of it works\n"), "{run}");
}
