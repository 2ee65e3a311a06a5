"""Pixels of ordered slices, decoded by several threads straight into one array."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from deepvein.core.errors import StudyError
from deepvein.core.progress import Progress, silent
from deepvein.core.workers import cores
from deepvein.studies.dicom.decoding import decode_frames, decode_jpeg_12
from deepvein.studies.dicom.frame import Frame
from deepvein.studies.dicom.layout import NATIVE_SYNTAXES
from deepvein.studies.dicom.padding import padding_mask
from deepvein.studies.dicom.spare_bits import without_spare_bits
from deepvein.studies.guard import DecodingError, Limits, guarded
from deepvein.studies.study import Modality

HU_RANGE = (-1024, 32767)
_FRAMES_AT_ONCE = 16
_SECONDS, _SECONDS_A_FRAME = 6.0, 0.25
"""Processor time for frames of one file; the slowest codec takes some 0.05 s for 512 x 512 pixels."""

_PROCESSES, _FRAMES_A_PROCESS = 4, 150
"""Most processes that decode, and frames from which another one is worth its start (some 0.4 s)."""

_MEMORY_BYTES, _COPIES = 2 * 2**30, 8
_NO_DECODER = (" requires ", "is not supported", "not a transfer syntax")
"""What pydicom says where no decoder is at hand, rather than that one failed."""
JPEG_EXTENDED = "1.2.840.10008.1.2.4.51"


def read_pixels(
    frames: Sequence[Frame], modality: Modality, progress: Progress = silent
) -> NDArray[Any]:
    """The (slice, row, column) array of `frames` in their order, rescaled slice by slice.

    CT is int16 Hounsfield units, clipped to [-1024, 32767], and air (-1024) where the file says that there
    is no image; MR is 0 there. MR is int16 if every slice is stored so
    that its signal fits without scaling, else float32. Only this one array is held; each thread adds
    one slice. Raises StudyError for pixels that are missing, truncated, corrupt or in colour.
    """
    for frame in frames:
        _check(frame)
    rows, columns = frames[0].layout.rows, frames[0].layout.columns
    fits = modality is Modality.CT or all(_fits_int16(frame) for frame in frames)
    out = np.empty((len(frames), rows, columns), dtype=np.int16 if fits else np.float32)
    done = 0
    progress("reading pixels", 0, len(frames))
    with ThreadPoolExecutor(max_workers=_threads(frames)) as pool:
        jobs = [pool.submit(_fill, out, job, frames, modality) for job in _jobs(frames)]
        try:
            for job in jobs:
                done += job.result()
                progress("reading pixels", done, len(frames))
        except BaseException:
            pool.shutdown(wait=True, cancel_futures=True)
            raise
    return out


def _threads(frames: Sequence[Frame]) -> int:
    """How many threads read; those of compressed frames have a process beside them each."""
    compressed = sum(frame.layout.offset is None for frame in frames)
    if not compressed:
        return min(8, cores())
    return min(_PROCESSES, max(1, compressed // _FRAMES_A_PROCESS), cores())


def _jobs(frames: Sequence[Frame]) -> Iterator[list[int]]:
    """Places in `frames` that one thread reads together: a few frames of the same file."""
    by_file: dict[Path, list[int]] = {}
    for place, frame in enumerate(frames):
        by_file.setdefault(frame.path, []).append(place)
    for places in by_file.values():
        for start in range(0, len(places), _FRAMES_AT_ONCE):
            yield places[start : start + _FRAMES_AT_ONCE]


def _fill(
    out: NDArray[Any], places: Sequence[int], frames: Sequence[Frame], modality: Modality
) -> int:
    wanted = [frames[place] for place in places]
    for place, frame, plane in zip(places, wanted, _planes(wanted), strict=True):
        padded = padding_mask(plane, frame, modality)
        stored = without_spare_bits(plane, frame, padded)
        _require_sign(stored, frame, padded)
        _rescale(stored, frame, modality, out[place])
        if padded is not None:
            out[place][padded] = HU_RANGE[0] if modality is Modality.CT else 0
    return len(places)


def _planes(frames: Sequence[Frame]) -> Iterator[NDArray[Any]]:
    """Stored values of frames of one file."""
    if frames[0].layout.offset is not None:
        yield from (_native(frame) for frame in frames)
        return
    path, layout = frames[0].path, frames[0].layout
    limits = Limits(
        seconds=_SECONDS + _SECONDS_A_FRAME * len(frames),
        memory_bytes=_MEMORY_BYTES + _COPIES * 8 * layout.rows * layout.columns * len(frames),
    )
    try:
        if layout.syntax == JPEG_EXTENDED and layout.stored > 8 and layout.frames == 1:
            yield from (
                _unscaled(plane, frames[0])
                for plane in guarded(decode_jpeg_12, limits, path=str(path))
            )
            return
        yield from guarded(
            decode_frames,
            limits,
            path=str(path),
            indices=[frame.index for frame in frames],
            rows=layout.rows,
            columns=layout.columns,
            syntax=layout.syntax,
        )
    except DecodingError as error:
        if any(word in str(error) for word in _NO_DECODER):
            raise StudyError(
                f"the pixels of {path} are compressed in a way that is not read ({_syntax(layout.syntax)}): "
                "convert it to uncompressed DICOM"
            ) from error
        raise StudyError(
            f"the pixels of {path} cannot be decoded ({_told(error)}): copy the file again from its "
            "source, or convert it to uncompressed DICOM"
        ) from error


def _syntax(uid: str) -> str:
    """Name and UID of a transfer syntax, the UID alone where it has no name."""
    from pydicom.uid import UID

    name = str(UID(uid).name)
    return uid if name == uid else f"{name}, {uid}"


def _unscaled(plane: NDArray[Any], frame: Frame) -> NDArray[Any]:
    """Stored values, from values to which slope and intercept have been applied; what follows does so again."""
    if plane.shape != (frame.layout.rows, frame.layout.columns):
        raise DecodingError(
            f"{plane.shape} decoded, not {frame.layout.rows} x {frame.layout.columns}"
        )
    slope = 1.0 if frame.slope is None else frame.slope
    stored: NDArray[Any] = np.rint((plane - (frame.intercept or 0.0)) / slope)
    return stored


def _native(frame: Frame) -> NDArray[Any]:
    layout = frame.layout
    kind = (
        f"{'>' if layout.big_endian else '<'}{'i' if layout.signed else 'u'}{layout.allocated // 8}"
    )
    count = layout.rows * layout.columns
    size = count * layout.allocated // 8
    start = frame.index * size
    if layout.allocated == 16 and layout.length == layout.frames * count:
        raise StudyError(
            f"{frame.path} says that it has 16 bits a pixel and holds 8, or was cut in half; copy it again, "
            "and if it stays so export the original images"
        )
    if layout.offset is None or start + size > layout.length:
        raise StudyError(
            f"the pixels of {frame.path} are truncated: frame {frame.index} needs {start + size} bytes, "
            f"{layout.length} are there; copy the file again from its source"
        )
    _require_own_size(frame)
    try:
        stored = np.fromfile(frame.path, dtype=kind, count=count, offset=layout.offset + start)
        plane = stored.reshape(layout.rows, layout.columns)
    except (OSError, ValueError) as error:
        raise StudyError(f"the pixels of {frame.path} cannot be read: {error}") from error
    return plane


def _require_own_size(frame: Frame) -> None:
    """StudyError for as many more bytes as whole rows, columns or frames have: then these are miscounted."""
    layout = frame.layout
    if not layout.surplus:
        return
    depth = layout.allocated // 8
    whole, rest = divmod(layout.length, layout.frames * depth)
    frame_more = layout.surplus >= layout.rows * layout.columns * depth
    if frame_more or (not rest and (whole % layout.rows == 0 or whole % layout.columns == 0)):
        raise StudyError(
            f"{frame.path} holds {layout.length} bytes of pixels, {layout.surplus} more than {layout.rows} "
            f"rows and {layout.columns} columns of {layout.frames} frame(s) have: these are miscounted; export "
            "it again"
        )


def _require_sign(plane: NDArray[Any], frame: Frame, padded: NDArray[np.bool_] | None) -> None:
    """StudyError for values that would be others if they were signed, where the file does not say."""
    if frame.layout.sign_told:
        return
    either = plane >= 1 << (frame.layout.stored - 1)
    if padded is not None:
        either &= ~padded
    if either.any():
        raise StudyError(
            f"{frame.path} has no PixelRepresentation (0028,0103), and values that may be negative or not; "
            "export the images again"
        )


def _rescale(plane: NDArray[Any], frame: Frame, modality: Modality, out: NDArray[Any]) -> None:
    slope = 1.0 if frame.slope is None else frame.slope
    intercept = frame.intercept or 0.0
    if modality is Modality.MR:
        if slope == 1 and intercept == 0:
            out[...] = plane
        else:
            np.multiply(plane, slope, out=out, casting="unsafe", dtype=np.float32)
            out += np.float32(intercept)
        return
    if slope == 1 and intercept == int(intercept):
        values = plane.astype(np.int32)
        values += int(intercept)
    else:
        values = np.rint(plane * np.float64(slope) + intercept)
    np.clip(values, *HU_RANGE, out=out, casting="unsafe")


def _fits_int16(frame: Frame) -> bool:
    layout = frame.layout
    plain = frame.slope in (None, 1.0) and not frame.intercept
    return plain and layout.stored <= (16 if layout.signed else 15)


def _check(frame: Frame) -> None:
    layout = frame.layout
    if not layout.present:
        raise StudyError(f"{frame.path} has no pixel data; copy the file again from its source")
    if not layout.whole:
        raise StudyError(
            f"the pixels of {frame.path} are truncated: the file ends within them; copy the file again"
        )
    if layout.samples != 1:
        raise StudyError(f"{frame.path} is a colour picture, not a CT or MR slice")
    if layout.rows < 1 or layout.columns < 1:
        raise StudyError(f"{frame.path} says neither its rows nor its columns; it cannot be read")
    if frame.index >= layout.frames:
        raise StudyError(
            f"{frame.path} describes frame {frame.index + 1} but holds {layout.frames} frames"
        )
    if layout.offset is not None and layout.allocated not in (8, 16):
        raise StudyError(
            f"{frame.path} stores {layout.allocated} bits a pixel; 8 and 16 can be read"
        )
    most = max(layout.stored, layout.high_bit + 1)
    if layout.syntax in NATIVE_SYNTAXES and not 0 < layout.stored <= most <= layout.allocated:
        raise StudyError(
            f"{frame.path} is inconsistent: {layout.stored} bits stored up to bit {layout.high_bit} of "
            f"{layout.allocated}"
        )


def _told(error: BaseException) -> str:
    """The part of a decoder's message that says what was wrong."""
    lines = str(error).strip().splitlines() or [""]
    told = lines[1 if lines[0].endswith(":") and len(lines) > 1 else 0].strip()[:160]
    # GDCM's bindings trip over their own failure; that says no more than that it failed.
    return "the decoder gave up" if not told or "has no attribute" in told else told
