from __future__ import annotations

import numpy as np
import pytest

from deepvein.anatomy.tissues import BLOOD_T1_GADOLINIUM_MS, TISSUES, Tissue
from deepvein.phantoms.mr.palette import (
    FatPalette,
    MrPalette,
    T2Palette,
    fat_ratio,
    gadolinium_mmol,
)
from deepvein.phantoms.mr.settings import MrSettings


def vein(palette: MrPalette | T2Palette, enhancement: float = 1.0) -> float:
    return float(palette.blood(np.array([[enhancement]], dtype=np.float32))[0, 0])


@pytest.mark.parametrize("flip_angle", [12.0, 15.0])
def test_contrast_is_the_derived_one(flip_angle: float) -> None:
    """Vein to muscle 2.0 to 2.3, acute thrombus to muscle near 1, chronic near 0.7, vein to thrombus 1.9
    to 3.4, all at TR 4 ms."""
    settings = MrSettings(repetition_time_ms=4.0, flip_angle_deg=flip_angle)
    palette = MrPalette(settings, 0.9)
    muscle = palette.tissue(Tissue.MUSCLE)
    acute, chronic = palette.clot(True, 0), palette.clot(False, 0)
    assert 2.0 < vein(palette) / muscle < 2.35
    assert acute / muscle == pytest.approx(1.0, abs=0.06)
    assert chronic / muscle == pytest.approx(0.7, abs=0.06)
    assert 1.9 < vein(palette) / acute < vein(palette) / chronic < 3.4


def test_the_published_protocol_has_a_little_more_contrast() -> None:
    palette = MrPalette(MrSettings(), 0.9)
    assert vein(palette) == pytest.approx(900, rel=1e-3)
    assert 2.2 < vein(palette) / palette.tissue(Tissue.MUSCLE) < 2.7
    assert palette.clot(True, 2) < palette.clot(True, 0) < palette.clot(True, -1)


def test_more_contrast_is_brighter_and_none_is_dark() -> None:
    palette = MrPalette(MrSettings(), 0.9)
    signal = palette.blood(np.linspace(0, 4, 40, dtype=np.float32)[None])[0]
    assert (np.diff(signal) > 0).all()
    assert signal[0] < 0.35 * vein(palette)


def test_concentration_adds_to_the_relaxation_rate() -> None:
    plain = TISSUES[Tissue.BLOOD].t1_ms
    rate = 1 / plain + gadolinium_mmol(1.0) * 4.5 / 1000
    assert 1 / rate == pytest.approx(BLOOD_T1_GADOLINIUM_MS)
    assert gadolinium_mmol(0) == 0


def test_fat_suppression_darkens_fat_alone() -> None:
    weak, strong = MrPalette(MrSettings(), 0.0), MrPalette(MrSettings(), 0.95)
    assert strong.tissue(Tissue.FAT) < 0.1 * weak.tissue(Tissue.FAT)
    assert strong.tissue(Tissue.MUSCLE) == weak.tissue(Tissue.MUSCLE)


@pytest.mark.parametrize("kind", [MrPalette, T2Palette])
def test_fat_that_escapes_makes_up_for_what_was_suppressed(
    kind: type[MrPalette] | type[T2Palette],
) -> None:
    suppressed, plain = kind(MrSettings(), 0.9), kind(MrSettings(), 0.0)
    fat = FatPalette(suppressed)
    for tissue in Tissue:
        whole = suppressed.tissue(tissue) + 0.9 * fat.tissue(tissue)
        assert whole == pytest.approx(plain.tissue(tissue), abs=1e-4)
    assert not fat.blood(np.ones((2, 2), dtype=np.float32)).any()
    assert fat.clot(True, 0.5) == 0
    assert fat_ratio(suppressed, suppressed) == 1


def test_in_t2_fluid_is_brightest_and_fresh_thrombus_brighter_than_old() -> None:
    palette = T2Palette(MrSettings(), 0.9)
    values = {tissue: palette.tissue(tissue) for tissue in Tissue}
    brightest = sorted(values, key=lambda tissue: -values[tissue])
    assert set(brightest[:2]) == {Tissue.FLUID, Tissue.SYNOVIAL_FLUID}
    assert values[Tissue.FLUID] == pytest.approx(1200)
    assert values[Tissue.OEDEMA] > 4 * values[Tissue.MUSCLE]
    muscle, acute, chronic = values[Tissue.MUSCLE], palette.clot(True, 0), palette.clot(False, 0)
    assert acute > 2 * chronic
    assert acute > 3 * muscle
    assert 1 < chronic / muscle < 2.5
    assert values[Tissue.FAT] < 0.5 * acute


def test_flowing_blood_is_void_in_t2() -> None:
    palette = T2Palette(MrSettings(), 0.9)
    assert vein(palette, 0.0) == 0
    assert vein(palette, 1.0) == vein(palette, 3.0) == pytest.approx(palette.tissue(Tissue.BLOOD))


def test_at_3_t_t1_is_longer_so_that_gadolinium_shows_more() -> None:
    low, high = MrPalette(MrSettings(), 0.9), MrPalette(MrSettings(field_t=3.0), 0.9)
    ratio = [vein(p) / p.tissue(Tissue.MUSCLE) for p in (low, high)]
    assert ratio[1] > ratio[0]
