"""Weights and whole runs, kept in files: written in one step, read with care."""

import os
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file


def write_in_one_step(path: Path, write: Callable[[Path], None]) -> None:
    """`write` a temporary file beside `path`, then put it in its place; a failure leaves `path` as it was.

    Raises:
        OSError: it could not be written; the sentence says why, and what is still there.
    """
    temporary = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        os.close(handle)
        temporary = Path(name)
        write(temporary)
        with temporary.open("rb+") as file:
            os.fsync(file.fileno())
        temporary.replace(path)
    except (OSError, SafetensorError, RuntimeError) as error:
        kept = f"the older {path.name} is still there" if path.exists() else "nothing was written"
        why = getattr(error, "strerror", None) or str(error).splitlines()[0]
        raise OSError(f"{path} could not be saved ({why}); {kept}. Make room, or choose another place.") from error
    finally:
        if temporary is not None:
            temporary.unlink(missing_ok=True)


def save_weights(module: torch.nn.Module, path) -> None:
    """Store a module's weights as safetensors: numbers only, so that loading can run no code.

    Raises:
        OSError: see the sentence; an older file at `path` is untouched.
    """
    weights = {name: weight.detach().contiguous() for name, weight in module.state_dict().items()}
    write_in_one_step(Path(path), lambda temporary: save_file(weights, temporary))


def load_weights(module: torch.nn.Module, path) -> None:
    """Load weights into a module, in place; when that is not possible the module stays as it was.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: the file is damaged, or belongs to another architecture.
    """
    _must_exist(path)
    try:
        weights = load_file(path)
    except (SafetensorError, OSError) as error:
        raise ValueError(f"{path} is damaged or cut off: train again, or take an older copy.") from error
    expected = {name: tuple(weight.shape) for name, weight in module.state_dict().items()}
    found = {name: tuple(weight.shape) for name, weight in weights.items()}
    for name in [*expected, *found]:
        if expected.get(name) != found.get(name):
            theirs, ours = found.get(name, "missing"), expected.get(name, "not there")
            raise ValueError(f"{path} belongs to another network: {name} is {theirs} in it, and {ours} in this one.")
    module.load_state_dict(weights)


def save_state(state: dict, path) -> None:
    """Store a dict of numbers, text and tensors, for instance the whole state of a run.

    Raises:
        OSError: see the sentence; an older file at `path` is untouched.
    """
    write_in_one_step(Path(path), lambda temporary: torch.save(state, temporary))


def load_state(path) -> dict:
    """What `save_state` stored, on the CPU. Loads data only: no code from the file is run.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: the file is damaged, cut off, or something else.
    """
    _must_exist(path)
    try:
        with zipfile.ZipFile(path) as archive:
            if (part := archive.testzip()) is not None:  # torch does not look at its own check sums
                raise zipfile.BadZipFile(part)
        return torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:  # what a damaged file makes torch.load raise depends on where it is damaged
        raise ValueError(f"{path} is damaged or cut off: begin the run anew, or take an older copy.") from error


def _must_exist(path) -> None:
    if not Path(path).is_file():
        raise FileNotFoundError(f"There is no file {path}: save it first, or look at its name and folder.")
