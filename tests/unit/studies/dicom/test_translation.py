import pytest

from deepvein.studies.dicom.translation import in_latin


@pytest.mark.parametrize(
    ("text", "english"),
    [
        ("下肢静脈", "leg venous"),
        ("造影前", "nonenhanced"),
        ("造影後", "contrast 後"),
        ("ｽｶｳﾄ", "scout"),
        ("АРТЕРИАЛЬНАЯ фаза", "arterial фаза"),
        ("Без контраста", "nonenhanced"),
        ("Φλεβική", "venous"),
        ("하지 정맥", "leg venous"),
    ],
)
def test_words_of_other_scripts_are_english(text, english):
    assert in_latin(text).split() == english.split()


@pytest.mark.parametrize("text", ["Venöse Phase", "Étage fémoral", "venous", "", "15 mm²"])
def test_latin_texts_stay_as_they_are(text):
    assert in_latin(text) == text
