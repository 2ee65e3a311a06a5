"""Each single file of a small study is damaged, removed or replaced: no result may leave that unsaid."""

from __future__ import annotations

import pytest
from pydicom.uid import RLELossless, generate_uid

from deepvein.core.errors import DeepveinError
from deepvein.studies.account import Fate
from deepvein.studies.inspection import inspect
from deepvein.studies.reading import read_study
from unit.studies import making

COUNT = 6
GRID = making.grid_of((COUNT, 6, 7))
UIDS = {"study": "1.2.3", "series": "1.2.3.1", "frame": "1.2.3.9"}


def images(**values):
    told = UIDS | {"ImagesInAcquisition": COUNT, "ContrastBolusAgent": "I"} | values
    return making.datasets(GRID, making.ramp(GRID.shape), **told)


@pytest.fixture(params=["plain", "compressed"])
def folder(request, tmp_path):
    """Six slices, with a page of text and a note beside them."""
    many = images()
    for one in many:
        if request.param == "compressed":
            one.file_meta = None
            making.save(one, tmp_path / "whole.dcm")
            one.compress(RLELossless)
    syntax = RLELossless if request.param == "compressed" else making.ExplicitVRLittleEndian
    making.save_all(many, tmp_path / "study", syntax=syntax)
    (tmp_path / "study" / "notes.txt").write_text("Legs, venous phase.")
    return tmp_path / "study"


def cut(share):
    return lambda path: path.write_bytes(path.read_bytes()[: int(share * path.stat().st_size)])


def written(content):
    return lambda path: path.write_bytes(content)


def swapped(path, **values):
    """Another image, of the same place unless told otherwise, under the name of this one."""
    made = images(**values)[int(path.stem[1:])]
    making.save(made, path)


def report(path):
    made = images()[0]
    made.SOPClassUID, made.Modality = "1.2.840.10008.5.1.4.1.1.88.11", "SR"
    del made.PixelData
    making.save(made, path)


DAMAGE = {
    "emptied": written(b""),
    "cut in its preamble": cut(0.1),
    "cut in its header": cut(0.5),
    "cut at its pixels": lambda path: path.write_bytes(
        path.read_bytes().partition(b"\xe0\x7f\x10\x00")[0]
    ),
    "cut in its pixels": lambda path: path.write_bytes(path.read_bytes()[:-10]),
    "of zeros": lambda path: path.write_bytes(bytes(path.stat().st_size)),
    "of noise": written(bytes(range(7, 256)) * 8),
    "of text": written(b"no image at all, but text " * 20),
    "another study": lambda path: swapped(path, study="1.2.4", series="1.2.4.1"),
    "another patient": lambda path: swapped(path, PatientID="P2", PatientName="Other^One"),
    "another series": lambda path: swapped(path, series="1.2.3.2", SeriesNumber=2),
    "another kernel": lambda path: swapped(path, ConvolutionKernel="Br69"),
    "another frame of reference": lambda path: swapped(path, frame="1.2.3.8"),
    "a report": report,
    "a copy of its neighbour": lambda path: path.write_bytes(
        path.with_name(f"s{(int(path.stem[1:]) + 1) % COUNT:03d}.dcm").read_bytes()
    ),
    "a link to nowhere": lambda path: (path.unlink(), path.symlink_to("gone"))[0],
}


def answer(folder):
    """What is read, or the refusal."""
    try:
        return read_study(folder)
    except DeepveinError as refused:
        return str(refused)


@pytest.mark.parametrize("index", range(COUNT))
@pytest.mark.parametrize("what", DAMAGE)
def test_a_file_that_is_not_as_it_should_be_is_named(folder, what, index):
    path = folder / f"s{index:03d}.dcm"
    DAMAGE[what](path)
    seen = answer(folder)
    if isinstance(seen, str):
        assert path.name in seen
        return
    # A slice at an end that goes on in place and number is of the same scan, whatever its UID.
    joined = what == "another series"
    used = COUNT if joined else COUNT - 1
    assert seen.volume.array.shape[0] == used
    said = "2 series, pieces of one row of slices, were joined" if joined else path.name
    assert any(said in remark.text for remark in seen.remarks)
    fates = {record.name: record.fate for record in seen.origin.files}
    assert list(fates.values()).count(Fate.USED) == used
    assert len(fates) == COUNT + 1


@pytest.mark.parametrize("index", range(COUNT))
def test_a_file_that_is_gone_is_missed(folder, index):
    (folder / f"s{index:03d}.dcm").unlink()
    seen = answer(folder)
    if isinstance(seen, str):
        assert "1 slice(s) are missing" in seen
        return
    assert index in (0, COUNT - 1)
    (remark,) = [one for one in seen.remarks if one.code == "missing-ends"]
    assert "count 6 images in the acquisition, 5 are here" in remark.text


def test_a_whole_study_has_nothing_to_remark(folder):
    study = read_study(folder)
    assert study.remarks == ()
    fates = {record.name: record.fate for record in study.origin.files}
    assert [fates.pop(f"s{index:03d}.dcm") for index in range(COUNT)] == [Fate.USED] * COUNT
    assert fates == {"notes.txt": Fate.NO_IMAGE}


@pytest.mark.parametrize("what", ["emptied", "cut in its header", "of noise", "of zeros"])
def test_a_study_that_is_damaged_as_a_whole_is_listed_file_by_file(folder, what):
    for path in folder.glob("*.dcm"):
        DAMAGE[what](path)
    with pytest.raises(DeepveinError, match=r"s000\.dcm cannot be used: .*; nor can 5 more"):
        read_study(folder)
    seen = inspect(folder)
    assert not seen.screenable
    assert [record.fate for record in seen.files].count(Fate.UNREADABLE) == COUNT


def test_several_series_and_studies_are_accounted_for(tmp_path):
    folder = making.save_all(images(), tmp_path)
    scout = images(series="1.2.3.2", SeriesDescription="scout")[:2]
    for one in scout:
        one.PixelData = one.PixelData[::-1]
    making.save_all(scout, folder, "t")
    making.save_all(images(study=generate_uid(), series="1.9")[:1], folder, "u")
    study = read_study(tmp_path.with_name(f"{tmp_path.name}#1.2.3"))
    records = {record.name: record for record in study.origin.files}
    assert records["t001.dcm"].fate is Fate.OTHER_SERIES
    assert "scout" in records["t001.dcm"].why
    assert records["u000.dcm"].fate is Fate.OTHER_STUDY
    assert any("u000.dcm" in remark.text for remark in study.remarks)
