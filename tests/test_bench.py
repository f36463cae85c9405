"""`make bench`: the tool runs, its tables are there, and what falls short or goes wrong ends in a sentence."""

import json
import re
import subprocess
import sys
from importlib.util import find_spec

import bench
import bench_gpu
import bench_measure
import bench_pixels
import bench_policies
import bench_values
import numpy as np
import pytest
from conftest import ROOT

WITHOUT_SB3 = [name for name in bench.SECTIONS if name not in bench.BESIDE_SB3]
TITLES = {
    "comparison": "## Our DQN loop and Stable-Baselines3's",
    "parts": "## Where its time goes",
    "live": "## The live monitor",
    "tabular": "## Tabular Q-learning",
    "cartpole": "## CartPole, solved",
    "pixels": "## Pong from pixels",
    "policies": "## REINFORCE, A2C and PPO",
    "headlines": "## The headlines of chapters 08 to 10",
}
ENDS = ("", ", fused Adam")
needs_sb3 = pytest.mark.skipif(
    find_spec("stable_baselines3") is None, reason="Stable-Baselines3 is not installed: 'make bench' installs it"
)


def tables(page):
    """The tables of a page: for each, its rows as lists of texts, the head first."""
    found = [[]]
    for line in page.splitlines():
        if line.startswith("| ") and not line.startswith("| ---"):
            found[-1].append([cell.strip() for cell in line.strip("|").split("|")])
        elif found[-1] and not line.startswith("|"):
            found.append([])
    return [rows for rows in found if rows]


def replace_measure(monkeypatch, measure):
    """Let every section measure by this function."""
    for module in (bench_measure, bench_values, bench_pixels, bench_policies):
        monkeypatch.setattr(module, "measure", measure)


def fake(monkeypatch, theirs, live=1.01, policies=2.5):
    """Made-up results in place of measuring: Stable-Baselines3 `theirs` times as slow, `policies` times in policies."""
    cost = {"cpu": 5.0, "wall": 5.0, "score": 300.0, "steps": 9_000, "drawn": 4, "drawing": 0.1}
    parts = dict.fromkeys(bench_values.PART_NAMES, 0.5)
    results = {
        "ours": cost,
        "sb3": cost | {"cpu": 5.0 * theirs},
        "split": {"whole": 5.0, "seconds": parts, "calls": dict.fromkeys(parts, 5_000)},
        "floor": {"environment": 0.5, "updates": 3.0, "forwards": 0.5},
        "tabular": cost,
        "cartpole": cost | {"evaluation_steps": 20_000, "solved": True, "score": 499.0},
        "pixel_pieces": dict.fromkeys((*bench_pixels.SIMULATORS, *bench_pixels.LEARNING), cost | {"count": 500}),
        "pixel_ours": cost,
        "pixel_sb3": cost | {"cpu": 5.0 * 1.3},
        "policy_ours": cost,
        "policy_sb3": cost | {"cpu": 5.0 * policies},
        "headline": cost | {"reached": True},
    }

    def measure(plan, part, **arguments):
        if part == "live":
            return cost | {"cpu": 5.0 * live if arguments["on"] else 5.0}
        return results[part]

    replace_measure(monkeypatch, measure)
    monkeypatch.setattr(bench, "find_spec", lambda name: name)
    monkeypatch.setattr(bench, "version", lambda name: "1.0")


def test_every_part_but_the_comparison_runs(tmp_path):
    # In a process of its own, since it brings a shell of IPython.
    command = [sys.executable, ROOT / "tools" / "bench.py", "--quick", *WITHOUT_SB3, "--output", tmp_path / "page.md"]
    done = subprocess.run(
        command, capture_output=True, text=True, encoding="utf-8", env=bench_measure.quiet_environment()
    )
    assert done.returncode == 0, done.stderr
    printed, page = done.stdout, (tmp_path / "page.md").read_text(encoding="utf-8")
    for section in WITHOUT_SB3:
        assert TITLES[section] in page and TITLES[section] in printed
    split, floor, live, tabular, cartpole, headlines = tables(page)
    seconds = {row[0]: float(row[1]) for row in split[1:]}
    assert list(seconds) == [*bench_values.PART_NAMES.values(), "the loop itself", "**all**"]
    named = sum(value for part, value in seconds.items() if part[0] not in "–*")
    assert named == pytest.approx(seconds["**all**"], abs=0.05) and seconds["learning"] > 0
    assert [row[0] for row in floor[1:]] == ["environment", "updates", "forwards", "**floor**", "our loop"]
    assert live[1][3] == "0" and int(live[2][3]) >= 1, "the monitor must really draw"
    assert all(float(row[-1].replace(",", "")) > 1_000 for row in tabular[1:])
    assert [row[0] for row in cartpole[1:]] == ["seed 0", "median", "mean [95 %]"]
    assert [row[0] for row in headlines[1:]] == list(bench_policies.HEADLINES)
    assert "Our loop takes" in printed and "steps a CPU second" in printed
    assert str(ROOT) not in page and str(tmp_path) not in page


