from dataclasses import replace

import numpy as np

from deepvein.evaluation.curves import auroc
from deepvein.laboratory.phantom_audit.network import (
    Schedule,
    SmallNetwork,
    cross_validate,
    read,
    train,
)

QUICK = Schedule(epochs=6, batch=16, learning_rate=2e-2, shift=1)


def spots(n: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    pictures = rng.normal(0, 0.3, (n, 1, 1, 16, 16)).astype(np.float32)
    truth = np.arange(n) % 2 == 1
    pictures[truth, :, :, 6:10, 6:10] += 2
    return pictures, truth


def test_it_is_small() -> None:
    count = sum(p.numel() for p in SmallNetwork(1).parameters())
    assert 3000 < count < 5000


def test_it_finds_a_spot_and_nothing_where_there_is_nothing() -> None:
    pictures, truth = spots(36)
    fold = np.arange(36) % 3
    assert auroc(cross_validate(pictures, truth, fold, 1, QUICK), truth) > 0.95
    noise = np.random.default_rng(1).normal(size=pictures.shape).astype(np.float32)
    assert 0.15 < auroc(cross_validate(noise, truth, fold, 1, QUICK), truth) < 0.85


def test_the_same_seed_trains_the_same_network() -> None:
    pictures, truth = spots(24)
    first = read(train(pictures, truth, 5, QUICK), pictures)
    np.testing.assert_allclose(read(train(pictures, truth, 5, QUICK), pictures), first)


def test_one_section_is_read_as_if_it_were_repeated() -> None:
    pictures, truth = spots(24)
    network = train(pictures, truth, 3, QUICK)
    repeated = read(network, np.repeat(pictures, 5, axis=1))
    np.testing.assert_allclose(repeated, read(network, pictures), atol=1e-4)


def test_it_sees_what_neighbours_show() -> None:
    pictures, truth = spots(36)
    stack = np.zeros((36, 5, *pictures.shape[2:]), dtype=np.float32)
    stack[:, 4:] = pictures
    schedule = replace(QUICK, epochs=20)
    assert auroc(cross_validate(stack, truth, np.arange(36) // 2 % 2, 1, schedule), truth) > 0.9


def test_training_goes_on_from_a_network_that_stays_as_it_is() -> None:
    pictures, truth = spots(24)
    start = train(pictures, truth, 3, QUICK)
    before = read(start, pictures)
    still = train(pictures, truth, 4, Schedule(epochs=1, learning_rate=0.0), start)
    np.testing.assert_allclose(read(still, pictures), before, atol=1e-5)
    train(pictures, truth, 4, QUICK, start)
    np.testing.assert_allclose(read(start, pictures), before)


def test_no_picture_gives_no_logit() -> None:
    pictures, truth = spots(8)
    network = train(pictures, truth, 0, Schedule(epochs=1))
    assert read(network, pictures[:0]).shape == (0,)
