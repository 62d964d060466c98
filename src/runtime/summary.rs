//! What is left on the shell's screen when the console ends.

use std::fmt::Write as _;

use crate::app::Model;
use crate::domain::finding::Severity;
use crate::domain::health::Health;

/// How many findings are named.
const MOST: usize = 10;

/// The last state in a few lines of plain text.
pub(super) fn summary(model: &Model) -> String {
    let picture = &model.picture;
    let servers = || picture.sites.iter().flat_map(|site| &site.servers);
    let up = servers().filter(|server| server.health == Health::Up).count();
    let mut text = format!(
        "switchboard {}, {}: {up} of {} servers up, {} critical, {} warnings\n",
        model.topology.console.name,
        model.now.strftime("%Y-%m-%d %H:%M UTC"),
        servers().count(),
        model.count(Severity::Critical),
        model.count(Severity::Warning),
    );
    let serious = || picture.findings.iter().filter(|finding| finding.severity > Severity::Info);
    for finding in serious().take(MOST) {
        let _ = writeln!(text, "  {}  {}  {}", finding.severity.word(), finding.subject, finding.message);
    }
    let more = serious().count().saturating_sub(MOST);
    if more > 0 {
        let _ = writeln!(text, "  and {more} more; `switchboard check` names them all");
    }
    text
}
