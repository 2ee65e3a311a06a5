"""Two legs drawn from formulae, on any grid: what `find` and `assess` must say about them is known."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np

from deepvein.anatomy.veins import Side, VeinSegment
from deepvein.findings.assessment import Assessment, assess
from deepvein.findings.detection import find
from deepvein.findings.finding import Finding
from deepvein.inference.prediction import ModelIdentity, Prediction, Profile
from deepvein.studies.study import Format, Identity, Modality, Origin, Study
from deepvein.veins.naming import Naming
from deepvein.veins.side import midline
from deepvein.veins.tree import vein_tree
from deepvein.volumes.grid import CORONAL, Grid
from deepvein.volumes.volume import Volume

VEIN_X_MM = 95.0
VEIN_RADIUS_MM = 7.0
TOP_MM = 600.0
AIR, MUSCLE, BLOOD, CLOT = -1000, 55, 120, 50


@dataclass(frozen=True)
class Tube:
    """A thrombus in the main vein of one side, from start to end along z."""

    side: Side = Side.LEFT
    start_mm: float = 300.0
    end_mm: float = 400.0
    radius_mm: float = VEIN_RADIUS_MM
    probability: float = 0.9

    def mirrored(self) -> Tube:
        side = Side.RIGHT if self.side is Side.LEFT else Side.LEFT
        return Tube(side, self.start_mm, self.end_mm, self.radius_mm, self.probability)


@dataclass(frozen=True)
class Legs:
    """Calf below 200 mm, knee to 300, thigh to 500, pelvis above; the midline lies at LPS x `centre_mm`."""

    thrombi: tuple[Tube, ...] = ()
    centre_mm: float = 0.0
    right: bool = True
    left: bool = True
    blood: tuple[int, int] = (BLOOD, BLOOD)
    legs: bool = True
    veins: bool = True

    def study(self, grid: Grid, modality: Modality = Modality.CT, name: str = "legs") -> Study:
        x, y, z = points(grid)
        array = np.full(grid.shape, AIR, dtype=np.int16)
        for sign in self._signs:
            centre = self.centre_mm + sign * VEIN_X_MM
            array[(x - centre) ** 2 + y**2 < 80.0**2] = MUSCLE
        if self.right and self.left:
            array[((x - self.centre_mm) / 190) ** 2 + (y / 110) ** 2 < (z > 480)] = MUSCLE
        for sign in self._signs:
            array[self._vein(grid, sign, VEIN_RADIUS_MM)] = self.blood[int(sign > 0)]
        for tube in self.thrombi:
            array[self._tube(grid, tube)] = CLOT
        if modality is Modality.MR:
            array = np.where(array == AIR, 10, np.where(array == MUSCLE, 100, array * 2)).astype(
                np.int16
            )
        return Study(
            name=name,
            modality=modality,
            volume=Volume(array, grid),
            identity=Identity(study_uid="1.2.3"),
            origin=Origin(Path(name), Format.DICOM, ()),
            synthetic=True,
        )

    def prediction(self, grid: Grid) -> Prediction:
        vein = np.zeros(grid.shape, dtype=np.uint8)
        thrombus = np.zeros(grid.shape, dtype=np.uint8)
        if self.veins:
            for sign in self._signs:
                vein[self._vein(grid, sign, VEIN_RADIUS_MM)] = 240
        for tube in self.thrombi:
            thrombus[self._tube(grid, tube)] = round(255 * tube.probability)
        territories = self.territories(grid)
        positions = np.sort(grid.body_positions_mm())
        suspicious = [any(t.start_mm <= z <= t.end_mm for t in self.thrombi) for z in positions]
        return Prediction(
            grid=grid,
            vein_probability=vein,
            thrombus_probability=thrombus,
            territories=territories,
            profile=Profile(positions, np.where(suspicious, 0.9, 0.05).astype(np.float32)),
            models=(ModelIdentity("formula", "1", "0" * 64),),
            device="cpu",
            seconds=0.0,
        )

    def territories(self, grid: Grid, spacing_mm: float = 10.0) -> Volume:
        low, high = grid.corners_mm.min(axis=0), grid.corners_mm.max(axis=0)
        shape = np.ceil((high - low)[::-1] / spacing_mm).astype(int)
        coarse = Grid.from_directions(tuple(shape), (spacing_mm,) * 3, low + spacing_mm / 2)
        array = np.zeros(coarse.shape, dtype=np.uint8)
        if self.legs:
            z = points(coarse)[2]
            array[:] = np.select(
                [z < 200, z < 300, z < 500],
                [VeinSegment.POSTERIOR_TIBIAL, VeinSegment.POPLITEAL, VeinSegment.FEMORAL],
                VeinSegment.EXTERNAL_ILIAC,
            )
        return Volume(array, coarse)

    def mirrored(self) -> Legs:
        return Legs(
            tuple(tube.mirrored() for tube in self.thrombi),
            -self.centre_mm,
            self.left,
            self.right,
            self.blood[::-1],
            self.legs,
            self.veins,
        )

    @property
    def _signs(self) -> list[int]:
        return [-1] * self.right + [1] * self.left

    def _vein(self, grid: Grid, sign: int, radius_mm: float) -> np.ndarray:
        x, y, _ = points(grid)
        return (x - self.centre_mm - sign * VEIN_X_MM) ** 2 + y**2 < radius_mm**2

    def _tube(self, grid: Grid, tube: Tube) -> np.ndarray:
        sign = 1 if tube.side is Side.LEFT else -1
        z = points(grid)[2]
        inside = (z >= tube.start_mm) & (z <= tube.end_mm)
        return inside & self._vein(grid, sign, tube.radius_mm)


def naming_in(prediction: Prediction, study: Study) -> Naming:
    return Naming(prediction.territories, midline(study))


def findings_in(prediction: Prediction, study: Study, **options: object) -> tuple[Finding, ...]:
    return find(prediction, study, vein_tree(prediction, study), **options)


def assessed(
    study: Study,
    prediction: Prediction,
    findings: tuple[Finding, ...],
    *options: object,
    **more: object,
) -> Assessment:
    return assess(study, prediction, vein_tree(prediction, study), findings, *options, **more)


@lru_cache(maxsize=4)
def points(grid: Grid) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """LPS x, y, z of every voxel centre."""
    index = np.indices(grid.shape).reshape(3, -1).T
    x, y, z = grid.to_world(index).T.reshape(3, *grid.shape)
    return x, y, z


def axial(
    spacing_mm: tuple[float, float, float] = (10.0, 4.0, 4.0), bottom_mm: float = 0.0
) -> Grid:
    """Axial slices of 480 x 240 mm from `bottom_mm` to 600 mm."""
    shape = (
        round((TOP_MM - bottom_mm) / spacing_mm[0]),
        round(240 / spacing_mm[1]),
        round(480 / spacing_mm[2]),
    )
    first = (
        -240 + spacing_mm[2] / 2,
        -120 + spacing_mm[1] / 2,
        bottom_mm + spacing_mm[0] / 2,
    )
    return Grid.from_directions(shape, spacing_mm, first)


def coronal() -> Grid:
    """Coronal slices of 480 x 600 mm over 240 mm, 8 mm apart."""
    return Grid.from_directions((30, 120, 120), (8, 5, 4), (-238, -116, 597.5), CORONAL)
