"""nnU-Net v2 on the folds of a finished reproduction, with the same time on the same device.

    python benchmarks/peers/nnunet.py STUDY --profile quick [--folds 0 1] [--batch 2] [--device cuda]
    deepvein reproduce huang2019 --profile quick --out STUDY      # draws the page again, with a chapter on it

STUDY is the `--out` of `deepvein reproduce huang2019`. Each fold is trained for as long as the proposed
network was (or --minutes), from the same patients, and tested on the same others; preparation of the data
is not counted. nnU-Net's own plan, patch size and augmentation stay as they are, but the learning rate falls
over the time instead of over 1,000 epochs. Its plan fills a GPU's memory with batches of which a processor
finishes a handful in minutes; --batch gives smaller ones. Without nnU-Net (pip install nnunetv2) a message
says so. --export-only writes the data in nnU-Net's format, and needs it not.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import subprocess
import sys
import time
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from deepvein.cohorts.cohort import Cohort
from deepvein.cohorts.opening import open_case
from deepvein.laboratory.huang2019.experiments import PROPOSED
from deepvein.laboratory.huang2019.masks import keep_mask
from deepvein.laboratory.huang2019.peer import PEER, PeerTraining
from deepvein.laboratory.huang2019.profiles import PROFILES
from deepvein.laboratory.huang2019.results import Context, measure, write_results
from deepvein.laboratory.huang2019.study import Study
from deepvein.laboratory.huang2019.work import PREDICTIONS, RESULTS
from deepvein.laboratory.steps import DONE
from deepvein.studies.nifti import read_nifti, write_nifti
from deepvein.volumes.volume import Volume

DATASET, NUMBER = "Dataset519_Huang2019", 519
CONFIGURATION = "2d"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("study", type=Path)
    parser.add_argument("--profile", default="quick", choices=PROFILES.names())
    parser.add_argument("--cohort", type=Path, help="the cohort, if it is not the synthetic one")
    parser.add_argument("--folds", type=int, nargs="*")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--minutes", type=float, help="of training a fold")
    parser.add_argument("--batch", type=int, help="slices of a step; the plan's own if not given")
    parser.add_argument("--processes", type=int, default=2, help="that prepare the data")
    parser.add_argument("--export-only", action="store_true")
    options = parser.parse_args()
    profile = PROFILES.get(options.profile)
    patients = Study(profile, options.study, options.cohort).patients
    work = options.study / PEER / "work"
    export(patients, profile.folds, work)
    print(f"exported {len(patients)} patients to {work / 'raw' / DATASET}")
    if options.export_only:
        return
    if importlib.util.find_spec("nnunetv2") is None:
        print("skipped: nnU-Net is not installed (pip install nnunetv2)")
        return
    prepare(work, patients, profile.folds, options.processes)
    for fold in options.folds or range(profile.folds):
        target = options.study / PEER / f"fold-{fold}"
        if (target / RESULTS).exists():
            continue
        own = budget(options.study, fold)
        seconds = 60 * options.minutes if options.minutes else own
        train(work, fold, seconds, options.device, options.batch, own).save(target)
        test(work, patients, fold, target, options.device)
        print(f"fold {fold}: trained for {seconds:.0f} s")


def export(patients: Cohort, folds: int, work: Path) -> None:
    """Images, binary masks, dataset.json and the folds; files that are there stay."""
    raw = work / "raw" / DATASET
    for part in ("imagesTr", "labelsTr"):
        (raw / part).mkdir(parents=True, exist_ok=True)
    for case in patients:
        opened = open_case(case, patients.cache)
        image, label = (
            raw / "imagesTr" / f"{case.case}_0000.nii.gz",
            raw / "labelsTr" / f"{case.case}.nii.gz",
        )
        if opened.thrombi is None or label.exists():
            continue
        write_nifti(Volume(np.asarray(opened.image.array), opened.image.grid), image)
        mask = (np.asarray(opened.thrombi.array) > 0).astype(np.uint8)
        write_nifti(Volume(mask, opened.thrombi.grid), label)
    description = {
        "channel_names": {"0": "MRI"},
        "labels": {"background": 0, "thrombus": 1},
        "numTraining": len(patients),
        "file_ending": ".nii.gz",
    }
    (raw / "dataset.json").write_text(json.dumps(description, indent=2) + "\n")
    (work / "splits_final.json").write_text(json.dumps(splits(patients, folds), indent=2) + "\n")


def splits(patients: Cohort, folds: int) -> list[dict[str, list[str]]]:
    """For each fold the names of the cases to train on and to test on."""
    return [
        {
            "train": [case.case for case in patients.of_fold(fold, held_out=False)],
            "val": [case.case for case in patients.of_fold(fold, held_out=True)],
        }
        for fold in range(folds)
    ]


def budget(study: Path, fold: int) -> float:
    """Seconds that the proposed network was trained for on this fold."""
    path = study / PROPOSED / f"fold-{fold}" / DONE
    if not path.exists():
        raise SystemExit(f"{path.parent} is not finished: reproduce it first")
    return float(json.loads(path.read_text())["seconds"])


def prepare(work: Path, patients: Cohort, folds: int, processes: int) -> None:
    """nnU-Net's plan and preprocessed data; the folds are put beside them."""
    for name in ("raw", "preprocessed", "results"):
        (work / name).mkdir(parents=True, exist_ok=True)
        os.environ[f"nnUNet_{name}"] = str((work / name).resolve())
    done = work / "preprocessed" / DATASET
    if not (done / "nnUNetPlans_2d").exists():
        command = [
            sys.executable,
            "-c",
            "from nnunetv2.experiment_planning import plan_and_preprocess_entrypoints as entry; "
            "entry.plan_and_preprocess_entry()",
            *("-d", str(NUMBER), "-c", CONFIGURATION, "-np", str(processes)),
        ]
        subprocess.run(command, check=True)
    (done / "splits_final.json").write_text(json.dumps(splits(patients, folds)) + "\n")


