import numpy as np

from deepvein.audit.network import Schedule, SmallNetwork, cross_validate, read, train
from deepvein.evaluation.curves import auroc

QUICK = Schedule(epochs=6, batch=16, learning_rate=2e-2, shift=1)


def spots(n: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    pictures = rng.normal(0, 0.3, (n, 1, 1, 16, 16)).astype(np.float32)
    truth = np.arange(n) % 2 == 1
    pictures[truth, :, :, 6:10, 6:10] += 2
    return pictures, truth[:, None]


def test_it_is_small() -> None:
    count = sum(p.numel() for p in SmallNetwork(1).parameters())
    assert 2000 < count < 4000


def test_it_finds_a_spot_and_nothing_where_there_is_nothing() -> None:
    pictures, truth = spots(36)
    fold = np.arange(36) % 3
    assert auroc(cross_validate(pictures, truth, fold, 1, QUICK), truth[:, 0]) > 0.95
    noise = np.random.default_rng(1).normal(size=pictures.shape).astype(np.float32)
    assert 0.15 < auroc(cross_validate(noise, truth, fold, 1, QUICK), truth[:, 0]) < 0.85


def test_the_same_seed_trains_the_same_network() -> None:
    pictures, truth = spots(24)
    first = read(train(pictures, truth, 5, QUICK), pictures)
    np.testing.assert_allclose(read(train(pictures, truth, 5, QUICK), pictures), first)


def test_windows_slide_along_the_stack() -> None:
    pictures, truth = spots(24)
    stack = np.repeat(pictures, 5, axis=1)
    logits = cross_validate(stack, np.repeat(truth, 3, axis=1), np.arange(24) // 2 % 2, 1, QUICK)
    assert auroc(logits, truth[:, 0]) > 0.9


def test_no_picture_gives_no_logit() -> None:
    pictures, truth = spots(8)
    network = train(pictures, truth, 0, Schedule(epochs=1))
    assert read(network, pictures[:0]).shape == (0,)
