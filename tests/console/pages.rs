//! Each screen of the tab line, of a model that shows something worth seeing, at both sizes.

use switchboard::app::hit::Hit;
use switchboard::app::{Event, Model, update};
use switchboard::ui::{Depth, Look};

use crate::scenes;
use crate::support::{drawn, look, press};

/// Pictures of a screen after some keys, at 80x24 and at 120x34; and in ASCII, where no other character may stand.
fn pictured(name: &str, model: Model, keys: &str) {
    at_sizes(name, model, keys, &[(80, 24), (120, 34)]);
}

fn at_sizes(name: &str, mut model: Model, keys: &str, sizes: &[(u16, u16)]) {
    for &(columns, rows) in sizes {
        drawn(&mut model, columns, rows, look("auto"));
        let mut model = model.clone();
        press(&mut model, keys);
        let text = drawn(&mut model, columns, rows, look("auto")).text();
        insta::assert_snapshot!(format!("{name}-{columns}x{rows}"), text);
        let ascii = Look::named("mono", Depth::Mono, true).unwrap();
        let text = drawn(&mut model, columns, rows, ascii).text();
        assert!(text.is_ascii(), "{text}");
        if columns == 80 {
            insta::assert_snapshot!(format!("{name}-ascii"), text);
        }
    }
}

#[test]
fn the_certificates_against_their_names() {
    pictured("certificates", scenes::certificates(), "3");
}

#[test]
fn a_certificate_whole() {
    pictured("certificate", scenes::certificates(), "3 Down Down Down Enter");
}

#[test]
fn the_names_of_a_site_that_is_away() {
    pictured("dns-away", scenes::away(), "4");
}

#[test]
fn names_that_are_wrong_and_a_server_that_is_silent() {
    pictured("dns-wrong", scenes::wrong_names(), "4 Tab Down Down");
}

#[test]
fn a_name_whole() {
    pictured("name", scenes::away(), "4 Enter");
}

#[test]
fn a_dns_server_whole() {
    pictured("dns-server", scenes::away(), "4 Tab Enter");
}

#[test]
fn the_dial_plans_with_drift() {
    pictured("plans", scenes::plans(), "2");
}

#[test]
fn a_dial_plan_whole() {
    pictured("plan", scenes::plans(), "2 Down Down Enter");
}

#[test]
fn a_site_that_is_away_says_so_on_the_first_screen() {
    at_sizes("sites-away", scenes::away(), "", &[(60, 15), (80, 24), (120, 34)]);
}

#[test]
fn a_site_that_is_not_ready_says_why_on_the_first_screen() {
    at_sizes("sites-not-ready", scenes::plans(), "", &[(60, 15), (80, 24), (120, 34)]);
}

#[test]
fn a_run_that_goes_on_is_seen_on_the_first_screen() {
    pictured("sites-running", scenes::running(), "");
}

#[test]
fn an_event_whole() {
    pictured("event", scenes::away(), "7 Down Down Enter");
}

#[test]
fn a_page_of_one_site_among_many() {
    pictured("site-page", scenes::many(), "Enter");
}

#[test]
fn everything_about_one_site() {
    pictured("site", scenes::away(), ": t u k w i l a Enter");
}

#[test]
fn many_sites_worst_first() {
    at_sizes("sites-many", scenes::many(), "", &[(60, 15), (80, 24), (120, 34)]);
}

#[test]
fn the_certificates_of_many() {
    pictured("certificates-many", scenes::many(), "3");
}

#[test]
fn the_names_of_many() {
    pictured("dns-many", scenes::many(), "4");
}

#[test]
fn every_line_can_be_clicked_and_clicking_it_again_opens_it() {
    for (scene, pages) in [(scenes::away(), "1234567"), (scenes::many(), "1234567")] {
        for page in pages.chars() {
            let mut model = scene.clone();
            press(&mut model, &page.to_string());
            let screen = drawn(&mut model, 120, 34, look("auto"));
            let mut lines = Vec::new();
            for row in 0..34 {
                for column in [1, 3, 64] {
                    if let Some(Hit::Subject(pane, subject)) = screen.hit(column, row)
                        && !lines.contains(&(*pane, subject.clone()))
                    {
                        lines.push((*pane, subject.clone()));
                    }
                }
            }
            for pane in model.page.tab().panes {
                let seen = lines.iter().filter(|line| line.0 == *pane).count();
                assert!(seen > 0 || model.items(*pane).is_empty(), "page {page}: no line of {pane:?} can be clicked");
            }
            for (pane, subject) in lines {
                let mut model = model.clone();
                let now = model.now;
                // The first click takes the pane and the line, unless both are taken.
                if (model.pane(), model.selected()) != (pane, Some(&subject)) {
                    update(&mut model, Event::Clicked(Hit::Subject(pane, subject.clone())), now);
                }
                assert_eq!((model.pane(), model.selected(), model.dialogs.len()), (pane, Some(&subject), 0));
                update(&mut model, Event::Clicked(Hit::Subject(pane, subject.clone())), now);
                let opened = !model.dialogs.is_empty() || model.opened.is_some();
                assert!(opened, "page {page}: {subject:?} does not open");
            }
        }
    }
}

#[test]
fn reasons_that_will_be_asked_for_stand_beside_ready_whole_or_not_at_all() {
    let (one, many) = (", a reason to give for fence", ", 2 reasons to give");
    for (reasons, told) in [(&[][..], None), (&["fence"], Some(one)), (&["fence", "member"], Some(many))] {
        let model = scenes::judged_with(&scenes::certificates(), reasons);
        for (columns, wide) in [(60, false), (80, false), (120, true), (200, true)] {
            let mut model = model.clone();
            press(&mut model, "5");
            let text = drawn(&mut model, columns, 34, look("auto")).text();
            let line = text.lines().find(|line| line.contains("Dublin") && line.contains("Tukwila")).unwrap();
            assert!(!wide || line.contains(told.unwrap_or("checked")), "{columns}: {line}");
            let begun = line.contains("reason") && !told.is_some_and(|told| line.contains(told));
            assert!(!begun, "{columns}: {line}");
        }
    }
}
