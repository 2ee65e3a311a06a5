import numpy as np
import pytest

from deepvein.core.errors import GeometryError, NothingToScreenError
from deepvein.studies.dicom.files import read_headers
from deepvein.studies.dicom.selection import choose
from deepvein.studies.dicom.series import group
from deepvein.studies.study import Modality
from deepvein.volumes.grid import CORONAL
from unit.studies import anatomy, making

TALL = making.grid_of((30, 6, 7))


def chosen(folder, modality=None):
    found = group(read_headers(sorted(path for path in folder.rglob("*") if path.is_file())))
    return choose(found, modality)


def names(choice):
    return [one.description for one in choice.summaries if one.chosen]


def reason(choice, name):
    return next(one.reason for one in choice.summaries if one.description.startswith(name))


@pytest.mark.parametrize(
    ("worse", "says"),
    [
        ({"ImageType": ["ORIGINAL", "PRIMARY", "LOCALIZER"]}, "localiser"),
        ({"SeriesDescription": "Topogram 0.6"}, "localiser"),
        ({"ImageType": ["DERIVED", "SECONDARY", "MIP"]}, "projection"),
        ({"ImageType": ["DERIVED", "PRIMARY", "AXIAL"]}, "derived"),
        ({"SeriesDescription": "worse arterial phase"}, "arterial phase"),
        ({"SeriesDescription": "worse native"}, "without contrast"),
        ({"SeriesDescription": "worse 30 SEC"}, "arterial phase"),
        ({"ConvolutionKernel": "B70f"}, "sharp kernel b70f"),
        ({"BodyPartExamined": "CHEST"}, "another region"),
        ({"LossyImageCompression": "01", "SeriesNumber": 9}, "compressed with loss"),
    ],
)
def test_the_better_ct_series_is_chosen_and_the_other_says_why_not(tmp_path, worse, says):
    making.series(tmp_path / "a", TALL, **{"SeriesDescription": "worse"} | worse)
    making.series(tmp_path / "b", TALL, SeriesDescription="better")
    choice = chosen(tmp_path)
    assert names(choice) == ["better"]
    assert says in reason(choice, worse.get("SeriesDescription", "worse"))
    assert "covers 90 mm" in reason(choice, "better")


@pytest.mark.parametrize("told", ["10s", "rot 0.35s", "5 MinIP", "1.25 s"])
def test_times_of_a_rotation_are_no_delay(tmp_path, told):
    making.series(tmp_path / "a", TALL, SeriesDescription=told, SeriesNumber=2)
    making.series(tmp_path / "b", TALL, SeriesDescription="legs B30f", SeriesNumber=1)
    assert "phase" not in "".join(one.reason for one in chosen(tmp_path).summaries)


@pytest.mark.parametrize("told", ["180 SEC", "CT_150s", "3 min", "5.0 180s_1"])
def test_the_delay_that_a_description_gives_tells_the_phase(tmp_path, told):
    making.series(tmp_path / "a", TALL, SeriesDescription="65s", SeriesNumber=5)
    making.series(tmp_path / "b", TALL, SeriesDescription=told, SeriesNumber=2)
    assert names(chosen(tmp_path)) == [told]
    assert "venous phase by its description" in reason(chosen(tmp_path), told)


def test_legs_are_preferred_to_a_longer_chest_whatever_the_headers_say(tmp_path):
    grid = making.grid_of((40, 120, 150), (6.0, 3.0, 3.0))
    chest = np.tile(anatomy.chest().astype(np.int16), (40, 1, 1))
    legs = np.tile(anatomy.legs().astype(np.int16), (30, 1, 1))
    making.series(tmp_path / "a", grid, chest, SeriesDescription="CTPA", BodyPartExamined="CHEST")
    low = making.grid_of((30, 120, 150), (6.0, 3.0, 3.0), (-20.0, 15.0, -900.0))
    making.series(tmp_path / "b", low, legs, SeriesDescription="5mm", BodyPartExamined="CHEST")
    assert names(chosen(tmp_path)) == ["5mm"]
    assert "looks like a chest, not like legs" in reason(chosen(tmp_path), "CTPA")


