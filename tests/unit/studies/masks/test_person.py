"""Masks of another patient, in a frame of reference that an anonymiser used for both."""

from dataclasses import replace

import pytest
from pydicom import dcmread

from deepvein.core.errors import MaskError
from deepvein.studies.masks.person import Person, require_same_person
from unit.studies import making
from unit.studies.masks.test_rtstruct import OUTER, rtstruct
from unit.studies.masks.test_seg import SHAPE, segmentation

IMAGE = Person("P1", "Test^Patient")


@pytest.fixture(params=["seg", "rtstruct"])
def mask(request, tmp_path):
    """A function that writes a mask with some values in its header."""

    def write(**values):
        path = tmp_path / "mask.dcm"
        grid = making.grid_of(SHAPE)
        if request.param == "seg":
            folder = making.series(tmp_path / "image", grid)
            segmentation(folder, making.two_blobs(grid).array, "BINARY").save_as(path)
        else:
            rtstruct(path, replace(grid, frame_of_reference="1.3"), [(2, OUTER)])
        dataset = dcmread(path, force=True)
        for keyword, value in ({"PatientID": "P1", "PatientName": "Test^Patient"} | values).items():
            setattr(dataset, keyword, value)
        dataset.save_as(path)
        return path

    return write


@pytest.mark.parametrize(
    "values", [{}, {"PatientID": "p1 ", "PatientName": ""}, {"PatientName": "Married^Patient"}]
)
def test_the_patient_is_the_same(mask, values):
    assert require_same_person(mask(**values), IMAGE) == ()


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({"PatientID": "P2"}, "patients P1 and P2"),
        (
            {"PatientID": "", "PatientName": "Other^Person"},
            r"patients Test\^Patient and Other\^Person",
        ),
    ],
)
def test_a_mask_of_another_patient_is_refused(mask, values, says):
    with pytest.raises(MaskError, match=f"mask.dcm is the mask of another patient: .*{says}"):
        require_same_person(mask(**values), IMAGE)


@pytest.mark.parametrize(
    ("values", "image", "says"),
    [
        ({"PatientID": "", "PatientName": ""}, IMAGE, "mask.dcm names no patient"),
        ({}, Person(), "the image names no patient"),
        ({"PatientID": "ANON7", "PatientName": "ANON7"}, IMAGE, "one of them was de-identified"),
        ({"PatientID": "77", "PatientIdentityRemoved": "YES"}, IMAGE, "patients P1 and 77; one of"),
        ({"PatientID": "P2"}, replace(IMAGE, de_identified=True), "one of them was de-identified"),
    ],
)
def test_what_cannot_be_compared_is_told(mask, values, image, says):
    (told,) = require_same_person(mask(**values), image)
    assert says in told


def test_files_that_cannot_say_whose_they_are_say_nothing(mask, tmp_path):
    assert require_same_person(mask(PatientID="P2"), None) == ()
    (tmp_path / "mask.nii").write_bytes(b"no DICOM")
    assert require_same_person(tmp_path / "mask.nii", IMAGE) == ()
