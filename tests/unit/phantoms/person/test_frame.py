from __future__ import annotations

import numpy as np

from deepvein.anatomy.veins import Side
from deepvein.phantoms.person.frame import Frame
from deepvein.phantoms.person.population import sample_person

FRAME = Frame(sample_person(3))


def test_landmarks_lie_where_the_person_s_bones_end() -> None:
    p = FRAME.person
    assert np.allclose(FRAME.z([0, 1, 2, 3]), np.cumsum([0, p.tibia_mm, p.femur_mm, p.pelvis_mm]))
    t = np.linspace(-0.5, 4, 30)
    assert np.allclose(FRAME.t(FRAME.z(t)), t)


def test_left_is_positive_x_and_outwards_points_away_from_the_midline() -> None:
    for t in (0.1, 0.7, 1.4, 1.9, 2.5):
        left, right = FRAME.place(Side.LEFT, t, 60, 0)[0], FRAME.place(Side.RIGHT, t, 60, 0)[0]
        assert left > FRAME.place(Side.LEFT, t, 30, 0)[0] > 0
        assert right < FRAME.place(Side.RIGHT, t, 30, 0)[0] < 0


def test_backwards_is_positive_y() -> None:
    for side in Side.LEFT, Side.RIGHT, Side.MIDLINE:
        assert FRAME.place(side, 1.5, 0, 50)[1] > FRAME.place(side, 1.5, 0, -50)[1]


def test_feet_turn_outwards() -> None:
    ahead = FRAME.place(Side.LEFT, 0.2, 0, -50)[0] - FRAME.place(Side.LEFT, 0.2, 0, 0)[0]
    assert np.sign(ahead) == np.sign(FRAME.person.left.turn_deg)


def test_a_tube_runs_between_its_first_and_last_keyframe_without_jumps() -> None:
    keys = ((1.4, 0, 0, 5, 5, 0), (1.9, 10, -20, 5, 5, 0), (2.3, 70, -40, 6, 6, 0))
    tube = FRAME.tube(keys, Side.LEFT)
    assert tube.low_mm == np.round(FRAME.z(1.4), 6)
    assert abs(tube.high_mm - FRAME.z(2.3)) <= 2.0
    assert len(tube.nodes) == FRAME.node_count(keys)
    assert np.abs(np.diff(tube.nodes[:, :2], axis=0)).max() < 2.0


def test_a_symmetric_person_has_mirrored_legs() -> None:
    from dataclasses import replace

    person = replace(FRAME.person, right=FRAME.person.left)
    even = Frame(person)
    keys = ((0.2, 10, 5, 4, 2, 30), (1.0, 5, 30, 4, 2, 40), (2.3, 60, -40, 4, 2, 20))
    left, right = even.tube(keys, Side.LEFT), even.tube(keys, Side.RIGHT)
    mirrored = left.sections * np.array([-1, 1, 1, -1, 1])
    assert np.allclose(right.sections, mirrored, atol=1e-6)


def test_legs_are_not_parallel_and_feet_turn_outwards() -> None:
    spread, turn, uneven = [], [], 0
    for seed in range(200):
        frame = Frame(sample_person(seed))
        x = {side: frame.axis(side, (0.0, 1.9))[0] for side in (Side.LEFT, Side.RIGHT)}
        spread.append(
            sum(abs(np.degrees(np.arctan2(a[1] - a[0], frame.z(1.9)))) for a in x.values())
        )
        turn += [
            float(np.degrees(np.arctan2(frame.axis(s, 0.0)[3][0], frame.axis(s, 0.0)[2][0])))
            for s in x
        ]
        uneven += abs(x[Side.LEFT][0]) != abs(x[Side.RIGHT][0])
    assert uneven > 190
    assert np.mean(spread) > 1.0
    # At rest on the back feet turn outwards by some 10 to 20 degrees (M).
    assert 10 < np.mean(turn) < 20
    assert np.std(turn) > 4
