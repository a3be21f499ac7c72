# Elvish completion for ibmiam
set edit:completion:arg-completer[ibmiam] = {|@words|
    env IBMIAM_COMPLETE=elvish ibmiam -- $@words 2>/dev/null | from-lines
}
