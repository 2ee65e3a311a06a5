from dataclasses import replace

import numpy as np
import pytest

from deepvein.core.seeds import generator
from deepvein.examples.courses.frame import SIZE
from deepvein.examples.courses.look import drawn_look
from deepvein.examples.courses.shown import cropped, part_of, show
from deepvein.studies.study import Modality
from unit.examples.courses.scenes import scene

CENTRE = slice(SIZE // 2 - 3, SIZE // 2 + 3)


def shown(seed: int, modality: Modality = Modality.CT):
    rng = generator(seed, "shown")
    return show(rng, scene(), replace(drawn_look(rng, modality), strange=False))


@pytest.mark.parametrize("modality", Modality)
def test_thrombus_is_darker_than_open_vein(modality):
    dark, bright = [], []
    for seed in range(40):
        course = shown(seed, modality)
        open_part = (course.vein > 0.9) & ~course.clot & (course.artefact == 0)[:, None, None]
        if course.clot.sum() > 200 and open_part.sum() > 200:
            dark.append(np.median(course.picture[course.clot]))
            bright.append(np.median(course.picture[open_part]))
    assert len(dark) > 5
    assert (np.array(dark) < np.array(bright)).mean() > 0.9


def test_a_section_shows_a_thrombus_exactly_where_three_pixels_do():
    for seed in range(20):
        course = shown(seed)
        pixels = course.clot.sum(axis=(1, 2))
        assert (course.thrombus[pixels >= 3] == 1).all()
        assert (course.thrombus[pixels == 0] == 0).all()
        assert np.isnan(course.thrombus[(pixels > 0) & (pixels < 3)]).all()


def test_sections_beyond_the_body_do_not_count():
    rng = generator(1, "shown")
    ended = replace(scene(), shown=np.arange(60) < 50)
    course = show(rng, ended, drawn_look(rng, Modality.CT))
    assert np.isnan(course.thrombus[50:]).all()


def test_the_first_stage_finds_most_of_the_vein_and_errs():
    found = [shown(seed).vein[:, CENTRE, CENTRE].max(axis=(1, 2)) > 0.5 for seed in range(30)]
    assert 0.6 < np.mean(found) < 0.99


def test_the_same_stream_shows_the_same_picture():
    assert np.array_equal(shown(5).picture, shown(5).picture)
    assert not np.array_equal(shown(5).picture, shown(6).picture)


def test_crops_fit_and_some_are_short():
    rng = generator(2, "crop")
    lengths = []
    for _ in range(200):
        where = cropped(rng, scene(60), 40)
        assert 0 <= where.start < where.stop <= 60
        lengths.append(where.stop - where.start)
        assert len(part_of(scene(60), where).z_mm) == lengths[-1]
    assert max(lengths) == 40
    assert min(lengths) < 30
