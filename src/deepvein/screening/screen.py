"""The main job on one page: from a study on disk to the answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING

from deepvein.core.errors import ModelError
from deepvein.core.progress import Progress, silent
from deepvein.core.provenance import provenance
from deepvein.findings.assessment import assess
from deepvein.findings.detection import find
from deepvein.findings.features import calibrate_profile
from deepvein.findings.screening import Screening, Verdict
from deepvein.inference.prediction import ModelIdentity, Prediction
from deepvein.inference.second_reader.way import Way
from deepvein.screening.bundle import BundleFolder, bundle_for
from deepvein.studies.study import Modality, Remark, Study
from deepvein.studies.suitability import problems
from deepvein.veins.tree import vein_tree
from deepvein.volumes.grid import AXIAL, CORONAL
from deepvein.volumes.orient import orient
from deepvein.volumes.volume import Volume
from deepvein.volumes.zeros import sparse_zeros

if TYPE_CHECKING:
    from deepvein.inference.models import Model

GENERATION = 3
"""Raised when the same study and models come to another answer (tests/golden tells)."""

_DIRECTIONS = {Modality.CT: AXIAL, Modality.MR: CORONAL}
"""Along which axes each modality's segmenter sees the legs."""


def screen(
    location: Path | str | Study,
    *,
    modality: Modality | None = None,
    device: str = "auto",
    engine: str = "auto",
    models: BundleFolder | None = None,
    progress: Progress = silent,
) -> Screening:
    """Screen one study for deep vein thrombosis; nothing is written.

    Parameters
    ----------
    location
        A DICOM folder, zip or DICOMDIR, a NIfTI or NRRD file, or a Study that was read before.
    modality
        Needed where the file does not tell it (NIfTI, NRRD).
    device
        Where the networks run: "auto", "cpu", "cuda", "cuda:1" or "mps".
    engine
        What computes the segmenter: "auto", "torch", "bfloat16", "onnx" or "openvino". One that cannot do
        it as torch does leaves it to torch, which a remark then tells.
    models
        Another bundle than the one that comes with deepvein.
    progress
        Called with (stage, done, total).

    Returns
    -------
    Screening
        Findings, verdict and probability. A study that can be read but not judged has the verdict
        NOT_ASSESSABLE, no findings, and the reason among its remarks.

    Raises
    ------
    StudyError
        The study cannot be read; GeometryError and NothingToScreenError are of its kin.
    UsageError
        The modality is missing or another one, or the machine does not have the device or the engine.
    """
    begun = perf_counter()
    study = location if isinstance(location, Study) else _read(Path(location), modality, progress)
    models = models or bundle_for(study.modality)
    found = problems(study)
    study = replace(study, remarks=(*study.remarks, *(Remark(p.code, p.text) for p in found)))
    if any(problem.blocking for problem in found):
        return _unassessable(study, models, begun)
    prediction = predict(study, models, device, progress, engine=engine)
    study = replace(study, remarks=(*study.remarks, *_left_to_torch(prediction)))
    result = conclude(study, prediction, models, device, progress)
    return replace(result, seconds=perf_counter() - begun)


def load(models: BundleFolder, device: str = "auto", *, engine: str = "auto") -> None:
    """Load the networks of a bundle, which then are at hand in this process.

    Raises ModelError for one that is missing or damaged, UsageError where the machine does not have the device
    or the engine, and ImportError or OSError where a library of torch's is missing.
    """
    from deepvein.inference.models import open_model

    for folder in models.model_folders:
        by_torch = folder in (models.localiser, models.reader)
        open_model(folder, device, engine="torch" if by_torch else engine)


def conclude(
    study: Study,
    prediction: Prediction,
    models: BundleFolder,
    device: str = "auto",
    progress: Progress = silent,
) -> Screening:
    """The answer for a study of which `predict` has told what the first stage sees."""
    begun, bundle = perf_counter(), models.bundle
    tree = vein_tree(prediction, study)
    if models.reader is not None:
        prediction = read_again(study, prediction, tree.ways, models, device, progress)
    findings = find(prediction, study, tree, bundle.detection, bundle.calibration)
    assessment = assess(
        study, prediction, tree, findings, bundle.calibration, bundle.operating_point
    )
    return Screening(
        study=study,
        prediction=prediction,
        tree=tree,
        verdict=assessment.verdict,
        probability=assessment.probability,
        operating_point=bundle.operating_point,
        findings=findings,
        remarks=assessment.remarks,
        provenance=provenance(),
        seconds=prediction.seconds + perf_counter() - begun,
    )


