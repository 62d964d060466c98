//! A plan's file: versioned JSON, read back only when every byte that matters is as it was sealed.

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Value, json};

use super::{Content, Plan, VERSION};
use crate::domain::clean::Clean;
use crate::failover::canonical;

/// Why a file is no plan that may be run.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PlanError {
    /// Not JSON, or not a plan.
    #[error("this is not a plan: {0}; make one with `switchboard plan --out FILE`")]
    Shape(Clean),
    /// Too large to be one.
    #[error("this is not a plan: it is longer than {LONGEST} bytes")]
    TooLong,
    /// Written by another version.
    #[error("version {0} of the plan file is not known here, only version 1: make the plan again with this program")]
    Version(Clean),
    /// Something in it is not what this version writes.
    #[error("the plan holds something that this program does not know: make the plan again with this program")]
    Foreign,
    /// The hash does not fit.
    #[error("the plan was changed after it was made: its hash is {found}, its content's is {content}; make it again")]
    Hash {
        /// What the file says.
        found: Clean,
        /// What its content comes to.
        content: String,
    },
}

/// The longest file that is read, in bytes.
const LONGEST: usize = 16 << 20;

#[derive(Serialize)]
struct File<'a> {
    version: u32,
    hash: &'a str,
    confirm: String,
    #[serde(flatten)]
    content: &'a Content,
}

impl Serialize for Plan {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        to_json(self).serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Plan {
    /// As from a file: with its version and its hash.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = Value::deserialize(deserializer)?;
        parse(value.to_string().as_bytes()).map_err(D::Error::custom)
    }
}

pub(super) fn to_json(plan: &Plan) -> Value {
    let file = File { version: VERSION, hash: &plan.hash, confirm: plan.confirm(), content: &plan.content };
    serde_json::to_value(file).unwrap_or_default()
}

/// The hash covers the version and all of the content.
pub(super) fn hash_of(content: &Content) -> String {
    canonical::hash(&hashed(content))
}

fn hashed(content: &Content) -> Value {
    let mut value = serde_json::to_value(content).unwrap_or_default();
    if let Some(map) = value.as_object_mut() {
        map.insert("version".to_owned(), json!(VERSION));
    }
    value
}

/// Run, times, evidence, rules and words may differ between two plans that do the same; the run's name within markers and
/// commands is the run's own.
pub(super) fn actions_hash_of(content: &Content) -> String {
    let Content { direction, method, site, from, to, environment, console, pairs, fences, steps, .. } = content;
    let value = json!([direction, method, site, from, to, environment, console, pairs, fences, steps]);
    let text = canonical::text(&value).replace(content.id.as_str(), "RUN");
    canonical::hash(&Value::String(text))
}

pub(super) fn parse(text: &[u8]) -> Result<Plan, PlanError> {
    if text.len() > LONGEST {
        return Err(PlanError::TooLong);
    }
    let value: Value = serde_json::from_slice(text).map_err(|error| shape(&error))?;
    match value.get("version") {
        Some(version) if *version == json!(VERSION) => {}
        Some(version) => return Err(PlanError::Version(Clean::new(&version.to_string()))),
        None => return Err(PlanError::Shape("it has no \"version\"".into())),
    }
    let found = value.get("hash").and_then(Value::as_str).unwrap_or_default().to_owned();
    let content: Content = serde_json::from_value(value.clone()).map_err(|error| shape(&error))?;
    let plan = Plan::seal(content);
    if plan.hash != found {
        // An unknown key changes nothing that is read; it is told apart below, after the content itself was found untouched.
        return Err(PlanError::Hash { found: Clean::new(&found), content: plan.hash });
    }
    if canonical::text(&to_json(&plan)) != canonical::text(&value) {
        return Err(PlanError::Foreign);
    }
    Ok(plan)
}

fn shape(error: &serde_json::Error) -> PlanError {
    PlanError::Shape(Clean::new(&error.to_string()))
}
