# Prints the state of every Exchange 2013 and 2016 server with UM, over all requesters. Untried on a real Exchange; see README.md.
$ErrorActionPreference = 'Stop'
Add-PSSnapin Microsoft.Exchange.Management.PowerShell.SnapIn

function Get-Components([string]$server) {
    $all = Get-ServerComponentState -Identity $server | Where-Object {
        $_.Component -like 'UM*' -or $_.Component -like 'UnifiedMessaging*' -or $_.Component -eq 'ServerWideOffline'
    }
    foreach ($component in $all) {
        $scopes = @{ local = $component.LocalStates; remote = $component.RemoteStates }
        foreach ($scope in $scopes.Keys) {
            foreach ($said in @($scopes[$scope])) {
                if ($null -eq $said) { continue }
                @{
                    component = [string]$component.Component
                    requester = [string]$said.Requester
                    state     = [string]$said.State
                    scope     = $scope
                }
            }
        }
    }
}

function Get-Entry($found, [string]$service) {
    $fqdn = [string](Get-ExchangeServer $found.Name).Fqdn
    @{
        server       = $fqdn
        service      = $service
        components   = @(Get-Components $fqdn)
        dial_plans   = @($found.DialPlans | ForEach-Object { [string]$_.Name })
        active_calls = $null
        certificate  = [string]$found.UMCertificateThumbprint
    }
}

$entries = @()
foreach ($um in Get-UMService) { $entries += Get-Entry $um 'um' }
# Without -Server the cmdlet answers for the local machine alone.
foreach ($server in Get-ExchangeServer | Where-Object { $_.IsClientAccessServer }) {
    $router = Get-UMCallRouterSettings -Server $server.Name
    $entries += Get-Entry ($router | Select-Object @{ n = 'Name'; e = { $server.Name } }, DialPlans, UMCertificateThumbprint) 'call-router'
}
@{ version = 1; servers = @($entries) } | ConvertTo-Json -Depth 6 -Compress
