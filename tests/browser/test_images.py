"""What is seen is what is stored: at every orientation, reduced and in full, and along the pulled vein."""

from __future__ import annotations

from functools import partial

import numpy as np
import pytest

from browser.site import (
    assert_soon,
    log_in,
    marks_of,
    open_page,
    open_study,
    point,
    read_place,
    serve,
    shown,
    stroke,
    wait_saved,
)  # fmt: skip
from deepvein.findings.screening import Verdict
from deepvein.node.reviews import view as views
from deepvein.node.reviews.view import RAS_ORDER, load_view
from deepvein.studies.nifti import read_nifti
from deepvein.volumes.grid import AXIAL, Grid
from deepvein.volumes.orient import orient
from unit.node.screened import write_result
from unit.reports.series import ORIENTATIONS

pytestmark = pytest.mark.slow

AXIAL_POINTS, CORONAL_POINTS, SAGITTAL_POINTS = (
    # Right of the patient first, and always from above to below.
    ((0.2, 0.45), (0.45, 0.52)),
    ((0.76, 0.2), (0.88, 0.3)),
    ((0.81, 0.68), (0.83, 0.8)),
)


@pytest.fixture(scope="module")
def every_orientation(tmp_path_factory):
    def write(folder):
        return {name: write_result(folder / name, orientation=name) for name in ORIENTATIONS}

    yield from serve(tmp_path_factory.mktemp("orientations"), write)


@pytest.fixture(scope="module")
def page(chromium, every_orientation):
    opened = open_page(chromium, every_orientation.address)
    log_in(opened)
    return opened


def moved(page, before: str) -> bool:
    """Whether the page tells of another place than before."""
    return shown(page) != before


def clicked(page, across: float, down: float) -> tuple[float, np.ndarray]:
    """Value and place after a click that goes to another one."""
    before = shown(page)
    page.mouse.click(*point(page, across, down))
    assert_soon(page, partial(moved, page, before))
    return read_place(shown(page))


def stored(volume, place: np.ndarray) -> float:
    """The value of the voxel at a place that is told in tenths of a millimetre."""
    index = np.rint(volume.grid.to_index(place)[0]).astype(int)
    return volume.array[tuple(np.clip(index, 0, np.array(volume.grid.shape) - 1))]


@pytest.mark.parametrize("orientation", ORIENTATIONS)
def test_the_pixel_under_the_cursor_is_the_voxel_in_the_file(page, every_orientation, orientation):
    page.goto(every_orientation.address)
    open_study(page, every_orientation.studies[orientation])
    seen = orient(every_orientation.made[orientation].study.volume, RAS_ORDER)
    places = {}
    for across, down in (*AXIAL_POINTS, *CORONAL_POINTS, *SAGITTAL_POINTS):
        value, place = clicked(page, across, down)
        assert value == stored(seen, place), (across, down)
        places[across, down] = place
    # Seen from the feet and from the front: the patient's right is on the left of the picture.
    for right, left in (AXIAL_POINTS, CORONAL_POINTS):
        assert places[right][0] < 0 < places[left][0]
    # The front is above in axial images, the head in the others.
    above, below = (places[at] for at in AXIAL_POINTS)
    assert above[1] < below[1]
    for upper, lower in (CORONAL_POINTS, SAGITTAL_POINTS):
        assert places[upper][2] > places[lower][2]
    # And the front on the left of sagittal ones.
    front, back = (places[at] for at in SAGITTAL_POINTS)
    assert front[1] < back[1]
    assert page.complaints == []


def test_a_click_on_the_straightened_vein_goes_to_the_place(page, every_orientation):
    page.goto(every_orientation.address)
    open_study(page, every_orientation.studies["axial"])
    told = load_view(every_orientation.folder / "axial" / "result" / "view").plain["straight"]["1"]
    points = np.array(told["points_mm"])
    strip = page.locator(".straight canvas")
    strip.wait_for()
    box = strip.bounding_box()
    for share in (0.2, 0.7):
        before = shown(page)
        strip.click(position={"x": box["width"] / 3, "y": share * box["height"]})
        assert_soon(page, partial(moved, page, before))
        _, place = read_place(shown(page))
        expected = points[int(share * len(points))]
        # A click is as exact as a pixel of the strip.
        assert np.linalg.norm(place - expected) < 3 * told["row_mm"] + 0.1
    assert page.complaints == []


