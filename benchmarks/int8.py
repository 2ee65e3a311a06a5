"""Networks in eight-bit integers: time of a bundled segmenter's tiles, and how far the answers are off.

    python benchmarks/int8.py [--modality ct] [--phantoms 4] [--calibration 24] [--tiles 12] [--rounds 3]

Tiles are what the segmenter sees of phantoms (CT: parts of the legs in slices of 5 mm). OpenVINO's model is
quantised by NNCF (post-training, mixed preset, fast bias correction) on two slices of each of some tiles;
others are answered by every engine in turns, on one thread. Told for each: processor seconds (median) and
their share of torch's in single precision and in bfloat16, the largest difference of probabilities from
torch's, their mean where torch's lie between 0.1 and 0.9, and the Dice of what both say is likelier than
not. "kept": the network's first level, its last and its head are not quantised. Needs the packages openvino
and nncf. With few tiles to calibrate on the answers are wrong altogether.
"""

from __future__ import annotations

import argparse
import importlib.util
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from bundles import PARTS, made
from deepvein.core.devices import has_bf16
from deepvein.examples.normalisation import scaling
from deepvein.inference.engines.bfloat16 import bfloat16_engine
from deepvein.inference.engines.openvino import _convert
from deepvein.inference.engines.torch import TorchEngine
from deepvein.inference.localiser import localise
from deepvein.inference.models import open_model
from deepvein.inference.regions import regions
from deepvein.inference.segmenter import region_inputs
from deepvein.screening.bundle import BundleFolder, bundle_for
from deepvein.screening.screen import _DIRECTIONS
from deepvein.studies.study import Modality
from deepvein.training.checkpoints import load_model
from deepvein.volumes.orient import orient

CPU = torch.device("cpu")
KEPT = (".*encoder\\.0\\..*", ".*decoder\\.3\\..*", ".*head.*", ".*upsampling\\.3.*")
SEED = 9000

Answer = Callable[[Tensor], Tensor]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--modality", choices=("ct", "mr"), default="ct")
    parser.add_argument("--phantoms", type=int, default=4)
    parser.add_argument("--calibration", type=int, default=24)
    parser.add_argument("--tiles", type=int, default=12)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    if not all(map(importlib.util.find_spec, ("openvino", "nncf"))):
        raise SystemExit("needs openvino and nncf: pip install openvino nncf")
    torch.set_num_threads(1)
    bundle = bundle_for(Modality.CT if options.modality == "ct" else Modality.MR)
    tiles = drawn(bundle, options.phantoms)
    learned, held = tiles[: options.calibration], tiles[options.calibration :][: options.tiles]
    if not held:
        raise SystemExit(f"{len(tiles)} tiles are too few; draw more phantoms or calibrate on less")
    with tempfile.TemporaryDirectory() as folder:
        show(
            timed(
                engines(bundle, [tile[:2] for tile in learned], Path(folder)), held, options.rounds
            )
        )


def drawn(bundle: BundleFolder, phantoms: int) -> list[Tensor]:
    """Tiles of phantoms in an order of chance."""
    modality = bundle.bundle.modality
    tiles: list[Tensor] = []
    localiser, segmenter = open_model(bundle.localiser, "cpu"), open_model(bundle.segmenter, "cpu")
    description: Any = segmenter.description
    for number in range(phantoms):
        study = made(modality, PARTS[number % len(PARTS)], SEED + number, number % 2 == 0)
        territories = localise(localiser, study.volume, modality)
        view = orient(study.volume, _DIRECTIONS[modality])
        scale = scaling(view, description.examples.normalisation, description.moments)
        tiles += [
            region_inputs(view, region, description.examples, scale)
            for region in regions(territories, view.grid)
        ]
    order = torch.randperm(len(tiles), generator=torch.Generator().manual_seed(1)).tolist()
    return [tiles[place] for place in order]


