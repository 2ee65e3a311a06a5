"""From a scan to pictures: every row is painted, every station acquired, and all joined."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from deepvein.core.progress import Progress
from deepvein.phantoms.mr.acquisition import acquire
from deepvein.phantoms.mr.painter import Easel, layered
from deepvein.phantoms.mr.palette import FLUID_SIGNAL, VEIN_SIGNAL
from deepvein.phantoms.mr.scan import MrScan
from deepvein.phantoms.painter import Painter
from deepvein.phantoms.shapes.canvas import Labels
from deepvein.volumes.stations import merge
from deepvein.volumes.volume import Volume

_T2_SNR = 2.5
"""Signal to noise of water in the spin echo over that of the veins in the gradient echo (M)."""


class MrVolumes(NamedTuple):
    """The merged picture, the stations from head to foot, the labels (slice, row, column), and the second
    sequence, merged, where the settings ask for it.

    Where stations overlap, labels are those of the station that weighs more in the merged picture; they
    follow its displaced and squeezed rows. The stations' receiver gains are taken out of the merged
    pictures; what coils leave of steps between stations stays.
    """

    image: Volume
    stations: tuple[Volume, ...]
    labels: tuple[Labels, Labels, Labels, Labels]
    t2: Volume | None = None


def render_mr(
    scan: MrScan, painter: Painter, frame_of_reference: str, progress: Progress | None = None
) -> MrVolumes:
    """Paint every row's axial plane as each station sees it; ("render", done, rows of all stations)."""
    labels = tuple(
        np.zeros((scan.slices, scan.rows, scan.columns), dtype=np.uint8) for _ in range(4)
    )
    easel = Easel(scan, painter)
    total, done = sum(s.last - s.first for s in scan.stations), 0
    first: list[Volume] = []
    second: list[Volume] = []
    for number, station in enumerate(scan.stations):
        pictures = easel.blank(station)
        for row in range(station.first, station.last):
            canvas = easel.paint(station, row, pictures)
            if scan.owners[row] == number:
                for whole, plane in zip(labels, canvas.labels, strict=True):
                    whole[:, row] = layered(plane[:, easel.seen], scan.layers)
            done += 1
            if progress is not None:
                progress("render", done, total)
        grid = scan.grid(frame_of_reference, station.first, station.last)
        pictures.spoil_by_metal(grid.spacing_mm)
        clean, sd = pictures.t1, VEIN_SIGNAL / scan.vein_snr
        first.append(Volume(acquire(scan, number, "t1", clean, pictures.arteries, sd), grid))
        if pictures.t2 is not None:
            sd = FLUID_SIGNAL / (_T2_SNR * scan.vein_snr)
            second.append(Volume(acquire(scan, number, "t2", pictures.t2, None, sd), grid))
    # Known gains, not measured ones: what a thrombus changes in an overlap must not move whole stations.
    gains = [round(scan.stations[0].gain / station.gain, 6) for station in scan.stations]
    return MrVolumes(
        merge(first, gains=gains).volume,
        tuple(first),
        (labels[0], labels[1], labels[2], labels[3]),
        merge(second, gains=gains).volume if second else None,
    )
