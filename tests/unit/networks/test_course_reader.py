import pytest
import torch

from deepvein.core.errors import SettingsError
from deepvein.networks.course_reader import COURSE_READER, CourseReaderSettings

SMALL = CourseReaderSettings(base=4, width=8, dilations=(1, 2, 4))


def reader():
    return COURSE_READER.build(SMALL, seed=3).eval()


def sections(n: int = 24) -> torch.Tensor:
    return torch.randn(1, 4, n, 28, 28, generator=torch.Generator().manual_seed(1))


def test_legs_that_change_places_change_their_answers():
    inputs = sections()
    one, other = reader()(inputs).split(3, dim=1)
    swapped = reader()(torch.cat(inputs.split(2, dim=1)[::-1], dim=1))
    torch.testing.assert_close(swapped, torch.cat([other, one], dim=1))


def test_each_leg_is_read_beside_the_other():
    inputs = sections()
    changed = inputs.clone()
    changed[:, 2:] = 0
    assert not torch.allclose(reader()(inputs)[:, :3], reader()(changed)[:, :3], atol=1e-4)


def test_answers_of_a_section_are_the_same_in_all_its_pixels():
    answers = reader()(sections())
    for channel in (1, 2, 4, 5):
        assert (answers[0, channel].flatten(1).std(dim=1) == 0).all()
    assert (answers[0, 0].flatten(1).std(dim=1) > 0).all()


def test_a_section_is_read_with_those_below_and_above():
    inputs = sections(40)
    far = inputs.clone().requires_grad_()
    reader()(far)[0, 1, 20, 0, 0].backward()
    seen = far.grad[0].abs().amax(dim=(0, 2, 3))
    assert seen[20 - 7 : 20 + 8].min() > 0


def test_sections_are_laid_out_channels_last_and_gradients_stay_the_same():
    def gradients(network):
        network(sections()).square().mean().backward()
        return [one.grad for one in network.parameters()]

    seen = []
    own, plain = reader(), reader()
    own.fine[0].register_forward_hook(lambda _, given, out: seen.extend((given[0], out)))
    plain.fine[0].register_forward_pre_hook(lambda _, given: (given[0].contiguous(),))
    for one, other in zip(gradients(own), gradients(plain), strict=True):
        torch.testing.assert_close(one, other, rtol=1e-4, atol=1e-5)
    assert all(one.is_contiguous(memory_format=torch.channels_last) for one in seen)
    assert not any(one.is_contiguous() for one in seen)


@pytest.mark.parametrize(
    "wrong",
    [{"in_channels": 3}, {"classes": 2}, {"width": 12}, {"dilations": ()}, {"dilations": (0,)}],
    ids=str,
)
def test_settings_that_do_not_fit_are_refused(wrong):
    with pytest.raises(SettingsError):
        CourseReaderSettings(**wrong)
