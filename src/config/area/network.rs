//! `[network.map]`: where declared addresses are really reached.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use toml::Spanned;
use toml::de::DeValue;

use crate::config::reader::{At, Bad};
use crate::config::table::{Table, as_text, kind_of, quoted};
use crate::config::values;
use crate::domain::topology::AddressMap;

pub(in crate::config) fn read(table: Option<&Table<'_>>) -> AddressMap {
    let mut pairs = BTreeMap::new();
    let Some(table) = table else { return AddressMap::new(pairs) };
    for (from, to) in table.named("map") {
        let Some((declared, real)) = pair(table, &from, to) else { continue };
        if pairs.insert(declared, real).is_some() {
            table.reader.unfit(&from.span, &Bad::new(format!("{} is mapped twice", quoted(&from.value))));
        }
    }
    AddressMap::new(pairs)
}

fn pair(table: &Table<'_>, from: &At<String>, to: &Spanned<DeValue<'_>>) -> Option<(SocketAddr, SocketAddr)> {
    let declared = values::endpoint(&from.value, None).map_err(|bad| table.reader.bad(&from.span, &bad)).ok();
    let real = match as_text(to.get_ref()) {
        Some(text) => values::endpoint(text, None),
        None => Err(Bad::new(format!("a mapped address is a text in quotes, not {}", kind_of(to.get_ref())))),
    };
    let real = real.map_err(|bad| table.reader.bad(&to.span(), &bad)).ok();
    Some((declared?, real?))
}
