"""Runs, weights and memories: what goes wrong gets a sentence, and nothing that was there is lost."""

import errno
import os
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
import torch
from conftest import ROOT

from drl_helpers import checkpoint
from drl_helpers.checkpoint import load_state, load_weights, save_state, save_weights
from drl_helpers.dqn import GreedyActor, double_td_target, train_and_select, train_dqn
from drl_helpers.dqn_run import DQNConfig, DQNRun, restore_run, run_state
from drl_helpers.evaluate import evaluate_batch
from drl_helpers.live import Live
from drl_helpers.networks import QNetwork

SMALL = DQNConfig(capacity=600, learning_starts=150, decay_steps=400, hidden_sizes=(16, 16), batch_size=32)


@pytest.fixture(autouse=True)
def one_thread():
    torch.set_num_threads(1)


def same_run(one, two):
    """Whether two runs agree in weights, averages, memory, returns and everything that is drawn at random next."""
    first, second = run_state(one), run_state(two)
    return deep_equal(first, second)


def deep_equal(one, two):
    if isinstance(one, torch.Tensor):
        return torch.equal(one, two)
    if isinstance(one, dict):
        return one.keys() == two.keys() and all(deep_equal(one[key], two[key]) for key in one)
    if isinstance(one, list | tuple):
        return len(one) == len(two) and all(map(deep_equal, one, two))
    return one == two


@pytest.fixture(scope="module")
def whole():
    torch.set_num_threads(1)
    run = DQNRun(SMALL, seed=3)
    train_dqn(run, 900, double_td_target)
    return run


@pytest.mark.parametrize("stop", [1, 149, 150, 151, 333, 599, 600, 601, 899])
def test_interrupted_at_a_step_and_resumed_it_is_the_same_run(stop, whole, tmp_path):
    run = DQNRun(SMALL, seed=3)
    train_dqn(run, stop, double_td_target)
    save_state(run_state(run), tmp_path / "run.pt")
    torch.manual_seed(99)  # what happens between must not matter
    run = restore_run(load_state(tmp_path / "run.pt"))
    train_dqn(run, 900 - stop, double_td_target)
    assert same_run(run, whole)


def test_the_end_of_an_episode_and_its_time_limit_survive_too(tmp_path):
    for steps in range(40, 52):  # around the ends of the first episodes, the state after a reset included
        run = DQNRun(SMALL, seed=5)
        train_dqn(run, steps, double_td_target)
        other = restore_run(run_state(run))
        assert other.env.get_wrapper_attr("_elapsed_steps") == run.env.get_wrapper_attr("_elapsed_steps")
        train_dqn(run, 30, double_td_target)
        train_dqn(other, 30, double_td_target)
        assert same_run(run, other), steps


def test_a_run_goes_on_in_another_process(whole, tmp_path):
    run = DQNRun(SMALL, seed=3)
    train_dqn(run, 450, double_td_target)
    save_state(run_state(run), tmp_path / "run.pt")
    code = (
        "import torch; torch.set_num_threads(1)\n"
        "from drl_helpers.checkpoint import load_state, save_state\n"
        "from drl_helpers.dqn import double_td_target, train_dqn\n"
        "from drl_helpers.dqn_run import restore_run, run_state\n"
        "run = restore_run(load_state('run.pt'))\n"
        "train_dqn(run, 450, double_td_target)\n"
        "save_state(run_state(run), 'end.pt')\n"
    )
    subprocess.run([sys.executable, "-c", code], cwd=tmp_path, env=os.environ | {"PYTHONPATH": str(ROOT)}, check=True)
    assert deep_equal(load_state(tmp_path / "end.pt"), run_state(whole))


def test_selection_can_be_taken_up_again_as_well():
    config = replace(SMALL, total_steps=500, eval_every=100, eval_episodes=4)
    one, two = DQNRun(config, 0), DQNRun(config, 0)
    train_and_select(one, double_td_target)
    train_dqn(two, 257, double_td_target)  # without its first evaluations it knows no best weights
    two = restore_run(run_state(two))
    train_and_select(two, double_td_target)
    assert [step for step, _ in one.evaluations] == [100, 200, 300, 400, 500]
    assert [step for step, _ in two.evaluations] == [300, 400, 500]
    assert one.evaluations[2:] == two.evaluations
    assert one.eval_steps == round(sum(4 * score for _, score in one.evaluations))


def test_an_interrupt_keeps_curve_and_weights():
    run = DQNRun(SMALL, seed=0)
    before = [weight.clone() for weight in run.q_network.parameters()]

    def interrupted(step, value):
        live.update(step, value)
        if step > 400:
            raise KeyboardInterrupt  # what the stop button of the toolbar raises

    with Live(5_000, "return", by_step=True) as live:
        train_dqn(run, 5_000, double_td_target, on_episode=interrupted)
    assert live.interrupted and 400 < run.step < 5_000 and len(live.values) == len(run.returns) > 3
    assert not all(map(torch.equal, before, run.q_network.parameters()))
    step = run.step
    train_dqn(run, 50, double_td_target)
    assert run.step == step + 50


def test_greedy_actor_follows_the_network():
    network = QNetwork(4, 3, (16, 8))
    actor, observations = GreedyActor(network), np.random.default_rng(0).normal(size=(200, 4)).astype(np.float32)
    optimizer = torch.optim.Adam(network.parameters(), 0.05, fused=True)
    for _ in range(3):
        with torch.no_grad():
            assert [actor(obs) for obs in observations] == network(torch.from_numpy(observations)).argmax(1).tolist()
        network(torch.randn(8, 4)).square().sum().backward()
        optimizer.step()


