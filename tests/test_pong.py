"""Chapter 07: its memory against a plain list, and a training that is killed, cut off, interrupted and taken up."""

import os
import signal
import subprocess
import sys
import time
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from conftest import ROOT

from drl_helpers.exercises.reference import solution_namespace
from drl_helpers.pong_run import Keeper, checkpoint_file, forget, load_newest, older, run_state, save_run, take_up

SMALL = {
    "num_games": 2,
    "train_every": 2,
    "capacity": 400,
    "learning_starts": 60,
    "decay_steps": 100,
    "target_every": 40,
}


@pytest.fixture(scope="module")
def pong():
    """What the solution defines."""
    torch.set_num_threads(1)
    return SimpleNamespace(**solution_namespace("07_pong"))


@pytest.mark.parametrize("kind, alpha", [("FrameMemory", ()), ("PrioritisedFrames", (0.5,))])
def test_batches_are_those_of_a_plain_list(kind, alpha, pong):
    """Random flags, three games, a ring that comes round twice: stacks, returns and discounts, one by one."""
    rng, games, n_steps = np.random.default_rng(0), 3, 3
    memory, story = getattr(pong, kind)(90, games, (2, 1), n_steps, 0.9, *alpha), []
    over, begins = np.zeros(games, bool), np.ones(games, bool)
    for step in range(75):
        pictures = np.full((games, 2, 1), step + 1, np.uint8) + np.arange(games, dtype=np.uint8)[:, None, None]
        rewards = rng.integers(-1, 2, size=games).astype(np.float32)
        ends = (rng.random((2, games)) < 0.08) & ~over  # the step after an end only resets
        terminated, truncated = ends[0], ends[1] & ~ends[0]
        memory.add(pictures, np.full(games, step), rewards, terminated, truncated)
        story.append((pictures[:, 0, 0], rewards, terminated, truncated, begins, over))
        begins, over = over, terminated | truncated
    for seed in range(40):
        batch, leaves, weights = memory.sample(8, np.random.default_rng(seed), 0.4)
        uniform = pong.draw(memory, 8, np.random.default_rng(seed))
        rows, columns = uniform if leaves is None else np.divmod(leaves, games)
        assert (weights == 1).all(), "all priorities are alike so far"
        for index, (row, game) in enumerate(zip(rows, columns, strict=True)):
            step = max(s for s in range(75) if s % 30 == row)
            assert not story[step][5][game], "a last picture begins no transition"
            total, discount, last = 0.0, 1.0, step
            for ahead in range(n_steps):
                total += discount * story[last][1][game]
                discount, last, end = 0.9 ** (ahead + 1), last + 1, last
                if story[end][2][game] or story[end][3][game]:
                    break
            discount = 0.0 if story[end][2][game] else discount
            assert batch.actions[index] == step
            assert batch.returns[index] == pytest.approx(total) and batch.discounts[index] == pytest.approx(discount)
            for stacks, at in ((batch.obs, step), (batch.next_obs, last)):
                expected = [0, 0, 0, story[at][0][game]]
                for back in (1, 2, 3):
                    if story[at - back + 1][4][game]:
                        break
                    expected[3 - back] = story[at - back][0][game]
                assert stacks[index, :, 0, 0].tolist() == expected


