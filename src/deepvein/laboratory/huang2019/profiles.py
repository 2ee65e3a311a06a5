"""How large the study is: everything that is scaled, and nothing else."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from deepvein.core.errors import SettingsError
from deepvein.core.registry import Registry
from deepvein.laboratory.huang2019.leg import FieldOfView


@dataclass(frozen=True)
class Profile:
    """patients: with DVT, all at one centre; slices: of all patients together. centre_patients: at each
    of two further centres. coarsening: factor on in-plane voxel edges; depth_slices: of one patient.

    size: (rows, columns) that networks see. narrowing: what channels of all networks are divided by.
    kernel: of GCN's global convolutions. chunk: slices of an example of the volumetric network.
    epochs, steps, batch: of each training; steps None for every slice in every variant once an epoch.
    learning_rate, schedule: the paper's steps down to a tenth suit long trainings, a cosine short ones.
    batch_3d: chunks of a batch. folds: of the cross-validation. trials: folds on which the experiments
    beyond the tables (losses, normalisation, volume, second sequence) are trained.
    rates, rate_steps: learning rates that each network of Table 2 is tried at, and for how long; () for
    `learning_rate` alone. patience: epochs without a better Dice in the next fold's patients, who are then
    not learned from, before a training stops; None to train to the end. curve: shares of the training
    patients that the proposed network is also trained with.
    statement: one sentence for people.
    """

    name: str
    statement: str
    patients: int = 58
    slices: int = 5388
    centre_patients: int = 20
    coarsening: float = 1.0
    depth_slices: int = 93
    size: tuple[int, int] = (960, 320)
    narrowing: int = 1
    kernel: int = 15
    chunk: int = 16
    epochs: int = 250
    steps: int | None = None
    batch: int = 2
    learning_rate: float = 1e-3
    schedule: Literal["step", "cosine"] = "step"
    batch_3d: int = 1
    folds: int = 8
    rates: tuple[float, ...] = ()
    rate_steps: int = 300
    patience: int | None = None
    curve: tuple[float, ...] = ()
    trials: tuple[int, ...] = (0, 1)
    seed: int = 2019

    def __post_init__(self) -> None:
        if self.patients < self.folds:
            raise SettingsError(f"{self.patients} patients are too few for {self.folds} folds")
        if any(side % 32 for side in self.size):
            raise SettingsError(f"each side of size must be a multiple of 32, got {self.size}")
        if self.chunk % 4:
            raise SettingsError(f"chunk must be a multiple of 4, got {self.chunk}")
        if (self.rates or self.patience) and self.folds < 3:
            raise SettingsError(
                f"a search and early stopping need a fold that judges: 3 folds or more, got {self.folds}"
            )
        if any(not 0 < share < 1 for share in self.curve):
            raise SettingsError(f"shares of a learning curve lie between 0 and 1, got {self.curve}")
        if any(not 0 <= fold < self.folds for fold in self.trials):
            raise SettingsError(f"trials are folds from 0 to {self.folds - 1}, got {self.trials}")

    @property
    def field(self) -> FieldOfView:
        """The field of view and voxels of the main centre."""
        return self._scaled(FieldOfView())

    def field_at(self, centre: str) -> FieldOfView:
        """Those of a centre: "A" has the paper's, "B" smaller voxels, "C" larger ones."""
        return self._scaled(_FIELDS[centre])

    def slices_of(self, index: int) -> int:
        """The slices of patient `index`: all patients together have `slices`."""
        fewer, more = divmod(self.slices, self.patients)
        return fewer + (index < more)

    def _scaled(self, field_of_view: FieldOfView) -> FieldOfView:
        if self.coarsening == 1:
            return field_of_view
        share = field_of_view.slices / FieldOfView().slices
        return field_of_view.coarser(self.coarsening, max(8, round(self.depth_slices * share)))


_FIELDS = {
    "A": FieldOfView(),
    "B": FieldOfView(1000, 380, 80, (0.72, 0.5, 0.7)),
    "C": FieldOfView(760, 238, 47, (0.95, 0.8, 1.2)),
}
"""Matrix and voxels by centre, all over the same field (B and C: M)."""

PROFILES: Registry[Profile] = Registry("profile")

QUICK = Profile(
    name="quick",
    statement=(
        "The quick profile: the whole study made small to fit in minutes on two processor cores. Images a "
        "third of the paper's size, networks a quarter as wide, a few hundred training steps. It shows "
        "that everything works; its scores say little about the paper's."
    ),
    patients=16,
    slices=16 * 24,
    centre_patients=4,
    coarsening=3.0,
    depth_slices=24,
    size=(320, 96),
    narrowing=4,
    kernel=7,
    chunk=8,
    epochs=4,
    steps=120,
    batch=2,
    learning_rate=2e-3,
    schedule="cosine",
    folds=4,
    trials=(0,),
)
CPU = replace(
    QUICK,
    name="cpu",
    statement=(
        "The cpu profile: all patients of the paper at a third of its resolution, networks a quarter as "
        "wide and short trainings: what two processor cores do in an hour or two. Networks can be compared "
        "with each other; their scores are not the paper's."
    ),
    patients=58,
    slices=58 * 24,
    centre_patients=12,
    epochs=20,
    learning_rate=1e-3,
    rates=(3e-3, 1e-3, 3e-4, 1e-4),
)
DAYS = Profile(
    name="days",
    statement=(
        "The days profile: all patients and slices of the paper at half its resolution, networks half as "
        "wide, each with the best of the same few learning rates and trained until the patients of another "
        "fold are no longer read better: what two processor cores do in some working days."
    ),
    coarsening=2.0,
    depth_slices=46,
    slices=58 * 46,
    size=(480, 160),
    narrowing=2,
    kernel=9,
    epochs=40,
    steps=400,
    learning_rate=1e-3,
    schedule="cosine",
    rates=(3e-3, 1e-3, 3e-4, 1e-4),
    rate_steps=400,
    patience=8,
    curve=(0.1, 0.25, 0.5),
)
GPU = Profile(
    name="gpu",
    statement=(
        "The gpu profile: all patients and slices at the paper's image size and width, with fewer and larger "
        "training steps than the paper's, so that the main tables take about an hour on one "
        "large graphics processor."
    ),
    epochs=8,
    steps=300,
    batch=8,
    schedule="cosine",
)
PAPER = Profile(
    name="paper",
    statement=(
        "The paper profile: the published schedule to the letter: all epochs over all slices in twelve "
        "variants, at the published size, width, batch and learning rate."
    ),
)

for _profile in (QUICK, CPU, DAYS, GPU, PAPER):
    PROFILES.add(_profile.name, _profile)
