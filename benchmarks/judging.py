"""Fitting the judge of a bundle with a reader: the first stage answers once, the rest is computed anew.

    python benchmarks/judging.py keep --models BUNDLE ct-whole:96500000:96500030
    python benchmarks/judging.py fit OUT --models BUNDLE --reader RUN \\
        --fit ct-parts:83000000:83000036 --fit ct-whole:96500000:96500030 \\
        --test ct-whole:97500000:97500016 --test ct-knees:12000:12040
    python benchmarks/judging.py measure BUNDLE --test ct-parts:98810000:98810060 --test ct-knees:14000:14030
    python benchmarks/judging.py cohort OUT ct-parts:83100000:83100060 ct-drawncalves:1000:1024

A kind and a range of seeds name studies: phantoms of parts of the legs with many short thrombi, of whole
legs, of isolated calf thrombi, knees of another hand, legs drawn from tables of anatomy (ct-drawnknees,
ct-drawncalves, …) and one person's real legs (ct-realknees, ct-realthighs, ct-realcalves; the folder of their
stations in DEEPVEIN_REAL_LEGS). Every second study has DVT. Drawn legs below seed 1000 and real legs are there
to be measured on: `cohort` and --fit refuse them. `cohort` writes studies as a cohort to train on; `keep` makes
them and has the first stage of BUNDLE answer (localiser and segmenter, which no reader changes); `fit`
fits judge, limit and operating point on the studies of --fit and writes the bundle into OUT with what it
reached on those of --test; `measure` measures a finished bundle on more of them, in its folder; `compare`
prints what one reaches, with --true-veins on the true vein tree: what the first stage's veins cost. All
studies of --fit count alike, unless a kind has a weight (--weight ct-whole=3):
then each of its studies counts so often.
"""

from __future__ import annotations

import argparse
import os
import re
import shlex
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from time import perf_counter

import numpy as np

from deepvein.anatomy.veins import deep_mask
from deepvein.cohorts.case import Case
from deepvein.cohorts.cohort import Cohort
from deepvein.core import settings
from deepvein.core.kept import Kept, Terms
from deepvein.core.provenance import sha256
from deepvein.core.workers import spread
from deepvein.evaluation.lesions import froc
from deepvein.evaluation.reliability import reliability
from deepvein.findings.calibration import Calibration
from deepvein.findings.features import calibrate_profile
from deepvein.inference.prediction import SCALE, Prediction
from deepvein.laboratory.cards.bundling import store_half
from deepvein.laboratory.cards.card import CARD, write_card
from deepvein.laboratory.second_opinion.knees import KNEES, knees
from deepvein.laboratory.second_opinion.legs.study import LEGS, Part, legs
from deepvein.laboratory.second_opinion.real.study import REAL, real_legs
from deepvein.laboratory.trials.calibrating import calibrate
from deepvein.laboratory.trials.measurement import measure
from deepvein.laboratory.trials.outcome import (
    GENERATION,
    Outcome,
    study_auroc,
    study_probabilities,
)
from deepvein.laboratory.trials.planted import Planted
from deepvein.laboratory.trials.trial import held_against
from deepvein.phantoms.phantom import PhantomSettings, render, sample
from deepvein.screening import screen
from deepvein.screening.bundle import BUNDLE_FILE, BundleFolder, load_bundle
from deepvein.screening.screen import conclude, predict
from deepvein.studies.nifti import write_nifti
from deepvein.studies.study import Format, Identity, Modality, Origin, Study
from deepvein.volumes.volume import Volume

_USUAL = PhantomSettings()
_SHORT = replace(_USUAL.disease, short_share=0.5)
_CALF = replace(_USUAL.disease, calf_share=1.0)
_CT_PARTS = (("knee", 0.32), ("thigh", 0.28), ("calf", 0.25), ("groin", 0.15))
_MR_PARTS = ((0.35, 0.85), (0.7, 1.2), (1.1, 1.55), (1.6, 2.15))
"""Landmark coordinates of a single station: calf, knee, thigh, groin."""

DRAWN = {
    f"{modality.value.lower()}-drawn{part.value}": LEGS[modality, part] for modality, part in LEGS
}
"""Legs of another hand."""

