//! A plan as text: as a diff that a person checks before confirming, and as a runbook that a person can carry out by hand.

use std::fmt::Write as _;

use super::plan::{Action, CommandStep, Content, DnsUpdate, MarkerBefore, Plan, Purpose, Step, Verdict, inverse};
use super::{outlook, rules};
use crate::domain::act::{Call, RecordChange, RecordKind, RrSet, Update};
use crate::domain::marker::Marker;

/// Writes an update as a script for `nsupdate`, up to and with `send`; or says why it cannot be.
pub type Script<'a> = dyn Fn(&Update) -> Result<String, String> + 'a;

/// Everything that a person checks before typing the phrase.
#[must_use]
pub fn review(plan: &Plan) -> String {
    let mut out = heading(plan);
    changes(plan, &mut out);
    section(&mut out, "In short", outlook::in_short(plan).iter().map(|(label, text)| format!("{label:8} {text}")));
    section(&mut out, "Steps", plan.steps.iter().enumerate().map(|(i, step)| step_line(i, step)));
    section(&mut out, "Rules", rule_lines(plan));
    let owners = outlook::owners(plan).into_iter().map(|(owner, steps)| format!("{owner}: {}", steps.join(", ")));
    section(&mut out, "Who does what", owners);
    section(&mut out, "Caches", [format!("hold old answers for up to {} s: {}", plan.caches.seconds, plan.caches.why)]);
    section(&mut out, "What does not move", plan.stays.iter().cloned());
    section(&mut out, "Left to do afterwards", plan.open_items.iter().map(|item| item.says.clone()));
    section(&mut out, "To know", plan.notes.iter().cloned());
    section(
        &mut out,
        "Seen",
        plan.evidence.iter().map(|seen| format!("{:.0}  {}  {}", seen.at, seen.subject, seen.seen)),
    );
    let obstacles = plan.obstacles().count();
    if obstacles == 0 {
        put(&mut out, &format!("\nConfirm with: {}   (good until {:.0})", plan.confirm(), plan.expires));
        if plan.wants_second_person() {
            put(&mut out, &format!("Then another user has to agree: switchboard runs approve {}", plan.id));
        }
    } else {
        put(&mut out, &format!("\n{obstacles} of the rules above stand in the way: this plan would be refused."));
    }
    out
}

fn heading(plan: &Plan) -> String {
    let way = match plan.method {
        crate::domain::topology::FailoverMethod::Dns => "by DNS",
        crate::domain::topology::FailoverMethod::EnableDisable => "by enable/disable",
    };
    let mut out = String::new();
    put(&mut out, &format!("{} {} → {} {way}", title(plan), plan.from, plan.to));
    put(
        &mut out,
        &format!("{}  {}  {}  run {}", plan.environment.to_uppercase(), plan.console, plan.mode.word(), plan.id),
    );
    put(
        &mut out,
        &format!("made {:.0} by {}, good until {:.0}, hash {}", plan.created, plan.by, plan.expires, plan.hash()),
    );
    if let Some(reason) = &plan.reason {
        put(&mut out, &format!("why: {reason}"));
    }
    if !plan.dial_plans.is_empty() {
        let names: Vec<&str> = plan.dial_plans.iter().map(crate::domain::name::DialPlanName::as_str).collect();
        put(&mut out, &format!("dial plans: {}", names.join(", ")));
    }
    out
}

fn title(plan: &Content) -> &'static str {
    use super::plan::Direction;
    match plan.direction {
        Direction::Over if plan.pairs.is_empty() => "Change",
        Direction::Over => "Fail over",
        Direction::Back => "Bring home",
        Direction::RollBack => "Roll back",
    }
}

/// The diff.
fn changes(plan: &Content, out: &mut String) {
    let mut lines = Vec::new();
    for step in &plan.steps {
        match &step.action {
            Action::DnsUpdate(update) if update.purpose == Purpose::Move => {
                let key = update.key.as_ref().map_or_else(|| "Kerberos".to_owned(), |key| format!("key {key}"));
                lines.push(format!("one message to {} for {}, with {key}", update.primary, update.zone));
                lines.extend(update.changes.iter().filter(|c| c.before != c.after).map(change_line));
                lines.push("  refused by the server if a record or marker is no longer what you see here".to_owned());
            }
            Action::Command(command) => {
                let Call { server, before, after, backend, .. } = &command.call;
                lines.push(format!("{server}  {before} → {after}  ({backend}: {})", quoted(&command.call.argv)));
            }
            _ => {}
        }
    }
    lines.extend(plan.left_out.iter().map(|left| format!("{} stays: {}", left.server, left.why)));
    section(out, "What will change", lines);
}

fn change_line(change: &RecordChange) -> String {
    let RecordChange { name, kind, before, after } = change;
    format!("  {name}  {}  {}  →  {}", word(*kind), told(before), told(after))
}

