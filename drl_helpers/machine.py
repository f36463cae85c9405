"""What this machine is, and how long the course's computing will take on it."""

import os
import platform
import time
from importlib.metadata import PackageNotFoundError, version

import gymnasium as gym
import numpy as np

from drl_helpers.course import CHAPTERS

PACKAGES = ("jupyterlab", "torch", "gymnasium", "numpy", "matplotlib", "ipywidgets")
REFERENCE_SPEED = 88_000  # rounds a second of `speed` on the machine that measured Chapter.seconds


def speed(seconds: float = 1.0) -> float:
    """Rounds a second of what tabular training does: choose, step, look up, add. Takes `seconds`."""
    env, rng, table = gym.make("FrozenLake-v1"), np.random.default_rng(0), np.zeros((16, 4))
    obs, _ = env.reset(seed=0)
    rounds, begun = 0, time.perf_counter()
    while time.perf_counter() - begun < seconds:
        for _ in range(100):
            next_obs, reward, terminated, truncated, _ = env.step(int(rng.integers(4)))
            table[obs] += 0.1 * (reward + table[next_obs].max() - table[obs])
            obs = env.reset()[0] if terminated or truncated else next_obs
        rounds += 100
    return rounds / (time.perf_counter() - begun)


def accelerator() -> str:
    """The GPU that PyTorch can use, in words."""
    import torch

    if torch.cuda.is_available():
        return torch.cuda.get_device_name(0)
    if torch.backends.mps.is_available():
        return "Apple GPU (MPS)"
    return "none (the course does not need one)"


def report() -> str:
    """Versions, cores and GPU, and the computing time of each chapter on this machine, as text."""
    share = speed() / REFERENCE_SPEED
    lines = [
        f"Python {platform.python_version()} on {platform.system()} ({platform.machine()}), {os.cpu_count()} cores",
        f"GPU: {accelerator()}",
        "  ".join(f"{package} {_version(package)}" for package in PACKAGES),
        f"Speed, measured for one second: {share:.1f} × the machine on which the course was made",
        "Computing ahead of you, on this machine:",
    ]
    for chapter in CHAPTERS:
        if chapter.exists and chapter.seconds is not None:
            lines.append(f"  {chapter.number} {chapter.title:<20} about {chapter.seconds / share:3.0f} s")
    return "\n".join(lines)


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "missing: install the course again, see README"
