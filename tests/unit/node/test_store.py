from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deepvein.node.store import Store, safe_name


def test_a_uid_is_a_name_as_it_is():
    assert safe_name("1.2.840.10008") == "1.2.840.10008"


@pytest.mark.parametrize("odd", ["", ".", "..", "../../etc", "a/b", "1/2", "1.2\0", "x" * 300])
def test_anything_else_is_hashed(odd):
    name = safe_name(odd)
    assert name.startswith("x")
    assert name.isalnum()


@settings(max_examples=30)
@given(st.text(max_size=80), st.text(max_size=80))
def test_no_uid_leads_out_of_the_folder_and_different_ones_differ(one, other):
    root = Path("/node")
    path = Store(root).instance(one, other, one)
    assert path.resolve().is_relative_to(root / "studies")
    assert len(path.relative_to(root).parts) == 4
    assert (safe_name(one) == safe_name(other)) is (one == other)


def test_paths_of_the_database_move_with_the_folder(tmp_path):
    store = Store(tmp_path)
    kept = store.relative(store.result("1.2", 3))
    assert kept == "results/1.2/3"
    assert Store(tmp_path / "elsewhere").absolute(kept) == tmp_path / "elsewhere/results/1.2/3"