def engines(bundle: BundleFolder, learned: list[Tensor], folder: Path) -> dict[str, Answer]:
    import logging

    import nncf
    import openvino

    nncf.set_log_level(logging.ERROR)
    loaded = load_model(bundle.segmenter)
    _convert(loaded.network, folder)
    plain = openvino.Core().read_model(folder / "model.xml")
    data = nncf.Dataset([tile.numpy() for tile in learned])
    settings = {"preset": nncf.QuantizationPreset.MIXED, "subset_size": len(learned)}
    scope = nncf.IgnoredScope(patterns=list(KEPT), validate=False)
    int8 = nncf.quantize(plain, data, **settings)
    kept = nncf.quantize(plain, data, ignored_scope=scope, **settings)
    found: dict[str, Answer] = {"torch": TorchEngine(loaded.network, CPU)}
    if has_bf16(CPU):
        found["bfloat16"] = bfloat16_engine(load_model(bundle.segmenter), CPU)
    for hint in ("f32", "bf16") if has_bf16(CPU) else ("f32",):
        for name, model in (("OpenVINO", plain), ("int8", int8), ("int8, kept", kept)):
            found[f"{name}, {hint}"] = compiled(model, hint)
    return found


def compiled(model: Any, hint: str) -> Answer:
    """An OpenVINO model on one thread, in this precision where it is not quantised."""
    import openvino

    settings = {
        "INFERENCE_PRECISION_HINT": hint,
        "INFERENCE_NUM_THREADS": 1,
        "PERFORMANCE_HINT": "LATENCY",
    }
    request = openvino.Core().compile_model(model, "CPU", settings).create_infer_request()
    return lambda tile: torch.from_numpy(request.infer([tile.numpy()])[0].copy())


def timed(
    found: dict[str, Answer], tiles: list[Tensor], rounds: int
) -> dict[str, tuple[list[float], list[Tensor]]]:
    """Of each engine its seconds a round, the first left off, and its probabilities."""
    told: dict[str, tuple[list[float], list[Tensor]]] = {name: ([], []) for name in found}
    for number in range(rounds + 1):
        for name, answer in found.items():
            begun = time.process_time()
            logits = [answer(tile) for tile in tiles]
            if number:
                told[name][0].append(time.process_time() - begun)
            else:
                told[name][1].extend(one.sigmoid() for one in logits)
    return told


def show(told: dict[str, tuple[list[float], list[Tensor]]]) -> None:
    right = told["torch"][1]
    print(f"PyTorch {torch.__version__}, {torch.backends.cpu.get_cpu_capability()}, one thread")
    print(
        f"{'engine':18}{'seconds':>9}{'of torch':>10}{'of bf16':>9}{'off by':>8}{'mean':>8}"
        "  Dice of each target"
    )
    for name, (seconds, found) in told.items():
        shares = [
            statistics.median(a / b for a, b in zip(seconds, told[other][0], strict=True))
            for other in ("torch", "bfloat16" if "bfloat16" in told else "torch")
        ]
        off = max(float((a - b).abs().max()) for a, b in zip(found, right, strict=True))
        doubtful = [(a - b).abs()[(b > 0.1) & (b < 0.9)] for a, b in zip(found, right, strict=True)]
        mean = float(torch.cat(doubtful).mean())
        dice = [dice_of(found, right, target) for target in range(right[0].shape[1])]
        print(
            f"{name:18}{statistics.median(seconds):>9.3f}{shares[0]:>10.2f}{shares[1]:>9.2f}"
            f"{off:>8.3f}{mean:>8.4f}  " + " ".join(f"{one:.4f}" for one in dice),
            flush=True,
        )


def dice_of(found: list[Tensor], right: list[Tensor], target: int) -> float:
    """Over all tiles together; 1 where neither marks anything."""
    both = [(a[:, target] > 0.5, b[:, target] > 0.5) for a, b in zip(found, right, strict=True)]
    marked = sum(int(a.sum() + b.sum()) for a, b in both)
    return 2 * sum(int((a & b).sum()) for a, b in both) / marked if marked else 1.0


if __name__ == "__main__":
    main()