@pytest.fixture
def reduced(tmp_path):
    """A study of 70 slices that the page shows reduced at first."""
    grid = Grid.from_directions((70, 26, 56), (2.5, 5.0, 4.25), (-115.0, -64.0, -500.0), AXIAL)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(views, "MOST_VOXELS", 20_000)
        yield from serve(tmp_path, lambda folder: {"a": write_result(folder / "a", grid=grid)})


def test_a_reduced_study_is_exact_too_and_full_slices_come_on_demand(chromium, reduced):
    page = open_page(chromium, reduced.address)
    log_in(page)
    open_study(page, reduced.first)
    view = load_view(reduced.folder / "a" / "result" / "view")
    assert max(view.steps) > 1
    small = read_nifti(view.reduced_file())
    whole = orient(reduced.made["a"].study.volume, RAS_ORDER)
    for at in (*AXIAL_POINTS, *CORONAL_POINTS):
        value, place = clicked(page, *at)
        assert value == stored(small, place)
        assert "mean of" in shown(page)
    page.keyboard.press("n")
    page.locator(".jump").click()
    before = marks_of(reduced, "a")
    # Corrections are drawn in full resolution, which comes with the pen.
    page.keyboard.press("d")
    in_full(page)
    value, place = read_place(shown(page))
    assert value == stored(whole, place)
    key = int(np.rint(whole.grid.to_index(place)[0][0]))
    stroke(page)
    wait_saved(page)
    changed = np.unique(np.nonzero(marks_of(reduced, "a") != before)[0])
    assert changed.tolist() == [key]
    # Beyond the slices that are there the next ones come, towards the head and the feet.
    page.keyboard.press("Escape")
    for name, way in (("PageUp", 1), ("PageDown", -1)):
        for _ in range(3):
            told = shown(page)
            page.keyboard.press(name)
            assert_soon(page, partial(moved, page, told))
            in_full(page)
            value, place = read_place(shown(page))
            key += 10 * way
            assert np.rint(whole.grid.to_index(place)[0][0]) == key
            assert value == stored(whole, place)
    page.keyboard.press("f")
    page.locator(".readout").filter(has_text="mean of").wait_for()
    assert page.complaints == []


def test_a_missed_thrombus_is_drawn_in_full_where_nothing_was_found(chromium, tmp_path):
    def write(folder):
        return {"a": write_result(folder / "a", Verdict.NOT_SUSPECTED)}

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(views, "MOST_VOXELS", 20_000)
        sites = serve(tmp_path, write)
        site = next(sites)
        page = open_page(chromium, site.address)
        log_in(page)
        open_study(page, site.first)
        page.keyboard.press("+")
        in_full(page)
        page.locator(".readout").filter(has_text="draw thrombus 1").wait_for()
        stroke(page)
        wait_saved(page)
        assert set(np.unique(marks_of(site, "a"))) == {0, 1}
        assert page.complaints == []
        sites.close()


def in_full(page) -> None:
    page.locator("button[aria-pressed=true]").filter(has_text="full resolution").wait_for()
    shown(page)


@pytest.fixture
def previewed(tmp_path):
    """A study that comes as a preview first."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(views, "MOST_VOXELS", 20_000)
        patch.setattr(views, "PREVIEW_FROM", 4_000)
        patch.setattr(views, "PREVIEW_VOXELS", 1_000)
        yield from serve(tmp_path, lambda folder: {"a": write_result(folder / "a")})


def test_a_preview_comes_first_and_the_review_volume_takes_its_place(chromium, previewed):
    page = open_page(chromium, previewed.address)
    log_in(page)
    # The review volume waits until the preview was looked at.
    held = []
    page.route("**/image.nii", lambda route: held.append(route))  # noqa: PLW0108 (Playwright marks it)
    open_study(page, previewed.first)
    view = load_view(previewed.folder / "a" / "result" / "view")
    small, finer = (" × ".join(map(str, reversed(one))) for one in (view.preview_steps, view.steps))
    assert f"mean of {small} voxels" in shown(page)
    value, place = clicked(page, *AXIAL_POINTS[0])
    assert value == stored(read_nifti(view.reduced_file(preview=True)), place)
    assert_soon(page, lambda: len(held) == 1)
    held[0].continue_()
    page.locator(".readout").filter(has_text=f"mean of {finer} voxels").wait_for()
    value, there = read_place(shown(page))
    assert value == stored(read_nifti(view.reduced_file()), there)
    # One stays where one was.
    assert np.linalg.norm(place - there) < 0.2
    assert page.complaints == []
