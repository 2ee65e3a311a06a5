import numpy as np
import pytest

from deepvein.cohorts.cohort import Cohort
from deepvein.core.errors import CohortError
from deepvein.examples.courses.look import AIR
from deepvein.examples.courses.source import CourseExamples, CourseSource, blank, scenes_of
from deepvein.examples.settings import CourseSettings, SamplingSettings
from deepvein.phantoms.cohort import write_cohort
from deepvein.studies.study import Modality
from unit.cohorts.tiny_cohort import make

SETTINGS = CourseExamples(
    targets=("thrombus",),
    course=CourseSettings(sections=16, one_leg=1.0),
    sampling=SamplingSettings(epoch=6, validation=4),
)


@pytest.fixture(scope="module")
def cohort(tmp_path_factory: pytest.TempPathFactory) -> Cohort:
    folder = tmp_path_factory.mktemp("planned")
    write_cohort(Modality.MR, 1, folder, seed=9)
    return Cohort.load(folder)


def test_scenes_are_painted_once(cohort):
    case = cohort.cases[0]
    first = scenes_of(case, cohort.cache)
    [path] = (cohort.cache / "courses").iterdir()
    painted = path.stat().st_mtime_ns
    again = scenes_of(case, cohort.cache)
    assert path.stat().st_mtime_ns == painted
    assert np.array_equal(first[0].tissue, again[0].tissue)


def test_a_leg_out_of_view_is_air_and_does_not_count(cohort):
    batch = CourseSource(cohort, SETTINGS, 1, 3, training=True).batch(0)
    for inputs, weights in zip(batch.inputs, batch.weights, strict=True):
        empty = [bool((leg[0] == AIR[Modality.MR]).all()) for leg in inputs.split(2)]
        assert sorted(empty) == [False, True]
        for is_empty, leg in zip(empty, weights.split(3), strict=True):
            assert (leg.sum() == 0).item() is is_empty


def test_an_epoch_has_the_stated_batches(cohort):
    assert len(CourseSource(cohort, SETTINGS, 1, 3, training=True)) == 2
    assert len(CourseSource(cohort, SETTINGS, 1, 3, training=False)) == 1


def test_blank_legs_are_air():
    assert blank(5, Modality.CT)[:, 0].min() == pytest.approx(AIR[Modality.CT])
    assert blank(5, Modality.CT)[:, 1].max() == 0


def test_other_cohorts_are_refused(tmp_path):
    other = make(tmp_path, 1)
    source = CourseSource(other, SETTINGS, 1, 1, training=True)
    with pytest.raises(CohortError, match="no planned phantom"):
        source.batch(0)
