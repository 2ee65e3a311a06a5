import io

import pytest
from PIL import Image

from deepvein.drawing.figures import canvas, data_uri, full_axes, png


@pytest.mark.parametrize("indexed", [False, True])
def test_png_has_the_size_asked_for(indexed: bool) -> None:
    figure = canvas(320, 200, "black")
    full_axes(figure).plot([0, 1], [0, 1], color="red")
    image = Image.open(io.BytesIO(png(figure, indexed)))
    assert image.size == (320, 200)
    assert image.mode == ("P" if indexed else "RGB")


def test_white_stays_white() -> None:
    image = Image.open(io.BytesIO(png(canvas(20, 20))))
    assert image.getpixel((3, 3)) == (255, 255, 255)


def test_data_uri_carries_the_bytes() -> None:
    assert data_uri(b"abc") == "data:image/png;base64,YWJj"
