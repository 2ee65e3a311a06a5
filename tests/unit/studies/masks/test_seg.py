import highdicom as hd
import numpy as np
import pytest
from pydicom import dcmread
from pydicom.sr.codedict import codes
from pydicom.uid import ExplicitVRLittleEndian, RLELossless, generate_uid

from deepvein.anatomy.veins import Side, VeinSegment, encode
from deepvein.core.errors import MaskError
from deepvein.studies.masks import read_labels, read_mask, read_segments, read_thrombi
from deepvein.studies.reading import read_study
from unit.studies import making

SHAPE = making.SHAPE


@pytest.fixture
def image(tmp_path):
    return read_study(making.series(tmp_path / "image", making.grid_of(SHAPE)))


def segmentation(folder, labels, kind, names=("Vein", "Thrombus")):
    """A DICOM SEG of `labels` that highdicom makes from the images in `folder`."""
    sources = [dcmread(path) for path in sorted(folder.iterdir())]
    sources.sort(key=lambda one: one.InstanceNumber)
    algorithm = hd.AlgorithmIdentificationSequence(
        "test", codes.DCM.ArtificialIntelligence, version="1"
    )
    described = [
        hd.seg.SegmentDescription(
            number, name, codes.SCT.Tissue, codes.SCT.Tissue, "AUTOMATIC", algorithm
        )
        for number, name in enumerate(names, start=1)
    ]
    return hd.seg.Segmentation(
        sources,
        labels,
        kind,
        described,
        generate_uid(),
        99,
        generate_uid(),
        1,
        "deepvein",
        "test",
        "1",
        "1",
        transfer_syntax_uid=ExplicitVRLittleEndian,
    )


@pytest.mark.parametrize("directions", making.ORIENTATIONS.values(), ids=making.ORIENTATIONS)
@pytest.mark.parametrize("kind", ["BINARY", "FRACTIONAL", "LABELMAP"])
def test_segmentations_come_back_on_six_orientations(tmp_path, directions, kind):
    study = read_study(making.series(tmp_path / "a", making.grid_of(SHAPE, directions=directions)))
    blobs = making.two_blobs(study.volume.grid)
    pixels = blobs.array
    if kind == "FRACTIONAL":
        pixels = np.stack([blobs.array == 1, blobs.array == 2], axis=-1) * 0.75
    segmentation(tmp_path / "a", pixels, kind).save_as(tmp_path / "seg.dcm")
    labels = read_labels(tmp_path / "seg.dcm", study.volume.grid)
    np.testing.assert_array_equal(labels.volume.array, blobs.array)
    assert labels.names == {1: "Vein", 2: "Thrombus"}
    assert labels.volume.grid is study.volume.grid


def test_overlapping_segments_are_named(tmp_path, image):
    pixels = np.zeros((*SHAPE, 2), np.uint8)
    pixels[1:3, 2:6, 3:7] = 1
    segmentation(tmp_path / "image", pixels, "BINARY").save_as(tmp_path / "seg.dcm")
    with pytest.raises(MaskError, match="Vein and Thrombus of .* overlap in 32 voxels"):
        read_mask(tmp_path / "seg.dcm", image.volume.grid)


def test_a_segmentation_of_another_scan_is_refused(tmp_path, image):
    blobs = making.two_blobs(image.volume.grid)
    segmentation(tmp_path / "image", blobs.array, "BINARY").save_as(tmp_path / "seg.dcm")
    other = read_study(making.series(tmp_path / "other", making.grid_of(SHAPE)))
    with pytest.raises(MaskError, match="drawn on another scan"):
        read_mask(tmp_path / "seg.dcm", other.volume.grid)


def test_a_damaged_segmentation_is_refused(tmp_path, image):
    blobs = making.two_blobs(image.volume.grid)
    segmentation(tmp_path / "image", blobs.array, "BINARY").save_as(tmp_path / "seg.dcm")
    whole = (tmp_path / "seg.dcm").read_bytes()
    (tmp_path / "seg.dcm").write_bytes(whole[:-40])
    with pytest.raises(MaskError, match=r"seg\.dcm"):
        read_mask(tmp_path / "seg.dcm", image.volume.grid)


