import io
from dataclasses import replace

import numpy as np
from PIL import Image, ImageColor

from deepvein.laboratory.cards.failure_images import Failure
from deepvein.laboratory.cards.failures_figure import (
    FOUND,
    LARGEST_BYTES,
    MOST,
    TRUE,
    draw_failures,
    worst,
)
from unit.laboratory.trials.outcomes import outcome, snapshot


def with_snapshots(number, *snapshots):
    return replace(outcome(number, has_dvt=False), snapshots=snapshots)


def colours(written):
    pixels = np.asarray(Image.open(io.BytesIO(written)).convert("RGB"), dtype=int)

    def shows(name):
        return bool((np.abs(pixels - ImageColor.getrgb(name)).max(axis=2) < 20).any())

    return shows(TRUE), shows(FOUND)


def test_nothing_wrong_is_no_picture():
    assert draw_failures([outcome(0, has_dvt=True)]) is None


def test_what_is_true_is_green_and_what_was_found_red():
    missed = [with_snapshots(0, snapshot(Failure.MISSED))]
    false = [with_snapshots(0, snapshot(Failure.FALSE))]
    assert colours(draw_failures(missed)) == (True, False)
    assert colours(draw_failures(false)) == (False, True)
    assert colours(draw_failures([*missed, *false])) == (True, True)


def test_the_worst_are_shown_first_and_no_more_than_fit():
    outcomes = [with_snapshots(n, snapshot(Failure.MISSED, weight=n)) for n in range(MOST + 5)]
    shown = worst(outcomes, Failure.MISSED)
    assert [case for case, _ in shown] == [f"case{n}" for n in range(MOST + 4, 4, -1)]
    assert worst(outcomes, Failure.FALSE) == []


def test_a_full_sheet_of_noise_stays_small():
    rng = np.random.default_rng(0)

    def noisy(failure):
        grey = rng.integers(0, 256, (120, 120)).astype(np.uint8)
        mask = np.zeros((120, 120), bool)
        mask[50:60, 50:60] = True
        return replace(snapshot(failure), grey=grey, veins=mask, truth=mask, found=mask)

    outcomes = [with_snapshots(n, noisy(Failure.MISSED), noisy(Failure.FALSE)) for n in range(MOST)]
    assert len(draw_failures(outcomes)) <= LARGEST_BYTES
