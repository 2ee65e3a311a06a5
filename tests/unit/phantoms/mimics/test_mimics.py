from __future__ import annotations

from dataclasses import fields, replace

import numpy as np
import pytest

from deepvein.core.errors import SettingsError
from deepvein.phantoms.mimics.mimics import Distractors, DistractorSettings, sample_distractors
from deepvein.phantoms.person.frame import Frame
from deepvein.phantoms.person.population import sample_person
from deepvein.phantoms.vessels.vascular_tree import grow

PERSON = replace(sample_person(1), age_years=70.0)
FRAME = Frame(PERSON)
VESSELS = grow(FRAME)
NAMES = [field.name for field in fields(DistractorSettings)]
NONE = DistractorSettings(**dict.fromkeys(NAMES, 0.0))
ALL = DistractorSettings(**dict.fromkeys(NAMES, 1.0))


def draw(settings: DistractorSettings, seed: int = 5) -> Distractors:
    return sample_distractors(seed, PERSON, FRAME, VESSELS, settings)


def shape(distractors: Distractors) -> set[str]:
    """Everything that was drawn, as text."""
    out = {f"{m.name} {m.tubes[0].nodes.tolist()}" for m in distractors.masses}
    out |= {f"{p.artery.name} {p.low_mm} {p.open_share}" for p in distractors.plaques}
    out |= {f"catheter {c.tube.nodes.tolist()}" for c in distractors.catheters}
    out |= {repr(c) for c in distractors.compressions} | {repr(o) for o in distractors.oedema}
    names = set(VESSELS.by_name)
    out |= {str(v.tube.nodes.tolist()) for v in distractors.vessels.all if v.name not in names}
    return out


def test_nothing_is_drawn_without_shares_and_everything_with_all() -> None:
    assert shape(draw(NONE)) == set()
    assert [v.name for v in draw(NONE).vessels.all] == [v.name for v in VESSELS.all]
    every = draw(ALL)
    assert every.masses
    assert every.plaques
    assert every.catheters
    assert len(every.compressions) == 2
    assert len(every.oedema) == 3
    assert len(every.vessels.all) > len(VESSELS.all)


@pytest.mark.parametrize("name", [n for n in NAMES if n not in ("plaque", "arterial_occlusion")])
def test_switching_one_off_leaves_the_others_as_they_were(name: str) -> None:
    every, less = shape(draw(ALL)), shape(draw(replace(ALL, **{name: 0.0})))
    assert less < every
    alone = shape(draw(replace(NONE, **{name: 1.0})))
    assert alone | less == every


def test_shares_are_met_over_a_population() -> None:
    drawn = [draw(DistractorSettings(), seed) for seed in range(100)]
    cysts = np.mean([any(m.name == "cyst" for m in d.masses) for d in drawn])
    iliac = np.mean([any(c.vessel == "left common iliac" for c in d.compressions) for d in drawn])
    swollen = np.mean([bool(d.oedema) for d in drawn])
    assert 0.03 < cysts < 0.15
    assert 0.15 < iliac < 0.36
    assert swollen == pytest.approx(1 - (1 - 0.18) * (1 - 0.28), abs=0.12)


def test_shares_out_of_range_are_refused() -> None:
    with pytest.raises(SettingsError, match="catheter"):
        DistractorSettings(catheter=1.2)
