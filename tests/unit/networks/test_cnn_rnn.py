"""The LSTM looks both ways along the slices and answers for the middle one."""

from __future__ import annotations

import torch

from deepvein.networks.cnn_rnn import CNN_RNN, CNNRNNSettings

TINY = CNNRNNSettings(width=4, hidden=3)


def test_parameters_by_hand() -> None:
    cnn = 11_689_512 - 1000 * 513 - 2 * 64 * 49
    lstm = 2 * 4 * 256 * (512 + 256 + 2)
    assert CNN_RNN.parameters(CNNRNNSettings()) == cnn + lstm + 2 * 513


def test_every_slice_counts_and_the_example_is_independent_of_its_batch() -> None:
    network = CNN_RNN.build(TINY, 1).eval()
    inputs = torch.randn(2, 1, 5, 32, 32, generator=torch.Generator().manual_seed(0))
    inputs.requires_grad_()
    logits = network(inputs)
    logits[0].sum().backward()
    assert inputs.grad is not None
    reached = inputs.grad.abs().amax(dim=(1, 3, 4)) > 0
    assert reached.tolist() == [[True] * 5, [False] * 5]
    torch.testing.assert_close(network(inputs[1:]), logits[1:], rtol=1e-4, atol=1e-5)


def test_it_is_its_parts_at_the_middle_slice() -> None:
    network = CNN_RNN.build(TINY, 1).eval()
    inputs = torch.randn(1, 1, 3, 32, 32, generator=torch.Generator().manual_seed(0))
    each = torch.stack([network.cnn(inputs[:, :, number]) for number in range(3)], dim=1)
    middle = network.lstm(each)[0][:, 1]
    torch.testing.assert_close(network(inputs), network.fc(middle), rtol=1e-4, atol=1e-5)


def test_eleven_slices_give_two_logits() -> None:
    # Recurrent layers compute nothing without memory, so that the images are small here.
    logits = CNN_RNN.build(TINY)(torch.zeros(2, 1, 11, 32, 32))
    assert logits.shape == (2, 2)
