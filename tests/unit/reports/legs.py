"""Two small synthetic legs with veins and a thrombus, and a screening of them that is right."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from deepvein.anatomy.veins import Level, Side, VeinSegment
from deepvein.core.provenance import Provenance
from deepvein.findings.finding import Finding, Occlusion
from deepvein.findings.screening import OperatingPoint, Screening, Verdict
from deepvein.findings.shares import SegmentShare
from deepvein.inference.prediction import ModelIdentity, Prediction, Profile
from deepvein.studies.study import Format, Identity, Modality, Origin, Remark, SeriesSummary, Study
from deepvein.veins.tree import vein_tree
from deepvein.volumes.grid import AXIAL, CORONAL, Grid
from deepvein.volumes.volume import Volume

UID = "1.2.826.0.1.3680043.8.498."
MODEL = ModelIdentity("ct-veins", "0.1.0", "ab" * 32)
POINT = OperatingPoint("balanced", 0.4, 0.95, 0.9, "200 synthetic studies")
LEG_MM = 60.0
"""The legs' axes lie this far left and right of the midline."""


def axial_grid() -> Grid:
    return Grid.from_directions((30, 48, 80), (6.0, 4.0, 4.0), (-158.0, -94.0, -500.0), AXIAL)


def coronal_grid() -> Grid:
    return Grid.from_directions((24, 60, 80), (6.0, 4.0, 4.0), (-158.0, -70.0, -320.0), CORONAL)


def positions(grid: Grid) -> NDArray[np.float64]:
    """LPS position of each voxel, (slice, row, column, 3)."""
    return grid.to_world(np.argwhere(np.ones(grid.shape, dtype=bool))).reshape(*grid.shape, 3)


def vein(world: NDArray[np.float64]) -> NDArray[np.bool_]:
    """A vein of 8 mm radius in the middle of each leg."""
    return np.hypot(np.abs(world[..., 0]) - LEG_MM, world[..., 1]) < 8


def thrombus(world: NDArray[np.float64], side: Side = Side.LEFT) -> NDArray[np.bool_]:
    """The vein of one leg from z = -440 to -390 mm."""
    leg = world[..., 0] > 0 if side is Side.LEFT else world[..., 0] < 0
    return vein(world) & leg & (world[..., 2] > -440) & (world[..., 2] < -390)


def image(grid: Grid, modality: Modality, world: NDArray[np.float64]) -> Volume:
    leg = np.hypot(np.abs(world[..., 0]) - LEG_MM, world[..., 1]) < 50
    bone = np.hypot(np.abs(world[..., 0]) - LEG_MM - 20, world[..., 1] + 10) < 10
    air, muscle, bright, cortex, clot = (
        (-1000, 60, 140, 700, 50) if modality is Modality.CT else (5, 60, 300, 20, 40)
    )
    array = np.full(grid.shape, air, dtype=np.int16)
    array[leg] = muscle
    array[bone] = cortex
    array[vein(world)] = bright
    array[thrombus(world)] = clot
    return Volume(array, grid)


def finding(
    mask: NDArray[np.bool_], grid: Grid, number: int = 1, side: Side = Side.LEFT
) -> Finding:
    """The finding that a mask is; its segments are femoral and, for the lower third, popliteal."""
    indices = np.argwhere(mask)
    world = grid.to_world(indices)
    centre = world.mean(axis=0)
    middle = indices[np.linalg.norm(world - centre, axis=1).argmin()]
    volume = len(indices) * grid.voxel_volume_ml
    low, high = float(world[:, 2].min()), float(world[:, 2].max())
    return Finding(
        number=number,
        side=side,
        segments=(
            SegmentShare(VeinSegment.FEMORAL, volume * 2 / 3, (high - low) * 2 / 3),
            SegmentShare(VeinSegment.POPLITEAL, volume / 3, (high - low) / 3),
        ),
        level=Level.PROXIMAL,
        start_mm=low,
        end_mm=high,
        extent_mm=high - low + grid.spacing_mm[grid.body_axis],
        volume_ml=volume,
        diameter_mm=16.0,
        occlusion=Occlusion.OCCLUSIVE,
        occluded_fraction=0.97,
        probability=0.93,
        key_slice=int(middle[0]),
        key_point_mm=tuple(grid.to_world([middle])[0].tolist()),
        indices=indices,
        mean_intensity=50.0,
        tracking_uid=f"{UID}77.{number}",
    )


def prediction(grid: Grid, world: NDArray[np.float64], with_thrombus: bool) -> Prediction:
    veins = vein(world)
    clots = thrombus(world) & with_thrombus
    coarse = Grid.from_directions((40, 24, 40), (8.0, 8.0, 8.0), (-156.0, -92.0, -560.0), AXIAL)
    middle = positions(coarse)
    territory = np.where(middle[..., 2] > -420, VeinSegment.FEMORAL, VeinSegment.POPLITEAL)
    near = np.hypot(np.abs(middle[..., 0]) - LEG_MM, middle[..., 1]) < 24
    z = np.sort(grid.body_positions_mm())
    return Prediction(
        grid=grid,
        vein_probability=(veins * 240).astype(np.uint8),
        thrombus_probability=(clots * 230).astype(np.uint8),
        territories=Volume((territory * near).astype(np.uint8), coarse),
        profile=Profile(
            z, np.where((z > -440) & (z < -390) & with_thrombus, 0.9, 0.05).astype(np.float32)
        ),
        models=(MODEL,),
        device="cpu",
        seconds=1.5,
    )


def origin(grid: Grid) -> Origin:
    summary = SeriesSummary(
        uid=f"{UID}5",
        number="5",
        description="CTV legs",
        modality="CT",
        body_part="LEG",
        slices=grid.shape[0],
        rows=grid.shape[1],
        columns=grid.shape[2],
        spacing_mm=grid.spacing_mm,
        position_mm=(-500.0, -326.0),
        chosen=True,
        reason="the only series of the legs",
    )
    return Origin(Path("study"), Format.NIFTI, (), (), (summary,))


def screening(
    modality: Modality = Modality.CT,
    verdict: Verdict = Verdict.SUSPECTED,
    grid: Grid | None = None,
    origin_of: Origin | None = None,
    patient_name: str = "Phantom^One",
    synthetic: bool = True,
) -> Screening:
    """A screening whose one finding is exactly the thrombus, or that has none."""
    if grid is None:
        grid = axial_grid() if modality is Modality.CT else coronal_grid()
    world = positions(grid)
    found = verdict is Verdict.SUSPECTED
    study = Study(
        name="phantom-1",
        modality=modality,
        volume=image(grid, modality, world),
        identity=Identity(patient_id="P1", patient_name=patient_name, study_uid=f"{UID}1"),
        origin=origin_of or origin(grid),
        synthetic=synthetic,
    )
    remarks = (
        (Remark("no_veins", "No opacified deep veins were found.")),
        (Remark("coverage", "The calves are not covered.")),
    )
    said = prediction(grid, world, found)
    return Screening(
        study=study,
        prediction=said,
        tree=vein_tree(said, study),
        verdict=verdict,
        probability={Verdict.SUSPECTED: 0.96, Verdict.NOT_SUSPECTED: 0.08}.get(verdict),
        operating_point=POINT,
        findings=(finding(thrombus(world), grid),) if found else (),
        remarks=() if found else remarks,
        provenance=Provenance(
            "0.1.0", "3.11", "Linux", {"numpy": "2"}, ("deepvein", "screen"), "2025-01-01T00:00:00Z"
        ),
        seconds=2.25,
    )
