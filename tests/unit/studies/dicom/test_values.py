import pytest
from pydicom.dataset import Dataset
from pydicom.filebase import DicomBytesIO
from pydicom.filereader import read_dataset
from pydicom.filewriter import write_dataset

from deepvein.studies.dicom.values import drop_unreadable, image_type, number, numbers, text, uid


def stored(dataset):
    """The same values as they come from a file: not converted yet."""
    file = DicomBytesIO()
    file.is_little_endian, file.is_implicit_VR = True, False
    write_dataset(file, dataset)
    file.seek(0)
    return read_dataset(file, False, True)


def test_values_from_a_file_and_from_memory_are_the_same():
    made = Dataset()
    made.SpecificCharacterSet = "ISO_IR 192"
    made.ImageType = ["ORIGINAL", "PRIMARY"]
    made.SeriesDescription = "Becken-Bein venös"
    made.StationName = "ct1"
    made.ImagePositionPatient = [1.5, -2, 3e2]
    made.RescaleSlope = 2
    made.Rows = 0x3031
    for dataset in (made, stored(made)):
        assert image_type(dataset) == ("ORIGINAL", "PRIMARY")
        assert text(dataset, "SeriesDescription") == "Becken-Bein venös"
        assert text(dataset, "StationName") == "ct1"
        assert numbers(dataset, "ImagePositionPatient", 3) == (1.5, -2, 300)
        assert number(dataset, "RescaleSlope") == 2
        assert number(dataset, "Rows") == 0x3031
        assert number(dataset, "Columns") is None


def test_escaped_character_sets_are_converted():
    made = Dataset()
    made.SpecificCharacterSet = ["", "ISO 2022 IR 87"]
    made.SeriesDescription = "下肢"
    assert text(stored(made), "SeriesDescription") == "下肢"


@pytest.mark.parametrize("value", [["1", "2"], ["1", "2", "nan"], ["1", "2", "inf"], None])
def test_numbers_are_complete_and_finite_or_none(value):
    dataset = Dataset()
    if value is not None:
        dataset.ImagePositionPatient = [float(part) for part in value]
    assert numbers(dataset, "ImagePositionPatient", 3) is None


def test_text_is_always_text():
    dataset = Dataset()
    dataset.ImageType = ["A", "B"]
    dataset.SeriesDescription = None
    assert text(dataset, "ImageType") == "A\\B"
    assert text(dataset, "SeriesDescription") == text(dataset, "PatientName") == ""


def test_elements_that_cannot_be_read_are_dropped_at_any_depth():
    made, item = Dataset(), Dataset()
    made.PatientID, item.CodeValue, item.CodeMeaning = "P1", "1", "one"
    made.ProcedureCodeSequence = [item]
    one = stored(made)
    for place, keyword in ((one, "PatientID"), (one.ProcedureCodeSequence[0], "CodeValue")):
        raw = place.get_item(keyword)
        place._dict[raw.tag] = raw._replace(VR="ZZ")
    assert drop_unreadable(one) is one
    assert "PatientID" not in one
    assert list(one.ProcedureCodeSequence[0].keys()) == [0x00080104]


@pytest.mark.parametrize(
    ("value", "read"),
    [
        ("1.2.3", "1.2.3"),
        ("STUDY_1-a", "STUDY_1-a"),
        ("", ""),
        ("../1.2", ""),
        ("1.2#3", ""),
        ("1" * 129, ""),
    ],
)
@pytest.mark.filterwarnings("ignore:Invalid value for VR UI", "ignore:The value length")
def test_what_no_uid_can_be_counts_as_absent(value, read):
    made = Dataset()
    made.StudyInstanceUID = value
    assert uid(made, "StudyInstanceUID") == read
    assert uid(made, "SeriesInstanceUID") == ""
