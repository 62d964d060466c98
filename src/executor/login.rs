//! What ends with a login, and would end a run in the middle: agents, ticket caches, processes that a login manager kills.

use std::path::Path;

use crate::config::Env;
use crate::domain::topology::{Backend, Topology, UpdateAuth};
use crate::failover::plan::{Action, Content};

/// Where the login manager says that it ends a user's processes.
const LOGIND: &[&str] = &["/etc/systemd/logind.conf", "/usr/lib/systemd/logind.conf"];

/// Where it notes whose processes may stay.
const LINGER: &str = "/var/lib/systemd/linger";

/// Whether everything that a plan needs is still there after the login has ended; or what is not, and what to do.
pub(super) fn outlives(topology: &Topology, content: &Content, env: &Env<'_>) -> Result<(), String> {
    let read = |path: &str| std::fs::read_to_string(path).ok();
    judge(topology, content, env, kills(read), |user| Path::new(LINGER).join(user).exists())
}

fn judge(
    topology: &Topology,
    content: &Content,
    env: &Env<'_>,
    kills: bool,
    lingers: impl Fn(&str) -> bool,
) -> Result<(), String> {
    let remote = env("SSH_CONNECTION").is_some();
    if remote && env("SSH_AUTH_SOCK").is_some() && goes_by_ssh(content) {
        return Err(
            "ssh would ask the agent of this login (SSH_AUTH_SOCK): give the command a key file of its own".to_owned()
        );
    }
    if uses_kerberos(topology, content) && ticket_ends(env) {
        return Err(
            "the Kerberos ticket is this login's (KRB5CCNAME): use a cache of its own, from a keytab".to_owned()
        );
    }
    let user = env("USER").or_else(|| env("LOGNAME")).unwrap_or_default();
    if env("XDG_SESSION_ID").is_some() && kills && (user.is_empty() || !lingers(&user)) {
        return Err("the login manager ends all processes with the login: `loginctl enable-linger` first".to_owned());
    }
    Ok(())
}

fn goes_by_ssh(content: &Content) -> bool {
    let program = |argv: &[String]| argv.first().and_then(|first| first.rsplit('/').next().map(str::to_owned));
    content.steps.iter().any(|step| match &step.action {
        Action::Command(command) => program(&command.call.argv).is_some_and(|name| name == "ssh"),
        _ => false,
    })
}

fn uses_kerberos(topology: &Topology, content: &Content) -> bool {
    content.steps.iter().any(|step| match &step.action {
        Action::DnsUpdate(update) => matches!(
            topology.backends.get(&update.backend),
            Some(Backend::DnsUpdate(backend)) if matches!(backend.auth, UpdateAuth::Gss)
        ),
        _ => false,
    })
}

/// Session keyrings, and files that sshd and logind remove.
fn ticket_ends(env: &Env<'_>) -> bool {
    let cache = env("KRB5CCNAME").unwrap_or_default();
    let remote = env("SSH_CONNECTION").is_some();
    cache.starts_with("KEYRING:session") || cache.contains("/run/user/") || (remote && cache.contains("/tmp/krb5cc_"))
}

/// The first file that has a say: `KillUserProcesses=yes`.
fn kills(read: impl Fn(&str) -> Option<String>) -> bool {
    let said = LOGIND.iter().find_map(|path| {
        let text = read(path)?;
        let line = text.lines().map(str::trim).rev().find_map(|line| line.strip_prefix("KillUserProcesses="))?;
        Some(matches!(line.trim(), "yes" | "true" | "1" | "on"))
    });
    said.unwrap_or(false)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn env_of(pairs: &'static [(&'static str, &'static str)]) -> impl Fn(&str) -> Option<String> {
        move |name| pairs.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned())
    }

    #[test]
    fn a_ticket_of_the_session_ends_with_it_and_one_of_a_service_does_not() {
        for (cache, remote, ends) in [
            ("KEYRING:session:1000", false, true),
            ("FILE:/run/user/1000/krb5cc", false, true),
            ("FILE:/tmp/krb5cc_1000_AbCd", true, true),
            ("FILE:/var/lib/switchboard/krb5cc", true, false),
            ("", true, false),
        ] {
            let env = |name: &str| match name {
                "KRB5CCNAME" => Some(cache.to_owned()),
                "SSH_CONNECTION" => remote.then(|| "a b c d".to_owned()),
                _ => None,
            };
            assert_eq!(ticket_ends(&env), ends, "{cache}");
        }
        assert!(!ticket_ends(&env_of(&[])));
    }

    #[test]
    fn the_last_word_of_the_first_file_that_has_one_counts() {
        let file = |text: &'static str| move |path: &str| (path == LOGIND[0]).then(|| text.to_owned());
        assert!(kills(file("[Login]\nKillUserProcesses=yes\n")));
        assert!(!kills(file("#KillUserProcesses=yes\n")));
        assert!(!kills(file("KillUserProcesses=yes\nKillUserProcesses=no\n")));
        assert!(!kills(|_| None));
    }
}
