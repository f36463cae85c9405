"""Sections of the benchmark on learning values: chapters 01 to 05."""

import numpy as np
from bench_measure import Plan, Section, column, in_turn, measure, spread, table

from drl_helpers.evaluate import interval_text

NEEDED, AIM = 2.0, 3.0  # times as fast as Stable-Baselines3, in CPU time
LIVE_LIMIT = 5.0  # per cent
SOLVED, SECONDS_AIM = 475, 40  # a final score, and CPU seconds a seed


def comparison(plan: Plan) -> Section:
    """Our DQN loop and Stable-Baselines3's, in turn."""
    sides = {
        "our loop": ("ours", plan.sizes),
        "Stable-Baselines3": ("sb3", {"fused": False} | plan.sizes),
        "Stable-Baselines3, fused Adam": ("sb3", {"fused": True} | plan.sizes),
    }
    results = in_turn(plan, plan.rounds, sides)
    ours, rows = results["our loop"], []
    for label, theirs in results.items():
        cpu, wall = (column(theirs, key) / column(ours, key) for key in ("cpu", "wall"))
        ratios = ["1", "1"] if theirs is ours else [spread(cpu), spread(wall)]
        cost = [spread(column(theirs, key)) for key in ("cpu", "wall")]
        rows.append([label, *cost, *ratios, f"{column(theirs, 'score').mean():.0f}"])
    ratio = float(np.median(column(results["Stable-Baselines3"], "cpu") / column(ours, "cpu")))
    verdict = f"Our loop is {ratio:.2f} times as fast as Stable-Baselines3 in CPU time"
    text = f"""\
## Our DQN loop and Stable-Baselines3's

The loop of chapter 05 (`drl_helpers/dqn.py`, which a test holds to the notebook, word for word) and \
Stable-Baselines3's `DQN`, in turn, round after round (rounds: {plan.rounds}, each with its own seed), each run in a \
fresh process on one thread. {plan.steps:,} steps of CartPole-v1; network 4–120–84–2 with ReLU; Adam 1e-3; γ 0.99; \
batch 128; one update every 10 steps from step {plan.learning_starts:,} on; smooth-L1 loss; target network copied \
every 500 steps; replay of 10,000; ε from 1 to 0.05 over the first half. Seconds of constructing and training, \
imports excluded: median (lowest to highest).

{table(["", "CPU s", "wall s", "CPU ÷ ours", "wall ÷ ours", "greedy return at the end"], rows)}

**{verdict}** (needed: {NEEDED:g}; aim: {AIM:g}). The last column, a mean over 20 episodes and all rounds, says that \
both learn; training stopped at a fixed step, with no weights chosen. What differs: Stable-Baselines3 clips \
gradients, wraps the environment in its `Monitor`, keeps a log, serves several environments at once, and acts at \
random alone until step {plan.learning_starts:,}, where our ε falls from the first step on. Our Adam is PyTorch's \
fused one, with the same arithmetic; Stable-Baselines3 takes the plain one by default, and the last row gives it ours.
"""
    return Section(text, f"{verdict}.", "" if ratio >= NEEDED else f"{verdict}, and must be {NEEDED:g} times")


PART_NAMES = {
    "learning": "learning",
    "targets": "– of it, targets",
    "optimiser's step": "– of it, the optimiser's step",
    "stepping": "stepping the environment",
    "resetting": "resetting it",
    "acting": "acting (greedy)",
    "storing": "storing",
    "sampling": "sampling",
    "copying": "copying the target network",
}


def parts(plan: Plan) -> Section:
    """Where our loop's time goes, and how far it is above what cannot be avoided."""
    runs = [measure(plan, "split", seed=seed, **plan.sizes) for seed in range(plan.rounds)]
    whole, rows, named = np.median(column(runs, "whole")), [], 0.0
    for part, label in PART_NAMES.items():
        seconds = np.median([run["seconds"][part] for run in runs])
        calls = np.median([run["calls"][part] for run in runs])
        named += 0 if label.startswith("–") else seconds
        rows.append(
            [label, f"{seconds:.2f}", f"{seconds / whole:.0%}", f"{calls:,.0f}", f"{seconds / calls * 1e6:.1f}"]
        )
    rest = [f"{whole - named:.2f}", f"{1 - named / whole:.0%}", f"{plan.steps:,}"]
    rows.append(["the loop itself", *rest, f"{(whole - named) / plan.steps * 1e6:.1f}"])
    rows.append(["**all**", f"{whole:.2f}", "100%", f"{plan.steps:,}", f"{whole / plan.steps * 1e6:.1f}"])
    floors, ours = [], []
    for seed, run in enumerate(runs):
        counts = {"steps": plan.steps, "updates": run["calls"]["learning"], "forwards": run["calls"]["acting"]}
        floors.append(measure(plan, "floor", seed=seed, **counts))
        ours.append(measure(plan, "ours", seed=seed, **plan.sizes))
    least = [sum(one.values()) for one in floors]
    above = float(np.median(column(ours, "cpu") / least))
    floor_rows = [[label, f"{np.median(column(floors, label)):.2f}"] for label in floors[0]]
    floor_rows += [["**floor**", f"{np.median(least):.2f}"], ["our loop", f"{np.median(column(ours, 'cpu')):.2f}"]]
    text = f"""\
## Where its time goes

The same loop, its calls timed from outside (the clock's own cost taken off); wall seconds, medians (seeds: \
{plan.rounds}). Learning is all between a batch sampled and the optimiser's step taken. The loop itself draws \
ε-greedy's random numbers, counts, and asks whether it is time to learn.

{table(["part", "seconds", "share", "calls", "µs a call"], rows)}

The floor is what no loop in Python and PyTorch can do without: the environment alone with random actions, bare \
updates on one batch that never changes (two forward passes, loss, backward pass, fused Adam), and bare forward \
passes in NumPy for the greedy actions, each as often as our loop needs it. CPU seconds:

{table(["", "CPU s"], floor_rows)}

**Our loop takes {above:.2f} times the floor.**
"""
    return Section(text, f"Our loop takes {above:.2f} times what cannot be avoided.")


