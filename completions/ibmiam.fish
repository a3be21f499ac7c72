# fish completion for ibmiam
function __ibmiam_complete
    set -l words (commandline --current-process --tokenize --cut-at-cursor)
    IBMIAM_COMPLETE=fish $words[1] -- $words (commandline --current-token --cut-at-cursor) 2>/dev/null
end
complete --command ibmiam --keep-order --no-files --arguments '(__ibmiam_complete)'