MEASURED_BELOW = 1000
"""Seeds of drawn legs that nothing is trained or fitted on."""

REAL_KINDS = {f"ct-real{part.value}": REAL[part] for part in REAL}
"""One person's anatomy, which nothing is trained or fitted on."""

MADE_BY = re.compile(r"^Made by:\n\n```\n(.*?)\n```$", re.MULTILINE | re.DOTALL)
"""On a card: the commands."""

PLACE = "DEEPVEIN_REAL_LEGS"
"""Environment variable: where Join_1.nii.gz to Join_7.nii.gz of mfroeling/QMRITools lie."""

KINDS = {
    "ct-parts": Modality.CT,
    "ct-whole": Modality.CT,
    "ct-calf": Modality.CT,
    "mr-parts": Modality.MR,
    "mr-whole": Modality.MR,
    **{f"{modality.value.lower()}-knees": modality for modality in KNEES},
    **{kind: drawn.modality for kind, drawn in (DRAWN | REAL_KINDS).items()},
}

NAMES = {
    "parts": "phantoms of parts of the leg",
    "whole": "phantoms of whole legs",
    "calf": "phantoms with isolated calf thrombi",
    "knees": "pairs of knees of another hand",
    **{f"drawn{part.value}": f"drawn {part.value}" for part in Part},
    **{f"real{part.value}": f"studies of one person's real {part.value}" for part in REAL},
}


@dataclass(frozen=True, eq=False)
class FirstStage:
    """A study, what is true of it and what the first stage said."""

    case: Case
    image: Volume
    segments: Volume
    thrombi: Volume
    planted: tuple[Planted, ...]
    prediction: Prediction

    @property
    def study(self) -> Study:
        return study_of(self.case, self.image)


