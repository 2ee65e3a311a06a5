"""Real legs beside synthetic ones."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from deepvein.core.errors import CohortError
from deepvein.drawing.journal import figure, style
from deepvein.laboratory.phantom_audit.figures import picture, save_gallery
from deepvein.laboratory.phantom_audit.gallery import shown_values
from deepvein.laboratory.phantom_audit.sections import nearest, sections_of
from deepvein.laboratory.phantom_audit.settings import AuditSettings
from deepvein.laboratory.phantom_audit.studies import orders
from deepvein.phantoms.shapes.tube import Pixels32
from deepvein.studies.nifti import is_nifti, read_nifti
from deepvein.volumes.grid import Grid
from deepvein.volumes.resample import resample
from deepvein.volumes.volume import Volume

LEVELS = (
    ("calf", 0.65),
    ("knee", 0.93),
    ("lower thigh", 1.25),
    ("thigh", 1.65),
    ("hip", 2.0),
)
"""Where the last five stations of a study from foot to hip lie."""
_LEAST_SECTIONS = 24
_PIXEL_MM = 1.5
_SIZE = (144, 264)


def real_pictures(folder: Path) -> list[Pixels32]:
    """(rows, columns) the middle axial sections of the folder's NIfTI images that show both legs.

    In order of the files' names, feet first by habit. Raises CohortError where there are none.
    """
    found = []
    for path in sorted(folder.iterdir()) if folder.is_dir() else []:
        if is_nifti(path):
            volume = read_nifti(path)
            if volume.grid.shape[0] > _LEAST_SECTIONS:
                found.append(_middle(volume))
    if len(found) < len(LEVELS):
        raise CohortError(
            f"{folder} holds {len(found)} NIfTI images of more than {_LEAST_SECTIONS} sections; "
            f"{len(LEVELS)} stations are needed, named in order from the feet up"
        )
    return found[-len(LEVELS) :]


def _middle(volume: Volume) -> Pixels32:
    """The middle section, front up and the patient's right on the left, cut to the legs' middle."""
    grid = volume.grid
    x, y, z = grid.to_world([[(size - 1) / 2 for size in grid.shape]])[0].tolist()
    rows, columns = _SIZE
    origin = (x - _PIXEL_MM * (columns - 1) / 2, y - _PIXEL_MM * (rows - 1) / 2, z)
    plane = Grid.from_directions((1, rows, columns), (1.0, _PIXEL_MM, _PIXEL_MM), origin)
    image = Volume(volume.array.astype(np.float32), grid)
    middle: Pixels32 = resample(image, plane).array[0].astype(np.float32)
    return middle


def real_gallery(settings: AuditSettings, folder: Path, out: Path, credit: str) -> Path:
    """One picture: the real legs above, three phantoms of the same levels below."""
    real = real_pictures(folder)
    with style():
        fig = figure(180, 96)
        grid = fig.subplots(4, len(LEVELS), squeeze=False)
        for axes, image, (name, _) in zip(grid[0], real, LEVELS, strict=True):
            picture(axes, image, 0, float(np.percentile(image, 99.7)))
            axes.set_title(name)
        grid[0, 0].set_ylabel("real", fontweight="bold")
        for row, order in zip(grid[1:], orders(settings), strict=False):
            scenario = order.scenario()
            sections = sections_of(scenario)
            row[0].set_ylabel(f"phantom\n{order.name}")
            for axes, (_, t) in zip(row, LEVELS, strict=True):
                z = float(scenario.frame.z(t))
                section = sections.section(nearest(sections.heights_mm, z))
                image = section.crop(section.picture, 0.0, 15.0, _SIZE, _PIXEL_MM)
                low, high = shown_values(section)
                picture(axes, image, low, high)
        fig.supxlabel(credit, fontsize=6.5)
        return save_gallery(fig, out, f"{settings.name}-real")