def test_a_venous_series_and_a_long_one_and_a_thin_one_are_preferred(tmp_path):
    making.series(tmp_path / "a", TALL, SeriesDescription="legs")
    making.series(tmp_path / "b", TALL, SeriesDescription="legs venous 180s")
    assert names(chosen(tmp_path)) == ["legs venous 180s"]
    making.series(
        tmp_path / "c", making.grid_of((40, 6, 7), (6.0, 0.9, 0.8)), SeriesDescription="long"
    )
    assert names(chosen(tmp_path)) == ["long"]
    making.series(
        tmp_path / "d", making.grid_of((80, 6, 7), (3.0, 0.9, 0.8)), SeriesDescription="long thin"
    )
    assert names(chosen(tmp_path)) == ["long thin"]


def test_coronal_reformats_of_ct_are_second_choice(tmp_path):
    coronal = making.grid_of((10, 200, 7), directions=CORONAL)
    making.series(tmp_path / "a", coronal, SeriesDescription="mpr")
    making.series(tmp_path / "b", TALL, SeriesDescription="axial")
    choice = chosen(tmp_path)
    assert names(choice) == ["axial"]
    assert "coronal reformat" in reason(choice, "mpr")


def test_an_irregular_series_is_replaced_by_one_nearly_as_good(tmp_path):
    making.series(tmp_path / "a", TALL, SeriesDescription="best venous")
    making.series(tmp_path / "b", TALL, SeriesDescription="second")
    (tmp_path / "a" / "s010.dcm").unlink()
    choice = chosen(tmp_path)
    assert names(choice) == ["second"]
    (remark,) = choice.remarks
    assert remark.code == "better-series-refused"
    assert "missing" in remark.text
    assert "missing" in reason(choice, "best")


def test_an_irregular_series_is_not_replaced_by_a_poor_one(tmp_path):
    making.series(tmp_path / "a", TALL, SeriesDescription="best venous")
    making.series(tmp_path / "b", making.grid_of((4, 6, 7)), SeriesDescription="short")
    (tmp_path / "a" / "s010.dcm").unlink()
    with pytest.raises(GeometryError, match=r"best venous.*missing"):
        chosen(tmp_path)


def test_a_localiser_inside_the_series_is_left_out(tmp_path):
    making.series(tmp_path / "a", TALL, series="1.2.1")
    scout = making.grid_of((1, 6, 7), directions=CORONAL)
    making.series(tmp_path / "b", scout, series="1.2.1", prefix="x")
    choice = chosen(tmp_path)
    assert choice.remarks == ()
    assert len(choice.chosen.series[0].frames) == 30


def test_two_stacks_in_one_series_are_refused(tmp_path):
    making.series(tmp_path / "a", TALL, series="1.2.1")
    other = making.grid_of((20, 6, 7), directions=CORONAL)
    making.series(tmp_path / "b", other, series="1.2.1", prefix="x")
    with pytest.raises(GeometryError, match="only 30 of its 50 slices share one"):
        chosen(tmp_path)


def test_nothing_that_could_be_screened_is_told(tmp_path):
    making.series(tmp_path, making.grid_of((3, 6, 7)), SeriesDescription="Scout")
    with pytest.raises(NothingToScreenError, match="it is a localiser"):
        chosen(tmp_path)
    with pytest.raises(NothingToScreenError, match="it is CT, not MR"):
        chosen(tmp_path, Modality.MR)


def test_mr_takes_the_enhanced_coronal_stations_of_the_last_pass(tmp_path):
    for stage, (when, agent) in enumerate([("100000", ""), ("101000", "Gd"), ("102000", "Gd")]):
        for station in range(3):
            grid = making.grid_of(
                (6, 40, 12), (2.0, 1.5, 1.5), (0, 0, -50.0 * station), directions=CORONAL
            )
            making.series(
                tmp_path / f"{stage}{station}",
                grid,
                modality="MR",
                study="1.1",
                SeriesDescription=f"cor t1 station {station}",
                SeriesNumber=10 * stage + station,
                AcquisitionTime=when,
                AcquisitionDate="20250101",
                **{"ContrastBolusAgent": agent} if agent else {},
            )
    making.series(
        tmp_path / "t2",
        making.grid_of((6, 200, 12), (2.0, 1.5, 1.5), directions=CORONAL),
        modality="MR",
        study="1.1",
        SeriesDescription="cor t2 stir",
    )
    choice = chosen(tmp_path)
    assert [one.text("SeriesNumber") for one in choice.chosen.series] == ["20", "21", "22"]
    assert choice.chosen.reason.startswith("one of 3 stations, covers 160 mm")
    assert "latest of several passes" in choice.chosen.reason


