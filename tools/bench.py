"""Measure speed: `make bench`. Writes tests/bench/RESULTS.md; what is measured is in tools/bench_parts.py.

A new row or table is a part in bench_parts.py and a section here: a function of the plan which returns a Section.
"""

import argparse
import datetime
import functools
import json
import os
import platform
import re
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from drl_helpers.checkpoint import write_in_one_step
from drl_helpers.evaluate import interval_text

ROOT = Path(__file__).resolve().parents[1]
RESULTS = ROOT / "tests" / "bench" / "RESULTS.md"
NEEDED, AIM = 2.0, 3.0  # times as fast as Stable-Baselines3, in CPU time
LIVE_LIMIT = 5.0  # per cent
SOLVED, SECONDS_AIM = 475, 40  # a final score, and CPU seconds a seed


@dataclass(frozen=True)
class Plan:
    """How much is measured."""

    steps: int = 60_000  # of CartPole, in the comparison
    learning_starts: int = 10_000
    rounds: int = 3  # each with a seed of its own
    live_rounds: int = 5
    cliff_episodes: int = 2_000
    lake_episodes: int = 4_000
    seeds: int = 10  # for CartPole solved
    cartpole: dict = field(default_factory=dict)  # changes to DQNConfig
    fresh: bool = True  # every measurement in a process of its own

    @property
    def sizes(self) -> dict:
        """What every part of the comparison is told."""
        return {"steps": self.steps, "learning_starts": self.learning_starts}


QUICK = Plan(1_500, 500, 1, 1, 20, 100, 1, {"total_steps": 600, "learning_starts": 200, "eval_every": 300}, fresh=False)


@dataclass(frozen=True)
class Section:
    """A piece of the results: Markdown, one line to end with, and what falls short of what must be."""

    text: str
    headline: str
    missed: str = ""


class Failed(Exception):
    """A measurement did not end as it should; the message says which, and why."""


