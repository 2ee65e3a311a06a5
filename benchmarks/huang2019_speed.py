"""Speed of the network of Huang et al. 2019 at 960×320, with the share of the machine's own peak.

    python benchmarks/huang2019_speed.py [--device cpu] [--precision float32 bfloat16] [--repeats 7]

One slice at a time and eight at a time, from an image in memory to a mask in memory. The paper: 1.5 s a
slice on a GTX 1080 Ti (in another place 13.5 s for around 90 slices). Multiply–adds are counted by
PyTorch's counter; the peak is that of the largest matrix product of 4096×4096 (1024 on a CPU) that this
machine does in the same precision, in turns with the network, since the speed of a machine drifts.
"""

from __future__ import annotations

import argparse
import json
import platform
import statistics
import time
from collections.abc import Callable
from pathlib import Path

import torch
from torch.utils.flop_counter import FlopCounterMode

from deepvein.laboratory.huang2019.recipes import MODELS
from deepvein.networks import NETWORKS

SIZE = (960, 320)
PUBLISHED_S = 1.5


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    parser.add_argument("--precision", nargs="+", default=("float32", "bfloat16"))
    parser.add_argument("--models", nargs="+", default=("gn-unet",), choices=tuple(MODELS))
    parser.add_argument("--batches", type=int, nargs="+", default=(1, 8))
    parser.add_argument("--repeats", type=int, default=7)
    parser.add_argument("--json", type=Path, help="write the figures here too")
    options = parser.parse_args()
    device = torch.device(options.device)
    name = torch.cuda.get_device_name() if device.type == "cuda" else platform.processor()
    print(f"{name or device}, {torch.get_num_threads()} threads, PyTorch {torch.__version__}")
    print(f"{'network':<10}{'precision':<11}{'batch':>6}{'s a slice':>12}{'TFLOP/s':>10}{'peak':>8}"
          f"{'share':>8}{'to the paper':>14}")  # fmt: skip
    rows = []
    for model in options.models:
        for precision in options.precision:
            for batch in options.batches:
                row = measured(model, getattr(torch, precision), batch, device, options.repeats)
                rows.append({"network": model, "precision": precision, "batch": batch, **row})
                print(
                    f"{model:<10}{precision:<11}{batch:>6}{row['seconds']:>12.4f}{row['rate']:>10.3f}"
                    f"{row['peak']:>8.2f}{row['rate'] / row['peak']:>8.0%}"
                    f"{PUBLISHED_S / row['seconds']:>13.1f}×"
                )
    if options.json:
        options.json.write_text(json.dumps(rows, indent=2) + "\n")


@torch.inference_mode()
def measured(
    model: str, precision: torch.dtype, batch: int, device: torch.device, repeats: int
) -> dict[str, float]:
    """Median seconds a slice, and the rates of network and matrix product in TFLOP/s."""
    recipe = MODELS[model]()
    network = NETWORKS.get(recipe.network).build(recipe.network_settings).eval().to(device)
    if device.type == "cuda":
        network = network.to(memory_format=torch.channels_last)
    images = torch.rand(batch, 1, *SIZE)
    half = precision is not torch.float32

    def segment() -> torch.Tensor:
        inputs = images.to(device)
        if device.type == "cuda":
            inputs = inputs.contiguous(memory_format=torch.channels_last)
        with torch.autocast(device.type, dtype=precision, enabled=half):
            return (network(inputs) >= 0).cpu()

    with FlopCounterMode(display=False) as counter:
        segment()
    side = 4096 if device.type == "cuda" else 1024
    a, b = (torch.rand(side, side, device=device, dtype=precision) for _ in range(2))
    turns = 20 if device.type == "cuda" else 4

    def multiply() -> None:
        for _ in range(turns):
            torch.mm(a, b)

    multiply()
    network_s, product_s = [], []
    for _ in range(repeats):
        network_s.append(timed(segment, device))
        product_s.append(timed(multiply, device))
    seconds = statistics.median(network_s)
    return {
        "seconds": seconds / batch,
        "rate": counter.get_total_flops() / seconds / 1e12,
        "peak": turns * 2 * side**3 / statistics.median(product_s) / 1e12,
    }


def timed(work: Callable[[], object], device: torch.device) -> float:
    begun = time.perf_counter()
    work()
    if device.type == "cuda":
        torch.cuda.synchronize()
    return time.perf_counter() - begun


if __name__ == "__main__":
    main()
