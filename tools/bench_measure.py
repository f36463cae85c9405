"""What every section of the benchmark is made with: plans, processes of their own, medians, tables."""

import functools
import json
import os
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[1]


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
    pixel_steps: int = 1_600  # of Pong, after as many as pixel_starts
    pixel_starts: int = 2_000
    policy_steps: int = 60_000  # of CartPole, for REINFORCE, A2C and PPO
    updates: int | None = None  # of a headline of chapters 08 to 10; None: as many as the chapter takes
    cartpole: dict = field(default_factory=dict)  # changes to DQNConfig
    fresh: bool = True  # every measurement in a process of its own

    @property
    def sizes(self) -> dict:
        """What every part of the comparison is told."""
        return {"steps": self.steps, "learning_starts": self.learning_starts}


QUICK = Plan(
    steps=1_500,
    learning_starts=500,
    rounds=1,
    live_rounds=1,
    cliff_episodes=20,
    lake_episodes=100,
    seeds=1,
    pixel_steps=80,
    pixel_starts=80,
    policy_steps=2_000,
    updates=2,
    cartpole={"total_steps": 600, "learning_starts": 200, "eval_every": 300},
    fresh=False,
)


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
