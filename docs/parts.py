"""Prints parts.md: every network, loss, recipe, kind of examples, reader and report writer by its registry."""

import re
from collections.abc import Iterable
from inspect import getdoc

from deepvein.examples.sources import SOURCES
from deepvein.inference.engines import ENGINES
from deepvein.laboratory import RECIPES
from deepvein.networks import NETWORKS
from deepvein.reports import WRITERS
from deepvein.studies.masks import MASK_READERS
from deepvein.studies.readers import READERS
from deepvein.training.losses import LOSSES


def table(columns: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = (columns, ("---",) * len(columns), *rows)
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def said(entry: object) -> str:
    """The first sentence of a docstring."""
    kind = entry if callable(entry) and hasattr(entry, "__name__") else type(entry)
    sentence = (getdoc(kind) or "").split("\n\n")[0].replace("\n", " ")
    return re.split(r"(?<!al)(?<!Eq)\. ", sentence)[0].rstrip(".").replace("|", "\\|")


def page() -> str:
    networks = [
        (
            f"`{name}`",
            spec.output,
            f"{spec.parameters(spec.settings()):,}",
            spec.summary,
            spec.source,
        )
        for name, spec in NETWORKS.items()
    ]
    recipes = [
        (f"`{name}`", one.task.value, one.modality.value, f"`{one.network}`", f"{one.parameters:,}")
        for name, one in ((name, lazy.heading) for name, lazy in RECIPES.items())
    ]
    others = {
        "Losses": LOSSES, "Readers": READERS, "Readers of masks": MASK_READERS,
        "Report writers": WRITERS, "Engines": ENGINES,
    }  # fmt: skip
    kinds = [(f"`{name}`", spec.summary) for name, spec in SOURCES.items()]
    parts = [
        "# What there is",
        "Written by `make docs` from the registries; [your own](adding-a-network.md) go by the same names.",
        "## Networks",
        "Parameters are those of the network's own settings.",
        table(("network", "gives", "parameters", "what", "source"), networks),
        "## Recipes",
        table(("recipe", "task", "modality", "network", "parameters"), recipes),
        "## Kinds of examples",
        table(("kind", "what"), kinds),
    ]
    for title, registry in others.items():
        rows = [(f"`{name}`", said(entry)) for name, entry in registry.items()]
        parts += [f"## {title}", table(("name", "what"), rows)]
    return "\n\n".join(parts)


if __name__ == "__main__":
    print(page())
