"""At 200 % of a screen of 1280 pixels everything is there still: 640 by 400 of the page's own."""

from __future__ import annotations

import pytest

from browser.site import log_in, open_page, shown
from deepvein.node.database.schema import StudyRow
from deepvein.node.states import StudyState

pytestmark = pytest.mark.slow

WIDTH, HEIGHT = 640, 400
LONG = "CT VENOGRAPHY OF BOTH LOWER EXTREMITIES WITH CONTRAST MEDIUM, DELAYED PHASE"
UID = "1.2.826.0.1.3680043.10.99.7"
REASON = (
    f"series 1 in {UID}.1 cannot be used: {UID}.1.1.dcm has no RescaleIntercept; export it anew"
)


def right(page, selector: str) -> float:
    """Where the furthest of these elements ends."""
    return max(
        one.bounding_box()["x"] + one.bounding_box()["width"]
        for one in page.locator(selector).all()
    )


def test_nothing_is_cut_off(chromium, site):
    with site.database.writing() as session:
        study = session.get_one(StudyRow, site.first)
        study.description, study.patient_name = LONG, "García-Fernández de la Vega^María del Carmen"
    page = open_page(chromium, site.address)
    log_in(page)
    page.set_viewport_size({"width": WIDTH, "height": HEIGHT})
    page.goto(f"{site.address}/studies/{site.first}")
    shown(page)
    for selector in (".verdict", ".keeping", ".group button", ".bar label", ".side .decide button"):
        assert right(page, selector) <= WIDTH, selector
    assert page.locator("#images").bounding_box()["width"] > WIDTH / 2
    for place in (".group", ".straight"):
        page.locator(place).first.scroll_into_view_if_needed()
        box = page.locator(".patient-bar").bounding_box()
        assert 0 <= box["y"] < box["y"] + box["height"] < HEIGHT / 2
    page.goto(f"{site.address}/dashboard")
    page.locator(".drift").wait_for()
    assert right(page, ".figure, .charts figure, .drift") <= WIDTH


def test_the_verdict_is_seen_beside_a_long_name_and_description(chromium, site):
    with site.database.writing() as session:
        study = session.get_one(StudyRow, site.first)
        study.description, study.patient_name = 2 * LONG, "García-Fernández^María del Carmen"
    page = open_page(chromium, site.address)
    log_in(page)
    page.goto(f"{site.address}/studies/{site.first}")
    shown(page)
    assert right(page, ".verdict") <= 1280


def test_a_reason_begins_with_what_is_wrong(chromium, site):
    with site.database.writing() as session:
        session.add(StudyRow(uid=UID, state=StudyState.FAILED, reason=REASON))
    page = open_page(chromium, site.address)
    log_in(page)
    cell = page.locator("td.where[colspan]")
    assert cell.inner_text() == (
        "series 1 cannot be used: an image has no RescaleIntercept; export it anew"
    )
    assert cell.get_attribute("title") == REASON
