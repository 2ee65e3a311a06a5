import pytest

from deepvein.studies.dicom.classic import TOLD_APART
from deepvein.studies.dicom.header import read_header
from unit.studies import making


def one_slice(**values):
    grid = making.grid_of((1, 6, 7))
    return making.datasets(grid, making.ramp(grid.shape), **values)[0]


def test_a_slice_is_described_without_its_pixels(tmp_path):
    made = one_slice(InstanceNumber=12, EchoNumbers=2)
    header = read_header(making.save(made, tmp_path / "a"))
    assert header.series_uid == made.SeriesInstanceUID
    assert (header.modality, header.number) == ("CT", 12)
    (frame,) = header.frames
    assert frame.position == pytest.approx((-20, 15, -300))
    assert frame.spacing == pytest.approx((0.9, 0.8))
    assert (frame.slope, frame.intercept) == (1, -1024)
    assert dict(frame.split)["echo"] == "2"
    layout = frame.layout
    assert (layout.rows, layout.columns, layout.stored, layout.signed) == (6, 7, 12, False)
    raw = (tmp_path / "a").read_bytes()
    assert raw[layout.offset : layout.offset + layout.length] == made.PixelData


def test_all_that_tells_slices_apart_is_read(tmp_path):
    told = {"KVP": "120", "ConvolutionKernel": "B30f", "TriggerTime": "50", "TableHeight": "152"}
    made = one_slice(**told)
    frame = read_header(making.save(made, tmp_path / "a")).frames[0]
    values = {TOLD_APART[label]: value for label, value in frame.split if label in TOLD_APART}
    assert {keyword: values[keyword] for keyword in told} == told
