import pytest
from pydicom import Dataset

from deepvein.anatomy.veins import Side
from deepvein.studies.dicom.laterality import laterality


def headers(**values: object) -> Dataset:
    made = Dataset()
    for keyword, value in values.items():
        setattr(made, keyword, value)
    return made


def modified(code: str) -> Dataset:
    modifier = headers(CodeValue=code)
    return headers(AnatomicRegionModifierSequence=[modifier])


@pytest.mark.parametrize(
    ("values", "side"),
    [
        ({"Laterality": "L"}, Side.LEFT),
        ({"ImageLaterality": "R"}, Side.RIGHT),
        ({"ImageLaterality": "", "Laterality": "RIGHT"}, Side.RIGHT),
        ({"Laterality": "B"}, None),
        ({"Laterality": "U"}, None),
        ({"ImageLaterality": "L", "Laterality": "R"}, None),
        ({"SeriesDescription": "venous left_leg 1.5mm"}, Side.LEFT),
        ({"StudyDescription": "CT Phlebographie rechtes Bein"}, Side.RIGHT),
        ({"ProtocolName": "Bein li venoes"}, Side.LEFT),
        ({"SeriesDescription": "temps veineux jambe gauche"}, Side.LEFT),
        ({"SeriesDescription": "les deux jambes, droite douloureuse"}, None),
        ({"BodyPartExamined": "RT KNEE"}, Side.RIGHT),
        ({"StudyDescription": "CTV RLE"}, Side.RIGHT),
        ({"StudyDescription": "bilateral legs, left painful"}, None),
        ({"StudyDescription": "right and left leg"}, None),
        ({"SeriesDescription": "RT planning"}, None),
        ({"SeriesDescription": "re: delayed"}, None),
        ({"StudyDescription": "CTV Lt"}, Side.LEFT),
        ({"StudyDescription": "CT venography Rt. lower extremity"}, Side.RIGHT),
        ({"BodyPartExamined": "LEG", "SeriesDescription": "venous RT 2mm"}, Side.RIGHT),
        ({"BodyPartExamined": "LEG", "SeriesDescription": "RT plan"}, None),
        ({"StudyDescription": "angio TC arto inferiore dx"}, Side.RIGHT),
        ({"StudyDescription": "gamba sn fase venosa"}, Side.LEFT),
        ({"StudyDescription": "TC gamba sin"}, Side.LEFT),
        ({"StudyDescription": "TC pierna sin contraste"}, None),
        ({"StudyDescription": "Dx: DVT leg?"}, None),
        ({"StudyDescription": "PHLEBOSCANNER MID"}, Side.RIGHT),
        ({"StudyDescription": "TDM veineux jambe G"}, Side.LEFT),
        ({"StudyDescription": "CTV legs, IV left arm"}, None),
        ({"StudyDescription": "CTV right leg, antecubital left"}, Side.RIGHT),
        ({"StudyDescription": "CTV legs s/p right TKA"}, None),
        ({"SeriesDescription": "CTV legs left lateral decubitus"}, None),
        ({"SeriesDescription": "CTV right leg, lateral decub left"}, Side.RIGHT),
        ({"StudyDescription": "CTV leg", "SeriesDescription": "inj. left femoral vein"}, None),
        ({"StudyDescription": "CTV right leg, via left dorsalis pedis"}, Side.RIGHT),
        ({"StudyDescription": "CTV leg, left renal vein"}, None),
        ({"StudyDescription": "CTV inj. left arm, right leg"}, Side.RIGHT),
        ({"StudyDescription": "CTV i.v. arm, left leg"}, Side.LEFT),
        ({"StudyDescription": "CTV lateral decubitus, right leg"}, Side.RIGHT),
        ({"StudyDescription": "CTV injured left leg"}, Side.LEFT),
        ({"StudyDescription": "CTV swollen right lateral calf"}, Side.RIGHT),
        ({"SeriesDescription": "LeftLeg_ven"}, Side.LEFT),
        ({"SeriesDescription": "左下肢静脈CT"}, Side.LEFT),
        ({"SeriesDescription": "右下肢CTV (左腕注射)"}, Side.RIGHT),
        ({"SeriesDescription": "双下肢CTV 左>右"}, None),
        ({"SeriesDescription": "우측 하지 정맥"}, Side.RIGHT),
        ({"SeriesDescription": "Левая нижняя конечность"}, Side.LEFT),
        ({"StudyDescription": "Scanner veineux M.I.G."}, Side.LEFT),
        ({"SeriesDescription": "veins mid thigh"}, None),
        ({"SeriesDescription": "t1 cor venous mid"}, None),
        ({"SeriesDescription": "MR angio veins mid"}, None),
        ({"StudyDescription": "TAC pierna derecha"}, Side.RIGHT),
        ({"StudyDescription": "AngioTC MII"}, Side.LEFT),
        ({"StudyDescription": "CT vänster ben"}, Side.LEFT),
        ({"StudyDescription": "CT højre ben"}, Side.RIGHT),
        ({"StudyDescription": "angio TC AAII, gamba dx gonfia"}, None),
        ({"StudyDescription": "OS li venös"}, Side.LEFT),
        ({"StudyDescription": "Rt and Lt leg CTV"}, None),
        ({"Laterality": "B", "SeriesDescription": "left leg"}, None),
        ({}, None),
    ],
)
def test_one_side_only_where_the_headers_name_one(values: dict[str, str], side: Side | None):
    assert laterality([headers(**values)]) == (side, "")


@pytest.mark.parametrize(("code", "side"), [("7771000", Side.LEFT), ("G-A100", Side.RIGHT)])
def test_the_modifier_of_the_region_names_the_side(code: str, side: Side):
    assert laterality([headers(AnatomicRegionSequence=[modified(code)])]).side is side


@pytest.mark.parametrize(
    "group", ["SharedFunctionalGroupsSequence", "PerFrameFunctionalGroupsSequence"]
)
def test_the_functional_groups_of_an_enhanced_image_name_the_side(group: str):
    anatomy = headers(FrameLaterality="R")
    frames = [headers(FrameAnatomySequence=[anatomy])]
    assert laterality([headers(**{group: frames})]).side is Side.RIGHT
    coded = headers(AnatomicRegionSequence=[modified("7771000")])
    frames = [headers(FrameAnatomySequence=[coded])]
    assert laterality([headers(**{group: frames})]).side is Side.LEFT


def test_stations_count_together():
    left, right, silent = headers(Laterality="L"), headers(Laterality="R"), headers()
    assert laterality([silent, left, silent]).side is Side.LEFT
    assert laterality([left, right]) == (None, "")


def test_headers_that_contradict_one_another_name_no_side():
    side, conflict = laterality([headers(Laterality="L", SeriesDescription="right leg")])
    assert side is None
    assert "laterality is left, the descriptions name the right side" in conflict


def test_no_series_names_no_side():
    assert laterality([]).side is None
