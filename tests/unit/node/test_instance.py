from __future__ import annotations

import pytest
from pydicom.uid import DeflatedExplicitVRLittleEndian, MRImageStorage, UltrasoundImageStorage

from deepvein.node.instance import UnusableInstanceError, read_instance
from deepvein.studies import inflation
from unit.node.instances import image, save


def test_the_header_tells_whose_it_is(tmp_path):
    found = read_instance(save(image(7, 3, BodyPartExamined="LEG"), tmp_path / "a.dcm"))
    assert (found.patient_id, found.patient_name, found.accession_number) == (
        "P7",
        "Doe^Jane7",
        "A7",
    )
    assert (found.modality, found.body_part, found.series_number) == ("CT", "LEG", 1)
    assert found.study_uid in found.series_uid in found.uid
    assert found.transfer_syntax == "1.2.840.10008.1.2.1"


@pytest.mark.parametrize(
    ("kind", "screened"), [(MRImageStorage, True), (UltrasoundImageStorage, False)]
)
def test_only_ct_and_mr_images_can_be_screened(tmp_path, kind, screened):
    path = save(image(SOPClassUID=kind), tmp_path / "a.dcm")
    assert read_instance(path).is_screened is screened


def test_what_is_missing_or_too_long_is_empty_or_cut(tmp_path):
    odd = image(PatientName="x" * 64 + "=" + "y" * 64, SeriesNumber=None)
    del odd.AccessionNumber
    found = read_instance(save(odd, tmp_path / "a.dcm"))
    assert (found.accession_number, found.series_number) == ("", 0)
    assert len(found.patient_name) == 129


@pytest.mark.parametrize("name", ["StudyInstanceUID", "SeriesInstanceUID"])
def test_an_instance_that_names_no_study_or_series_cannot_be_used(tmp_path, name):
    odd = image()
    delattr(odd, name)
    with pytest.raises(UnusableInstanceError, match=name):
        read_instance(save(odd, tmp_path / "a.dcm"))


@pytest.mark.parametrize("content", [b"", b"no DICOM", b"\0" * 128 + b"DICM" + b"\xff" * 300])
def test_what_is_no_dicom_cannot_be_used(tmp_path, content):
    path = tmp_path / "a.dcm"
    path.write_bytes(content)
    with pytest.raises(UnusableInstanceError):
        read_instance(path)


def test_elements_may_come_in_any_order(tmp_path):
    """Some senders do not sort them, against PS3.5 7.1."""
    made = save(image(4, 7), tmp_path / "image.dcm")
    content = made.read_bytes()
    study = content.index(b"\x20\x00\x0d\x00UI")
    end = content.index(b"\x20\x00\x0e\x00UI")
    pixels = content.index(b"\xe0\x7f\x10\x00OW")
    made.write_bytes(content[:study] + content[end:pixels] + content[study:end] + content[pixels:])
    assert read_instance(made).study_uid == image(4, 7).StudyInstanceUID


def test_what_unpacks_to_far_more_than_it_weighs_is_not_unpacked(tmp_path, monkeypatch):
    made = image(1, 1, pixels=64)
    made.file_meta.TransferSyntaxUID = DeflatedExplicitVRLittleEndian
    path = save(made, tmp_path / "deflated.dcm")
    assert read_instance(path).uid == made.SOPInstanceUID
    monkeypatch.setattr(inflation, "SMALL_BYTES", 0)
    monkeypatch.setattr(inflation, "MOST_RATIO", 2)
    with pytest.raises(UnusableInstanceError, match="unpacks to more than"):
        read_instance(path)
