//! Service state and dial-plan membership, read by running a backend's `state` command.

use crate::child::{self, Spec};
use crate::domain::clean::Clean;
use crate::domain::observation::{CommandFailure, StateReport};
use crate::domain::topology::Command;
use crate::wire::um_state;

/// The most that a state command may print, in bytes.
const CAP: usize = 4 * 1024 * 1024;

/// Runs the command once, within its own deadline, and reads what it printed.
///
/// # Errors
/// [`CommandFailure`] says whether it did not start, did not end, failed, or printed something else. Dropping the future ends
/// the command's whole process group.
pub async fn read(command: &Command) -> Result<StateReport, CommandFailure> {
    let spec = Spec { argv: command.state.clone(), stdin: Vec::new(), deadline: command.timeout, cap: CAP };
    let printed = child::run(spec).await?.success()?;
    um_state::parse(&printed).map_err(|error| CommandFailure::Malformed(Clean::new(&error.to_string())))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::domain::name::Fqdn;
    use crate::domain::server::ServiceState;

    async fn run(script: &str) -> Result<StateReport, CommandFailure> {
        let state = ["/bin/sh", "-c", script].map(str::to_owned).to_vec();
        read(&Command { state, timeout: Duration::from_secs(10), ..Command::default() }).await
    }

    #[tokio::test]
    async fn what_the_command_prints_becomes_a_report() {
        let json = r#"{"version":1,"servers":[{"server":"um1.contoso.com","service":"um","status":"Disabled","dial_plans":[]}]}"#;
        let report = run(&format!("echo '{json}'")).await.unwrap();
        assert_eq!(report.servers[&Fqdn::parse("um1.contoso.com").unwrap()].state, ServiceState::Disabled);
    }

    #[tokio::test]
    async fn each_way_to_fail_is_told_apart() {
        assert!(matches!(run("echo no JSON").await, Err(CommandFailure::Malformed(_))));
        let failed = run("echo 'domain controller \u{1b}[31mlost' >&2; exit 7").await.unwrap_err();
        let CommandFailure::Exit { code: Some(7), stderr } = failed else { panic!("{failed:?}") };
        assert!(stderr.as_str().starts_with("domain controller") && !stderr.as_str().contains('\u{1b}'));
        let state = vec!["/nowhere/um-state".to_owned()];
        let missing = read(&Command { state, timeout: Duration::from_secs(1), ..Command::default() }).await;
        assert!(matches!(missing, Err(CommandFailure::NotStarted(_))));
        let state = ["/bin/sh", "-c", "sleep 60"].map(str::to_owned).to_vec();
        let hung = read(&Command { state, timeout: Duration::from_millis(100), ..Command::default() }).await;
        assert_eq!(hung, Err(CommandFailure::Timeout));
    }
}