@needs_sb3
def test_the_comparison_runs_and_prints_the_ratio(tmp_path, capsys):
    bench.main(["--quick", "comparison", "--output", str(tmp_path / "page.md")])
    printed, rows = capsys.readouterr().out, tables((tmp_path / "page.md").read_text(encoding="utf-8"))[0]
    assert [row[0] for row in rows[1:]] == ["our loop", "Stable-Baselines3", "Stable-Baselines3, fused Adam"]
    ratio = re.search(r"Our loop is ([\d.]+) times as fast as Stable-Baselines3 in CPU time\.", printed)
    assert ratio and rows[2][3].startswith(ratio.group(1))


@needs_sb3
def test_policies_run_beside_stable_baselines3_and_print_the_ratios(tmp_path, capsys):
    bench.main(["--quick", "policies", "--output", str(tmp_path / "page.md")])
    printed, rows = capsys.readouterr().out, tables((tmp_path / "page.md").read_text(encoding="utf-8"))[0]
    assert [row[0] for row in rows[1:5]] == ["REINFORCE", "A2C", *[f"A2C of Stable-Baselines3{end}" for end in ENDS]]
    assert [row[0] for row in rows[5:]] == ["PPO", *[f"PPO of Stable-Baselines3{end}" for end in ENDS]]
    a2c, ppo = re.search(r"A2C is ([\d.]+) times and PPO is ([\d.]+) times as fast", printed).groups()
    assert rows[3][4].startswith(a2c) and rows[6][4].startswith(ppo)


@needs_sb3
@pytest.mark.parametrize("algorithm", ["A2C", "PPO"])
def test_both_sides_have_the_same_settings_in_policies_too(algorithm):
    import bench_policy_parts as parts

    run = parts.trained(algorithm, 0, 2_000)
    model = parts.sb3_trained(algorithm, 0, 2_048, fused=True)
    config, extractor = run.config, model.policy.mlp_extractor
    ours = [tuple(layer.shape) for layer in (*run.policy.layers.parameters(), *run.critic.parameters())]
    networks = (extractor.policy_net, model.policy.action_net, extractor.value_net, model.policy.value_net)
    assert ours == [tuple(layer.shape) for network in networks for layer in network.parameters()]
    adam, own = model.policy.optimizer.param_groups[0], run.optimizer.param_groups[0]
    left_out = ("params", "lr", "initial_lr")
    assert {key: adam[key] for key in own if key not in left_out} == {
        key: own[key] for key in own if key not in left_out
    }
    assert (model.n_envs, model.n_steps) == (config.num_envs, config.num_steps)
    assert (model.gamma, model.gae_lambda) == (config.gamma, config.gae_lambda)
    assert (model.ent_coef, model.vf_coef) == (config.entropy_weight, config.critic_weight)
    assert model.max_grad_norm == config.max_grad_norm
    if algorithm == "PPO":
        assert (model.n_epochs, model.clip_range(1.0)) == (config.epochs, config.clip_range)
        assert model.batch_size == config.num_envs * config.num_steps // config.minibatches
        assert model.lr_schedule(0.5) == pytest.approx(config.learning_rate * (1 - 1_024 / config.total_steps))


@needs_sb3
def test_both_sides_have_the_same_settings():
    import bench_parts

    config = bench_parts.settings(steps=600, learning_starts=200)
    model = bench_parts.sb3_learned(config, seed=0, fused=True)
    layers = [tuple(weight.shape) for weight in model.q_net.parameters()]
    assert layers == [tuple(weight.shape) for weight in bench_parts.train(config, 0).q_network.parameters()]
    adam = model.policy.optimizer.param_groups[0]
    ours = bench_parts.DQNRun(config, 0).optimizer.param_groups[0]
    assert {key: adam[key] for key in ours if key != "params"} == {key: ours[key] for key in ours if key != "params"}
    for share in (0.0, 0.25, 0.5, 1.0):
        theirs = model.exploration_schedule(1 - share)
        schedule = (config.epsilon_start, config.epsilon_end, config.decay_steps)
        assert theirs == pytest.approx(bench_parts.dqn.epsilon_schedule(share * config.total_steps, *schedule))
    assert model._n_updates == pytest.approx((config.total_steps - config.learning_starts) / config.train_every, abs=1)