def test_evaluate_batch_counts_first_episodes_only():
    lengths = evaluate_batch("CartPole-v1", lambda obs: np.ones(len(obs), dtype=np.int64), 30, seed=1)
    assert lengths.shape == (30,) and 7 < lengths.mean() < 12  # one push only: the pole falls within a dozen steps
    again = evaluate_batch("CartPole-v1", lambda obs: np.ones(len(obs), dtype=np.int64), 30, seed=1)
    assert (lengths == again).all()
    with pytest.raises(ValueError, match="no time limit"):
        evaluate_batch("CliffWalking-v1", lambda obs: np.zeros(len(obs), int), 2, seed=0)


def test_an_observation_of_another_shape_gets_a_sentence_from_the_network():
    with pytest.raises(ValueError, match=r"shape \(2, 3\)"):
        QNetwork(4, 2)(torch.zeros(2, 3))


# Files ---------------------------------------------------------------------------------------------------


def weights_of(module):
    return [weight.clone() for weight in module.state_dict().values()]


def test_weights_come_back_and_act_the_same(tmp_path):
    network, other = QNetwork(4, 2), QNetwork(4, 2)
    save_weights(network, tmp_path / "deeper" / "w.safetensors")
    load_weights(other, tmp_path / "deeper" / "w.safetensors")
    assert all(map(torch.equal, weights_of(network), weights_of(other)))


@pytest.mark.parametrize("keep", [0, 4, 100, 5_000])
def test_a_file_cut_off_leaves_the_network_as_it_was(keep, tmp_path):
    network, path = QNetwork(4, 2), tmp_path / "w.safetensors"
    save_weights(QNetwork(4, 2), path)
    path.write_bytes(path.read_bytes()[:keep])
    before = weights_of(network)
    with pytest.raises(ValueError, match="damaged or cut off"):
        load_weights(network, path)
    assert all(map(torch.equal, before, weights_of(network)))


@pytest.mark.parametrize("other", [QNetwork(4, 2, (64, 64)), QNetwork(4, 2, (128,)), QNetwork(6, 2), QNetwork(4, 3)])
def test_weights_of_another_architecture(other, tmp_path):
    save_weights(other, tmp_path / "w.safetensors")
    network = QNetwork(4, 2)
    before = weights_of(network)
    with pytest.raises(ValueError, match="belongs to another network"):
        load_weights(network, tmp_path / "w.safetensors")
    assert all(map(torch.equal, before, weights_of(network)))


def test_a_file_that_is_not_there(tmp_path):
    for load in (load_state, lambda path: load_weights(QNetwork(4, 2), path)):
        with pytest.raises(FileNotFoundError, match="There is no file"):
            load(tmp_path / "none")


@pytest.mark.parametrize("keep", [0, 10, 3_000, -1])
def test_a_run_cut_off_or_foreign(keep, tmp_path):
    path = tmp_path / "run.pt"
    save_state(run_state(DQNRun(SMALL, 0)), path)
    path.write_bytes(path.read_bytes()[:keep] if keep >= 0 else b"something else altogether")
    with pytest.raises(ValueError, match="damaged or cut off"):
        load_state(path)


def test_a_state_that_would_run_code_is_refused(tmp_path):
    class Trap:
        def __reduce__(self):
            return (os.mkdir, (str(tmp_path / "trapped"),))

    torch.save({"trap": Trap()}, tmp_path / "run.pt")
    with pytest.raises(ValueError, match="damaged"):
        load_state(tmp_path / "run.pt")
    assert not (tmp_path / "trapped").exists()


def full_disk(*args, **kwargs):
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


@pytest.mark.parametrize("there_was_one", [True, False])
@pytest.mark.parametrize("where", ["writing", "flushing"])
def test_a_full_disk_leaves_the_older_file(there_was_one, where, tmp_path, monkeypatch):
    network, path = QNetwork(4, 2), tmp_path / "w.safetensors"
    if there_was_one:
        save_weights(network, path)
        before = path.read_bytes()
    monkeypatch.setattr(*((checkpoint, "save_file") if where == "writing" else (os, "fsync")), full_disk)
    with pytest.raises(OSError, match=r"could not be saved.*No space left"):
        save_weights(QNetwork(4, 2), path)
    assert [file.name for file in tmp_path.iterdir()] == (["w.safetensors"] if there_was_one else [])
    if there_was_one:
        assert path.read_bytes() == before
        load_weights(network, path)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="a small disk is made with Linux' file size limit")
def test_a_really_full_disk_while_a_run_is_saved(tmp_path):
    """The file size limit ends writing in the middle, as a full disk does."""
    code = (
        "import resource, signal, torch\n"
        "from drl_helpers.checkpoint import load_state, save_state\n"
        "save_state({'numbers': torch.arange(10)}, 'run.pt')\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, 50_000))\n"
        "try:\n"
        "    save_state({'numbers': torch.zeros(100_000)}, 'run.pt')\n"
        "except OSError as error:\n"
        "    print(error)\n"
        "print(load_state('run.pt')['numbers'].sum().item())\n"
    )
    env = os.environ | {"PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, env=env, capture_output=True, text=True)
    assert "could not be saved" in done.stdout and "45" in done.stdout, done.stderr
    assert [file.name for file in tmp_path.iterdir()] == ["run.pt"]
