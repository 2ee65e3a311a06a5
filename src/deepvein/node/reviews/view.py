"""What the page shows of a result: images that a browser can hold, marks, and the leg from the front.

A browser turns volumes to the right, the front and the head by itself, and draws in that order. So that the
voxel drawn is the voxel stored, all that it gets lies in that order already: `RAS_ORDER`. Positions in
`View.plain` are LPS millimetres as everywhere.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from deepvein.core.errors import UsageError
from deepvein.core.files import whole_folder
from deepvein.drawing.windows import window_for
from deepvein.findings.screening import Screening
from deepvein.node.reviews.marks import Marks
from deepvein.reports.masks import thrombus_labels, vein_mask
from deepvein.reports.projection import body
from deepvein.studies.nifti import nifti_header
from deepvein.veins.straightened import PIXEL_MM, ROW_MM, line_through, straighten
from deepvein.volumes.grid import Grid
from deepvein.volumes.orient import orient
from deepvein.volumes.resample import block_mean
from deepvein.volumes.volume import Volume

GENERATION = 3
"""Raised when the same screening comes to other files of a view."""

RAS_ORDER = np.array([[0.0, 0.0, -1.0], [0.0, -1.0, 0.0], [1.0, 0.0, 0.0]])
"""Directions of slice, row and column: to the head, the front and the right."""

MOST_VOXELS = 12_000_000
"""Of a review volume: 24 MB, which a browser with a graphics card shows in a second or two."""

PREVIEW_VOXELS = 1_000_000
"""Of what is seen until a large review volume is there, by any browser in a second."""

PREVIEW_FROM = 3_000_000
"""Review volumes of more voxels have a preview."""

LONGEST = 2048
"""Voxels along an axis: the limit of most browsers' textures, beyond which the viewer shows wrong slices."""

_DTYPE, _HEADER = "<i2", 352
IMAGE, REVIEW, PREVIEW, OVERVIEW, ABOUT = (
    "image.nii", "review.nii", "preview.nii", "overview.png", "view.json"
)  # fmt: skip
MARKS = ("veins", "thrombi")
REVIEW_MARKS, PREVIEW_MARKS = "{}-review.gz", "{}-preview.gz"
"""The marks of the reduced volumes, one byte a voxel, packed as they are sent."""
STRAIGHT = "straight-{}.bin"
"""Of each finding whose vein is known: (plane, row, column) stored values as 16 bits, then labels as bytes."""


@dataclass(frozen=True)
class View:
    """The prepared files of one result, in their folder."""

    folder: Path
    plain: dict[str, Any]

    @cached_property
    def grid(self) -> Grid:
        """Of the full image, in `RAS_ORDER`."""
        return Grid(tuple(self.plain["shape"]), np.array(self.plain["affine"]))

    @property
    def steps(self) -> tuple[int, int, int]:
        """Voxels that one of the review volume stands for along each axis; (1, 1, 1) if it is the image."""
        slices, rows, columns = self.plain["steps"]
        return slices, rows, columns

    @property
    def preview_steps(self) -> tuple[int, int, int] | None:
        """Likewise of the preview; None where the review volume is small enough to come first."""
        if self.plain["preview"] is None:
            return None
        slices, rows, columns = self.plain["preview"]
        return slices, rows, columns

    def reduced_file(self, preview: bool = False) -> Path:
        """The review volume as NIfTI, or the preview if there is one."""
        if preview and self.preview_steps is not None:
            return self.folder / PREVIEW
        return self.folder / (IMAGE if self.steps == (1, 1, 1) else REVIEW)

    def slab(self, first: int, last: int) -> bytes:
        """Slices from `first` to before `last` in full resolution, as NIfTI."""
        first, last = self.check_slab(first, last)
        shape = self.grid.shape
        stored = np.memmap(self.folder / IMAGE, _DTYPE, "r", offset=_HEADER, shape=shape)
        grid = self.grid.crop((first, 0, 0), (last, shape[1], shape[2]))
        header = nifti_header(grid, _DTYPE, self.plain["slope"], self.plain["intercept"])
        return header + stored[first:last].tobytes()

    def check_slab(self, first: int, last: int) -> tuple[int, int]:
        """Both again; UsageError if they are no slices of the image."""
        if not 0 <= first < last <= self.grid.shape[0]:
            raise UsageError(
                f"the image has the slices 0 to {self.grid.shape[0] - 1}, got {first} to before {last}"
            )
        return first, last

    def marks(self, kind: str) -> Marks:
        """The voxels of "veins" (1) or "thrombi" (the finding's number), as the software found them."""
        return Marks.load(self.folder / f"{kind}.npz")

    def reduced_marks(self, kind: str, preview: bool = False) -> bytes:
        """Likewise on the grid of `reduced_file`, one byte a voxel, gzip-compressed."""
        name = PREVIEW_MARKS if preview and self.preview_steps is not None else REVIEW_MARKS
        return (self.folder / name.format(kind)).read_bytes()

    def straight_file(self, number: int) -> Path | None:
        """The straightened vein of a finding (`STRAIGHT`); None where its vein is not known."""
        path = self.folder / STRAIGHT.format(number)
        return path if path.is_file() else None


def load_view(folder: Path) -> View | None:
    """The view that was prepared in `folder`, None if there is none or an earlier release made it."""
    path = folder / ABOUT
    if not path.is_file():
        return None
    plain = json.loads(path.read_text(encoding="utf-8"))
    return View(folder, plain) if plain.get("generation") == GENERATION else None


