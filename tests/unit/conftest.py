import pytest

from deepvein.cohorts.cohort import Cohort
from deepvein.phantoms.cohort import write_cohort
from deepvein.phantoms.ct.scanner import CtSettings
from deepvein.phantoms.phantom import PhantomSettings
from deepvein.studies.study import Modality
from unit.screening.tiny_models import write_bundle

SMALL = PhantomSettings(
    ct=CtSettings(matrix=96, thickness_mm=20.0, planes=1, coverage="whole", kvp=120)
)


@pytest.fixture(scope="session")
def tiny_bundle(tmp_path_factory):
    return write_bundle(tmp_path_factory.mktemp("bundle"))


@pytest.fixture(scope="session")
def cohort(tmp_path_factory):
    """Two small CT phantoms, one with DVT."""
    folder = tmp_path_factory.mktemp("cohort")
    write_cohort(Modality.CT, 2, folder, 3, settings=SMALL, write="nifti")
    return Cohort.load(folder)