fn told(set: &RrSet) -> String {
    if set.values.is_empty() {
        return "none".to_owned();
    }
    let values: Vec<String> = set.values.iter().map(ToString::to_string).collect();
    format!("{} {}", set.ttl, values.join(" "))
}

fn word(kind: RecordKind) -> &'static str {
    match kind {
        RecordKind::A => "A",
        RecordKind::Aaaa => "AAAA",
    }
}

fn step_line(index: usize, step: &Step) -> String {
    let undo = if step.action.has_effect() { format!("\n        undo: {}", step.undo) } else { String::new() };
    format!("{:2}  {:14} {}{undo}", index + 1, step.id, step.does)
}

/// What is not simply fine, worst first; then how many are.
fn rule_lines(plan: &Content) -> Vec<String> {
    let mut loud: Vec<_> = plan.rules.iter().filter(|rule| rule.outcome > Verdict::NotChecked).collect();
    loud.sort_by_key(|rule| std::cmp::Reverse((rule.stands_in_the_way(), rule.outcome)));
    let mut lines: Vec<String> = Vec::new();
    for outcome in loud {
        let given = outcome.given.as_ref().map(|given| format!("\n        overridden: {given}"));
        let rule = rules::rule(&outcome.id).filter(|_| outcome.stands_in_the_way());
        let help = rule.map(|rule| {
            let command = rule.command.map(|command| format!("; try: {command}")).unwrap_or_default();
            format!("\n        {} Mended by {}{command}", rule.words, rule.who)
        });
        lines.push(format!(
            "{:8} {} ({}): {}{}{}",
            outcome.outcome.word(),
            outcome.id,
            outcome.subject,
            outcome.measured,
            given.unwrap_or_default(),
            help.unwrap_or_default()
        ));
    }
    let count = |verdict| plan.rules.iter().filter(|rule| rule.outcome == verdict).count();
    let unchecked: Vec<&str> =
        plan.rules.iter().filter(|rule| rule.outcome == Verdict::NotChecked).map(|rule| rule.id.as_str()).collect();
    let mut named = unchecked.clone();
    named.dedup();
    lines.push(format!("{} passed, {} not checked: {}", count(Verdict::Pass), unchecked.len(), named.join(", ")));
    lines
}

/// The same steps for a person without this program.
#[must_use]
pub fn runbook(plan: &Plan, script: &Script<'_>) -> String {
    let mut out = String::from("RUNBOOK, to be carried out by hand\n\n");
    out += &heading(plan);
    put(
        &mut out,
        "Do one step after the other. Stop at the first that does not end as it says, and undo from there, last one first.",
    );
    put(
        &mut out,
        "Keys: nsupdate -k FILE reads the key from a file (never -y, which shows it to everybody on the machine).",
    );
    out += &steps(plan, script);
    section(&mut out, "Left to do afterwards", plan.open_items.iter().map(|item| item.says.clone()));
    section(&mut out, "To know", plan.notes.iter().cloned());
    out
}

/// The steps with their exact messages and commands, and nothing around them.
#[must_use]
pub fn steps(plan: &Content, script: &Script<'_>) -> String {
    let mut out = String::new();
    for (index, step) in plan.steps.iter().enumerate() {
        put(&mut out, &format!("\n[ ] {}. {} — {}", index + 1, step.id, step.does));
        put(&mut out, &format!("    by: {}", step.owner));
        // At the margin, so that a script can be taken as it stands: an indented END ends nothing.
        put(&mut out, &by_hand(plan, step, script));
        put(&mut out, &format!("    then: {}", step.expect));
        if step.action.has_effect() {
            put(&mut out, &format!("    undo: {}", step.undo));
            if let Some(lines) = undo_by_hand(plan, step, script) {
                put(&mut out, &lines);
            }
        }
    }
    out
}

fn by_hand(plan: &Content, step: &Step, script: &Script<'_>) -> String {
    match &step.action {
        Action::DnsUpdate(update) => {
            nsupdate(plan, update, &update.changes, update.marker.as_ref().map(|m| &m.after), script)
        }
        Action::Command(command) => command_line(command),
        Action::SipCheck(check) => lines(check.targets.iter().map(|target| {
            let scheme = if target.transport.is_tls() { "sips" } else { "sip" };
            let carried = if target.transport.is_tls() { "" } else { ";transport=tcp" };
            format!("switchboard probe '{scheme}:{}{carried}' --server-name {}", target.address, target.name)
        })),
        Action::ReadBack(read) => lines(read.servers.iter().flat_map(|server| {
            read.records.iter().map(move |set| {
                format!(
                    "dig @{} -p {} +norecurse {} {}   # {}",
                    server.ip(),
                    server.port(),
                    set.name,
                    word(set.kind),
                    shown(set)
                )
            })
        })),
        Action::CacheWait(wait) => lines(wait.resolvers.iter().flat_map(|server| {
            wait.records.iter().map(move |set| {
                format!("dig @{} -p {} {} {}   # {}", server.ip(), server.port(), set.name, word(set.kind), shown(set))
            })
        })),
        Action::Acceptance(call) => {
            let numbers = if call.numbers.is_empty() { "an access number".to_owned() } else { call.numbers.join(", ") };
            let stdin = quote(&plan.call_stdin(call).to_string());
            let command =
                if call.argv.is_empty() { String::new() } else { format!("echo {stdin} | {}\n", quoted(&call.argv)) };
            format!("{command}call {numbers}: \"{}\"", call.attest)
        }
        Action::Soak(soak) => format!("watch for {} s", soak.seconds),
    }
}

