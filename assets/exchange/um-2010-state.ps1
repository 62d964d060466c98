# Prints the state of every Exchange 2010 UM server. Untried on a real Exchange; see README.md.
$ErrorActionPreference = 'Stop'
Add-PSSnapin Microsoft.Exchange.Management.PowerShell.E2010

$servers = foreach ($um in Get-UMServer) {
    $calls = $null
    try { $calls = @(Get-UMActiveCalls -Server $um.Name).Count } catch { }
    @{
        server       = [string](Get-ExchangeServer $um.Name).Fqdn
        service      = 'um'
        status       = [string]$um.Status
        dial_plans   = @($um.DialPlans | ForEach-Object { [string]$_.Name })
        active_calls = $calls
        certificate  = [string]$um.UMCertificateThumbprint
    }
}
@{ version = 1; servers = @($servers) } | ConvertTo-Json -Depth 6 -Compress