def train(
    work: Path, fold: int, seconds: float, device: str, batch: int | None, budget_s: float
) -> PeerTraining:
    """nnU-Net's own training, ended by the clock; batch: None for that of its plan."""
    import torch

    prepared = work / "preprocessed" / DATASET
    plans = json.loads((prepared / "nnUNetPlans.json").read_text())
    dataset = json.loads((prepared / "dataset.json").read_text())
    plans["continue_training"] = False  # asked for from version 2.8 on
    if batch is not None:
        plans["configurations"][CONFIGURATION]["batch_size"] = batch
    trainer = timed_trainer(seconds)(
        plans, CONFIGURATION, fold, dataset, device=torch.device(device)
    )
    trainer.run_training()
    return PeerTraining(
        version=version("nnunetv2"),
        configuration=CONFIGURATION,
        batch=trainer.batch_size,
        steps=trainer.steps,
        seconds=trainer.seconds,
        budget_s=budget_s,
    )


def timed_trainer(seconds: float) -> Any:
    """nnU-Net's trainer whose epochs and learning rate follow the clock."""
    import torch
    from nnunetv2.training.nnUNetTrainer.nnUNetTrainer import nnUNetTrainer

    class TimedTrainer(nnUNetTrainer):  # type: ignore[misc]
        def run_training(self) -> None:
            self.num_val_iterations_per_epoch = 1
            self.on_train_start()
            begun, over, self.steps = time.monotonic(), False, 0
            while not over:
                self.on_epoch_start()
                self.on_train_epoch_start()
                outputs = []
                for _ in range(self.num_iterations_per_epoch):
                    share = min(1.0, (time.monotonic() - begun) / seconds)
                    for group in self.optimizer.param_groups:
                        group["lr"] = self.initial_lr * (1 - share) ** 0.9
                    outputs.append(self.train_step(next(self.dataloader_train)))
                    self.steps += 1
                    self.seconds = time.monotonic() - begun
                    over = self.seconds >= seconds
                    if over:
                        break
                self.on_train_epoch_end(outputs)
                with torch.no_grad():
                    self.on_validation_epoch_start()
                    self.on_validation_epoch_end([self.validation_step(next(self.dataloader_val))])
                self.on_epoch_end()
            self.on_train_end()

    # Under this name nnU-Net keeps the run and finds the class again to predict.
    TimedTrainer.__name__ = nnUNetTrainer.__name__
    return TimedTrainer


def test(work: Path, patients: Cohort, fold: int, target: Path, device: str) -> None:
    """Predict the fold's own patients and measure them as all others are."""
    import torch
    from nnunetv2.inference.predict_from_raw_data import nnUNetPredictor

    predictor = nnUNetPredictor(
        device=torch.device(device), perform_everything_on_device=device != "cpu"
    )
    model = work / "results" / DATASET / f"nnUNetTrainer__nnUNetPlans__{CONFIGURATION}"
    predictor.initialize_from_trained_model_folder(str(model), (fold,), "checkpoint_final.pth")
    rows = []
    for case in patients.of_fold(fold, held_out=True):
        source = work / "raw" / DATASET / "imagesTr" / f"{case.case}_0000.nii.gz"
        predicted = work / "predicted" / case.case
        predicted.parent.mkdir(parents=True, exist_ok=True)
        begun = time.perf_counter()
        predictor.predict_from_files([[str(source)]], [str(predicted)], num_processes_preprocessing=1,
                                     num_processes_segmentation_export=1)  # fmt: skip
        opened = open_case(case, patients.cache)
        seconds = (time.perf_counter() - begun) / opened.image.grid.shape[0]
        mask = np.asarray(read_nifti(predicted.with_name(f"{case.case}.nii.gz")).array) > 0
        keep_mask(mask, target / PREDICTIONS / f"{case.case}.npz")
        rows.append(measure(opened, mask, Context(PEER, f"fold {fold}", seconds)))
    write_results(rows, target / RESULTS)


if __name__ == "__main__":
    main()
