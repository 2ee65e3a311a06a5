from pydicom.uid import UID

from deepvein.studies.dicom.sop_classes import IMAGE_CLASSES, MULTI_FRAME_CLASSES


def test_the_classes_are_those_of_the_standard():
    named = {uid: UID(uid).name.removesuffix(" Storage") for uid in IMAGE_CLASSES}
    assert named == IMAGE_CLASSES
    assert all("Enhanced" in named[uid] for uid in MULTI_FRAME_CLASSES)
    assert len(MULTI_FRAME_CLASSES) == 4
