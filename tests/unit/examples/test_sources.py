from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from deepvein.cohorts.moments import training_moments
from deepvein.examples.patches import PatchExamples
from deepvein.examples.settings import NormalisationSettings
from deepvein.examples.slices import SliceExamples
from deepvein.examples.sources import open_source, prepare
from unit.cohorts.tiny_cohort import make


def test_training_measures_its_own_moments(tmp_path: Path) -> None:
    cohort = make(tmp_path, n=2)
    settings = SliceExamples(size=(20, 28), normalisation=NormalisationSettings(kind="standardise"))
    source = open_source(cohort, settings, 0, 2, training=True)
    assert source.moments == training_moments(cohort)
    unneeded = open_source(cohort, PatchExamples(), 0, 2, training=True)
    assert unneeded.moments is None


def test_preparing_tells_how_far_it_is(tmp_path: Path) -> None:
    cohort = make(tmp_path, n=2)
    steps: list[tuple[str, int, int]] = []
    prepare(cohort, PatchExamples(), lambda *step: steps.append(step))
    assert steps == [("indexing cases", n, 2) for n in range(3)]
    assert len(list((cohort.cache / "index").iterdir())) == 2


def test_kinds_are_listed_without_torch() -> None:
    code = (
        "import sys, deepvein.examples.sources as s; print(len(s.SOURCES), 'torch' in sys.modules)"
    )
    found = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout
    assert found.split() == ["5", "False"]
