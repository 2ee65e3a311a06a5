from __future__ import annotations

import numpy as np

from deepvein.phantoms.shapes.texture import Texture
from deepvein.phantoms.shapes.tube import Pixels

PIXELS = Pixels(np.arange(-100, 100, 5.0), np.arange(-60, 60, 5.0))


def test_values_stay_within_one_and_vary() -> None:
    field = Texture(1, "coarse", 20.0, 30.0).section(123.4, PIXELS)
    assert field.shape == PIXELS.shape
    assert np.abs(field).max() <= 1
    assert field.std() > 0.2


def test_sections_do_not_depend_on_the_order_in_which_they_are_made() -> None:
    one, other = (Texture(1, "fine", 4.0, 9.0) for _ in range(2))
    heights = [0.0, 5.0, 100.0, -40.0]
    forwards = [one.section(z, PIXELS) for z in heights]
    backwards = [other.section(z, PIXELS) for z in reversed(heights)][::-1]
    assert all(np.array_equal(a, b) for a, b in zip(forwards, backwards, strict=True))


def test_the_field_is_continuous_along_the_body() -> None:
    field = Texture(3, "coarse", 20.0, 30.0)
    near = np.abs(field.section(29.9, PIXELS) - field.section(30.1, PIXELS)).max()
    far = np.abs(field.section(0.0, PIXELS) - field.section(30.0, PIXELS)).max()
    assert near < 0.05 < far


def test_names_and_seeds_give_different_fields() -> None:
    a, b, c = (
        Texture(s, n, 20.0, 30.0).section(0, PIXELS) for s, n in ((1, "a"), (1, "b"), (2, "a"))
    )
    assert not np.allclose(a, b)
    assert not np.allclose(a, c)
