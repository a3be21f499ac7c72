# PowerShell completion for ibmiam
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
