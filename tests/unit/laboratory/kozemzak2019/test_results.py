from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from deepvein.core.errors import CohortError
from deepvein.evaluation.pixels import PixelTally
from deepvein.laboratory.kozemzak2019.results import (
    SegmentationResults,
    SliceResults,
    SliceRow,
    StudyPixels,
    averaged,
)


def slices(shift: float = 0.0, cases: int = 3) -> SliceResults:
    return SliceResults(
        tuple(
            SliceRow(f"c{case}", f"p{case // 2}", "test", n, 0.1 * n + shift, n % 2, n % 2, 0.0)
            for case in range(cases)
            for n in range(4)
        )
    )


def pixels(exact: bool = True) -> SegmentationResults:
    rng = np.random.default_rng(0)
    out = []
    for number, split in enumerate(("train", "test", "test")):
        tally = PixelTally.of(
            rng.integers(0, 65_536, (4, 8, 8)).astype(np.uint16), rng.random((4, 8, 8)) < 0.1
        )
        out.append(StudyPixels(f"c{number}", f"p{number}", split, tally, tally if exact else None))
    return SegmentationResults(tuple(out))


def test_slices_come_back_from_disk(tmp_path: Path) -> None:
    assert SliceResults.load(tmp_path) is None
    made = slices()
    made.save(tmp_path)
    back = SliceResults.load(tmp_path)
    assert back is not None
    assert [row.case for row in back.rows] == [row.case for row in made.rows]
    np.testing.assert_allclose(back.probability, made.probability)
    assert back.knows_artefacts


@pytest.mark.parametrize("exact", [True, False])
def test_pixels_come_back_from_disk(tmp_path: Path, exact: bool) -> None:
    assert SegmentationResults.load(tmp_path) is None
    made = pixels(exact)
    for study in made.studies:
        study.save(tmp_path)
    made.write_table(tmp_path)
    assert len((tmp_path / "studies.csv").read_text().splitlines()) == 4
    back = SegmentationResults.load(tmp_path)
    assert back is not None
    assert back.knows_exact is exact
    np.testing.assert_array_equal(back.counts(), made.counts())
    assert back.of("test").patients == ("p1", "p2")
    if not exact:
        with pytest.raises(CohortError, match="exact truth"):
            back.counts("exact")


def test_an_ensemble_averages_what_all_have_judged() -> None:
    mean = averaged([slices(0.0), slices(0.2, cases=2)])
    assert len(mean.rows) == 8
    assert mean.probability[:4].tolist() == pytest.approx([0.1, 0.2, 0.3, 0.4])
    assert averaged([slices()]).probability.tolist() == pytest.approx(slices().probability.tolist())
    with pytest.raises(CohortError, match="one model"):
        averaged([])
