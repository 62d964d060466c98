//! A demo whose servers, commands and zone are hostile where a test wants them so.

use std::path::PathBuf;

use serde_json::Value;
use switchboard::demo::Design;
use switchboard::domain::name::Fqdn;
use tokio::process::Command;

use crate::peers::{Conduct, certificate, serve};
use crate::run_support::live::{Live, bounded};
use crate::{EVIL, one_line, tame, tame_json};

pub(crate) struct Bench {
    pub(crate) live: Live,
    /// How often hostile text was met, made harmless, by where it came from.
    pub(crate) met: usize,
}

/// What the UM tool does: what it should, or one of several wrongs. The word stands in a file.
const TOOL: &str = r#"#!/bin/sh
dir=$(dirname "$0")
mode=$(cat "$dir/mode")
case "$mode" in
  shout) cat "$dir/evil" >&2; exit 3 ;;
  print) cat "$dir/evil"; exit 0 ;;
  endless) head -c 1048576 /dev/zero | tr '\0' '\033' >&2; cat "$dir/evil" >&2; exit 3 ;;
  json) cat "$dir/$1.json"; exit 0 ;;
esac
exec "$dir/real" demo um --dir "$dir" "$1"
"#;

impl Bench {
    pub(crate) async fn start(design: Design) -> Self {
        let live = Live::start(design).await;
        let dir = live.demo.dir().to_owned();
        std::fs::write(dir.join("evil"), EVIL).unwrap();
        std::fs::write(dir.join("tool"), TOOL).unwrap();
        std::os::unix::fs::symlink(crate::run_support::live::PROGRAM, dir.join("real")).unwrap();
        let bench = Self { live, met: 0 };
        bench.tool("right");
        bench.write_json();
        let file = bench.live.demo.topology_file();
        let text = std::fs::read_to_string(&file).unwrap();
        let tool = |line: &str| {
            let verb = ["state", "enable", "disable", "drain", "check"]
                .into_iter()
                .find(|v| line.starts_with(&format!("{v} = [")))?;
            Some(format!("{verb} = [\"/bin/sh\", {:?}, \"{verb}\"]", dir.join("tool").to_str().unwrap()))
        };
        let lines: Vec<String> = text.lines().map(|line| tool(line).unwrap_or_else(|| line.to_owned())).collect();
        std::fs::write(&file, lines.join("\n")).unwrap();
        bench
    }

    /// From now on the tool does this.
    pub(crate) fn tool(&self, mode: &str) {
        std::fs::write(self.live.demo.dir().join("mode"), mode).unwrap();
    }

    /// JSON in good order, with hostile values wherever a value can be anything.
    fn write_json(&self) {
        let component = |component: &str, requester: &str| serde_json::json!({"component": component, "requester": requester, "state": "Inactive", "scope": "local"});
        let state = serde_json::json!({"version": 1, "servers": [
            {"server": "um1.tukwila.contoso.com", "service": "um", "dial_plans": ["Tukwila.contoso.com", EVIL], "active_calls": 0,
             "components": [component("UnifiedMessaging", EVIL), component("ServerWideOffline", EVIL), component(EVIL, EVIL)]},
            {"server": EVIL, "service": "um", "status": "Enabled", "dial_plans": [EVIL]},
        ]});
        let change = serde_json::json!({"outcome": "refused", "detail": EVIL});
        for (verb, value) in
            [("state", &state), ("enable", &change), ("disable", &change), ("drain", &change), ("check", &change)]
        {
            std::fs::write(self.live.demo.dir().join(format!("{verb}.json")), value.to_string()).unwrap();
        }
    }

    /// Leads a server's declared TLS address to a hostile one.
    pub(crate) async fn lead(&self, declared: &str, conduct: Conduct) {
        let address = serve(conduct, certificate().0).await;
        let file = self.live.demo.topology_file();
        let text = std::fs::read_to_string(&file).unwrap();
        let line = text.lines().find(|line| line.starts_with(&format!("\"{declared}\" = "))).unwrap();
        std::fs::write(&file, text.replace(line, &format!("\"{declared}\" = \"{address}\""))).unwrap();
    }

    /// Puts hostile text at Tukwila's marker.
    pub(crate) fn marker(&self, text: &str) {
        let name = Fqdn::parse("_switchboard.tukwila.contoso.com").unwrap();
        let primary = self.live.demo.faults();
        primary.primary().delete_marker(&name);
        primary.primary().edit(|zone| zone.add_text(&name, 0, text));
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.live.demo.dir().join(name)
    }

    /// Runs a command; what it says has to be tame, on both streams.
    #[track_caller]
    pub(crate) fn say(&mut self, arguments: &[&str]) -> impl Future<Output = (Option<i32>, String)> {
        let command = self.live.command(self.live.state(), arguments);
        self.run(command, arguments.join(" "))
    }

    pub(crate) async fn run(&mut self, command: Command, what: String) -> (Option<i32>, String) {
        let output = bounded(command).await;
        let what: String = what.chars().take(120).collect();
        for stream in [&output.stdout, &output.stderr] {
            tame(&what, stream);
            for line in String::from_utf8_lossy(stream).lines() {
                if let Ok(value) = serde_json::from_str::<Value>(line) {
                    tame_json(&what, &value);
                }
            }
        }
        let said = [output.stdout, output.stderr].concat();
        let said = String::from_utf8(said).unwrap();
        self.met += usize::from(is_met(&said));
        (output.status.code(), said)
    }

    /// The same, for a command that has to repeat the hostile text, made harmless.
    pub(crate) async fn repeats(&mut self, arguments: &[&str]) -> (Option<i32>, String) {
        let (code, said) = self.say(arguments).await;
        assert!(is_met(&said), "{arguments:?} was not met by it: {said}");
        (code, said)
    }

    /// What is left in the state directory is tame, too.
    pub(crate) fn nothing_wild_is_kept(&self) {
        let mut dirs = vec![self.live.state().to_owned()];
        let mut files = 0;
        while let Some(dir) = dirs.pop() {
            for entry in std::fs::read_dir(dir).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    dirs.push(path);
                    continue;
                }
                files += 1;
                let bytes = std::fs::read(&path).unwrap();
                tame(&path.display().to_string(), &bytes);
                let text = String::from_utf8(bytes).unwrap();
                for document in text.lines().chain([text.as_str()]) {
                    if let Ok(value) = serde_json::from_str::<Value>(document) {
                        tame_json(&path.display().to_string(), &value);
                    }
                }
            }
        }
        assert!(files > 0);
    }

    /// A topology file that is hostile itself.
    pub(crate) fn hostile_file(&self) -> PathBuf {
        let evil = one_line();
        let escaped: String =
            EVIL.chars().flat_map(|c| format!("\\U{:08X}", u32::from(c)).chars().collect::<Vec<_>>()).collect();
        let text = format!(
            "# {evil}\n[console]\nname = \"{escaped}\"\n\"{escaped}\" = 1\n[[site]]\nname = \"{escaped}\"\nstandby = \"{escaped}\"\n\
             [[site.server]]\nfqdn = \"{escaped}\"\naddress = \"{escaped}\"\nversion = \"{escaped}\"\n[backend.\"{escaped}\"]\ntype = \"{escaped}\"\n"
        );
        let file = self.path("evil.toml");
        std::fs::write(&file, text).unwrap();
        file
    }
}

/// Whether the hostile text was shown, made harmless. Names of hosts are compared in lower case.
pub(crate) fn is_met(said: &str) -> bool {
    said.contains("EVIL") || said.contains("evil\u{fffd}")
}
