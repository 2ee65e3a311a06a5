"""What every reader in the registry promises."""

import hashlib

import numpy as np
import pytest

from deepvein.core.errors import DeepveinError
from deepvein.phantoms.phantom import PhantomSettings, render, sample
from deepvein.phantoms.writing import write_dicom
from deepvein.studies.location import StudyLocation
from deepvein.studies.nifti import write_nifti
from deepvein.studies.readers import READERS
from deepvein.studies.study import Modality
from deepvein.volumes.volume import Volume

ALL = [pytest.param(name, id=name) for name in READERS.names()]
FORMATS = {"dicom": "study", "nifti": "study.nii.gz", "nrrd": "study.nrrd"}


@pytest.fixture(scope="module")
def phantom():
    from deepvein.phantoms.ct.scanner import CtSettings

    small = PhantomSettings(ct=CtSettings(matrix=64, thickness_mm=40.0, planes=1, coverage="whole"))
    return render(sample(1, Modality.CT, True, small))


@pytest.fixture(scope="module")
def folder(phantom, tmp_path_factory):
    """The same study in every format."""
    import SimpleITK as sitk

    folder = tmp_path_factory.mktemp("formats")
    write_dicom(phantom, folder / FORMATS["dicom"])
    write_nifti(phantom.image, folder / FORMATS["nifti"])
    grid = phantom.image.grid
    image = sitk.GetImageFromArray(phantom.image.array)
    image.SetSpacing(grid.spacing_mm[::-1])
    image.SetOrigin(grid.origin_mm.tolist())
    image.SetDirection(grid.directions[:, ::-1].ravel().tolist())
    sitk.WriteImage(image, folder / FORMATS["nrrd"])
    return folder


def test_every_reader_has_a_file_to_be_tested_with():
    assert set(FORMATS) == set(READERS.names())


@pytest.mark.parametrize("name", ALL)
def test_each_takes_its_own_format_and_no_other(name, folder):
    accepted = [kind for kind, file in FORMATS.items() if READERS.get(name).accepts(folder / file)]
    assert accepted == [name]


@pytest.mark.parametrize("name", ALL)
def test_each_gives_the_same_study(name, folder, phantom):
    study = READERS.get(name).read(StudyLocation(folder / FORMATS[name]), Modality.CT)
    assert study.modality is Modality.CT
    assert study.volume.grid.matches(phantom.image.grid, tolerance_mm=0.05)
    np.testing.assert_array_equal(study.volume.array, phantom.image.array)
    assert isinstance(study.volume, Volume)


@pytest.mark.parametrize("name", ALL)
def test_a_survey_names_the_series_that_is_read(name, folder, phantom):
    series = READERS.get(name).survey(StudyLocation(folder / FORMATS[name]), Modality.CT).series
    (chosen,) = [one for one in series if one.chosen]
    assert (chosen.slices, chosen.rows, chosen.columns) == phantom.image.grid.shape
    assert chosen.reason


@pytest.mark.parametrize("name", ALL)
def test_rubbish_is_an_error_of_ours_and_stays_as_it_was(name, tmp_path):
    path = tmp_path / FORMATS[name]
    if name == "dicom":
        path.mkdir()
        path /= "0001.dcm"
    path.write_bytes(np.random.default_rng(0).bytes(2000))
    before = hashlib.sha256(path.read_bytes()).digest()
    with pytest.raises(DeepveinError):
        READERS.get(name).read(StudyLocation(tmp_path / FORMATS[name]), Modality.CT)
    assert hashlib.sha256(path.read_bytes()).digest() == before
    assert len(list(tmp_path.rglob("*"))) == (2 if name == "dicom" else 1)
