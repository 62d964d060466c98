//! What ends with a login, and would end a run in the middle: agents, ticket caches, processes that a login manager kills.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use crate::config::Env;
use crate::domain::topology::{Backend, Topology, UpdateAuth};
use crate::failover::plan::{Action, Content};

/// Where the login manager says that it ends a user's processes; beside each may stand a directory of the same name with `.d`, whose
/// files have the last word, by their names (systemd.conf(5)).
const LOGIND: [&str; 3] = ["/etc/systemd/logind.conf", "/run/systemd/logind.conf", "/usr/lib/systemd/logind.conf"];

/// Where it notes whose processes may stay.
const LINGER: &str = "/var/lib/systemd/linger";

/// Whether everything that a plan needs is still there after the login has ended; or what is not, and what to do.
pub(super) fn outlives(topology: &Topology, content: &Content, env: &Env<'_>) -> Result<(), String> {
    judge(topology, content, env, kills(Path::new("/")), |user| Path::new(LINGER).join(user).exists())
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

/// Whether `KillUserProcesses` is on: the last of the additions that has a say, or else the first whole file that has.
fn kills(root: &Path) -> bool {
    let places = || LOGIND.iter().map(|path| root.join(path.trim_start_matches('/')));
    // A file of one name in the first directory hides those in the others.
    let mut additions: BTreeMap<OsString, PathBuf> = BTreeMap::new();
    for place in places() {
        let Ok(files) = std::fs::read_dir(place.with_extension("conf.d")) else { continue };
        for path in
            files.flatten().map(|file| file.path()).filter(|path| path.extension().is_some_and(|end| end == "conf"))
        {
            additions.entry(path.file_name().unwrap_or_default().to_owned()).or_insert(path);
        }
    }
    let said = additions.values().rev().find_map(|path| says(path)).or_else(|| places().find_map(|path| says(&path)));
    said.unwrap_or(false)
}

/// What a file says of it, its last word.
fn says(path: &Path) -> Option<bool> {
    let text = std::fs::read_to_string(path).ok()?;
    let line = text.lines().map(str::trim).rev().find_map(|line| line.strip_prefix("KillUserProcesses="))?;
    Some(matches!(line.trim(), "yes" | "true" | "1" | "on"))
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
    fn additions_have_the_last_word_and_whole_files_the_first() {
        let root = tempfile::tempdir().unwrap();
        let write = |path: &str, text: &str| {
            let path = root.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        };
        assert!(!kills(root.path()), "nothing is said");
        write("usr/lib/systemd/logind.conf", "[Login]\nKillUserProcesses=yes\n");
        assert!(kills(root.path()));
        write("etc/systemd/logind.conf", "KillUserProcesses=yes\nKillUserProcesses=no\n");
        assert!(!kills(root.path()));
        write("etc/systemd/logind.conf.d/50-kill.conf", "KillUserProcesses=yes\n");
        assert!(kills(root.path()));
        write("usr/lib/systemd/logind.conf.d/90-stay.conf", "KillUserProcesses=no\n");
        assert!(!kills(root.path()), "the greatest name");
        write("etc/systemd/logind.conf.d/90-stay.conf", "#KillUserProcesses=no\n");
        assert!(kills(root.path()), "the same name nearer hides it");
    }
}
