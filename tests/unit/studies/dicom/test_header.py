import os
import time
from pathlib import Path

import numpy as np
import pytest

from deepvein.studies.dicom.frame import Instance
from deepvein.studies.dicom.header import Header, read_header
from unit.studies import making


def one_slice(**values):
    grid = making.grid_of((1, 6, 7))
    return making.datasets(grid, making.ramp(grid.shape), **values)[0]


def test_pixels_that_are_fractions_are_not_called_cut(tmp_path):
    made = one_slice()
    del made.PixelData
    made.BitsAllocated = 32
    made.FloatPixelData = np.zeros(42, np.float32).tobytes()
    header = read_header(making.save(made, tmp_path / "a"))
    assert not header.usable
    assert "floating-point numbers" in header.trouble


def test_values_that_cannot_be_read_count_as_absent(tmp_path):
    made = one_slice()
    del made.RescaleSlope, made.StudyInstanceUID
    made.PixelSpacing = [1.0, 1.0]
    path = making.save(made, tmp_path / "a")
    raw = path.read_bytes()
    assert raw.count(b"1.0\\1.0 ") == 1
    path.write_bytes(raw.replace(b"1.0\\1.0 ", b"one\\two "))
    header = read_header(path)
    assert header.study_uid == ""
    assert header.frames[0].spacing is None
    assert header.frames[0].slope is None


def test_what_is_not_dicom_is_none(tmp_path):
    for name, content in [("a", b""), ("b", b"text" * 100), ("c", b"\x08\x00" * 100)]:
        (tmp_path / name).write_bytes(content)
        assert read_header(tmp_path / name) is None


def test_what_cannot_be_opened_says_why(tmp_path):
    (tmp_path / "link").symlink_to(tmp_path / "gone")
    assert read_header(tmp_path / "link").trouble == "it is a link to a file that is not there"
    assert "No such file" in read_header(tmp_path / "gone").trouble


def test_what_calls_itself_dicom_and_is_not_is_damaged(tmp_path):
    for content in (b"", b"\x02\x00\x10\x00junk", bytes(50)):
        (tmp_path / "a").write_bytes(bytes(128) + b"DICM" + content)
        header = read_header(tmp_path / "a")
        assert header.trouble.startswith(("it is damaged", "its header is damaged"))
        assert not header.usable


def test_a_file_cut_anywhere_is_read_or_none_but_never_an_error(tmp_path):
    raw = making.save(one_slice(), tmp_path / "a").read_bytes()
    rng = np.random.default_rng(0)
    for length in rng.integers(0, len(raw), 60):
        (tmp_path / "b").write_bytes(raw[:length])
        read_header(tmp_path / "b")
    for _ in range(60):
        changed = bytearray(raw)
        for place in rng.integers(128, len(raw) - 84, 5):
            changed[place] = rng.integers(256)
        (tmp_path / "b").write_bytes(changed)
        read_header(tmp_path / "b")


def test_a_header_is_read_once_until_its_file_changes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.dcm"
    looks: list[Path] = []
    monkeypatch.setattr(
        "deepvein.studies.dicom.header._read",
        lambda path, _: looks.append(path) or Header(Instance(path, sop_class=f"1.{len(looks)}")),
    )

    def written(age_s: float) -> Header | None:
        path.write_bytes(b"\0" * 128 + b"DICM" + b"\0" * 64)
        then = time.time() - age_s
        os.utime(path, (then, then))
        return read_header(path)

    assert written(60) == read_header(path)
    assert len(looks) == 1
    assert written(30) != Header(Instance(path, sop_class="1.1"))
    assert len(looks) == 2
    # A file that was written just now may change without its time telling.
    written(0)
    read_header(path)
    assert len(looks) == 4