def test_fractions_that_nowhere_reach_a_half_are_refused_and_no_empty_mask(tmp_path, image):
    blobs = making.two_blobs(image.volume.grid)
    pixels = np.stack([blobs.array == 1, blobs.array == 2], axis=-1) * 0.4
    segmentation(tmp_path / "image", pixels, "FRACTIONAL").save_as(tmp_path / "seg.dcm")
    with pytest.raises(MaskError, match=r"Vein of .* nowhere reach 0\.5 \(highest 0\.4"):
        read_labels(tmp_path / "seg.dcm", image.volume.grid)


def test_a_frame_that_is_not_counted_is_not_lost(tmp_path, image):
    blobs = making.two_blobs(image.volume.grid)
    made = segmentation(tmp_path / "image", blobs.array, "BINARY")
    made.NumberOfFrames -= 1
    made.save_as(tmp_path / "seg.dcm")
    with pytest.raises(MaskError, match=r"counts \d+ frames and describes \d+"):
        read_labels(tmp_path / "seg.dcm", image.volume.grid)


@pytest.mark.parametrize("gaps", [(0, 2, 4), (0, 2, 5)])
@pytest.mark.parametrize("told", [None, 7.0])
def test_marks_do_not_grow_over_frames_that_are_left_out(tmp_path, image, gaps, told):
    pixels = np.zeros(SHAPE, np.uint8)
    pixels[list(gaps), 3:7, 3:7] = 1
    made = segmentation(tmp_path / "image", pixels, "BINARY", ("clot",))
    measures = made.SharedFunctionalGroupsSequence[0].PixelMeasuresSequence[0]
    del measures.SpacingBetweenSlices
    if told is not None:
        measures.SpacingBetweenSlices = told
    made.save_as(tmp_path / "seg.dcm")
    labels = read_labels(tmp_path / "seg.dcm", image.volume.grid)
    np.testing.assert_array_equal(labels.volume.array, pixels)


def _no_labels(seg):
    for item in seg.SegmentSequence:
        del item.SegmentLabel


def _no_codes(seg):
    for item in seg.SegmentSequence:
        del item.SegmentedPropertyCategoryCodeSequence
        del item.SegmentedPropertyTypeCodeSequence


def _no_dimensions(seg):
    del seg.DimensionIndexSequence


def _lower_case(seg):
    seg.SegmentationType = "binary"


def _no_frame(seg):
    del seg.FrameOfReferenceUID


@pytest.mark.filterwarnings("ignore:Invalid value for VR CS")
@pytest.mark.parametrize("change", [_no_labels, _no_codes, _no_dimensions, _lower_case, _no_frame])
def test_what_a_segmentation_can_lack_costs_no_mark(tmp_path, image, change):
    blobs = making.two_blobs(image.volume.grid)
    made = segmentation(tmp_path / "image", blobs.array, "BINARY")
    change(made)
    made.save_as(tmp_path / "seg.dcm")
    labels = read_labels(tmp_path / "seg.dcm", image.volume.grid)
    np.testing.assert_array_equal(labels.volume.array, blobs.array)
    assert bool(labels.remarks) == (change is _no_frame)


def test_frames_that_name_no_segment_mark_the_only_one(tmp_path, image):
    blobs = making.two_blobs(image.volume.grid)
    one = (blobs.array == 1).astype(np.uint8)
    made = segmentation(tmp_path / "image", one, "BINARY", ("clot",))
    for groups in (*made.SharedFunctionalGroupsSequence, *made.PerFrameFunctionalGroupsSequence):
        if "SegmentIdentificationSequence" in groups:
            del groups.SegmentIdentificationSequence
    made.save_as(tmp_path / "seg.dcm")
    np.testing.assert_array_equal(read_mask(tmp_path / "seg.dcm", image.volume.grid).array, one)


@pytest.mark.parametrize("kind", ["BINARY", "LABELMAP"])
def test_marks_of_a_segment_that_is_not_listed_are_not_lost(tmp_path, image, kind):
    blobs = making.two_blobs(image.volume.grid)
    made = segmentation(tmp_path / "image", blobs.array, kind)
    made.SegmentSequence = [one for one in made.SegmentSequence if one.SegmentNumber != 2]
    made.save_as(tmp_path / "seg.dcm")
    with pytest.raises(MaskError, match="2, which is not listed"):
        read_labels(tmp_path / "seg.dcm", image.volume.grid)


