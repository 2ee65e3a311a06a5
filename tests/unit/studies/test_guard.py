import builtins
import faulthandler
import json
import os
import signal

import numpy as np
import pytest

from deepvein.studies.guard import DecodingError, Limits, guarded

HALF_A_SECOND = Limits(seconds=0.5)


def test_values_and_arrays_come_back():
    assert guarded(json.loads, s='{"a": [1, 2.5, null]}') == {"a": [1, 2.5, None]}
    array = guarded(np.full, shape=[2, 3, 4], fill_value=7, dtype="<i2")
    assert array.dtype == np.int16
    np.testing.assert_array_equal(array, np.full((2, 3, 4), 7))
    assert guarded(np.zeros, shape=[0, 3]).shape == (0, 3)


def test_one_process_serves_many_calls_and_is_another_one():
    first = guarded(os.getpid)
    assert first != os.getpid()
    assert guarded(os.getpid) == first
    with pytest.raises(DecodingError):
        guarded(json.loads, s="{")
    assert guarded(os.getpid) == first


def test_an_error_is_told_in_its_own_words():
    with pytest.raises(DecodingError, match="Expecting property name"):
        guarded(json.loads, s="{")
    with pytest.raises(DecodingError, match="no keyword arguments"):
        guarded(os.getcwd, strange=1)


@pytest.mark.parametrize(
    ("function", "arguments", "says"),
    [
        (faulthandler._sigsegv, {}, "ended abruptly .SIGSEGV"),
        (os.abort, {}, "ended abruptly .SIGABRT"),
        (os._exit, {"status": 3}, "ended abruptly .code 3"),
        (builtins.pow, {"base": 3, "exp": 10**9}, "more than 0.5 s of processor time"),
        (os.system, {"command": "exec sleep 8"}, "longer than 5 s"),
        (np.zeros, {"shape": [10**11]}, "Unable to allocate|more than 3.0 GB"),
    ],
)
@pytest.mark.skipif(not hasattr(signal, "SIGPROF"), reason="needs a system with signals")
def test_what_ends_or_holds_a_process_is_told_and_the_next_call_is_answered(
    function, arguments, says
):
    with pytest.raises(DecodingError, match=says):
        guarded(function, HALF_A_SECOND, **arguments)
    assert guarded(json.loads, s="1") == 1


def test_what_code_prints_stays_in_its_process(capfd):
    assert guarded(os.system, command="echo to stdout; echo to stderr >&2") == 0
    assert capfd.readouterr() == ("", "")
