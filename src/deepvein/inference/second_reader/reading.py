"""Reading a study again along its veins."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from time import perf_counter
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray

from deepvein.core.progress import Progress, silent
from deepvein.examples.courses.frame import PIXEL_MM, SIZE
from deepvein.examples.courses.look import normalised
from deepvein.examples.courses.source import blank
from deepvein.inference.case_reader import read_views
from deepvein.inference.engines import Engine
from deepvein.inference.prediction import SCALE, Prediction
from deepvein.inference.profile import profile
from deepvein.inference.second_reader.answers import Reading, WayReading
from deepvein.inference.second_reader.marks import mark
from deepvein.inference.second_reader.sections import sections
from deepvein.inference.second_reader.way import Way, mates
from deepvein.networks.course_reader import ANSWERS
from deepvein.studies.soft_tissue import soft_tissue
from deepvein.studies.study import Modality, Study
from deepvein.volumes.volume import Volume

Float32 = NDArray[np.float32]


def read_ways(
    study: Study,
    prediction: Prediction,
    ways: Sequence[Way],
    engine: Engine,
    progress: Progress = silent,
) -> tuple[WayReading, ...]:
    """Every way read, beside the other leg's where there is one; in the order of the ways."""
    inputs = _inputs(study, prediction, ways)
    views = _views(ways)

    def both_legs(number: int) -> torch.Tensor:
        view = views[number]
        both = blank(view.high - view.low, study.modality)
        for leg, shown in zip(both, (view.own, view.other), strict=True):
            if shown is not None:
                _enter(leg, inputs[shown], ways[shown].levels, view.low)
        return torch.from_numpy(both.reshape(1, -1, *both.shape[2:]))

    answers = read_views(engine, both_legs, len(views), progress, "following veins")
    readings: dict[int, WayReading] = {}
    for view, logits in zip(views, answers, strict=True):
        legs = torch.sigmoid(logits)[0].cpu().numpy()
        readings[view.own] = _reading(ways[view.own], legs[:ANSWERS], view.low)
        if view.other is not None and view.answers_both:
            readings[view.other] = _reading(ways[view.other], legs[ANSWERS:], view.low)
    return tuple(readings[number] for number in range(len(ways)))


def read_again(
    study: Study,
    prediction: Prediction,
    ways: Sequence[Way],
    engine: Engine,
    progress: Progress = silent,
) -> Prediction:
    """The prediction with the mean of both opinions on thrombus, each of them kept in its `reading`.

    A voxel in a section of a way is thrombus as far as both say so on average; where no way runs the first
    stage's opinion counts half, for nobody has followed a vein there.
    """
    begun = perf_counter()
    second = Volume(np.zeros(prediction.grid.shape, np.uint8), prediction.grid)
    readings = read_ways(study, prediction, ways, engine, progress)
    for reading in readings:
        mark(second, reading.way, reading.agreed, reading.pixel_mm)
    first = prediction.thrombus_probability
    for mean, other in zip(second.array, first, strict=True):
        # Halves are rounded up, so that two bytes need no wider numbers.
        mean[...] = (mean >> 1) + (other >> 1) + ((mean | other) & 1)
    return replace(
        prediction,
        thrombus_probability=second.array,
        profile=profile(second),
        reading=Reading(first, readings),
        seconds=prediction.seconds + perf_counter() - begun,
    )


def _inputs(study: Study, prediction: Prediction, ways: Sequence[Way]) -> list[Float32]:
    """(2, n, SIZE, SIZE) picture and vein of each way."""
    outside = -1000.0 if study.modality is Modality.CT else 0.0
    pictures = [_cut(study.volume, one, outside) for one in ways]
    unit = 1.0
    if study.modality is Modality.MR and ways:
        # Signal has no unit: it is told over that of the muscle round the veins.
        unit = soft_tissue(np.concatenate(pictures), study.modality) or 1.0
    shown = Volume(prediction.vein_probability, prediction.grid)
    veins = [_cut(shown, one, 0.0) / np.float32(SCALE) for one in ways]
    return [
        np.stack([normalised(picture / np.float32(unit), study.modality), vein])
        for picture, vein in zip(pictures, veins, strict=True)
    ]


def _cut(volume: Volume, way: Way, outside: float) -> Float32:
    return sections(volume, way.points_mm, way.side, SIZE, PIXEL_MM, outside)


class _View(NamedTuple):
    """What the network is shown at once: numbers of a way and of the one beside it, levels low to high - 1.
    answers_both: of two ways that are each other's mates one look tells both."""

    own: int
    other: int | None
    low: int
    high: int
    answers_both: bool


def _views(ways: Sequence[Way]) -> list[_View]:
    partner, views = mates(ways), []
    for own, other in enumerate(partner):
        shown, both = [ways[own]], False
        if other is not None and partner[other] == own:
            if other < own:
                continue
            shown, both = [ways[own], ways[other]], True
        low = min(int(way.levels[0]) for way in shown)
        high = max(int(way.levels[-1]) for way in shown) + 1
        views.append(_View(own, other, low, high, both))
    return views


def _enter(leg: Float32, inputs: Float32, levels: NDArray[np.int64], low: int) -> None:
    """Puts the sections of a way at these levels into a leg whose first section lies at `low`."""
    here = (levels >= low) & (levels < low + leg.shape[1])
    leg[:, levels[here] - low] = inputs[:, here]


def _reading(way: Way, answers: Float32, low: int) -> WayReading:
    pixels, thrombus, artefact = answers[:, way.levels - low]
    return WayReading(way, thrombus[:, 0, 0], artefact[:, 0, 0], pixels, PIXEL_MM)
