"""What looks like thrombosis and is none; each thing has its own random stream."""

from __future__ import annotations

from dataclasses import dataclass, fields

from deepvein.core.errors import SettingsError
from deepvein.phantoms.mimics.catheter import Catheter, sample_catheter
from deepvein.phantoms.mimics.compression import Compression, compressed, sample_compressions
from deepvein.phantoms.mimics.masses import Mass, sample_cyst, sample_haematoma, sample_nodes
from deepvein.phantoms.mimics.plaque import Plaque, sample_plaques
from deepvein.phantoms.person.body import BodySection
from deepvein.phantoms.person.frame import Frame
from deepvein.phantoms.person.oedema import Oedema
from deepvein.phantoms.person.population import Person
from deepvein.phantoms.person.swelling import sample_swelling
from deepvein.phantoms.shapes.canvas import Canvas
from deepvein.phantoms.vessels.varices import sample_varices
from deepvein.phantoms.vessels.vascular_tree import Vessels


@dataclass(frozen=True)
class DistractorSettings:
    """Shares of people, limbs or arteries that have each thing, with or without thrombosis.

    Compression of the left common iliac vein by more than half in 24 % of people without symptoms
    (Kibbe). Half of those sent to CT venography for swollen legs have no thrombosis, 10 % extrinsic
    compression and 18 % another cause. The rest are textbook values (M).
    """

    swollen_both: float = 0.18
    """People with swelling of both legs: heart, kidney, immobility."""
    swollen_one: float = 0.28
    """People with swelling of one leg: cellulitis, lymphoedema, injury, an old thrombosis."""
    enlarged_nodes: float = 0.15
    """Groins with enlarged lymph nodes."""
    haematoma: float = 0.05
    cyst: float = 0.08
    varices: float = 0.25
    """Limbs with varices."""
    left_iliac_compression: float = 0.24
    compression: float = 0.10
    """People with extrinsic compression of another deep vein."""
    plaque: float = 0.25
    """Arteries with soft plaque at 65 years."""
    arterial_occlusion: float = 0.03
    """Arteries that are closed over a stretch at 65 years."""
    catheter: float = 0.05

    def __post_init__(self) -> None:
        for field in fields(self):
            share = getattr(self, field.name)
            if not 0 <= share <= 1:
                raise SettingsError(f"{field.name} must lie between 0 and 1, got {share}")


@dataclass(frozen=True, eq=False)
class Distractors:
    """The imitators of one person.

    vessels: the person's vessels as changed, flattened where they are compressed and with the varices.
    oedema: swelling from causes other than thrombosis. No label map knows any of it.
    """

    vessels: Vessels
    masses: tuple[Mass, ...] = ()
    compressions: tuple[Compression, ...] = ()
    plaques: tuple[Plaque, ...] = ()
    catheters: tuple[Catheter, ...] = ()
    oedema: tuple[Oedema, ...] = ()

    def paint(self, canvas: Canvas, section: BodySection) -> None:
        """What lies beneath the vessels: call it after the bones."""
        for mass in self.masses:
            mass.paint(canvas, section)

    def paint_within(self, canvas: Canvas) -> None:
        """What lies inside the vessels: call it after lumens and thrombi."""
        for plaque in self.plaques:
            plaque.paint(canvas)
        for catheter in self.catheters:
            catheter.paint(canvas)


def sample_distractors(
    seed: int,
    person: Person,
    frame: Frame,
    vessels: Vessels,
    settings: DistractorSettings = DistractorSettings(),
) -> Distractors:
    """The imitators of `seed`; a share of 0 leaves the others as they were."""
    s = settings
    compressions = sample_compressions(
        seed, frame, vessels, s.left_iliac_compression, s.compression
    )
    varices = sample_varices(seed, frame, s.varices)
    changed = Vessels((*compressed(vessels, compressions).all, *varices))
    return Distractors(
        vessels=changed,
        masses=(
            *sample_nodes(seed, vessels, s.enlarged_nodes),
            *sample_haematoma(seed, frame, s.haematoma),
            *sample_cyst(seed, frame, s.cyst),
        ),
        compressions=compressions,
        plaques=sample_plaques(seed, person, vessels, s.plaque, s.arterial_occlusion),
        catheters=sample_catheter(seed, frame, vessels, s.catheter),
        oedema=sample_swelling(seed, frame, s.swollen_both, s.swollen_one),
    )
