"""Pong on a GPU, where there is one: `make bench` measures it and keeps the numbers for machines without."""

import datetime
import json
import os
from importlib.metadata import version

import torch
from bench_measure import ROOT, table
from bench_pixel_parts import chapter, filled, pixel_ours, pixel_sb3, repeated, settings

from drl_helpers.checkpoint import write_in_one_step

KEPT = ROOT / "tests" / "bench" / "gpu.json"
BATCHES = (32, 256)
FRAMES = 4  # of the console in a decision


def measure(steps, learning_starts, device="cuda") -> dict:
    """Wall milliseconds on the GPU, and with what they were measured; a fresh run for each batch size."""
    made = {
        "date": datetime.date.today().isoformat(),
        "gpu": torch.cuda.get_device_name() if device == "cuda" else device,
        "cores": os.cpu_count(),
        "versions": f"torch {torch.__version__}, stable-baselines3 {version('stable-baselines3')}",
        "steps": steps,
    }
    loop = {"steps": steps, "learning_starts": learning_starts, "device": device}
    for batch in BATCHES:
        run = filled(settings(learning_starts, device=device, batch_size=batch), seed=0)
        update = repeated(lambda run=run: chapter()["pong_update"](run), steps // run.config.train_every)
        run.env.close()
        ours = pixel_ours(0, batch_size=batch, **loop)
        theirs = pixel_sb3(0, fused=False, batch_size=batch, **loop)
        made[str(batch)] = {
            "update": 1e3 * update["wall"] / update["count"],
            "ours": 1e3 * ours["wall"] / ours["steps"],
            "theirs": 1e3 * theirs["wall"] / theirs["steps"],
        }
    return made


def keep(made: dict) -> None:
    """Store what was measured."""
    text = json.dumps(made, indent=1) + "\n"
    write_in_one_step(KEPT, lambda temporary: temporary.write_text(text, encoding="utf-8"))


def paragraph(steps, learning_starts, fresh=True) -> str:
    """What is known of a GPU: measured now where there is one, else what was kept; a sentence where nothing is.

    Args:
        fresh: whether this is a measurement in earnest, worth keeping.
    """
    if torch.cuda.is_available() and fresh:
        keep(measure(steps, learning_starts))
    try:
        return described(json.loads(KEPT.read_text(encoding="utf-8")))
    except (OSError, ValueError, KeyError, TypeError):  # missing or damaged
        return "Nothing was measured on a GPU: none was at hand."


def described(made: dict) -> str:
    """A sentence and a table on the numbers that were kept."""
    rows = []
    for batch in BATCHES:
        costs = made[str(batch)]
        speeds = [f"{costs[name]:.2f} ({FRAMES * 1e3 / costs[name]:,.0f})" for name in ("ours", "theirs")]
        rows.append([f"{batch}", f"{costs['update']:.2f}", *speeds, f"{costs['theirs'] / costs['ours']:.2f}"])
    head = ["batch", "an update", "our loop, a step (frames a second)", "Stable-Baselines3 (frames a second)", "÷ ours"]
    return f"""\
On a GPU ({made["gpu"]}, beside {made["cores"]} CPU cores; {made["versions"]}), measured on {made["date"]}, one round \
of {made["steps"]:,} steps, wall milliseconds:

{table(head, rows)}"""
