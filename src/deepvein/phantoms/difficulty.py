"""How hard the phantoms are to read: easy, clinical (the default of every setting) or hard."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Literal, TypeVar, get_args

from deepvein.core.errors import SettingsError
from deepvein.phantoms.implants.implants import ImplantSettings
from deepvein.phantoms.mimics.mimics import DistractorSettings
from deepvein.phantoms.phantom import PhantomSettings

Difficulty = Literal["easy", "clinical", "hard"]
NAMES: tuple[Difficulty, ...] = get_args(Difficulty)


def settings_at(difficulty: str) -> PhantomSettings:
    """The settings of a level; SettingsError for an unknown name.

    "easy" is what a textbook shows: well mixed contrast medium, long occlusive thrombi, nothing else
    wrong. "hard" is what a referral centre sends on: weak contrast, mixing in most veins, short and
    partial thrombi, and every imitator at twice its share.
    """
    if difficulty not in NAMES:
        raise SettingsError(f"unknown difficulty {difficulty!r} (known: {', '.join(NAMES)})")
    usual = PhantomSettings()
    if difficulty == "easy":
        return replace(
            usual,
            contrast=replace(
                usual.contrast,
                quality=(1.15, 0.06),
                artefacts=0.2 * usual.contrast.artefacts,
                poor_share=0.0,
                weak_side_share=0.0,
                weak_below_share=0.0,
                unopacified_share=0.0,
            ),
            disease=replace(usual.disease, short_share=0.0, calf_share=0.1, occlusive_share=0.85),
            distractors=_times(usual.distractors, 0.2),
            implants=_times(usual.implants, 0.0),
        )
    if difficulty == "hard":
        return replace(
            usual,
            contrast=replace(
                usual.contrast,
                quality=(0.85, 0.14),
                artefacts=2 * usual.contrast.artefacts,
                poor_share=0.2,
                weak_side_share=0.2,
                weak_below_share=0.25,
                unopacified_share=0.4,
            ),
            disease=replace(usual.disease, short_share=0.3, calf_share=0.4, occlusive_share=0.4),
            distractors=_times(usual.distractors, 2.0),
            implants=_times(usual.implants, 2.0),
            ct=replace(usual.ct, noise_hu=(11.0, 20.0), hardening=(1.0, 2.0), motion_share=0.3),
            mr=replace(usual.mr, vein_snr=(12.0, 24.0), fat_failure=0.6, motion_share=0.2),
        )
    return usual


T = TypeVar("T", DistractorSettings, ImplantSettings)


def _times(settings: T, factor: float) -> T:
    """All shares of `settings` times `factor`, at most 0.9."""
    shares = {field.name: getattr(settings, field.name) for field in fields(settings)}
    changed = {name: round(min(0.9, share * factor), 6) for name, share in shares.items()}
    return replace(settings, **changed)
