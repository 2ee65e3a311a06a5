"""What the page says about the models: identity from the prediction, the rest from their folders."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from deepvein.core.provenance import sha256
from deepvein.inference.prediction import ModelIdentity


@dataclass(frozen=True)
class ModelCard:
    """A model as the page shows it; `metrics` are (name, value) and `card` is Markdown, if known."""

    identity: ModelIdentity
    metrics: tuple[tuple[str, str], ...] = ()
    card: str = ""


def model_cards(
    models: tuple[ModelIdentity, ...], folders: tuple[Path, ...]
) -> tuple[ModelCard, ...]:
    """A card for each model; a folder belongs to the model whose weights' hash its weights have."""
    hashes = {
        sha256(folder / "model.safetensors"): folder
        for folder in folders
        if (folder / "model.safetensors").is_file()
    }
    return tuple(_card(model, hashes.get(model.sha256)) for model in models)


def _card(model: ModelIdentity, folder: Path | None) -> ModelCard:
    if folder is None:
        return ModelCard(model)
    text = folder / "CARD.md"
    card = text.read_text(encoding="utf-8") if text.is_file() else ""
    return ModelCard(model, _metrics(folder / "model.json"), card)


def _metrics(path: Path) -> tuple[tuple[str, str], ...]:
    """The numbers under `metrics`, flattened; nothing if there are none."""
    try:
        found = json.loads(path.read_text(encoding="utf-8")).get("metrics", {})
    except (OSError, ValueError, AttributeError):
        return ()
    return tuple(_flat("", found))


def _flat(prefix: str, value: object) -> list[tuple[str, str]]:
    if isinstance(value, dict):
        return [pair for key, entry in value.items() for pair in _flat(f"{prefix} {key}", entry)]
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return []
    text = value if isinstance(value, str) else f"{value:.4g}"
    return [(prefix.strip().replace("_", " "), text)]