def test_a_segmentation_beside_the_voxels_of_its_image_is_remarked_on(tmp_path, image):
    blobs = making.two_blobs(image.volume.grid)
    made = segmentation(tmp_path / "image", blobs.array, "BINARY")
    for groups in made.PerFrameFunctionalGroupsSequence:
        place = groups.PlanePositionSequence[0]
        place.ImagePositionPatient = [float(v) + 0.4 for v in place.ImagePositionPatient]
    made.save_as(tmp_path / "seg.dcm")
    (remark,) = read_labels(tmp_path / "seg.dcm", image.volume.grid).remarks
    assert "seg.dcm lies 0.5 voxels off the grid" in remark


def test_coded_terms_decide_which_vein_a_segment_is(tmp_path, image):
    blobs = making.two_blobs(image.volume.grid)
    seg = segmentation(
        tmp_path / "image", blobs.array, "BINARY", ("S1 left", "a thing in the vein")
    )
    vein, thrombus = seg.SegmentSequence
    popliteal = hd.sr.CodedConcept("56849005", "SCT", "Popliteal vein")
    vein.SegmentedPropertyTypeCodeSequence = [popliteal]
    thrombus.SegmentedPropertyTypeCodeSequence = [
        hd.sr.CodedConcept("396339007", "SCT", "Thrombus")
    ]
    thrombus.AnatomicRegionSequence = [popliteal]
    seg.save_as(tmp_path / "seg.dcm")
    segments = read_segments(tmp_path / "seg.dcm", image.volume.grid)
    label = encode(VeinSegment.POPLITEAL, Side.LEFT)
    np.testing.assert_array_equal(segments.volume.array, (blobs.array == 1) * label)
    thrombi = read_thrombi(tmp_path / "seg.dcm", image.volume.grid)
    np.testing.assert_array_equal(thrombi.volume.array, (blobs.array == 2) * 2)


def test_the_meaning_of_other_codes_counts_where_the_label_says_nothing(tmp_path, image):
    blobs = making.two_blobs(image.volume.grid)
    seg = segmentation(tmp_path / "image", blobs.array, "BINARY", ("Segment 1", "Segment 2"))
    vein, clot = seg.SegmentSequence
    popliteal = hd.sr.CodedConcept("T-1", "SRT", "Popliteal vein")
    popliteal.SegmentedPropertyTypeModifierCodeSequence = [
        hd.sr.CodedConcept("G-A101", "SRT", "Left")
    ]
    vein.SegmentedPropertyTypeCodeSequence = [popliteal]
    clot.SegmentedPropertyTypeCodeSequence = [hd.sr.CodedConcept("1", "99SITE", "Thrombus")]
    seg.save_as(tmp_path / "seg.dcm")
    segments = read_segments(tmp_path / "seg.dcm", image.volume.grid)
    label = encode(VeinSegment.POPLITEAL, Side.LEFT)
    np.testing.assert_array_equal(segments.volume.array, (blobs.array == 1) * label)
    thrombi = read_thrombi(tmp_path / "seg.dcm", image.volume.grid)
    np.testing.assert_array_equal(thrombi.volume.array, (blobs.array == 2) * 2)


def test_the_coded_side_wins_over_the_label(tmp_path, image):
    blobs = making.two_blobs(image.volume.grid)
    seg = segmentation(tmp_path / "image", blobs.array, "LABELMAP", ("left", "FV left"))
    for item in seg.SegmentSequence:
        if item.SegmentNumber == 1:
            region = hd.sr.CodedConcept("83419000", "SCT", "Femoral vein")
            region.AnatomicRegionModifierSequence = [hd.sr.CodedConcept("24028007", "SCT", "Right")]
            item.AnatomicRegionSequence = [region]
    seg.save_as(tmp_path / "seg.dcm")
    labels = read_segments(tmp_path / "seg.dcm", image.volume.grid)
    right, left = (encode(VeinSegment.FEMORAL, side) for side in (Side.RIGHT, Side.LEFT))
    expected = np.array([0, right, left], np.uint8)[blobs.array]
    np.testing.assert_array_equal(labels.volume.array, expected)


