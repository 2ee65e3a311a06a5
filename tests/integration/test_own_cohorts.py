"""Both papers on a hospital's cohort: from folders in every format to page, cards and a model to screen."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from deepvein.cohorts.importing import import_folder
from deepvein.core.errors import CohortError
from deepvein.laboratory.huang2019 import profiles as huang
from deepvein.laboratory.huang2019.results import read_results
from deepvein.laboratory.huang2019.study import Study as Huang
from deepvein.laboratory.kozemzak2019 import profiles as kozemzak
from deepvein.laboratory.kozemzak2019.step_actions import Study
from deepvein.laboratory.kozemzak2019.study import Kozemzak2019
from deepvein.laboratory.reproduction import reproduce
from deepvein.screening.bundle import load_bundle
from deepvein.screening.screen import predict
from deepvein.studies.reading import read_study
from deepvein.studies.study import Modality
from deepvein.training.machine import Machine
from deepvein.volumes.grid import AXIAL, CORONAL
from deepvein.volumes.volume import Volume
from unit.cohorts.tiny_cohort import SHAPE, SPACING, arrays, write
from unit.laboratory.page_numbers import stray
from unit.studies import making
from unit.studies.masks.test_reading import nrrd
from unit.studies.masks.test_rtstruct import rtstruct
from unit.studies.masks.test_seg import segmentation

pytestmark = pytest.mark.slow

CPU = Machine(device="cpu", workers=0)
SHORT = kozemzak.Training(steps=3, epochs=1, batch=4, rate=1e-3)
TINY_HUANG = replace(
    huang.QUICK, name="tiny", patients=4, slices=32, centre_patients=1, size=(64, 32), narrowing=16,
    kernel=3, chunk=4, epochs=1, steps=3, batch=2, folds=2, trials=(0,),
)  # fmt: skip
TINY_KOZEMZAK = replace(
    kozemzak.QUICK, name="tiny", size=32, width=0.06, segmenter=SHORT, segmenter_3d=SHORT,
    classifier=SHORT, classifier_3d=SHORT, pretext=SHORT, folds=2, trials=1, draws=20, stride=6,
    precision="32-true",
)  # fmt: skip

Patient = tuple[Volume, np.ndarray]
"""An image and the (slice, row, column) mask of its thrombi."""


def as_nifti(folder: Path, image: Volume, mask: np.ndarray, modality: str) -> None:
    write(image.array, image.grid, folder / f"{modality}_scan.nii.gz")
    write(mask, image.grid, folder / f"{modality}_scan_thrombus.nii.gz")


def as_nrrd(folder: Path, image: Volume, mask: np.ndarray, modality: str) -> None:
    folder.mkdir(parents=True)
    nrrd(folder / f"{modality}.nrrd", image)
    names = {"Segment0_LabelValue": "1", "Segment0_Name": "clot"}
    nrrd(folder / f"{modality}-clot.seg.nrrd", Volume(mask, image.grid), **names)


def as_seg(folder: Path, image: Volume, mask: np.ndarray, modality: str) -> None:
    making.series(
        folder / "dicom", image.grid, image.array, modality.upper(), PatientID=folder.name
    )
    segmentation(folder / "dicom", mask, "BINARY", ("Thrombus",)).save_as(folder / "seg.dcm")


def as_rtstruct(folder: Path, image: Volume, mask: np.ndarray, modality: str) -> None:
    making.series(
        folder / "dicom", image.grid, image.array, modality.upper(), PatientID=folder.name
    )
    rows, columns = np.flatnonzero(mask.any(axis=(0, 2))), np.flatnonzero(mask.any(axis=(0, 1)))
    low, high = (rows[0] - 0.5, columns[0] - 0.5), (rows[-1] + 0.5, columns[-1] + 0.5)
    corners = [low, (low[0], high[1]), high, (high[0], low[1])]
    drawn = [(int(index), corners) for index in np.flatnonzero(mask.any(axis=(1, 2)))]
    kind = Modality(modality.upper())
    rtstruct(folder / "RS.dcm", read_study(folder / "dicom", kind).volume.grid, drawn)


FORMATS: tuple[Callable[[Path, Volume, np.ndarray, str], None], ...] = (
    as_nifti,
    as_nrrd,
    as_seg,
    as_rtstruct,
)


def mr_patient(number: int) -> Patient:
    """A leg of noise with a bright block, seen from the front."""
    shape = (4, 40, 24)
    grid = making.grid_of(shape, (4.0, 15.0, 8.0), directions=CORONAL)
    mask = np.zeros(shape, dtype=np.uint8)
    mask[1:3, 8 + number : 20, 10:13] = 1
    image = np.random.default_rng(number).integers(0, 90, shape).astype(np.int16)
    return Volume(image + 200 * mask.astype(np.int16), grid), mask


def ct_patient(number: int) -> tuple[Volume, np.ndarray, np.ndarray]:
    """Two legs with a bright vein each; every other patient has a thrombus."""
    image, segments, thrombi = arrays(number % 2 == 0)
    image[0, 0, 0] += number
    return Volume(image, making.grid_of(SHAPE, SPACING, directions=AXIAL)), segments, thrombi


def imported(folder: Path, out: Path, modality: Modality | None = None) -> Path:
    found = import_folder(folder, out, modality=modality)
    assert found.left_out == ()
    found.cohort.save()
    return out


def test_huang2019_on_thrombus_masks_of_every_format(tmp_path: Path) -> None:
    for number in range(4):
        image, mask = mr_patient(number)
        FORMATS[number](tmp_path / "in" / f"P{number}", image, mask, "mr")
    own = imported(tmp_path / "in", tmp_path / "county-hospital", Modality.MR)
    out = tmp_path / "study"
    study = Huang(TINY_HUANG, out, own, ("gn-unet", "unet"), beyond=False, machine=CPU)
    assert reproduce(study).complete
    tested = [
        row
        for fold in (0, 1)
        for row in read_results(out / f"models/gn-unet/fold-{fold}/results.csv")
    ]
    assert len({row.patient for row in tested}) == 4
    assert {row.thrombus_ml > 0 for row in tested} == {True}
    handed_over(out, "county-hospital")
    card = (out / "models/unet/fold-1/model/CARD.md").read_text()
    assert "huang2019/unet" in card
    bundle = load_bundle(out / "bundle")
    assert "Trained on: county-hospital" in bundle.card.read_text()
    image, _ = mr_patient(0)
    write(image.array, image.grid, tmp_path / "new.nii.gz")
    answer = predict(read_study(tmp_path / "new.nii.gz", Modality.MR), bundle, "cpu")
    names = [model.name.rpartition("/")[2] for model in answer.models]
    assert names == ["localiser", "segmenter", "veins"]
    assert answer.thrombus_probability.shape == image.array.shape


def test_kozemzak2019_on_thrombus_masks_alone(tmp_path: Path) -> None:
    """Classifiers that see no masks; what needs veins is left out aloud."""
    for number in range(10):
        image, _, thrombi = ct_patient(number)
        made = FORMATS[(number // 2) % 4] if number % 2 == 0 else as_nifti
        made(tmp_path / "in" / f"P{number}", image, thrombi, "ct")
    own = imported(tmp_path / "in", tmp_path / "county-hospital")
    out = tmp_path / "study"
    place = Study(TINY_KOZEMZAK, out, own, CPU)
    with pytest.raises(CohortError, match="unet needs vein segments"):
        Kozemzak2019.of(place, ("unet",))
    wanted = Kozemzak2019.of(place, ("resnet18", "cnn-rnn"), pretrained="none")
    assert reproduce(wanted).complete
    assert {m.name for m in Kozemzak2019.of(place, pretrained="none").wanted} >= {"i3d", "cnn-rnn"}
    handed_over(out, "county-hospital")
    page = (out / "index.md").read_text()
    assert "this cohort does not have" in page
    assert "nobody knows where the artefacts" in page
    assert "Figure 2. Slices and annotated slices a study" in page
    assert not (out / "bundle").exists()


def test_kozemzak2019_with_veins_hands_over_a_segmenter(tmp_path: Path) -> None:
    for number in range(10):
        image, segments, thrombi = ct_patient(number)
        folder = tmp_path / "in" / f"P{number}"
        as_nifti(folder, image, thrombi, "ct")
        write(segments, image.grid, folder / "ct_scan_veins.nii.gz")
    own = imported(tmp_path / "in", tmp_path / "county-hospital")
    out = tmp_path / "study"
    wanted = Kozemzak2019.of(
        Study(TINY_KOZEMZAK, out, own, CPU), ("unet", "resnet18-masks"), pretrained="none"
    )
    assert reproduce(wanted).complete
    handed_over(out, "county-hospital")
    assert "Dice, all pixels" in (out / "models/unet/CARD.md").read_text()
    image, _, _ = ct_patient(0)
    write(image.array, image.grid, tmp_path / "new.nii.gz")
    study = read_study(tmp_path / "new.nii.gz", Modality.CT)
    answer = predict(study, load_bundle(out / "bundle"), "cpu")
    assert [model.name.rpartition("/")[2] for model in answer.models] == [
        "localiser",
        "segmenter",
        "veins",
    ]


def handed_over(out: Path, cohort: str) -> None:
    """The page names the cohort, calls nobody synthetic, and every number on it lies in a CSV."""
    page = (out / "index.md").read_text()
    assert f"| Cohort | {cohort} |" in page
    assert f"The cohort {cohort}" in page
    assert "synthetic" not in page.lower()
    assert "What this says about the paper's claims" in page
    assert stray(out) == []
    assert (out / "tables" / "claims.csv").exists()
