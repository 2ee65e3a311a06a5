"""A reader's evening in a real browser: look, jump, draw, undo, decide, sign; and what may go wrong."""

from __future__ import annotations

import numpy as np
import pytest
from pydicom import dcmread
from sqlalchemy import delete, select

from browser.site import (
    assert_soon,
    log_in,
    marks_of,
    open_page,
    open_study,
    read_place,
    shown,
    sign,
    stroke,
    wait_saved,
)  # fmt: skip
from deepvein.node.database.schema import DeliveryRow, ResultRow, ReviewRow, SessionRow

pytestmark = pytest.mark.slow


def changed(site, before: np.ndarray) -> bool:
    """Whether the labels of the first study are not those of `before` any more."""
    return bool((marks_of(site, "a") != before).any())


def test_from_the_list_to_the_signature(chromium, site):
    page = open_page(chromium, site.address)
    log_in(page)
    page.locator("tbody tr").nth(1).wait_for()
    open_study(page, site.first)
    # It opens at the first finding.
    finding = site.made["a"].findings[0]
    value, place = read_place(shown(page))
    assert np.abs(place - finding.key_point_mm).max() <= 0.06
    assert value == site.made["a"].study.volume.array[tuple(finding.indices[0])]
    before = marks_of(site, "a")
    page.keyboard.press("d")
    stroke(page)
    wait_saved(page)
    drawn = marks_of(site, "a")
    assert (drawn != before).any()
    assert set(np.unique(drawn[drawn != before])) == {1}
    page.keyboard.press("z")
    wait_saved(page)
    assert_soon(page, lambda: not changed(site, before))
    # There is no more to undo: what was found stays.
    page.keyboard.press("z")
    page.keyboard.press("z")
    stroke(page, 0.6)
    assert_soon(page, lambda: changed(site, before))
    wait_saved(page)
    page.keyboard.press("a")
    page.locator(".finding.accepted").wait_for()
    sign(page)
    with site.database.reading() as session:
        result = session.scalars(select(ResultRow).where(ResultRow.job_id.is_(None))).one()
        delivery = session.scalars(
            select(DeliveryRow).where(DeliveryRow.result_id == result.id)
        ).one()
    assert delivery.destination == "pacs"
    folder = site.folder / result.folder
    assert dcmread(folder / "sr_thrombi.dcm").VerificationFlag == "VERIFIED"
    (segment,) = dcmread(folder / "thrombi.dcm").SegmentSequence
    assert segment.SegmentAlgorithmType == "SEMIAUTOMATIC"
    assert page.complaints == []


def test_nothing_is_lost_and_nothing_mixed(chromium, site):
    page = open_page(chromium, site.address)
    log_in(page)
    open_study(page, site.first)
    before = marks_of(site, "a")
    # The session ends in mid-edit: the stroke is saved after logging in again.
    with site.database.writing() as session:
        session.execute(delete(SessionRow))
    page.keyboard.press("d")
    stroke(page)
    page.get_by_label("Password").wait_for()
    log_in(page)
    wait_saved(page)
    first = marks_of(site, "a")
    assert (first != before).any()
    # The network goes away and comes back.
    page.context.set_offline(True)
    stroke(page, 0.58)
    page.locator(".keeping.saving").wait_for()
    page.context.set_offline(False)
    wait_saved(page)
    assert changed(site, first)
    first = marks_of(site, "a")
    # The page is loaded again before the answer has come: the stroke is there once.
    page.route("**/review/marks?*", lambda route: None)
    stroke(page, 0.62)
    assert_soon(page, lambda: page.evaluate("Object.keys(localStorage).join()").count("draft"))
    page.unroute("**/review/marks?*")
    page.reload()
    shown(page)
    wait_saved(page)
    assert_soon(page, lambda: changed(site, first))
    # Another patient is opened in mid-drawing: nothing of the one comes to the other.
    untouched = marks_of(site, "a")
    page.keyboard.press("d")
    page.get_by_role("link", name="Work list", exact=True).click()
    open_study(page, site.second)
    page.keyboard.press("d")
    stroke(page, 0.5)
    wait_saved(page)
    second = marks_of(site, "b")
    assert (second != before).any()
    added = (untouched != before) & (second == before)
    assert added.any()
    assert (marks_of(site, "a") == untouched).all()
    assert page.complaints == []


def test_two_readers_do_not_overwrite_one_another(chromium, site):
    anna, ben = (open_page(chromium, site.address) for _ in range(2))
    for page, name in ((anna, "anna"), (ben, "ben")):
        log_in(page, name)
        open_study(page, site.first)
    anna.keyboard.press("a")
    wait_saved(anna)
    ben.keyboard.press("r")
    ben.keyboard.press("1")
    ben.get_by_role("alert").filter(has_text="anna").wait_for()
    assert ben.get_by_role("alert").inner_text()[0].isupper()
    with site.database.reading() as session:
        row = session.scalars(select(ReviewRow)).one()
    assert (row.changed_by, row.decisions["1"]["choice"]) == ("anna", "accepted")
    ben.get_by_role("button", name="Load it again").click()
    shown(ben)
    ben.locator(".finding.accepted").wait_for()
