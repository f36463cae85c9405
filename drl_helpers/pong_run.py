"""Checkpoints of a Pong training: written every 45 seconds, two generations, and taken up again."""

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
        ValueError: the state is of something else, or of a run with other settings or another seed; `run` is unchanged.
    """
    if not isinstance(state, dict) or not {"config", "seed", *PLAIN, *LEARNED} <= state.keys():
        raise ValueError("This is no checkpoint of a Pong training: choose another name, or move the file away.")
    config = asdict(run.config)
    changed = [name for name in config if config[name] != state["config"].get(name) and name != "device"]
    changed += ["seed"] if run.seed != state["seed"] else []
    if changed:
        raise ValueError(
            f"The checkpoint was made with other settings ({', '.join(changed)}): "
            "use those, or delete it, and the older one beside it, to begin anew."
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


def _beside(path: Path, ending: str) -> Path:
    return path.with_name(f"{path.name}.{ending}")


def older(path: Path) -> Path:
    """Where the checkpoint before the newest one lies."""
    return _beside(path, "older")


def _clear(path: Path) -> None:
    """Delete what trainings that were killed while they wrote have left half written."""
    for file in path.parent.glob(f".{_beside(path, 'new').name}.*"):
        file.unlink(missing_ok=True)


def save_run(run, path: Path) -> None:
    """Store a run beside `path`, then put it in its place; what lay there becomes the older generation.

    Raises:
        OSError: it could not be written; the sentence says why. What was stored before is still there.
    """
    path = Path(path)
    _clear(path)
    save_state(run_state(run), _beside(path, "new"))  # complete and on the disk before anything else is touched
    if path.exists():
        path.replace(older(path))
    _beside(path, "new").replace(path)


def load_newest(path: Path) -> dict | None:
    """The newest state that can be read, also after a crash in the middle of `save_run`; None if there is none.

    A newer one that is damaged is moved aside, with a word, so that it never takes the good one's place.

    Raises:
        ValueError: there are checkpoints, and all of them are damaged.
    """
    path, damaged = Path(path), []
    for candidate in (_beside(path, "new"), path, older(path)):
        try:
            state = load_state(candidate)
        except FileNotFoundError:
            continue
        except ValueError:
            damaged.append(candidate)
            continue
        for file in damaged:
            file.replace(aside := _beside(path, "damaged"))
            print(f"{file.name} is damaged, and now called {aside.name}; the one before it is taken.")
        return state
    if damaged:
        names = " and ".join(file.name for file in damaged)
        raise ValueError(
            f"Damaged, with none before it that can be read: {names}. Delete what is damaged to begin anew."
        )
    return None


def forget(path: Path) -> None:
    """Delete the checkpoints of a training that is over."""
    path = Path(path)
    for file in (path, older(path), _beside(path, "new"), _beside(path, "damaged")):
        file.unlink(missing_ok=True)
    _clear(path)


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
