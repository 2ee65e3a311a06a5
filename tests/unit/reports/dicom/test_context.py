import io

import pytest
from pydicom import Dataset, dcmread
from pydicom.dataelem import RawDataElement
from pydicom.dataset import FileMetaDataset
from pydicom.tag import Tag
from pydicom.uid import ExplicitVRLittleEndian

from deepvein.reports.dicom.context import study_context, valid_date, valid_time


def header(**values: str) -> Dataset:
    data = Dataset()
    data.StudyInstanceUID = "1.2.3"
    for keyword, value in values.items():
        setattr(data, keyword, value)
    return data


def stored(keyword: str, vr: str, value: bytes, character_set: str = "") -> Dataset:
    """A header with a value whose bytes stand in the file as they are."""
    data, tag = header(), Tag(keyword)
    if character_set:
        data.SpecificCharacterSet = character_set
    data[tag] = RawDataElement(tag, vr, len(value), value, 0, False, True)
    return data


@pytest.mark.parametrize(
    ("found", "valid"),
    [
        ("19580331", "19580331"),
        ("1958.03.31", "19580331"),
        ("1958-03-31", "19580331"),
        ("20240229", "20240229"),
        ("20230229", ""),
        ("00/00/0000", ""),
        ("00000000", ""),
        ("1958", ""),
        ("1958.0331", ""),
        ("", ""),
    ],
)
def test_dates(found: str, valid: str) -> None:
    assert valid_date(found) == valid


@pytest.mark.parametrize(
    ("found", "valid"),
    [
        ("123005", "123005"),
        ("12:30:05", "123005"),
        ("12:30:05.25", "123005.25"),
        ("1230", "1230"),
        ("235960", "235960"),
        ("243005", ""),
        ("126005", ""),
        ("noon", ""),
        ("", ""),
    ],
)
def test_times(found: str, valid: str) -> None:
    assert valid_time(found) == valid


@pytest.mark.parametrize(
    ("keyword", "vr", "value", "mended"),
    [
        ("PatientSex", "CS", b"female", "F"),
        ("PatientSex", "CS", b"U", ""),
        ("PatientSex", "CS", b"m", "M"),
        ("PatientAge", "AS", b"63Y", "063Y"),
        ("PatientAge", "AS", b"old", None),
        ("PatientWeight", "DS", b"heavy", None),
        ("PatientWeight", "DS", b"0", None),
        ("PatientID", "LO", b"12\x0034", "1234"),
        ("PatientIdentityRemoved", "CS", b"MAYBE", None),
    ],
)
def test_what_is_not_valid_is_mended_or_left_out_and_told(
    keyword: str, vr: str, value: bytes, mended: str | None
) -> None:
    context = study_context(stored(keyword, vr, value))
    assert context.dataset.get(keyword) == mended
    (remark,) = context.remarks
    assert value.decode().strip("\0") in remark.text or repr(value.decode())[1:-1] in remark.text


def test_valid_values_are_carried_over_without_a_word() -> None:
    source = header(
        PatientID="P1", PatientName="Roe^Jane", PatientSex="F", PatientAge="063Y", StudyTime="1200"
    )
    context = study_context(source)
    assert context.remarks == ()
    for element in source:
        assert context.dataset[element.tag].value == element.value
    assert context.dataset.AccessionNumber == ""
    assert "PatientWeight" not in context.dataset


def test_numbers_of_patients_are_never_cut() -> None:
    long = "7" * 80
    context = study_context(stored("PatientID", "LO", long.encode()))
    assert context.dataset.PatientID == long


@pytest.mark.parametrize(
    ("name", "character_set"),
    [
        (b"M\xfcller^J", "ISO_IR 100"),
        (b"M\xc3\xbcller^J", "ISO_IR 192"),
        (b"M\xfcller^J", "ISO_IR 999"),
        (b"M\xfcller^J", ""),
    ],
)
def test_names_of_all_character_sets_become_utf_8(name: bytes, character_set: str) -> None:
    dataset = study_context(stored("PatientName", "PN", name, character_set)).dataset
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    dataset.SOPClassUID = dataset.SOPInstanceUID = "1.2.3"
    file = io.BytesIO()
    dataset.save_as(file, enforce_file_format=True)
    file.seek(0)
    assert str(dcmread(file).PatientName) == "Müller^J"


def test_bytes_of_no_character_set_are_told() -> None:
    context = study_context(stored("PatientName", "PN", b"M\xfcller", "ISO_IR 192"))
    assert str(context.dataset.PatientName) == "M?ller"
    assert "Patient's Name" in context.remarks[0].text
