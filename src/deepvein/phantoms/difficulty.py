"""How hard the phantoms are to read: easy, clinical (the default of every setting) or hard."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal, get_args

from deepvein.core.errors import SettingsError
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
            contrast=replace(usual.contrast, quality=(1.15, 0.06), poor_share=0.0, artefacts=0.3),
            disease=replace(usual.disease, short_share=0.0, calf_share=0.1, occlusive_share=0.85),
        )
    if difficulty == "hard":
        return replace(
            usual,
            contrast=replace(
                usual.contrast,
                quality=(0.85, 0.14),
                poor_share=0.2,
                artefacts=2 * usual.contrast.artefacts,
            ),
            disease=replace(usual.disease, short_share=0.3, calf_share=0.4, occlusive_share=0.4),
        )
    return usual
