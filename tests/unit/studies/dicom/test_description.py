import numpy as np
import pytest

from deepvein.studies.dicom.description import SHARP_KERNEL, dixon_part, traits
from deepvein.studies.dicom.files import read_headers
from deepvein.studies.dicom.selection import choose
from deepvein.studies.dicom.series import group
from deepvein.volumes.grid import CORONAL
from unit.studies import making

LEGS = making.grid_of((30, 6, 50), (3.0, 8.0, 8.0))
ONE_LEG = making.grid_of((30, 6, 25), (3.0, 8.0, 8.0))


def series_in(folder):
    return group(read_headers(sorted(folder.rglob("*.dcm"))))


def chosen(folder):
    return [one.description for one in choose(series_in(folder)).summaries if one.chosen]


def test_a_reconstruction_of_one_leg_does_not_stand_for_both(tmp_path):
    making.series(tmp_path / "a", LEGS, SeriesDescription="legs", SeriesNumber=2)
    making.series(tmp_path / "b", ONE_LEG, SeriesDescription="CTV right leg", SeriesNumber=3)
    assert chosen(tmp_path) == ["legs"]
    told = {trait.text for one in series_in(tmp_path / "b") for trait in traits(one)}
    assert "200 mm wide, as for one leg" in told


@pytest.mark.parametrize(
    ("text", "kind", "part"),
    [
        ("t1_vibe_dixon_cor_W", "OTHER", "water"),
        ("t1_vibe_dixon_cor_F", "OTHER", "fat"),
        ("t1_vibe_dixon_cor_opp", "OTHER", "opposed-phase"),
        ("t1_vibe_dixon_cor_in", "OTHER", "in-phase"),
        ("FAT: Cor LAVA", "OTHER", "fat"),
        ("InPhase: Cor LAVA Flex", "OTHER", "in-phase"),
        ("mDIXON", "W", "water"),
        ("mDIXON", "OUT_PHASE", "opposed-phase"),
        ("Fat sat FLASH in late", "OTHER", ""),
        ("gre_fsp_3d_wfi_cor_W", "OTHER", "water"),
        ("gre_fsp_3d_wfi_cor_OP", "OTHER", "opposed-phase"),
        ("WFS Quick3D Cor (Fat)", "OTHER", "fat"),
        ("Quick3D Cor (OutPhase)", "OTHER", "opposed-phase"),
        ("Quick3D Cor (Water)", "OTHER", "water"),
        ("TIGRE FatSep cor water", "OTHER", "water"),
        ("Water-Fat 3D cor F", "OTHER", "fat"),
        ("T1 cor, veins in phase 2", "OTHER", ""),
        ("t1 cor water excitation", "OTHER", ""),
        ("t1_vibe_dixon", "OTHER", ""),
    ],
)
def test_images_of_a_dixon_scan_are_told_by_type_and_words(tmp_path, text, kind, part):
    making.series(
        tmp_path, modality="MR", SeriesDescription=text, ImageType=["ORIGINAL", "PRIMARY", kind]
    )
    assert dixon_part(series_in(tmp_path)[0]) == part


@pytest.mark.parametrize(
    ("kernel", "sharp"),
    [
        *((name, True) for name in ("I70f", "Bl57", "Br69f", "L", "YE", "HD ULTRA", "B_SHARP_C")),
        *((name, False) for name in ("Br36d", "I30f", "Qr40", "B", "STANDARD", "CHST", "FC13-H")),
    ],
)
def test_kernels_of_several_makers(kernel, sharp):
    assert bool(SHARP_KERNEL.search(kernel.lower())) is sharp


def test_of_a_dixon_scan_water_is_screened(tmp_path):
    grid = making.grid_of((12, 40, 40), (8.0, 8.0, 8.0), directions=CORONAL)
    for number, end in enumerate(("W", "F", "in", "opp"), start=5):
        making.series(
            tmp_path / end,
            grid,
            modality="MR",
            SeriesDescription=f"t1_vibe_dixon_cor_{end}",
            SeriesNumber=number,
        )
    assert chosen(tmp_path) == ["t1_vibe_dixon_cor_W"]


def test_one_tube_of_a_dual_energy_scan_is_second_to_what_was_mixed(tmp_path):
    array = making.ramp(LEGS.shape, dtype=np.int16)
    for number, (text, kind) in enumerate(
        [
            ("DE_Ven M_0.5", "DERIVED"),
            ("DE_Ven A_80kV", "ORIGINAL"),
            ("DE_Ven B_Sn140kV", "ORIGINAL"),
        ]
    ):
        making.series(
            tmp_path / text,
            LEGS,
            array,
            SeriesDescription=text,
            SeriesNumber=number + 2,
            ImageType=[kind, "PRIMARY", "AXIAL"],
        )
    assert chosen(tmp_path) == ["DE_Ven M_0.5"]


@pytest.mark.parametrize(
    ("body_part", "description", "factor"),
    [
        ("CHEST", "Thorax-Abdomen-Becken portal", 0.6),
        ("", "chest abdomen pelvis", 0.6),
        ("", "abdomen pelvis and legs", 1.5),
        ("CHEST", "CTV Beine", 1.5),
        ("", "pelvis", 1.5),
        ("CHEST", "CTPA", 0.3),
    ],
)
def test_the_pelvis_of_a_trunk_is_no_leg(tmp_path, body_part, description, factor):
    making.series(tmp_path, LEGS, BodyPartExamined=body_part, SeriesDescription=description)
    (told,) = (one for one in traits(series_in(tmp_path)[0]) if one.text.endswith("by its header"))
    assert told.factor == factor
