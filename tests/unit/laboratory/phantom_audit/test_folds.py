from deepvein.laboratory.phantom_audit.folds import FOLDS, folds


def test_rows_of_one_study_share_a_fold_and_both_kinds_are_dealt_evenly() -> None:
    studies = [f"{k}" for k in range(20) for _ in range(3)]
    ill = [k % 2 == 0 and row == 1 for k in range(20) for row in range(3)]
    fold = folds(studies, ill).tolist()
    assert all(len(set(fold[3 * k : 3 * k + 3])) == 1 for k in range(20))
    for own in range(FOLDS):
        inside = {study for study, k in zip(studies, fold, strict=True) if k == own}
        assert len(inside) == 4
        assert sum(int(study) % 2 == 0 for study in inside) == 2
