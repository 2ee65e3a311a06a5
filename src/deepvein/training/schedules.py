"""The learning rate as a function of the step alone, so that nothing of it needs to be saved."""

from __future__ import annotations

import math

from deepvein.training.settings import ScheduleSettings


def factor(settings: ScheduleSettings, step: int, steps: int) -> float:
    """What the learning rate is multiplied by at `step` (from 0) of `steps`."""
    if step < settings.warm_up_steps:
        return (step + 1) / (settings.warm_up_steps + 1)
    after = max(steps - settings.warm_up_steps, 1)
    progress = min((step - settings.warm_up_steps) / after, 1.0)
    if settings.kind == "step":
        passed = sum(step >= milestone * steps for milestone in settings.milestones)
        return settings.decay**passed
    if settings.kind == "cosine":
        return settings.final + (1 - settings.final) * (1 + math.cos(math.pi * progress)) / 2
    if settings.kind == "poly":
        return float((1 - progress) ** settings.power)
    return 1.0
