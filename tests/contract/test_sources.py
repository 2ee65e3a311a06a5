"""What every kind of example source promises."""

from __future__ import annotations

import shutil

import pytest
import torch

from deepvein.cohorts.cohort import Cohort
from deepvein.core.errors import SettingsError, UnknownNameError
from deepvein.examples.batch import Batch, ExampleSource
from deepvein.examples.chunks import ChunkExamples
from deepvein.examples.courses.source import CourseExamples
from deepvein.examples.patches import PatchExamples
from deepvein.examples.settings import (
    AugmentationSettings,
    ChunkSettings,
    CoarseSettings,
    CourseSettings,
    NormalisationSettings,
    SamplingSettings,
)
from deepvein.examples.slices import SliceExamples
from deepvein.examples.sources import SOURCES, open_source
from deepvein.examples.territories import TerritoryExamples
from deepvein.laboratory.huang2019.sequence_source import SequenceExamples
from deepvein.laboratory.huang2019.sequences import second_of
from deepvein.networks.course_reader import ANSWERS, LEGS
from deepvein.phantoms.cohort import write_cohort
from deepvein.studies.study import Modality
from unit.cohorts.tiny_cohort import make

AUGMENTED = AugmentationSettings(
    rotation_deg=20,
    scale=0.1,
    shift=0.05,
    mirror_columns=0.5,
    intensity=1,
    gain=0.1,
    noise=0.1,
    blur_px=1,
)
KINDS = {
    "slices": SliceExamples(slices=3, size=(32, 48), augmentation=AUGMENTED),
    "sequences": SequenceExamples(size=(32, 48), augmentation=AUGMENTED),
    "patches": PatchExamples(
        slices=3,
        patch=(16, 24),
        augmentation=AUGMENTED,
        sampling=SamplingSettings(epoch=8, validation=5),
    ),
    "chunks": ChunkExamples(
        size=(32, 48),
        augmentation=AUGMENTED,
        normalisation=NormalisationSettings(kind="standardise"),
        chunk=ChunkSettings(length=8, stride=8),
    ),
    "territories": TerritoryExamples(
        augmentation=AUGMENTED,
        coarse=CoarseSettings(crop=(16, 16, 24)),
        sampling=SamplingSettings(epoch=8),
    ),
    "courses": CourseExamples(
        course=CourseSettings(sections=24, one_leg=0.1),
        sampling=SamplingSettings(epoch=8, validation=4),
    ),
}


@pytest.fixture(scope="module")
def cohort(tmp_path_factory: pytest.TempPathFactory) -> Cohort:
    made = make(tmp_path_factory.mktemp("cohort"))
    for case in made:
        shutil.copy(case.image, second_of(case))
    write_cohort(Modality.CT, 1, made.root / "planned", seed=4)
    return made


def opened(cohort: Cohort, kind: str, *, training: bool = True, seed: int = 3) -> ExampleSource:
    moments = None
    if kind == "courses":
        cohort = Cohort.load(cohort.root / "planned")
    if not training:
        moments = open_source(cohort, KINDS[kind], seed, 2, training=True).moments
    return open_source(cohort, KINDS[kind], seed, 2, training=training, moments=moments)


def same(first: Batch, second: Batch) -> bool:
    return (
        torch.equal(first.inputs, second.inputs)
        and torch.equal(first.targets, second.targets)
        and first.cases == second.cases
    )


def test_every_registered_kind_is_tried_here() -> None:
    assert set(SOURCES.names()) == set(KINDS)


def test_settings_belong_to_their_kind(cohort: Cohort) -> None:
    for name, spec in SOURCES.items():
        assert spec.settings().kind == name
        assert spec.summary
    with pytest.raises(SettingsError, match="take ChunkExamples, got SliceExamples"):
        open_source(cohort, SliceExamples(kind="chunks"), 0, 2, training=True)


def test_unknown_kind_names_the_known_ones(cohort: Cohort) -> None:
    with pytest.raises(UnknownNameError, match="slices"):
        open_source(cohort, PatchExamples(kind="slabs"), 0, 2, training=True)


@pytest.mark.parametrize("kind", SOURCES.names())
class TestEverySource:
    def test_satisfies_the_protocol(self, cohort: Cohort, kind: str) -> None:
        assert isinstance(opened(cohort, kind), ExampleSource)

    def test_a_batch_depends_on_seed_and_step_alone(self, cohort: Cohort, kind: str) -> None:
        source = opened(cohort, kind)
        later = source.batch(5)
        assert same(opened(cohort, kind).batch(5), later)
        assert not same(source.batch(6), later)
        assert not same(opened(cohort, kind, seed=4).batch(5), later)

    def test_shapes_and_types(self, cohort: Cohort, kind: str) -> None:
        settings, batch = KINDS[kind], opened(cohort, kind).batch(0)
        space = settings.shape
        assert len(batch) == len(batch.cases) == 2
        assert batch.inputs.shape == (2, settings.channels, *(space or ()))
        assert batch.inputs.dtype == torch.float32
        assert batch.inputs.isfinite().all()
        if kind == "territories":
            assert batch.targets.shape == (2, *(space or ()))
            assert batch.targets.dtype == torch.int64
        else:
            count = LEGS * ANSWERS if kind == "courses" else len(settings.targets)
            assert batch.targets.shape == (2, count, *(space or ()))
            assert set(batch.targets.unique().tolist()) <= {0.0, 1.0}

    def test_an_epoch_shows_every_target(self, cohort: Cohort, kind: str) -> None:
        source = opened(cohort, kind)
        targets = torch.cat([source.batch(step).targets for step in range(len(source))])
        if kind == "territories":
            assert {7, 8} <= set(targets.unique().tolist())
        else:
            assert (targets.flatten(2).sum((0, 2)) > 0).all()

    def test_without_training_the_batches_are_a_fixed_set(self, cohort: Cohort, kind: str) -> None:
        first, second = (opened(cohort, kind, training=False) for _ in range(2))
        assert len(first) > 0
        assert all(same(first.batch(n), second.batch(n)) for n in range(len(first)))

    def test_batch_moves_to_a_device(self, cohort: Cohort, kind: str) -> None:
        batch = opened(cohort, kind).batch(0).to("meta")
        assert batch.inputs.device.type == batch.targets.device.type == "meta"
