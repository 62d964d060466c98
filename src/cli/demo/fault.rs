//! `switchboard demo fault`: switches the faults of a demo that runs in another process, or lists them.

use anyhow::bail;

use super::FaultArgs;
use crate::cli::output;
use crate::demo::control::{Listed, Request, Response, ask};

/// Switches, or lists.
pub(crate) async fn run(args: &FaultArgs) -> anyhow::Result<u8> {
    let request = match (&args.subject, &args.fault) {
        (Some(subject), Some(fault)) => Request::Fault { subject: subject.clone(), fault: fault.clone() },
        _ => Request::List,
    };
    match ask(&args.dir, request).await? {
        Response::Done => {}
        Response::Switches { switches } => output::line(&output::clean_lines(&table(&switches)))?,
        Response::Fail { message } => bail!(message),
        other => bail!("the demo gave another answer than was asked for: {other:?}"),
    }
    Ok(0)
}

fn table(switches: &[Listed]) -> String {
    let line = |switch: &Listed| {
        let on = if switch.on { "ON" } else { "-" };
        format!("{on:<3} {:<14} {:<18} {}\n", switch.subject, switch.fault, switch.help)
    };
    switches.iter().map(line).collect()
}
