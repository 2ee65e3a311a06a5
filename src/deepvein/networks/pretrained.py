"""Weights that were trained elsewhere, as a network's first ones.

A choice is "none", the name of a published file ("imagenet", "kinetics"), or a path: to such a file, to
a file of a network's own weights, or to a model's folder. Published files lie where torch.hub keeps its
downloads (`$TORCH_HOME/hub/checkpoints`, by default below `~/.cache/torch`), are fetched from there if
the machine can, and are used only if their SHA-256 is the known one. Nothing but tensors is read.

Published networks saw three colours. In a network of three channels their first convolution stays as it
is; in any other, each channel gets its sum over the colours. A grey image then gives the activations that
it gives as a grey photograph, and a mask channel is added by the same filters. With `colours="mean"` it
is a third of that.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from deepvein.core.errors import ModelError, SettingsError, UsageError
from deepvein.core.provenance import sha256
from deepvein.networks.download import download
from deepvein.networks.network import NETWORKS, NetworkSpec
from deepvein.networks.transfer import PublishedWeights, Transfer

if TYPE_CHECKING:
    from torch import Tensor, nn

Colours = Literal["sum", "mean"]

_HASHED = re.compile(r"(\w+)-([0-9a-f]{8})\.pth")
"""How torchvision marks a file with the beginning of its SHA-256."""


@dataclass(frozen=True)
class Pretrained:
    """Where a network's first weights came from.

    choice: of the published file, or "file" for any other.
    taken: tensors that came from the file. fresh: beginnings of the names of those that keep their
    random start. adapted: what was done to the first convolution ("sum", "mean"), or empty.
    """

    choice: str
    file: str
    sha256: str
    taken: int
    fresh: tuple[str, ...]
    adapted: str


def load_pretrained(
    network: nn.Module, spec: NetworkSpec, choice: str, colours: Colours = "sum"
) -> Pretrained | None:
    """Put the chosen weights into `network` in place; None for "none".

    Raises SettingsError for a name that the architecture has no published file for, UsageError for a path
    where nothing is, ModelError for a file that cannot be had, is not the published one, or does not fit.
    """
    if choice == "none":
        return None
    path, digest = _find(spec, choice)
    tensors = read_tensors(path)
    transfer, own = spec.transfer, network.state_dict()
    if not any(name.startswith(transfer.prefix) for name in tensors):
        tensors = {transfer.prefix + name: value for name, value in tensors.items()}
    taken, adapted = _fitting(own, tensors, transfer, colours, f"{path} does not fit {spec.name}")
    network.load_state_dict(taken, strict=False)
    left = {name for name in own if name not in taken and not _is_counter(name)}
    return Pretrained(
        choice=next((one.choice for one in transfer.published if one.sha256 == digest), "file"),
        file=path.name,
        sha256=digest,
        taken=len(taken),
        fresh=tuple(part for part in transfer.fresh if any(n.startswith(part) for n in left)),
        adapted=adapted,
    )


def weights_digest(spec: NetworkSpec, choice: str) -> str:
    """The SHA-256 of the file of a choice, "none" without one; a published file need not be there.

    Raises as `load_pretrained` for a choice that it does not know or a path where nothing is.
    """
    known = {one.choice: one.sha256 for one in spec.transfer.published} | {"none": "none"}
    return known[choice] if choice in known else _find(spec, choice)[1]


def read_tensors(path: Path) -> dict[str, Tensor]:
    """The named tensors of a `.safetensors` file or of a PyTorch file, of which nothing else is read."""
    import torch
    from safetensors.torch import load_file

    try:
        if path.suffix == ".safetensors":
            tensors = load_file(path)
        else:
            tensors = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:  # Readers of foreign bytes fail in ways that they do not list.
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise ModelError(f"{path} holds no weights that can be read safely: {reason}") from error
    if not isinstance(tensors, dict) or not all(
        isinstance(name, str) and isinstance(value, torch.Tensor) for name, value in tensors.items()
    ):
        raise ModelError(f"{path} is no table of named tensors, such as a network's state_dict")
    return tensors


def adapt(weight: Tensor, channels: int, colours: Colours = "sum") -> Tensor:
    """A first convolution (out, colour, *kernel) for so many input channels, as said above."""
    if weight.shape[1] == channels:
        return weight
    over = weight.sum(1, keepdim=True) if colours == "sum" else weight.mean(1, keepdim=True)
    return over.repeat_interleave(channels, dim=1)


def _find(spec: NetworkSpec, choice: str) -> tuple[Path, str]:
    """The file of a choice and its SHA-256, which is checked where it is known."""
    published = spec.transfer.published
    for weights in published:
        if choice == weights.choice:
            return _cached(weights)
    known = {name for _, one in NETWORKS.items() for name in one.transfer.choices}
    if choice in known:
        fits = ", ".join([*(weights.choice for weights in published), "none"])
        raise SettingsError(
            f"{spec.name} has no published weights called {choice!r}; it takes {fits} or a file"
        )
    path = Path(choice).expanduser()
    if path.is_dir():
        path = path / "model.safetensors"
    if not path.is_file():
        raise UsageError(
            f"--pretrained {choice}: there is no file {path}; give one of "
            f"{', '.join([*sorted(known), 'none'])}, a file of weights or a model's folder"
        )
    digest = sha256(path)
    _require_hash(path, digest, _expected(path.name, published))
    return path, digest


def _expected(name: str, published: tuple[PublishedWeights, ...]) -> str:
    """How the SHA-256 of a file called so begins: known, told by its name, or unknown and empty."""
    for weights in published:
        if name == weights.file:
            return weights.sha256
        here, meant = _HASHED.fullmatch(name), _HASHED.fullmatch(weights.file)
        if here and meant and here.group(1) == meant.group(1):
            return here.group(2)
    return ""


def _cached(weights: PublishedWeights) -> tuple[Path, str]:
    """The published file in torch.hub's folder, fetched if it is not there."""
    import torch

    path = Path(torch.hub.get_dir()) / "checkpoints" / weights.file
    if not path.is_file():
        try:
            download(weights.url, path, weights.sha256)
        except OSError as error:
            raise ModelError(
                f"the weights {weights.file} ({weights.source}) are not at {path} and cannot be fetched "
                f"({error}); fetch {weights.url} elsewhere and give its place with --pretrained FILE, or "
                "begin from random weights with --pretrained none"
            ) from error
    digest = sha256(path)
    _require_hash(path, digest, weights.sha256)
    return path, digest


