import pytest

from deepvein.studies.dicom.files import read_headers
from deepvein.studies.dicom.kind import exclusion
from deepvein.studies.dicom.series import group
from unit.studies import making

STACK = making.grid_of((30, 6, 7))
ORIGINAL = ["ORIGINAL", "PRIMARY", "AXIAL"]
DERIVED = ["DERIVED", "SECONDARY", "AXIAL"]


def why(folder, image_type=None, description="", grid=STACK, modality="CT", **values):
    making.series(
        folder,
        grid,
        modality=modality,
        ImageType=image_type or ORIGINAL,
        SeriesDescription=description,
        **values,
    )
    (found,) = group(read_headers(sorted(folder.iterdir())))
    return exclusion(found, None)


@pytest.mark.parametrize(
    ("image_type", "description", "says"),
    [
        (["ORIGINAL", "PRIMARY", "LOCALIZER"], "", "localiser"),
        (["DERIVED", "SECONDARY", "MIP"], "", "projection"),
        (["DERIVED", "SECONDARY", "PROJECTION IMAGE", "MIP"], "", "projection"),
        (["DERIVED", "SECONDARY", "MPR", "CSA MPR THICK"], "", "averaged from thinner"),
        (["DERIVED", "SECONDARY", "AXIAL", "CSA AVG"], "", "averaged from thinner"),
        (["DERIVED", "SECONDARY", "3D_TOOLS", "VOLUME RENDERING"], "", "projection"),
        (["DERIVED", "PRIMARY", "VOLUME", "MAX_IP"], "", "projection"),
        (["DERIVED", "SECONDARY"], "legs_ven_MIP_cor", "projection"),
        (["DERIVED", "SECONDARY", "AXIAL", "SUBTRACTION"], "", "subtraction"),
        (DERIVED, "legs_SUB", "subtraction"),
        (["DERIVED", "PRIMARY", "AXIAL", "MATERIAL_IODINE"], "", "map of a material"),
        (DERIVED, "Contrast-Enhanced Structures[HU*]", "map of a material"),
        (["DERIVED", "PRIMARY", "AXIAL", "MAT_SPECIFIC"], "", "map of a material"),
        (["DERIVED", "PRIMARY", "AXIAL", "Z_EFF"], "", "several energies (ZEFF)"),
        (["DERIVED", "PRIMARY", "EFF_ATOMIC_NUM"], "", "several energies (EFF_ATOMIC_NUM)"),
        (["DERIVED", "SECONDARY", "REFORMATTED", "AVERAGE"], "", "averaged from thinner"),
        (["DERIVED", "PRIMARY", "AXIAL", "MAT_REMOVED"], "", "virtual image without contrast"),
        (DERIVED, "DE_legs_VNC", "virtual image without contrast"),
        (DERIVED, "Legs Virtuell Nativ", "virtual image without contrast"),
        (DERIVED, "DE Iodine legs", "map of a material"),
        (ORIGINAL, "Iodine_Map", "map of a material"),
        (DERIVED, "CTV VNI 1.0 Qr40", "virtual image without contrast"),
        (DERIVED, "PURE Calcium", "virtual image without contrast"),
        (["DERIVED", "PRIMARY", "AXIAL", "SPP", "VNI"], "", "virtual image without contrast"),
        (ORIGINAL, "Water(Iodine)", "map of a material"),
        (ORIGINAL, "HAP(Water)", "map of a material"),
        (DERIVED, "CaSupp-I25[HU*]", "map of a material"),
        (DERIVED, "Rho/Z", "map of a material"),
        (DERIVED, "LungPBV", "map of a material"),
        (DERIVED, "CTV BoneRemoval", "bones were cut out"),
        (DERIVED, "runoff ohne Knochen", "bones were cut out"),
        (["DERIVED", "PRIMARY", "VOLUME", "STD_DEVIATION"], "", "computed map"),
        (["DERIVED", "PRIMARY", "VOLUME", "SURFACE_RENDER"], "", "projection"),
        (["DERIVED", "SECONDARY", "CURVED_MPR"], "", "curved reformat"),
        (["DERIVED", "SECONDARY", "SCREEN SAVE"], "", "picture of a screen"),
        (["DERIVED", "PRIMARY", "PERFUSION", "TTP"], "", "computed map"),
        (["ORIGINAL", "PRIMARY", "T1", "FIELD_MAP"], "", "computed map"),
    ],
)
def test_what_is_no_image_of_the_body(tmp_path, image_type, description, says):
    assert says in why(tmp_path, image_type, description)


