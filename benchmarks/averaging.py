"""Does averaging a segmenter's answer with that for the mirrored picture pay? Dice and time, with and without.

    python benchmarks/averaging.py [--bundle FOLDER] [--cohort COHORT] [--cases 4] [--device cpu]

Without --bundle the bundled models for CT, without --cohort phantoms that are made for it. Both ways see
the same regions of the same cases in one run; Dice is at probability 0.5, of thrombi over the cases that
have any.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
from torch import Tensor

from deepvein.anatomy.veins import deep_mask
from deepvein.cohorts.cohort import Cohort
from deepvein.cohorts.opening import open_case
from deepvein.evaluation.metrics import overlap
from deepvein.inference.clearing import clear_outside
from deepvein.inference.engines import Engine
from deepvein.inference.localiser import localise
from deepvein.inference.models import open_model
from deepvein.inference.prediction import SCALE
from deepvein.inference.regions import regions
from deepvein.inference.segmenter import segment
from deepvein.phantoms.cohort import write_cohort
from deepvein.screening.bundle import BundleFolder, bundle_for, load_bundle
from deepvein.studies.study import Modality

_SEED = 91


class Mirrored:
    """The mean of an engine's logits for a picture and for its mirror image, columns reversed."""

    def __init__(self, engine: Engine) -> None:
        self.engine, self.device = engine, engine.device

    def __call__(self, inputs: Tensor) -> Tensor:
        return (self.engine(inputs) + self.engine(inputs.flip(-1)).flip(-1)) / 2


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--bundle", type=Path)
    parser.add_argument("--cohort", type=Path)
    parser.add_argument("--cases", type=int, default=4)
    parser.add_argument("--device", default="cpu")
    options = parser.parse_args()
    folder = load_bundle(options.bundle) if options.bundle else bundle_for(Modality.CT)
    with tempfile.TemporaryDirectory() as made:
        modality = folder.bundle.modality
        if not options.cohort:
            write_cohort(modality, options.cases, Path(made), _SEED, dvt_share=0.75)
        cohort = Cohort.load(options.cohort or Path(made)).of_modality(modality)
        compare(folder, replace(cohort, cases=cohort.cases[: options.cases]), options.device)


def compare(folder: BundleFolder, cohort: Cohort, place: str) -> None:
    """Print mean Dice and median processor seconds of both ways."""
    localiser, once = (open_model(path, place) for path in (folder.localiser, folder.segmenter))
    ways = {"once": once, "mirrored": replace(once, engine=Mirrored(once.engine))}
    scores: dict[tuple[str, str], list[float]] = {}
    for case in cohort.cases:
        opened = open_case(case, cohort.cache)
        if opened.segments is None or opened.thrombi is None:
            raise SystemExit(f"case {case.case} has no vein segments or thrombi")
        truth = {
            "veins": deep_mask(np.asarray(opened.segments.array)),
            "thrombus": np.asarray(opened.thrombi.array) > 0,
        }
        territories = localise(localiser, opened.image, case.modality)
        where = regions(territories, opened.image.grid)
        for way, model in ways.items():
            outputs = {name: np.zeros(opened.image.grid.shape, np.uint8) for name in truth}
            begun = time.process_time()
            segment(model, opened.image, where, outputs)
            scores.setdefault((way, "seconds"), []).append(time.process_time() - begun)
            clear_outside(territories, opened.image.grid, tuple(outputs.values()))
            for name, mask in truth.items():
                if mask.any():
                    dice = overlap(outputs[name] > SCALE // 2, mask).dice
                    scores.setdefault((way, name), []).append(dice)
    print(f"{'':<12}{'veins':>10}{'thrombus':>10}{'seconds':>10}")
    for way in ways:
        # nan where no case has a thrombus.
        veins, thrombus = (
            float(np.mean(scores.get((way, n), [np.nan]))) for n in ("veins", "thrombus")
        )
        seconds = statistics.median(scores[way, "seconds"])
        print(f"{way:<12}{veins:>10.3f}{thrombus:>10.3f}{seconds:>10.1f}")


if __name__ == "__main__":
    main()
