//! Secrets from files that nobody else may read, or from the environment. No message here quotes a secret's text.

use std::io::Read;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use data_encoding::BASE64;
use zeroize::Zeroizing;

use super::reader::Bad;
use crate::domain::secret::Secret;

/// A key file is a few lines.
const LARGEST: u64 = 64 * 1024;

/// A key as a file holds it: the secret, and in BIND's format also name and algorithm.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Key {
    pub(super) name: Option<String>,
    pub(super) algorithm: Option<String>,
    pub(super) secret: Secret,
}

/// Reads a file that its owner alone may read. `shown` is how messages call it.
pub(super) fn read_private(path: &Path, shown: &str) -> Result<Zeroizing<Vec<u8>>, Bad> {
    let cannot = |error: std::io::Error| Bad::new(format!("cannot read {shown}: {error}"));
    let file = super::file::open(path).map_err(cannot)?;
    let mode = file.metadata().map_err(cannot)?.permissions().mode();
    if mode & 0o077 != 0 {
        return Err(Bad::new(format!("{shown} can be read or changed by others (mode {:03o})", mode & 0o777))
            .help("run chmod 600 on it, and think about whether the secret is still one"));
    }
    let mut bytes = Zeroizing::new(Vec::new());
    file.take(LARGEST + 1).read_to_end(&mut bytes).map_err(cannot)?;
    if bytes.len() as u64 > LARGEST {
        return Err(Bad::new(format!("{shown} is too large for a key")));
    }
    Ok(bytes)
}

/// How a message may call the file that `secret_file` names: not at all when it looks like the secret itself.
pub(super) fn shown_path(written: &str) -> String {
    let base64 = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '/' | '=');
    if written.len() >= 16 && !written.starts_with('/') && written.chars().all(base64) {
        return "the file (not shown: it looks like a secret; `secret_file` wants the path of a file that holds it)"
            .to_owned();
    }
    super::table::quoted(written)
}

/// Reads base64, or BIND's `key "name" { algorithm …; secret "…"; };`.
pub(super) fn parse(text: &str) -> Result<Key, Bad> {
    if text.contains('{') { bind(text) } else { Ok(Key { name: None, algorithm: None, secret: base64(text)? }) }
}

fn bind(text: &str) -> Result<Key, Bad> {
    let plain = Zeroizing::new(without_comments(text));
    let (head, body) = plain.split_once('{').unwrap_or(("", &plain));
    let name = head.trim().strip_prefix("key").map(|name| unquoted(name).to_owned());
    let field = |wanted: &str| {
        body.split(['{', '}', ';']).find_map(|statement| {
            let (word, value) = statement.trim().split_once([' ', '\t', '"'])?;
            (word == wanted).then(|| unquoted(value))
        })
    };
    let secret = field("secret").ok_or_else(|| Bad::new("the key file has no `secret` statement"))?;
    Ok(Key {
        name: name.filter(|name| !name.is_empty()),
        algorithm: field("algorithm").map(str::to_ascii_lowercase),
        secret: base64(secret)?,
    })
}

fn unquoted(text: &str) -> &str {
    text.trim().trim_matches('"').trim()
}

/// Without whole lines of comment; `//` inside a line may be base64.
fn without_comments(text: &str) -> String {
    let kept = |line: &&str| !line.trim_start().starts_with("//") && !line.trim_start().starts_with('#');
    text.lines().filter(kept).collect::<Vec<_>>().join("\n")
}

fn base64(text: &str) -> Result<Secret, Bad> {
    let tight: Zeroizing<String> = Zeroizing::new(text.chars().filter(|c| !c.is_whitespace()).collect());
    match BASE64.decode(tight.as_bytes()) {
        Ok(bytes) if !bytes.is_empty() => Ok(Secret::new(bytes)),
        Ok(_) => Err(Bad::new("the secret is empty")),
        Err(_) => {
            Err(Bad::new("the secret is not base64").help("`tsig-keygen` prints one; take the text between the quotes"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_file_of_bind_is_read() {
        let key =
            parse("# made by hand\nkey \"switchboard.\" {\n\talgorithm hmac-sha512;\n\tsecret \"aGk/+w==\";\n};\n")
                .unwrap();
        assert_eq!((key.name.as_deref(), key.algorithm.as_deref()), (Some("switchboard."), Some("hmac-sha512")));
        assert_eq!(key.secret.expose(), &[0x68, 0x69, 0x3f, 0xfb]);
        let one_line = parse("key k { algorithm hmac-sha256; secret aGk/; };").unwrap();
        assert_eq!(one_line.secret.expose(), b"hi?");
    }

    #[test]
    fn a_wrong_secret_is_refused_without_being_told() {
        for bad in ["hunter2 hunter2!", "", "key x { algorithm hmac-sha256; };", "key x { secret \"hunter2!\"; };"] {
            let bad = parse(bad).unwrap_err();
            assert!(!format!("{bad:?}").contains("hunter"));
        }
        assert!(!shown_path("aHVudGVyMmh1bnRlcjI=").contains("aHVu"));
        assert!(shown_path("keys/switchboard-tsig.key").contains("tsig.key"));
    }
}