def two_passes(folder, uids, first=None, second=None):
    """Two CT series over one place; `uids` names the first one's UID, then the second one's."""
    for name, uid, change in (("a", uids[0], first), ("b", uids[1], second)):
        values = {"SeriesNumber": 2 if name == "a" else 3} | (change or {})
        making.series(
            folder / name, TALL, series=uid, study="1.1", SeriesDescription=name, **values
        )
    return chosen(folder)


@pytest.mark.parametrize("uids", [("1.2.1", "1.2.2"), ("1.2.2", "1.2.1")])
@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ({"AcquisitionTime": "120025"}, {"AcquisitionTime": "120300"}, "b"),
        ({"AcquisitionTime": "120300"}, {"AcquisitionTime": "120025"}, "a"),
        ({"AcquisitionNumber": 2}, {"AcquisitionNumber": 1}, "a"),
        ({}, {}, "b"),
        ({"RescaleType": "HU"}, {"RescaleType": "MGML"}, "a"),
    ],
)
def test_no_uid_decides_which_series_is_screened(tmp_path, uids, first, second, expected):
    assert names(two_passes(tmp_path, uids, first, second)) == [expected]


def test_the_pass_in_which_veins_are_filled_is_chosen_even_if_it_shows_less(tmp_path):
    early = {"AcquisitionTime": "120025", "ContrastBolusStartTime": "120000"}
    late = {"AcquisitionTime": "120230", "ContrastBolusStartTime": "120000"}
    making.series(tmp_path / "a", TALL, SeriesDescription="venous", study="1.1", **early)
    short = making.grid_of((16, 6, 7))
    making.series(tmp_path / "b", short, SeriesDescription="arterial", study="1.1", **late)
    choice = chosen(tmp_path)
    assert names(choice) == ["arterial"]
    assert "phase-by-time" in [remark.code for remark in choice.remarks]
    assert "taken 150 s after the injection began, when contrast fills the veins" in reason(
        choice, "arterial"
    )
    assert "taken 25 s after the injection began, when contrast fills the arteries" in reason(
        choice, "venous"
    )


def test_the_pass_that_was_left_out_is_told_with_its_time(tmp_path):
    choice = two_passes(
        tmp_path, ("1.2.1", "1.2.2"), {"AcquisitionTime": "120025"}, {"AcquisitionTime": "120300"}
    )
    (remark,) = choice.remarks
    assert remark.code == "earlier-pass"
    assert "series 2 (a) (12:00:25) was left out" in remark.text
    assert "a later pass shows the same place (12:03:00)" in reason(choice, "a")
    assert "latest of several passes (12:03:00)" in reason(choice, "b")


def test_series_are_ranked_and_what_cannot_be_screened_has_no_rank(tmp_path):
    making.series(tmp_path / "a", TALL, SeriesDescription="legs", SeriesNumber=4)
    making.series(tmp_path / "b", TALL, SeriesDescription="legs venous", SeriesNumber=5)
    making.series(tmp_path / "c", TALL, SeriesDescription="cut", SeriesNumber=3)
    making.series(tmp_path / "d", TALL, SeriesDescription="MIP", SeriesNumber=2)
    (tmp_path / "c" / "s010.dcm").unlink()
    found = chosen(tmp_path).summaries
    assert [(one.description, one.rank) for one in found] == [
        ("legs venous", 1),
        ("legs", 2),
        ("cut", None),
        ("MIP", None),
    ]


