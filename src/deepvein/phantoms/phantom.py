"""Synthetic legs: sample a scenario, render it with its truth.

A scenario is a person (anatomy), thrombi (lesion), the state of the contrast medium and an acquisition,
each drawn from its own random stream of one seed: the same seed without thrombosis is the same person,
the same contrast and the same noise.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from deepvein.anatomy.veins import Side, VeinSegment, decode
from deepvein.core.progress import Progress
from deepvein.core.seeds import derive, generator
from deepvein.phantoms.centres import at_centre, centre_of
from deepvein.phantoms.contrast.contrast import Contrast, ContrastSettings, sample_contrast
from deepvein.phantoms.ct.scanner import CtScan, CtScanner, CtSettings, sample_ct
from deepvein.phantoms.implants.implants import Implants, ImplantSettings, sample_implants
from deepvein.phantoms.mimics.calcification import Calcification, calcifications_of
from deepvein.phantoms.mimics.mimics import Distractors, DistractorSettings, sample_distractors
from deepvein.phantoms.mr import MrScan, MrSettings, render_mr, sample_mr
from deepvein.phantoms.painter import Painter
from deepvein.phantoms.person.body import Body
from deepvein.phantoms.person.bones import Bones
from deepvein.phantoms.person.frame import Frame
from deepvein.phantoms.person.population import Person, PopulationSettings, sample_person
from deepvein.phantoms.shapes import draw
from deepvein.phantoms.thrombosis.secondary_signs import Reactions, sample_reactions
from deepvein.phantoms.thrombosis.thrombus import DiseaseSettings, Thrombus, sample_thrombi
from deepvein.phantoms.vessels.vascular_tree import Vessels, grow
from deepvein.studies.study import Modality
from deepvein.volumes.grid import Grid
from deepvein.volumes.volume import Volume

Labels = NDArray[np.uint8]
_NAMED_SHARE = 0.02


@dataclass(frozen=True)
class PhantomSettings:
    """The settings of all parts; each part can be changed without touching the others' draws."""

    population: PopulationSettings = field(default_factory=PopulationSettings)
    disease: DiseaseSettings = field(default_factory=DiseaseSettings)
    distractors: DistractorSettings = field(default_factory=DistractorSettings)
    implants: ImplantSettings = field(default_factory=ImplantSettings)
    contrast: ContrastSettings = field(default_factory=ContrastSettings)
    ct: CtSettings = field(default_factory=CtSettings)
    mr: MrSettings = field(default_factory=MrSettings)
    centre: str = ""
    """A, B or C, or empty for one drawn from all three. What is set here wins over its profile."""


DEFAULT = PhantomSettings()


@dataclass(frozen=True, eq=False)
class Scenario:
    """One synthetic examination before it is rendered.

    vessels: as the distractors have changed them. reactions: of the leg to the thrombi.
    """

    seed: int
    modality: Modality
    centre: str
    settings: PhantomSettings
    person: Person
    vessels: Vessels
    thrombi: tuple[Thrombus, ...]
    contrast: Contrast
    scan: CtScan | MrScan
    distractors: Distractors
    reactions: Reactions
    implants: Implants
    calcifications: tuple[Calcification, ...] = ()

    @cached_property
    def frame(self) -> Frame:
        return Frame(self.person)

    @cached_property
    def painter(self) -> Painter:
        oedema = (*self.distractors.oedema, *self.reactions.oedema)
        return Painter(
            Body(self.person, self.frame, oedema),
            Bones(self.frame),
            self.vessels,
            self.contrast,
            self.thrombi,
            self.distractors,
            self.reactions,
            self.implants,
            self.calcifications,
        )

    @property
    def healthy_twin(self) -> Scenario:
        """The same person, contrast and acquisition without thrombi and what they do to the leg."""
        return replace(self, thrombi=(), reactions=Reactions())


@dataclass(frozen=True)
class PlantedThrombus:
    """The truth about one thrombus, measured on its mask.

    z_mm: lowest and highest slice position (LPS z, mm); length_mm: along the body axis; volume_ml of the
    mask. number: its value in the thrombus map.
    """

    number: int
    side: Side
    segments: tuple[VeinSegment, ...]
    z_mm: tuple[float, float]
    length_mm: float
    volume_ml: float
    occlusive: bool
    acute: bool


@dataclass(frozen=True, eq=False)
class Phantom:
    """A rendered scenario; all volumes but `stations` lie on image.grid.

    image: int16, Hounsfield units (CT) or signal (MR, all stations merged on one coronal grid).
    stations: what the scanner stored, one volume for CT, one a station for MR.
    segments: uint8 encoded vein segments, thrombosed parts included; thrombi: uint8 instance numbers;
    arteries, bones: uint8 0 or 1. t2: int16, the second MR sequence, where the settings ask for it.
    """

    scenario: Scenario
    image: Volume
    stations: tuple[Volume, ...]
    segments: Volume
    thrombi: Volume
    arteries: Volume
    bones: Volume
    planted: tuple[PlantedThrombus, ...]
    t2: Volume | None = None


