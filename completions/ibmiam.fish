# Print an optspec for argparse to handle cmd's options that are independent of any subcommand.
function __fish_ibmiam_global_optspecs
    string join \n o/output= q/quiet session= endpoint= sandbox timeout= ca-file= trace= color= no-input h/help V/version
end

function __fish_ibmiam_needs_command
    # Figure out if the current invocation already has a command.
    set -l cmd (commandline -opc)
    set -e cmd[1]
    argparse -s (__fish_ibmiam_global_optspecs) -- $cmd 2>/dev/null
    or return
    if set -q argv[1]
        # Also print the command, so this can be used to figure out what it is.
        echo $argv[1]
        return 1
    end
    return 0
end

function __fish_ibmiam_using_subcommand
    set -l cmd (__fish_ibmiam_needs_command)
    test -z "$cmd"
    and return 1
    contains -- $cmd[1] $argv
end

complete -c ibmiam -n "__fish_ibmiam_needs_command" -s o -l output -d 'Output format' -r -f -a "table\t'Human-readable text'
json\t'JSON'
csv\t'CSV'"
complete -c ibmiam -n "__fish_ibmiam_needs_command" -l session -d 'Login session to use [env: IBMIAM_SESSION]' -r
complete -c ibmiam -n "__fish_ibmiam_needs_command" -l endpoint -d 'URL of the IAM service [env: IBMCLOUD_IAM_API_ENDPOINT]' -r
complete -c ibmiam -n "__fish_ibmiam_needs_command" -l timeout -d 'Timeout for each attempt of a request; default: 60 [env: IBMCLOUD_HTTP_TIMEOUT]' -r
complete -c ibmiam -n "__fish_ibmiam_needs_command" -l ca-file -d 'Trust only the CA certificates in this file [env: SSL_CERT_FILE]' -r -F
complete -c ibmiam -n "__fish_ibmiam_needs_command" -l trace -d 'Log requests and responses to standard error, or append them to FILE; secrets are masked [env: IBMCLOUD_TRACE]' -r
complete -c ibmiam -n "__fish_ibmiam_needs_command" -l color -d 'When to use color [env: IBMCLOUD_COLOR, NO_COLOR, CLICOLOR_FORCE]' -r -f -a "auto\t'Only on a terminal'
always\t'Always'
never\t'Never'"
complete -c ibmiam -n "__fish_ibmiam_needs_command" -s q -l quiet -d 'Print only data, prompts and errors [env: IBMCLOUD_QUIET]'
complete -c ibmiam -n "__fish_ibmiam_needs_command" -l sandbox -d 'Run against the built-in IAM server, already logged in [env: IBMIAM_SANDBOX=1]'
complete -c ibmiam -n "__fish_ibmiam_needs_command" -l no-input -d 'Never prompt; fail if a prompt would be needed'
complete -c ibmiam -n "__fish_ibmiam_needs_command" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ibmiam -n "__fish_ibmiam_needs_command" -s V -l version -d 'Print version'
complete -c ibmiam -n "__fish_ibmiam_needs_command" -f -a "api-key-create" -d 'Create an API key'
complete -c ibmiam -n "__fish_ibmiam_needs_command" -f -a "api-key-recover" -d 'List interrupted API key creations, and finish or discard them'
complete -c ibmiam -n "__fish_ibmiam_needs_command" -f -a "api-key-update" -d 'Update an API key\'s name, description, expiration or leak action'
complete -c ibmiam -n "__fish_ibmiam_needs_command" -f -a "api-key-lock" -d 'Lock API keys, to prevent changes and deletion'
complete -c ibmiam -n "__fish_ibmiam_needs_command" -f -a "api-key-unlock" -d 'Unlock API keys'
complete -c ibmiam -n "__fish_ibmiam_needs_command" -f -a "api-key-disable" -d 'Disable API keys, to prevent logins with them'
complete -c ibmiam -n "__fish_ibmiam_needs_command" -f -a "api-key-enable" -d 'Enable disabled API keys'
complete -c ibmiam -n "__fish_ibmiam_needs_command" -f -a "api-key-delete" -d 'Permanently delete API keys'
complete -c ibmiam -n "__fish_ibmiam_needs_command" -f -a "api-key-list" -d 'List API keys'
complete -c ibmiam -n "__fish_ibmiam_needs_command" -f -a "api-keys" -d 'List API keys'
complete -c ibmiam -n "__fish_ibmiam_needs_command" -f -a "api-key-show" -d 'Show an API key'
complete -c ibmiam -n "__fish_ibmiam_needs_command" -f -a "api-key" -d 'Show an API key'
complete -c ibmiam -n "__fish_ibmiam_needs_command" -f -a "login" -d 'Log in and store the session'
complete -c ibmiam -n "__fish_ibmiam_needs_command" -f -a "logout" -d 'Log out and delete the stored session'
complete -c ibmiam -n "__fish_ibmiam_needs_command" -f -a "target" -d 'Show the current login, or switch accounts'
complete -c ibmiam -n "__fish_ibmiam_needs_command" -f -a "session" -d 'List stored login sessions, or set the default session'
complete -c ibmiam -n "__fish_ibmiam_needs_command" -f -a "exec" -d 'Run a command with a fresh access token, and no API key, in its environment'
complete -c ibmiam -n "__fish_ibmiam_needs_command" -f -a "oauth-tokens" -d 'Print an access token with its label'
complete -c ibmiam -n "__fish_ibmiam_needs_command" -f -a "bearer-token" -d 'Print only an access token'
complete -c ibmiam -n "__fish_ibmiam_needs_command" -f -a "stand-in" -d 'Install, check or remove a link that runs ibmiam under the name ibmcloud'
complete -c ibmiam -n "__fish_ibmiam_needs_command" -f -a "api" -d 'Show or set the IAM endpoint for logins'
complete -c ibmiam -n "__fish_ibmiam_needs_command" -f -a "sandbox" -d 'Run a local IAM server for testing'
complete -c ibmiam -n "__fish_ibmiam_needs_command" -f -a "completion" -d 'Print a shell completion script'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key-create" -s d -l description -d 'Description of the key' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key-create" -s f -l file -d 'Write the key to this file (mode 0600) instead of standard output; - means standard output' -r -F
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key-create" -l file-format -d 'Format of the file' -r -f -a "json\t'JSON object with all fields'
env\t'One line: IBMCLOUD_API_KEY=…'
raw\t'Only the value'"
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key-create" -l action-if-leaked -d 'What IBM Cloud does if the key leaks; default: disable' -r -f -a "none\t'Do nothing'
disable\t'Disable the key'
delete\t'Delete the key'"
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key-create" -s e -l expires -d 'When the key expires: 90d, 12h, 2027-01-31 or 2027-01-31T10:00+0000' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key-create" -s o -l output -d 'Output format' -r -f -a "table\t'Human-readable text'
json\t'JSON'
csv\t'CSV'"
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key-create" -l session -d 'Login session to use [env: IBMIAM_SESSION]' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key-create" -l endpoint -d 'URL of the IAM service [env: IBMCLOUD_IAM_API_ENDPOINT]' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key-create" -l timeout -d 'Timeout for each attempt of a request; default: 60 [env: IBMCLOUD_HTTP_TIMEOUT]' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key-create" -l ca-file -d 'Trust only the CA certificates in this file [env: SSL_CERT_FILE]' -r -F
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key-create" -l trace -d 'Log requests and responses to standard error, or append them to FILE; secrets are masked [env: IBMCLOUD_TRACE]' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key-create" -l color -d 'When to use color [env: IBMCLOUD_COLOR, NO_COLOR, CLICOLOR_FORCE]' -r -f -a "auto\t'Only on a terminal'
always\t'Always'
never\t'Never'"
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key-create" -l overwrite -d 'Replace FILE if it exists; ibmiam keeps a copy of the old file'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key-create" -l lock -d 'Create the key in locked state'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key-create" -l disabled -d 'Create the key in disabled state'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key-create" -l support-sessions -d 'Allow the management of login sessions that use this key'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key-create" -l server-generated -d 'Let the service generate the value; if the response is lost, so is the value'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key-create" -s q -l quiet -d 'Print only data, prompts and errors [env: IBMCLOUD_QUIET]'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key-create" -l sandbox -d 'Run against the built-in IAM server, already logged in [env: IBMIAM_SANDBOX=1]'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key-create" -l no-input -d 'Never prompt; fail if a prompt would be needed'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key-create" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key-recover" -s o -l output -d 'Output format' -r -f -a "table\t'Human-readable text'
json\t'JSON'
csv\t'CSV'"
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key-recover" -l session -d 'Login session to use [env: IBMIAM_SESSION]' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key-recover" -l endpoint -d 'URL of the IAM service [env: IBMCLOUD_IAM_API_ENDPOINT]' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key-recover" -l timeout -d 'Timeout for each attempt of a request; default: 60 [env: IBMCLOUD_HTTP_TIMEOUT]' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key-recover" -l ca-file -d 'Trust only the CA certificates in this file [env: SSL_CERT_FILE]' -r -F
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key-recover" -l trace -d 'Log requests and responses to standard error, or append them to FILE; secrets are masked [env: IBMCLOUD_TRACE]' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key-recover" -l color -d 'When to use color [env: IBMCLOUD_COLOR, NO_COLOR, CLICOLOR_FORCE]' -r -f -a "auto\t'Only on a terminal'
always\t'Always'
never\t'Never'"
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key-recover" -l discard -d 'Discard the creation; a value is deleted only after two checks, ten minutes apart, find no key with it'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key-recover" -s q -l quiet -d 'Print only data, prompts and errors [env: IBMCLOUD_QUIET]'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key-recover" -l sandbox -d 'Run against the built-in IAM server, already logged in [env: IBMIAM_SANDBOX=1]'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key-recover" -l no-input -d 'Never prompt; fail if a prompt would be needed'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key-recover" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key-update" -s n -l name -d 'New name' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key-update" -s d -l description -d 'New description; "" clears it' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key-update" -l action-if-leaked -d 'What IBM Cloud does if the key leaks' -r -f -a "none\t'Do nothing'
disable\t'Disable the key'
delete\t'Delete the key'"
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key-update" -s e -l expires -d 'When the key expires: 90d, 12h, 2027-01-31, 2027-01-31T10:00+0000, or never' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key-update" -s o -l output -d 'Output format' -r -f -a "table\t'Human-readable text'
json\t'JSON'
csv\t'CSV'"
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key-update" -l session -d 'Login session to use [env: IBMIAM_SESSION]' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key-update" -l endpoint -d 'URL of the IAM service [env: IBMCLOUD_IAM_API_ENDPOINT]' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key-update" -l timeout -d 'Timeout for each attempt of a request; default: 60 [env: IBMCLOUD_HTTP_TIMEOUT]' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key-update" -l ca-file -d 'Trust only the CA certificates in this file [env: SSL_CERT_FILE]' -r -F
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key-update" -l trace -d 'Log requests and responses to standard error, or append them to FILE; secrets are masked [env: IBMCLOUD_TRACE]' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key-update" -l color -d 'When to use color [env: IBMCLOUD_COLOR, NO_COLOR, CLICOLOR_FORCE]' -r -f -a "auto\t'Only on a terminal'
always\t'Always'
never\t'Never'"
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key-update" -s q -l quiet -d 'Print only data, prompts and errors [env: IBMCLOUD_QUIET]'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key-update" -l sandbox -d 'Run against the built-in IAM server, already logged in [env: IBMIAM_SANDBOX=1]'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key-update" -l no-input -d 'Never prompt; fail if a prompt would be needed'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key-update" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key-lock" -s o -l output -d 'Output format' -r -f -a "table\t'Human-readable text'
json\t'JSON'
csv\t'CSV'"
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key-lock" -l session -d 'Login session to use [env: IBMIAM_SESSION]' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key-lock" -l endpoint -d 'URL of the IAM service [env: IBMCLOUD_IAM_API_ENDPOINT]' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key-lock" -l timeout -d 'Timeout for each attempt of a request; default: 60 [env: IBMCLOUD_HTTP_TIMEOUT]' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key-lock" -l ca-file -d 'Trust only the CA certificates in this file [env: SSL_CERT_FILE]' -r -F
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key-lock" -l trace -d 'Log requests and responses to standard error, or append them to FILE; secrets are masked [env: IBMCLOUD_TRACE]' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key-lock" -l color -d 'When to use color [env: IBMCLOUD_COLOR, NO_COLOR, CLICOLOR_FORCE]' -r -f -a "auto\t'Only on a terminal'
always\t'Always'
never\t'Never'"
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key-lock" -s f -l force -d 'Do not prompt for confirmation'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key-lock" -s q -l quiet -d 'Print only data, prompts and errors [env: IBMCLOUD_QUIET]'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key-lock" -l sandbox -d 'Run against the built-in IAM server, already logged in [env: IBMIAM_SANDBOX=1]'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key-lock" -l no-input -d 'Never prompt; fail if a prompt would be needed'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key-lock" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key-unlock" -s o -l output -d 'Output format' -r -f -a "table\t'Human-readable text'
json\t'JSON'
csv\t'CSV'"
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key-unlock" -l session -d 'Login session to use [env: IBMIAM_SESSION]' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key-unlock" -l endpoint -d 'URL of the IAM service [env: IBMCLOUD_IAM_API_ENDPOINT]' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key-unlock" -l timeout -d 'Timeout for each attempt of a request; default: 60 [env: IBMCLOUD_HTTP_TIMEOUT]' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key-unlock" -l ca-file -d 'Trust only the CA certificates in this file [env: SSL_CERT_FILE]' -r -F
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key-unlock" -l trace -d 'Log requests and responses to standard error, or append them to FILE; secrets are masked [env: IBMCLOUD_TRACE]' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key-unlock" -l color -d 'When to use color [env: IBMCLOUD_COLOR, NO_COLOR, CLICOLOR_FORCE]' -r -f -a "auto\t'Only on a terminal'
always\t'Always'
never\t'Never'"
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key-unlock" -s f -l force -d 'Do not prompt for confirmation'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key-unlock" -s q -l quiet -d 'Print only data, prompts and errors [env: IBMCLOUD_QUIET]'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key-unlock" -l sandbox -d 'Run against the built-in IAM server, already logged in [env: IBMIAM_SANDBOX=1]'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key-unlock" -l no-input -d 'Never prompt; fail if a prompt would be needed'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key-unlock" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key-disable" -s o -l output -d 'Output format' -r -f -a "table\t'Human-readable text'
json\t'JSON'
csv\t'CSV'"
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key-disable" -l session -d 'Login session to use [env: IBMIAM_SESSION]' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key-disable" -l endpoint -d 'URL of the IAM service [env: IBMCLOUD_IAM_API_ENDPOINT]' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key-disable" -l timeout -d 'Timeout for each attempt of a request; default: 60 [env: IBMCLOUD_HTTP_TIMEOUT]' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key-disable" -l ca-file -d 'Trust only the CA certificates in this file [env: SSL_CERT_FILE]' -r -F
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key-disable" -l trace -d 'Log requests and responses to standard error, or append them to FILE; secrets are masked [env: IBMCLOUD_TRACE]' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key-disable" -l color -d 'When to use color [env: IBMCLOUD_COLOR, NO_COLOR, CLICOLOR_FORCE]' -r -f -a "auto\t'Only on a terminal'
always\t'Always'
never\t'Never'"
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key-disable" -s f -l force -d 'Do not prompt for confirmation'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key-disable" -s q -l quiet -d 'Print only data, prompts and errors [env: IBMCLOUD_QUIET]'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key-disable" -l sandbox -d 'Run against the built-in IAM server, already logged in [env: IBMIAM_SANDBOX=1]'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key-disable" -l no-input -d 'Never prompt; fail if a prompt would be needed'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key-disable" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key-enable" -s o -l output -d 'Output format' -r -f -a "table\t'Human-readable text'
json\t'JSON'
csv\t'CSV'"
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key-enable" -l session -d 'Login session to use [env: IBMIAM_SESSION]' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key-enable" -l endpoint -d 'URL of the IAM service [env: IBMCLOUD_IAM_API_ENDPOINT]' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key-enable" -l timeout -d 'Timeout for each attempt of a request; default: 60 [env: IBMCLOUD_HTTP_TIMEOUT]' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key-enable" -l ca-file -d 'Trust only the CA certificates in this file [env: SSL_CERT_FILE]' -r -F
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key-enable" -l trace -d 'Log requests and responses to standard error, or append them to FILE; secrets are masked [env: IBMCLOUD_TRACE]' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key-enable" -l color -d 'When to use color [env: IBMCLOUD_COLOR, NO_COLOR, CLICOLOR_FORCE]' -r -f -a "auto\t'Only on a terminal'
always\t'Always'
never\t'Never'"
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key-enable" -s f -l force -d 'Do not prompt for confirmation'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key-enable" -s q -l quiet -d 'Print only data, prompts and errors [env: IBMCLOUD_QUIET]'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key-enable" -l sandbox -d 'Run against the built-in IAM server, already logged in [env: IBMIAM_SANDBOX=1]'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key-enable" -l no-input -d 'Never prompt; fail if a prompt would be needed'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key-enable" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key-delete" -s o -l output -d 'Output format' -r -f -a "table\t'Human-readable text'
json\t'JSON'
csv\t'CSV'"
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key-delete" -l session -d 'Login session to use [env: IBMIAM_SESSION]' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key-delete" -l endpoint -d 'URL of the IAM service [env: IBMCLOUD_IAM_API_ENDPOINT]' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key-delete" -l timeout -d 'Timeout for each attempt of a request; default: 60 [env: IBMCLOUD_HTTP_TIMEOUT]' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key-delete" -l ca-file -d 'Trust only the CA certificates in this file [env: SSL_CERT_FILE]' -r -F
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key-delete" -l trace -d 'Log requests and responses to standard error, or append them to FILE; secrets are masked [env: IBMCLOUD_TRACE]' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key-delete" -l color -d 'When to use color [env: IBMCLOUD_COLOR, NO_COLOR, CLICOLOR_FORCE]' -r -f -a "auto\t'Only on a terminal'
always\t'Always'
never\t'Never'"
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key-delete" -s f -l force -d 'Do not prompt for confirmation'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key-delete" -s q -l quiet -d 'Print only data, prompts and errors [env: IBMCLOUD_QUIET]'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key-delete" -l sandbox -d 'Run against the built-in IAM server, already logged in [env: IBMIAM_SANDBOX=1]'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key-delete" -l no-input -d 'Never prompt; fail if a prompt would be needed'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key-delete" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key-list" -s n -l name -d 'List only keys whose name contains TEXT' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key-list" -s d -l description -d 'List only keys whose description contains TEXT' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key-list" -l sort -d 'Sort the list by this field' -r -f -a "name\t'By name'
created\t'Oldest first'
modified\t'Least recently modified first'
expires\t'The next one to expire first'"
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key-list" -l columns -d 'Show these columns, separated by commas, and do not cut texts' -r -f -a "id\t''
name\t''
description\t''
created_at\t''
modified_at\t''
expires_at\t''
locked\t''
disabled\t''
leaked\t''
action_when_leaked\t''
support_sessions\t''
created_by\t''
iam_id\t''
account_id\t''
crn\t''
entity_tag\t''"
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key-list" -s o -l output -d 'Output format' -r -f -a "table\t'Human-readable text'
json\t'JSON'
csv\t'CSV'"
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key-list" -l session -d 'Login session to use [env: IBMIAM_SESSION]' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key-list" -l endpoint -d 'URL of the IAM service [env: IBMCLOUD_IAM_API_ENDPOINT]' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key-list" -l timeout -d 'Timeout for each attempt of a request; default: 60 [env: IBMCLOUD_HTTP_TIMEOUT]' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key-list" -l ca-file -d 'Trust only the CA certificates in this file [env: SSL_CERT_FILE]' -r -F
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key-list" -l trace -d 'Log requests and responses to standard error, or append them to FILE; secrets are masked [env: IBMCLOUD_TRACE]' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key-list" -l color -d 'When to use color [env: IBMCLOUD_COLOR, NO_COLOR, CLICOLOR_FORCE]' -r -f -a "auto\t'Only on a terminal'
always\t'Always'
never\t'Never'"
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key-list" -s a -l all -d 'List the keys of all users in the account; requires an administrator'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key-list" -l reverse -d 'Reverse the order'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key-list" -l wide -d 'Show more columns, and do not cut texts'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key-list" -l uuid -d 'Print only the IDs, one per line'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key-list" -s q -l quiet -d 'Print only data, prompts and errors [env: IBMCLOUD_QUIET]'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key-list" -l sandbox -d 'Run against the built-in IAM server, already logged in [env: IBMIAM_SANDBOX=1]'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key-list" -l no-input -d 'Never prompt; fail if a prompt would be needed'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key-list" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-keys" -s n -l name -d 'List only keys whose name contains TEXT' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-keys" -s d -l description -d 'List only keys whose description contains TEXT' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-keys" -l sort -d 'Sort the list by this field' -r -f -a "name\t'By name'
created\t'Oldest first'
modified\t'Least recently modified first'
expires\t'The next one to expire first'"
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-keys" -l columns -d 'Show these columns, separated by commas, and do not cut texts' -r -f -a "id\t''
name\t''
description\t''
created_at\t''
modified_at\t''
expires_at\t''
locked\t''
disabled\t''
leaked\t''
action_when_leaked\t''
support_sessions\t''
created_by\t''
iam_id\t''
account_id\t''
crn\t''
entity_tag\t''"
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-keys" -s o -l output -d 'Output format' -r -f -a "table\t'Human-readable text'
json\t'JSON'
csv\t'CSV'"
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-keys" -l session -d 'Login session to use [env: IBMIAM_SESSION]' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-keys" -l endpoint -d 'URL of the IAM service [env: IBMCLOUD_IAM_API_ENDPOINT]' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-keys" -l timeout -d 'Timeout for each attempt of a request; default: 60 [env: IBMCLOUD_HTTP_TIMEOUT]' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-keys" -l ca-file -d 'Trust only the CA certificates in this file [env: SSL_CERT_FILE]' -r -F
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-keys" -l trace -d 'Log requests and responses to standard error, or append them to FILE; secrets are masked [env: IBMCLOUD_TRACE]' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-keys" -l color -d 'When to use color [env: IBMCLOUD_COLOR, NO_COLOR, CLICOLOR_FORCE]' -r -f -a "auto\t'Only on a terminal'
always\t'Always'
never\t'Never'"
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-keys" -s a -l all -d 'List the keys of all users in the account; requires an administrator'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-keys" -l reverse -d 'Reverse the order'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-keys" -l wide -d 'Show more columns, and do not cut texts'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-keys" -l uuid -d 'Print only the IDs, one per line'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-keys" -s q -l quiet -d 'Print only data, prompts and errors [env: IBMCLOUD_QUIET]'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-keys" -l sandbox -d 'Run against the built-in IAM server, already logged in [env: IBMIAM_SANDBOX=1]'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-keys" -l no-input -d 'Never prompt; fail if a prompt would be needed'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-keys" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key-show" -s o -l output -d 'Output format' -r -f -a "table\t'Human-readable text'
json\t'JSON'
csv\t'CSV'"
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key-show" -l session -d 'Login session to use [env: IBMIAM_SESSION]' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key-show" -l endpoint -d 'URL of the IAM service [env: IBMCLOUD_IAM_API_ENDPOINT]' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key-show" -l timeout -d 'Timeout for each attempt of a request; default: 60 [env: IBMCLOUD_HTTP_TIMEOUT]' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key-show" -l ca-file -d 'Trust only the CA certificates in this file [env: SSL_CERT_FILE]' -r -F
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key-show" -l trace -d 'Log requests and responses to standard error, or append them to FILE; secrets are masked [env: IBMCLOUD_TRACE]' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key-show" -l color -d 'When to use color [env: IBMCLOUD_COLOR, NO_COLOR, CLICOLOR_FORCE]' -r -f -a "auto\t'Only on a terminal'
always\t'Always'
never\t'Never'"
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key-show" -l uuid -d 'Print only the ID'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key-show" -l activity -d 'Show when and how often the key was used'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key-show" -l history -d 'Show the history of changes'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key-show" -s q -l quiet -d 'Print only data, prompts and errors [env: IBMCLOUD_QUIET]'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key-show" -l sandbox -d 'Run against the built-in IAM server, already logged in [env: IBMIAM_SANDBOX=1]'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key-show" -l no-input -d 'Never prompt; fail if a prompt would be needed'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key-show" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key" -s o -l output -d 'Output format' -r -f -a "table\t'Human-readable text'
json\t'JSON'
csv\t'CSV'"
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key" -l session -d 'Login session to use [env: IBMIAM_SESSION]' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key" -l endpoint -d 'URL of the IAM service [env: IBMCLOUD_IAM_API_ENDPOINT]' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key" -l timeout -d 'Timeout for each attempt of a request; default: 60 [env: IBMCLOUD_HTTP_TIMEOUT]' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key" -l ca-file -d 'Trust only the CA certificates in this file [env: SSL_CERT_FILE]' -r -F
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key" -l trace -d 'Log requests and responses to standard error, or append them to FILE; secrets are masked [env: IBMCLOUD_TRACE]' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key" -l color -d 'When to use color [env: IBMCLOUD_COLOR, NO_COLOR, CLICOLOR_FORCE]' -r -f -a "auto\t'Only on a terminal'
always\t'Always'
never\t'Never'"
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key" -l uuid -d 'Print only the ID'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key" -l activity -d 'Show when and how often the key was used'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key" -l history -d 'Show the history of changes'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key" -s q -l quiet -d 'Print only data, prompts and errors [env: IBMCLOUD_QUIET]'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key" -l sandbox -d 'Run against the built-in IAM server, already logged in [env: IBMIAM_SANDBOX=1]'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key" -l no-input -d 'Never prompt; fail if a prompt would be needed'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand login" -l apikey -d 'API key to log in with; @FILE reads a file, - reads standard input [env: IBMCLOUD_API_KEY]' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand login" -l passcode -d 'One-time passcode to log in with' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand login" -l cr-token -d 'Compute resource token to log in with; @FILE reads a file [env: IBMCLOUD_CR_TOKEN]' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand login" -l profile -d 'Trusted profile for --cr-token [env: IBMCLOUD_CR_PROFILE]' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand login" -s c -l account -d 'Account to use, if the user has several: its ID or exact name' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand login" -s a -l api -d 'Endpoint to log in to: cloud.ibm.com, private.cloud.ibm.com, test.cloud.ibm.com or a URL' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand login" -l store -d 'Where to store the refresh token' -r -f -a "auto\t'Keyring if available, otherwise a file'
keyring\t'System keyring'
file\t'File that only this user can read'
none\t'Do not store it; the session ends when its access token expires'"
complete -c ibmiam -n "__fish_ibmiam_using_subcommand login" -s r -l region -d 'Ignored; accepted for compatibility with ibmcloud' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand login" -s g -l resource-group -d 'Ignored; accepted for compatibility with ibmcloud' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand login" -s o -l output -d 'Output format' -r -f -a "table\t'Human-readable text'
json\t'JSON'
csv\t'CSV'"
complete -c ibmiam -n "__fish_ibmiam_using_subcommand login" -l session -d 'Login session to use [env: IBMIAM_SESSION]' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand login" -l endpoint -d 'URL of the IAM service [env: IBMCLOUD_IAM_API_ENDPOINT]' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand login" -l timeout -d 'Timeout for each attempt of a request; default: 60 [env: IBMCLOUD_HTTP_TIMEOUT]' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand login" -l ca-file -d 'Trust only the CA certificates in this file [env: SSL_CERT_FILE]' -r -F
complete -c ibmiam -n "__fish_ibmiam_using_subcommand login" -l trace -d 'Log requests and responses to standard error, or append them to FILE; secrets are masked [env: IBMCLOUD_TRACE]' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand login" -l color -d 'When to use color [env: IBMCLOUD_COLOR, NO_COLOR, CLICOLOR_FORCE]' -r -f -a "auto\t'Only on a terminal'
always\t'Always'
never\t'Never'"
complete -c ibmiam -n "__fish_ibmiam_using_subcommand login" -l sso -d 'Log in with a one-time passcode; shows the page for it and offers to open it'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand login" -l no-account -d 'Do not select an account; select one later with \'target -c\''
complete -c ibmiam -n "__fish_ibmiam_using_subcommand login" -l keep-key -d 'Also store the API key in the keyring, so that the session does not expire'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand login" -l no-region -d 'Ignored; accepted for compatibility with ibmcloud'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand login" -l accept -d 'Ignored; accepted for compatibility with ibmcloud'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand login" -s q -l quiet -d 'Print only data, prompts and errors [env: IBMCLOUD_QUIET]'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand login" -l sandbox -d 'Run against the built-in IAM server, already logged in [env: IBMIAM_SANDBOX=1]'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand login" -l no-input -d 'Never prompt; fail if a prompt would be needed'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand login" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand logout" -s o -l output -d 'Output format' -r -f -a "table\t'Human-readable text'
json\t'JSON'
csv\t'CSV'"
complete -c ibmiam -n "__fish_ibmiam_using_subcommand logout" -l session -d 'Login session to use [env: IBMIAM_SESSION]' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand logout" -l endpoint -d 'URL of the IAM service [env: IBMCLOUD_IAM_API_ENDPOINT]' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand logout" -l timeout -d 'Timeout for each attempt of a request; default: 60 [env: IBMCLOUD_HTTP_TIMEOUT]' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand logout" -l ca-file -d 'Trust only the CA certificates in this file [env: SSL_CERT_FILE]' -r -F
complete -c ibmiam -n "__fish_ibmiam_using_subcommand logout" -l trace -d 'Log requests and responses to standard error, or append them to FILE; secrets are masked [env: IBMCLOUD_TRACE]' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand logout" -l color -d 'When to use color [env: IBMCLOUD_COLOR, NO_COLOR, CLICOLOR_FORCE]' -r -f -a "auto\t'Only on a terminal'
always\t'Always'
never\t'Never'"
complete -c ibmiam -n "__fish_ibmiam_using_subcommand logout" -s q -l quiet -d 'Print only data, prompts and errors [env: IBMCLOUD_QUIET]'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand logout" -l sandbox -d 'Run against the built-in IAM server, already logged in [env: IBMIAM_SANDBOX=1]'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand logout" -l no-input -d 'Never prompt; fail if a prompt would be needed'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand logout" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand target" -s c -l account -d 'Switch to this account: its ID or exact name' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand target" -s r -l region -d 'Ignored; accepted for compatibility with ibmcloud' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand target" -s g -l resource-group -d 'Ignored; accepted for compatibility with ibmcloud' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand target" -s o -l output -d 'Output format' -r -f -a "table\t'Human-readable text'
json\t'JSON'
csv\t'CSV'"
complete -c ibmiam -n "__fish_ibmiam_using_subcommand target" -l session -d 'Login session to use [env: IBMIAM_SESSION]' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand target" -l endpoint -d 'URL of the IAM service [env: IBMCLOUD_IAM_API_ENDPOINT]' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand target" -l timeout -d 'Timeout for each attempt of a request; default: 60 [env: IBMCLOUD_HTTP_TIMEOUT]' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand target" -l ca-file -d 'Trust only the CA certificates in this file [env: SSL_CERT_FILE]' -r -F
complete -c ibmiam -n "__fish_ibmiam_using_subcommand target" -l trace -d 'Log requests and responses to standard error, or append them to FILE; secrets are masked [env: IBMCLOUD_TRACE]' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand target" -l color -d 'When to use color [env: IBMCLOUD_COLOR, NO_COLOR, CLICOLOR_FORCE]' -r -f -a "auto\t'Only on a terminal'
always\t'Always'
never\t'Never'"
complete -c ibmiam -n "__fish_ibmiam_using_subcommand target" -s q -l quiet -d 'Print only data, prompts and errors [env: IBMCLOUD_QUIET]'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand target" -l sandbox -d 'Run against the built-in IAM server, already logged in [env: IBMIAM_SANDBOX=1]'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand target" -l no-input -d 'Never prompt; fail if a prompt would be needed'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand target" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand session; and not __fish_seen_subcommand_from list use" -s o -l output -d 'Output format' -r -f -a "table\t'Human-readable text'
json\t'JSON'
csv\t'CSV'"
complete -c ibmiam -n "__fish_ibmiam_using_subcommand session; and not __fish_seen_subcommand_from list use" -l session -d 'Login session to use [env: IBMIAM_SESSION]' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand session; and not __fish_seen_subcommand_from list use" -l endpoint -d 'URL of the IAM service [env: IBMCLOUD_IAM_API_ENDPOINT]' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand session; and not __fish_seen_subcommand_from list use" -l timeout -d 'Timeout for each attempt of a request; default: 60 [env: IBMCLOUD_HTTP_TIMEOUT]' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand session; and not __fish_seen_subcommand_from list use" -l ca-file -d 'Trust only the CA certificates in this file [env: SSL_CERT_FILE]' -r -F
complete -c ibmiam -n "__fish_ibmiam_using_subcommand session; and not __fish_seen_subcommand_from list use" -l trace -d 'Log requests and responses to standard error, or append them to FILE; secrets are masked [env: IBMCLOUD_TRACE]' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand session; and not __fish_seen_subcommand_from list use" -l color -d 'When to use color [env: IBMCLOUD_COLOR, NO_COLOR, CLICOLOR_FORCE]' -r -f -a "auto\t'Only on a terminal'
always\t'Always'
never\t'Never'"
complete -c ibmiam -n "__fish_ibmiam_using_subcommand session; and not __fish_seen_subcommand_from list use" -s q -l quiet -d 'Print only data, prompts and errors [env: IBMCLOUD_QUIET]'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand session; and not __fish_seen_subcommand_from list use" -l sandbox -d 'Run against the built-in IAM server, already logged in [env: IBMIAM_SANDBOX=1]'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand session; and not __fish_seen_subcommand_from list use" -l no-input -d 'Never prompt; fail if a prompt would be needed'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand session; and not __fish_seen_subcommand_from list use" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand session; and not __fish_seen_subcommand_from list use" -f -a "list" -d 'List the stored sessions'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand session; and not __fish_seen_subcommand_from list use" -f -a "use" -d 'Set the default session'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand session; and __fish_seen_subcommand_from list" -s o -l output -d 'Output format' -r -f -a "table\t'Human-readable text'
json\t'JSON'
csv\t'CSV'"
complete -c ibmiam -n "__fish_ibmiam_using_subcommand session; and __fish_seen_subcommand_from list" -l session -d 'Login session to use [env: IBMIAM_SESSION]' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand session; and __fish_seen_subcommand_from list" -l endpoint -d 'URL of the IAM service [env: IBMCLOUD_IAM_API_ENDPOINT]' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand session; and __fish_seen_subcommand_from list" -l timeout -d 'Timeout for each attempt of a request; default: 60 [env: IBMCLOUD_HTTP_TIMEOUT]' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand session; and __fish_seen_subcommand_from list" -l ca-file -d 'Trust only the CA certificates in this file [env: SSL_CERT_FILE]' -r -F
complete -c ibmiam -n "__fish_ibmiam_using_subcommand session; and __fish_seen_subcommand_from list" -l trace -d 'Log requests and responses to standard error, or append them to FILE; secrets are masked [env: IBMCLOUD_TRACE]' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand session; and __fish_seen_subcommand_from list" -l color -d 'When to use color [env: IBMCLOUD_COLOR, NO_COLOR, CLICOLOR_FORCE]' -r -f -a "auto\t'Only on a terminal'
always\t'Always'
never\t'Never'"
complete -c ibmiam -n "__fish_ibmiam_using_subcommand session; and __fish_seen_subcommand_from list" -s q -l quiet -d 'Print only data, prompts and errors [env: IBMCLOUD_QUIET]'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand session; and __fish_seen_subcommand_from list" -l sandbox -d 'Run against the built-in IAM server, already logged in [env: IBMIAM_SANDBOX=1]'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand session; and __fish_seen_subcommand_from list" -l no-input -d 'Never prompt; fail if a prompt would be needed'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand session; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand session; and __fish_seen_subcommand_from use" -s o -l output -d 'Output format' -r -f -a "table\t'Human-readable text'
json\t'JSON'
csv\t'CSV'"
complete -c ibmiam -n "__fish_ibmiam_using_subcommand session; and __fish_seen_subcommand_from use" -l session -d 'Login session to use [env: IBMIAM_SESSION]' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand session; and __fish_seen_subcommand_from use" -l endpoint -d 'URL of the IAM service [env: IBMCLOUD_IAM_API_ENDPOINT]' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand session; and __fish_seen_subcommand_from use" -l timeout -d 'Timeout for each attempt of a request; default: 60 [env: IBMCLOUD_HTTP_TIMEOUT]' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand session; and __fish_seen_subcommand_from use" -l ca-file -d 'Trust only the CA certificates in this file [env: SSL_CERT_FILE]' -r -F
complete -c ibmiam -n "__fish_ibmiam_using_subcommand session; and __fish_seen_subcommand_from use" -l trace -d 'Log requests and responses to standard error, or append them to FILE; secrets are masked [env: IBMCLOUD_TRACE]' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand session; and __fish_seen_subcommand_from use" -l color -d 'When to use color [env: IBMCLOUD_COLOR, NO_COLOR, CLICOLOR_FORCE]' -r -f -a "auto\t'Only on a terminal'
always\t'Always'
never\t'Never'"
complete -c ibmiam -n "__fish_ibmiam_using_subcommand session; and __fish_seen_subcommand_from use" -s q -l quiet -d 'Print only data, prompts and errors [env: IBMCLOUD_QUIET]'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand session; and __fish_seen_subcommand_from use" -l sandbox -d 'Run against the built-in IAM server, already logged in [env: IBMIAM_SANDBOX=1]'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand session; and __fish_seen_subcommand_from use" -l no-input -d 'Never prompt; fail if a prompt would be needed'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand session; and __fish_seen_subcommand_from use" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand exec" -s o -l output -d 'Output format' -r -f -a "table\t'Human-readable text'
json\t'JSON'
csv\t'CSV'"
complete -c ibmiam -n "__fish_ibmiam_using_subcommand exec" -l session -d 'Login session to use [env: IBMIAM_SESSION]' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand exec" -l endpoint -d 'URL of the IAM service [env: IBMCLOUD_IAM_API_ENDPOINT]' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand exec" -l timeout -d 'Timeout for each attempt of a request; default: 60 [env: IBMCLOUD_HTTP_TIMEOUT]' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand exec" -l ca-file -d 'Trust only the CA certificates in this file [env: SSL_CERT_FILE]' -r -F
complete -c ibmiam -n "__fish_ibmiam_using_subcommand exec" -l trace -d 'Log requests and responses to standard error, or append them to FILE; secrets are masked [env: IBMCLOUD_TRACE]' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand exec" -l color -d 'When to use color [env: IBMCLOUD_COLOR, NO_COLOR, CLICOLOR_FORCE]' -r -f -a "auto\t'Only on a terminal'
always\t'Always'
never\t'Never'"
complete -c ibmiam -n "__fish_ibmiam_using_subcommand exec" -s q -l quiet -d 'Print only data, prompts and errors [env: IBMCLOUD_QUIET]'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand exec" -l sandbox -d 'Run against the built-in IAM server, already logged in [env: IBMIAM_SANDBOX=1]'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand exec" -l no-input -d 'Never prompt; fail if a prompt would be needed'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand exec" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand oauth-tokens" -s o -l output -d 'Output format' -r -f -a "table\t'Human-readable text'
json\t'JSON'
csv\t'CSV'"
complete -c ibmiam -n "__fish_ibmiam_using_subcommand oauth-tokens" -l session -d 'Login session to use [env: IBMIAM_SESSION]' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand oauth-tokens" -l endpoint -d 'URL of the IAM service [env: IBMCLOUD_IAM_API_ENDPOINT]' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand oauth-tokens" -l timeout -d 'Timeout for each attempt of a request; default: 60 [env: IBMCLOUD_HTTP_TIMEOUT]' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand oauth-tokens" -l ca-file -d 'Trust only the CA certificates in this file [env: SSL_CERT_FILE]' -r -F
complete -c ibmiam -n "__fish_ibmiam_using_subcommand oauth-tokens" -l trace -d 'Log requests and responses to standard error, or append them to FILE; secrets are masked [env: IBMCLOUD_TRACE]' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand oauth-tokens" -l color -d 'When to use color [env: IBMCLOUD_COLOR, NO_COLOR, CLICOLOR_FORCE]' -r -f -a "auto\t'Only on a terminal'
always\t'Always'
never\t'Never'"
complete -c ibmiam -n "__fish_ibmiam_using_subcommand oauth-tokens" -s q -l quiet -d 'Print only data, prompts and errors [env: IBMCLOUD_QUIET]'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand oauth-tokens" -l sandbox -d 'Run against the built-in IAM server, already logged in [env: IBMIAM_SANDBOX=1]'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand oauth-tokens" -l no-input -d 'Never prompt; fail if a prompt would be needed'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand oauth-tokens" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand bearer-token" -s o -l output -d 'Output format' -r -f -a "table\t'Human-readable text'
json\t'JSON'
csv\t'CSV'"
complete -c ibmiam -n "__fish_ibmiam_using_subcommand bearer-token" -l session -d 'Login session to use [env: IBMIAM_SESSION]' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand bearer-token" -l endpoint -d 'URL of the IAM service [env: IBMCLOUD_IAM_API_ENDPOINT]' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand bearer-token" -l timeout -d 'Timeout for each attempt of a request; default: 60 [env: IBMCLOUD_HTTP_TIMEOUT]' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand bearer-token" -l ca-file -d 'Trust only the CA certificates in this file [env: SSL_CERT_FILE]' -r -F
complete -c ibmiam -n "__fish_ibmiam_using_subcommand bearer-token" -l trace -d 'Log requests and responses to standard error, or append them to FILE; secrets are masked [env: IBMCLOUD_TRACE]' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand bearer-token" -l color -d 'When to use color [env: IBMCLOUD_COLOR, NO_COLOR, CLICOLOR_FORCE]' -r -f -a "auto\t'Only on a terminal'
always\t'Always'
never\t'Never'"
complete -c ibmiam -n "__fish_ibmiam_using_subcommand bearer-token" -s q -l quiet -d 'Print only data, prompts and errors [env: IBMCLOUD_QUIET]'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand bearer-token" -l sandbox -d 'Run against the built-in IAM server, already logged in [env: IBMIAM_SANDBOX=1]'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand bearer-token" -l no-input -d 'Never prompt; fail if a prompt would be needed'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand bearer-token" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand stand-in; and not __fish_seen_subcommand_from install status remove" -s o -l output -d 'Output format' -r -f -a "table\t'Human-readable text'
json\t'JSON'
csv\t'CSV'"
complete -c ibmiam -n "__fish_ibmiam_using_subcommand stand-in; and not __fish_seen_subcommand_from install status remove" -l session -d 'Login session to use [env: IBMIAM_SESSION]' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand stand-in; and not __fish_seen_subcommand_from install status remove" -l endpoint -d 'URL of the IAM service [env: IBMCLOUD_IAM_API_ENDPOINT]' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand stand-in; and not __fish_seen_subcommand_from install status remove" -l timeout -d 'Timeout for each attempt of a request; default: 60 [env: IBMCLOUD_HTTP_TIMEOUT]' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand stand-in; and not __fish_seen_subcommand_from install status remove" -l ca-file -d 'Trust only the CA certificates in this file [env: SSL_CERT_FILE]' -r -F
complete -c ibmiam -n "__fish_ibmiam_using_subcommand stand-in; and not __fish_seen_subcommand_from install status remove" -l trace -d 'Log requests and responses to standard error, or append them to FILE; secrets are masked [env: IBMCLOUD_TRACE]' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand stand-in; and not __fish_seen_subcommand_from install status remove" -l color -d 'When to use color [env: IBMCLOUD_COLOR, NO_COLOR, CLICOLOR_FORCE]' -r -f -a "auto\t'Only on a terminal'
always\t'Always'
never\t'Never'"
complete -c ibmiam -n "__fish_ibmiam_using_subcommand stand-in; and not __fish_seen_subcommand_from install status remove" -s q -l quiet -d 'Print only data, prompts and errors [env: IBMCLOUD_QUIET]'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand stand-in; and not __fish_seen_subcommand_from install status remove" -l sandbox -d 'Run against the built-in IAM server, already logged in [env: IBMIAM_SANDBOX=1]'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand stand-in; and not __fish_seen_subcommand_from install status remove" -l no-input -d 'Never prompt; fail if a prompt would be needed'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand stand-in; and not __fish_seen_subcommand_from install status remove" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand stand-in; and not __fish_seen_subcommand_from install status remove" -f -a "install" -d 'Create a link named ibmcloud to this program; never replaces another file'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand stand-in; and not __fish_seen_subcommand_from install status remove" -f -a "status" -d 'List the programs named ibmcloud on PATH, in order'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand stand-in; and not __fish_seen_subcommand_from install status remove" -f -a "remove" -d 'Remove the link'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand stand-in; and __fish_seen_subcommand_from install" -l dir -d 'Folder of the link; default: the folder of this program' -r -F
complete -c ibmiam -n "__fish_ibmiam_using_subcommand stand-in; and __fish_seen_subcommand_from install" -s o -l output -d 'Output format' -r -f -a "table\t'Human-readable text'
json\t'JSON'
csv\t'CSV'"
complete -c ibmiam -n "__fish_ibmiam_using_subcommand stand-in; and __fish_seen_subcommand_from install" -l session -d 'Login session to use [env: IBMIAM_SESSION]' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand stand-in; and __fish_seen_subcommand_from install" -l endpoint -d 'URL of the IAM service [env: IBMCLOUD_IAM_API_ENDPOINT]' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand stand-in; and __fish_seen_subcommand_from install" -l timeout -d 'Timeout for each attempt of a request; default: 60 [env: IBMCLOUD_HTTP_TIMEOUT]' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand stand-in; and __fish_seen_subcommand_from install" -l ca-file -d 'Trust only the CA certificates in this file [env: SSL_CERT_FILE]' -r -F
complete -c ibmiam -n "__fish_ibmiam_using_subcommand stand-in; and __fish_seen_subcommand_from install" -l trace -d 'Log requests and responses to standard error, or append them to FILE; secrets are masked [env: IBMCLOUD_TRACE]' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand stand-in; and __fish_seen_subcommand_from install" -l color -d 'When to use color [env: IBMCLOUD_COLOR, NO_COLOR, CLICOLOR_FORCE]' -r -f -a "auto\t'Only on a terminal'
always\t'Always'
never\t'Never'"
complete -c ibmiam -n "__fish_ibmiam_using_subcommand stand-in; and __fish_seen_subcommand_from install" -s q -l quiet -d 'Print only data, prompts and errors [env: IBMCLOUD_QUIET]'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand stand-in; and __fish_seen_subcommand_from install" -l sandbox -d 'Run against the built-in IAM server, already logged in [env: IBMIAM_SANDBOX=1]'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand stand-in; and __fish_seen_subcommand_from install" -l no-input -d 'Never prompt; fail if a prompt would be needed'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand stand-in; and __fish_seen_subcommand_from install" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand stand-in; and __fish_seen_subcommand_from status" -s o -l output -d 'Output format' -r -f -a "table\t'Human-readable text'
json\t'JSON'
csv\t'CSV'"
complete -c ibmiam -n "__fish_ibmiam_using_subcommand stand-in; and __fish_seen_subcommand_from status" -l session -d 'Login session to use [env: IBMIAM_SESSION]' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand stand-in; and __fish_seen_subcommand_from status" -l endpoint -d 'URL of the IAM service [env: IBMCLOUD_IAM_API_ENDPOINT]' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand stand-in; and __fish_seen_subcommand_from status" -l timeout -d 'Timeout for each attempt of a request; default: 60 [env: IBMCLOUD_HTTP_TIMEOUT]' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand stand-in; and __fish_seen_subcommand_from status" -l ca-file -d 'Trust only the CA certificates in this file [env: SSL_CERT_FILE]' -r -F
complete -c ibmiam -n "__fish_ibmiam_using_subcommand stand-in; and __fish_seen_subcommand_from status" -l trace -d 'Log requests and responses to standard error, or append them to FILE; secrets are masked [env: IBMCLOUD_TRACE]' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand stand-in; and __fish_seen_subcommand_from status" -l color -d 'When to use color [env: IBMCLOUD_COLOR, NO_COLOR, CLICOLOR_FORCE]' -r -f -a "auto\t'Only on a terminal'
always\t'Always'
never\t'Never'"
complete -c ibmiam -n "__fish_ibmiam_using_subcommand stand-in; and __fish_seen_subcommand_from status" -s q -l quiet -d 'Print only data, prompts and errors [env: IBMCLOUD_QUIET]'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand stand-in; and __fish_seen_subcommand_from status" -l sandbox -d 'Run against the built-in IAM server, already logged in [env: IBMIAM_SANDBOX=1]'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand stand-in; and __fish_seen_subcommand_from status" -l no-input -d 'Never prompt; fail if a prompt would be needed'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand stand-in; and __fish_seen_subcommand_from status" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand stand-in; and __fish_seen_subcommand_from remove" -l dir -d 'Folder of the link; default: the folder of this program' -r -F
complete -c ibmiam -n "__fish_ibmiam_using_subcommand stand-in; and __fish_seen_subcommand_from remove" -s o -l output -d 'Output format' -r -f -a "table\t'Human-readable text'
json\t'JSON'
csv\t'CSV'"
complete -c ibmiam -n "__fish_ibmiam_using_subcommand stand-in; and __fish_seen_subcommand_from remove" -l session -d 'Login session to use [env: IBMIAM_SESSION]' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand stand-in; and __fish_seen_subcommand_from remove" -l endpoint -d 'URL of the IAM service [env: IBMCLOUD_IAM_API_ENDPOINT]' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand stand-in; and __fish_seen_subcommand_from remove" -l timeout -d 'Timeout for each attempt of a request; default: 60 [env: IBMCLOUD_HTTP_TIMEOUT]' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand stand-in; and __fish_seen_subcommand_from remove" -l ca-file -d 'Trust only the CA certificates in this file [env: SSL_CERT_FILE]' -r -F
complete -c ibmiam -n "__fish_ibmiam_using_subcommand stand-in; and __fish_seen_subcommand_from remove" -l trace -d 'Log requests and responses to standard error, or append them to FILE; secrets are masked [env: IBMCLOUD_TRACE]' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand stand-in; and __fish_seen_subcommand_from remove" -l color -d 'When to use color [env: IBMCLOUD_COLOR, NO_COLOR, CLICOLOR_FORCE]' -r -f -a "auto\t'Only on a terminal'
always\t'Always'
never\t'Never'"
complete -c ibmiam -n "__fish_ibmiam_using_subcommand stand-in; and __fish_seen_subcommand_from remove" -s q -l quiet -d 'Print only data, prompts and errors [env: IBMCLOUD_QUIET]'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand stand-in; and __fish_seen_subcommand_from remove" -l sandbox -d 'Run against the built-in IAM server, already logged in [env: IBMIAM_SANDBOX=1]'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand stand-in; and __fish_seen_subcommand_from remove" -l no-input -d 'Never prompt; fail if a prompt would be needed'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand stand-in; and __fish_seen_subcommand_from remove" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api" -s o -l output -d 'Output format' -r -f -a "table\t'Human-readable text'
json\t'JSON'
csv\t'CSV'"
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api" -l session -d 'Login session to use [env: IBMIAM_SESSION]' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api" -l endpoint -d 'URL of the IAM service [env: IBMCLOUD_IAM_API_ENDPOINT]' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api" -l timeout -d 'Timeout for each attempt of a request; default: 60 [env: IBMCLOUD_HTTP_TIMEOUT]' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api" -l ca-file -d 'Trust only the CA certificates in this file [env: SSL_CERT_FILE]' -r -F
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api" -l trace -d 'Log requests and responses to standard error, or append them to FILE; secrets are masked [env: IBMCLOUD_TRACE]' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api" -l color -d 'When to use color [env: IBMCLOUD_COLOR, NO_COLOR, CLICOLOR_FORCE]' -r -f -a "auto\t'Only on a terminal'
always\t'Always'
never\t'Never'"
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api" -l unset -d 'Reset to the public endpoint'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api" -s q -l quiet -d 'Print only data, prompts and errors [env: IBMCLOUD_QUIET]'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api" -l sandbox -d 'Run against the built-in IAM server, already logged in [env: IBMIAM_SANDBOX=1]'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api" -l no-input -d 'Never prompt; fail if a prompt would be needed'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand sandbox; and not __fish_seen_subcommand_from serve run reset passcode cr-token" -s o -l output -d 'Output format' -r -f -a "table\t'Human-readable text'
json\t'JSON'
csv\t'CSV'"
complete -c ibmiam -n "__fish_ibmiam_using_subcommand sandbox; and not __fish_seen_subcommand_from serve run reset passcode cr-token" -l session -d 'Login session to use [env: IBMIAM_SESSION]' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand sandbox; and not __fish_seen_subcommand_from serve run reset passcode cr-token" -l endpoint -d 'URL of the IAM service [env: IBMCLOUD_IAM_API_ENDPOINT]' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand sandbox; and not __fish_seen_subcommand_from serve run reset passcode cr-token" -l timeout -d 'Timeout for each attempt of a request; default: 60 [env: IBMCLOUD_HTTP_TIMEOUT]' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand sandbox; and not __fish_seen_subcommand_from serve run reset passcode cr-token" -l ca-file -d 'Trust only the CA certificates in this file [env: SSL_CERT_FILE]' -r -F
complete -c ibmiam -n "__fish_ibmiam_using_subcommand sandbox; and not __fish_seen_subcommand_from serve run reset passcode cr-token" -l trace -d 'Log requests and responses to standard error, or append them to FILE; secrets are masked [env: IBMCLOUD_TRACE]' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand sandbox; and not __fish_seen_subcommand_from serve run reset passcode cr-token" -l color -d 'When to use color [env: IBMCLOUD_COLOR, NO_COLOR, CLICOLOR_FORCE]' -r -f -a "auto\t'Only on a terminal'
always\t'Always'
never\t'Never'"
complete -c ibmiam -n "__fish_ibmiam_using_subcommand sandbox; and not __fish_seen_subcommand_from serve run reset passcode cr-token" -s q -l quiet -d 'Print only data, prompts and errors [env: IBMCLOUD_QUIET]'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand sandbox; and not __fish_seen_subcommand_from serve run reset passcode cr-token" -l sandbox -d 'Run against the built-in IAM server, already logged in [env: IBMIAM_SANDBOX=1]'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand sandbox; and not __fish_seen_subcommand_from serve run reset passcode cr-token" -l no-input -d 'Never prompt; fail if a prompt would be needed'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand sandbox; and not __fish_seen_subcommand_from serve run reset passcode cr-token" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand sandbox; and not __fish_seen_subcommand_from serve run reset passcode cr-token" -f -a "serve" -d 'Start a server and print the environment variables for clients; stop it with Ctrl-C'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand sandbox; and not __fish_seen_subcommand_from serve run reset passcode cr-token" -f -a "run" -d 'Run a command against a new, temporary sandbox'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand sandbox; and not __fish_seen_subcommand_from serve run reset passcode cr-token" -f -a "reset" -d 'Permanently delete all data of the sandbox'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand sandbox; and not __fish_seen_subcommand_from serve run reset passcode cr-token" -f -a "passcode" -d 'Print a one-time passcode for the sandbox user'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand sandbox; and not __fish_seen_subcommand_from serve run reset passcode cr-token" -f -a "cr-token" -d 'Print a compute resource token, and the trusted profile to use with it'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand sandbox; and __fish_seen_subcommand_from serve" -l listen -d 'Loopback address to listen on; port 0 selects a free port' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand sandbox; and __fish_seen_subcommand_from serve" -l seed -d 'Add test keys until the account has N keys, 10 of them the sandbox user\'s own' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand sandbox; and __fish_seen_subcommand_from serve" -l config -d 'Read users, keys, limits, lifetimes and faults from this TOML file; for an example, see docs/sandbox.toml' -r -F
complete -c ibmiam -n "__fish_ibmiam_using_subcommand sandbox; and __fish_seen_subcommand_from serve" -l fault -d 'Inject a fault, for example "POST /v1/apikeys nth=1 drop=after"; can be repeated' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand sandbox; and __fish_seen_subcommand_from serve" -l log -d 'Append each request to this file, without secrets, as one JSON object per line' -r -F
complete -c ibmiam -n "__fish_ibmiam_using_subcommand sandbox; and __fish_seen_subcommand_from serve" -l env-file -d 'Also write the variables to this file (mode 0600)' -r -F
complete -c ibmiam -n "__fish_ibmiam_using_subcommand sandbox; and __fish_seen_subcommand_from serve" -s o -l output -d 'Output format' -r -f -a "table\t'Human-readable text'
json\t'JSON'
csv\t'CSV'"
complete -c ibmiam -n "__fish_ibmiam_using_subcommand sandbox; and __fish_seen_subcommand_from serve" -l session -d 'Login session to use [env: IBMIAM_SESSION]' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand sandbox; and __fish_seen_subcommand_from serve" -l endpoint -d 'URL of the IAM service [env: IBMCLOUD_IAM_API_ENDPOINT]' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand sandbox; and __fish_seen_subcommand_from serve" -l timeout -d 'Timeout for each attempt of a request; default: 60 [env: IBMCLOUD_HTTP_TIMEOUT]' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand sandbox; and __fish_seen_subcommand_from serve" -l ca-file -d 'Trust only the CA certificates in this file [env: SSL_CERT_FILE]' -r -F
complete -c ibmiam -n "__fish_ibmiam_using_subcommand sandbox; and __fish_seen_subcommand_from serve" -l trace -d 'Log requests and responses to standard error, or append them to FILE; secrets are masked [env: IBMCLOUD_TRACE]' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand sandbox; and __fish_seen_subcommand_from serve" -l color -d 'When to use color [env: IBMCLOUD_COLOR, NO_COLOR, CLICOLOR_FORCE]' -r -f -a "auto\t'Only on a terminal'
always\t'Always'
never\t'Never'"
complete -c ibmiam -n "__fish_ibmiam_using_subcommand sandbox; and __fish_seen_subcommand_from serve" -l ephemeral -d 'Keep the data in memory, and discard it at exit'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand sandbox; and __fish_seen_subcommand_from serve" -l tls -d 'Use https with a temporary certificate; SSL_CERT_FILE names it for clients'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand sandbox; and __fish_seen_subcommand_from serve" -s q -l quiet -d 'Print only data, prompts and errors [env: IBMCLOUD_QUIET]'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand sandbox; and __fish_seen_subcommand_from serve" -l sandbox -d 'Run against the built-in IAM server, already logged in [env: IBMIAM_SANDBOX=1]'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand sandbox; and __fish_seen_subcommand_from serve" -l no-input -d 'Never prompt; fail if a prompt would be needed'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand sandbox; and __fish_seen_subcommand_from serve" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand sandbox; and __fish_seen_subcommand_from run" -l seed -d 'Add test keys until the account has N keys, 10 of them the sandbox user\'s own' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand sandbox; and __fish_seen_subcommand_from run" -l config -d 'Read users, keys, limits, lifetimes and faults from this TOML file; for an example, see docs/sandbox.toml' -r -F
complete -c ibmiam -n "__fish_ibmiam_using_subcommand sandbox; and __fish_seen_subcommand_from run" -l fault -d 'Inject a fault, for example "POST /v1/apikeys nth=1 drop=after"; can be repeated' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand sandbox; and __fish_seen_subcommand_from run" -l log -d 'Append each request to this file, without secrets, as one JSON object per line' -r -F
complete -c ibmiam -n "__fish_ibmiam_using_subcommand sandbox; and __fish_seen_subcommand_from run" -s o -l output -d 'Output format' -r -f -a "table\t'Human-readable text'
json\t'JSON'
csv\t'CSV'"
complete -c ibmiam -n "__fish_ibmiam_using_subcommand sandbox; and __fish_seen_subcommand_from run" -l session -d 'Login session to use [env: IBMIAM_SESSION]' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand sandbox; and __fish_seen_subcommand_from run" -l endpoint -d 'URL of the IAM service [env: IBMCLOUD_IAM_API_ENDPOINT]' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand sandbox; and __fish_seen_subcommand_from run" -l timeout -d 'Timeout for each attempt of a request; default: 60 [env: IBMCLOUD_HTTP_TIMEOUT]' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand sandbox; and __fish_seen_subcommand_from run" -l ca-file -d 'Trust only the CA certificates in this file [env: SSL_CERT_FILE]' -r -F
complete -c ibmiam -n "__fish_ibmiam_using_subcommand sandbox; and __fish_seen_subcommand_from run" -l trace -d 'Log requests and responses to standard error, or append them to FILE; secrets are masked [env: IBMCLOUD_TRACE]' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand sandbox; and __fish_seen_subcommand_from run" -l color -d 'When to use color [env: IBMCLOUD_COLOR, NO_COLOR, CLICOLOR_FORCE]' -r -f -a "auto\t'Only on a terminal'
always\t'Always'
never\t'Never'"
complete -c ibmiam -n "__fish_ibmiam_using_subcommand sandbox; and __fish_seen_subcommand_from run" -l tls -d 'Use https with a temporary certificate; SSL_CERT_FILE names it for clients'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand sandbox; and __fish_seen_subcommand_from run" -s q -l quiet -d 'Print only data, prompts and errors [env: IBMCLOUD_QUIET]'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand sandbox; and __fish_seen_subcommand_from run" -l sandbox -d 'Run against the built-in IAM server, already logged in [env: IBMIAM_SANDBOX=1]'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand sandbox; and __fish_seen_subcommand_from run" -l no-input -d 'Never prompt; fail if a prompt would be needed'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand sandbox; and __fish_seen_subcommand_from run" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand sandbox; and __fish_seen_subcommand_from reset" -s o -l output -d 'Output format' -r -f -a "table\t'Human-readable text'
json\t'JSON'
csv\t'CSV'"
complete -c ibmiam -n "__fish_ibmiam_using_subcommand sandbox; and __fish_seen_subcommand_from reset" -l session -d 'Login session to use [env: IBMIAM_SESSION]' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand sandbox; and __fish_seen_subcommand_from reset" -l endpoint -d 'URL of the IAM service [env: IBMCLOUD_IAM_API_ENDPOINT]' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand sandbox; and __fish_seen_subcommand_from reset" -l timeout -d 'Timeout for each attempt of a request; default: 60 [env: IBMCLOUD_HTTP_TIMEOUT]' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand sandbox; and __fish_seen_subcommand_from reset" -l ca-file -d 'Trust only the CA certificates in this file [env: SSL_CERT_FILE]' -r -F
complete -c ibmiam -n "__fish_ibmiam_using_subcommand sandbox; and __fish_seen_subcommand_from reset" -l trace -d 'Log requests and responses to standard error, or append them to FILE; secrets are masked [env: IBMCLOUD_TRACE]' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand sandbox; and __fish_seen_subcommand_from reset" -l color -d 'When to use color [env: IBMCLOUD_COLOR, NO_COLOR, CLICOLOR_FORCE]' -r -f -a "auto\t'Only on a terminal'
always\t'Always'
never\t'Never'"
complete -c ibmiam -n "__fish_ibmiam_using_subcommand sandbox; and __fish_seen_subcommand_from reset" -s q -l quiet -d 'Print only data, prompts and errors [env: IBMCLOUD_QUIET]'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand sandbox; and __fish_seen_subcommand_from reset" -l sandbox -d 'Run against the built-in IAM server, already logged in [env: IBMIAM_SANDBOX=1]'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand sandbox; and __fish_seen_subcommand_from reset" -l no-input -d 'Never prompt; fail if a prompt would be needed'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand sandbox; and __fish_seen_subcommand_from reset" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand sandbox; and __fish_seen_subcommand_from passcode" -s o -l output -d 'Output format' -r -f -a "table\t'Human-readable text'
json\t'JSON'
csv\t'CSV'"
complete -c ibmiam -n "__fish_ibmiam_using_subcommand sandbox; and __fish_seen_subcommand_from passcode" -l session -d 'Login session to use [env: IBMIAM_SESSION]' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand sandbox; and __fish_seen_subcommand_from passcode" -l endpoint -d 'URL of the IAM service [env: IBMCLOUD_IAM_API_ENDPOINT]' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand sandbox; and __fish_seen_subcommand_from passcode" -l timeout -d 'Timeout for each attempt of a request; default: 60 [env: IBMCLOUD_HTTP_TIMEOUT]' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand sandbox; and __fish_seen_subcommand_from passcode" -l ca-file -d 'Trust only the CA certificates in this file [env: SSL_CERT_FILE]' -r -F
complete -c ibmiam -n "__fish_ibmiam_using_subcommand sandbox; and __fish_seen_subcommand_from passcode" -l trace -d 'Log requests and responses to standard error, or append them to FILE; secrets are masked [env: IBMCLOUD_TRACE]' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand sandbox; and __fish_seen_subcommand_from passcode" -l color -d 'When to use color [env: IBMCLOUD_COLOR, NO_COLOR, CLICOLOR_FORCE]' -r -f -a "auto\t'Only on a terminal'
always\t'Always'
never\t'Never'"
complete -c ibmiam -n "__fish_ibmiam_using_subcommand sandbox; and __fish_seen_subcommand_from passcode" -s q -l quiet -d 'Print only data, prompts and errors [env: IBMCLOUD_QUIET]'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand sandbox; and __fish_seen_subcommand_from passcode" -l sandbox -d 'Run against the built-in IAM server, already logged in [env: IBMIAM_SANDBOX=1]'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand sandbox; and __fish_seen_subcommand_from passcode" -l no-input -d 'Never prompt; fail if a prompt would be needed'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand sandbox; and __fish_seen_subcommand_from passcode" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand sandbox; and __fish_seen_subcommand_from cr-token" -s o -l output -d 'Output format' -r -f -a "table\t'Human-readable text'
json\t'JSON'
csv\t'CSV'"
complete -c ibmiam -n "__fish_ibmiam_using_subcommand sandbox; and __fish_seen_subcommand_from cr-token" -l session -d 'Login session to use [env: IBMIAM_SESSION]' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand sandbox; and __fish_seen_subcommand_from cr-token" -l endpoint -d 'URL of the IAM service [env: IBMCLOUD_IAM_API_ENDPOINT]' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand sandbox; and __fish_seen_subcommand_from cr-token" -l timeout -d 'Timeout for each attempt of a request; default: 60 [env: IBMCLOUD_HTTP_TIMEOUT]' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand sandbox; and __fish_seen_subcommand_from cr-token" -l ca-file -d 'Trust only the CA certificates in this file [env: SSL_CERT_FILE]' -r -F
complete -c ibmiam -n "__fish_ibmiam_using_subcommand sandbox; and __fish_seen_subcommand_from cr-token" -l trace -d 'Log requests and responses to standard error, or append them to FILE; secrets are masked [env: IBMCLOUD_TRACE]' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand sandbox; and __fish_seen_subcommand_from cr-token" -l color -d 'When to use color [env: IBMCLOUD_COLOR, NO_COLOR, CLICOLOR_FORCE]' -r -f -a "auto\t'Only on a terminal'
always\t'Always'
never\t'Never'"
complete -c ibmiam -n "__fish_ibmiam_using_subcommand sandbox; and __fish_seen_subcommand_from cr-token" -s q -l quiet -d 'Print only data, prompts and errors [env: IBMCLOUD_QUIET]'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand sandbox; and __fish_seen_subcommand_from cr-token" -l sandbox -d 'Run against the built-in IAM server, already logged in [env: IBMIAM_SANDBOX=1]'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand sandbox; and __fish_seen_subcommand_from cr-token" -l no-input -d 'Never prompt; fail if a prompt would be needed'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand sandbox; and __fish_seen_subcommand_from cr-token" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand completion" -s o -l output -d 'Output format' -r -f -a "table\t'Human-readable text'
json\t'JSON'
csv\t'CSV'"
complete -c ibmiam -n "__fish_ibmiam_using_subcommand completion" -l session -d 'Login session to use [env: IBMIAM_SESSION]' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand completion" -l endpoint -d 'URL of the IAM service [env: IBMCLOUD_IAM_API_ENDPOINT]' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand completion" -l timeout -d 'Timeout for each attempt of a request; default: 60 [env: IBMCLOUD_HTTP_TIMEOUT]' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand completion" -l ca-file -d 'Trust only the CA certificates in this file [env: SSL_CERT_FILE]' -r -F
complete -c ibmiam -n "__fish_ibmiam_using_subcommand completion" -l trace -d 'Log requests and responses to standard error, or append them to FILE; secrets are masked [env: IBMCLOUD_TRACE]' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand completion" -l color -d 'When to use color [env: IBMCLOUD_COLOR, NO_COLOR, CLICOLOR_FORCE]' -r -f -a "auto\t'Only on a terminal'
always\t'Always'
never\t'Never'"
complete -c ibmiam -n "__fish_ibmiam_using_subcommand completion" -s q -l quiet -d 'Print only data, prompts and errors [env: IBMCLOUD_QUIET]'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand completion" -l sandbox -d 'Run against the built-in IAM server, already logged in [env: IBMIAM_SANDBOX=1]'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand completion" -l no-input -d 'Never prompt; fail if a prompt would be needed'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand completion" -s h -l help -d 'Print help (see more with \'--help\')'
