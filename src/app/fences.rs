//! What each site's fence marker says, as the zone's write primary shows it.

use super::model::Model;
use crate::domain::marker::Marker;
use crate::domain::name::{Fqdn, SiteName};

/// A site's fence marker.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fence {
    /// The site.
    pub site: SiteName,
    /// The marker's name.
    pub name: Fqdn,
    /// What it says.
    pub says: Says,
}

/// What stands at a marker's name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Says {
    /// A marker.
    Marker(Marker),
    /// Nothing: the next run creates it.
    Absent,
    /// Something that is no marker, and why not.
    Malformed(String),
    /// It could not be read, or was not yet.
    Unknown(String),
}

impl Model {
    /// The fence markers of all sites that have one, in the order of the topology.
    #[must_use]
    pub fn fences(&self) -> Vec<Fence> {
        self.topology.sites.iter().filter_map(|site| self.fence(&site.name)).collect()
    }

    /// A site's fence marker, where the design has one.
    #[must_use]
    pub fn fence(&self, site: &SiteName) -> Option<Fence> {
        let declared = self.topology.site(site)?;
        let zone = self.topology.fenced_zone(declared)?;
        let name = self.topology.marker_name(declared)?;
        let primaries = self.topology.write_primaries(zone).iter().map(|primary| primary.address);
        let mut servers = primaries.chain(zone.authoritative.iter().copied());
        let found = servers.find_map(|server| self.watch.marker(server, &name, self.now));
        let says = match found {
            None => Says::Unknown("no server showed it lately".to_owned()),
            Some(Err(why)) => Says::Unknown(why),
            Some(Ok(texts)) => match texts.as_slice() {
                [] => Says::Absent,
                [text] => Marker::parse(text).map_or_else(|error| Says::Malformed(error.to_string()), Says::Marker),
                many => Says::Malformed(format!("{} texts stand at its name", many.len())),
            },
        };
        Some(Fence { site: site.clone(), name, says })
    }
}
