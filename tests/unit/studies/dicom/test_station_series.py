import pytest

from deepvein.core.errors import GeometryError
from deepvein.studies.dicom import station_series
from deepvein.studies.dicom.files import read_headers
from deepvein.studies.dicom.series import group
from deepvein.studies.dicom.station_series import station_sets
from deepvein.studies.reading import read_study
from deepvein.volumes.grid import CORONAL
from unit.studies import making


def station(folder, number, height, description, spacing=1.5, when="1000", slices=4, **values):
    grid = making.grid_of((slices, 40, 12), (2.0, spacing, 1.5), (0, 0, height), directions=CORONAL)
    making.series(
        folder / f"{number}",
        grid,
        modality="MR",
        series=f"1.2.{number}",
        SeriesNumber=number,
        SeriesDescription=description,
        AcquisitionTime=when,
        **{"SeriesDate": "20250101"} | values,
    )


def sets(folder):
    found = group(read_headers(sorted(path for path in folder.rglob("*") if path.is_file())))
    return [
        ([one.text("SeriesNumber") for one in members], later)
        for members, later in station_sets(found)
    ]


def test_neighbours_with_names_of_levels_join_from_head_to_feet(tmp_path):
    for number, (height, level) in enumerate([(-100, "calves"), (0, "pelvis"), (-50, "thighs")]):
        station(tmp_path, number, height, f"t1 cor {level} {number}")
    assert sets(tmp_path) == [(["1", "2", "0"], 0)]


@pytest.mark.parametrize(
    ("names", "joined"),
    [
        (("fl3d_cor_top", "fl3d_cor_middle", "fl3d_cor_bottom"), True),
        (("1st station", "2nd station", "3rd station"), True),
        (("MRV femoral", "MRV popliteal", "MRV crural"), True),
        (("AngioS1", "AngioS2", "AngioS3"), True),
        (("fl3d pre", "fl3d ven", "fl3d art"), False),
        (("fl3d W dixon top", "fl3d F dixon top", "fl3d dixon in top"), False),
        (("fl3d_cor_sub", "fl3d_cor", "fl3d_cor_mip"), False),
        (("vibe thin left", "flash fs", "space"), False),
    ],
)
def test_levels_of_unknown_names_join_if_they_follow_one_another(tmp_path, names, joined):
    for number, name in enumerate(names):
        station(tmp_path, number, -50 * number, name, EchoTime=1.2 + 0.001 * number)
    assert (sets(tmp_path) == [(["0", "1", "2"], 0)]) is joined


def test_levels_of_unknown_names_do_not_join_over_a_gap_or_from_two_sequences(tmp_path):
    station(tmp_path / "gap", 1, 0, "t1 top")
    station(tmp_path / "gap", 2, -150, "t1 bottom")
    station(tmp_path / "sequence", 1, 0, "t1 top", EchoTime=1.2)
    station(tmp_path / "sequence", 2, -50, "t1 bottom", EchoTime=2.4)
    for name in ("gap", "sequence"):
        assert len(sets(tmp_path / name)) == 2


def test_the_same_place_again_is_the_next_pass(tmp_path):
    for number, height in enumerate([0, -50, 0, -50]):
        station(tmp_path, number, height, "t1 cor", when=f"100{number}")
    assert sets(tmp_path) == [(["0", "1"], 0), (["2", "3"], 1)]


@pytest.mark.parametrize(
    "name", ["t1 cor", "t1 cor repeat", "t1 cor REP", "t1 cor Wdh.", "t1 cor 2"]
)
def test_a_station_that_was_taken_again_takes_the_place_of_the_first(tmp_path, name):
    for number, height in enumerate([0, -50, -50, -100]):
        station(tmp_path, number, height, name if number == 2 else "t1 cor", when=f"100{number}")
    assert sets(tmp_path) == [(["1"], 0), (["0", "2", "3"], 1)]


def test_a_station_whose_repeat_was_broken_off_stays(tmp_path):
    for number, height in enumerate([0, -50, -50, -100]):
        slices = 3 if number == 2 else 4
        station(tmp_path, number, height, "t1 cor", when=f"100{number}", slices=slices)
    assert sets(tmp_path) == [(["2"], 0), (["0", "1", "3"], 1)]


@pytest.mark.parametrize("told", ["AcquisitionNumber", "ContentTime", "InstanceNumber"])
def test_a_station_that_was_taken_again_in_one_series_is_told(tmp_path, told):
    for number, height in enumerate([0, -50, -50, -100]):
        grid = making.grid_of((6, 40, 12), (2.0, 1.5, 1.5), (0, 0, height), directions=CORONAL)
        value = {told: number + 1} if told == "AcquisitionNumber" else {told: f"10000{number}"}
        many = making.datasets(
            grid, making.ramp(grid.shape, number), "MR", series="1.2", frame="1.3", study="1.4"
        )
        for index, one in enumerate(many):
            one.InstanceNumber = 6 * number + index + 1
            for keyword, text in value.items() if told != "InstanceNumber" else ():
                setattr(one, keyword, text)
        making.save_all(many, tmp_path, prefix=f"{number}s")
    study = read_study(tmp_path)
    assert study.volume.array.shape[1] > 100
    assert {path.name[0] for path in study.origin.paths} == {"0", "2", "3"}
    (remark,) = [one.text for one in study.remarks if one.code == "station-repeated"]
    assert "was left out, the later one" in remark


