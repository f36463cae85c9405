"""The section of the benchmark on pixels: chapter 07."""

import json

import bench_gpu
import numpy as np
from bench_gpu import FRAMES
from bench_measure import Plan, Section, column, in_turn, measure, spread, table

from drl_helpers.records import folder

GAMES, BATCH = 8, 32  # as in PongConfig
LEVELS = (0, 18)  # scores whose first evaluation is looked for in the record
SIMULATORS = {  # piece → label, and decisions in one of its steps
    "games": ("8 games side by side (`make_pong(8)`), fixed actions", GAMES),
    "acting": ("8 games, and acting on the network", GAMES),
    "one game": ("one game at a time, the same pictures by Gymnasium and NumPy", 1),
    "usual game": ("one game at a time, Gymnasium's usual wrappers for Atari (84 × 84)", 1),
}
LEARNING = {"update": "an update, with sampling", "sample": "– of it, sampling the batch"}


def milliseconds(runs: list[dict], each: str) -> list[np.ndarray]:
    """CPU and wall milliseconds of each run, divided by how many of `each` it had; two of shape (runs,)."""
    return [1e3 * column(runs, key) / column(runs, each) for key in ("cpu", "wall")]


def simulators(runs: list[dict]) -> list[list]:
    """A row for each way to play."""
    rows = []
    for piece, (label, decisions) in SIMULATORS.items():
        if piece not in runs[0]:
            rows.append([label, "not measured: OpenCV is missing", "–", "–"])
            continue
        costs = [run[piece] for run in runs]
        cpu, wall = (column(costs, "count") * decisions / column(costs, key) for key in ("cpu", "wall"))
        rows.append([label, *[f"{np.median(speed):,.0f}" for speed in (cpu, FRAMES * cpu, wall)]])
    return rows


def milestones() -> str:
    """From the record of the whole training: steps and seconds to each level; a sentence where there is none."""
    try:
        record = json.loads((folder() / "07_pong.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return "Steps and seconds to a score are missing: the training is not recorded yet (`make experiments`)."
    run, rows = next(iter(record["runs"].values()))[0], []
    for level in LEVELS:
        step = next((step for step, score in run["curve"] if score >= level), None)
        if step is None:
            rows.append([f"{level} or more", *["not reached"] * 3])
            continue
        seconds = step / run["steps"] * run["wall_seconds"]
        games = int(np.searchsorted(run["ends"], step, side="right"))
        rows.append([f"{level} or more", f"{step:,}", f"{games:,}", f"{seconds:,.0f}"])
    rows.append(["the end", f"{run['steps']:,}", f"{len(run['returns']):,}", f"{run['wall_seconds']:,.0f}"])
    return f"""\
The whole training was not measured now; this is from the chapter's record of {record["made"]["date"]}, one seed, \
made on {record["made"]["machine"]}. First evaluation (ten greedy games) with such a mean score; seconds are the \
step's share of all wall seconds, without the evaluations:

{table(["score", "steps", "games", "wall s"], rows)}"""


def pixels(plan: Plan) -> Section:
    """Pong: the games alone, acting, updating, and the loop beside Stable-Baselines3's."""
    sizes = {"steps": plan.pixel_steps, "learning_starts": plan.pixel_starts}
    pieces = [measure(plan, "pixel_pieces", seed=seed, **sizes) for seed in range(plan.rounds)]
    sides = {
        "our loop": ("pixel_ours", sizes),
        "Stable-Baselines3": ("pixel_sb3", {"fused": False} | sizes),
        "Stable-Baselines3, fused Adam": ("pixel_sb3", {"fused": True} | sizes),
    }
    results, rows, ratios, learning = in_turn(plan, plan.rounds, sides), [], {}, []
    ours = milliseconds(results["our loop"], "steps")
    for label, runs in results.items():
        costs = milliseconds(runs, "steps")
        ratios[label] = [theirs / own for theirs, own in zip(costs, ours, strict=True)]
        shown = ["1", "1"] if label == "our loop" else [*map(spread, ratios[label])]
        rows.append([label, *map(spread, costs), *shown])
    for piece, label in LEARNING.items():
        learning.append([label, *map(spread, milliseconds([run[piece] for run in pieces], "count"))])
    cpu, wall = (float(np.median(ratio)) for ratio in ratios["Stable-Baselines3"])
    ratio = f"{cpu:.2f} times the CPU time of our loop, and {wall:.2f} times the wall time"
    verdict = f"On Pong, Stable-Baselines3's DQN takes {ratio}"
    text = f"""\
## Pong from pixels

The training of chapter 07 with its settings: 4 pictures of 32 × 32; two convolutions, 16 and 32 kernels, and a hidden \
layer of 128; {GAMES} games side by side; a batch of {BATCH} every 4 steps. A step is one decision in one game, \
{FRAMES} frames of the console. Rounds: {plan.rounds}, each with its own seed, in fresh processes. PyTorch has one \
thread; our games run in a second one, while the network learns, so that wall time can be less than CPU time. The \
games, alone and with a network that acts greedily; medians:

{table(["", "decisions a CPU second", "frames a CPU second", "decisions a wall second"], simulators(pieces))}

Learning alone, milliseconds, on a memory with {plan.pixel_starts:,} steps of real pictures; median (lowest to highest):

{table(["", "CPU ms", "wall ms"], learning)}

The loop as a whole, and Stable-Baselines3's `DQN` with its CNN policy, in turn: milliseconds a step over \
{plan.pixel_steps:,} steps, while both learn, act with ε = 0.01, and began with {plan.pixel_starts:,} steps in memory.

{table(["", "CPU ms a step", "wall ms a step", "CPU ÷ ours", "wall ÷ ours"], rows)}

**{verdict}.** Same: pictures (a test holds them to ours, pixel for pixel), number of games, sticky actions, \
convolutions and hidden layer, batch, 2 updates every {GAMES} steps, 3-step returns, γ, learning rate at the \
beginning, copies of the target network, room for 200,000 transitions. What differs: ours has dueling heads, Double \
DQN, prioritised replay and a running mean of its weights besides, which Stable-Baselines3's has not, and which cost \
a third forward pass and the upkeep of a sum tree; it chooses among three moves, where Stable-Baselines3 has all six \
actions; it plays in ALE's own vector environment, where Stable-Baselines3 plays {GAMES} single games one after \
another (`DummyVecEnv`), stores eight pictures a transition where ours stores one, clips gradients and keeps a log; \
its Adam has another ε. Our Adam is PyTorch's fused one; the last row gives it to Stable-Baselines3 too.

{bench_gpu.paragraph(plan.pixel_steps, plan.pixel_starts, plan.fresh)}

{milestones()}
"""
    return Section(text, f"{verdict}.")
