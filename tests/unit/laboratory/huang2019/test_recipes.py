"""The settings of the paper, rows H2 to H6."""

from __future__ import annotations

from deepvein.laboratory.huang2019.recipes import gn_unet
from deepvein.training.losses.focal import Focal
from deepvein.training.schedules import factor

GN_UNET = gn_unet()


def test_the_papers_settings() -> None:
    examples, training, network = GN_UNET.examples, GN_UNET.training, GN_UNET.network_settings
    assert examples.normalisation.kind == "minmax"
    assert examples.size == (960, 320)
    assert examples.augmentation.fixed is not None
    assert len(examples.augmentation.fixed.combinations) == 12
    assert (network.base, network.depth, network.normalisation) == (32, 4, "group")
    assert isinstance(GN_UNET.loss, Focal)
    assert training.optimiser.kind == "adam"
    assert training.optimiser.learning_rate == 1e-3
    assert training.optimiser.momentum == 0.9
    assert (training.batch, training.epochs) == (2, 250)
    steps = 1000
    rates = {round(factor(training.schedule, step, steps), 6) for step in range(steps)}
    assert rates == {1.0, 0.1, 0.01}
