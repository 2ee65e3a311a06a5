import io

import numpy as np
import pytest
from PIL import Image

from deepvein.drawing.windows import window_for
from deepvein.reports.key_images import key_images
from deepvein.studies.study import Modality
from unit.reports.legs import screening
from unit.reports.series import ORIENTATIONS, orientation_grid


def pictures(result: object) -> dict[str, np.ndarray]:
    images = key_images(
        result.findings[0],  # type: ignore[attr-defined]
        result.study,  # type: ignore[attr-defined]
        result.prediction,  # type: ignore[attr-defined]
        result.tree,  # type: ignore[attr-defined]
        window_for(result.study.volume, result.study.modality),  # type: ignore[attr-defined]
    )
    return {
        image.title: np.asarray(Image.open(io.BytesIO(image.png)).convert("RGB")).astype(int)
        for image in images
    }


def yellow(picture: np.ndarray) -> np.ndarray:
    """Where the outline's colour was drawn."""
    return (picture[..., 0] > 200) & (picture[..., 1] > 150) & (picture[..., 2] < 130)


@pytest.mark.parametrize("name", ORIENTATIONS)
def test_the_outline_is_in_the_middle_in_every_orientation(name: str) -> None:
    seen = pictures(screening(grid=orientation_grid(name)))
    picture = seen["Axial, with outline"]
    rows, columns = np.nonzero(yellow(picture))
    height, width = picture.shape[:2]
    assert abs(rows.mean() / height - 0.5) < 0.08
    assert abs(columns.mean() / width - 0.5) < 0.08
    assert not yellow(seen["Axial, magnified"]).any()


def test_the_frame_is_on_the_patients_left() -> None:
    picture = pictures(screening())["Axial section"]
    _, columns = np.nonzero(yellow(picture))
    assert columns.mean() > picture.shape[1] / 2


def test_mr_has_the_coronal_plane() -> None:
    assert "Coronal, with outline" in pictures(screening(Modality.MR))
    assert "Coronal, with outline" not in pictures(screening())
