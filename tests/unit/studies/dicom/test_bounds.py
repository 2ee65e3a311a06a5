import pytest
from pydicom import Dataset, dcmread
from pydicom.dataelem import RawDataElement
from pydicom.tag import Tag

from deepvein.core.errors import GeometryError
from deepvein.studies.dicom.bounds import CLASSIC, fault
from deepvein.studies.reading import read_study
from unit.studies import making


def written(path, keyword, text):
    """A slice whose element holds `text`, whatever its kind demands."""
    one = dcmread(path)
    element = one[keyword]
    raw = text.encode() + b" " * (len(text) % 2)
    one._dict[element.tag] = RawDataElement(
        Tag(element.tag), element.VR, len(raw), raw, 0, False, True
    )
    one.save_as(path)


@pytest.mark.parametrize("text", ["NaN", "abc", "0", "-1", "1e12", "inf", "1\\2"])
def test_a_slope_that_cannot_be_meant_refuses_the_file_with_its_value(tmp_path, text):
    making.series(tmp_path)
    written(tmp_path / "s002.dcm", "RescaleSlope", text)
    with pytest.raises(GeometryError, match=r"s002\.dcm: RescaleSlope \(0028,1053\) is ") as error:
        read_study(tmp_path)
    assert repr(text) in str(error.value)
    assert "from 1e-09 to 100000 can be read" in str(error.value)


@pytest.mark.parametrize(
    ("keyword", "text"),
    [
        ("RescaleIntercept", "nan"),
        ("RescaleIntercept", "-1024 HU"),
        ("RescaleIntercept", "1e12"),
        ("PixelSpacing", "1e8\\1e8"),
        ("PixelSpacing", "0\\0"),
        ("PixelSpacing", "0.5"),
        ("PixelSpacing", "0,5\\0,5"),
        ("ImagePositionPatient", "0\\0\\1e7"),
        ("ImagePositionPatient", "0\\0"),
        ("ImageOrientationPatient", "1\\0\\0\\0\\7\\0"),
    ],
)
def test_absurd_and_unreadable_values_are_told(tmp_path, keyword, text):
    making.series(tmp_path)
    written(tmp_path / "s001.dcm", keyword, text)
    with pytest.raises(
        GeometryError, match=rf"s001\.dcm: {keyword} \([0-9A-F]{{4}},[0-9A-F]{{4}}\)"
    ):
        read_study(tmp_path)


@pytest.mark.parametrize(
    "values",
    [
        {},
        {"RescaleSlope": "", "PixelSpacing": ""},
        {"RescaleSlope": "0.00024420025", "RescaleIntercept": "-8192"},
        {"PixelSpacing": [0.1, 0.1], "ImagePositionPatient": [-2000.5, 0, 2999]},
    ],
)
def test_absent_empty_and_unusual_values_are_no_fault(values):
    one = Dataset()
    for keyword, value in values.items():
        setattr(one, keyword, value)
    assert fault(one, CLASSIC) == ""
