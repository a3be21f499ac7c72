//! The scripts with which a shell requests completions from this program.

use crate::cli::session::Shell;

/// Returns the completion script of a shell.
#[must_use]
pub fn script(shell: Shell) -> &'static str {
    match shell {
        Shell::Bash => BASH,
        Shell::Zsh => ZSH,
        Shell::Fish => FISH,
        Shell::PowerShell => POWERSHELL,
        Shell::Elvish => ELVISH,
    }
}

/// Candidates are not split into words or expanded as globs. The script works in bash 3.2, which has no `mapfile`.
const BASH: &str = r#"# bash completion for ibmiam
_ibmiam() {
    local answer
    COMPREPLY=()
    while IFS= read -r answer; do
        COMPREPLY+=("$answer")
    done < <(IBMIAM_COMPLETE=bash "$1" -- "${COMP_LINE:0:COMP_POINT}" "$COMP_WORDBREAKS" 2>/dev/null)
    if [[ ${#COMPREPLY[@]} -eq 1 && ${COMPREPLY[0]} == */ ]]; then
        compopt -o nospace 2>/dev/null
    fi
}
if [[ ${BASH_VERSINFO[0]} -gt 4 || ${BASH_VERSINFO[0]} -eq 4 && ${BASH_VERSINFO[1]} -ge 4 ]]; then
    complete -o nosort -F _ibmiam ibmiam
else
    complete -F _ibmiam ibmiam
fi
"#;

/// The script passes the words without quotes; `_describe` quotes the text that it inserts.
const ZSH: &str = r#"#compdef ibmiam
# zsh completion for ibmiam
_ibmiam() {
    local -a answers values folders
    local answer
    answers=("${(@f)$(IBMIAM_COMPLETE=zsh "${(Q)words[1]}" -- "${(@Q)words[1,CURRENT-1]}" "${(Q)PREFIX}" 2>/dev/null)}")
    for answer in "${answers[@]}"; do
        if [[ -z "$answer" ]]; then
            continue
        elif [[ "${answer%%:*}" == */ ]]; then
            folders+=("${${answer%%:*}%/}")
        else
            values+=("$answer")
        fi
    done
    [[ ${#folders} -gt 0 ]] && _describe -V 'folders' folders -S '/' -r '/'
    [[ ${#values} -gt 0 ]] && _describe -V 'values' values
}
if [[ "${funcstack[1]}" == "_ibmiam" ]]; then
    _ibmiam "$@"
else
    compdef _ibmiam ibmiam
fi
"#;

const FISH: &str = r#"# fish completion for ibmiam
function __ibmiam_complete
    set -l words (commandline --current-process --tokenize --cut-at-cursor)
    IBMIAM_COMPLETE=fish $words[1] -- $words (commandline --current-token --cut-at-cursor) 2>/dev/null
end
complete --command ibmiam --keep-order --no-files --arguments '(__ibmiam_complete)'
"#;

const POWERSHELL: &str = r#"# PowerShell completion for ibmiam
Register-ArgumentCompleter -Native -CommandName ibmiam -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)
    $words = @($commandAst.CommandElements |
        Where-Object { $_.Extent.EndOffset -lt $cursorPosition } | ForEach-Object { $_.Extent.Text })
    [Console]::OutputEncoding = [Text.Encoding]::UTF8
    $before = $env:IBMIAM_COMPLETE
    $env:IBMIAM_COMPLETE = 'powershell'
    try { $answers = @(& $words[0] -- $words "$wordToComplete" 2>$null) } finally { $env:IBMIAM_COMPLETE = $before }
    foreach ($answer in $answers) {
        $value, $shown, $help = $answer.Split("`t")
        if (-not $help) { $help = $shown }
        [System.Management.Automation.CompletionResult]::new($value, $shown, 'ParameterValue', $help)
    }
}
"#;

/// Elvish quotes the text that it inserts.
const ELVISH: &str = r#"# Elvish completion for ibmiam
set edit:completion:arg-completer[ibmiam] = {|@words|
    env IBMIAM_COMPLETE=elvish ibmiam -- $@words 2>/dev/null | from-lines
}
"#;
