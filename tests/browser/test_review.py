"""A reader's evening in a real browser: look, jump, draw, undo, decide, sign; and what may go wrong."""

from __future__ import annotations

import re
from functools import partial

import numpy as np
import pytest
from pydicom import dcmread
from sqlalchemy import delete, select

from browser.site import log_in, open_page, serve, shown
from deepvein.node.database.schema import DeliveryRow, ResultRow, ReviewRow, SessionRow
from deepvein.node.reviews.marks import Marks
from deepvein.node.reviews.view import RAS_ORDER, load_view
from deepvein.volumes.orient import orient
from unit.reports.series import ORIENTATIONS

pytestmark = pytest.mark.slow

AXIAL = (0.32, 0.5)
"""The middle of the axial picture, as shares of the canvas."""


def marks_of(site, place: str, study: int) -> np.ndarray:
    """The labels that the server has for a study."""
    with site.database.reading() as session:
        row = session.scalar(
            select(ReviewRow)
            .join(ResultRow, ResultRow.id == ReviewRow.result_id)
            .where(ResultRow.study_id == study)
            .order_by(ReviewRow.number.desc())
        )
    if row is None or not row.labels:
        view = load_view(site.folder / place / "result" / "view")
        return view.marks("thrombi").slab(0, view.grid.shape[0])
    marks = Marks.load(site.folder / row.labels)
    return marks.slab(0, marks.shape[0])


def moved(page, before: str) -> bool:
    """Whether the page tells of another place than before."""
    return shown(page) != before


def changed(site, before: np.ndarray) -> bool:
    """Whether the labels of the first study are not those of `before` any more."""
    return bool((marks_of(site, "a", site.first) != before).any())


def open_study(page, number: int) -> None:
    page.locator(f'a[href="/studies/{number}"]').click()
    shown(page)


def point(page, across: float, down: float) -> tuple[float, float]:
    box = page.locator("#images").bounding_box()
    return box["x"] + across * box["width"], box["y"] + down * box["height"]


def stroke(page, down: float = 0.55) -> None:
    """One line of the pen on the axial picture."""
    page.mouse.move(*point(page, 0.2, down))
    page.mouse.down()
    page.mouse.move(*point(page, 0.26, down), steps=4)
    page.mouse.up()


def wait_saved(page) -> None:
    page.locator(".keeping.saved").filter(has_text="saved ·").wait_for()


def read_place(text: str) -> tuple[float, np.ndarray]:
    """Value and LPS position that the page tells."""
    value, x, left, y, back, z, up = re.match(
        r"(-?\d+) HU · ([LR]) ([\d.]+) ([PA]) ([\d.]+) ([SI]) ([\d.]+) mm", text
    ).group(1, 3, 2, 5, 4, 7, 6)
    sign = {"L": 1, "R": -1, "P": 1, "A": -1, "S": 1, "I": -1}
    return float(value), np.array(
        [float(x) * sign[left], float(y) * sign[back], float(z) * sign[up]]
    )


def test_from_the_list_to_the_signature(chromium, site):
    page = open_page(chromium, site.address)
    log_in(page)
    page.locator("tbody tr").nth(1).wait_for()
    open_study(page, site.first)
    # It opens at the first finding.
    finding = site.made.findings[0]
    value, place = read_place(shown(page))
    assert np.abs(place - finding.key_point_mm).max() <= 0.06
    assert value == site.made.study.volume.array[tuple(finding.indices[0])]
    before = marks_of(site, "a", site.first)
    page.keyboard.press("d")
    stroke(page)
    wait_saved(page)
    drawn = marks_of(site, "a", site.first)
    assert (drawn != before).any()
    assert set(np.unique(drawn[drawn != before])) == {1}
    page.keyboard.press("z")
    wait_saved(page)
    assert_soon(page, lambda: not changed(site, before))
    stroke(page, 0.6)
    assert_soon(page, lambda: changed(site, before))
    wait_saved(page)
    page.keyboard.press("a")
    page.locator(".finding.accepted").wait_for()
    page.keyboard.press("s")
    page.get_by_label("Family name").fill("Doe")
    page.get_by_label("Given name").fill("Anna")
    page.get_by_label("Organization").fill("Hospital")
    page.locator("dialog").get_by_role("button", name="Sign", exact=True).click()
    page.locator(".keeping").filter(has_text="signed by anna").wait_for()
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
    before = marks_of(site, "a", site.first)
    # The session ends in mid-edit: the stroke is saved after logging in again.
    with site.database.writing() as session:
        session.execute(delete(SessionRow))
    page.keyboard.press("d")
    stroke(page)
    page.get_by_label("Password").wait_for()
    log_in(page)
    wait_saved(page)
    first = marks_of(site, "a", site.first)
    assert (first != before).any()
    # The network goes away and comes back.
    page.context.set_offline(True)
    stroke(page, 0.58)
    page.locator(".keeping.saving").wait_for()
    page.context.set_offline(False)
    wait_saved(page)
    assert changed(site, first)
    first = marks_of(site, "a", site.first)
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
    untouched = marks_of(site, "a", site.first)
    page.keyboard.press("d")
    page.get_by_role("link", name="Work list", exact=True).click()
    open_study(page, site.second)
    page.keyboard.press("d")
    stroke(page, 0.5)
    wait_saved(page)
    second = marks_of(site, "b", site.second)
    assert (second != before).any()
    added = (untouched != before) & (second == before)
    assert added.any()
    assert (marks_of(site, "a", site.first) == untouched).all()
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
    with site.database.reading() as session:
        row = session.scalars(select(ReviewRow)).one()
    assert (row.changed_by, row.decisions["1"]["choice"]) == ("anna", "accepted")
    ben.get_by_role("button", name="Load it again").click()
    shown(ben)
    ben.locator(".finding.accepted").wait_for()


@pytest.mark.parametrize("orientation", ORIENTATIONS)
def test_the_pixel_under_the_cursor_is_the_voxel_in_the_file(chromium, tmp_path, orientation):
    sites = serve(tmp_path, orientation)
    site = next(sites)
    page = open_page(chromium, site.address)
    log_in(page)
    open_study(page, site.first)
    seen = orient(site.made.study.volume, RAS_ORDER)
    told = shown(page)
    for across, down in ((0.2, 0.5), (0.4, 0.45), (0.45, 0.52), (0.82, 0.3)):
        page.mouse.click(*point(page, across, down))
        assert_soon(page, partial(moved, page, told))
        told = shown(page)
        value, place = read_place(told)
        index = np.rint(seen.grid.to_index(place)[0]).astype(int)
        index = np.clip(index, 0, np.array(seen.grid.shape) - 1)
        assert value == seen.array[tuple(index)], (across, down, told)
        if across < 0.3:
            # Seen from the feet: the patient's right is on the left of the picture.
            assert place[0] < 0
        elif across < 0.6:
            assert place[0] > 0
    assert page.complaints == []
    sites.close()


def assert_soon(page, holds) -> None:
    """Within the patience of the page."""
    for _ in range(600):
        if holds():
            return
        page.wait_for_timeout(100)
    raise AssertionError("it does not come about")
