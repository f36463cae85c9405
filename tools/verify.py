"""Verify every headline in full: `make verify`. All experiments anew, then the solutions' assertions on them."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from drl_helpers.exercises.reference import solution_namespace

ROOT = Path(__file__).resolve().parents[1]


def play_shipped(least: float = 18.0) -> None:
    """Twenty games of Pong by the agent that the course ships: an experiment made anew trains another one."""
    pong = solution_namespace("07_pong")
    returns, _ = pong["play_games"](pong["greedy"](pong["shipped"]("trained")), 20, 8_000_000)
    print(f"Pong, the shipped agent, twenty games, sticky actions 0.25: {returns.mean():.2f} on average", flush=True)
    if returns.mean() < least:
        sys.exit(f"The shipped agent should win by {least:g} at least.")


def main() -> None:
    """The stored records stay untouched: new ones go to a temporary folder."""
    play_shipped()
    with tempfile.TemporaryDirectory() as folder:
        environment = os.environ | {"DRL_RECORDS": folder, "DRL_CHECK": "strict"}
        python = [sys.executable]
        subprocess.run([*python, "tools/experiments.py", "--all"], cwd=ROOT, env=environment, check=True)
        options = ["--nbval-lax", "--nbval-current-env", "--nbval-cell-timeout=600", "solutions"]
        code = subprocess.call([*python, "-m", "pytest", "-q", *options], cwd=ROOT, env=environment)
    sys.exit(code)


if __name__ == "__main__":
    main()
