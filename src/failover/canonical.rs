//! One way to write a JSON value down, byte for byte, so that a hash over it means something.
//!
//! Keys in the order of their bytes, no blanks, numbers as whole numbers. Knows nothing of plans.

use std::fmt::Write as _;

use serde_json::Value;
use sha2::{Digest, Sha256};

/// Writes a value in its one canonical form.
pub(crate) fn text(value: &Value) -> String {
    let mut out = String::new();
    write(value, &mut out);
    out
}

/// SHA-256 of the canonical form, lower-case hexadecimal.
pub(crate) fn hash(value: &Value) -> String {
    data_encoding::HEXLOWER.encode(&Sha256::digest(text(value).as_bytes()))
}

fn write(value: &Value, out: &mut String) {
    match value {
        Value::Array(items) => {
            out.push('[');
            for (i, item) in items.iter().enumerate() {
                separate(i, out);
                write(item, out);
            }
            out.push(']');
        }
        Value::Object(map) => {
            // The map's own order depends on features that another crate may switch on.
            let mut keys: Vec<&String> = map.keys().collect();
            keys.sort_unstable();
            out.push('{');
            for (i, key) in keys.into_iter().enumerate() {
                separate(i, out);
                write(&Value::String(key.clone()), out);
                out.push(':');
                write(map.get(key).unwrap_or(&Value::Null), out);
            }
            out.push('}');
        }
        // Scalars: serde_json escapes strings in one way only.
        scalar => drop(write!(out, "{scalar}")),
    }
}

fn separate(index: usize, out: &mut String) {
    if index > 0 {
        out.push(',');
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_order_of_keys_and_blanks_do_not_matter() {
        let a: Value = serde_json::from_str(r#"{ "b": [1, "x"], "a": {"d": null, "c": true} }"#).unwrap();
        let b: Value = serde_json::from_str(r#"{"a":{"c":true,"d":null},"b":[1,"x"]}"#).unwrap();
        assert_eq!(text(&a), r#"{"a":{"c":true,"d":null},"b":[1,"x"]}"#);
        assert_eq!(hash(&a), hash(&b));
        assert_eq!(hash(&json!({})), "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a");
    }
}