def test_what_differs_stays_apart(tmp_path):
    station(tmp_path, 1, 0, "t1 cor")
    station(tmp_path, 2, -50, "t2 cor")
    station(tmp_path, 3, -50, "t1 cor", spacing=1.0)
    station(tmp_path, 4, -50, "t1 cor", ContrastBolusAgent="Gd", DeviceSerialNumber="9")
    station(tmp_path, 5, -50, "t1 cor", DeviceSerialNumber="7")
    station(tmp_path, 6, -100, "t1 cor", DeviceSerialNumber="8")
    assert sorted(sets(tmp_path)) == [(["1", "5"], 0), *(([name], 0) for name in "2346")]


@pytest.mark.parametrize(
    ("odd", "usual"),
    [
        ({"ContrastBolusAgent": ""}, {"ContrastBolusAgent": "Gd"}),
        (
            {"ImageType": ["DERIVED", "PRIMARY", "M", "DIS2D"]},
            {"ImageType": ["ORIGINAL", "PRIMARY", "M", "ND"]},
        ),
    ],
)
def test_a_station_fills_a_gap_whatever_its_correction_but_no_pass_is_mixed(tmp_path, odd, usual):
    for number in range(3):
        station(tmp_path / "gap", number, -50 * number, "t1", **(odd if number == 1 else usual))
        for kind, values in enumerate((odd, usual)):
            if (kind, number) != (1, 1):
                station(tmp_path / "passes", 3 * kind + number, -50 * number, "t1", **values)
    assert sets(tmp_path / "gap") == [(["0", "1", "2"], 0)]
    assert sets(tmp_path / "passes") == [(["0", "1", "2"], 0), (["3", "5"], 0)]


@pytest.mark.parametrize("keyword", ["AcquisitionDate", "SeriesDate"])
def test_stations_of_another_day_stay_apart(tmp_path, keyword):
    station(tmp_path, 1, 0, "t1 cor 1", **{keyword: "20250101"})
    station(tmp_path, 2, -50, "t1 cor 2", **{keyword: "20250102"})
    station(tmp_path, 3, -100, "t1 cor 3", **{keyword: "20250302"})
    assert sorted(sets(tmp_path)) == [(["1", "2"], 0), (["3"], 0)]


def test_an_irregular_series_stays_alone(tmp_path):
    station(tmp_path, 1, 0, "t1 cor")
    station(tmp_path, 2, -50, "t1 cor")
    (tmp_path / "2" / "s001.dcm").unlink()
    (tmp_path / "2" / "s002.dcm").rename(tmp_path / "2" / "s001.dcm")
    (tmp_path / "2" / "s001.dcm").unlink()
    station(tmp_path, 3, 50, "t1 cor")
    (tmp_path / "3" / "s001.dcm").unlink()
    assert (["3"], 0) in sets(tmp_path)


def test_no_more_stations_than_allowed(tmp_path, monkeypatch):
    monkeypatch.setattr(station_series, "_MOST", 2)
    for number in range(3):
        station(tmp_path, number, -50 * number, "t1 cor")
    assert [len(members) for members, _ in sets(tmp_path)] == [2, 1]


def test_stations_with_finer_pixels_for_the_calves_join(tmp_path):
    station(tmp_path, 1, 0, "t1_corLegs_station1")
    station(tmp_path, 2, -50, "t1_corLegs_station2", spacing=1.3)
    assert sets(tmp_path) == [(["1", "2"], 0)]


def test_a_place_that_was_visited_once_belongs_to_the_last_pass(tmp_path):
    for number, height in enumerate([0, -50, 0, -50, -100]):
        station(tmp_path, number, height, "t1 cor", when=f"100{number}")
    assert sets(tmp_path) == [(["0", "1"], 0), (["2", "3", "4"], 1)]


def test_no_uid_orders_passes(tmp_path):
    for number in (2, 1):
        station(tmp_path, number, 0, "t1 cor", when="1000")
    assert sets(tmp_path) == [(["1"], 0), (["2"], 1)]


@pytest.mark.parametrize(
    ("names", "lost"),
    [
        (("t1 cor pelvis", "t1 cor thigh", "t1 cor calf"), True),
        (("t1_cor_Becken", "t1_cor_Oberschenkel", "t1_cor_Unterschenkel"), True),
        (("station 1 ven", "station 2 ven", "station 3 ven"), True),
        (("t1 cor 1", "t1 cor 2", "t1 cor 3"), False),
        (("t1 cor thigh 1", "t1 cor thigh 2", "t1 cor thigh 3"), False),
        (("t1 cor pelvis thigh", "t1 cor thigh", "t1 cor thigh"), False),
    ],
)
def test_stations_whose_place_along_the_body_was_lost_are_no_passes(tmp_path, names, lost):
    for number, name in enumerate(names):
        values = {"study": "1.1", "frame": "1.3"}
        station(tmp_path, number, 0, name, when=f"100{number}", **values)
    if lost:
        with pytest.raises(
            GeometryError, match=r"called after different parts .* lie at one place"
        ):
            read_study(tmp_path)
    else:
        assert "earlier-pass" in {remark.code for remark in read_study(tmp_path).remarks}


def test_a_station_that_was_called_wrongly_is_a_pass_where_others_lie_elsewhere(tmp_path):
    places = (("t1 cor pelvis", 0), ("t1 cor thigh", -50), ("t1 cor calf", -50))
    for number, (name, height) in enumerate(places):
        values = {"study": "1.1", "frame": "1.3"}
        station(tmp_path, number, height, name, when=f"100{number}", **values)
    study = read_study(tmp_path)
    assert "stations-merged" in {remark.code for remark in study.remarks}
