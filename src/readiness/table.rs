//! The table of guidelines: what the source document says, and which function judges it. Data only.

use super::notes::Found;
use super::{Check, Input, Status};
use super::{
    carry, coverage, forest_trust, ipv6, membership, numbers, owners, partners, plan_names, pools, redundancy, tool,
    trust, um_forests,
};

/// One guideline.
#[derive(Debug, Clone, Copy)]
pub struct Guideline {
    /// `R1` to `R14`.
    pub id: &'static str,
    /// What it is about, in a few words.
    pub title: &'static str,
    /// The source document's sentence, in English.
    pub sentence: &'static str,
    judge: fn(&Input<'_>) -> Found,
}

impl Guideline {
    pub(super) fn check(&self, input: &Input<'_>) -> Check {
        let (status, evidence, advice) = match (self.judge)(input) {
            Found::NotApplicable(why) => (Status::NotApplicable, why, None),
            Found::Seen(notes) => notes.settle(),
        };
        Check { id: self.id, title: self.title, guideline: self.sentence, status, evidence, advice }
    }
}

const fn row(
    id: &'static str,
    title: &'static str,
    sentence: &'static str,
    judge: fn(&Input<'_>) -> Found,
) -> Guideline {
    Guideline { id, title, sentence, judge }
}

/// Every guideline, in order.
pub const GUIDELINES: &[Guideline] = &[
    row(
        "R1",
        "IPv6 only with UCMA 4",
        "Exchange Unified Messaging supports IPv6 only if you also use UCMA 4.",
        ipv6::judge,
    ),
    row(
        "R2",
        "A Lync pool is in place",
        "Deploy a Lync Server 2013 Standard Edition server or a Front End pool server.",
        pools::judge,
    ),
    row(
        "R3",
        "Who does what is agreed",
        "Work with the Exchange administrators to confirm the tasks that each of you will perform.",
        owners::judge,
    ),
    row(
        "R4",
        "Each forest with UM users runs the UM service",
        "Deploy the Mailbox server roles in each Exchange forest where you want to enable users for Unified Messaging.",
        um_forests::judge,
    ),
    row(
        "R5",
        "Both sides trust each other's certificates",
        "The self-signed certificate does not let both sides trust each other: request one from an authority that both trust.",
        trust::judge,
    ),
    row(
        "R6",
        "Forests trust each other",
        "In different forests, each Exchange forest trusts the Lync forest and the other way round, and the users' Unified \
         Messaging settings are on their objects in the Lync forest.",
        forest_trust::judge,
    ),
    row(
        "R7",
        "The management tool is there",
        "If needed, install the Exchange Management Console to manage your Unified Messaging servers.",
        tool::judge,
    ),
    row(
        "R8",
        "Numbers are valid",
        "Obtain valid phone numbers for Outlook Voice Access and the auto attendant.",
        numbers::judge,
    ),
    row(
        "R9",
        "Dial-plan names agree before 2010 SP1",
        "Before Exchange 2010 SP1, coordinate the names of the SIP-URI dial plans and the Enterprise Voice dial plans.",
        plan_names::judge,
    ),
    row(
        "R10",
        "Two servers for each dial plan",
        "Deploy at least two servers that run Unified Messaging services for each SIP-URI dial plan.",
        redundancy::judge,
    ),
    row(
        "R11",
        "Partner records, both ways",
        "When one site fails, the DNS A records of its servers are to point at the servers of the other site, one each.",
        partners::judge,
    ),
    row(
        "R12",
        "Certificates cover all names",
        "On each server, a certificate with a wildcard in the subject alternative name, or with the names of all servers there.",
        coverage::judge,
    ),
    row(
        "R13",
        "Standby members, disabled",
        "All servers are in the SIP-URI dial plan of the site's users, and those of the standby are disabled.",
        membership::judge,
    ),
    row(
        "R14",
        "A failure can be carried now",
        "When a server fails, Lync Server can be set up to fail over to another one.",
        carry::judge,
    ),
];
