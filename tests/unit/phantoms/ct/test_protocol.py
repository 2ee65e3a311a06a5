from __future__ import annotations

import pytest

from deepvein.core.errors import SettingsError
from deepvein.core.settings import from_dict, to_dict
from deepvein.phantoms.ct.protocol import CENTRES, CtSettings


def test_three_centres_differ_in_all_that_matters() -> None:
    assert set(CENTRES) == {"A", "B", "C"}
    for name in ("slices", "kvps", "noise_hu", "fov_range_mm", "fit", "kernels", "tables"):
        values = [getattr(profile, name) for profile in CENTRES.values()]
        assert len(set(values)) >= 2, name
    for name in ("storages", "delay_s", "manufacturer", "model", "slices", "kvps"):
        assert len({getattr(profile, name) for profile in CENTRES.values()}) == 3, name
    assert all("synthetic" in profile.model for profile in CENTRES.values())


@pytest.mark.parametrize("settings", [CtSettings(), *CENTRES.values()])
def test_settings_survive_json_and_a_whole_study_has_a_sensible_number_of_slices(
    settings: CtSettings,
) -> None:
    assert from_dict(CtSettings, to_dict(settings)) == settings
    weight = sum(w for _, _, w in settings.slices)
    # An adult of 175 cm is scanned over about 1,040 mm.
    mean = sum(1040 / step * w for _, step, w in settings.slices) / weight
    assert 180 < mean < 420
    assert all(0.5 <= step / thick <= 1.5 for thick, step, _ in settings.slices)


def test_the_default_mixture_averages_250_to_350_slices() -> None:
    slices = CtSettings().slices
    mean = sum(1040 / step * w for _, step, w in slices) / sum(w for _, _, w in slices)
    assert 250 < mean < 350
    assert {thick for thick, _, _ in slices} >= {1.0, 2.0, 3.0, 5.0}


@pytest.mark.parametrize(
    "wrong",
    [
        {"kvp": 90},
        {"kvps": ((90, 1.0),)},
        {"coverage": "arm"},
        {"matrix": 8},
        {"thickness_mm": -1.0},
        {"planes": 0},
        {"kernels": (("bone", 1.0),)},
        {"tables": (("round", 1.0),)},
        {"storages": (("float 32", 1.0),)},
        {"arms_share": 1.1},
        {"metal": (2.0, 1.0)},
    ],
)
def test_settings_out_of_range_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(SettingsError, match=next(iter(wrong))):
        CtSettings(**wrong)  # type: ignore[arg-type]