@needs_sb3
def test_pixels_run_beside_stable_baselines3_and_print_the_ratios(tmp_path, capsys):
    bench.main(["--quick", "pixels", "--output", str(tmp_path / "page.md")])
    printed, page = capsys.readouterr().out, (tmp_path / "page.md").read_text(encoding="utf-8")
    simulators, learning, loop = tables(page)[:3]
    assert [row[0] for row in simulators[1:]] == [label for label, _ in bench_pixels.SIMULATORS.values()]
    assert all(float(row[1].replace(",", "")) > 50 for row in simulators[1:4])
    assert [row[0] for row in learning[1:]] == [*bench_pixels.LEARNING.values()]
    assert [row[0] for row in loop[1:]] == ["our loop", *[f"Stable-Baselines3{end}" for end in ENDS]]
    cpu, wall = re.search(
        r"takes ([\d.]+) times the CPU time of our loop, and ([\d.]+) times the wall", printed
    ).groups()
    assert loop[2][3].startswith(cpu) and loop[2][4].startswith(wall)


@needs_sb3
def test_both_sides_have_the_same_settings_on_pixels():
    import bench_pixel_parts as parts

    config = parts.settings(learning_starts=80)
    run, model = parts.filled(config, 0), parts.sb3_filled(config, 0, fused=True)
    assert (config.num_games, config.batch_size) == (bench_pixels.GAMES, bench_pixels.BATCH)
    assert run.memory.size * config.num_games == model.num_timesteps == 80 and model._n_updates == 0
    eyes = model.q_net.features_extractor.eyes
    assert [layer.shape for layer in eyes.parameters()] == [layer.shape for layer in run.q_network.eyes.parameters()]
    assert [tuple(layer.shape) for layer in model.q_net.q_net.parameters()] == [(6, config.hidden_size), (6,)]
    model.learn(40, reset_num_timesteps=False)
    assert model._n_updates == 40 // config.train_every
    assert model.exploration_rate == pytest.approx(config.epsilon_end)
    run.env.close()
    model.env.close()


def test_single_games_show_what_ours_show():
    import bench_pixel_parts as parts

    one, many = parts.SmallPictures(sticky=0.0), parts.chapter()["make_pong"](1, sticky=0.0, noop_max=0)
    one.env.reset(seed=0)  # without the actions that do nothing
    many.reset(seed=0)
    for action in np.random.default_rng(0).integers(6, size=200):
        theirs, reward, *_ = many.step(np.array([action]))
        picture, total, *_ = one.step(int(action))
        assert (picture == theirs[0, -1, one.rows]).all() and total == reward[0]
    one.close()
    many.close()


@needs_sb3
def test_what_was_measured_on_a_gpu_is_kept_for_machines_without(monkeypatch, tmp_path):
    monkeypatch.setattr(bench_gpu, "KEPT", tmp_path / "gpu.json")
    monkeypatch.setattr(bench_gpu, "BATCHES", (4, 8))
    monkeypatch.setattr(bench_gpu.torch.cuda, "is_available", lambda: False)
    assert "none was at hand" in bench_gpu.paragraph(80, 80)
    bench_gpu.keep(bench_gpu.measure(40, 80, device="cpu"))
    (_, *rows), made = tables(bench_gpu.paragraph(80, 80))[0], json.loads(bench_gpu.KEPT.read_text())
    assert [row[0] for row in rows] == ["4", "8"] and made["date"] in bench_gpu.paragraph(80, 80)
    assert float(rows[1][4]) == pytest.approx(made["8"]["theirs"] / made["8"]["ours"], abs=0.005)
    for damaged in ("{}", "[]", "{ cut off"):
        bench_gpu.KEPT.write_text(damaged)
        assert "none was at hand" in bench_gpu.paragraph(80, 80), "a damaged file is no reason to stop"


def test_scores_on_the_way_come_from_the_record(monkeypatch, tmp_path):
    monkeypatch.setenv("DRL_RECORDS", str(tmp_path))
    assert "not recorded yet" in bench_pixels.milestones()
    run = {"curve": [[100, -9.0], [200, 0.0], [300, 17.5]], "ends": [90, 200, 290], "returns": [-21.0, -3.0, 2.0]}
    made = {"date": "2026-01-02", "machine": "a machine"}
    record = {"made": made, "runs": {"as above": [run | {"steps": 400, "wall_seconds": 2_000.0}]}}
    (tmp_path / "07_pong.json").write_text(json.dumps(record))
    zero, eighteen, end = tables(bench_pixels.milestones())[0][1:]
    assert zero == ["0 or more", "200", "2", "1,000"] and end == ["the end", "400", "3", "2,000"]
    assert eighteen == ["18 or more", *["not reached"] * 3]