def sample(
    seed: int,
    modality: Modality,
    dvt: bool | None = None,
    settings: PhantomSettings = DEFAULT,
    *,
    person_seed: int | None = None,
) -> Scenario:
    """Draw an examination; `dvt` None lets the disease settings' share decide.

    person_seed: the person's own seed, so that one person can have several examinations.
    """
    person = sample_person(seed if person_seed is None else person_seed, settings.population)
    centre = centre_of(seed, settings.centre)
    frame = Frame(person)
    # What a person has stays theirs from one examination to the next.
    distractors = sample_distractors(
        person.seed, person, frame, grow(frame, settings.population), settings.distractors
    )
    vessels = distractors.vessels
    body = Body(person, frame, distractors.oedema)
    scan: CtScan | MrScan
    if modality is Modality.CT:
        scan = sample_ct(seed, frame, body, at_centre(settings.ct, centre))
    else:
        scan = sample_mr(seed, frame, body, at_centre(settings.mr, centre))
    drawn = draw.chance(generator(seed, "lesion", "present"), settings.disease.dvt_share)
    diseased = drawn if dvt is None else dvt
    thrombi = sample_thrombi(seed, vessels, scan.covered_mm, settings.disease) if diseased else ()
    return Scenario(
        seed=seed,
        modality=modality,
        centre=centre,
        settings=settings,
        person=person,
        vessels=vessels,
        thrombi=thrombi,
        contrast=sample_contrast(seed, vessels, at_centre(settings.contrast, centre)),
        scan=scan,
        distractors=distractors,
        reactions=sample_reactions(seed, vessels, thrombi, settings.disease),
        implants=sample_implants(person.seed, person, frame, settings.implants),
        calcifications=calcifications_of(person, vessels),
    )


def frame_of_reference(seed: int, modality: Modality) -> str:
    """The DICOM Frame of Reference UID of the phantom of a seed."""
    return uid(seed, modality, "frame of reference")


def uid(seed: int, modality: Modality, *names: str | int) -> str:
    """A DICOM UID under 2.25 from the seed: 122 bits shaped as a random UUID (PS3.5 B.2)."""
    high = derive(seed, "uid", modality.value, *names, 0)
    low = derive(seed, "uid", modality.value, *names, 1)
    value = (high << 64) | low
    value = (value & ~(0xF000 << 64)) | (0x4000 << 64)
    value = (value & ~(0xC << 60)) | (0x8 << 60)
    return f"2.25.{value}"


def render(scenario: Scenario, progress: Progress | None = None) -> Phantom:
    """Render all slices; `progress` hears ("render", done, total)."""
    t2: Volume | None = None
    if isinstance(scenario.scan, MrScan):
        frame_uid = frame_of_reference(scenario.seed, scenario.modality)
        volumes = render_mr(scenario.scan, scenario.painter, frame_uid, progress)
        image, stations, labels, t2 = volumes
    else:
        image, labels = _render_ct(scenario, scenario.scan, progress)
        stations = (image,)
    segments, thrombi, arteries, bones = (Volume(array, image.grid) for array in labels)
    planted = measure(scenario.thrombi, segments, thrombi)
    return Phantom(scenario, image, stations, segments, thrombi, arteries, bones, planted, t2)


def _render_ct(
    scenario: Scenario, scan: CtScan, progress: Progress | None
) -> tuple[Volume, tuple[Labels, Labels, Labels, Labels]]:
    shape = (scan.slices, scan.matrix, scan.matrix)
    array = np.empty(shape, dtype=np.int16)
    labels = tuple(np.empty(shape, dtype=np.uint8) for _ in range(4))
    scanner = CtScanner(scan, scenario.painter)
    for index in range(scan.slices):
        canvas, value = scanner.slice_at(index)
        np.clip(np.rint(value), -1024, 3071, out=array[index], casting="unsafe")
        for whole, plane in zip(labels, canvas.labels, strict=True):
            whole[index] = plane
        if progress is not None:
            progress("render", index + 1, scan.slices)
    ox, oy, oz = scan.offset_mm
    origin = (scan.pixels.x_mm[0] + ox, scan.pixels.y_mm[0] + oy, scan.low_mm + oz)
    spacing = (scan.increment_mm, scan.pixel_mm, scan.pixel_mm)
    frame_uid = frame_of_reference(scenario.seed, scenario.modality)
    grid = Grid.from_directions(shape, spacing, origin, frame_of_reference=frame_uid)
    return Volume(array, grid), (labels[0], labels[1], labels[2], labels[3])


def measure(
    thrombi: Sequence[Thrombus], segments: Volume, map_of_thrombi: Volume
) -> tuple[PlantedThrombus, ...]:
    """What the masks show of the planted thrombi; one that the coverage misses has no record."""
    out = []
    grid = segments.grid
    axis = grid.body_axis
    heights = grid.body_positions_mm()
    others = tuple(k for k in range(3) if k != axis)
    for thrombus in thrombi:
        mask = map_of_thrombi.array == thrombus.number
        per_level = mask.sum(axis=others)
        levels = np.flatnonzero(per_level)
        if not len(levels):
            continue
        labels, counts = np.unique(segments.array[mask], return_counts=True)
        # Where veins cross or join, a voxel or two may bear the neighbour's name.
        labels = labels[counts >= _NAMED_SHARE * counts.sum()]
        found = [item for label in labels.tolist() if (item := decode(label)) is not None]
        z = heights[levels]
        step = grid.spacing_mm[axis]
        out.append(
            PlantedThrombus(
                number=thrombus.number,
                side=thrombus.side,
                segments=tuple(sorted({segment for segment, _ in found})),
                z_mm=(round(float(z.min()), 2), round(float(z.max()), 2)),
                length_mm=round(float(z.max() - z.min()) + step, 2),
                volume_ml=round(float(per_level.sum()) * grid.voxel_volume_ml, 4),
                occlusive=thrombus.occlusive,
                acute=thrombus.acute,
            )
        )
    return tuple(out)
