import pytest
from pydicom import Dataset

from deepvein.studies.dicom.frame import image_kind, padding


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        (("ORIGINAL", "PRIMARY", "AXIAL"), "ORIGINAL\\PRIMARY\\AXIAL"),
        (("ORIGINAL", "PRIMARY", "AXIAL", "CT_SOM5 SPI"), "ORIGINAL\\PRIMARY\\AXIAL"),
        (("DERIVED", "PRIMARY", "AXIAL", "X", "MIP"), "DERIVED\\PRIMARY\\AXIAL\\MIP"),
    ],
)
def test_how_an_image_was_made_is_not_what_it_is(values, kind):
    assert image_kind(values) == ("image type", kind)


def test_padding_is_a_value_or_a_range_either_way_round():
    made = Dataset()
    assert padding(made) is None
    made.PixelRepresentation = 1
    made.PixelPaddingValue = -2000
    assert padding(made) == (-2000, -2000)
    made.PixelPaddingRangeLimit = -3000
    assert padding(made) == (-3000, -2000)
