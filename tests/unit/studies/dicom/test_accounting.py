from deepvein.studies.account import Fate
from deepvein.studies.dicom.accounting import file_records, file_remarks, odd_files
from deepvein.studies.dicom.contents import contents
from deepvein.studies.dicom.selection import choose
from deepvein.studies.dicom.series import group
from unit.studies import making


def account(folder):
    """(records, remarks, odd files) of the first study in a folder."""
    inside = contents(folder)
    examination = inside.examinations[0]
    found = group(examination.headers)
    choice = choose(found)
    records = file_records(inside, examination, choice.decisions)
    remarks = file_remarks(inside, examination, found, choice.chosen.series)
    told = {remark.code: remark.text for remark in remarks}
    return {one.name: one for one in records}, told, odd_files(inside, examination)


def test_a_clean_study_has_records_alone(tmp_path):
    making.series(tmp_path)
    records, remarks, odd = account(tmp_path)
    assert {one.fate for one in records.values()} == {Fate.USED}
    assert (len(records), remarks, odd) == (5, {}, "")


def test_what_is_left_out_is_named(tmp_path):
    uids = {"study": "1.1", "series": "1.2", "frame": "1.3"}
    making.series(tmp_path, **uids)
    one = making.grid_of((1, 6, 7))
    making.series(tmp_path, one, prefix="kernel", ConvolutionKernel="Br69", **uids)
    making.series(tmp_path, one, prefix="other", study="1.9")
    other = making.ramp(one.shape, 7)
    making.series(tmp_path, one, other, prefix="alone", study="1.1", frame="1.3")
    report = making.datasets(one, making.ramp(one.shape), study="1.1")[0]
    report.SOPClassUID = "1.2.840.10008.5.1.4.1.1.88.11"
    making.save(report, tmp_path / "report")
    (tmp_path / "s009.dcm").write_bytes(b"")
    records, remarks, odd = account(tmp_path)
    assert records["kernel000.dcm"].fate is Fate.OTHER_SERIES
    assert "kernel Br69" in records["kernel000.dcm"].why
    assert records["other000.dcm"].why == "study 1.9"
    assert records["alone000.dcm"].fate is Fate.OTHER_SERIES
    assert (records["report"].fate, records["report"].why) == (
        Fate.NO_IMAGE,
        "Basic Text SR Storage",
    )
    assert records["s009.dcm"].why == "it is empty"
    assert remarks["mixed-series"].endswith("(kernel Br69) and were left out: kernel000.dcm")
    assert remarks["other-study"] == "1 file(s) belong to another study: other000.dcm"
    assert remarks["no-images"].endswith("(Basic Text SR Storage): report")
    assert remarks["damaged-files"].startswith("left out, as damaged: s009.dcm (it is empty)")
    for name in ("s009.dcm", "report", "other000.dcm", "alone000.dcm"):
        assert name in odd


def test_every_second_slice_and_an_archive_beside_are_told(tmp_path):
    making.series(tmp_path, making.grid_of((10, 6, 7)), study="1.1", series="1.2", frame="1.3")
    for number in range(1, 10, 2):
        (tmp_path / f"s{number:03d}.dcm").unlink()
    (tmp_path / "rest.zip").write_bytes(b"PK")
    _, remarks, _ = account(tmp_path)
    assert "go by 2" in remarks["missing-between"]
    assert remarks["archive-beside"].endswith("were not opened: rest.zip")


def test_files_of_a_place_without_a_study_are_listed_all_the_same(tmp_path):
    (tmp_path / "a.dcm").write_bytes(b"")
    (record,) = file_records(contents(tmp_path), None)
    assert (record.name, record.fate) == ("a.dcm", Fate.UNREADABLE)


def test_a_file_of_which_some_frames_are_used_says_how_many(tmp_path):
    grid = making.grid_of(directions=making.CORONAL)
    made = making.enhanced(grid, making.ramp(grid.shape, 0))
    scout = making.grid_of((2, 6, 7))
    for index, group_ in enumerate(made.PerFrameFunctionalGroupsSequence[4:]):
        turned = making.Dataset()
        turned.ImageOrientationPatient = [*scout.directions[:, 2], *scout.directions[:, 1]]
        group_.PlaneOrientationSequence = [turned]
        group_.PlanePositionSequence[0].ImagePositionPatient = [0, 0, 10 * index]
    making.save(made, tmp_path / "a")
    records, _, _ = account(tmp_path)
    assert (records["a"].fate, records["a"].why) == (Fate.USED, "4 of its frames")