fn shown(set: &super::plan::RecordSet) -> String {
    told(&RrSet { ttl: set.ttl, values: set.values.clone() })
}

/// By hand nobody fills in `exp` and `head`: the next step's prerequisite is the text as it is printed here.
fn nsupdate(
    plan: &Content,
    update: &DnsUpdate,
    changes: &[RecordChange],
    after: Option<&Marker>,
    script: &Script<'_>,
) -> String {
    let before = update.marker.as_ref().and_then(|marker| text_before(plan, &marker.before));
    let mut act = update.act(before.as_deref(), &after.map(ToString::to_string).unwrap_or_default());
    act.records = changes.to_vec();
    let how = if update.key.is_some() { "nsupdate -v -k KEYFILE" } else { "nsupdate -v -g" };
    let key = update.key.as_ref().map_or_else(String::new, |key| format!("   # the key named {key}"));
    match script(&act) {
        Ok(script) => format!(
            "{how} <<'END'{key}\nserver {} {}\n{}\nEND",
            update.primary.ip(),
            update.primary.port(),
            script.trim_end()
        ),
        Err(why) => format!("cannot be written as a script: {why}"),
    }
}

fn text_before(plan: &Content, before: &MarkerBefore) -> Option<String> {
    match before {
        MarkerBefore::Absent => None,
        MarkerBefore::Exactly(text) => Some(text.clone()),
        MarkerBefore::WrittenBy(id) => plan.steps.iter().find_map(|step| match &step.action {
            Action::DnsUpdate(update) if step.id == *id => {
                update.marker.as_ref().map(|marker| marker.after.to_string())
            }
            _ => None,
        }),
    }
}

fn undo_by_hand(plan: &Content, step: &Step, script: &Script<'_>) -> Option<String> {
    match (&step.action, &step.undo_command) {
        (Action::Command(_), Some(call)) => Some(call_line(call)),
        (Action::DnsUpdate(update), _) if update.purpose == Purpose::Move => {
            let changes: Vec<RecordChange> = update.changes.iter().map(inverse).collect();
            let mut update = (**update).clone();
            let after = update.marker.as_mut().map(|marker| {
                let written = marker.after.clone();
                marker.before = MarkerBefore::WrittenBy(step.id.clone());
                Marker { seq: written.seq + 1, run: None, ..unmoved(plan, &update.zone, written) }
            });
            Some(nsupdate(plan, &update, &changes, after.as_ref(), script))
        }
        _ => None,
    }
}

/// The marker as the claim wrote it: before anything moved.
fn unmoved(plan: &Content, zone: &crate::domain::name::Fqdn, otherwise: Marker) -> Marker {
    let claim = plan.steps.iter().find_map(|step| match &step.action {
        Action::DnsUpdate(update) if update.purpose == Purpose::Claim && update.zone == *zone => update.marker.as_ref(),
        _ => None,
    });
    claim.map_or(otherwise, |claim| claim.after.clone())
}

fn command_line(command: &CommandStep) -> String {
    format!("{}\n# wait up to {} s for it to be seen", call_line(&command.call), command.effect_within_seconds)
}

fn call_line(call: &Call) -> String {
    format!("echo {} | {}", quote(&call.stdin().to_string()), quoted(&call.argv))
}

fn quoted(argv: &[String]) -> String {
    argv.iter().map(|word| quote(word)).collect::<Vec<_>>().join(" ")
}

/// A word as a POSIX shell reads it back.
fn quote(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:=@%+,".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

fn lines(items: impl Iterator<Item = String>) -> String {
    items.collect::<Vec<_>>().join("\n")
}

fn section(out: &mut String, title: &str, items: impl IntoIterator<Item = String>) {
    let mut items = items.into_iter().peekable();
    if items.peek().is_some() {
        put(out, &format!("\n{title}"));
        for item in items {
            put(out, &format!("  {item}"));
        }
    }
}

fn put(out: &mut String, line: &str) {
    // Writing to a String does not fail.
    let _ = writeln!(out, "{line}");
}