@pytest.mark.parametrize(
    ("image_type", "description"),
    [
        (ORIGINAL, "CTV legs CARE Bolus 1.0"),
        (ORIGINAL, "Beinvenen Bolustracking 1.5 B30f"),
        (ORIGINAL, "survey protocol legs"),
        (ORIGINAL, "legs 1.0 for MIP"),
        (ORIGINAL, "VRT 1.0 B20f"),
        (ORIGINAL, "legs iodine 370 120 ml"),
        (ORIGINAL, "subtle legs"),
        (["ORIGINAL", "PRIMARY", "PERFUSION", "NONE"], "dynamic"),
        (["ORIGINAL", "PRIMARY", "AXIAL", "VMI"], "Mono 50 keV"),
        (["DERIVED", "PRIMARY", "AXIAL"], "legs"),
        (ORIGINAL, "legs no bone kernel"),
        (DERIVED, "water fat sat legs 70 keV"),
        (DERIVED, "PURE Lumen"),
    ],
)
def test_words_do_not_throw_out_good_images(tmp_path, image_type, description):
    assert why(tmp_path, image_type, description) == ""


@pytest.mark.parametrize(
    ("description", "says"),
    [("Topogram 0.6", "localiser"), ("CARE_Bolus", "time the contrast"), ("loc", "localiser")],
)
def test_few_slices_with_such_a_name_are_no_stack(tmp_path, description, says):
    assert says in why(tmp_path, description=description, grid=making.grid_of((3, 6, 7)))


@pytest.mark.parametrize(
    ("kind", "says"), [("MGML", "mg/ml"), ("Z_EFF", "atomic"), ("HU", ""), ("US", "")]
)
def test_ct_that_is_not_in_hounsfield_units(tmp_path, kind, says):
    found = why(tmp_path, RescaleType=kind)
    assert (says in found) if says else found == ""


def test_slabs_that_were_summed_from_thin_slices(tmp_path):
    assert "summed" in why(tmp_path / "a", ["DERIVED", "SECONDARY"], SliceThickness=20)
    assert why(tmp_path / "b", ["DERIVED", "SECONDARY"], SliceThickness=4) == ""
    assert why(tmp_path / "c", ORIGINAL, SliceThickness=20) == ""


@pytest.mark.parametrize("kind", ["P", "PHASE MAP", "R", "VELOCITY"])
def test_mr_without_magnitude(tmp_path, kind):
    told = why(tmp_path, ["ORIGINAL", "PRIMARY", kind], modality="MR")
    assert "not magnitude" in told


@pytest.mark.parametrize(("part", "excluded"), [(0, False), (1, True), (2, True), (3, True)])
def test_parts_of_complex_images_of_ge_scanners(tmp_path, part, excluded):
    made = making.datasets(STACK, making.ramp(STACK.shape, 0), "MR")
    for one in made:
        one.ImageType = ["ORIGINAL", "PRIMARY", "OTHER"]
        one.private_block(0x0043, "GEMS_PARM_01", create=True).add_new(0x2F, "SS", part)
    (found,) = group(read_headers(sorted(making.save_all(made, tmp_path).iterdir())))
    assert ("phase or complex" in exclusion(found, None)) is excluded
