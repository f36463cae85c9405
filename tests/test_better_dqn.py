"""n-step windows, the sum tree and the agent of chapter 06, against plain loops."""

import numpy as np
import pytest
import torch

from drl_helpers.better_dqn import BetterConfig, BetterRun, DuelingNetwork, better_update, train_better_dqn
from drl_helpers.dqn import GreedyActor
from drl_helpers.n_step import NStepMemory
from drl_helpers.prioritised import PrioritisedMemory, importance_weights, tree_find, tree_update

GAMMA = 0.9


def fill(memory, count, ends=(), cuts=()):
    """Steps 0, 1, …: obs and reward are the step's number, next_obs is that plus a half."""
    for step in range(count):
        obs = np.array([step], np.float32)
        memory.add(obs, step % 3, float(step), obs + 0.5, step in ends, step in cuts)


def by_loop(step, newest, n_steps, ends, cuts):
    """Return, discount and last step of the window that begins at `step`."""
    total = 0.0
    for ahead in range(n_steps):
        total += GAMMA**ahead * (step + ahead)
        if step + ahead in ends:
            return total, 0.0, step + ahead
        if step + ahead in cuts or step + ahead == newest or ahead == n_steps - 1:
            return total, GAMMA ** (ahead + 1), step + ahead


@pytest.mark.parametrize("kind", [NStepMemory, PrioritisedMemory])
@pytest.mark.parametrize("n_steps", [1, 3, 5])
@pytest.mark.parametrize("count", [6, 13, 23, 24])  # not full, full, come round
def test_windows_are_those_of_a_plain_loop(kind, n_steps, count):
    memory, ends, cuts = kind(13, (1,), n_steps, GAMMA), (4, 14, 15), (2, 9, 19)
    fill(memory, count, ends, cuts)
    rows = np.arange(memory.size)
    batch = memory.gather(rows)
    for row in rows:
        step = row if count <= 13 else max(s for s in range(count) if s % 13 == row)
        total, discount, last = by_loop(step, count - 1, n_steps, ends, cuts)
        assert batch.obs[row].item() == step and batch.actions[row] == step % 3
        assert batch.returns[row] == pytest.approx(total) and batch.discounts[row] == pytest.approx(discount)
        assert batch.next_obs[row].item() == last + 0.5


@pytest.mark.parametrize("leaves", [1, 2, 16, 128])
def test_tree_is_cumulative_sums(leaves):
    rng, nodes, priorities = np.random.default_rng(leaves), np.zeros(2 * leaves), np.zeros(leaves)
    for _ in range(30):
        rows = rng.integers(leaves, size=5)
        priorities[rows] = rng.integers(1, 9, leaves)[rows]  # a row that comes twice gets one priority
        tree_update(nodes, rows, priorities[rows])
        assert np.array_equal(nodes[leaves:], priorities) and nodes[1] == priorities.sum()
        masses = rng.integers(0, int(nodes[1]), size=50).astype(float)  # borders too
        expected = np.searchsorted(np.cumsum(priorities), masses, side="right")
        assert np.array_equal(tree_find(nodes, masses), expected)


def test_no_row_of_priority_zero_is_ever_found():
    rng, nodes = np.random.default_rng(0), np.zeros(2 * 1024)
    tree_update(nodes, np.arange(700), rng.random(700) ** 8)
    nearly_all = np.nextafter(nodes[1], 0)
    rows = tree_find(nodes, np.append(rng.random(100_000) * nodes[1], [nearly_all, nodes[1]]))
    assert rows.max() < 700


def test_prioritised_memory_draws_by_priority_and_only_what_is_filled():
    memory, rng = PrioritisedMemory(20, (1,), 1, GAMMA, alpha=1.0, epsilon=0.01), np.random.default_rng(0)
    fill(memory, 5)
    memory.sample(4, rng, 1.0)
    memory.set_priorities(np.arange(5), np.array([0.0, -1.0, 2.0, 0.5, -4.0]))
    expected = np.array([0.01, 1.01, 2.01, 0.51, 4.01]) / 7.55
    rows = np.concatenate([memory.sample(50, rng, 1.0)[1] for _ in range(100)])
    assert np.bincount(rows, minlength=5) / len(rows) == pytest.approx(expected, abs=0.01)
    batch, rows, weights = memory.sample(50, rng, 1.0)
    assert weights.numpy() == pytest.approx(importance_weights(expected[rows], 5, 1.0), rel=1e-5)
    assert weights.dtype == batch.returns.dtype == batch.discounts.dtype == torch.float32
    fill(memory, 1)
    memory.sample(1, rng, 1.0)
    assert memory.nodes[len(memory.nodes) // 2 + 5] == 4.01, "a new row gets the greatest priority so far"


def test_dueling_network_acts_by_its_advantages():
    torch.manual_seed(0)
    network = DuelingNetwork(4, 3)
    obs = torch.randn(50, 4)
    actor = GreedyActor(network)
    with torch.no_grad():
        assert network(obs).argmax(dim=1).tolist() == [actor(one) for one in obs.numpy()]
        hidden = network.layers[:-1](obs)
        assert torch.allclose(network(obs).mean(dim=1, keepdim=True), network.value_head(hidden), atol=1e-5)


@pytest.mark.parametrize("switches", [(False, False, 1, False), (True, True, 3, True)])
def test_a_run_is_the_same_twice_and_update_writes_priorities(switches):
    names = ("double", "dueling", "n_steps", "prioritised")
    config = BetterConfig(batch_size=16, learning_starts=50, capacity=150, **dict(zip(names, switches, strict=True)))
    runs = [BetterRun(config, seed=3) for _ in range(2)]
    for run in runs:
        train_better_dqn(run, 200)
    pairs = zip(*(run.q_network.parameters() for run in runs), strict=True)
    assert all(torch.equal(one, two) for one, two in pairs) and runs[0].returns == runs[1].returns
    if config.prioritised:
        before = runs[0].memory.nodes.copy()
        better_update(runs[0])
        assert (runs[0].memory.nodes != before).any()
        leaves = len(before) // 2
        assert runs[0].memory.nodes[1] == pytest.approx(runs[0].memory.nodes[leaves:].sum())
