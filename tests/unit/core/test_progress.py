from deepvein.core.progress import Progress, silent


def test_silent_is_a_progress_that_says_nothing(capsys):
    watch: Progress = silent
    watch("reading", 1, 2)
    out, err = capsys.readouterr()
    assert out == err == ""
