import pytest
from pydicom.dataset import Dataset

from deepvein.studies.dicom.subject import NOBODY, Subject, subjects


@pytest.mark.parametrize(
    ("one", "two", "told"),
    [
        (Subject("P1"), Subject("P2"), "patients P1 and P2"),
        (Subject("P1"), Subject("P1-2"), "patients P1 and P1-2"),
        (Subject("x", "A^B"), Subject("x", "C^D"), "patients A^B and C^D"),
        (Subject("x", birth_date="19500101"), Subject("x", birth_date="19600101"), "birth dates"),
        (Subject("x", sex="F"), Subject("x", sex="M"), "sexes F and M"),
        (Subject("x", study_date="20240101"), Subject("x", study_date="20240102"), "study dates"),
        (Subject("x", accession_number="1"), Subject("x", accession_number="2"), "accession"),
        (Subject("x", issuer="A"), Subject("x", issuer="B"), "issuers of patient ID A and B"),
        (Subject("x", age="070Y"), Subject("x", age="30Y"), "ages 070Y and 30Y"),
        (Subject("x", age="070Y"), Subject("x", age="71Y"), ""),
        (Subject("x", age="011M"), Subject("x", age="30Y"), ""),
        (Subject("x", sex="f"), Subject("x", sex="Female"), ""),
        (Subject("P1"), Subject(" p1"), ""),
        (Subject("P1"), NOBODY, ""),
        (Subject("x", "Doe^Jane"), Subject("x", "DOE JANE^A"), ""),
        (Subject("x", "Doe^Jane=X^Y"), Subject("x", "Doe^Jane"), ""),
        (Subject("x", "Müller^Zoé"), Subject("x", "Mu\u0308ller^Zoe\u0301"), ""),
        (Subject("x", "LEFEVRE^ZOE"), Subject("x", "Lefèvre^Zoé"), ""),
        (Subject("x", "O'BRIEN^ANN"), Subject("x", "OBrien^Ann"), ""),
        (Subject("", "=山田^太郎"), Subject("", "=佐藤^花子"), "patients =山田^太郎"),
        (Subject("x", "Ivanov^Ivan=Иванов^Иван"), Subject("x", "ИВАНОВ^ИВАН"), ""),
        (Subject("x", study_date="2024.01.01"), Subject("x", study_date="20240101"), ""),
        (Subject("x", birth_date="19500101"), Subject("x", birth_date="19500000"), ""),
        (Subject("x", birth_date="19500101"), Subject("x", birth_date="00000000"), ""),
        (Subject("x", birth_date="19500101"), Subject("x", birth_date="19510000"), "birth dates"),
        (Subject("x", acquired="20240101"), Subject("x", acquired="20240102"), ""),
        (Subject("x", acquired="20240101"), Subject("x", acquired="20240601"), "acquisition dates"),
        (Subject("x", acquired="20240101"), Subject("x", acquired="2024"), ""),
        (Subject("x", sex="F"), Subject("x", sex="U"), ""),
        (Subject("x", sex="F"), Subject("x", sex="O"), "sexes F and O"),
        (Subject("x", age="070Y"), Subject("x", age="000Y"), ""),
        (Subject("x", weight="60"), Subject("x", weight="95"), "weights 60 and 95"),
        (Subject("x", weight="60"), Subject("x", weight="64.5"), ""),
        (Subject("x", weight="0"), Subject("x", weight="64.5"), ""),
        (Subject("x", height="1.60"), Subject("x", height="1.90"), "heights 1.60 and 1.90"),
        (Subject("x", height="1.60"), Subject("x", height="160"), ""),
        (Subject("x", height="1,60"), Subject("x", height="1.65"), ""),
        (
            Subject("x", trial_subject="S1"),
            Subject("x", trial_subject="S2"),
            "subjects of the trial S1",
        ),
        (
            Subject("x", study_id="17", study_time="080000"),
            Subject("x", study_id="18", study_time="153000"),
            "study IDs 17 at 080000 and 18 at 153000",
        ),
        (
            Subject("x", study_id="17", study_time="080000"),
            Subject("x", study_id="18", study_time="08:00:00.000"),
            "",
        ),
        (
            Subject("x", study_id="17", study_time="080000"),
            Subject("x", study_id="17", study_time="153000"),
            "",
        ),
        (Subject("x", study_id="17", study_time="080000"), Subject("x", study_id="18"), ""),
        (Subject("x", accession_number="0"), Subject("x", accession_number="12"), ""),
        (Subject("x", "Müller^Jörg"), Subject("x", "MÃ¼ller^JÃ¶rg"), ""),
        (Subject("", "Вася^Пупкин"), Subject("", "²Ðáï^¿ãßÚØÝ"), ""),
        (Subject("x", "Müller^Jörg"), Subject("x", "M?ller^J??rg"), ""),
        (Subject("x", "Müller^Jörg"), Subject("x", "M\ufffdller^J?"), ""),
        (Subject("x", "Müller^Jörg"), Subject("x", "M?ller^Eva"), "patients"),
        (Subject("x", "Müller^Jörg"), Subject("x", "Me?ller^J?rg"), "patients"),
        (Subject("x", "Müller"), Subject("x", "Mü?üller"), "patients"),
        (Subject("", "Müller^Jörg"), Subject("", "M?ller^J?rg"), "patients"),
        (Subject("x", "Müller^Jörg"), Subject("x", "Möller^Jürg"), "patients"),
    ],
)
def test_what_two_files_say_is_compared(one, two, told):
    assert one.difference(two).startswith(told)
    assert bool(one.difference(two)) == bool(told) == bool(two.difference(one))


def test_a_data_set_says_whose_it_is():
    made = Dataset()
    made.PatientID, made.PatientName, made.StudyDate = "7", "Test^One", "20240101"
    assert Subject.of(made) == Subject("7", "Test^One", study_date="20240101")
    made.AcquisitionDate = "20240102"
    assert Subject.of(made).acquired == ""
    made.StudyDate = ""
    assert Subject.of(made).acquired == "20240102"
    assert Subject.of(Dataset()) == NOBODY


def test_files_are_grouped_by_subjects_that_do_not_contradict():
    told = [(Subject("1"), "a"), (Subject("2"), "b"), (Subject("1", "A"), "c"), (NOBODY, "d")]
    assert subjects(told) == [["a", "c", "d"], ["b"]]
