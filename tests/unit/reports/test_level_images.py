import pytest

from deepvein.drawing.windows import CT_VEINS
from deepvein.reports.level_images import level_heights, level_images
from unit.reports.legs import screening


def test_levels_are_in_the_middle_of_their_veins() -> None:
    heights = level_heights(screening().tree, (-503.0, -323.0))
    assert [name for name, _ in heights] == ["Thigh", "Knee"]
    assert heights[0][1] == pytest.approx((-420 - 323) / 2, abs=6)
    assert heights[1][1] == pytest.approx((-503 - 420) / 2, abs=6)


def test_without_veins_the_sections_are_spread_over_the_study() -> None:
    assert [z for _, z in level_heights(None, (0.0, 100.0))] == pytest.approx([80, 60, 40, 20])


def test_an_image_for_each_level() -> None:
    result = screening()
    images = level_images(result, CT_VEINS)
    assert [image.title for image in images] == ["Thigh", "Knee"]
    assert images[0].detail.startswith("z = −3")
