"""All pictures of an audit, drawn anew only when the generator changed."""

from __future__ import annotations

from pathlib import Path

from deepvein.core.files import write_text
from deepvein.core.progress import Progress
from deepvein.laboratory.phantom_audit import gallery, measurements
from deepvein.laboratory.phantom_audit.page import PICTURES
from deepvein.laboratory.phantom_audit.real import real_gallery
from deepvein.laboratory.phantom_audit.settings import AuditSettings
from deepvein.studies.study import Modality


def draw_galleries(
    settings: AuditSettings, folder: Path, progress: Progress, real: Path | None, credit: str
) -> None:
    """Axial and straightened views in `folder`/pictures, and real legs beside MR phantoms with `real`."""
    pictures = folder / PICTURES
    stamp = folder / "results" / settings.name / "gallery.txt"
    digest = measurements.gallery_digest()
    if not stamp.is_file() or stamp.read_text(encoding="utf-8").strip() != digest:
        shown = gallery.examples(settings)
        gallery.axial_gallery(settings, shown, pictures, progress)
        gallery.straightened_gallery(settings, shown, pictures, progress)
        write_text(stamp, digest + "\n")
    if real is not None and settings.modality is Modality.MR:
        real_gallery(settings, real, pictures, credit)