def test_frames_far_apart_cost_the_process_beside_its_memory_not_this_one(tmp_path, image):
    blobs = making.two_blobs(image.volume.grid)
    made = segmentation(tmp_path / "image", blobs.array, "BINARY")
    frames = made.PerFrameFunctionalGroupsSequence
    step = 1e-5
    made.SharedFunctionalGroupsSequence[0].PixelMeasuresSequence[0].SpacingBetweenSlices = step
    frames[-1].PlanePositionSequence[0].ImagePositionPatient = [-20, 15, 9000]
    made.save_as(tmp_path / "seg.dcm")
    with pytest.raises(MaskError, match="seg.dcm cannot be read"):
        read_mask(tmp_path / "seg.dcm", image.volume.grid)


def test_a_segmentation_is_read_beside(tmp_path, image, monkeypatch):
    import highdicom

    blobs = making.two_blobs(image.volume.grid)
    segmentation(tmp_path / "image", blobs.array, "BINARY").save_as(tmp_path / "seg.dcm")
    monkeypatch.setattr(highdicom.seg, "Segmentation", None)
    labels = read_mask(tmp_path / "seg.dcm", image.volume.grid)
    np.testing.assert_array_equal(labels.array, blobs.array)


@pytest.mark.parametrize("kind", ["FRACTIONAL", "LABELMAP"])
def test_compressed_pixels_are_decoded_and_damaged_ones_refused(tmp_path, image, kind):
    blobs = making.two_blobs(image.volume.grid)
    pixels = blobs.array
    if kind == "FRACTIONAL":
        pixels = np.stack([blobs.array == 1, blobs.array == 2], axis=-1) * 0.75
    path = tmp_path / "seg.dcm"
    segmentation(tmp_path / "image", pixels, kind).save_as(path)
    one = dcmread(path)
    one.compress(RLELossless, encoding_plugin="pydicom")
    one.save_as(path)
    np.testing.assert_array_equal(read_mask(path, image.volume.grid).array, blobs.array)
    path.write_bytes(path.read_bytes()[:-150])
    with pytest.raises(MaskError, match="cannot be read"):
        read_mask(path, image.volume.grid)


@pytest.mark.parametrize(
    "keyword", ["PlanePositionSequence", "PlaneOrientationSequence", "PixelMeasuresSequence"]
)
def test_frames_that_do_not_say_where_they_lie_are_told_so(image, tmp_path, keyword):
    blobs = making.two_blobs(image.volume.grid)
    seg = segmentation(tmp_path / "image", blobs.array, "BINARY")
    for groups in (*seg.SharedFunctionalGroupsSequence, *seg.PerFrameFunctionalGroupsSequence):
        if keyword in groups:
            delattr(groups, keyword)
    seg.save_as(tmp_path / "seg.dcm")
    with pytest.raises(MaskError, match=f"do not say where they lie: {keyword} is missing"):
        read_mask(tmp_path / "seg.dcm", image.volume.grid)


def test_frames_that_were_filled_up_to_bytes_are_refused(image, tmp_path):
    blobs = making.two_blobs(image.volume.grid)
    seg = segmentation(tmp_path / "image", blobs.array, "BINARY")
    frames = seg.pixel_array.astype(np.uint8)
    wide = np.pad(frames.reshape(len(frames), -1), ((0, 0), (0, 16)))
    seg.PixelData = np.packbits(wide, bitorder="little").tobytes()
    seg.NumberOfFrames = len(frames)
    seg.save_as(tmp_path / "seg.dcm")
    with pytest.raises(MaskError, match="bytes of pixels where its rows, columns and frames need"):
        read_mask(tmp_path / "seg.dcm", image.volume.grid)


def test_pixels_of_another_size_than_the_images_are_remarked_on(tmp_path, image):
    blobs = making.two_blobs(image.volume.grid).array
    blobs[[0, 1, 4, 5]] = 0
    made = segmentation(tmp_path / "image", blobs, "BINARY")
    made.save_as(tmp_path / "own.dcm")
    assert read_labels(tmp_path / "own.dcm", image.volume.grid).remarks == ()
    measures = made.SharedFunctionalGroupsSequence[0].PixelMeasuresSequence[0]
    measures.PixelSpacing = [0.7, 0.7]
    made.save_as(tmp_path / "seg.dcm")
    (told,) = read_labels(tmp_path / "seg.dcm", image.volume.grid).remarks
    assert told.startswith(
        "seg.dcm has voxels of 3.00 x 0.70 x 0.70 mm, its image of 3.00 x 0.90 x 0.80 mm"
    )
