"""Checkpoints of a Pong training: written every 45 seconds, two generations, and taken up again."""

import contextlib
import os
import time
from dataclasses import asdict
from pathlib import Path

import torch

from drl_helpers.checkpoint import load_state, save_state

PLAIN = ("seed", "step", "seconds", "returns", "ends", "evaluations", "kept")
RING = ("pictures", "actions", "rewards", "terminated", "truncated", "final", "ages")
LEARNED = ("q_network", "target_network", "average", "optimizer")


def run_state(run) -> dict:
    """A PongRun as a dict of numbers, text and tensors: all of it but the games underway, which cannot be kept."""
    memory = run.memory
    return {
        "config": asdict(run.config),
        **{name: getattr(run, name) for name in PLAIN},
        **{name: getattr(run, name).state_dict() for name in LEARNED},
        "memory": {name: torch.from_numpy(getattr(memory, name)[: memory.size]) for name in RING},
        "position": memory.position,
        "tree": [torch.from_numpy(memory.nodes), memory.max_priority] if run.config.prioritised else [],
        "generators": [run.rng.bit_generator.state, torch.get_rng_state()],
    }


def take_up(run, state: dict) -> None:
    """Bring a fresh PongRun to where `state` was; new games begin, and the memory is told of it.

    Raises:
        ValueError: the state belongs to a run with other settings or another seed; `run` is unchanged.
    """
    config = asdict(run.config)
    changed = [name for name in config if config[name] != state["config"].get(name) and name != "device"]
    changed += ["seed"] if run.seed != state["seed"] else []
    if changed:
        raise ValueError(
            f"The checkpoint was made with other settings ({', '.join(changed)}): "
            "use those, or delete the checkpoint to begin anew."
        )
    for name in PLAIN:
        setattr(run, name, state[name])
    for name in LEARNED:
        getattr(run, name).load_state_dict(state[name])
    memory = run.memory
    memory.position, memory.size = state["position"], len(state["memory"]["rewards"])
    for name in RING:
        getattr(memory, name)[: memory.size] = state["memory"][name].numpy()
    if state["tree"]:
        memory.nodes[:], memory.max_priority = state["tree"][0].numpy(), state["tree"][1]
    memory.cut()
    run.rng.bit_generator.state = state["generators"][0]
    torch.set_rng_state(state["generators"][1])
    run.obs = run.env.reset(seed=run.seed + run.step)[0][..., run.field, :]
    run.scores[:] = 0.0


def checkpoint_file(name: str) -> Path:
    """Where a learner's training is kept: beside the notebook, or in the folder that DRL_CHECKPOINTS names."""
    return Path(os.environ.get("DRL_CHECKPOINTS", ".")) / f"{name}.checkpoint"


def older(path: Path) -> Path:
    """Where the checkpoint before the newest one lies."""
    return path.with_name(path.name + ".older")


def save_run(run, path: Path) -> None:
    """Store a run beside `path`, then put it in its place; what lay there becomes the older generation.

    Raises:
        OSError: it could not be written; the sentence says why. What was stored before is still there.
    """
    path = Path(path)
    fresh = path.with_name(path.name + ".new")
    save_state(run_state(run), fresh)  # complete and on the disk before anything else is touched
    if path.exists():
        path.replace(older(path))
    fresh.replace(path)


def load_newest(path: Path) -> dict | None:
    """The newest state that can be read, also after a crash in the middle of `save_run`; None if there is none.

    Raises:
        ValueError: there are checkpoints, and all of them are damaged.
    """
    path, damaged = Path(path), None
    for candidate in (path, older(path)):
        try:
            return load_state(candidate)
        except FileNotFoundError:
            continue
        except ValueError as error:
            damaged = error
    if damaged:
        raise ValueError(f"{path.name} and the one before it are damaged: delete both to begin anew.") from damaged
    return None


def forget(path: Path) -> None:
    """Delete the checkpoints of a training that is over."""
    path = Path(path)
    for file in (path, older(path), path.with_name(path.name + ".new")):
        with contextlib.suppress(FileNotFoundError):
            file.unlink()


class Keeper:
    """To be called after each step: stores the run when `seconds` have passed since the last time.

    Args:
        path: of the checkpoint.
        seconds: how much work may be lost at most.
    """

    def __init__(self, path, seconds: float = 45.0):
        self.path, self.seconds, self.last = Path(path), seconds, time.monotonic()

    def __call__(self, run) -> None:
        if time.monotonic() - self.last >= self.seconds:
            save_run(run, self.path)
            self.last = time.monotonic()