def test_priorities_lie_where_a_transition_can_be_drawn(pong):
    """In a ring that fills and is overwritten: 0 where a window or a stack is not whole, or no transition begins."""
    rng, rows, games, n_steps = np.random.default_rng(1), 20, 2, 3
    memory, over = pong.PrioritisedFrames(rows * games, games, (1, 1), n_steps, 0.9, 0.5), []
    ends = np.zeros(games, bool)
    for newest in range(50):
        over.append(ends)
        ends = (rng.random(games) < 0.2) & ~ends
        memory.add(np.zeros((games, 1, 1), np.uint8), np.zeros(games, int), np.zeros(games), ends, ends & False)
        drawable = np.zeros((rows, games), bool)
        for step in range(max(newest - rows + 1, 0) + 3, newest - n_steps + 1):
            drawable[step % rows] = ~over[step]
        leaves = memory.nodes[len(memory.nodes) // 2 :][: rows * games].reshape(rows, games)
        assert ((leaves > 0) == drawable).all(), f"after step {newest}"
        assert memory.nodes[1] == pytest.approx(leaves.sum())


def test_large_errors_are_drawn_more_often_and_weigh_less(pong):
    memory = pong.PrioritisedFrames(200, 2, (1, 1), 1, 0.9, 0.5)
    step = np.zeros((2, 1, 1), np.uint8), np.zeros(2, int), np.zeros(2), np.zeros(2, bool), np.zeros(2, bool)
    for _ in range(60):
        memory.add(*step)
    drawable = np.flatnonzero(memory.nodes[len(memory.nodes) // 2 :])
    memory.set_priorities(drawable, np.where(drawable == 40, -8.99, 0.08))
    assert memory.max_priority == pytest.approx(3.0), "(|δ| + 0.01) ** 0.5"
    rng, drawn = np.random.default_rng(0), []
    for _ in range(400):
        _, leaves, weights = memory.sample(10, rng, 1.0)
        drawn.extend(leaves)
        if 40 in leaves:
            assert set(np.round(weights[leaves == 40].tolist(), 4)) == {0.1}, (
                "ten times as often, a tenth of the weight"
            )
    share = 3.0 / (3.0 + 0.3 * (len(drawable) - 1))
    assert np.mean(np.array(drawn) == 40) == pytest.approx(share, rel=0.15)
    memory.add(*step)
    assert memory.nodes[len(memory.nodes) // 2 :][memory.leaves[59]] == pytest.approx(3.0), "new: the greatest so far"


def test_a_point_ends_a_window_only_where_it_shall(pong):
    """Rewards 0, 0, −1, 1, …: the window stops with the first reward in it, and nothing is expected after it."""
    memory = pong.FrameMemory(40, 2, (1, 1), 3, 0.9)
    for step in range(15):
        rewards = np.array([[0.0, -1.0, 1.0][step % 3], 0.0])
        memory.add(np.full((2, 1, 1), step, np.uint8), np.zeros(2, int), rewards, np.zeros(2, bool), np.zeros(2, bool))
    rows, games = np.array([3, 4, 3]), np.array([0, 0, 1])
    going_on = pong.gather_frames(memory, rows, games)
    assert going_on.returns.tolist() == pytest.approx([-0.9 + 0.81, -1 + 0.9, 0.0])
    assert going_on.discounts.tolist() == pytest.approx([0.9**3] * 3)
    memory.points_end = True
    stopping = pong.gather_frames(memory, rows, games)
    assert stopping.returns.tolist() == pytest.approx([-0.9, -1.0, 0.0])
    assert stopping.discounts.tolist() == pytest.approx([0.0, 0.0, 0.9**3])
    assert not memory.final[memory.position - memory.size : memory.position].any(), "no game has ended"


def test_the_next_leg_takes_over_what_was_learned(pong):
    run = trained(pong, 200)
    leg = pong.next_leg(run, pong.PongConfig(**SMALL | {"learning_starts": 30}, points_end=True, gamma=0.997))
    for part in ("q_network", "target_network", "average"):
        assert same(dict(getattr(run, part).state_dict()), dict(getattr(leg, part).state_dict()))
    assert leg.step == 0 and leg.memory.size == run.memory.size and leg.memory.points_end and leg.memory.gamma == 0.997
    newest = leg.memory.position - 1
    assert leg.memory.final[newest].all() and leg.memory.truncated[newest - 1].all(), "the old games are cut off"
    before = np.arange(3, newest - 1)
    for game in range(2):
        games = np.full(len(before), game)
        stacks = [pong.gather_stacks(m.pictures, m.ages, before, games) for m in (run.memory, leg.memory)]
        assert (stacks[0] == stacks[1]).all()
    pong.train_pong(leg, 60)
    assert leg.step == 60 and not same(dict(run.q_network.state_dict()), dict(leg.q_network.state_dict()))


def test_evaluations_fall_on_round_steps_and_keep_the_first_good_weights(pong, monkeypatch):
    scores = iter([-3.0, 0.5, 4.0])
    monkeypatch.setitem(pong.train_pong.__globals__, "play_games", lambda *args: (np.array([next(scores)]), None))
    run = pong.PongRun(pong.PongConfig(**SMALL, eval_every=40), 0)
    pong.train_and_evaluate(run, 130)
    assert run.step == 130 and run.evaluations == [(40, -3.0), (80, 0.5), (120, 4.0)]
    assert not same(run.kept["half"], dict(run.average.state_dict())), "those at 80 steps, not the newest"


def test_each_game_explores_at_its_own_rate(pong, monkeypatch):
    """From a floor of 0.4: half of it in the next game, but never less than what the schedule says."""
    seen = []
    plain = pong.act
    monkeypatch.setitem(
        pong.train_pong.__globals__, "act", lambda values, obs, *rest: seen.append(rest[0]) or plain(values, obs, *rest)
    )
    config = pong.PongConfig(**SMALL | {"num_games": 4, "train_every": 4, "decay_steps": 8}, epsilon_floor=0.4)
    pong.train_pong(pong.PongRun(config, 0), 12)
    assert seen[0].tolist() == [1.0] * 4
    assert seen[2] == pytest.approx([0.4, 0.2, 0.1, 0.05])


def test_legs_are_killed_and_gone_on_with(pong, tmp_path, monkeypatch):
    """Killed in the second of three legs: the first is not trained again, and the second goes on where it was."""
    monkeypatch.setitem(pong.train_pong.__globals__, "play_games", lambda *args: (np.array([1.0]), None))
    legs = [(pong.PongConfig(**SMALL | changes), 80) for changes in ({}, {"gamma": 0.9}, {"n_steps": 5})]
    monkeypatch.setitem(pong.train_pong.__globals__, "LEGS", legs)
    paths = [tmp_path / str(number) for number in range(3)]
    monkeypatch.setitem(pong.train_pong.__globals__, "Keeper", lambda path: Killer(path))

    class Killer:
        def __init__(self, path):
            self.path = path

        def __call__(self, run):
            if self.path == paths[1] and run.step == 40:
                save_run(run, self.path)
                raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        pong.all_legs(0, paths)
    assert [path.exists() for path in paths] == [True, True, False]
    monkeypatch.setitem(pong.train_pong.__globals__, "Keeper", lambda path: None)
    first = load_newest(paths[0])
    done = pong.all_legs(0, paths)
    assert [leg.step for leg in done] == [80, 80, 80] and [leg.seed for leg in done] == [0, 1, 2]
    assert same(first["q_network"], load_newest(paths[0])["q_network"]), "the first leg was not trained again"
    assert done[2].memory.n_steps == 5 and done[2].memory.size > done[1].memory.size > done[0].memory.size
    told = pong.counted_through(done)
    assert told["leg_steps"] == [80, 80, 80] and told["wall_seconds"] == sum(leg.seconds for leg in done)


def test_the_mean_of_ends_lies_between_them(pong):
    legs = [SimpleNamespace(average=pong.PongNetwork()) for _ in range(2)]
    one, two = (leg.average.state_dict() for leg in legs)
    mean = pong.mean_of_ends(legs).state_dict()
    assert all(torch.allclose(mean[name], (one[name] + two[name]) / 2, atol=1e-7) for name in one)
    assert not same(dict(mean), dict(one)) and not same(dict(one), dict(two))


def same(one, two):
    """Equal numbers, text and tensors, in dicts and lists too."""
    if isinstance(one, dict):
        return one.keys() == two.keys() and all(same(one[key], two[key]) for key in one)
    if isinstance(one, list | tuple):
        return len(one) == len(two) and all(map(same, one, two))
    return torch.equal(one, two) if isinstance(one, torch.Tensor) else one == two


def trained(pong, steps=120, seed=0):
    run = pong.PongRun(pong.PongConfig(**SMALL), seed)
    pong.train_pong(run, steps)
    return run


def test_a_run_comes_back_as_it_was(pong, tmp_path):
    run = trained(pong)
    save_run(run, tmp_path / "run")
    again = pong.begin_or_resume(pong.PongConfig(**SMALL), 0, tmp_path / "run")
    before, after = run_state(run), run_state(again)
    lost = after["memory"].pop("final"), before["memory"].pop("final")
    cut = after["memory"].pop("truncated"), before["memory"].pop("truncated")
    assert same(before, after)
    assert lost[0][-1].all() and torch.equal(lost[0][:-1], lost[1][:-1]), "the games underway have ended"
    assert cut[0][-2].all() and torch.equal(cut[0][:-2], cut[1][:-2])
    pong.train_pong(again, 200)
    assert again.step == 200 and again.seconds > run.seconds
    assert (again.memory.ages[60] == 0).all(), "new games begin where the old ones were cut"
    priorities = again.memory.nodes[len(again.memory.nodes) // 2 :][again.memory.leaves]
    assert (priorities[59] == 0).all() and ((priorities[58] > 0) == ~again.memory.final[58]).all()


def test_other_settings_or_another_seed_get_a_sentence(pong, tmp_path):
    save_run(trained(pong), tmp_path / "run")
    with pytest.raises(ValueError, match=r"other settings \(gamma\)"):
        pong.begin_or_resume(pong.PongConfig(**SMALL, gamma=0.5), 0, tmp_path / "run")
    with pytest.raises(ValueError, match=r"\(seed\)"):
        pong.begin_or_resume(pong.PongConfig(**SMALL), 1, tmp_path / "run")


def test_where_the_networks_lay_does_not_matter(pong, tmp_path, monkeypatch):
    """A training on a GPU goes on without one."""
    run, load = trained(pong), torch.load
    run.config.device = "cuda"
    save_run(run, tmp_path / "run")
    places = []
    monkeypatch.setattr(torch, "load", lambda *args, **kw: places.append(kw.get("map_location")) or load(*args, **kw))
    assert pong.begin_or_resume(pong.PongConfig(**SMALL), 0, tmp_path / "run").step == run.step
    assert places == ["cpu"], "tensors of a GPU can be read without one"


@pytest.mark.parametrize("keep", [0, 10, 0.5, 0.99])
def test_a_file_cut_off_is_never_the_only_one(keep, pong, tmp_path):
    run, path = trained(pong), tmp_path / "run"
    save_run(run, path)
    first = run.step
    pong.train_pong(run, first + 40)
    save_run(run, path)
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * keep) if keep < 1 else keep])
    assert load_newest(path)["step"] == first
    older(path).write_bytes(b"rubbish")
    with pytest.raises(ValueError, match="Delete what is damaged to begin anew"):
        load_newest(path)
    forget(path)
    assert load_newest(path) is None and not list(tmp_path.iterdir())


def test_a_damaged_file_never_takes_a_good_ones_place(pong, tmp_path, monkeypatch, capsys):
    run, path = trained(pong), tmp_path / "run"
    save_run(run, path)
    save_run(run, path)
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 0xFF  # one byte, in the middle of what is stored
    path.write_bytes(data)
    (tmp_path / ".run.new.x1y2").write_bytes(b"half written by a training that was killed")
    assert load_newest(path)["step"] == run.step
    assert "run is damaged, and now called run.damaged" in capsys.readouterr().out
    replace = type(path).replace
    monkeypatch.setattr(type(path), "replace", lambda a, b: None if a.name.endswith(".new") else replace(a, b))
    save_run(run, path)  # killed before its last step
    monkeypatch.undo()
    assert sorted(file.name for file in tmp_path.iterdir()) == ["run.damaged", "run.new", "run.older"]
    older(path).write_bytes(b"rubbish")
    assert load_newest(path)["step"] == run.step, "what was complete, if not in its place, is read too"


@pytest.mark.parametrize("state", [{}, [1], {"config": {}}])
def test_a_file_of_something_else_gets_a_sentence(state, pong, tmp_path):
    torch.save(state, tmp_path / "run")
    with pytest.raises(ValueError, match="no checkpoint of a Pong training"):
        pong.begin_or_resume(pong.PongConfig(**SMALL), 0, tmp_path / "run")


@pytest.mark.parametrize("moment", ["writing", "moved"])
def test_a_crash_while_saving_leaves_a_state_that_can_be_read(moment, pong, tmp_path, monkeypatch):
    run, path = trained(pong), tmp_path / "run"
    save_run(run, path)
    first = run.step
    pong.train_pong(run, first + 40)

    def crash(*args, **kwargs):
        raise KeyboardInterrupt

    if moment == "writing":
        monkeypatch.setattr(torch, "save", crash)
    else:
        replace = type(path).replace
        monkeypatch.setattr(type(path), "replace", lambda a, b: crash() if a.name.endswith(".new") else replace(a, b))
    with pytest.raises(KeyboardInterrupt):
        save_run(run, path)
    monkeypatch.undo()
    assert load_newest(path)["step"] == (first if moment == "writing" else first + 40)


def test_one_update_by_priority(pong, monkeypatch):
    """The weights scale the loss; the leaves that were drawn get |δ| as priority; the mean moves by its rate."""
    run = trained(pong)
    sample, before = run.memory.sample, {name: weight.clone() for name, weight in run.q_network.state_dict().items()}
    mean, betas, drawn = [weight.clone() for weight in run.average.parameters()], [], []

    def without_weight(batch_size, rng, beta):
        batch, leaves, weights = sample(batch_size, rng, beta)
        betas.append(beta)
        drawn.append((batch, leaves))
        return batch, leaves, 0 * weights

    monkeypatch.setattr(run.memory, "sample", without_weight)
    run.optimizer = torch.optim.Adam(run.q_network.parameters(), 1.0)  # without a memory of earlier gradients
    run.step = run.config.total_steps // 2
    pong.pong_update(run)
    assert same(before, dict(run.q_network.state_dict())), "weights of 0 teach nothing"
    assert betas == [pytest.approx(0.7)], "half-way from 0.4 to 1"
    batch, leaves = drawn[0]
    targets = pong.n_step_td_target(batch, run.q_network, run.target_network, double=True)
    errors = targets - pong.chosen_q_values(run.q_network(batch.obs), batch.actions)
    found = run.memory.nodes[len(run.memory.nodes) // 2 :][leaves]
    assert found == pytest.approx((errors.detach().abs().numpy() + 0.01) ** 0.5, rel=1e-4)
    for old, new, online in zip(mean, run.average.parameters(), run.q_network.parameters(), strict=True):
        assert torch.allclose(new, old + 0.001 * (online - old), atol=1e-7)
    monkeypatch.undo()
    pong.pong_update(run)
    assert not same(before, dict(run.q_network.state_dict()))


def test_the_learning_rate_falls_and_comes_to_rest(pong):
    run = SimpleNamespace(config=pong.PongConfig(total_steps=900, anneal_steps=500, cool_down_steps=350))
    rates = {0: 4e-4, 250: 2.5e-4, 500: 1e-4, 550: 1e-4, 725: 0.5e-4, 900: 0.0, 950: 0.0}
    for run.step, rate in rates.items():
        assert pong.learning_rate_now(run) == pytest.approx(rate)


def test_an_interrupt_in_an_update_loses_no_step_of_the_games(pong, monkeypatch):
    run = trained(pong)
    namespace = pong.train_pong.__globals__

    def interrupted(_):
        raise KeyboardInterrupt

    monkeypatch.setitem(namespace, "pong_update", interrupted)
    with pytest.raises(KeyboardInterrupt):
        pong.train_pong(run, 200)
    monkeypatch.undo()
    assert run.step == 122 and run.memory.position == 61
    pong.train_pong(run, 200)
    assert run.step == 200


TRAIN = """
import sys
from types import SimpleNamespace
from drl_helpers.exercises.reference import solution_namespace
from drl_helpers.pong_run import Keeper
pong = SimpleNamespace(**solution_namespace("07_pong"))
run = pong.begin_or_resume(pong.PongConfig(), 0, sys.argv[1])
print("began at", run.step, flush=True)
pong.train_pong(run, 10**9, on_round=Keeper(sys.argv[1], 1.0))
"""


def test_killed_and_resumed_it_loses_little(pong, tmp_path):
    """kill -9 at any moment: what is on the disk is at most as old as the time between two checkpoints, and goes on."""
    path, steps = tmp_path / "run", []
    for _ in range(2):
        environment = os.environ | {"OMP_NUM_THREADS": "1"}
        command = [sys.executable, "-c", TRAIN, str(path)]
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True)
        try:
            began = int(process.stdout.readline().split()[-1])
            assert began == (steps[-1] if steps else 0), "it goes on where the last checkpoint was"
            written = path.stat().st_mtime_ns if path.exists() else 0
            deadline = time.monotonic() + 120  # on a machine that does much else
            while (path.stat().st_mtime_ns if path.exists() else 0) == written:
                assert process.poll() is None and time.monotonic() < deadline, "no checkpoint was written"
                time.sleep(0.05)
            time.sleep(0.7)
        finally:
            process.send_signal(signal.SIGKILL)
            process.wait()
        assert time.time() - path.stat().st_mtime < 60, "at most a minute of work is lost"
        steps.append(load_newest(path)["step"])
    assert 0 < steps[0] < steps[1]


def test_settings_that_cannot_be_are_refused(pong):
    with pytest.raises(ValueError, match="a divisor of num_games"):
        pong.PongConfig(num_games=2, train_every=4)
    for name in ("learning_starts", "capacity"):
        with pytest.raises(ValueError, match=rf"{name} is 40: .* at least 56"):
            pong.PongConfig(**{name: 40})


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU")
def test_a_missing_gpu_gets_a_sentence(pong):
    with pytest.raises(ValueError, match=r'no GPU here for device "cuda": choose "cpu"'):
        pong.PongConfig(device="cuda")


def test_the_keeper_waits_its_time(pong, tmp_path):
    run, keeper = trained(pong, 80), Keeper(tmp_path / "run", 3600)
    keeper(run)
    assert not (tmp_path / "run").exists()
    assert keeper.seconds == 3600 and Keeper(tmp_path / "run").seconds <= 60, "at most a minute may be lost"
    keeper.last -= 3601
    keeper(run)
    assert load_newest(tmp_path / "run")["step"] == 80


def test_a_damaged_state_leaves_the_run_alone(pong):
    run = trained(pong)
    state = run_state(run) | {"seed": 5}
    with pytest.raises(ValueError):
        take_up(run, state)
    assert run.step == 120


def test_checkpoints_lie_beside_the_notebook_or_where_they_are_sent(monkeypatch, tmp_path):
    monkeypatch.delenv("DRL_CHECKPOINTS", raising=False)
    assert str(checkpoint_file("07_pong")) == "07_pong.checkpoint"
    monkeypatch.setenv("DRL_CHECKPOINTS", str(tmp_path))
    assert checkpoint_file("07_pong") == tmp_path / "07_pong.checkpoint"
