# Changes the UM components of one Exchange 2013 or 2016 server. Untried on a real Exchange; see README.md.
param([Parameter(Mandatory)][ValidateSet('enable', 'disable', 'drain')][string]$Verb)
$ErrorActionPreference = 'Stop'

$text = [Console]::In.ReadToEnd()
if ([string]::IsNullOrWhiteSpace($text)) { [Console]::Error.WriteLine('no order on standard input'); exit 1 }
$order = $text | ConvertFrom-Json
if ($order.server -notmatch '^[A-Za-z0-9.-]+$') { [Console]::Error.WriteLine('no server is named'); exit 1 }

Add-PSSnapin Microsoft.Exchange.Management.PowerShell.SnapIn
$wanted = @{ enable = 'Active'; disable = 'Inactive'; drain = 'Draining' }[$Verb]
# Builds differ in the names (UMCallRouter, UnifiedMessaging): this server says which it has.
$components = @(Get-ServerComponentState -Identity $order.server |
    Where-Object { $_.Component -like 'UM*' -or $_.Component -like 'UnifiedMessaging*' })
if ($components.Count -eq 0) {
    @{ outcome = 'refused'; detail = "$($order.server) has no component of Unified Messaging" } | ConvertTo-Json -Compress
    exit 0
}

$unreached = $false
foreach ($component in $components) {
    $name = $component.Component
    $set = @{ Identity = $order.server; Component = $name; State = $wanted; Requester = 'Maintenance'; Confirm = $false }
    # The directory first: it holds the state for a host that cannot be reached now.
    Set-ServerComponentState @set -RemoteOnly
    try { Set-ServerComponentState @set -LocalOnly } catch { $unreached = $true }
}
$outcome = if ($unreached) { 'recorded' } else { 'applied' }
@{ outcome = $outcome; detail = "$Verb $($order.server) for run $($order.run)" } | ConvertTo-Json -Compress
