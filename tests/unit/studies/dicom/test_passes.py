import pytest

from deepvein.studies.dicom.files import read_headers
from deepvein.studies.dicom.passes import by_number, is_later_pass
from deepvein.studies.dicom.series import group
from deepvein.volumes.grid import CORONAL
from unit.studies import making

LEGS = making.grid_of((30, 6, 7))


def two(folder, first, second, grid=LEGS, other=LEGS, modality="CT"):
    """(first, second) as series of one study."""
    for name, change, where in (("a", first, grid), ("b", second, other)):
        values = {"SeriesDate": "20250101", "SeriesDescription": "legs"} | change
        making.series(folder / name, where, modality=modality, **values)
    found = group(read_headers(sorted(path for path in folder.rglob("*.dcm"))))
    found = sorted(found, key=lambda one: one.path)
    return [found[0]], [found[1]]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({"AcquisitionTime": "120025"}, {"AcquisitionTime": "120300"}),
        ({"AcquisitionTime": "12:00:25"}, {"AcquisitionTime": "12:03:00"}),
        ({"AcquisitionNumber": 1}, {"AcquisitionNumber": 2}),
        (
            {"AcquisitionNumber": 1, "AcquisitionTime": "0000"},
            {"AcquisitionNumber": 2, "AcquisitionTime": "0000"},
        ),
        (
            {"AcquisitionDate": "20250101", "AcquisitionTime": "235900"},
            {"AcquisitionDate": "20250102", "AcquisitionTime": "000100"},
        ),
    ],
)
@pytest.mark.filterwarnings("ignore:Invalid value for VR")
def test_the_pass_of_the_later_time_or_number_is_later(tmp_path, first, second):
    early, late = two(tmp_path, first, second)
    assert is_later_pass(late, early)
    assert not is_later_pass(early, late)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({"AcquisitionTime": "120000"}, {"AcquisitionTime": "120002"}),
        ({"AcquisitionTime": "120000"}, {"AcquisitionTime": "150000"}),
        (
            {"AcquisitionTime": "120000"},
            {"AcquisitionTime": "120300", "SeriesDescription": "nativ"},
        ),
        (
            {"AcquisitionTime": "120000"},
            {"AcquisitionTime": "120300", "ImageType": ["DERIVED", "PRIMARY"]},
        ),
        ({"SeriesNumber": 1}, {"SeriesNumber": 2}),
    ],
)
def test_what_is_no_later_pass(tmp_path, first, second):
    early, late = two(tmp_path, first, second)
    assert not is_later_pass(late, early)
    assert not is_later_pass(early, late)


def test_what_counts_passes_first_decides(tmp_path):
    early, late = two(
        tmp_path,
        {"AcquisitionNumber": 1, "SeriesNumber": 6},
        {"AcquisitionNumber": 2, "SeriesNumber": 5},
        modality="MR",
    )
    assert is_later_pass(late, early)
    assert not is_later_pass(early, late)


def test_another_place_and_another_plane_are_no_pass(tmp_path):
    times = {"AcquisitionTime": "120000"}, {"AcquisitionTime": "120300"}
    beyond = making.grid_of((30, 6, 7), origin=(-20, 15, -200))
    turned = making.grid_of((30, 100, 7), directions=CORONAL, origin=(-20, 15, -200))
    beside = making.grid_of((30, 6, 7), origin=(100, 15, 0))
    for name, other in (("beyond", beyond), ("turned", turned), ("beside", beside)):
        early, late = two(tmp_path / name, *times, other=other)
        assert not is_later_pass(late, early)


def test_mr_passes_are_of_one_sequence_and_keep_their_contrast(tmp_path):
    same = {"EchoTime": 1.2, "ContrastBolusAgent": "Gd"}
    for name, change, later in (
        ("same", {}, True),
        ("echo", {"EchoTime": 80}, False),
        ("t2", {"SeriesDescription": "legs t2"}, False),
        ("before", {"ContrastBolusAgent": ""}, False),
        ("fat", {"ImageType": ["ORIGINAL", "PRIMARY", "F"]}, False),
    ):
        early, late = two(
            tmp_path / name,
            same | {"AcquisitionTime": "120000"},
            same | {"AcquisitionTime": "120300"} | change,
            modality="MR",
        )
        assert is_later_pass(late, early) is later


@pytest.mark.parametrize(
    ("keyword", "values"),
    [
        ("TriggerTime", ("0", "5000", "10000")),
        ("ContentTime", ("120000", "120010", "120100")),
        ("SeriesTime", ("12:00:00", "12:00:10", "12:01:00")),
        ("AcquisitionDateTime", ("20250101120000", "20250101120010", "20250101120100")),
        ("AcquisitionTime", ("120000", "120002", "120004")),
        ("ImageComments", ("phase 1", "phase 2", "phase 10")),
        ("SeriesDescription", ("Ph1/TRICKS", "Ph2/TRICKS", "Ph10/TRICKS")),
    ],
)
@pytest.mark.filterwarnings("ignore:Invalid value for VR")
def test_what_tells_the_passes_of_one_series_apart_tells_which_is_later(tmp_path, keyword, values):
    same = {"SeriesDate": "20250101", "AcquisitionTime": "120000", "series": "1.2", "frame": "1.3"}
    for place, value in enumerate(values):
        making.series(tmp_path, LEGS, modality="MR", prefix=str(place), **same | {keyword: value})
    passes = {one.path.name[0]: [one] for one in group(read_headers(sorted(tmp_path.iterdir())))}
    assert len(passes) == 3
    for early, late in ("01", "12", "02"):
        assert is_later_pass(passes[late], passes[early])
        assert not is_later_pass(passes[early], passes[late])


def test_what_does_not_grow_with_time_makes_no_pass(tmp_path):
    for place, text in enumerate(("70 keV", "40 keV")):
        making.series(
            tmp_path, LEGS, prefix=str(place), series="1.2", frame="1.3", ImageComments=text
        )
    one, other = group(read_headers(sorted(tmp_path.iterdir())))
    assert not is_later_pass([one], [other])
    assert not is_later_pass([other], [one])


def test_texts_sort_as_people_count():
    assert sorted(["phase 10", "phase 9", "phase"], key=by_number) == [
        "phase",
        "phase 9",
        "phase 10",
    ]
