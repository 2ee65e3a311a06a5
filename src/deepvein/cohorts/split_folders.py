"""How a data set is divided, as its folders say it: `train`, `val` and `test`, `imagesTr` and `imagesTs`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import PurePath

_SPLITS = {
    "train": {"train", "training", "trainset", "trainingset", "tr", "imagestr", "trainingdata"},
    "validation": {"val", "valid", "validation", "valset", "validationset", "dev", "imagesval"},
    "test": {"test", "testing", "testset", "ts", "imagests", "holdout", "testdata"},
}


def told_splits(images: Sequence[PurePath]) -> Mapping[PurePath, str]:
    """The split of each image by the folders in which it lies; empty unless all say one, and at least two are
    said. images: paths relative to the root."""
    found = {image: _split(image) for image in images}
    told = set(found.values())
    return {} if "" in told or len(told) < 2 else found


def _split(image: PurePath) -> str:
    """That of the nearest folder that says one; empty for none."""
    for folder in reversed(image.parts[:-1]):
        bare = "".join(sign for sign in folder.lower() if sign.isalnum())
        for split, names in _SPLITS.items():
            if bare in names:
                return split
    return ""
