//! What stands at the write primary now, compared with what an update starts from and leads to.

use std::net::{IpAddr, SocketAddr};

use hickory_proto::rr::RecordType;
use tokio::time::{Duration, Instant};

use super::dns_line::Line;
use super::dns_update::PATIENCE;
use super::{Refused, Sent};
use crate::domain::act::{MarkerChange, Observed, RecordChange, RecordKind, Refusal, RrSet, Update};
use crate::domain::clean::Clean;
use crate::domain::observation::{DnsFailure, DnsKind};
use crate::wire::dns::answer::{self, Half};
use crate::wire::dns::to_name;

/// Which of the two images something equals.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Equals {
    before: bool,
    after: bool,
}

/// Reads every record and every own marker of an update, over one connection.
pub(super) async fn read_back(server: SocketAddr, update: &Update, patience: Duration) -> Observed {
    let mut line = match Line::open(server, Instant::now() + patience).await {
        Ok(line) => line,
        Err(error) => return unreadable(&format!("{}: {error}", update.primary)),
    };
    let (mut all, mut seen) = (Equals { before: true, after: true }, Vec::new());
    for change in &update.records {
        match records(&mut line, change).await {
            Ok(now) => all.and(compare(change, &now), &mut seen, &describe(change, &now)),
            Err(why) => return unreadable(&format!("{} {}: {why}", change.name, word(change.kind))),
        }
    }
    // A marker that is only required, the partner's, is not what this update changes.
    for change in update.markers.iter().filter(|change| change.after.is_some()) {
        match marker(&mut line, change).await {
            Ok(texts) => all.and(compare_texts(change, &texts), &mut seen, &describe_texts(change, &texts)),
            Err(why) => return unreadable(&format!("{} TXT: {why}", change.name)),
        }
    }
    let detail = Clean::new(&seen.join("; "));
    match all {
        Equals { after: true, .. } => Observed::After { detail },
        Equals { before: true, .. } => Observed::Before { detail },
        _ => Observed::Other { detail },
    }
}

impl Equals {
    fn and(&mut self, other: Self, seen: &mut Vec<String>, description: &str) {
        self.before &= other.before;
        self.after &= other.after;
        seen.push(description.to_owned());
    }
}

fn unreadable(why: &str) -> Observed {
    Observed::Unreadable { detail: Clean::new(why) }
}

/// A refusal that anybody on the way could have made up counts when the records stand as before, or would stand so anyway.
pub(super) async fn believe_if_unchanged(server: SocketAddr, update: &Update, why: Refusal, says: &str) -> Sent {
    if changes_nothing(update) {
        return Sent::Refused(Refused { why, detail: Clean::new(says) });
    }
    match read_back(server, update, PATIENCE).await {
        Observed::Before { .. } => {
            Sent::Refused(Refused { why, detail: Clean::new(&format!("{says}; read back unchanged")) })
        }
        _ => Sent::Unclear(Clean::new(&format!("{says}; not proven, and not read back unchanged"))),
    }
}

/// A prerequisite fails for a message that arrives twice, too: the first did what the second finds done. The marker tells,
/// because nobody else writes this run's text.
pub(super) async fn believe_if_not_ours(server: SocketAddr, update: &Update, says: &str) -> Sent {
    let refused = Sent::Refused(Refused { why: Refusal::Fence, detail: Clean::new(says) });
    if !has_own_marker(update) {
        return refused;
    }
    match read_back(server, update, PATIENCE).await {
        Observed::After { .. } => {
            Sent::Unclear(Clean::new(&format!("{says}, and yet all stands as this message has it")))
        }
        Observed::Unreadable { .. } => Sent::Unclear(Clean::new(&format!("{says}, and nothing could be read back"))),
        _ => refused,
    }
}

/// Whether an update writes a marker of its own, which nobody else would.
pub(super) fn has_own_marker(update: &Update) -> bool {
    update.markers.iter().any(|change| change.after.is_some() && change.after != change.before)
}

/// Whether an update leaves everything as it was: nothing that is read back could tell whether it was carried out.
fn changes_nothing(update: &Update) -> bool {
    update.records.iter().all(|change| change.before == change.after)
        && update.markers.iter().all(|change| change.after.is_none() || change.after == change.before)
}

/// The set that stands there; an alias in its place is an error, because it is neither image.
async fn records(line: &mut Line, change: &RecordChange) -> Result<RrSet, String> {
    let name = to_name(&change.name);
    let kind = match change.kind {
        RecordKind::A => RecordType::A,
        RecordKind::Aaaa => RecordType::AAAA,
    };
    let message = line.ask(&name, kind).await.map_err(|error| error.to_string())?;
    let half = Half::of(&message, &name, DnsKind::Authoritative).map_err(|failure| failed(&failure))?;
    if let Some(alias) = half.alias {
        return Err(format!("an alias for {alias}"));
    }
    let mut values = half.addresses;
    values.sort_unstable();
    Ok(RrSet { ttl: half.ttl.unwrap_or(0), values })
}

async fn marker(line: &mut Line, change: &MarkerChange) -> Result<Vec<Clean>, String> {
    let name = to_name(&change.name);
    let message = line.ask(&name, RecordType::TXT).await.map_err(|error| error.to_string())?;
    answer::texts(&message, &name).map_err(|failure| failed(&failure))
}

fn failed(failure: &DnsFailure) -> String {
    match failure {
        DnsFailure::Code(code) => code.to_string(),
        DnsFailure::Lame => "answers without authority for the zone".to_owned(),
        other => format!("{other:?}"),
    }
}

/// Afterwards the TTL counts too: the server's own comparison leaves it out, so nobody else has checked it.
fn compare(change: &RecordChange, now: &RrSet) -> Equals {
    let same_values = |image: &RrSet| {
        let mut values: Vec<IpAddr> = image.values.clone();
        values.sort_unstable();
        values == now.values
    };
    let after = same_values(&change.after) && (now.values.is_empty() || now.ttl == change.after.ttl);
    Equals { before: same_values(&change.before), after }
}

fn compare_texts(change: &MarkerChange, texts: &[Clean]) -> Equals {
    let is = |image: &Option<String>| match (image, texts) {
        (None, []) => true,
        (Some(image), [text]) => Clean::new(image) == *text,
        _ => false,
    };
    Equals { before: is(&change.before), after: is(&change.after) }
}

fn describe(change: &RecordChange, now: &RrSet) -> String {
    let values: Vec<String> = now.values.iter().map(ToString::to_string).collect();
    if values.is_empty() {
        return format!("{} has no {}", change.name, word(change.kind));
    }
    format!("{} {} {} (TTL {})", change.name, word(change.kind), values.join(" "), now.ttl)
}

fn describe_texts(change: &MarkerChange, texts: &[Clean]) -> String {
    let texts: Vec<&str> = texts.iter().map(Clean::as_str).collect();
    if texts.is_empty() { format!("{} has no marker", change.name) } else { format!("marker {}", texts.join(" | ")) }
}

fn word(kind: RecordKind) -> &'static str {
    match kind {
        RecordKind::A => "A",
        RecordKind::Aaaa => "AAAA",
    }
}
