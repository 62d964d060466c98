//! CPU time and memory of a process with all its children, from /proc.

use std::fs;
use std::time::Duration;

use rustix::process::Pid;

/// A clock tick as the kernel tells it to programs, USER_HZ: 100 a second wherever Linux runs.
const TICK: Duration = Duration::from_millis(10);

/// The processes of a tree.
fn tree(root: Pid) -> Vec<i32> {
    let (mut all, mut open) = (Vec::new(), vec![root.as_raw_nonzero().get()]);
    while let Some(process) = open.pop() {
        all.push(process);
        for task in tasks(process) {
            let text = fs::read_to_string(format!("/proc/{process}/task/{task}/children")).unwrap_or_default();
            open.extend(text.split_whitespace().filter_map(|child| child.parse::<i32>().ok()));
        }
    }
    all
}

fn tasks(process: i32) -> Vec<String> {
    let Ok(entries) = fs::read_dir(format!("/proc/{process}/task")) else { return Vec::new() };
    entries.flatten().map(|entry| entry.file_name().to_string_lossy().into_owned()).collect()
}

/// How long a tree has computed: living threads by the nanosecond, children that ended by the clock tick.
pub(crate) fn computed(root: Pid) -> Duration {
    let mut sum = Duration::ZERO;
    for process in tree(root) {
        for task in tasks(process) {
            let text = fs::read_to_string(format!("/proc/{process}/task/{task}/schedstat")).unwrap_or_default();
            sum += Duration::from_nanos(text.split(' ').next().and_then(|field| field.parse().ok()).unwrap_or(0));
        }
        let stat = fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
        // After the name in parentheses, cutime and cstime are the 14th and 15th field.
        let ended = stat.rsplit(')').next().unwrap_or("").split_whitespace().skip(13).take(2);
        sum += TICK * ended.filter_map(|field| field.parse::<u32>().ok()).sum::<u32>();
    }
    sum
}

/// Resident memory of a tree, in megabytes.
pub(crate) fn memory(root: Pid) -> f64 {
    let resident = |process: i32| -> Option<f64> {
        let text = fs::read_to_string(format!("/proc/{process}/smaps_rollup")).ok()?;
        let line = text.lines().find(|line| line.starts_with("Rss:"))?;
        line.split_whitespace().nth(1)?.parse().ok()
    };
    tree(root).into_iter().filter_map(resident).sum::<f64>() / 1024.0
}
