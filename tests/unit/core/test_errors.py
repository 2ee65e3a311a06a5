import inspect

import pytest

from deepvein.core import errors

EXIT_CODES = {
    errors.UsageError: 2,
    errors.InputError: 3,
    errors.NothingToScreenError: 4,
    errors.DeepveinError: 5,
    errors.OutputError: 6,
}


@pytest.mark.parametrize(
    "error",
    [e for _, e in inspect.getmembers(errors, inspect.isclass) if e.__module__ == errors.__name__],
)
def test_every_error_has_the_exit_code_of_its_kind(error: type[errors.DeepveinError]):
    kind = next(base for base in error.__mro__ if base in EXIT_CODES)
    assert error.exit_code == EXIT_CODES[kind]
    assert error.__doc__


def test_a_missing_extra_says_what_to_install():
    error = errors.MissingExtraError("the Parquet table", "train")
    assert (
        str(error) == "the Parquet table needs an optional package: pip install 'deepvein[train]'"
    )