def live(plan: Plan) -> Section:
    """What the live monitor costs."""
    sides = {"off": ("live", {"on": False} | plan.sizes), "on": ("live", {"on": True} | plan.sizes)}
    results = in_turn(plan, plan.live_rounds, sides)
    cost = {key: 100 * (column(results["on"], key) / column(results["off"], key) - 1) for key in ("cpu", "wall")}
    rows = []
    for label, runs in results.items():
        drawn = [f"{np.median(column(runs, 'drawn')):.0f}", f"{np.median(column(runs, 'drawing')):.2f}"]
        rows.append([f"monitor {label}", *[spread(column(runs, key)) for key in ("cpu", "wall")], *drawn])
    rows.append(["difference, %", *[spread(cost[key], 1) for key in ("cpu", "wall")], "", ""])
    measured = float(np.median(cost["cpu"]))
    kept = "within" if measured < LIVE_LIMIT else "above"
    verdict = f"The live monitor costs {measured:.1f} % CPU time, {kept} the limit of {LIVE_LIMIT:g} %"
    text = f"""\
## The live monitor

The same loop, followed by `drl_helpers.live.Live` or not, in turn (rounds: {plan.live_rounds}): median (lowest \
to highest), differences taken round by round. The monitor really draws, for a shell of IPython; the last column \
says how many CPU seconds went into that alone.

{table(["", "CPU s", "wall s", "times drawn", "drawing, CPU s"], rows)}

**{verdict}.**
"""
    return Section(text, f"{verdict}.")


def tabular(plan: Plan) -> Section:
    """Steps a second of chapter 01's loop."""
    sides = {
        "CliffWalking-v1": ("tabular", {"world": "CliffWalking-v1", "episodes": plan.cliff_episodes}),
        "FrozenLake-v1, slippery": ("tabular", {"world": "FrozenLake-v1", "episodes": plan.lake_episodes}),
    }
    rows, speeds = [], []
    for label, runs in in_turn(plan, plan.rounds, sides).items():
        speed = column(runs, "steps") / column(runs, "cpu")
        speeds.append(f"{np.median(speed):,.0f} ({label})")
        steps = np.median(column(runs, "steps"))
        rows.append([label, f"{steps:,.0f}", spread(column(runs, "cpu")), f"{np.median(speed):,.0f}"])
    text = f"""\
## Tabular Q-learning

The loop of chapter 01's solution with its settings: {plan.cliff_episodes:,} episodes on the cliff, \
{plan.lake_episodes:,} on the lake; medians (seeds: {plan.rounds}).

{table(["", "steps", "CPU s", "steps a CPU second"], rows)}
"""
    return Section(text, f"Tabular Q-learning takes {' and '.join(speeds)} steps a CPU second.")


def cartpole(plan: Plan) -> Section:
    """Time and steps to solve CartPole."""
    runs = [measure(plan, "cartpole", seed=seed, **plan.cartpole) for seed in range(plan.seeds)]
    rows = []
    for seed, run in enumerate(runs):
        numbers = [f"{run['steps']:,}", f"{run['evaluation_steps']:,}", f"{run['cpu']:.1f}", f"{run['wall']:.1f}"]
        rows.append([f"seed {seed}", "yes" if run["solved"] else "no", *numbers, f"{run['score']:.1f}"])
    keys = {"steps": 0, "evaluation_steps": 0, "cpu": 1, "wall": 1, "score": 1}
    rows.append(["median", "", *[f"{np.median(column(runs, key)):,.{digits}f}" for key, digits in keys.items()]])
    rows.append(["mean [95 %]", "", *[interval_text(column(runs, key), digits) for key, digits in keys.items()]])
    good, cpu = int((column(runs, "score") >= SOLVED).sum()), column(runs, "cpu")
    verdict = (
        f"{good} of {plan.seeds} seeds score at least {SOLVED}, after {np.median(column(runs, 'steps')):,.0f} steps "
        f"and {np.median(cpu):.1f} CPU seconds (medians; the slowest took {cpu.max():.1f} s)"
    )
    text = f"""\
## CartPole, solved

Chapter 05's training with its settings (`DQNConfig()`, Double DQN, `train_and_select`), on one core, from nothing \
until an evaluation reaches the greatest return there is, or the steps are used up; seconds include the evaluations. \
The score is the mean of 100 fresh episodes, on seeds that chose nothing, played greedily with the weights that were \
kept. Means have their 95 % bootstrap interval over seeds.

{table(["", "solved", "steps", "evaluation steps", "CPU s", "wall s", "score"], rows)}

**{verdict}** (aim: {SECONDS_AIM} CPU seconds a seed or less).
"""
    return Section(text, f"{verdict}.")
