//! A call router's 302: one hop, within the topology, within the one deadline.

use std::net::SocketAddr;

use switchboard::domain::observation::{Redirect, SipAnswer, SipFailure};
use switchboard::domain::server::Transport::Tcp;
use switchboard::probe::{Clock, SipProber};
use switchboard::wire::sip::Reply;

use super::peers::{BRIEF, PATIENT, hold, listen, ok, serve, target, topology};

/// What the documentation addresses of the test's two servers are.
const ROUTER: &str = "192.0.2.11:5060";
const SERVICE: &str = "192.0.2.12:5066";

/// A router that sends everyone to this contact.
async fn router(contact: &'static str) -> SocketAddr {
    listen(move |stream| {
        serve(stream, move |message| {
            Reply::to(message, 302, "Moved Temporarily").header("m", contact.to_owned()).to_bytes()
        })
    })
    .await
}

async fn ask(contact: &'static str, behind: SocketAddr, deadline: std::time::Duration) -> SipAnswer {
    let map = [(ROUTER, router(contact).await), (SERVICE, behind)];
    let map = map.map(|(declared, real)| (declared.parse().unwrap(), real)).into();
    let topology = topology(&[("um1.contoso.com", "192.0.2.11"), ("um2.contoso.com", "192.0.2.12")], map);
    let prober = SipProber::new(&topology, Clock::start()).unwrap();
    let outcome = prober.probe(&target(ROUTER.parse().unwrap(), Tcp), deadline).await;
    assert_eq!(outcome.address, ROUTER.parse().unwrap(), "the declared address is what is told");
    let answer = outcome.result.unwrap();
    assert_eq!(answer.code, 302);
    answer
}

async fn redirect(contact: &'static str, behind: SocketAddr) -> Redirect {
    *ask(contact, behind, PATIENT).await.redirect.unwrap()
}

#[tokio::test]
async fn a_redirect_leads_to_the_service_behind_the_router() {
    let behind = listen(|stream| serve(stream, ok)).await;
    for contact in [
        "<sip:um2.contoso.com:5066;transport=Tcp>",
        r#""Quoted, name" <sip:um2.contoso.com:5066;maddr=192.0.2.12;transport=TCP>;q=0.5"#,
        "<sip:192.0.2.12:5066>",
        // The first is elsewhere, the second is ours.
        "<sip:elsewhere.example:5066>, <sip:um2.contoso.com:5066>",
    ] {
        let redirect = redirect(contact, behind).await;
        assert_eq!(redirect.server.unwrap().as_str(), "um2.contoso.com", "{contact}");
        assert_eq!(redirect.result.unwrap().code, 200, "{contact}");
    }
}

#[tokio::test]
async fn a_redirect_out_of_the_topology_is_not_followed() {
    let behind = listen(|stream| serve(stream, ok)).await;
    for contact in ["<sip:192.0.2.99:5066>", "<sip:evil.example>", "<sip:um2.contoso.com;maddr=127.0.0.1>"] {
        let redirect = redirect(contact, behind).await;
        assert_eq!(redirect.server, None);
        assert!(matches!(redirect.result, Err(SipFailure::RedirectNotFollowed(_))), "{contact}");
    }
}

#[tokio::test]
async fn a_second_redirect_is_not_followed() {
    let behind = router("<sip:um1.contoso.com:5060>").await;
    let redirect = redirect("<sip:um2.contoso.com:5066>", behind).await;
    assert!(matches!(redirect.result, Err(SipFailure::RedirectNotFollowed(_))), "{:?}", redirect.result);
}

#[tokio::test]
async fn a_service_that_is_silent_behind_its_router_is_told_within_the_one_deadline() {
    let behind = listen(hold::<tokio::net::TcpStream>).await;
    let began = std::time::Instant::now();
    let answer = ask("<sip:um2.contoso.com:5066>", behind, BRIEF).await;
    assert_eq!(answer.redirect.unwrap().result, Err(SipFailure::Silent));
    assert!(began.elapsed() < BRIEF * 4);
}