def settings_of(kind: str, seed: int) -> PhantomSettings:
    """How the phantoms of a kind are made."""
    if kind == "ct-parts":
        return replace(_USUAL, disease=_SHORT, ct=replace(_USUAL.ct, coverages=_CT_PARTS))
    if kind == "ct-calf":
        shown = replace(_USUAL.ct, coverages=(("calf", 0.6), ("knee", 0.4)))
        return replace(_USUAL, disease=_CALF, ct=shown)
    if kind == "ct-whole":
        return replace(_USUAL, ct=replace(_USUAL.ct, coverage="whole", thickness_mm=5.0, planes=2))
    if kind == "mr-parts":
        part = _MR_PARTS[seed // 2 % len(_MR_PARTS)]
        return replace(_USUAL, disease=_SHORT, mr=replace(_USUAL.mr, stations=1, coverage=part))
    return replace(_USUAL, mr=replace(_USUAL.mr, row_mm=1.4))


def made(kind: str, seed: int) -> tuple[Case, Volume, Volume, Volume, tuple[Planted, ...]]:
    """The study, its vein segments and thrombi, and what was planted; nothing is written."""
    name = f"{kind}-{seed}"
    case = Case(name, name, KINDS[kind], Path(name), centre="")
    if kind.endswith("-knees"):
        pair = knees(seed, KNEES[case.modality])
        ill = pair.acute is not None
        planted = (Planted(1, bool(pair.acute), bool(pair.acute)),) if ill else ()
        case = replace(case, has_dvt=ill)
        return case, pair.image, pair.veins, pair.thrombi, planted
    if kind in DRAWN or kind in REAL_KINDS:
        real = REAL_KINDS.get(kind)
        drawn = real_legs(seed, real_folder(), real) if real else legs(seed, DRAWN[kind])
        clots = () if drawn.clot is None else (drawn.clot,)
        lodged = tuple(Planted(1, clot.occlusive, clot.acute) for clot in clots)
        case = replace(case, has_dvt=bool(clots))
        return case, drawn.image, drawn.veins, drawn.thrombi, lodged
    dvt = seed % 2 == 0
    scenario = sample(seed, case.modality, dvt, settings_of(kind, seed))
    phantom = render(scenario)
    planted = tuple(Planted(p.number, p.occlusive, p.acute) for p in phantom.planted)
    case = replace(case, has_dvt=dvt, centre=scenario.centre)
    return case, phantom.image, phantom.segments, phantom.thrombi, planted


def real_folder() -> Path:
    """Where the real legs lie."""
    if not os.environ.get(PLACE):
        raise SystemExit(
            f"real legs are made from Join_1.nii.gz to Join_7.nii.gz of mfroeling/QMRITools: set {PLACE} "
            "to the folder they lie in"
        )
    return Path(os.environ[PLACE])


def study_of(case: Case, image: Volume) -> Study:
    """As a header without remarks would state it."""
    return Study(
        name=case.case,
        modality=case.modality,
        volume=image,
        identity=Identity(study_uid="1.2.3"),
        origin=Origin(case.image, Format.DICOM, ()),
        synthetic=True,
    )


def first_stage(kind: str, seed: int, models: BundleFolder, folder: Path) -> FirstStage:
    """Kept in `folder`, or made now."""
    weights = [sha256(f / "model.safetensors") for f in (models.localiser, models.segmenter)]
    terms = Terms.of({"judging": 1}, weights=weights, kind=kind, seed=seed)
    kept = Kept(folder / f"{kind}-{seed}.json", FirstStage, terms)

    def make() -> FirstStage:
        begun = perf_counter()
        case, image, segments, thrombi, planted = made(kind, seed)
        painted = perf_counter() - begun
        bare = replace(models.bundle, calibration=replace(models.bundle.calibration, profile=None))
        # Figures of a card come from one engine, whatever the processor.
        bare_models = replace(models, bundle=bare)
        prediction = predict(study_of(case, image), bare_models, "cpu", engine="torch")
        found = FirstStage(case, image, segments, thrombi, planted, prediction)
        told = f"painted in {painted:.0f} s, answered in {prediction.seconds:.0f} s"
        print(f"{case.case}: {image.array.shape}, {told}", flush=True)
        return found

    return kept.get(make)


def parsed(text: str) -> tuple[str, range]:
    """ "KIND:FIRST:LAST", LAST not included."""
    kind, first, last = text.split(":")
    if kind not in KINDS:
        raise SystemExit(f"unknown kind {kind!r} (known: {', '.join(KINDS)})")
    return kind, range(int(first), int(last))


def require_unmeasured(named: Iterable[tuple[str, range]]) -> None:
    """Ends with a message where studies are there to be measured on."""
    for kind, seeds in named:
        if kind in REAL_KINDS:
            raise SystemExit(f"{kind} is there to be measured on, never to be learned from")
        if kind in DRAWN and seeds and min(seeds) < MEASURED_BELOW:
            raise SystemExit(
                f"{kind}-{min(seeds)} is there to be measured on, never to be learned from; seeds from "
                f"{MEASURED_BELOW} on are free"
            )


def stored(named: tuple[str, int, Path]) -> Case:
    """One study of a cohort, written."""
    kind, seed, root = named
    case, image, segments, thrombi, _ = made(kind, seed)
    folder = root / case.case
    folder.mkdir(parents=True, exist_ok=True)
    paths = [folder / f"{name}.nii" for name in ("image", "segments", "thrombi")]
    for volume, path in zip((image, segments, thrombi), paths, strict=True):
        write_nifti(volume, path)
    return replace(case, image=paths[0], segments=paths[1], thrombi=paths[2])


def write_cohort(options: argparse.Namespace) -> None:
    """Studies as NIfTI and their table in OUT."""
    require_unmeasured(options.studies)
    root = options.out.resolve()
    items = [(kind, seed, root) for kind, seeds in options.studies for seed in seeds]
    cases = tuple(spread(stored, items, options.workers))
    print(Cohort(root, cases).save())


def outcome_of(
    one: FirstStage, models: BundleFolder, folder: Path, true_veins: bool = False
) -> Outcome:
    """What a bundle makes of it; kept in `folder` as long as reader, calibration and detection are the same.

    true_veins: on the deep veins as they are; thrombi stay as the first stage sees them.
    """
    bundle = settings.to_dict(models.bundle)
    terms = Terms.of(
        {"screening": screen.GENERATION, "trial": GENERATION},
        models=[sha256(f / "model.safetensors") for f in models.model_folders],
        bundle={name: bundle[name] for name in ("calibration", "operating_point", "detection")},
        case=one.case.case,
        **({"veins": "true"} if true_veins else {}),
    )

    def make() -> Outcome:
        prediction = one.prediction
        if true_veins:
            veins = deep_mask(one.segments.array).astype(np.uint8) * np.uint8(SCALE)
            prediction = replace(prediction, vein_probability=veins)
        if models.reader is None:
            told = models.bundle.calibration.profile
            prediction = replace(prediction, profile=calibrate_profile(prediction.profile, told))
        screening = conclude(one.study, prediction, models, "cpu")
        return held_against(
            one.case, screening, one.segments, one.thrombi, one.planted, models.bundle
        )

    return Kept(folder / f"{one.case.case}-{terms.digest}.json", Outcome, terms).get(make)


def outcomes(
    named: Iterable[tuple[str, range]],
    first: BundleFolder,
    models: BundleFolder,
    folder: Path,
    true_veins: bool = False,
) -> Iterator[tuple[str, Outcome]]:
    """Each study's kind and what `models` make of what the first stage of `first` said."""
    for kind, seeds in named:
        for seed in seeds:
            one = first_stage(kind, seed, first, folder)
            yield kind, outcome_of(one, models, folder, true_veins)


def summary(rows: Sequence[Outcome]) -> str:
    """One line of figures."""
    curve = froc([row.matching for row in rows])
    lesions = [(row, one) for row in rows for one in row.thrombi]
    parts = []
    for name, low, high in (("<50", 0, 50), ("50-200", 50, 200), (">200", 200, 1e9)):
        here = [r.is_found(t) for r, t in lesions if low <= t.truth.length_mm < high]
        parts.append(f"{name} mm {sum(here)} of {len(here)}")
    false = sum(len(row.false_findings) for row in rows) / len(rows)
    probability, truth = study_probabilities(rows)
    error = reliability(probability, truth, 5).expected_error
    dice = np.mean([row.thrombus.dice for row in rows if row.has_dvt])
    return (
        f"{len(rows)} studies: AUROC {study_auroc(rows):.3f}; of {len(lesions)} thrombi "
        f"{curve.at(0.25) * len(lesions):.0f} and {curve.at(0.5) * len(lesions):.0f} at 0.25 and 0.5 false "
        f"a study; reported {', '.join(parts)}, {false:.2f} false a study; Dice {dice:.2f}; "
        f"calibration error {error:.2f}"
    )


def fit_bundle(options: argparse.Namespace) -> None:
    """The bundle in OUT, with its card."""
    require_unmeasured(options.fit)
    first = load_bundle(options.models)
    for name, source in (
        ("localiser", first.localiser),
        ("segmenter", first.segmenter),
        ("reader", options.reader),
    ):
        store_half(source, options.out / name)
    bundle = replace(first.bundle, calibration=Calibration(), reader="reader", measured=())
    bundle = replace(bundle, detection=replace(bundle.detection, least_probability=0.0))
    weight = {kind: float(count) for kind, count in (w.split("=") for w in options.weight)}
    fitted = list(outcomes(options.fit, first, BundleFolder(bundle, options.out), options.kept))
    made = calibrate(
        [row for _, row in fitted],
        described([kind for kind, _ in fitted]) + ", all for validation",
        [weight.get(kind, 1.0) for kind, _ in fitted],
    )
    bundle = replace(
        bundle,
        version=options.model_version or bundle.version,
        training_data=options.training_data or bundle.training_data,
        calibration=made.calibration,
        operating_point=made.point,
        detection=replace(bundle.detection, least_probability=made.least_probability),
    )
    ready = BundleFolder(bundle, options.out)
    tell_measured(ready, list(outcomes(options.test, first, ready, options.kept)), [this_command()])


def measure_bundle(options: argparse.Namespace) -> None:
    """What a finished bundle reached on the studies of --test alone, in its folder and on its card."""
    bundle = load_bundle(options.bundle)
    made_by = MADE_BY.search((options.bundle / CARD).read_text(encoding="utf-8"))
    if made_by is None:
        raise SystemExit(f"{options.bundle / CARD} does not say how its bundle was made")
    # Measured before by the same command, it is measured anew, not twice.
    commands = [one for one in made_by[1].splitlines() if " measure " not in one]
    tested = list(outcomes(options.test, bundle, bundle, options.kept))
    tell_measured(bundle, tested, [*commands, this_command()])


def tell_measured(
    ready: BundleFolder, tested: Sequence[tuple[str, Outcome]], commands: Sequence[str]
) -> None:
    """Prints, stores and writes on the card what a bundle reached: on phantoms, and on legs of another hand."""
    for kind in dict.fromkeys(kind for kind, _ in tested):
        print(f"{kind}: {summary([row for k, row in tested if k == kind])}", flush=True)
    groups = [
        [
            (k, row)
            for k, row in tested
            if (k.endswith("-knees") or k in DRAWN or k in REAL_KINDS) is another_hand
        ]
        for another_hand in (False, True)
    ]
    point = ready.bundle.operating_point
    measured = tuple(
        measure([r for _, r in g], described([k for k, _ in g]) + ", never trained on", point)
        for g in groups
        if g
    )
    bundle = replace(ready.bundle, measured=measured)
    settings.save(bundle, ready.folder / BUNDLE_FILE)
    shown = [row for _, row in groups[0] or groups[1]]
    write_card(bundle, shown, "\n".join(commands), ready.folder)


def this_command() -> str:
    return "python " + shlex.join(sys.argv)


def described(kinds: Sequence[str]) -> str:
    """How many of each."""
    counts = {kind: kinds.count(kind) for kind in dict.fromkeys(kinds)}
    return " and ".join(f"{n} {NAMES[kind.split('-')[1]]}" for kind, n in counts.items())


def compare(options: argparse.Namespace) -> None:
    """What a finished bundle makes of the studies of --test."""
    first, models = load_bundle(options.models), load_bundle(options.bundle)
    tested = list(outcomes(options.test, first, models, options.kept, options.true_veins))
    for kind in dict.fromkeys(kind for kind, _ in tested):
        print(f"{kind}: {summary([row for k, row in tested if k == kind])}", flush=True)
    print(f"all: {summary([row for _, row in tested])}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    commands = parser.add_subparsers(dest="command", required=True)
    writing, keep, fitting, comparing, measuring = (
        commands.add_parser(n) for n in ("cohort", "keep", "fit", "compare", "measure")
    )
    keep.add_argument("studies", nargs="+", type=parsed)
    fitting.add_argument("out", type=Path)
    fitting.add_argument("--reader", type=Path, required=True)
    fitting.add_argument("--fit", action="append", type=parsed, required=True)
    fitting.add_argument("--weight", action="append", default=[], metavar="KIND=COUNT")
    fitting.add_argument("--model-version", default="")
    fitting.add_argument("--training-data", default="")
    comparing.add_argument("bundle", type=Path)
    comparing.add_argument("--true-veins", action="store_true")
    measuring.add_argument("bundle", type=Path)
    writing.add_argument("out", type=Path)
    writing.add_argument("studies", nargs="+", type=parsed)
    writing.add_argument("--workers", type=int, default=1)
    for one in (fitting, comparing, measuring):
        one.add_argument("--test", action="append", type=parsed, required=True)
    for one in (keep, fitting, comparing):
        one.add_argument("--models", type=Path, required=True)
    for one in (keep, fitting, comparing, measuring):
        one.add_argument("--kept", type=Path, default=Path("runs/kept"))
    options = parser.parse_args()
    if options.command == "fit":
        fit_bundle(options)
    elif options.command == "compare":
        compare(options)
    elif options.command == "measure":
        measure_bundle(options)
    elif options.command == "cohort":
        write_cohort(options)
    else:
        models = load_bundle(options.models)
        for kind, seeds in options.studies:
            for seed in seeds:
                first_stage(kind, seed, models, options.kept)


if __name__ == "__main__":
    main()
