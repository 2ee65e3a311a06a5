"""Each network at the size of its paper: seconds an example, and the share of the machine's peak.

    python benchmarks/networks.py [NETWORK ...] [--device cpu] [--half] [--batch 1] [--repeats 3]

The peak is the best of several large square matrix products on the same device in the same precision,
measured first; on a machine with other work the shares say little. Work is counted in multiply-adds of
convolutions and matrix products as written, while libraries know 3×3 convolutions with fewer. The step is
forward, loss, backward and Adam; --half computes in bfloat16 where that is safe. Huang et al. 2019 give
1.5 s a slice for `gn-unet` on a GTX 1080 Ti.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext

import torch
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode

from deepvein.networks import NETWORKS

HUANG, KOZEMZAK = (960, 320), (224, 224)
SIZES: dict[str, tuple[int, ...]] = {
    "gn-unet": HUANG,
    "unet": HUANG,
    "segnet": HUANG,
    "gcn": HUANG,
    "gn-unet-3d": (16, *HUANG),
    "kozemzak-unet": KOZEMZAK,
    "vgg-unet": KOZEMZAK,
    "kozemzak-unet-3d": (8, *KOZEMZAK),
    "resnet18": KOZEMZAK,
    "cnn-rnn": (11, *KOZEMZAK),
    "i3d": (11, *KOZEMZAK),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("networks", nargs="*", metavar="NETWORK", help="all if none is named")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--half", action="store_true")
    parser.add_argument("--batch", type=int, default=1)
    parser.add_argument("--repeats", type=int, default=3)
    options = parser.parse_args()
    device = torch.device(options.device)
    kind = torch.bfloat16 if options.half else torch.float32
    peak = matrix_peak(device, kind, options.repeats)
    print(f"matrix products: {peak / 1e9:,.0f} billion multiply-adds a second, {kind}, {device}")
    print(
        f"{'network':18}{'parameters':>12}{'GMAC':>9}{'answer s':>10}{'of peak':>9}{'step s':>10}"
    )
    for name in options.networks or SIZES:
        spec = NETWORKS.get(name)
        settings = spec.settings()
        shape = (options.batch, settings.in_channels, *SIZES[name])
        work = multiply_adds(spec.skeleton(settings), shape) / options.batch
        network = spec.build(settings).to(device)
        inputs = torch.rand(shape, device=device)
        context = torch.autocast(device.type, torch.bfloat16) if options.half else nullcontext()
        answer = timed(answering(network, inputs, context), device, options.repeats)
        step = timed(training(network, inputs, context), device, options.repeats)
        answer, step = answer / options.batch, step / options.batch
        print(
            f"{name:18}{spec.parameters(settings):12,}{work / 1e9:9.1f}{answer:10.4f}"
            f"{work / answer / peak:9.0%}{step:10.4f}",
            flush=True,
        )


def matrix_peak(device: torch.device, kind: torch.dtype, repeats: int) -> float:
    """Multiply-adds a second."""
    side = 8192 if device.type == "cuda" else 1536
    one, two = (torch.rand(side, side, device=device, dtype=kind) for _ in range(2))
    return side**3 / min(durations(lambda: one @ two, device, max(repeats, 9)))


def multiply_adds(network: nn.Module, shape: tuple[int, ...]) -> float:
    """Of a batch, counted on tensors without memory; a recurrent layer's products are left out."""
    for name, child in list(network.named_children()):
        if isinstance(child, nn.RNNBase):
            setattr(network, name, _Silent(child))
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        network.eval()(torch.zeros(shape, device="meta"))
    return float(counter.get_total_flops()) / 2


class _Silent(nn.Module):
    """Gives what a recurrent layer gives in shape, since there it computes nothing without memory."""

    def __init__(self, layer: nn.RNNBase) -> None:
        super().__init__()
        self.width = layer.hidden_size * (2 if layer.bidirectional else 1)

    def forward(self, inputs: Tensor) -> tuple[Tensor, None]:
        return inputs.new_zeros(*inputs.shape[:2], self.width), None


Context = AbstractContextManager[object]


def answering(network: nn.Module, inputs: Tensor, context: Context) -> Callable[[], object]:
    def run() -> None:
        network.eval()
        with torch.inference_mode(), context:
            network(inputs)

    return run


def training(network: nn.Module, inputs: Tensor, context: Context) -> Callable[[], object]:
    optimiser = torch.optim.Adam(network.parameters())

    def run() -> None:
        network.train()
        with context:
            loss = network(inputs).float().square().mean()
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()

    return run


def timed(call: Callable[[], object], device: torch.device, repeats: int) -> float:
    """Median seconds of a call."""
    return statistics.median(durations(call, device, repeats))


def durations(call: Callable[[], object], device: torch.device, repeats: int) -> list[float]:
    """Seconds of each call, after one that is not counted."""
    seconds = []
    for _ in range(repeats + 1):
        began = time.perf_counter()
        call()
        if device.type == "cuda":
            torch.cuda.synchronize(device)
        seconds.append(time.perf_counter() - began)
    return seconds[1:]


if __name__ == "__main__":
    main()