def _unassessable(study: Study, models: BundleFolder, begun: float) -> Screening:
    """The answer for a study that no model needs to be asked about; its remarks say why."""
    return Screening(
        study=study,
        prediction=None,
        tree=None,
        verdict=Verdict.NOT_ASSESSABLE,
        probability=None,
        operating_point=models.bundle.operating_point,
        findings=(),
        remarks=study.remarks,
        provenance=provenance(),
        seconds=perf_counter() - begun,
    )


def predict(
    study: Study,
    models: BundleFolder,
    device: str = "auto",
    progress: Progress = silent,
    *,
    engine: str = "auto",
) -> Prediction:
    """Where the deep veins and thrombi of a study are, on its own grid, as the first stage sees them.

    The study is one that `studies.suitability.problems` finds nothing against: axial CT, coronal MR.
    """
    from deepvein.inference.clearing import clear_outside
    from deepvein.inference.localiser import localise
    from deepvein.inference.models import open_model
    from deepvein.inference.profile import profile
    from deepvein.inference.regions import RegionSettings, regions
    from deepvein.inference.segmenter import segment
    from deepvein.inference.thinning import fill_between, stride, thinned

    begun = perf_counter()
    directions = _DIRECTIONS[study.modality]
    # The localiser takes a hundredth of the time, and other engines round its maps otherwise.
    localiser = open_model(models.localiser, device)
    segmenter = open_model(models.segmenter, device, engine=engine)
    used = [localiser, segmenter]
    progress("localising", 0, 1)
    territories = localise(localiser, study.volume, study.modality)
    progress("localising", 1, 1)
    view = orient(study.volume, directions)
    veins, thrombus = (
        Volume(sparse_zeros(study.volume.grid.shape), study.volume.grid) for _ in range(2)
    )
    outputs = {
        "veins": orient(veins, directions).array,
        "thrombus": orient(thrombus, directions).array,
    }
    step = stride(segmenter.description.examples, view.grid.spacing_mm[0])
    seen = thinned(view, step)
    # A box is that of as many slices of the study, whether they are looked at or not.
    where = regions(territories, seen.grid, RegionSettings(max(1, RegionSettings.block // step)))
    asked = {name: array[::step] for name, array in outputs.items()}
    if models.veins is not None:
        used.append(open_model(models.veins, device, engine=engine))
        segment(used[-1], seen, where, {"veins": asked.pop("veins")}, progress)
    segment(segmenter, seen, where, asked, progress)
    for array in outputs.values():
        fill_between(array, step)
    # The boxes that were looked at hold more than the territories.
    clear_outside(territories, view.grid, tuple(outputs.values()))
    calibration = models.bundle.calibration.profile
    return Prediction(
        grid=study.volume.grid,
        vein_probability=veins.array,
        thrombus_probability=thrombus.array,
        territories=territories,
        profile=calibrate_profile(profile(thrombus), calibration),
        models=tuple(_identity(models, model) for model in used),
        device=str(segmenter.engine.device),
        seconds=perf_counter() - begun,
        engines=tuple(model.computed_by for model in used),
    )


def _left_to_torch(prediction: Prediction) -> tuple[Remark, ...]:
    told = [
        f"{model.name}: {one.instead_of} was asked for and did not compute it, {one.reason}; torch did."
        for model, one in zip(prediction.models, prediction.engines, strict=True)
        if one.instead_of
    ]
    return tuple(Remark("engine", text) for text in told)


def read_again(
    study: Study,
    prediction: Prediction,
    ways: Sequence[Way],
    models: BundleFolder,
    device: str = "auto",
    progress: Progress = silent,
) -> Prediction:
    """The prediction after the bundle's second reader has followed its veins; the bundle has one."""
    from deepvein.inference.models import open_model
    from deepvein.inference.second_reader.reading import read_again as read

    if models.reader is None:
        raise ModelError(
            f"the bundle {models.bundle.name!r} in {models.folder} has no second reader"
        )
    reader = open_model(models.reader, device)
    again = read(study, prediction, ways, reader.engine, progress)
    return replace(
        again,
        profile=calibrate_profile(again.profile, models.bundle.calibration.profile),
        models=(*again.models, _identity(models, reader)),
        engines=(*again.engines, reader.computed_by),
    )


def _read(location: Path, modality: Modality | None, progress: Progress) -> Study:
    from deepvein.studies.reading import read_study

    return read_study(location, modality, progress=progress)


def _identity(models: BundleFolder, model: Model) -> ModelIdentity:
    name = f"{models.bundle.name}/{model.folder.name}"
    return ModelIdentity(name, models.bundle.version, model.sha256)