def quiet_environment() -> dict[str, str]:
    """The environment of every process that measures: one thread, and text as UTF-8."""
    threads = {"OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    return {**os.environ, **threads, "PYTHONUTF8": "1"}


@functools.cache
def _measured(fresh: bool, part: str, arguments: str) -> dict:
    if not fresh:
        import bench_parts

        return bench_parts.PARTS[part](**json.loads(arguments))
    command = [sys.executable, str(ROOT / "tools" / "bench_parts.py"), part, arguments]
    done = subprocess.run(command, env=quiet_environment(), cwd=ROOT, capture_output=True, text=True)
    if done.returncode != 0:
        said = done.stderr.strip().splitlines() or ["it said nothing"]
        raise Failed(f"The measurement '{part}' failed with {arguments}: {said[-1]}")
    return json.loads(done.stdout.splitlines()[-1])


def measure(plan: Plan, part: str, **arguments) -> dict:
    """One measurement, announced; what has been measured already is not measured again.

    Raises:
        Failed: the part's process did not end well.
    """
    begun = time.monotonic()
    result = _measured(plan.fresh, part, json.dumps(arguments))
    told = ", ".join(f"{key} {value}" for key, value in arguments.items() if key not in plan.sizes)
    print(f"  {part} ({told}): {time.monotonic() - begun:.1f} s", flush=True)
    return result


def in_turn(plan: Plan, rounds: int, sides: dict) -> dict[str, list[dict]]:
    """Measure all sides, then all again, so that a machine that slows down slows them all: label → results.

    Args:
        sides: label → (part, arguments).
    """
    results = {label: [] for label in sides}
    for seed in range(rounds):
        for label, (part, arguments) in sides.items():
            results[label].append(measure(plan, part, seed=seed, **arguments))
    return results


def column(results: list[dict], key: str) -> np.ndarray:
    """One number of each result, shape (results,)."""
    return np.array([result[key] for result in results], dtype=float)


def spread(values, digits: int = 2) -> str:
    """For instance "5.12 (5.01 to 5.30)": median, lowest and highest."""
    return f"{np.median(values):.{digits}f} ({np.min(values):.{digits}f} to {np.max(values):.{digits}f})"


def table(head: list[str], rows: list[list]) -> str:
    """A Markdown table; the first column is text, the others are numbers."""
    rules = ["---"] + ["--:"] * (len(head) - 1)
    return "\n".join(f"| {' | '.join(map(str, row))} |" for row in [head, rules, *rows])


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


SECTIONS: dict[str, Callable[[Plan], Section]] = {
    "comparison": comparison,
    "parts": parts,
    "live": live,
    "tabular": tabular,
    "cartpole": cartpole,
}


def machine() -> str:
    """This machine, in words."""
    try:
        found = re.search(r"model name\s*:\s*(.+)", Path("/proc/cpuinfo").read_text(encoding="utf-8"))
    except OSError:
        found = None
    name = found.group(1) if found else platform.processor() or "a processor without a name"
    return f"{os.cpu_count()} cores of {name} ({platform.machine()}), {platform.system()}"


def preface(load: str) -> str:
    """When, where and with what."""
    packages = ("torch", "numpy", "gymnasium", "stable-baselines3")
    versions = ", ".join(f"{name} {version(name)}" for name in packages if find_spec(name.replace("-", "_")))
    return f"""\
# How fast it is

Written by `make bench` on {datetime.date.today().isoformat()}; never edited by hand. Scores are tested elsewhere; \
seconds are only reported, here, and hold for this machine: {machine()}{load}. \
Python {platform.python_version()}, {versions}. All on the CPU, one thread a process, one process at a time.
"""


def load_now() -> str:
    """How busy the machine is before anything is measured, in words; empty where that cannot be told."""
    if not hasattr(os, "getloadavg"):
        return ""
    return f"; load before the first measurement {os.getloadavg()[0]:.1f}"


def run_sections(names: list[str], plan: Plan) -> list[Section]:
    """Measure and print these sections; end with one sentence where that cannot be done."""
    sections = []
    try:
        for name in names:
            print(f"{name}:", flush=True)
            sections.append(SECTIONS[name](plan))
            print(f"\n{sections[-1].text}", flush=True)
    except KeyboardInterrupt:
        sys.exit("\nInterrupted; nothing was written.")
    except Failed as reason:
        sys.exit(f"\n{reason}. Nothing was written.")
    return sections


def main(arguments: list[str] | None = None) -> None:
    """Measure, print, write; end with an error when something falls short of what must be."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("sections", nargs="*", help=f"only these, printed and not written: {', '.join(SECTIONS)}")
    parser.add_argument("--quick", action="store_true", help="try everything in seconds; printed and not written")
    parser.add_argument("--output", type=Path, help="write to this file, also with --quick or with sections named")
    options = parser.parse_args(arguments)
    unknown = sorted(set(options.sections) - set(SECTIONS))
    if unknown:
        sys.exit(f"There is no section {', '.join(unknown)}; there are {', '.join(SECTIONS)}.")
    names = options.sections or list(SECTIONS)
    if "comparison" in names and find_spec("stable_baselines3") is None:
        sys.exit(
            "Stable-Baselines3 is not installed: run 'make bench', which installs it, or "
            "'python3 tools/install.py bench'; or name the sections that do without: "
            f"{', '.join(name for name in SECTIONS if name != 'comparison')}."
        )
    plan, load, begun = QUICK if options.quick else Plan(), load_now(), time.monotonic()
    sections = run_sections(names, plan)
    minutes = f"All of it took {(time.monotonic() - begun) / 60:.1f} minutes."
    print("\n".join([*[section.headline for section in sections], minutes]))
    missed = [section.missed for section in sections if section.missed]
    if missed and not options.quick:
        sys.exit(f"\n{'; '.join(missed)}. Nothing was written: was the machine busy with something else?")
    output = options.output or (None if options.quick or options.sections else RESULTS)
    if output is not None:
        try:
            page = "\n".join([preface(load), *[section.text for section in sections], minutes + "\n"])
            write_in_one_step(output, lambda temporary: temporary.write_text(page, encoding="utf-8"))
        except OSError as error:
            sys.exit(f"\n{error}")
        print(f"Written: {output.name}.")


if __name__ == "__main__":
    main()
