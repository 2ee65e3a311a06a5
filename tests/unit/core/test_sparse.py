from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from deepvein.core.sparse import make_sparse, stored_bytes


@given(size=st.integers(0, 30_000), places=st.lists(st.integers(0, 29_999), max_size=6))
def test_a_file_reads_as_before(
    tmp_path_factory: pytest.TempPathFactory, size: int, places: list[int]
) -> None:
    data = np.zeros(size, dtype=np.uint8)
    data[[place for place in places if place < size]] = 7
    path = tmp_path_factory.mktemp("holes") / "file"
    path.write_bytes(data.tobytes())
    make_sparse(path)
    assert path.read_bytes() == data.tobytes()
    assert [each.name for each in path.parent.iterdir()] == ["file"]


@pytest.mark.skipif(sys.platform != "linux", reason="file systems of Linux leave holes out")
def test_zeros_take_no_space(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"\0" * 2**22 + b"x" * 4096)
    make_sparse(path)
    assert path.stat().st_size == 2**22 + 4096
    assert stored_bytes(path) <= 2**16
    # What the system says may come late, but never exceeds the size.
    (tmp_path / "full").write_bytes(b"x" * 100)
    assert stored_bytes(tmp_path / "full") <= 100
