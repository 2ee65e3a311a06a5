"""What the page says about the models: identity from the prediction, the rest from their folders."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from deepvein.core.provenance import sha256
from deepvein.inference.prediction import ModelIdentity

_NO_WIDTH = 1e-6
"""Of an interval; ends that arithmetic alone parts are one."""


@dataclass(frozen=True)
class Measured:
    """One figure of a model, such as ("Dice of deep veins", "0.87 (0.85 to 0.89)", "200 phantoms")."""

    name: str
    value: str
    cohort: str


@dataclass(frozen=True)
class ModelCard:
    """Models that share a folder; `measured` and `card` (Markdown) are empty where nothing is known."""

    models: tuple[ModelIdentity, ...]
    measured: tuple[Measured, ...] = ()
    card: str = ""


def model_cards(
    models: tuple[ModelIdentity, ...], folders: tuple[Path, ...]
) -> tuple[ModelCard, ...]:
    """A card for each folder that holds weights of some of the models, then one for each other model.

    A folder is that of a model, or of a bundle with its models one level below. Its weights must have the
    hash that the prediction names: a card of other weights is not shown.
    """
    left = list(models)
    cards = []
    for folder in folders:
        hashes = {sha256(path) for path in _weights(folder)}
        spoke = tuple(model for model in left if model.sha256 in hashes)
        if spoke:
            left = [model for model in left if model not in spoke]
            cards.append(ModelCard(spoke, tuple(_measured(folder)), _text(folder / "CARD.md")))
    return (*cards, *(ModelCard((model,)) for model in left))


def _weights(folder: Path) -> list[Path]:
    name = "model.safetensors"
    return [path for path in (folder / name, *folder.glob(f"*/{name}")) if path.is_file()]


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.is_file() else ""


def _measured(folder: Path) -> Iterator[Measured]:
    """The figures under `measured` of bundle.json, or of model.json; nothing if there are none."""
    for name in ("bundle.json", "model.json"):
        try:
            document = json.loads(_text(folder / name))
            for measurement in document["measured"]:
                cohort = f"{measurement['cohort']}, {measurement['cases']} studies"
                for metric in measurement["metrics"]:
                    yield Measured(metric["name"], _value(metric), cohort)
        except (ValueError, KeyError, TypeError):
            continue


def _value(metric: dict[str, Any]) -> str:
    value = f"{metric['value']:.2f}"
    low, high = metric.get("low"), metric.get("high")
    if low is None or high is None or high - low < _NO_WIDTH:
        return value
    return f"{value} ({low:.2f} to {high:.2f})"
