//! Idioms that scripts use on the output of `ibmcloud iam api-key-*`, run with ibmiam under that name: each idiom
//! extracts a value or an ID from the text, and the test logs in with the value or looks up the ID.

use std::process::{Command, Stdio};

use crate::support::{SERVICE_ID, Server, World, binary, finish};

/// The groups are those of the survey of scripts. `$K` is a name that only this idiom uses.
///
/// One idiom is not supported: `… api-key-create NAME | grep -q created` closes the pipe before ibmiam prints the
/// value. The value would be lost, so ibmiam deletes the key again. This guarantee takes precedence over the idiom;
/// `grep created >/dev/null` reads all of the output and works.
const IDIOMS: [(&str, &str); 66] = [
    ("create, JSON", r#"value "$(ibmcloud iam api-key-create $K --output json | jq -r .apikey)""#),
    ("create, JSON", r#"value "$(ibmcloud iam api-key-create $K -d "a key" -o json | jq -r '.apikey')""#),
    ("create, JSON", r#"value "$(ibmcloud iam api-key-create "$K" --output JSON 2>/dev/null | jq -r ".apikey")""#),
    ("create, JSON", r#"value "$(ibmcloud iam api-key-create $K --output=json | jq .apikey | tr -d '"')""#),
    ("create, JSON", r#"value "$(ibmcloud iam api-key-create $K -q -o json | jq -r .apikey)""#),
    ("create, JSON", r#"value "$(ibmcloud -q iam api-key-create $K -output json | jq -r '.apikey')""#),
    ("create, JSON", r#"value "$(ibmcloud iam api-key-create -o json $K | grep '"apikey"' | cut -d'"' -f4)""#),
    ("create, JSON", r#"value "$(ibmcloud iam api-key-create $K -o json | sed -n 's/.*"apikey": "\(.*\)".*/\1/p')""#),
    ("create, JSON", r#"value "$(ibmcloud iam api-key-create $K -o json | awk -F'"' '/"apikey"/ {print $4}')""#),
    (
        "create, JSON",
        r#"value "$(ibmcloud iam api-key-create $K -o json | python3 -c 'import sys, json; print(json.load(sys.stdin)["apikey"])')""#,
    ),
    (
        "create, JSON",
        r#"R=$(ibmcloud iam api-key-create $K --output json); [ "$(echo "$R" | jq -r .name)" = $K ]; value "$(echo "$R" | jq -r '.apikey')""#,
    ),
    ("create, JSON", r#"value "$(ibmcloud iam api-key-create $K -o json 2>&1 | jq -r .apikey)""#),
    ("create, JSON", r#"value "$(ibmcloud iam api-key-create $K -d x --lock -o json | jq -r .apikey)""#),
    (
        "create, JSON",
        r#"ibmcloud iam api-key-create $K -o json | tee out.json >/dev/null; value "$(jq -r .apikey out.json)""#,
    ),
    ("create, JSON", r#"ibmcloud iam api-key-create $K -o json > out.json; value "$(jq -r .apikey < out.json)""#),
    ("create, JSON", r#"value "$(ibmcloud iam api-key-create $K --action-if-leaked DISABLE -o json | jq -r .apikey)""#),
    (
        "create, JSON",
        r#"value "$(ibmcloud iam api-key-create $K -e "$(date -d '+1 hour' +%Y-%m-%dT%H:%M%z)" -o json | jq -r .apikey)""#,
    ),
    (
        "create, JSON",
        r#"if ! OUT=$(ibmcloud iam api-key-create $K -o json); then exit 1; fi; value "$(jq -r .apikey <<<"$OUT")""#,
    ),
    (
        "create, JSON",
        r#"export IBMCLOUD_QUIET=true; value "$(ibmcloud iam api-key-create $K -o json | jq -r .apikey)""#,
    ),
    (
        "create, JSON",
        r#"IFS=$'\t' read -r ID V < <(ibmcloud iam api-key-create $K -o json | jq -r '[.id, .apikey] | @tsv'); id "$ID"; value "$V""#,
    ),
    ("create, table", r#"value "$(ibmcloud iam api-key-create $K | grep 'API Key' | awk '{print $3}')""#),
    ("create, table", r#"value "$(ibmcloud iam api-key-create $K -d d | grep "^API Key" | sed 's/API Key *//')""#),
    ("create, table", r#"value "$(ibmcloud iam api-key-create $K 2>&1 | grep "API Key" | awk '{ print $3 }')""#),
    ("create, table", r#"value "$(ibmcloud iam api-key-create $K | tail -1 | awk '{print $3}')""#),
    ("create, table", r#"value "$(ibmcloud iam api-key-create $K | tail -n 1 | tr -s ' ' | cut -d ' ' -f 3)""#),
    ("create, table", r#"value "$(ibmcloud iam api-key-create $K | awk '/API Key/{print $NF}')""#),
    ("create, table", r#"value "$(ibmcloud iam api-key-create $K -q | awk '/^API Key/ {print $3}')""#),
    (
        "create, table",
        r#"value "$(ibmcloud iam api-key-create $K | python3 -c 'import sys; print([l.split()[2] for l in sys.stdin if l.startswith("API Key")][0])')""#,
    ),
    ("create, table", r#"id "$(ibmcloud iam api-key-create $K | awk '/^ID/ {print $2}')""#),
    ("create, table", r#"ibmcloud iam api-key-create $K | grep "API key $K was created" > seen.txt"#),
    ("create, file", r#"ibmcloud iam api-key-create $K --file f.json; value "$(jq -r .apikey f.json)""#),
    (
        "create, file",
        r#"ibmcloud iam api-key-create $K -d x --file f.json >/dev/null 2>&1; ibmcloud login --apikey @f.json -r us-south"#,
    ),
    ("create, file", r#"ibmcloud iam api-key-create $K -file f.json; ibmcloud login -apikey @f.json -no-region"#),
    (
        "create, file",
        r#"ibmcloud iam api-key-create $K --file f.json; value "$(grep '"apikey":' f.json | cut -d'"' -f4)""#,
    ),
    (
        "create, file",
        r#"ibmcloud iam api-key-create $K --file f.json; value "$(cat f.json | grep apikey | grep -v ApiKey- | awk '{print $2}' | tr -d '",')""#,
    ),
    (
        "create, file",
        r#"ibmcloud iam api-key-create $K --file f.json; value "$(sed -n 's/.*"apikey": "\([^"]*\)",/\1/p' f.json)""#,
    ),
    (
        "create, file",
        r#"ibmcloud iam api-key-create $K --file f.json; value "$(python3 -c 'import json; print(json.load(open("f.json"))["apikey"])')""#,
    ),
    ("create, file", r#"ibmcloud iam api-key-create $K --file f.json; id "$(jq -r .id f.json)""#),
    ("create, file", r#"ibmcloud iam api-key-create $K --file f.json; id "$(sed -n 2p f.json | cut -d'"' -f4)""#),
    (
        "create, file",
        r#"ibmcloud iam api-key-create $K --output json --file f.json >/dev/null; value "$(jq -r .apikey f.json)""#,
    ),
    ("create, file", r#"ibmcloud iam api-key-create $K -f f.json; value "$(jq -r .apikey f.json)""#),
    (
        "create, file",
        r#"ibmcloud iam api-key-create $K --file f.json; ibmcloud iam api-key-create $K --file f.json; value "$(jq -r .apikey f.json)""#,
    ),
    (
        "create, file",
        r#"mkdir keys; ibmcloud iam api-key-create $K --file "$PWD/keys/$K.json"; value "$(jq -r .apikey keys/*.json)""#,
    ),
    (
        "create, file",
        r#"export IBMCLOUD_API_KEY=$(ibmcloud iam api-key-create $K --file f.json >/dev/null && jq -r .apikey f.json); ibmcloud login --no-region -q; ibmcloud target | grep -q '^User:'"#,
    ),
    ("list, table", r#"made; id "$(ibmcloud iam api-keys | grep -w $K | awk '{print $1}')""#),
    ("list, table", r#"made; id "$(ibmcloud iam api-keys | awk -v k=$K '$2 == k {print $1}')""#),
    ("list, table", r#"made; id "$(ibmcloud iam api-keys | grep " $K " | grep -o 'ApiKey-[a-z0-9-]*')""#),
    ("list, table", r#"made; id "$(ibmcloud iam api-keys | sed -n "s/.*\(ApiKey-[^ ]*\) *$K .*/\1/p")""#),
    ("list, table", r#"made; ibmcloud iam api-keys | tail -n +4 | awk '{print $2}' | grep -qx $K"#),
    ("list, table", r#"made; if ibmcloud iam api-keys | grep -q "$K "; then true; else exit 1; fi"#),
    ("list, table", r#"made; id "$(ibmcloud iam api-keys -n $K --uuid)""#),
    ("list, JSON", r#"made; id "$(ibmcloud iam api-keys --output json | jq -r ".[] | select(.name==\"$K\") | .id")""#),
    ("list, JSON", r#"made; id "$(ibmcloud iam api-keys -o JSON | jq -r --arg n $K '.[] | select(.name == $n).id')""#),
    (
        "list, JSON",
        r#"made; ibmcloud iam api-keys --output json | jq -e --arg n $K 'map(.name) | index($n) != null' >/dev/null"#,
    ),
    (
        "list, JSON",
        r#"made; date -d "$(ibmcloud iam api-keys -o json | jq -r --arg n $K '.[] | select(.name==$n) | .created_at')" >/dev/null"#,
    ),
    (
        "list, JSON",
        r#"made; id "$(ibmcloud iam api-keys -o json | python3 -c 'import sys, json; print([k["id"] for k in json.load(sys.stdin) if k["name"] == sys.argv[1]][0])' $K)""#,
    ),
    (
        "list, JSON",
        r#"made; [ "$(ibmcloud iam api-keys -o json | jq -r --arg n $K '.[] | select(.name==$n) | .apikey')" = null ]"#,
    ),
    (
        "show, delete, lock",
        r#"made; if ibmcloud iam api-key $K &>/dev/null; then true; else exit 1; fi; if ! ibmcloud iam api-key no$K &>/dev/null; then true; else exit 1; fi"#,
    ),
    ("show, delete, lock", r#"made; id "$(ibmcloud iam api-key $K --uuid)""#),
    (
        "show, delete, lock",
        r#"made; ibmcloud iam api-key-delete $K -f > /dev/null; ! ibmcloud iam api-key $K 2>/dev/null"#,
    ),
    ("show, delete, lock", r#"made; ibmcloud iam api-key-delete -f "$(ibmcloud iam api-key $K --uuid)" | grep -q OK"#),
    (
        "show, delete, lock",
        r#"made; ibmcloud iam api-keys -o json | jq -r ".[] | select(.name==\"$K\") | .id" | while read -r i; do ibmcloud iam api-key-delete "$i" -f; done; ! ibmcloud iam api-key $K 2>/dev/null"#,
    ),
    ("show, delete, lock", r#"made; echo y | ibmcloud iam api-key-delete $K; ! ibmcloud iam api-key $K 2>/dev/null"#),
    (
        "show, delete, lock",
        r#"made; set +o pipefail; yes | ibmcloud iam api-key-lock $K; ! ibmcloud iam api-key-delete $K -f 2>/dev/null; ibmcloud iam api-key-unlock --force $K"#,
    ),
    (
        "tokens",
        r#"for t in "$(ibmcloud iam oauth-tokens | awk '{print $4}')" "$(ibmcloud iam oauth-tokens | cut -d ' ' -f5)" "$(ibmcloud iam oauth-tokens | head -1 | sed 's/.*:[ \t]*//')" "$(ibmcloud iam oauth-tokens | grep IAM | cut -d : -f 2)" "$(ibmcloud iam oauth-tokens --output json | jq -r .iam_token)" "$(ibmcloud iam bearer-token)"; do token "$t"; done"#,
    ),
    (
        "target",
        r#"ibmcloud target &>/dev/null; [ "$(ibmcloud target | awk '/^User:/{print $2}')" = you@example.com ]; [ "$(ibmcloud target --output json | jq -r .account.guid)" = "$(ibmcloud target | sed -n 's/^Account: *//p' | cut -d'(' -f2 | tr -d ')')" ]; [ "$(ibmcloud target | awk -F ': +' '/^User/{print $2}')" = you@example.com ]"#,
    ),
];

const PRELUDE: &str = r#"set -euo pipefail
value() { test ${#1} -ge 32; IBMIAM_HOME=$PWD/other IBMCLOUD_API_KEY=$1 "$IBMIAM" target >/dev/null; }
token() { t=${1# }; IBMIAM_HOME=$PWD/other IBMCLOUD_IAM_TOKEN=$t "$IBMIAM" api-key-list >/dev/null; }
id() { test "$("$IBMIAM" api-key-show "$1" -o json | jq -r .name)" = "$K"; }
made() { ibmcloud iam api-key-create $K -d "for $K" > made.txt; }
"#;

/// The same idioms for keys of a service ID: the service ID's name is one more operand, the command has one more word,
/// and `-f` of a creation means `--force` there, not `--file`.
const OF_SERVICE_ID: &str = r#"ibmcloud() {
    case " $*" in
        *" iam api-key"*)
            set -- "$@" "$S"
            local words=() word
            for word in "$@"; do
                case $word in
                    api-key | api-keys | api-key-*) word=service-$word ;;
                    -f) case " $*" in *" iam api-key-create "*) word=--file ;; esac ;;
                esac
                words+=("$word")
            done
            command ibmcloud "${words[@]}" ;;
        *) command ibmcloud "$@" ;;
    esac
}
"#;

#[test]
#[ignore = "needs bash, jq and python3; .ci/run has them and runs this"]
#[expect(clippy::print_stdout, reason = "how many idioms there are is worth knowing")]
fn scripts_for_the_other_tool_get_from_ours_what_they_got_from_it() {
    let world = World::at(Server::set_up(&format!("limits.keys_per_identity = 500\n{SERVICE_ID}")));
    std::fs::create_dir(world.path("bin")).unwrap();
    std::os::unix::fs::symlink(binary(), world.path("bin/ibmcloud")).unwrap();
    let run = |number: usize, owner: &str, script: &str| {
        let folder = world.path(&format!("{number}"));
        std::fs::create_dir(&folder).unwrap();
        let mut bash = Command::new("/bin/bash");
        bash.args(["-c", &format!("{PRELUDE}{owner}{script}")]).env_clear().current_dir(folder);
        bash.env("PATH", format!("{}:/usr/bin:/bin", world.path("bin").display())).env("IBMIAM", binary());
        bash.env("IBMIAM_HOME", world.home()).env("IBMCLOUD_IAM_API_ENDPOINT", &world.server.url);
        bash.env("S", "pipeline").env("K", format!("k{number}x")).env("KEY", &world.server.key);
        bash.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        finish(bash.spawn().unwrap())
    };
    let login = run(1000, "", "ibmcloud login --apikey \"$KEY\" -r us-south -q");
    assert_eq!(login.status, 0, "{login}");
    let mut groups = std::collections::BTreeMap::<&str, u32>::new();
    let mut failed = Vec::new();
    for (first, owner) in [(0, ""), (2000, OF_SERVICE_ID)] {
        for (number, (group, script)) in IDIOMS.iter().enumerate() {
            // Idioms for tokens, `target` and logins do not concern keys of a service ID.
            if !owner.is_empty() && (["tokens", "target"].contains(group) || script.contains("login")) {
                continue;
            }
            let outcome = run(first + number, owner, script);
            if outcome.status == 0 {
                *groups.entry(group).or_default() += 1;
            } else {
                failed.push(format!("{group}: {script}\n{outcome}"));
            }
        }
    }
    println!("{} idioms, for keys of a user and of a service ID: {groups:?}", IDIOMS.len());
    assert!(failed.is_empty(), "{} failed\n{}", failed.len(), failed.join("\n"));
}
