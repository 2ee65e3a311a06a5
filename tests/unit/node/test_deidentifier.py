from __future__ import annotations

import pytest
from pydicom import Dataset

from deepvein.node.deidentifier import Deidentifier
from unit.node.instances import image


@pytest.fixture
def deidentifier():
    return Deidentifier(b"key")


def test_uids_are_replaced_alike_but_for_those_of_the_standard(deidentifier):
    assert deidentifier.uid("1.2.3") == Deidentifier(b"key").uid("1.2.3") != "1.2.3"
    assert deidentifier.uid("1.2.3") != Deidentifier(b"other").uid("1.2.3")
    assert deidentifier.uid("1.2.3").startswith("2.25.")
    assert len(deidentifier.uid("1.2.3")) <= 64
    assert deidentifier.uid("1.2.840.10008.5.1.4.1.1.2") == "1.2.840.10008.5.1.4.1.1.2"


def test_every_level_is_reached(deidentifier):
    made, inner = image(1, 1), Dataset()
    inner.PatientName, inner.ReferencedSOPInstanceUID = "Doe^Jane", "1.2.3"
    inner.CompensatorDescription = "public and of no table"
    outer = Dataset()
    outer.ReferencedInstanceSequence = [inner]
    made.StudiesContainingOtherReferencedInstancesSequence = [outer]
    deidentifier.clean(made)
    (found,) = made.StudiesContainingOtherReferencedInstancesSequence[0].ReferencedInstanceSequence
    assert found.ReferencedSOPInstanceUID == deidentifier.uid("1.2.3")
    assert not found.PatientName


def test_private_unknown_and_drawn_elements_go(deidentifier):
    made = image(1, 1)
    made.private_block(0x0011, "Somebody", create=True).add_new(1, "LO", "Doe")
    made.add_new(0x60000010, "US", 16)
    made.add_new(0x60003000, "OW", b"\0\0")
    made.add_new(0x0008FFF0, "LO", "Doe")
    deidentifier.clean(made)
    groups = {element.tag.group for element in made}
    assert not groups & {0x0011, 0x6000}
    assert 0x0008FFF0 not in made


def test_it_says_what_was_done(deidentifier):
    made = image(1, 1)
    deidentifier.clean(made)
    assert made.PatientID == made.PatientName == deidentifier.pseudonym("P1")
    assert made.LongitudinalTemporalInformationModified == "REMOVED"
    codes = [one.CodeValue for one in made.DeidentificationMethodCodeSequence]
    assert codes == ["113100", "113103", "113104"]
    assert made.file_meta.MediaStorageSOPInstanceUID == made.SOPInstanceUID
