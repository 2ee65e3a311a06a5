import os
from dataclasses import fields, is_dataclass, replace

import numpy as np
import pytest

from deepvein.core.kept import Kept, Terms
from deepvein.findings.screening import OperatingPoint
from deepvein.laboratory.trials.kept_outcomes import kept_outcome
from deepvein.laboratory.trials.outcome import Outcome
from unit.laboratory.trials.outcomes import outcome
from unit.screening.tiny_models import write_reader


def assert_same(one, other):
    assert type(one) is type(other)
    if isinstance(one, np.ndarray):
        assert one.dtype == other.dtype
        np.testing.assert_array_equal(one, other)
    elif is_dataclass(one):
        for field in fields(one):
            assert_same(getattr(one, field.name), getattr(other, field.name))
    elif isinstance(one, tuple):
        assert len(one) == len(other)
        for a, b in zip(one, other, strict=True):
            assert_same(a, b)
    else:
        assert one == other


@pytest.mark.parametrize("has_dvt", [True, False])
def test_an_outcome_comes_back_as_it_was(tmp_path, has_dvt):
    made = outcome(3, has_dvt=has_dvt, found=False, false=2)
    made = replace(made, probability=None if has_dvt else 0.25)
    kept = Kept(tmp_path / "key.json", Outcome, Terms({}, {}))
    kept.save(made)
    assert_same(kept.load(), made)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["key.json", "key.npz"]


def test_the_name_changes_with_all_that_the_outcome_depends_on(
    tiny_bundle, cohort, tmp_path, monkeypatch
):
    def name(models, case):
        return kept_outcome(models, case, cohort, tmp_path).path.name

    first, second = cohort.cases
    key = name(tiny_bundle, first)
    assert key == name(tiny_bundle, first)
    assert key.startswith(f"{first.case}-")
    bundle = tiny_bundle.bundle
    other_point = replace(bundle, operating_point=OperatingPoint("other", 0.1, None, None, ""))
    other_detection = replace(bundle, detection=replace(bundle.detection, least_probability=0.4))
    keys = {
        key,
        name(tiny_bundle, second),
        name(tiny_bundle, replace(first, thrombi=second.thrombi)),
        name(replace(tiny_bundle, bundle=other_point), first),
        name(replace(tiny_bundle, bundle=other_detection), first),
    }
    assert len(keys) == 5
    # Another reader is another opinion.
    readers = set()
    for base in (2, 3):
        folder = write_reader(tmp_path / f"reader-{base}", base)
        reader = os.path.relpath(folder, tiny_bundle.folder)
        readers.add(name(replace(tiny_bundle, bundle=replace(bundle, reader=reader)), first))
    assert len(readers | {key}) == 3
    # What a bundle says of itself changes no outcome.
    renamed = replace(tiny_bundle, bundle=replace(bundle, summary="Other words."))
    assert name(renamed, first) == key
    # Another version does not either, another generation does.
    monkeypatch.setattr("deepvein._version.__version__", "99")
    assert name(tiny_bundle, first) == key
    monkeypatch.setattr("deepvein.screening.screen.GENERATION", 99)
    assert name(tiny_bundle, first) != key
