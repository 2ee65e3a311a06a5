"""Each study painted once, for all who look at it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from deepvein.core.progress import Progress
from deepvein.core.workers import spread
from deepvein.laboratory.phantom_audit.blind import Hidden, hidden
from deepvein.laboratory.phantom_audit.dark_reader import Sighting, sightings
from deepvein.laboratory.phantom_audit.sections import sections_of
from deepvein.laboratory.phantom_audit.settings import AuditSettings
from deepvein.laboratory.phantom_audit.studies import Order, orders
from deepvein.laboratory.phantom_audit.tissues import Sampled, sampled


@dataclass(frozen=True, eq=False)
class Visit:
    """What the measurements that need pictures took from one study."""

    tissues: Sampled
    sightings: list[Sighting]
    hidden: Hidden


def visit(order: Order) -> Visit:
    """Paint what is looked at of one study."""
    scenario = order.scenario()
    sections = sections_of(scenario)
    return Visit(
        tissues=sampled(order, scenario, sections),
        sightings=sightings(order, scenario, sections),
        hidden=hidden(order, scenario, sections),
    )


@dataclass(frozen=True, eq=False)
class Source:
    """Where measurements take their studies from; `visits` are made when first asked for."""

    settings: AuditSettings
    progress: Progress

    @cached_property
    def visits(self) -> list[Visit]:
        todo = orders(self.settings)
        return list(
            spread(visit, todo, self.settings.workers, stage="studies", progress=self.progress)
        )
