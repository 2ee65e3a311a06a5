"""All pictures of an audit, drawn anew only when the generator changed."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from deepvein.core.kept import Kept, Terms
from deepvein.core.progress import Progress
from deepvein.laboratory.phantom_audit import gallery
from deepvein.laboratory.phantom_audit.audit import RESULTS
from deepvein.laboratory.phantom_audit.page import PICTURES
from deepvein.laboratory.phantom_audit.real import real_gallery
from deepvein.laboratory.phantom_audit.settings import AuditSettings
from deepvein.phantoms.plan import GENERATOR
from deepvein.studies.study import Modality

GENERATION = 1
"""Raised when the same phantoms are drawn in another way."""


@dataclass(frozen=True)
class Drawn:
    """What the pictures show."""

    titles: tuple[str, ...]


def draw_galleries(
    settings: AuditSettings, folder: Path, progress: Progress, real: Path | None, credit: str
) -> None:
    """Axial and straightened views in `folder`/pictures, and real legs beside MR phantoms with `real`."""
    pictures = folder / PICTURES

    def draw() -> Drawn:
        shown = gallery.examples(settings)
        gallery.axial_gallery(settings, shown, pictures, progress)
        gallery.straightened_gallery(settings, shown, pictures, progress)
        return Drawn(tuple(example.title for example in shown))

    terms = Terms.of({"phantoms": GENERATOR, "gallery": GENERATION}, settings.on_one_worker)
    Kept(folder / RESULTS / settings.name / "gallery.json", Drawn, terms).get(draw)
    if real is not None and settings.modality is Modality.MR:
        real_gallery(settings, real, pictures, credit)
