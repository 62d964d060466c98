//! The topology file is changed under a console that watches it.

use std::fs;

use crate::demo::Demo;

#[test]
fn a_bad_file_keeps_the_old_topology_and_a_good_one_takes_its_place() {
    let demo = Demo::start(&[]);
    let file = demo.dir().join("switchboard.toml");
    let text = fs::read_to_string(&file).unwrap();
    let mut terminal = demo.console(140, 40);
    terminal.expect("4/4 up");
    fs::write(&file, format!("{text}\n[[site]\n")).unwrap();
    terminal.expect("topology file WRONG, old one kept");
    terminal.expect("switchboard.toml:");
    terminal.expect("4/4 up");
    fs::write(&file, text.replacen("name = \"contoso.com\"", "name = \"renamed.com\"", 1)).unwrap();
    terminal.expect("renamed.com");
    terminal.until("the warning to go", |terminal| !terminal.text().contains("WRONG"));
    terminal.expect("4/4 up");
    terminal.send("7");
    terminal.expect("changed, and read again");
}