def test_what_the_slices_show_decides_where_headers_do_not(tmp_path):
    grid = making.grid_of((20, 40, 40), (5.0, 2.0, 2.0))
    row, column = np.mgrid[:40, :40] - 19.5
    plane = np.where(np.hypot(row, column) < 17, 55, -1000)
    filled = np.where(np.hypot(row + 6, column) < 4, 150, plane)
    for name, one in (("filled", filled), ("zplain", plane), ("zzmap", np.abs(plane) // 20)):
        array = np.tile(one.astype(np.int16), (20, 1, 1))
        making.series(tmp_path / name, grid, array, SeriesDescription=name, study="1.1")
    choice = chosen(tmp_path)
    assert names(choice) == ["filled"]
    assert "no vessel stands out" in reason(choice, "zplain")
    assert "shows no air" in reason(choice, "zzmap")


def test_a_station_that_could_not_be_joined_is_missed_aloud(tmp_path):
    for number, rows_mm in enumerate((1.5, 1.5, 0.9)):
        making.series(
            tmp_path / str(number),
            making.grid_of(
                (6, 60, 12), (2.0, rows_mm, 1.5), (0, 0, -90.0 * number), directions=CORONAL
            ),
            modality="MR",
            study="1.1",
            frame="1.9",
            SeriesDescription=f"cor t1 station {number}",
            SeriesNumber=number,
        )
    choice = chosen(tmp_path)
    assert len(choice.chosen.series) == 2
    (remark,) = choice.remarks
    assert remark.code == "station-left-out"
    assert "series 2 (cor t1 station 2)" in remark.text
    assert "voxels measure 2.00 x 0.90 x 1.50 mm instead of 2.00 x 1.50 x 1.50 mm" in remark.text


@pytest.mark.parametrize(
    ("origin", "told"),
    [
        ((400, 15, -430), "shows 420 mm more of the body, to a side"),
        ((-20, 15, 400), "mm more of the body, along it"),
        ((-20, 15, -430), None),
    ],
)
def test_the_other_leg_and_the_pelvis_in_a_series_of_their_own_are_missed_aloud(
    tmp_path, origin, told
):
    same = {"study": "1.1", "frame": "1.9", "AcquisitionTime": "120000"}
    grid = making.grid_of((100, 6, 7), origin=(-20, 15, -430))
    making.series(tmp_path / "a", grid, SeriesDescription="a", SeriesNumber=2, **same)
    other = making.grid_of((100, 6, 7), origin=origin)
    making.series(
        tmp_path / "b", other, SeriesDescription="b", SeriesNumber=1, **same | {"frame": "1.8"}
    )
    missed = [one.text for one in chosen(tmp_path).remarks if one.code == "place-left-out"]
    assert len(missed) == (told is not None)
    assert all(told in text for text in missed)


def _stations(folder, broken=None, **second):
    """Three MR stations from head to feet, one of which lacks a slice in its middle; `second`: values of the
    one between."""
    for number in range(3):
        grid = making.grid_of((9, 60, 12), (2.0, 1.5, 1.5), (0, 0, -80 * number), CORONAL)
        name = f"t1 cor station {number}"
        made = making.series(
            folder / f"{number}", grid, modality="MR", SeriesNumber=number, SeriesDescription=name,
            series=f"1.2.{number}", study="1.1", frame="1.9",
            **{"ContrastBolusAgent": "Gd"} | (second if number == 1 else {}),
        )  # fmt: skip
        if number == broken:
            (made / "s004.dcm").unlink()


def test_a_station_that_lacks_a_slice_is_the_reason_for_the_gap(tmp_path):
    _stations(tmp_path, broken=1)
    says = r"missing between stations 1 and 2 .*; series 1 .*, which lies there, cannot be used: 1 slice"
    with pytest.raises(GeometryError, match=says):
        chosen(tmp_path)


@pytest.mark.parametrize(
    ("second", "why"),
    [
        ({"EchoTime": 2.4, "ContrastBolusAgent": ""}, "only one of them was taken with contrast"),
        ({"ImageType": ["ORIGINAL", "PRIMARY", "OTHER"]}, "it holds another kind of image"),
    ],
)
def test_a_station_that_was_not_joined_is_the_reason_for_the_gap(tmp_path, second, why):
    _stations(tmp_path, **second)
    says = (
        f"missing between stations 1 and 2 .*; series 1 .*, which lies there, was not joined: {why}"
    )
    with pytest.raises(GeometryError, match=says):
        chosen(tmp_path)


@pytest.mark.parametrize(
    ("second", "code", "says"),
    [
        (
            {"ContrastBolusAgent": ""},
            "station-contrast",
            "series 1 (t1 cor station 1) does not: if",
        ),
        (
            {"ImageType": ["DERIVED", "PRIMARY", "AXIAL", "DIS2D"]},
            "station-corrected",
            r"(DERIVED\PRIMARY\AXIAL\DIS2D instead of ORIGINAL\PRIMARY\AXIAL)",
        ),
    ],
)
def test_a_station_that_says_less_or_was_corrected_otherwise_is_joined_aloud(
    tmp_path, second, code, says
):
    _stations(tmp_path, **second)
    choice = chosen(tmp_path)
    assert len(choice.chosen.series) == 3
    (remark,) = choice.remarks
    assert remark.code == code
    assert says in remark.text


def test_an_irregular_series_is_not_replaced_in_silence_by_one_without_contrast(tmp_path):
    grid = making.grid_of((30, 60, 12), (2.0, 1.5, 1.5), directions=CORONAL)
    same = {"modality": "MR", "study": "1.1", "frame": "1.9"}
    made = making.series(tmp_path / "a", grid, SeriesDescription="t1 post", **same)
    making.series(tmp_path / "b", grid, SeriesDescription="t1 pre", SeriesNumber=2, **same)
    (made / "s014.dcm").unlink()
    with pytest.raises(GeometryError, match=r"series 1 \(t1 post\) in a cannot be used: 1 slice"):
        chosen(tmp_path)


def test_a_last_station_that_lacks_a_slice_is_missed_aloud(tmp_path):
    _stations(tmp_path, broken=2)
    choice = chosen(tmp_path)
    assert len(names(choice)) == 2
    (missed,) = (one.text for one in choice.remarks if one.code == "place-left-out")
    assert "series 2 (t1 cor station 2) in 2 shows 79 mm more of the body" in missed
    assert "was not screened: 1 slice(s) are missing between s003.dcm and s005.dcm" in missed


@pytest.mark.parametrize(("lost", "told"), [(0, False), (2, True), (9, False)])
def test_slices_that_another_kernel_of_the_scan_still_shows_are_missed_aloud(tmp_path, lost, told):
    same = {"study": "1.1", "frame": "1.9", "AcquisitionTime": "120000"}
    for number, kernel in ((1, "B30f"), (2, "B70f")):
        making.series(
            tmp_path / kernel, TALL, SeriesNumber=number, ConvolutionKernel=kernel,
            SeriesDescription="soft" if number == 1 else "bone", **same,
        )  # fmt: skip
    for path in sorted((tmp_path / "B30f").iterdir())[TALL.shape[0] - lost :]:
        path.unlink()
    choice = chosen(tmp_path)
    assert names(choice) == ["soft"]
    ends = [one.text for one in choice.remarks if one.code == "missing-ends"]
    assert bool(ends) is told
    assert all("series 2 (bone)" in text and f"{lost} slice(s) more" in text for text in ends)


def test_of_virtual_energies_the_usual_one_is_chosen(tmp_path):
    for number, energy in ((1, 40), (2, 70), (3, 190)):
        making.series(
            tmp_path / str(energy), TALL, study="1.1", frame="1.9", SeriesNumber=number,
            SeriesDescription=f"venous mono {energy} keV", AcquisitionTime="120000",
        )  # fmt: skip
    choice = chosen(tmp_path)
    assert names(choice) == ["venous mono 70 keV"]
    assert "computed for 40 keV" in reason(choice, "venous mono 40 keV")


def test_energies_that_only_comments_tell_apart_are_two_images(tmp_path):
    same = {"study": "1.1", "frame": "1.9", "series": "1.5"}
    for energy in (40, 70):
        making.series(tmp_path / str(energy), TALL, ImageComments=f"{energy} keV", **same)
    choice = chosen(tmp_path)
    assert choice.chosen.series[0].part == "comments 70 keV"


def test_a_pass_long_after_the_others_shows_contrast_that_fades(tmp_path):
    for name, time in (("native", "120000"), ("ven", "120800"), ("delay", "122500")):
        making.series(
            tmp_path / name,
            TALL,
            study="1.1",
            SeriesDescription=f"p{name[0]}",
            AcquisitionTime=time,
        )
    choice = chosen(tmp_path)
    assert names(choice) == ["pv"]
    assert "long after the first of several passes (12:25:00)" in reason(choice, "pd")


def test_of_two_reconstructions_of_one_scan_the_wider_is_chosen(tmp_path):
    same = {"study": "1.1", "frame": "1.9", "AcquisitionTime": "120000"}
    for number, pixel in ((1, 50.0), (2, 40.0)):
        grid = making.grid_of((30, 6, 8), (3.0, pixel, pixel), (-4 * pixel, -3 * pixel, 0))
        making.series(
            tmp_path / str(number),
            grid,
            SeriesDescription=f"legs {number}",
            SeriesNumber=number,
            **same,
        )
    assert names(chosen(tmp_path))[0] == "legs 1"