def prepare(screening: Screening, folder: Path) -> View:
    """Write the view of a screening into `folder`; one that is there is replaced."""
    volume = orient(screening.study.volume, RAS_ORDER)
    steps = reduction(volume.grid, MOST_VOXELS)
    preview = _preview(volume.grid, steps)
    slope, intercept = _scale(volume.array)
    with whole_folder(folder, private=True, replace=True) as made:
        _write(volume, made / IMAGE, slope, intercept)
        if steps != (1, 1, 1):
            _write(block_mean(volume, steps), made / REVIEW, slope, intercept)
        if preview is not None:
            _write(block_mean(volume, preview), made / PREVIEW, slope, intercept)
        for kind, array in zip(
            MARKS, (vein_mask(screening), thrombus_labels(screening)), strict=True
        ):
            marks = Marks.of(orient(Volume(array, screening.study.volume.grid), RAS_ORDER).array)
            marks.save(made / f"{kind}.npz")
            (made / REVIEW_MARKS.format(kind)).write_bytes(packed(marks.reduced(steps)))
            if preview is not None:
                small = packed(marks.reduced(preview))
                (made / PREVIEW_MARKS.format(kind)).write_bytes(small)
        front = body(screening.study)
        (made / OVERVIEW).write_bytes(_png(front.grey))
        window = window_for(volume, screening.study.modality)
        plain = {
            "generation": GENERATION,
            "shape": list(volume.grid.shape),
            "affine": volume.grid.affine.tolist(),
            "spacing_mm": list(volume.grid.spacing_mm),
            "steps": list(steps),
            "preview": None if preview is None else list(preview),
            "slope": slope,
            "intercept": intercept,
            "grid": _digest(screening, volume.grid),
            "window": [window.low, window.high],
            "overview_mm": list(front.extent_mm),
            "veins": _courses(screening),
            "straight": _straight(screening, made, slope, intercept),
        }
        (made / ABOUT).write_text(json.dumps(plain), encoding="utf-8")
    return View(folder, plain)


def packed(labels: NDArray[np.uint8]) -> bytes:
    """Labels as they are sent: nearly all of them are 0, so that little effort is enough."""
    return gzip.compress(labels.tobytes(), compresslevel=1, mtime=0)


def reduction(grid: Grid, most: int) -> tuple[int, int, int]:
    """By which whole numbers (slice, row, column) a grid is reduced to at most `most` voxels and LONGEST
    along each axis, its voxels as nearly cubic as can be."""
    steps = np.ones(3, int)
    shape, spacing = np.array(grid.shape), np.array(grid.spacing_mm)
    steps = np.maximum(steps, -(-shape // LONGEST))
    while np.prod(np.maximum(1, shape // steps), dtype=np.int64) > most:
        steps[int(np.argmin(steps * spacing))] += 1
    slices, rows, columns = steps.tolist()
    return slices, rows, columns


def _preview(grid: Grid, steps: tuple[int, int, int]) -> tuple[int, int, int] | None:
    if np.prod(np.array(grid.shape) // steps, dtype=np.int64) <= PREVIEW_FROM:
        return None
    return reduction(grid, PREVIEW_VOXELS)


def _scale(array: NDArray[Any]) -> tuple[float, float]:
    """Slope and intercept under which the values fit into 16 bits; 1 and 0 where whole numbers do."""
    low, high = float(array.min()), float(array.max())
    if np.issubdtype(array.dtype, np.integer) and low >= -32768 and high <= 32767:
        return 1.0, 0.0
    slope = max((high - low) / 65535, 1e-12)
    return slope, low + 32768 * slope


def _write(volume: Volume, path: Path, slope: float, intercept: float) -> None:
    with path.open("wb") as file:
        file.write(nifti_header(volume.grid, _DTYPE, slope, intercept))
        for plane in volume.array:
            stored = plane if (slope, intercept) == (1.0, 0.0) else (plane - intercept) / slope
            if not np.issubdtype(stored.dtype, np.integer):
                stored = np.clip(np.rint(stored), -32768, 32767)
            file.write(np.ascontiguousarray(stored, dtype=_DTYPE).tobytes())


def _digest(screening: Screening, grid: Grid) -> str:
    """Tells apart what a browser draws on: another study, or other images of it, have another one."""
    identity = screening.study.identity.study_uid or screening.study.name
    text = json.dumps([identity, list(grid.shape), grid.affine.round(4).tolist()])
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def _courses(screening: Screening) -> list[dict[str, Any]]:
    if screening.tree is None:
        return []
    return [
        {
            "name": course.segment.term.name,
            "side": course.side.value,
            "points_mm": course.points_mm.round(1).tolist(),
        }
        for course in screening.tree.courses
    ]


def _straight(
    screening: Screening, folder: Path, slope: float, intercept: float
) -> dict[str, dict[str, Any]]:
    """Write the straightened vein of each finding, and say by its number how to read it."""
    told: dict[str, dict[str, Any]] = {}
    if screening.tree is None:
        return told
    image = screening.study.volume
    labels = Volume(thrombus_labels(screening), image.grid)
    for finding in screening.findings:
        line = line_through(screening.tree, image.grid.to_world(finding.indices))
        if line is None:
            continue
        made = straighten(image, labels, line)
        stored = np.clip(np.rint((made.values - intercept) / slope), -32768, 32767)
        path = folder / STRAIGHT.format(finding.number)
        path.write_bytes(stored.astype(_DTYPE).tobytes() + made.labels.tobytes())
        told[str(finding.number)] = {
            "shape": list(made.values.shape),
            "row_mm": ROW_MM,
            "pixel_mm": PIXEL_MM,
            "points_mm": made.points_mm.round(1).tolist(),
        }
    return told


def _png(grey: NDArray[np.float32]) -> bytes:
    from matplotlib.image import imsave

    buffer = io.BytesIO()
    imsave(buffer, grey, cmap="gray", vmin=0.0, vmax=1.0, format="png")
    return buffer.getvalue()
