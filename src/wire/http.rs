//! As much of HTTP as fetching one small file takes: one question, one answer, the connection closed (RFC 1945).
//!
//! HTTP/1.0, so that no server may answer in chunks, keep the connection, or compress.

/// The most bytes of a status line and header fields.
const HEAD_CAP: usize = 16 * 1024;

/// Why an answer is of no use.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HttpError {
    /// Not HTTP.
    #[error("the answer is no HTTP")]
    NotHttp,
    /// Another status than 200, with its reason and, for a redirect, where to.
    #[error("answered {0}")]
    Status(String),
    /// Fewer bytes than were announced.
    #[error("the answer was cut off: {got} of {announced} bytes")]
    CutOff {
        /// Bytes that came.
        got: usize,
        /// Bytes that should have.
        announced: usize,
    },
    /// The body is in chunks or compressed although nobody asked for that.
    #[error("the answer's body is encoded in a way that was not asked for")]
    Encoded,
}

/// The question for a path on a host. Both are free of blanks and line ends, or nothing is made.
#[must_use]
pub fn request(host: &str, port: u16, path: &str) -> Option<Vec<u8>> {
    let plain = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic());
    if !plain(host) || !plain(path) || !path.starts_with('/') {
        return None;
    }
    let host = if port == 80 { host.to_owned() } else { format!("{host}:{port}") };
    let agent = concat!("switchboard/", env!("CARGO_PKG_VERSION"));
    let text = format!("GET {path} HTTP/1.0\r\nHost: {host}\r\nUser-Agent: {agent}\r\nAccept: */*\r\n\r\n");
    Some(text.into_bytes())
}

/// The body of a whole answer, read until the peer closed.
///
/// # Errors
/// [`HttpError`] for every answer but a whole 200.
pub fn body(answer: &[u8]) -> Result<&[u8], HttpError> {
    let window = &answer[..answer.len().min(HEAD_CAP)];
    let end = window.windows(4).position(|four| four == b"\r\n\r\n").ok_or(HttpError::NotHttp)?;
    let head = std::str::from_utf8(&answer[..end]).map_err(|_| HttpError::NotHttp)?;
    let mut lines = head.split("\r\n");
    let status = lines.next().and_then(|line| line.strip_prefix("HTTP/1.")).ok_or(HttpError::NotHttp)?;
    let status = status.split_once(' ').ok_or(HttpError::NotHttp)?.1.trim();
    let fields: Vec<(String, &str)> = lines
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.trim()))
        .collect();
    let field = |name: &str| fields.iter().find(|(known, _)| known == name).map(|(_, value)| *value);
    if status != "200" && !status.starts_with("200 ") {
        let to = field("location").map_or_else(String::new, |to| format!(", see {to}: redirects are not followed"));
        return Err(HttpError::Status(format!("{status}{to}")));
    }
    let encoded = |name| field(name).is_some_and(|value| !value.eq_ignore_ascii_case("identity"));
    if encoded("transfer-encoding") || encoded("content-encoding") {
        return Err(HttpError::Encoded);
    }
    let body = &answer[end + 4..];
    match field("content-length").and_then(|length| length.parse::<usize>().ok()) {
        Some(announced) if body.len() < announced => Err(HttpError::CutOff { got: body.len(), announced }),
        Some(announced) => Ok(&body[..announced]),
        None => Ok(body),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_question_is_one_that_any_server_knows() {
        let text = String::from_utf8(request("pki.contoso.com", 80, "/issuing.crl").unwrap()).unwrap();
        assert!(
            text.starts_with("GET /issuing.crl HTTP/1.0\r\nHost: pki.contoso.com\r\n") && text.ends_with("\r\n\r\n")
        );
        assert!(String::from_utf8(request("a", 8080, "/").unwrap()).unwrap().contains("Host: a:8080\r\n"));
        for (host, path) in [("a b", "/"), ("a", "/x\r\nX: y"), ("", "/"), ("a", "x"), ("a\n", "/")] {
            assert_eq!(request(host, 80, path), None, "{host:?} {path:?}");
        }
    }

    #[test]
    fn a_whole_answer_gives_its_body_and_every_other_one_its_reason() {
        let ok = |fields: &str, body: &str| format!("HTTP/1.1 200 OK\r\n{fields}\r\n{body}");
        assert_eq!(body(ok("Content-Length: 3\r\n", "abc").as_bytes()), Ok(&b"abc"[..]));
        assert_eq!(body(ok("content-length: 3\r\n", "abcd").as_bytes()), Ok(&b"abc"[..]));
        assert_eq!(body(ok("", "abc").as_bytes()), Ok(&b"abc"[..]));
        let cut = HttpError::CutOff { got: 2, announced: 3 };
        assert_eq!(body(ok("Content-Length: 3\r\n", "ab").as_bytes()), Err(cut));
        assert_eq!(body(ok("Transfer-Encoding: chunked\r\n", "3").as_bytes()), Err(HttpError::Encoded));
        let moved = body(b"HTTP/1.1 301 Moved\r\nLocation: https://x/\r\n\r\n").unwrap_err().to_string();
        assert_eq!(moved, "answered 301 Moved, see https://x/: redirects are not followed");
        for garbage in
            [&b""[..], b"SIP/2.0 200 OK\r\n\r\n", b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1200\r\n\r\n", b"\xff\r\n\r\n"]
        {
            assert_eq!(body(garbage), Err(HttpError::NotHttp));
        }
    }
}
