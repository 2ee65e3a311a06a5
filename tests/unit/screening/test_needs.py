"""A guess at memory from the sizes of files."""

from __future__ import annotations

from pathlib import Path

from deepvein.screening.needs import BASE_BYTES, needed_bytes


def test_more_and_packed_files_need_more(tmp_path: Path) -> None:
    assert needed_bytes(tmp_path) == needed_bytes(tmp_path / "gone.nii") == BASE_BYTES
    for number in range(2):
        (tmp_path / f"{number}.dcm").write_bytes(b"0" * 1000)
    plain = needed_bytes(tmp_path) - BASE_BYTES
    (tmp_path / "image.nii.gz").write_bytes(b"0" * 1000)
    packed = needed_bytes(tmp_path / "image.nii.gz") - BASE_BYTES
    assert 2000 < plain < packed * 2
    assert needed_bytes(tmp_path) == BASE_BYTES + plain + packed
