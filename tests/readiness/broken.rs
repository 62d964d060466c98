//! Each guideline broken on a running demo, in the topology file or by a fault: its check fails, with evidence and advice, and no
//! other one does, but for R14 where a failover is really prevented.

use std::process::Stdio;

use switchboard::demo::Design;
use tokio::io::AsyncWriteExt;

use crate::live::{BY_DNS, BY_ENABLING, Bench, Told, differences};

/// How a guideline is broken.
enum Harm {
    /// By writing the topology file otherwise: what stands there, and what instead; once.
    File(&'static [(&'static str, &'static str)]),
    /// By a fault of the demo.
    Fault(&'static str, &'static str),
    /// By somebody who enables a server.
    Enable(&'static str),
}

use Harm::{Enable, Fault, File};

/// A guideline, the design that has it, what is done, and what then comes out otherwise than before.
type Case = (&'static str, Design, Harm, &'static [Told]);

const FORESTS: (&str, &str) = ("um_users = true\n", "um_users = true\n[[forest]]\nname = \"fabrikam.com\"\n");
/// The second site, which stands last in the file.
const IN_DUBLIN: (&str, &str) =
    ("name = \"Dublin\"\nforest = \"contoso.com\"", "name = \"Dublin\"\nforest = \"fabrikam.com\"");

const CASES: &[Case] = &[
    (
        "R1",
        Design::Dns,
        File(&[("address = \"192.0.2.11\"", "addresses = [\"192.0.2.11\", \"2001:db8::11\"]")]),
        &[("R1", "fail", "um1.tukwila.contoso.com: declared address 2001:db8::11")],
    ),
    (
        "R2",
        Design::Dns,
        File(&[("fqdn = \"fe01.contoso.com\"", "fqdn = \"fe09.contoso.com\"")]),
        &[("R2", "fail", "fe09.contoso.com: name server 192.0.2.53:53 has no address for it")],
    ),
    (
        "R3",
        Design::Dns,
        File(&[("dns = \"DNS team Tukwila, +1 425 555 0120\", ", "")]),
        &[("R3", "fail", "Tukwila: nobody is named for DNS")],
    ),
    ("R4", Design::Dns, File(&[FORESTS]), &[("R4", "fail", "fabrikam.com: no server runs the UM service")]),
    (
        "R5",
        Design::Dns,
        Fault("um2", "cert-self-signed"),
        &[("R5", "fail", "um2.tukwila.contoso.com um: the certificate signed itself"), ("R14", "fail", "cert-trusted")],
    ),
    (
        "R6",
        Design::Dns,
        File(&[FORESTS, IN_DUBLIN]),
        &[("R6", "fail", "contoso.com does not trust fabrikam.com, fabrikam.com does not trust contoso.com")],
    ),
    (
        "R7",
        Design::EnableDisable,
        File(&[("check = [", "check = [\"/bin/false\", ")]),
        &[("R7", "fail", "(/bin/false) ended with exit code 1")],
    ),
    (
        "R8",
        Design::Dns,
        File(&[("access_numbers = [\"+14255550100\"]", "access_numbers = [\"+1425555\"]")]),
        &[("R8", "fail", "Tukwila.contoso.com: +1425555 is not valid")],
    ),
    (
        "R9",
        Design::Dns,
        File(&[
            ("version = \"14.3\"", "version = \"14.0\""),
            ("enterprise_voice = \"Tukwila.contoso.com\"", "enterprise_voice = \"Seattle\""),
        ]),
        &[("R9", "fail", "Seattle")],
    ),
    ("R10", Design::EnableDisable, Fault("um1", "503"), &[("R10", "fail", "1 of 4 um in service")]),
    (
        "R11",
        Design::Dns,
        File(&[("partner = \"um3.dublin.contoso.com\"\n", "")]),
        &[("R11", "fail", "um1.tukwila.contoso.com"), ("R14", "fail", "um1.tukwila.contoso.com")],
    ),
    (
        "R12",
        Design::Dns,
        Fault("um4", "cert-missing-name"),
        &[("R12", "fail", "um4.dublin.contoso.com um: covers 1 of 4 names"), ("R14", "fail", "cert-covers")],
    ),
    (
        "R13",
        Design::EnableDisable,
        Enable("um3.dublin.contoso.com"),
        &[("R13", "fail", "um3.dublin.contoso.com is Enabled, and should be Disabled")],
    ),
    ("R14", Design::Dns, Fault("primary", "refuse"), &[("R14", "fail", "key-works")]),
];

#[test]
fn all_fourteen_are_broken_in_their_order() {
    let broken: Vec<&str> = CASES.iter().map(|case| case.0).collect();
    let all: Vec<String> = (1..=14).map(|number| format!("R{number}")).collect();
    assert_eq!(broken, all);
    for (id, _, _, told) in CASES {
        assert!(told.iter().any(|(of, status, _)| of == id && *status == "fail"), "{id} fails itself");
        assert!(told.iter().all(|(of, ..)| [id, "R14"].contains(of)), "{id} takes no other one along but R14");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_guideline_of_the_first_design_fails_when_it_is_broken_and_no_other() {
    break_all(Design::Dns, BY_DNS).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_guideline_of_the_second_design_fails_when_it_is_broken_and_no_other() {
    break_all(Design::EnableDisable, BY_ENABLING).await;
}

async fn break_all(design: Design, whole: &[Told]) {
    let bench = Bench::start(design).await;
    let file = bench.demo.topology_file();
    let pristine = std::fs::read_to_string(&file).unwrap();
    let mut wrong = Vec::new();
    for (id, _, harm, changed) in CASES.iter().filter(|case| case.1 == design) {
        do_harm(&bench, harm, &pristine).await;
        let document = bench.check().await;
        let rest = whole.iter().filter(|(id, ..)| !changed.iter().any(|(other, ..)| other == id));
        let expected: Vec<Told> = rest.chain(*changed).copied().collect();
        wrong.extend(differences(&document, &expected, id));
        bench.demo.faults().heal_all().await.unwrap();
        std::fs::write(&file, &pristine).unwrap();
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

async fn do_harm(bench: &Bench, harm: &Harm, pristine: &str) {
    match harm {
        File(changes) => {
            let mut text = pristine.to_owned();
            for (from, to) in *changes {
                assert!(text.contains(from), "{from}");
                text = text.replacen(from, to, 1);
            }
            std::fs::write(bench.demo.topology_file(), text).unwrap();
        }
        Fault(subject, fault) => bench.demo.faults().on(subject, fault).await.unwrap(),
        Enable(server) => {
            let mut child = tokio::process::Command::new(env!("CARGO_BIN_EXE_switchboard"))
                .args(["demo", "um", "--dir"])
                .arg(bench.demo.dir())
                .arg("enable")
                .stdin(Stdio::piped())
                .stdout(Stdio::null())
                .kill_on_drop(true)
                .spawn()
                .unwrap();
            let order = format!("{{\"server\":\"{server}\",\"run\":\"by hand\"}}");
            child.stdin.take().unwrap().write_all(order.as_bytes()).await.unwrap();
            assert!(child.wait().await.unwrap().success());
        }
    }
}
