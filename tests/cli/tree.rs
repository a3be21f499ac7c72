//! The dependencies of the program.

use std::process::Command;

fn cargo(arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO")).args(arguments).current_dir(env!("CARGO_MANIFEST_DIR")).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn neither_aws_lc_nor_openssl_nor_native_tls_is_in_the_tree() {
    let tree = cargo(&["tree", "--locked", "--offline", "-e", "normal,build", "--prefix", "none", "--all-features"]);
    assert!(tree.lines().any(|line| line.starts_with("rustls ")), "{tree}");
    let unwanted = ["aws-lc", "openssl-sys", "native-tls", "openssl v"];
    let found: Vec<&str> = tree.lines().filter(|line| unwanted.iter().any(|name| line.starts_with(name))).collect();
    assert!(found.is_empty(), "{found:?}");
}

#[test]
fn no_dependency_needs_a_newer_rust_than_the_one_that_is_promised() {
    // The additional dependencies of other systems are not downloaded here.
    let platform = ["--filter-platform", "x86_64-unknown-linux-gnu"];
    let metadata = cargo(&[&["metadata", "--locked", "--offline", "--format-version", "1"], &platform[..]].concat());
    let metadata: serde_json::Value = serde_json::from_str(&metadata).unwrap();
    let version = |package: &serde_json::Value| -> Vec<u32> {
        let text = package["rust_version"].as_str().unwrap_or("0");
        let mut numbers: Vec<u32> = text.split('.').map(|number| number.parse().unwrap()).collect();
        numbers.resize(3, 0);
        numbers
    };
    let packages = metadata["packages"].as_array().unwrap();
    let own = packages.iter().find(|package| package["name"] == "ibmiam").unwrap();
    for package in packages {
        assert!(version(package) <= version(own), "{} {}", package["name"], package["rust_version"]);
    }
}
