"""The replay memory: its faults are named in one sentence and leave it usable; the ring player shows what it does."""

import math

import numpy as np
import pytest
import torch

from drl_helpers.replay import ReplayMemory, RingBuffer
from drl_helpers.ring import RingPlayer

OBS = np.array([0.5, -1.0, 2.0], dtype=np.float32)


def filled(count=2, capacity=4):
    memory = ReplayMemory(capacity, (3,))
    for number in range(count):
        memory.add(OBS + number, 1, 1.0, OBS - number, False)
    return memory


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"obs": OBS * np.nan}, "The observation holds NaN"),
        ({"next_obs": OBS * np.inf}, "The next observation holds NaN or an infinity"),
        ({"reward": math.nan}, "The reward holds NaN"),
        ({"reward": -math.inf}, "The reward holds NaN or an infinity"),
        ({"reward": math.inf}, "The reward holds NaN or an infinity"),
        ({"obs": OBS[:2]}, r"shape \(2,\); this memory was made for \(3,\)"),
        ({"next_obs": OBS[None]}, r"The next observation has shape \(1, 3\)"),
        ({"obs": 0.5}, r"The observation has shape \(\)"),
        ({"obs": OBS.astype(float) * 1e300}, "The observation holds a number that float32 cannot hold"),
        ({"next_obs": OBS.astype(float) * 1e300}, "The next observation holds a number that float32 cannot hold"),
        ({"reward": 1e300}, "The reward holds a number that float32 cannot hold"),
        ({"reward": None}, "The reward holds NaN"),
        ({"action": 0.7}, "The action is 0.7"),
        ({"action": np.array([1])}, "stores one integer"),
        ({"action": None}, "The action is None"),
    ],
)
@pytest.mark.parametrize("count", [2, 9])
def test_an_unusable_transition_is_refused_and_nothing_changes(changes, words, count):
    memory, untouched = filled(count), filled(count)
    transition = {"obs": OBS, "action": 1, "reward": 1.0, "next_obs": OBS, "terminated": False} | changes
    with np.errstate(all="ignore"), pytest.raises(ValueError, match=words) as refusal:
        memory.add(**transition)
    assert "\n" not in str(refusal.value)
    assert (memory.position, memory.size) == (untouched.position, untouched.size)
    for name in ("obs", "actions", "rewards", "next_obs", "terminated"):
        assert np.array_equal(getattr(memory, name), getattr(untouched, name)), name
    assert len(memory.sample(2, np.random.default_rng(0)).actions) == 2
    memory.add(OBS, 1, 1.0, OBS, False)
    assert len(memory) == min(count + 1, 4)
    assert len(memory.sample(len(memory), np.random.default_rng(0)).rewards) == len(memory)


@pytest.mark.parametrize("obs", [OBS * 1e30, OBS.astype(float), OBS.tolist(), torch.from_numpy(OBS)])
def test_unusual_but_right_observations_are_stored(obs):
    memory = ReplayMemory(2, (3,))
    memory.add(obs, np.int64(2), np.float64(0.5), obs, np.True_)
    assert np.allclose(memory.obs[0], np.asarray(obs, dtype=np.float32)) and memory.terminated[0]


@pytest.mark.parametrize("capacity", [0, -3, 2.5, 1e5, True, "many", None])
def test_an_impossible_capacity_is_refused(capacity):
    with pytest.raises(ValueError, match="The capacity is"):
        RingBuffer(capacity, (3,))


@pytest.mark.parametrize(
    ("count", "batch_size", "words"),
    [
        (0, 1, "A batch of 1 is too large: 0 transitions"),
        (2, 3, "A batch of 3 is too large: 2 transitions"),
        (3, 4, "A batch of 4 is too large: 3 transitions"),
        (2, 0, "The batch size is 0"),
        (2, -1, "The batch size is -1"),
    ],
)
def test_an_impossible_batch_is_refused(count, batch_size, words):
    memory = filled(count)
    with pytest.raises(ValueError, match=words):
        memory.sample(batch_size, np.random.default_rng(0))
    assert len(memory) == count


def test_pixels_are_kept_as_bytes():
    memory, obs = ReplayMemory(2, (4, 8, 8), np.uint8), np.full((4, 8, 8), 200, np.uint8)
    memory.add(obs, 0, 0.0, obs, False)
    batch = memory.sample(1, np.random.default_rng(0))
    assert batch.obs.dtype == torch.uint8 and (batch.obs == 200).all()


@pytest.mark.parametrize(
    ("pixels", "words"),
    [
        (np.full((2, 2), -3), "The observation holds a number that uint8 cannot hold"),
        (np.full((2, 2), 0.4), "The observation holds a number that uint8 cannot hold"),
        (np.full((2, 2), np.nan), "The observation holds NaN"),
        (np.full((2, 2), 300), "cannot hold"),
    ],
)
@pytest.mark.parametrize("where", ["obs", "next_obs"])
def test_pixels_that_are_none_are_refused(pixels, words, where):
    memory, good = ReplayMemory(2, (2, 2), np.uint8), np.full((2, 2), 200, np.uint8)
    words = words if where == "obs" else words.replace("The obs", "The next obs")
    with pytest.raises(ValueError, match=words):
        memory.add(**{"obs": good, "action": 0, "reward": 0.0, "next_obs": good, "terminated": False, where: pixels})
    assert len(memory) == 0
    memory.add(good.astype(int), 0, 0.0, good.astype(float), False)  # whole numbers in another dtype are pixels
    assert (memory.obs[0] == 200).all() and (memory.next_obs[0] == 200).all()


def test_the_ring_player_shows_what_is_stored_and_drawn():
    player = RingPlayer(ReplayMemory, capacity=4)
    player.sample_button.click()
    assert "too large" in player.text.value
    player.many_button.click()
    assert "replaced transition 0, the oldest" in player.text.value
    player.sample_button.click()
    assert player.drawn.sum() == 4 and "transitions 1 to 4" in player.alt()
    page = player._repr_mimebundle_()["text/html"]
    assert "<img" in page and 'alt="A ring of 4 rows' in page
    player.reset_button.click()
    assert len(player.memory) == 0
