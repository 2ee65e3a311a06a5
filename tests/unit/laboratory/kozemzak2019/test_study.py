from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from deepvein.core.errors import UsageError
from deepvein.laboratory.kozemzak2019.profiles import PROFILES, Profile, Training
from deepvein.laboratory.kozemzak2019.step_actions import Study
from deepvein.laboratory.kozemzak2019.study import Kozemzak2019
from deepvein.laboratory.reproduction import reproduce
from deepvein.laboratory.steps import Standing
from deepvein.training.machine import Machine

_SHORT = Training(steps=2, epochs=1, batch=4, rate=1e-3)
TINY = replace(
    PROFILES.get("quick"),
    name="tiny",
    studies=14,
    patients=12,
    matrix=64,
    size=32,
    slices=((25.0, 25.0, 1.0),),
    width=0.06,
    segmenter=_SHORT,
    segmenter_3d=_SHORT,
    classifier=_SHORT,
    classifier_3d=_SHORT,
    pretext=_SHORT,
    pretext_studies=2,
    folds=2,
    trials=1,
    draws=20,
    stride=6,
    precision="32-true",
    seed=2,  # which leaves a thrombus to see in each part, for all that the few pixels swallow
)
MACHINE = Machine(device="cpu", workers=0)


def run(
    out: Path, models: tuple[str, ...], profile: Profile = TINY, stop_after_s: float | None = None
) -> Standing:
    study = Study(profile, out, machine=MACHINE)
    return reproduce(Kozemzak2019.of(study, models), stop_after_s=stop_after_s)


@pytest.mark.slow
def test_the_whole_study_in_parts(tmp_path: Path) -> None:
    """Interrupted at once, then two models, then two more: what is finished is never repeated."""
    begun = run(tmp_path, ("vgg", "resnet18-masks"), stop_after_s=0.0)
    assert not begun.complete
    page = tmp_path / "index.html"
    assert "Not finished" in page.read_text()
    some = run(tmp_path, ("vgg", "resnet18-masks"))
    assert some.complete
    time = (tmp_path / "models/vgg/model.safetensors").stat().st_mtime_ns
    more = run(tmp_path, ("vgg", "resnet18", "resnet18-fold-0", "resnet18-fold-1"))
    assert more.complete
    assert (tmp_path / "models/vgg/model.safetensors").stat().st_mtime_ns == time
    text = page.read_text()
    for words in ("Table 1", "Table 2", "Figure 3", "Figure 7", "Synthetic data", "Published",
                  "not a medical device", "own phantoms"):  # fmt: skip
        assert words.lower() in text.lower(), words
    for name in ("table-1", "table-2", "claims", "beyond", "balance"):
        assert (tmp_path / "tables" / f"{name}.csv").exists(), name
    for name in ("figure-2", "figure-3", "figure-4", "figure-7"):
        assert (tmp_path / "figures" / f"{name}.png").exists(), name
    with pytest.raises(UsageError, match="other settings"):
        run(tmp_path, ("vgg",), replace(TINY, draws=21))