def _require_hash(path: Path, found: str, expected: str) -> None:
    if not found.startswith(expected):
        raise ModelError(
            f"{path} is damaged or another file: its SHA-256 begins with {found[:12]}, expected "
            f"{expected[:12]}; remove it and fetch it again"
        )


def _fitting(
    own: dict[str, Tensor],
    tensors: dict[str, Tensor],
    transfer: Transfer,
    colours: Colours,
    misfit: str,
) -> tuple[dict[str, Tensor], str]:
    """The tensors that the network takes, and what was done to its first convolution."""
    taken, adapted = {}, ""
    for name, value in tensors.items():
        if name not in own:
            if name.startswith(transfer.unused):
                continue
            raise ModelError(f"{misfit}: it holds {name}, which the network has not")
        wanted = own[name].shape
        if name == transfer.first and value.shape[1] != wanted[1]:
            value, adapted = adapt(value, wanted[1], colours), colours  # noqa: PLW2901
        if value.shape == wanted:
            taken[name] = value
        elif not name.startswith(transfer.fresh):
            raise ModelError(
                f"{misfit}: {name} is {tuple(value.shape)}, the network's {tuple(wanted)}"
            )
    for name in own:
        if name not in taken and not _is_counter(name) and not name.startswith(transfer.fresh):
            raise ModelError(f"{misfit}: it lacks {name}")
    return taken, adapted


def _is_counter(name: str) -> bool:
    """Batches that a batch normalisation has seen, which older files do not hold and nothing uses."""
    return name.endswith("num_batches_tracked")
