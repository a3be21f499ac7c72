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

complete -c ibmiam -n "__fish_ibmiam_needs_command" -s o -l output -d 'Format of the data on standard output' -r -f -a "table\t'Text for people'
json\t'JSON for programs'
csv\t'CSV for spreadsheets'"
complete -c ibmiam -n "__fish_ibmiam_needs_command" -l session -d 'Use this stored login session [env: IBMIAM_SESSION]' -r
complete -c ibmiam -n "__fish_ibmiam_needs_command" -l endpoint -d 'Address of the IAM service [env: IBMCLOUD_IAM_API_ENDPOINT]' -r
complete -c ibmiam -n "__fish_ibmiam_needs_command" -l timeout -d 'Limit for one attempt of a request, 60 if not given [env: IBMCLOUD_HTTP_TIMEOUT]' -r
complete -c ibmiam -n "__fish_ibmiam_needs_command" -l ca-file -d 'Trust the certificates in this file and no others [env: SSL_CERT_FILE]' -r -F
complete -c ibmiam -n "__fish_ibmiam_needs_command" -l trace -d 'Show requests and answers, secrets masked, on standard error or at the end of FILE [env: IBMCLOUD_TRACE]' -r
complete -c ibmiam -n "__fish_ibmiam_needs_command" -l color -d 'When to colour [env: IBMCLOUD_COLOR, NO_COLOR, CLICOLOR_FORCE]' -r -f -a "auto\t'On a terminal'
always\t'Everywhere'
never\t'Nowhere'"
complete -c ibmiam -n "__fish_ibmiam_needs_command" -s q -l quiet -d 'Leave out OK, notes and warnings [env: IBMCLOUD_QUIET]'
complete -c ibmiam -n "__fish_ibmiam_needs_command" -l sandbox -d 'Run against the IAM inside this program, logged in [env: IBMIAM_SANDBOX=1]'
complete -c ibmiam -n "__fish_ibmiam_needs_command" -l no-input -d 'Never ask; what would have to be asked is an error'
complete -c ibmiam -n "__fish_ibmiam_needs_command" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ibmiam -n "__fish_ibmiam_needs_command" -s V -l version -d 'Print version'
complete -c ibmiam -n "__fish_ibmiam_needs_command" -f -a "api-key-create" -d 'Create an API key'
complete -c ibmiam -n "__fish_ibmiam_needs_command" -f -a "api-key-recover" -d 'Show and finish creations that were interrupted'
complete -c ibmiam -n "__fish_ibmiam_needs_command" -f -a "api-key-update" -d 'Change an API key\'s name, description, expiry or action if leaked'
complete -c ibmiam -n "__fish_ibmiam_needs_command" -f -a "api-key-lock" -d 'Lock API keys, so that they can be neither changed nor deleted'
complete -c ibmiam -n "__fish_ibmiam_needs_command" -f -a "api-key-unlock" -d 'Unlock API keys'
complete -c ibmiam -n "__fish_ibmiam_needs_command" -f -a "api-key-disable" -d 'Disable API keys, so that nobody can log in with them'
complete -c ibmiam -n "__fish_ibmiam_needs_command" -f -a "api-key-enable" -d 'Enable disabled API keys'
complete -c ibmiam -n "__fish_ibmiam_needs_command" -f -a "api-key-delete" -d 'Delete API keys for ever'
complete -c ibmiam -n "__fish_ibmiam_needs_command" -f -a "api-key-list" -d 'List API keys'
complete -c ibmiam -n "__fish_ibmiam_needs_command" -f -a "api-keys" -d 'List API keys'
complete -c ibmiam -n "__fish_ibmiam_needs_command" -f -a "api-key-show" -d 'Show one API key'
complete -c ibmiam -n "__fish_ibmiam_needs_command" -f -a "api-key" -d 'Show one API key'
complete -c ibmiam -n "__fish_ibmiam_needs_command" -f -a "login" -d 'Log in and keep the session'
complete -c ibmiam -n "__fish_ibmiam_needs_command" -f -a "logout" -d 'Forget the session'
complete -c ibmiam -n "__fish_ibmiam_needs_command" -f -a "target" -d 'Show who is logged in, where and until when; switch accounts'
complete -c ibmiam -n "__fish_ibmiam_needs_command" -f -a "session" -d 'List the stored sessions, or choose one'
complete -c ibmiam -n "__fish_ibmiam_needs_command" -f -a "exec" -d 'Run a command with a fresh access token in its environment, and no API key'
complete -c ibmiam -n "__fish_ibmiam_needs_command" -f -a "oauth-tokens" -d 'Print an access token with a heading'
complete -c ibmiam -n "__fish_ibmiam_needs_command" -f -a "bearer-token" -d 'Print an access token alone'
complete -c ibmiam -n "__fish_ibmiam_needs_command" -f -a "stand-in" -d 'Make, show or remove the link that stands in for ibmcloud'
complete -c ibmiam -n "__fish_ibmiam_needs_command" -f -a "api" -d 'Show or set the endpoint where logins go'
complete -c ibmiam -n "__fish_ibmiam_needs_command" -f -a "sandbox" -d 'Run an IAM of one\'s own for trying and testing'
complete -c ibmiam -n "__fish_ibmiam_needs_command" -f -a "completion" -d 'Print the completion script for a shell'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key-create" -s d -l description -d 'What the key is for' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key-create" -s f -l file -d 'Write the key to this file (mode 0600) and to no stream; - is standard output' -r -F
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key-create" -l file-format -d 'What the file holds' -r -f -a "json\t'The key with all its fields'
env\t'One line IBMCLOUD_API_KEY=…'
raw\t'The value alone'"
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key-create" -l action-if-leaked -d 'What the service does when it finds the key published; disable if not given' -r -f -a "none\t'Nothing'
disable\t'Disable it'
delete\t'Delete it'"
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key-create" -s e -l expires -d 'When the key stops working: 90d, 12h, 2027-01-31 or 2027-01-31T10:00+0000' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key-create" -s o -l output -d 'Format of the data on standard output' -r -f -a "table\t'Text for people'
json\t'JSON for programs'
csv\t'CSV for spreadsheets'"
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key-create" -l session -d 'Use this stored login session [env: IBMIAM_SESSION]' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key-create" -l endpoint -d 'Address of the IAM service [env: IBMCLOUD_IAM_API_ENDPOINT]' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key-create" -l timeout -d 'Limit for one attempt of a request, 60 if not given [env: IBMCLOUD_HTTP_TIMEOUT]' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key-create" -l ca-file -d 'Trust the certificates in this file and no others [env: SSL_CERT_FILE]' -r -F
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key-create" -l trace -d 'Show requests and answers, secrets masked, on standard error or at the end of FILE [env: IBMCLOUD_TRACE]' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key-create" -l color -d 'When to colour [env: IBMCLOUD_COLOR, NO_COLOR, CLICOLOR_FORCE]' -r -f -a "auto\t'On a terminal'
always\t'Everywhere'
never\t'Nowhere'"
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key-create" -l overwrite -d 'Replace FILE if it exists; a key in it is kept elsewhere'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key-create" -l lock -d 'Create the key locked'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key-create" -l disabled -d 'Create the key disabled'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key-create" -l support-sessions -d 'Logins with the key make sessions that can be seen and ended'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key-create" -l server-generated -d 'Let the service make the value; a lost answer or a repeated request then leaves a key whose value nobody has'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key-create" -s q -l quiet -d 'Leave out OK, notes and warnings [env: IBMCLOUD_QUIET]'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key-create" -l sandbox -d 'Run against the IAM inside this program, logged in [env: IBMIAM_SANDBOX=1]'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key-create" -l no-input -d 'Never ask; what would have to be asked is an error'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key-create" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key-recover" -s o -l output -d 'Format of the data on standard output' -r -f -a "table\t'Text for people'
json\t'JSON for programs'
csv\t'CSV for spreadsheets'"
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key-recover" -l session -d 'Use this stored login session [env: IBMIAM_SESSION]' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key-recover" -l endpoint -d 'Address of the IAM service [env: IBMCLOUD_IAM_API_ENDPOINT]' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key-recover" -l timeout -d 'Limit for one attempt of a request, 60 if not given [env: IBMCLOUD_HTTP_TIMEOUT]' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key-recover" -l ca-file -d 'Trust the certificates in this file and no others [env: SSL_CERT_FILE]' -r -F
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key-recover" -l trace -d 'Show requests and answers, secrets masked, on standard error or at the end of FILE [env: IBMCLOUD_TRACE]' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key-recover" -l color -d 'When to colour [env: IBMCLOUD_COLOR, NO_COLOR, CLICOLOR_FORCE]' -r -f -a "auto\t'On a terminal'
always\t'Everywhere'
never\t'Nowhere'"
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key-recover" -l discard -d 'Give up instead; a value is deleted only after the service said twice, ten minutes apart, that it does not know it'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key-recover" -s q -l quiet -d 'Leave out OK, notes and warnings [env: IBMCLOUD_QUIET]'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key-recover" -l sandbox -d 'Run against the IAM inside this program, logged in [env: IBMIAM_SANDBOX=1]'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key-recover" -l no-input -d 'Never ask; what would have to be asked is an error'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key-recover" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key-update" -s n -l name -d 'New name' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key-update" -s d -l description -d 'New description; "" clears it' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key-update" -l action-if-leaked -d 'What the service does when it finds the key published' -r -f -a "none\t'Nothing'
disable\t'Disable it'
delete\t'Delete it'"
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key-update" -s e -l expires -d 'When the key stops working: 90d, 12h, 2027-01-31, 2027-01-31T10:00+0000, or never' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key-update" -s o -l output -d 'Format of the data on standard output' -r -f -a "table\t'Text for people'
json\t'JSON for programs'
csv\t'CSV for spreadsheets'"
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key-update" -l session -d 'Use this stored login session [env: IBMIAM_SESSION]' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key-update" -l endpoint -d 'Address of the IAM service [env: IBMCLOUD_IAM_API_ENDPOINT]' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key-update" -l timeout -d 'Limit for one attempt of a request, 60 if not given [env: IBMCLOUD_HTTP_TIMEOUT]' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key-update" -l ca-file -d 'Trust the certificates in this file and no others [env: SSL_CERT_FILE]' -r -F
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key-update" -l trace -d 'Show requests and answers, secrets masked, on standard error or at the end of FILE [env: IBMCLOUD_TRACE]' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key-update" -l color -d 'When to colour [env: IBMCLOUD_COLOR, NO_COLOR, CLICOLOR_FORCE]' -r -f -a "auto\t'On a terminal'
always\t'Everywhere'
never\t'Nowhere'"
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key-update" -s q -l quiet -d 'Leave out OK, notes and warnings [env: IBMCLOUD_QUIET]'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key-update" -l sandbox -d 'Run against the IAM inside this program, logged in [env: IBMIAM_SANDBOX=1]'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key-update" -l no-input -d 'Never ask; what would have to be asked is an error'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key-update" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key-lock" -s o -l output -d 'Format of the data on standard output' -r -f -a "table\t'Text for people'
json\t'JSON for programs'
csv\t'CSV for spreadsheets'"
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key-lock" -l session -d 'Use this stored login session [env: IBMIAM_SESSION]' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key-lock" -l endpoint -d 'Address of the IAM service [env: IBMCLOUD_IAM_API_ENDPOINT]' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key-lock" -l timeout -d 'Limit for one attempt of a request, 60 if not given [env: IBMCLOUD_HTTP_TIMEOUT]' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key-lock" -l ca-file -d 'Trust the certificates in this file and no others [env: SSL_CERT_FILE]' -r -F
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key-lock" -l trace -d 'Show requests and answers, secrets masked, on standard error or at the end of FILE [env: IBMCLOUD_TRACE]' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key-lock" -l color -d 'When to colour [env: IBMCLOUD_COLOR, NO_COLOR, CLICOLOR_FORCE]' -r -f -a "auto\t'On a terminal'
always\t'Everywhere'
never\t'Nowhere'"
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key-lock" -s f -l force -d 'Do not ask'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key-lock" -s q -l quiet -d 'Leave out OK, notes and warnings [env: IBMCLOUD_QUIET]'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key-lock" -l sandbox -d 'Run against the IAM inside this program, logged in [env: IBMIAM_SANDBOX=1]'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key-lock" -l no-input -d 'Never ask; what would have to be asked is an error'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key-lock" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key-unlock" -s o -l output -d 'Format of the data on standard output' -r -f -a "table\t'Text for people'
json\t'JSON for programs'
csv\t'CSV for spreadsheets'"
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key-unlock" -l session -d 'Use this stored login session [env: IBMIAM_SESSION]' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key-unlock" -l endpoint -d 'Address of the IAM service [env: IBMCLOUD_IAM_API_ENDPOINT]' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key-unlock" -l timeout -d 'Limit for one attempt of a request, 60 if not given [env: IBMCLOUD_HTTP_TIMEOUT]' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key-unlock" -l ca-file -d 'Trust the certificates in this file and no others [env: SSL_CERT_FILE]' -r -F
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key-unlock" -l trace -d 'Show requests and answers, secrets masked, on standard error or at the end of FILE [env: IBMCLOUD_TRACE]' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key-unlock" -l color -d 'When to colour [env: IBMCLOUD_COLOR, NO_COLOR, CLICOLOR_FORCE]' -r -f -a "auto\t'On a terminal'
always\t'Everywhere'
never\t'Nowhere'"
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key-unlock" -s f -l force -d 'Do not ask'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key-unlock" -s q -l quiet -d 'Leave out OK, notes and warnings [env: IBMCLOUD_QUIET]'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key-unlock" -l sandbox -d 'Run against the IAM inside this program, logged in [env: IBMIAM_SANDBOX=1]'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key-unlock" -l no-input -d 'Never ask; what would have to be asked is an error'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key-unlock" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key-disable" -s o -l output -d 'Format of the data on standard output' -r -f -a "table\t'Text for people'
json\t'JSON for programs'
csv\t'CSV for spreadsheets'"
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key-disable" -l session -d 'Use this stored login session [env: IBMIAM_SESSION]' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key-disable" -l endpoint -d 'Address of the IAM service [env: IBMCLOUD_IAM_API_ENDPOINT]' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key-disable" -l timeout -d 'Limit for one attempt of a request, 60 if not given [env: IBMCLOUD_HTTP_TIMEOUT]' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key-disable" -l ca-file -d 'Trust the certificates in this file and no others [env: SSL_CERT_FILE]' -r -F
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key-disable" -l trace -d 'Show requests and answers, secrets masked, on standard error or at the end of FILE [env: IBMCLOUD_TRACE]' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key-disable" -l color -d 'When to colour [env: IBMCLOUD_COLOR, NO_COLOR, CLICOLOR_FORCE]' -r -f -a "auto\t'On a terminal'
always\t'Everywhere'
never\t'Nowhere'"
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key-disable" -s f -l force -d 'Do not ask'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key-disable" -s q -l quiet -d 'Leave out OK, notes and warnings [env: IBMCLOUD_QUIET]'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key-disable" -l sandbox -d 'Run against the IAM inside this program, logged in [env: IBMIAM_SANDBOX=1]'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key-disable" -l no-input -d 'Never ask; what would have to be asked is an error'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key-disable" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key-enable" -s o -l output -d 'Format of the data on standard output' -r -f -a "table\t'Text for people'
json\t'JSON for programs'
csv\t'CSV for spreadsheets'"
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key-enable" -l session -d 'Use this stored login session [env: IBMIAM_SESSION]' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key-enable" -l endpoint -d 'Address of the IAM service [env: IBMCLOUD_IAM_API_ENDPOINT]' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key-enable" -l timeout -d 'Limit for one attempt of a request, 60 if not given [env: IBMCLOUD_HTTP_TIMEOUT]' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key-enable" -l ca-file -d 'Trust the certificates in this file and no others [env: SSL_CERT_FILE]' -r -F
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key-enable" -l trace -d 'Show requests and answers, secrets masked, on standard error or at the end of FILE [env: IBMCLOUD_TRACE]' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key-enable" -l color -d 'When to colour [env: IBMCLOUD_COLOR, NO_COLOR, CLICOLOR_FORCE]' -r -f -a "auto\t'On a terminal'
always\t'Everywhere'
never\t'Nowhere'"
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key-enable" -s f -l force -d 'Do not ask'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key-enable" -s q -l quiet -d 'Leave out OK, notes and warnings [env: IBMCLOUD_QUIET]'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key-enable" -l sandbox -d 'Run against the IAM inside this program, logged in [env: IBMIAM_SANDBOX=1]'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key-enable" -l no-input -d 'Never ask; what would have to be asked is an error'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key-enable" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key-delete" -s o -l output -d 'Format of the data on standard output' -r -f -a "table\t'Text for people'
json\t'JSON for programs'
csv\t'CSV for spreadsheets'"
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key-delete" -l session -d 'Use this stored login session [env: IBMIAM_SESSION]' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key-delete" -l endpoint -d 'Address of the IAM service [env: IBMCLOUD_IAM_API_ENDPOINT]' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key-delete" -l timeout -d 'Limit for one attempt of a request, 60 if not given [env: IBMCLOUD_HTTP_TIMEOUT]' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key-delete" -l ca-file -d 'Trust the certificates in this file and no others [env: SSL_CERT_FILE]' -r -F
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key-delete" -l trace -d 'Show requests and answers, secrets masked, on standard error or at the end of FILE [env: IBMCLOUD_TRACE]' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key-delete" -l color -d 'When to colour [env: IBMCLOUD_COLOR, NO_COLOR, CLICOLOR_FORCE]' -r -f -a "auto\t'On a terminal'
always\t'Everywhere'
never\t'Nowhere'"
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key-delete" -s f -l force -d 'Do not ask'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key-delete" -s q -l quiet -d 'Leave out OK, notes and warnings [env: IBMCLOUD_QUIET]'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key-delete" -l sandbox -d 'Run against the IAM inside this program, logged in [env: IBMIAM_SANDBOX=1]'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key-delete" -l no-input -d 'Never ask; what would have to be asked is an error'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key-delete" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key-list" -s n -l name -d 'Only keys whose name contains this' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key-list" -s d -l description -d 'Only keys whose description contains this' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key-list" -l sort -d 'Order' -r -f -a "name\t'By name'
created\t'Oldest first'
modified\t'Least recently changed first'"
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key-list" -s o -l output -d 'Format of the data on standard output' -r -f -a "table\t'Text for people'
json\t'JSON for programs'
csv\t'CSV for spreadsheets'"
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key-list" -l session -d 'Use this stored login session [env: IBMIAM_SESSION]' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key-list" -l endpoint -d 'Address of the IAM service [env: IBMCLOUD_IAM_API_ENDPOINT]' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key-list" -l timeout -d 'Limit for one attempt of a request, 60 if not given [env: IBMCLOUD_HTTP_TIMEOUT]' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key-list" -l ca-file -d 'Trust the certificates in this file and no others [env: SSL_CERT_FILE]' -r -F
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key-list" -l trace -d 'Show requests and answers, secrets masked, on standard error or at the end of FILE [env: IBMCLOUD_TRACE]' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key-list" -l color -d 'When to colour [env: IBMCLOUD_COLOR, NO_COLOR, CLICOLOR_FORCE]' -r -f -a "auto\t'On a terminal'
always\t'Everywhere'
never\t'Nowhere'"
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key-list" -s a -l all -d 'The keys of all users of the account; needs an administrator'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key-list" -l reverse -d 'The other way round'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key-list" -l wide -d 'More columns'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key-list" -l uuid -d 'Ids only, one a line'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key-list" -s q -l quiet -d 'Leave out OK, notes and warnings [env: IBMCLOUD_QUIET]'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key-list" -l sandbox -d 'Run against the IAM inside this program, logged in [env: IBMIAM_SANDBOX=1]'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key-list" -l no-input -d 'Never ask; what would have to be asked is an error'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key-list" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-keys" -s n -l name -d 'Only keys whose name contains this' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-keys" -s d -l description -d 'Only keys whose description contains this' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-keys" -l sort -d 'Order' -r -f -a "name\t'By name'
created\t'Oldest first'
modified\t'Least recently changed first'"
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-keys" -s o -l output -d 'Format of the data on standard output' -r -f -a "table\t'Text for people'
json\t'JSON for programs'
csv\t'CSV for spreadsheets'"
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-keys" -l session -d 'Use this stored login session [env: IBMIAM_SESSION]' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-keys" -l endpoint -d 'Address of the IAM service [env: IBMCLOUD_IAM_API_ENDPOINT]' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-keys" -l timeout -d 'Limit for one attempt of a request, 60 if not given [env: IBMCLOUD_HTTP_TIMEOUT]' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-keys" -l ca-file -d 'Trust the certificates in this file and no others [env: SSL_CERT_FILE]' -r -F
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-keys" -l trace -d 'Show requests and answers, secrets masked, on standard error or at the end of FILE [env: IBMCLOUD_TRACE]' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-keys" -l color -d 'When to colour [env: IBMCLOUD_COLOR, NO_COLOR, CLICOLOR_FORCE]' -r -f -a "auto\t'On a terminal'
always\t'Everywhere'
never\t'Nowhere'"
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-keys" -s a -l all -d 'The keys of all users of the account; needs an administrator'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-keys" -l reverse -d 'The other way round'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-keys" -l wide -d 'More columns'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-keys" -l uuid -d 'Ids only, one a line'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-keys" -s q -l quiet -d 'Leave out OK, notes and warnings [env: IBMCLOUD_QUIET]'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-keys" -l sandbox -d 'Run against the IAM inside this program, logged in [env: IBMIAM_SANDBOX=1]'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-keys" -l no-input -d 'Never ask; what would have to be asked is an error'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-keys" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key-show" -s o -l output -d 'Format of the data on standard output' -r -f -a "table\t'Text for people'
json\t'JSON for programs'
csv\t'CSV for spreadsheets'"
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key-show" -l session -d 'Use this stored login session [env: IBMIAM_SESSION]' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key-show" -l endpoint -d 'Address of the IAM service [env: IBMCLOUD_IAM_API_ENDPOINT]' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key-show" -l timeout -d 'Limit for one attempt of a request, 60 if not given [env: IBMCLOUD_HTTP_TIMEOUT]' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key-show" -l ca-file -d 'Trust the certificates in this file and no others [env: SSL_CERT_FILE]' -r -F
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key-show" -l trace -d 'Show requests and answers, secrets masked, on standard error or at the end of FILE [env: IBMCLOUD_TRACE]' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key-show" -l color -d 'When to colour [env: IBMCLOUD_COLOR, NO_COLOR, CLICOLOR_FORCE]' -r -f -a "auto\t'On a terminal'
always\t'Everywhere'
never\t'Nowhere'"
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key-show" -l uuid -d 'The id only'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key-show" -l activity -d 'Last use and number of uses'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key-show" -l history -d 'What was done to the key'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key-show" -s q -l quiet -d 'Leave out OK, notes and warnings [env: IBMCLOUD_QUIET]'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key-show" -l sandbox -d 'Run against the IAM inside this program, logged in [env: IBMIAM_SANDBOX=1]'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key-show" -l no-input -d 'Never ask; what would have to be asked is an error'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key-show" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key" -s o -l output -d 'Format of the data on standard output' -r -f -a "table\t'Text for people'
json\t'JSON for programs'
csv\t'CSV for spreadsheets'"
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key" -l session -d 'Use this stored login session [env: IBMIAM_SESSION]' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key" -l endpoint -d 'Address of the IAM service [env: IBMCLOUD_IAM_API_ENDPOINT]' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key" -l timeout -d 'Limit for one attempt of a request, 60 if not given [env: IBMCLOUD_HTTP_TIMEOUT]' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key" -l ca-file -d 'Trust the certificates in this file and no others [env: SSL_CERT_FILE]' -r -F
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key" -l trace -d 'Show requests and answers, secrets masked, on standard error or at the end of FILE [env: IBMCLOUD_TRACE]' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key" -l color -d 'When to colour [env: IBMCLOUD_COLOR, NO_COLOR, CLICOLOR_FORCE]' -r -f -a "auto\t'On a terminal'
always\t'Everywhere'
never\t'Nowhere'"
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key" -l uuid -d 'The id only'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key" -l activity -d 'Last use and number of uses'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key" -l history -d 'What was done to the key'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key" -s q -l quiet -d 'Leave out OK, notes and warnings [env: IBMCLOUD_QUIET]'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key" -l sandbox -d 'Run against the IAM inside this program, logged in [env: IBMIAM_SANDBOX=1]'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key" -l no-input -d 'Never ask; what would have to be asked is an error'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api-key" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand login" -l apikey -d 'API key: @FILE reads a key file, - standard input; else IBMCLOUD_API_KEY' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand login" -l passcode -d 'Log in with this one-time passcode' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand login" -l cr-token -d 'Log in with a compute resource\'s token, or @FILE [env: IBMCLOUD_CR_TOKEN]' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand login" -l profile -d 'The trusted profile for --cr-token [env: IBMCLOUD_CR_PROFILE]' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand login" -s c -l account -d 'The account, where there are several: its id or its exact name' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand login" -s a -l api -d 'Where to log in, as cloud.ibm.com, private.cloud.ibm.com, test.cloud.ibm.com or a URL' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand login" -l store -d 'Where the refresh token is kept; auto is a keyring if there is one, else a private file' -r -f -a "auto\t'A keyring if there is one, else a file, and says so'
keyring\t'The system\'s keyring'
file\t'A file for this user alone'
none\t'Nowhere: the session ends with its access token'"
complete -c ibmiam -n "__fish_ibmiam_using_subcommand login" -s r -l region -d 'Accepted for ibmcloud\'s sake; regions mean nothing here' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand login" -s g -l resource-group -d 'Accepted for ibmcloud\'s sake; resource groups mean nothing here' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand login" -s o -l output -d 'Format of the data on standard output' -r -f -a "table\t'Text for people'
json\t'JSON for programs'
csv\t'CSV for spreadsheets'"
complete -c ibmiam -n "__fish_ibmiam_using_subcommand login" -l session -d 'Use this stored login session [env: IBMIAM_SESSION]' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand login" -l endpoint -d 'Address of the IAM service [env: IBMCLOUD_IAM_API_ENDPOINT]' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand login" -l timeout -d 'Limit for one attempt of a request, 60 if not given [env: IBMCLOUD_HTTP_TIMEOUT]' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand login" -l ca-file -d 'Trust the certificates in this file and no others [env: SSL_CERT_FILE]' -r -F
complete -c ibmiam -n "__fish_ibmiam_using_subcommand login" -l trace -d 'Show requests and answers, secrets masked, on standard error or at the end of FILE [env: IBMCLOUD_TRACE]' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand login" -l color -d 'When to colour [env: IBMCLOUD_COLOR, NO_COLOR, CLICOLOR_FORCE]' -r -f -a "auto\t'On a terminal'
always\t'Everywhere'
never\t'Nowhere'"
complete -c ibmiam -n "__fish_ibmiam_using_subcommand login" -l sso -d 'Log in with a one-time passcode from a page that is shown, and opened if you like'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand login" -l no-account -d 'Choose no account yet; \'target -c\' does later'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand login" -l keep-key -d 'Keep the API key, too, in the keyring, so that the session does not end'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand login" -l no-region -d 'Accepted for ibmcloud\'s sake'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand login" -l accept -d 'Accepted for ibmcloud\'s sake'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand login" -s q -l quiet -d 'Leave out OK, notes and warnings [env: IBMCLOUD_QUIET]'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand login" -l sandbox -d 'Run against the IAM inside this program, logged in [env: IBMIAM_SANDBOX=1]'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand login" -l no-input -d 'Never ask; what would have to be asked is an error'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand login" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand logout" -s o -l output -d 'Format of the data on standard output' -r -f -a "table\t'Text for people'
json\t'JSON for programs'
csv\t'CSV for spreadsheets'"
complete -c ibmiam -n "__fish_ibmiam_using_subcommand logout" -l session -d 'Use this stored login session [env: IBMIAM_SESSION]' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand logout" -l endpoint -d 'Address of the IAM service [env: IBMCLOUD_IAM_API_ENDPOINT]' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand logout" -l timeout -d 'Limit for one attempt of a request, 60 if not given [env: IBMCLOUD_HTTP_TIMEOUT]' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand logout" -l ca-file -d 'Trust the certificates in this file and no others [env: SSL_CERT_FILE]' -r -F
complete -c ibmiam -n "__fish_ibmiam_using_subcommand logout" -l trace -d 'Show requests and answers, secrets masked, on standard error or at the end of FILE [env: IBMCLOUD_TRACE]' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand logout" -l color -d 'When to colour [env: IBMCLOUD_COLOR, NO_COLOR, CLICOLOR_FORCE]' -r -f -a "auto\t'On a terminal'
always\t'Everywhere'
never\t'Nowhere'"
complete -c ibmiam -n "__fish_ibmiam_using_subcommand logout" -s q -l quiet -d 'Leave out OK, notes and warnings [env: IBMCLOUD_QUIET]'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand logout" -l sandbox -d 'Run against the IAM inside this program, logged in [env: IBMIAM_SANDBOX=1]'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand logout" -l no-input -d 'Never ask; what would have to be asked is an error'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand logout" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand target" -s c -l account -d 'Switch the session to another of the user\'s accounts: its id or its exact name' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand target" -s r -l region -d 'Accepted for ibmcloud\'s sake; regions mean nothing here' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand target" -s g -l resource-group -d 'Accepted for ibmcloud\'s sake; resource groups mean nothing here' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand target" -s o -l output -d 'Format of the data on standard output' -r -f -a "table\t'Text for people'
json\t'JSON for programs'
csv\t'CSV for spreadsheets'"
complete -c ibmiam -n "__fish_ibmiam_using_subcommand target" -l session -d 'Use this stored login session [env: IBMIAM_SESSION]' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand target" -l endpoint -d 'Address of the IAM service [env: IBMCLOUD_IAM_API_ENDPOINT]' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand target" -l timeout -d 'Limit for one attempt of a request, 60 if not given [env: IBMCLOUD_HTTP_TIMEOUT]' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand target" -l ca-file -d 'Trust the certificates in this file and no others [env: SSL_CERT_FILE]' -r -F
complete -c ibmiam -n "__fish_ibmiam_using_subcommand target" -l trace -d 'Show requests and answers, secrets masked, on standard error or at the end of FILE [env: IBMCLOUD_TRACE]' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand target" -l color -d 'When to colour [env: IBMCLOUD_COLOR, NO_COLOR, CLICOLOR_FORCE]' -r -f -a "auto\t'On a terminal'
always\t'Everywhere'
never\t'Nowhere'"
complete -c ibmiam -n "__fish_ibmiam_using_subcommand target" -s q -l quiet -d 'Leave out OK, notes and warnings [env: IBMCLOUD_QUIET]'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand target" -l sandbox -d 'Run against the IAM inside this program, logged in [env: IBMIAM_SANDBOX=1]'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand target" -l no-input -d 'Never ask; what would have to be asked is an error'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand target" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand session; and not __fish_seen_subcommand_from list use" -s o -l output -d 'Format of the data on standard output' -r -f -a "table\t'Text for people'
json\t'JSON for programs'
csv\t'CSV for spreadsheets'"
complete -c ibmiam -n "__fish_ibmiam_using_subcommand session; and not __fish_seen_subcommand_from list use" -l session -d 'Use this stored login session [env: IBMIAM_SESSION]' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand session; and not __fish_seen_subcommand_from list use" -l endpoint -d 'Address of the IAM service [env: IBMCLOUD_IAM_API_ENDPOINT]' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand session; and not __fish_seen_subcommand_from list use" -l timeout -d 'Limit for one attempt of a request, 60 if not given [env: IBMCLOUD_HTTP_TIMEOUT]' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand session; and not __fish_seen_subcommand_from list use" -l ca-file -d 'Trust the certificates in this file and no others [env: SSL_CERT_FILE]' -r -F
complete -c ibmiam -n "__fish_ibmiam_using_subcommand session; and not __fish_seen_subcommand_from list use" -l trace -d 'Show requests and answers, secrets masked, on standard error or at the end of FILE [env: IBMCLOUD_TRACE]' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand session; and not __fish_seen_subcommand_from list use" -l color -d 'When to colour [env: IBMCLOUD_COLOR, NO_COLOR, CLICOLOR_FORCE]' -r -f -a "auto\t'On a terminal'
always\t'Everywhere'
never\t'Nowhere'"
complete -c ibmiam -n "__fish_ibmiam_using_subcommand session; and not __fish_seen_subcommand_from list use" -s q -l quiet -d 'Leave out OK, notes and warnings [env: IBMCLOUD_QUIET]'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand session; and not __fish_seen_subcommand_from list use" -l sandbox -d 'Run against the IAM inside this program, logged in [env: IBMIAM_SANDBOX=1]'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand session; and not __fish_seen_subcommand_from list use" -l no-input -d 'Never ask; what would have to be asked is an error'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand session; and not __fish_seen_subcommand_from list use" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand session; and not __fish_seen_subcommand_from list use" -f -a "list" -d 'List the stored sessions: account, user, endpoint, where they are kept, until when'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand session; and not __fish_seen_subcommand_from list use" -f -a "use" -d 'Use this session where none is named'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand session; and __fish_seen_subcommand_from list" -s o -l output -d 'Format of the data on standard output' -r -f -a "table\t'Text for people'
json\t'JSON for programs'
csv\t'CSV for spreadsheets'"
complete -c ibmiam -n "__fish_ibmiam_using_subcommand session; and __fish_seen_subcommand_from list" -l session -d 'Use this stored login session [env: IBMIAM_SESSION]' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand session; and __fish_seen_subcommand_from list" -l endpoint -d 'Address of the IAM service [env: IBMCLOUD_IAM_API_ENDPOINT]' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand session; and __fish_seen_subcommand_from list" -l timeout -d 'Limit for one attempt of a request, 60 if not given [env: IBMCLOUD_HTTP_TIMEOUT]' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand session; and __fish_seen_subcommand_from list" -l ca-file -d 'Trust the certificates in this file and no others [env: SSL_CERT_FILE]' -r -F
complete -c ibmiam -n "__fish_ibmiam_using_subcommand session; and __fish_seen_subcommand_from list" -l trace -d 'Show requests and answers, secrets masked, on standard error or at the end of FILE [env: IBMCLOUD_TRACE]' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand session; and __fish_seen_subcommand_from list" -l color -d 'When to colour [env: IBMCLOUD_COLOR, NO_COLOR, CLICOLOR_FORCE]' -r -f -a "auto\t'On a terminal'
always\t'Everywhere'
never\t'Nowhere'"
complete -c ibmiam -n "__fish_ibmiam_using_subcommand session; and __fish_seen_subcommand_from list" -s q -l quiet -d 'Leave out OK, notes and warnings [env: IBMCLOUD_QUIET]'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand session; and __fish_seen_subcommand_from list" -l sandbox -d 'Run against the IAM inside this program, logged in [env: IBMIAM_SANDBOX=1]'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand session; and __fish_seen_subcommand_from list" -l no-input -d 'Never ask; what would have to be asked is an error'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand session; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand session; and __fish_seen_subcommand_from use" -s o -l output -d 'Format of the data on standard output' -r -f -a "table\t'Text for people'
json\t'JSON for programs'
csv\t'CSV for spreadsheets'"
complete -c ibmiam -n "__fish_ibmiam_using_subcommand session; and __fish_seen_subcommand_from use" -l session -d 'Use this stored login session [env: IBMIAM_SESSION]' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand session; and __fish_seen_subcommand_from use" -l endpoint -d 'Address of the IAM service [env: IBMCLOUD_IAM_API_ENDPOINT]' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand session; and __fish_seen_subcommand_from use" -l timeout -d 'Limit for one attempt of a request, 60 if not given [env: IBMCLOUD_HTTP_TIMEOUT]' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand session; and __fish_seen_subcommand_from use" -l ca-file -d 'Trust the certificates in this file and no others [env: SSL_CERT_FILE]' -r -F
complete -c ibmiam -n "__fish_ibmiam_using_subcommand session; and __fish_seen_subcommand_from use" -l trace -d 'Show requests and answers, secrets masked, on standard error or at the end of FILE [env: IBMCLOUD_TRACE]' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand session; and __fish_seen_subcommand_from use" -l color -d 'When to colour [env: IBMCLOUD_COLOR, NO_COLOR, CLICOLOR_FORCE]' -r -f -a "auto\t'On a terminal'
always\t'Everywhere'
never\t'Nowhere'"
complete -c ibmiam -n "__fish_ibmiam_using_subcommand session; and __fish_seen_subcommand_from use" -s q -l quiet -d 'Leave out OK, notes and warnings [env: IBMCLOUD_QUIET]'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand session; and __fish_seen_subcommand_from use" -l sandbox -d 'Run against the IAM inside this program, logged in [env: IBMIAM_SANDBOX=1]'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand session; and __fish_seen_subcommand_from use" -l no-input -d 'Never ask; what would have to be asked is an error'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand session; and __fish_seen_subcommand_from use" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand exec" -s o -l output -d 'Format of the data on standard output' -r -f -a "table\t'Text for people'
json\t'JSON for programs'
csv\t'CSV for spreadsheets'"
complete -c ibmiam -n "__fish_ibmiam_using_subcommand exec" -l session -d 'Use this stored login session [env: IBMIAM_SESSION]' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand exec" -l endpoint -d 'Address of the IAM service [env: IBMCLOUD_IAM_API_ENDPOINT]' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand exec" -l timeout -d 'Limit for one attempt of a request, 60 if not given [env: IBMCLOUD_HTTP_TIMEOUT]' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand exec" -l ca-file -d 'Trust the certificates in this file and no others [env: SSL_CERT_FILE]' -r -F
complete -c ibmiam -n "__fish_ibmiam_using_subcommand exec" -l trace -d 'Show requests and answers, secrets masked, on standard error or at the end of FILE [env: IBMCLOUD_TRACE]' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand exec" -l color -d 'When to colour [env: IBMCLOUD_COLOR, NO_COLOR, CLICOLOR_FORCE]' -r -f -a "auto\t'On a terminal'
always\t'Everywhere'
never\t'Nowhere'"
complete -c ibmiam -n "__fish_ibmiam_using_subcommand exec" -s q -l quiet -d 'Leave out OK, notes and warnings [env: IBMCLOUD_QUIET]'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand exec" -l sandbox -d 'Run against the IAM inside this program, logged in [env: IBMIAM_SANDBOX=1]'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand exec" -l no-input -d 'Never ask; what would have to be asked is an error'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand exec" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand oauth-tokens" -s o -l output -d 'Format of the data on standard output' -r -f -a "table\t'Text for people'
json\t'JSON for programs'
csv\t'CSV for spreadsheets'"
complete -c ibmiam -n "__fish_ibmiam_using_subcommand oauth-tokens" -l session -d 'Use this stored login session [env: IBMIAM_SESSION]' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand oauth-tokens" -l endpoint -d 'Address of the IAM service [env: IBMCLOUD_IAM_API_ENDPOINT]' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand oauth-tokens" -l timeout -d 'Limit for one attempt of a request, 60 if not given [env: IBMCLOUD_HTTP_TIMEOUT]' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand oauth-tokens" -l ca-file -d 'Trust the certificates in this file and no others [env: SSL_CERT_FILE]' -r -F
complete -c ibmiam -n "__fish_ibmiam_using_subcommand oauth-tokens" -l trace -d 'Show requests and answers, secrets masked, on standard error or at the end of FILE [env: IBMCLOUD_TRACE]' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand oauth-tokens" -l color -d 'When to colour [env: IBMCLOUD_COLOR, NO_COLOR, CLICOLOR_FORCE]' -r -f -a "auto\t'On a terminal'
always\t'Everywhere'
never\t'Nowhere'"
complete -c ibmiam -n "__fish_ibmiam_using_subcommand oauth-tokens" -s q -l quiet -d 'Leave out OK, notes and warnings [env: IBMCLOUD_QUIET]'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand oauth-tokens" -l sandbox -d 'Run against the IAM inside this program, logged in [env: IBMIAM_SANDBOX=1]'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand oauth-tokens" -l no-input -d 'Never ask; what would have to be asked is an error'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand oauth-tokens" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand bearer-token" -s o -l output -d 'Format of the data on standard output' -r -f -a "table\t'Text for people'
json\t'JSON for programs'
csv\t'CSV for spreadsheets'"
complete -c ibmiam -n "__fish_ibmiam_using_subcommand bearer-token" -l session -d 'Use this stored login session [env: IBMIAM_SESSION]' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand bearer-token" -l endpoint -d 'Address of the IAM service [env: IBMCLOUD_IAM_API_ENDPOINT]' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand bearer-token" -l timeout -d 'Limit for one attempt of a request, 60 if not given [env: IBMCLOUD_HTTP_TIMEOUT]' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand bearer-token" -l ca-file -d 'Trust the certificates in this file and no others [env: SSL_CERT_FILE]' -r -F
complete -c ibmiam -n "__fish_ibmiam_using_subcommand bearer-token" -l trace -d 'Show requests and answers, secrets masked, on standard error or at the end of FILE [env: IBMCLOUD_TRACE]' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand bearer-token" -l color -d 'When to colour [env: IBMCLOUD_COLOR, NO_COLOR, CLICOLOR_FORCE]' -r -f -a "auto\t'On a terminal'
always\t'Everywhere'
never\t'Nowhere'"
complete -c ibmiam -n "__fish_ibmiam_using_subcommand bearer-token" -s q -l quiet -d 'Leave out OK, notes and warnings [env: IBMCLOUD_QUIET]'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand bearer-token" -l sandbox -d 'Run against the IAM inside this program, logged in [env: IBMIAM_SANDBOX=1]'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand bearer-token" -l no-input -d 'Never ask; what would have to be asked is an error'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand bearer-token" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand stand-in; and not __fish_seen_subcommand_from install status remove" -s o -l output -d 'Format of the data on standard output' -r -f -a "table\t'Text for people'
json\t'JSON for programs'
csv\t'CSV for spreadsheets'"
complete -c ibmiam -n "__fish_ibmiam_using_subcommand stand-in; and not __fish_seen_subcommand_from install status remove" -l session -d 'Use this stored login session [env: IBMIAM_SESSION]' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand stand-in; and not __fish_seen_subcommand_from install status remove" -l endpoint -d 'Address of the IAM service [env: IBMCLOUD_IAM_API_ENDPOINT]' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand stand-in; and not __fish_seen_subcommand_from install status remove" -l timeout -d 'Limit for one attempt of a request, 60 if not given [env: IBMCLOUD_HTTP_TIMEOUT]' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand stand-in; and not __fish_seen_subcommand_from install status remove" -l ca-file -d 'Trust the certificates in this file and no others [env: SSL_CERT_FILE]' -r -F
complete -c ibmiam -n "__fish_ibmiam_using_subcommand stand-in; and not __fish_seen_subcommand_from install status remove" -l trace -d 'Show requests and answers, secrets masked, on standard error or at the end of FILE [env: IBMCLOUD_TRACE]' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand stand-in; and not __fish_seen_subcommand_from install status remove" -l color -d 'When to colour [env: IBMCLOUD_COLOR, NO_COLOR, CLICOLOR_FORCE]' -r -f -a "auto\t'On a terminal'
always\t'Everywhere'
never\t'Nowhere'"
complete -c ibmiam -n "__fish_ibmiam_using_subcommand stand-in; and not __fish_seen_subcommand_from install status remove" -s q -l quiet -d 'Leave out OK, notes and warnings [env: IBMCLOUD_QUIET]'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand stand-in; and not __fish_seen_subcommand_from install status remove" -l sandbox -d 'Run against the IAM inside this program, logged in [env: IBMIAM_SANDBOX=1]'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand stand-in; and not __fish_seen_subcommand_from install status remove" -l no-input -d 'Never ask; what would have to be asked is an error'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand stand-in; and not __fish_seen_subcommand_from install status remove" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand stand-in; and not __fish_seen_subcommand_from install status remove" -f -a "install" -d 'Make a link named ibmcloud to this program; never over anything else'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand stand-in; and not __fish_seen_subcommand_from install status remove" -f -a "status" -d 'Tell which programs named ibmcloud are on PATH, in order'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand stand-in; and not __fish_seen_subcommand_from install status remove" -f -a "remove" -d 'Remove the link'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand stand-in; and __fish_seen_subcommand_from install" -l dir -d 'The folder for the link, that of this program if not given' -r -F
complete -c ibmiam -n "__fish_ibmiam_using_subcommand stand-in; and __fish_seen_subcommand_from install" -s o -l output -d 'Format of the data on standard output' -r -f -a "table\t'Text for people'
json\t'JSON for programs'
csv\t'CSV for spreadsheets'"
complete -c ibmiam -n "__fish_ibmiam_using_subcommand stand-in; and __fish_seen_subcommand_from install" -l session -d 'Use this stored login session [env: IBMIAM_SESSION]' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand stand-in; and __fish_seen_subcommand_from install" -l endpoint -d 'Address of the IAM service [env: IBMCLOUD_IAM_API_ENDPOINT]' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand stand-in; and __fish_seen_subcommand_from install" -l timeout -d 'Limit for one attempt of a request, 60 if not given [env: IBMCLOUD_HTTP_TIMEOUT]' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand stand-in; and __fish_seen_subcommand_from install" -l ca-file -d 'Trust the certificates in this file and no others [env: SSL_CERT_FILE]' -r -F
complete -c ibmiam -n "__fish_ibmiam_using_subcommand stand-in; and __fish_seen_subcommand_from install" -l trace -d 'Show requests and answers, secrets masked, on standard error or at the end of FILE [env: IBMCLOUD_TRACE]' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand stand-in; and __fish_seen_subcommand_from install" -l color -d 'When to colour [env: IBMCLOUD_COLOR, NO_COLOR, CLICOLOR_FORCE]' -r -f -a "auto\t'On a terminal'
always\t'Everywhere'
never\t'Nowhere'"
complete -c ibmiam -n "__fish_ibmiam_using_subcommand stand-in; and __fish_seen_subcommand_from install" -s q -l quiet -d 'Leave out OK, notes and warnings [env: IBMCLOUD_QUIET]'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand stand-in; and __fish_seen_subcommand_from install" -l sandbox -d 'Run against the IAM inside this program, logged in [env: IBMIAM_SANDBOX=1]'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand stand-in; and __fish_seen_subcommand_from install" -l no-input -d 'Never ask; what would have to be asked is an error'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand stand-in; and __fish_seen_subcommand_from install" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand stand-in; and __fish_seen_subcommand_from status" -s o -l output -d 'Format of the data on standard output' -r -f -a "table\t'Text for people'
json\t'JSON for programs'
csv\t'CSV for spreadsheets'"
complete -c ibmiam -n "__fish_ibmiam_using_subcommand stand-in; and __fish_seen_subcommand_from status" -l session -d 'Use this stored login session [env: IBMIAM_SESSION]' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand stand-in; and __fish_seen_subcommand_from status" -l endpoint -d 'Address of the IAM service [env: IBMCLOUD_IAM_API_ENDPOINT]' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand stand-in; and __fish_seen_subcommand_from status" -l timeout -d 'Limit for one attempt of a request, 60 if not given [env: IBMCLOUD_HTTP_TIMEOUT]' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand stand-in; and __fish_seen_subcommand_from status" -l ca-file -d 'Trust the certificates in this file and no others [env: SSL_CERT_FILE]' -r -F
complete -c ibmiam -n "__fish_ibmiam_using_subcommand stand-in; and __fish_seen_subcommand_from status" -l trace -d 'Show requests and answers, secrets masked, on standard error or at the end of FILE [env: IBMCLOUD_TRACE]' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand stand-in; and __fish_seen_subcommand_from status" -l color -d 'When to colour [env: IBMCLOUD_COLOR, NO_COLOR, CLICOLOR_FORCE]' -r -f -a "auto\t'On a terminal'
always\t'Everywhere'
never\t'Nowhere'"
complete -c ibmiam -n "__fish_ibmiam_using_subcommand stand-in; and __fish_seen_subcommand_from status" -s q -l quiet -d 'Leave out OK, notes and warnings [env: IBMCLOUD_QUIET]'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand stand-in; and __fish_seen_subcommand_from status" -l sandbox -d 'Run against the IAM inside this program, logged in [env: IBMIAM_SANDBOX=1]'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand stand-in; and __fish_seen_subcommand_from status" -l no-input -d 'Never ask; what would have to be asked is an error'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand stand-in; and __fish_seen_subcommand_from status" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand stand-in; and __fish_seen_subcommand_from remove" -l dir -d 'The folder for the link, that of this program if not given' -r -F
complete -c ibmiam -n "__fish_ibmiam_using_subcommand stand-in; and __fish_seen_subcommand_from remove" -s o -l output -d 'Format of the data on standard output' -r -f -a "table\t'Text for people'
json\t'JSON for programs'
csv\t'CSV for spreadsheets'"
complete -c ibmiam -n "__fish_ibmiam_using_subcommand stand-in; and __fish_seen_subcommand_from remove" -l session -d 'Use this stored login session [env: IBMIAM_SESSION]' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand stand-in; and __fish_seen_subcommand_from remove" -l endpoint -d 'Address of the IAM service [env: IBMCLOUD_IAM_API_ENDPOINT]' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand stand-in; and __fish_seen_subcommand_from remove" -l timeout -d 'Limit for one attempt of a request, 60 if not given [env: IBMCLOUD_HTTP_TIMEOUT]' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand stand-in; and __fish_seen_subcommand_from remove" -l ca-file -d 'Trust the certificates in this file and no others [env: SSL_CERT_FILE]' -r -F
complete -c ibmiam -n "__fish_ibmiam_using_subcommand stand-in; and __fish_seen_subcommand_from remove" -l trace -d 'Show requests and answers, secrets masked, on standard error or at the end of FILE [env: IBMCLOUD_TRACE]' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand stand-in; and __fish_seen_subcommand_from remove" -l color -d 'When to colour [env: IBMCLOUD_COLOR, NO_COLOR, CLICOLOR_FORCE]' -r -f -a "auto\t'On a terminal'
always\t'Everywhere'
never\t'Nowhere'"
complete -c ibmiam -n "__fish_ibmiam_using_subcommand stand-in; and __fish_seen_subcommand_from remove" -s q -l quiet -d 'Leave out OK, notes and warnings [env: IBMCLOUD_QUIET]'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand stand-in; and __fish_seen_subcommand_from remove" -l sandbox -d 'Run against the IAM inside this program, logged in [env: IBMIAM_SANDBOX=1]'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand stand-in; and __fish_seen_subcommand_from remove" -l no-input -d 'Never ask; what would have to be asked is an error'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand stand-in; and __fish_seen_subcommand_from remove" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api" -s o -l output -d 'Format of the data on standard output' -r -f -a "table\t'Text for people'
json\t'JSON for programs'
csv\t'CSV for spreadsheets'"
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api" -l session -d 'Use this stored login session [env: IBMIAM_SESSION]' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api" -l endpoint -d 'Address of the IAM service [env: IBMCLOUD_IAM_API_ENDPOINT]' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api" -l timeout -d 'Limit for one attempt of a request, 60 if not given [env: IBMCLOUD_HTTP_TIMEOUT]' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api" -l ca-file -d 'Trust the certificates in this file and no others [env: SSL_CERT_FILE]' -r -F
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api" -l trace -d 'Show requests and answers, secrets masked, on standard error or at the end of FILE [env: IBMCLOUD_TRACE]' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api" -l color -d 'When to colour [env: IBMCLOUD_COLOR, NO_COLOR, CLICOLOR_FORCE]' -r -f -a "auto\t'On a terminal'
always\t'Everywhere'
never\t'Nowhere'"
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api" -l unset -d 'Go back to the public endpoint'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api" -s q -l quiet -d 'Leave out OK, notes and warnings [env: IBMCLOUD_QUIET]'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api" -l sandbox -d 'Run against the IAM inside this program, logged in [env: IBMIAM_SANDBOX=1]'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api" -l no-input -d 'Never ask; what would have to be asked is an error'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand api" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand sandbox; and not __fish_seen_subcommand_from serve run reset passcode cr-token" -s o -l output -d 'Format of the data on standard output' -r -f -a "table\t'Text for people'
json\t'JSON for programs'
csv\t'CSV for spreadsheets'"
complete -c ibmiam -n "__fish_ibmiam_using_subcommand sandbox; and not __fish_seen_subcommand_from serve run reset passcode cr-token" -l session -d 'Use this stored login session [env: IBMIAM_SESSION]' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand sandbox; and not __fish_seen_subcommand_from serve run reset passcode cr-token" -l endpoint -d 'Address of the IAM service [env: IBMCLOUD_IAM_API_ENDPOINT]' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand sandbox; and not __fish_seen_subcommand_from serve run reset passcode cr-token" -l timeout -d 'Limit for one attempt of a request, 60 if not given [env: IBMCLOUD_HTTP_TIMEOUT]' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand sandbox; and not __fish_seen_subcommand_from serve run reset passcode cr-token" -l ca-file -d 'Trust the certificates in this file and no others [env: SSL_CERT_FILE]' -r -F
complete -c ibmiam -n "__fish_ibmiam_using_subcommand sandbox; and not __fish_seen_subcommand_from serve run reset passcode cr-token" -l trace -d 'Show requests and answers, secrets masked, on standard error or at the end of FILE [env: IBMCLOUD_TRACE]' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand sandbox; and not __fish_seen_subcommand_from serve run reset passcode cr-token" -l color -d 'When to colour [env: IBMCLOUD_COLOR, NO_COLOR, CLICOLOR_FORCE]' -r -f -a "auto\t'On a terminal'
always\t'Everywhere'
never\t'Nowhere'"
complete -c ibmiam -n "__fish_ibmiam_using_subcommand sandbox; and not __fish_seen_subcommand_from serve run reset passcode cr-token" -s q -l quiet -d 'Leave out OK, notes and warnings [env: IBMCLOUD_QUIET]'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand sandbox; and not __fish_seen_subcommand_from serve run reset passcode cr-token" -l sandbox -d 'Run against the IAM inside this program, logged in [env: IBMIAM_SANDBOX=1]'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand sandbox; and not __fish_seen_subcommand_from serve run reset passcode cr-token" -l no-input -d 'Never ask; what would have to be asked is an error'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand sandbox; and not __fish_seen_subcommand_from serve run reset passcode cr-token" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand sandbox; and not __fish_seen_subcommand_from serve run reset passcode cr-token" -f -a "serve" -d 'Serve until Ctrl-C; prints the variables for clients'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand sandbox; and not __fish_seen_subcommand_from serve run reset passcode cr-token" -f -a "run" -d 'Run one command against a fresh sandbox'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand sandbox; and not __fish_seen_subcommand_from serve run reset passcode cr-token" -f -a "reset" -d 'Start over: forget every key of the sandbox'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand sandbox; and not __fish_seen_subcommand_from serve run reset passcode cr-token" -f -a "passcode" -d 'Print a one-time passcode for the sandbox\'s user'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand sandbox; and not __fish_seen_subcommand_from serve run reset passcode cr-token" -f -a "cr-token" -d 'Print a compute resource token, and the trusted profile to use it with'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand sandbox; and __fish_seen_subcommand_from serve" -l listen -d 'Address on this machine; port 0 takes a free one' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand sandbox; and __fish_seen_subcommand_from serve" -l seed -d 'Fill the account up to N keys, 10 of them the user\'s own' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand sandbox; and __fish_seen_subcommand_from serve" -l config -d 'Users, keys, limits, lifetimes and faults from this TOML file; docs/sandbox.toml shows all' -r -F
complete -c ibmiam -n "__fish_ibmiam_using_subcommand sandbox; and __fish_seen_subcommand_from serve" -l fault -d 'Misbehave on purpose, as "POST /v1/apikeys nth=1 drop=after"; can be given several times' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand sandbox; and __fish_seen_subcommand_from serve" -l log -d 'Append each request to this file, a JSON object a line, without secrets' -r -F
complete -c ibmiam -n "__fish_ibmiam_using_subcommand sandbox; and __fish_seen_subcommand_from serve" -l env-file -d 'Write the variables to this file too (mode 0600)' -r -F
complete -c ibmiam -n "__fish_ibmiam_using_subcommand sandbox; and __fish_seen_subcommand_from serve" -s o -l output -d 'Format of the data on standard output' -r -f -a "table\t'Text for people'
json\t'JSON for programs'
csv\t'CSV for spreadsheets'"
complete -c ibmiam -n "__fish_ibmiam_using_subcommand sandbox; and __fish_seen_subcommand_from serve" -l session -d 'Use this stored login session [env: IBMIAM_SESSION]' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand sandbox; and __fish_seen_subcommand_from serve" -l endpoint -d 'Address of the IAM service [env: IBMCLOUD_IAM_API_ENDPOINT]' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand sandbox; and __fish_seen_subcommand_from serve" -l timeout -d 'Limit for one attempt of a request, 60 if not given [env: IBMCLOUD_HTTP_TIMEOUT]' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand sandbox; and __fish_seen_subcommand_from serve" -l ca-file -d 'Trust the certificates in this file and no others [env: SSL_CERT_FILE]' -r -F
complete -c ibmiam -n "__fish_ibmiam_using_subcommand sandbox; and __fish_seen_subcommand_from serve" -l trace -d 'Show requests and answers, secrets masked, on standard error or at the end of FILE [env: IBMCLOUD_TRACE]' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand sandbox; and __fish_seen_subcommand_from serve" -l color -d 'When to colour [env: IBMCLOUD_COLOR, NO_COLOR, CLICOLOR_FORCE]' -r -f -a "auto\t'On a terminal'
always\t'Everywhere'
never\t'Nowhere'"
complete -c ibmiam -n "__fish_ibmiam_using_subcommand sandbox; and __fish_seen_subcommand_from serve" -l ephemeral -d 'Keep the data in memory and forget it at the end'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand sandbox; and __fish_seen_subcommand_from serve" -l tls -d 'Serve https with a certificate made on the spot; SSL_CERT_FILE names the one to trust'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand sandbox; and __fish_seen_subcommand_from serve" -s q -l quiet -d 'Leave out OK, notes and warnings [env: IBMCLOUD_QUIET]'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand sandbox; and __fish_seen_subcommand_from serve" -l sandbox -d 'Run against the IAM inside this program, logged in [env: IBMIAM_SANDBOX=1]'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand sandbox; and __fish_seen_subcommand_from serve" -l no-input -d 'Never ask; what would have to be asked is an error'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand sandbox; and __fish_seen_subcommand_from serve" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand sandbox; and __fish_seen_subcommand_from run" -l seed -d 'Fill the account up to N keys, 10 of them the user\'s own' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand sandbox; and __fish_seen_subcommand_from run" -l config -d 'Users, keys, limits, lifetimes and faults from this TOML file; docs/sandbox.toml shows all' -r -F
complete -c ibmiam -n "__fish_ibmiam_using_subcommand sandbox; and __fish_seen_subcommand_from run" -l fault -d 'Misbehave on purpose, as "POST /v1/apikeys nth=1 drop=after"; can be given several times' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand sandbox; and __fish_seen_subcommand_from run" -l log -d 'Append each request to this file, a JSON object a line, without secrets' -r -F
complete -c ibmiam -n "__fish_ibmiam_using_subcommand sandbox; and __fish_seen_subcommand_from run" -s o -l output -d 'Format of the data on standard output' -r -f -a "table\t'Text for people'
json\t'JSON for programs'
csv\t'CSV for spreadsheets'"
complete -c ibmiam -n "__fish_ibmiam_using_subcommand sandbox; and __fish_seen_subcommand_from run" -l session -d 'Use this stored login session [env: IBMIAM_SESSION]' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand sandbox; and __fish_seen_subcommand_from run" -l endpoint -d 'Address of the IAM service [env: IBMCLOUD_IAM_API_ENDPOINT]' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand sandbox; and __fish_seen_subcommand_from run" -l timeout -d 'Limit for one attempt of a request, 60 if not given [env: IBMCLOUD_HTTP_TIMEOUT]' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand sandbox; and __fish_seen_subcommand_from run" -l ca-file -d 'Trust the certificates in this file and no others [env: SSL_CERT_FILE]' -r -F
complete -c ibmiam -n "__fish_ibmiam_using_subcommand sandbox; and __fish_seen_subcommand_from run" -l trace -d 'Show requests and answers, secrets masked, on standard error or at the end of FILE [env: IBMCLOUD_TRACE]' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand sandbox; and __fish_seen_subcommand_from run" -l color -d 'When to colour [env: IBMCLOUD_COLOR, NO_COLOR, CLICOLOR_FORCE]' -r -f -a "auto\t'On a terminal'
always\t'Everywhere'
never\t'Nowhere'"
complete -c ibmiam -n "__fish_ibmiam_using_subcommand sandbox; and __fish_seen_subcommand_from run" -l tls -d 'Serve https with a certificate made on the spot; SSL_CERT_FILE names the one to trust'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand sandbox; and __fish_seen_subcommand_from run" -s q -l quiet -d 'Leave out OK, notes and warnings [env: IBMCLOUD_QUIET]'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand sandbox; and __fish_seen_subcommand_from run" -l sandbox -d 'Run against the IAM inside this program, logged in [env: IBMIAM_SANDBOX=1]'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand sandbox; and __fish_seen_subcommand_from run" -l no-input -d 'Never ask; what would have to be asked is an error'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand sandbox; and __fish_seen_subcommand_from run" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand sandbox; and __fish_seen_subcommand_from reset" -s o -l output -d 'Format of the data on standard output' -r -f -a "table\t'Text for people'
json\t'JSON for programs'
csv\t'CSV for spreadsheets'"
complete -c ibmiam -n "__fish_ibmiam_using_subcommand sandbox; and __fish_seen_subcommand_from reset" -l session -d 'Use this stored login session [env: IBMIAM_SESSION]' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand sandbox; and __fish_seen_subcommand_from reset" -l endpoint -d 'Address of the IAM service [env: IBMCLOUD_IAM_API_ENDPOINT]' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand sandbox; and __fish_seen_subcommand_from reset" -l timeout -d 'Limit for one attempt of a request, 60 if not given [env: IBMCLOUD_HTTP_TIMEOUT]' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand sandbox; and __fish_seen_subcommand_from reset" -l ca-file -d 'Trust the certificates in this file and no others [env: SSL_CERT_FILE]' -r -F
complete -c ibmiam -n "__fish_ibmiam_using_subcommand sandbox; and __fish_seen_subcommand_from reset" -l trace -d 'Show requests and answers, secrets masked, on standard error or at the end of FILE [env: IBMCLOUD_TRACE]' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand sandbox; and __fish_seen_subcommand_from reset" -l color -d 'When to colour [env: IBMCLOUD_COLOR, NO_COLOR, CLICOLOR_FORCE]' -r -f -a "auto\t'On a terminal'
always\t'Everywhere'
never\t'Nowhere'"
complete -c ibmiam -n "__fish_ibmiam_using_subcommand sandbox; and __fish_seen_subcommand_from reset" -s q -l quiet -d 'Leave out OK, notes and warnings [env: IBMCLOUD_QUIET]'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand sandbox; and __fish_seen_subcommand_from reset" -l sandbox -d 'Run against the IAM inside this program, logged in [env: IBMIAM_SANDBOX=1]'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand sandbox; and __fish_seen_subcommand_from reset" -l no-input -d 'Never ask; what would have to be asked is an error'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand sandbox; and __fish_seen_subcommand_from reset" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand sandbox; and __fish_seen_subcommand_from passcode" -s o -l output -d 'Format of the data on standard output' -r -f -a "table\t'Text for people'
json\t'JSON for programs'
csv\t'CSV for spreadsheets'"
complete -c ibmiam -n "__fish_ibmiam_using_subcommand sandbox; and __fish_seen_subcommand_from passcode" -l session -d 'Use this stored login session [env: IBMIAM_SESSION]' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand sandbox; and __fish_seen_subcommand_from passcode" -l endpoint -d 'Address of the IAM service [env: IBMCLOUD_IAM_API_ENDPOINT]' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand sandbox; and __fish_seen_subcommand_from passcode" -l timeout -d 'Limit for one attempt of a request, 60 if not given [env: IBMCLOUD_HTTP_TIMEOUT]' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand sandbox; and __fish_seen_subcommand_from passcode" -l ca-file -d 'Trust the certificates in this file and no others [env: SSL_CERT_FILE]' -r -F
complete -c ibmiam -n "__fish_ibmiam_using_subcommand sandbox; and __fish_seen_subcommand_from passcode" -l trace -d 'Show requests and answers, secrets masked, on standard error or at the end of FILE [env: IBMCLOUD_TRACE]' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand sandbox; and __fish_seen_subcommand_from passcode" -l color -d 'When to colour [env: IBMCLOUD_COLOR, NO_COLOR, CLICOLOR_FORCE]' -r -f -a "auto\t'On a terminal'
always\t'Everywhere'
never\t'Nowhere'"
complete -c ibmiam -n "__fish_ibmiam_using_subcommand sandbox; and __fish_seen_subcommand_from passcode" -s q -l quiet -d 'Leave out OK, notes and warnings [env: IBMCLOUD_QUIET]'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand sandbox; and __fish_seen_subcommand_from passcode" -l sandbox -d 'Run against the IAM inside this program, logged in [env: IBMIAM_SANDBOX=1]'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand sandbox; and __fish_seen_subcommand_from passcode" -l no-input -d 'Never ask; what would have to be asked is an error'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand sandbox; and __fish_seen_subcommand_from passcode" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand sandbox; and __fish_seen_subcommand_from cr-token" -s o -l output -d 'Format of the data on standard output' -r -f -a "table\t'Text for people'
json\t'JSON for programs'
csv\t'CSV for spreadsheets'"
complete -c ibmiam -n "__fish_ibmiam_using_subcommand sandbox; and __fish_seen_subcommand_from cr-token" -l session -d 'Use this stored login session [env: IBMIAM_SESSION]' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand sandbox; and __fish_seen_subcommand_from cr-token" -l endpoint -d 'Address of the IAM service [env: IBMCLOUD_IAM_API_ENDPOINT]' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand sandbox; and __fish_seen_subcommand_from cr-token" -l timeout -d 'Limit for one attempt of a request, 60 if not given [env: IBMCLOUD_HTTP_TIMEOUT]' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand sandbox; and __fish_seen_subcommand_from cr-token" -l ca-file -d 'Trust the certificates in this file and no others [env: SSL_CERT_FILE]' -r -F
complete -c ibmiam -n "__fish_ibmiam_using_subcommand sandbox; and __fish_seen_subcommand_from cr-token" -l trace -d 'Show requests and answers, secrets masked, on standard error or at the end of FILE [env: IBMCLOUD_TRACE]' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand sandbox; and __fish_seen_subcommand_from cr-token" -l color -d 'When to colour [env: IBMCLOUD_COLOR, NO_COLOR, CLICOLOR_FORCE]' -r -f -a "auto\t'On a terminal'
always\t'Everywhere'
never\t'Nowhere'"
complete -c ibmiam -n "__fish_ibmiam_using_subcommand sandbox; and __fish_seen_subcommand_from cr-token" -s q -l quiet -d 'Leave out OK, notes and warnings [env: IBMCLOUD_QUIET]'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand sandbox; and __fish_seen_subcommand_from cr-token" -l sandbox -d 'Run against the IAM inside this program, logged in [env: IBMIAM_SANDBOX=1]'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand sandbox; and __fish_seen_subcommand_from cr-token" -l no-input -d 'Never ask; what would have to be asked is an error'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand sandbox; and __fish_seen_subcommand_from cr-token" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand completion" -s o -l output -d 'Format of the data on standard output' -r -f -a "table\t'Text for people'
json\t'JSON for programs'
csv\t'CSV for spreadsheets'"
complete -c ibmiam -n "__fish_ibmiam_using_subcommand completion" -l session -d 'Use this stored login session [env: IBMIAM_SESSION]' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand completion" -l endpoint -d 'Address of the IAM service [env: IBMCLOUD_IAM_API_ENDPOINT]' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand completion" -l timeout -d 'Limit for one attempt of a request, 60 if not given [env: IBMCLOUD_HTTP_TIMEOUT]' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand completion" -l ca-file -d 'Trust the certificates in this file and no others [env: SSL_CERT_FILE]' -r -F
complete -c ibmiam -n "__fish_ibmiam_using_subcommand completion" -l trace -d 'Show requests and answers, secrets masked, on standard error or at the end of FILE [env: IBMCLOUD_TRACE]' -r
complete -c ibmiam -n "__fish_ibmiam_using_subcommand completion" -l color -d 'When to colour [env: IBMCLOUD_COLOR, NO_COLOR, CLICOLOR_FORCE]' -r -f -a "auto\t'On a terminal'
always\t'Everywhere'
never\t'Nowhere'"
complete -c ibmiam -n "__fish_ibmiam_using_subcommand completion" -s q -l quiet -d 'Leave out OK, notes and warnings [env: IBMCLOUD_QUIET]'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand completion" -l sandbox -d 'Run against the IAM inside this program, logged in [env: IBMIAM_SANDBOX=1]'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand completion" -l no-input -d 'Never ask; what would have to be asked is an error'
complete -c ibmiam -n "__fish_ibmiam_using_subcommand completion" -s h -l help -d 'Print help (see more with \'--help\')'
