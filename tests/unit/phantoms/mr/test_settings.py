from __future__ import annotations

import pytest

from deepvein.core.errors import SettingsError
from deepvein.core.settings import from_dict, to_dict
from deepvein.phantoms.mr.centres import CENTRES
from deepvein.phantoms.mr.settings import RESOLUTIONS_MM, MrSettings


@pytest.mark.parametrize(
    "wrong",
    [
        {"stations": 0},
        {"row_mm": 0.0},
        {"coverage": (2.0, 1.0)},
        {"flip_angle_deg": -5.0},
        {"wrap_share": 1.2},
        {"pulsation": (0.2, 0.1)},
        {"bias": (0.2, 1.1)},
        {"softness": (0.1, 0.4)},
        {"field_t": 7.0},
        {"early_share": 0.6, "late_share": 0.6},
    ],
)
def test_settings_out_of_range_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(SettingsError, match=next(iter(wrong))):
        MrSettings(**wrong)  # type: ignore[arg-type]


def test_the_defaults_are_the_published_protocol() -> None:
    s = MrSettings()
    assert (s.field_t, s.repetition_time_ms, s.echo_time_ms, s.flip_angle_deg) == (
        1.5,
        3.17,
        1.13,
        25.0,
    )
    paper = s.at("paper")
    assert (paper.row_mm, paper.column_mm, paper.slice_mm) == (0.75, 0.55, 0.6)
    assert s.at("fast") == s


def test_an_unknown_resolution_lists_the_known_ones() -> None:
    with pytest.raises(SettingsError, match=", ".join(RESOLUTIONS_MM)):
        MrSettings().at("finest")


@pytest.mark.parametrize("centre", list(CENTRES))
def test_centres_go_through_files(centre: str) -> None:
    assert from_dict(MrSettings, to_dict(CENTRES[centre])) == CENTRES[centre]
