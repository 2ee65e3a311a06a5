from __future__ import annotations

from pathlib import Path

from deepvein.screening.result_folders import ResultFolders
from deepvein.screening.results import results_at
from deepvein.screening.stored_results import StoredResults


def test_a_folder_or_a_url() -> None:
    for place in (Path("out"), "out", "file:///out"):
        found = results_at(place)
        assert isinstance(found, ResultFolders)
        assert found.out.name == "out"
    assert isinstance(results_at("s3://bucket/out"), StoredResults)