def test_a_measurement_in_a_process_of_its_own(monkeypatch, capsys):
    plan, lake = bench_measure.Plan(), {"seed": 0, "world": "FrozenLake-v1", "episodes": 50}
    result = bench_measure.measure(plan, "tabular", **lake)
    assert set(result) == {"cpu", "wall", "steps"} and result["steps"] > 50
    assert "tabular (seed 0, world FrozenLake-v1, episodes 50)" in capsys.readouterr().out

    def broken(command, **options):
        return subprocess.CompletedProcess(command, 1, "", "Traceback\n  ...\nValueError: no such world\n")

    monkeypatch.setattr(bench_measure.subprocess, "run", broken)
    assert bench_measure.measure(plan, "tabular", **lake) is result, "what has been measured is not measured again"
    with pytest.raises(
        bench_measure.Failed, match=r"^The measurement 'tabular' failed with .*: ValueError: no such world$"
    ):
        bench_measure.measure(plan, "tabular", **lake | {"seed": 1})


def test_a_full_run_writes_the_page_in_one_step(monkeypatch, tmp_path, capsys):
    fake(monkeypatch, theirs=3.1)
    monkeypatch.setattr(bench, "RESULTS", tmp_path / "bench" / "RESULTS.md")
    bench.main([])
    page, printed = bench.RESULTS.read_text(encoding="utf-8"), capsys.readouterr().out
    assert all(title in page for title in TITLES.values()) and page.startswith("# ")
    assert "3.10 times as fast as Stable-Baselines3" in page and "3.10 times as fast" in printed
    assert "10 of 10 seeds score at least 475" in page and "CPU s" in page
    assert re.search(r"on \d{4}-\d\d-\d\d", page) and "torch 1.0" in page and "cores of" in page
    assert "costs 1.0 % CPU time, within the limit of 5 %" in page
    assert [path.name for path in bench.RESULTS.parent.iterdir()] == ["RESULTS.md"]


def test_a_ratio_below_two_fails_in_a_full_run_alone(monkeypatch, tmp_path):
    fake(monkeypatch, theirs=1.9)
    monkeypatch.setattr(bench, "RESULTS", tmp_path / "RESULTS.md")
    bench.RESULTS.write_text("older")
    with pytest.raises(SystemExit) as ended:
        bench.main([])
    assert "1.90 times as fast as Stable-Baselines3 in CPU time, and must be 2 times" in ended.value.code
    assert ended.value.code.strip().count("\n") == 0
    bench.main(["--quick"])
    assert bench.RESULTS.read_text() == "older"


def test_policies_below_one_and_a_half_fail_in_a_full_run(monkeypatch, tmp_path):
    fake(monkeypatch, theirs=3.1, policies=1.4)
    monkeypatch.setattr(bench, "RESULTS", tmp_path / "RESULTS.md")
    with pytest.raises(SystemExit, match=r"A2C is 1\.40 times and PPO is 1\.40 times .* must be 1\.5 times"):
        bench.main([])


def test_a_monitor_that_costs_too_much_is_said_to(monkeypatch, capsys):
    fake(monkeypatch, theirs=3.1, live=1.08)
    bench.main(["live"])
    assert "costs 8.0 % CPU time, above the limit of 5 %" in capsys.readouterr().out


@pytest.mark.parametrize("trouble", [KeyboardInterrupt(), bench_measure.Failed("The measurement 'sb3' failed")])
def test_an_older_page_stays_whole(monkeypatch, tmp_path, trouble):
    def measure(plan, part, **arguments):
        raise trouble

    fake(monkeypatch, theirs=3.1)
    replace_measure(monkeypatch, measure)
    monkeypatch.setattr(bench, "RESULTS", tmp_path / "RESULTS.md")
    bench.RESULTS.write_text("older")
    with pytest.raises(SystemExit, match=r"othing was written\."):
        bench.main([])
    assert bench.RESULTS.read_text() == "older"


def test_missing_stable_baselines3_gets_a_sentence(monkeypatch):
    monkeypatch.setattr(bench, "find_spec", lambda name: None)
    with pytest.raises(SystemExit, match=r"not installed: run 'make bench'.*'python3 tools/install\.py bench'"):
        bench.main(["--quick"])
    with pytest.raises(SystemExit, match="There is no section speed; there are comparison, parts"):
        bench.main(["speed"])


def test_the_stored_page_is_of_this_tool():
    if not bench.RESULTS.exists():
        pytest.skip("'make bench' has not been run yet")
    page = bench.RESULTS.read_text(encoding="utf-8")
    assert all(title in page for title in TITLES.values())
    ratio = float(re.search(r"\*\*Our loop is ([\d.]+) times as fast as Stable-Baselines3", page).group(1))
    assert ratio >= bench_values.NEEDED
    assert not re.search(r"/(home|root|work|tmp|Users)/", page)
