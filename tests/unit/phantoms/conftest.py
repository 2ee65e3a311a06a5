"""Small phantoms that several tests look at; made once."""

from __future__ import annotations

import pytest

from deepvein.phantoms.ct.scanner import CtSettings
from deepvein.phantoms.mr import MrSettings
from deepvein.phantoms.phantom import Phantom, PhantomSettings, render, sample
from deepvein.studies.study import Modality

SMALL = PhantomSettings(
    ct=CtSettings(matrix=192, thickness_mm=15.0, planes=2, coverage="whole", kvp=120),
    mr=MrSettings(row_mm=8.0, column_mm=3.0, slice_mm=5.0),
)


@pytest.fixture(scope="session")
def settings() -> PhantomSettings:
    return SMALL


@pytest.fixture(scope="session")
def ct_phantom() -> Phantom:
    return render(sample(6, Modality.CT, True, SMALL))


@pytest.fixture(scope="session")
def mr_phantom() -> Phantom:
    return render(sample(6, Modality.MR, True, SMALL))
