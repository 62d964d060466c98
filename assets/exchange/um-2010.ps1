# Changes the service state of one Exchange 2010 UM server. Untried on a real Exchange; see README.md.
param([Parameter(Mandatory)][ValidateSet('enable', 'disable', 'drain')][string]$Verb)
$ErrorActionPreference = 'Stop'

$text = [Console]::In.ReadToEnd()
if ([string]::IsNullOrWhiteSpace($text)) { [Console]::Error.WriteLine('no order on standard input'); exit 1 }
$order = $text | ConvertFrom-Json
if ($order.server -notmatch '^[A-Za-z0-9.-]+$') { [Console]::Error.WriteLine('no server is named'); exit 1 }

Add-PSSnapin Microsoft.Exchange.Management.PowerShell.E2010
switch ($Verb) {
    'enable'  { Enable-UMServer -Identity $order.server -Confirm:$false }
    # Without -Immediate: calls in progress go on to their end.
    'disable' { Disable-UMServer -Identity $order.server -Confirm:$false }
    'drain'   { Set-UMServer -Identity $order.server -Status NoNewCalls -Confirm:$false }
}
@{ outcome = 'applied'; detail = "$Verb $($order.server) for run $($order.run)" } | ConvertTo-Json -Compress
