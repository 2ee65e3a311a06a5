"""Three centres a modality: hospitals whose scanners, protocols and contrast timing differ."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, replace
from typing import TypeVar, cast

from deepvein.core.errors import SettingsError
from deepvein.core.seeds import generator
from deepvein.phantoms import mr
from deepvein.phantoms.contrast.contrast import ContrastSettings
from deepvein.phantoms.ct import scanner
from deepvein.phantoms.ct.scanner import CtSettings
from deepvein.phantoms.mr import MrSettings
from deepvein.phantoms.shapes import draw
from deepvein.studies.study import Modality

NAMES = ("A", "B", "C")

_USUAL = ContrastSettings()

CONTRAST: dict[str, ContrastSettings] = {
    "A": _USUAL,
    # A short delay: more unmixed blood, more studies taken too early.
    "B": replace(_USUAL, quality=(0.92, 0.12), artefacts=1.4 * _USUAL.artefacts),
    # A long delay and less iodine: weaker, but evenly mixed.
    "C": replace(_USUAL, quality=(0.86, 0.10), artefacts=0.8 * _USUAL.artefacts),
}
"""Opacification by centre (M)."""

_PROFILES: dict[type, Mapping[str, object]] = {
    CtSettings: scanner.CENTRES,
    MrSettings: mr.CENTRES,
    ContrastSettings: CONTRAST,
}

T = TypeVar("T", CtSettings, MrSettings, ContrastSettings)


def centre_of(seed: int, wanted: str = "") -> str:
    """The centre of an examination: `wanted`, or one of NAMES drawn evenly from the seed."""
    if wanted:
        if wanted not in NAMES:
            raise SettingsError(f"unknown centre {wanted!r} (known: {', '.join(NAMES)})")
        return wanted
    return draw.choose(generator(seed, "centre"), NAMES, (1.0, 1.0, 1.0))


def at_centre(settings: T, centre: str) -> T:
    """The centre's profile; what `settings` sets other than its class's default wins over it."""
    profile = cast(T, _PROFILES[type(settings)][centre])
    default = type(settings)()
    chosen = {
        f.name: getattr(settings, f.name)
        for f in fields(settings)
        if getattr(settings, f.name) != getattr(default, f.name)
    }
    return replace(profile, **chosen)


def modalities() -> dict[Modality, dict[str, CtSettings] | dict[str, MrSettings]]:
    """All profiles, for tables."""
    return {Modality.CT: scanner.CENTRES, Modality.MR: mr.CENTRES}
