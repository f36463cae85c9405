"""Run somebody's code with a time limit, a cap on its output, and libraries that stay as they were."""

import builtins
import contextlib
import ctypes
import io
import math
import random
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

OUTPUT_CAP = 10_000  # characters of printed output that are kept
GRACE = 1.0  # seconds given to a loop that is being stopped


class TimeUp(BaseException):
    """Raised inside an attempt that has used up its time; no `except Exception` catches it."""


@dataclass
class Outcome:
    """How a run ended: its value or its error, and what it printed."""

    value: Any = None
    error: BaseException | None = None
    printed: str = ""
    flooded: bool = False
    timed_out: bool = False
    interrupted: bool = False
    stuck: bool = False
    replaced: tuple[str, ...] = ()


class _Sink(io.TextIOBase):
    """Keeps the first characters written to it and counts the rest."""

    def __init__(self):
        self.kept, self.count = [], 0

    def write(self, text: str) -> int:
        if self.count < OUTPUT_CAP:
            self.kept.append(text[: OUTPUT_CAP - self.count])
        self.count += len(text)
        return len(text)


def run_limited(function: Callable[[], Any], seconds: float) -> Outcome:
    """Call `function()` in a thread of its own for at most `seconds`.

    A thread, since a waiting main thread can always stop waiting: a loop that swallows every
    exception costs a restart at worst, never a dead page. Works alike on every system.
    """
    outcome, sink = Outcome(), _Sink()

    def work():
        if "torch" in sys.modules:  # the main thread's setting does not reach this one
            sys.modules["torch"].set_num_threads(1)
        try:
            with np.errstate(all="ignore"):  # a card says what is wrong; warnings would only go by
                outcome.value = function()
        except BaseException as error:  # whatever it is, the card explains it
            outcome.error = error

    thread = threading.Thread(target=work, daemon=True, name="attempt")
    before = library_state()
    with contextlib.redirect_stdout(sink), contextlib.redirect_stderr(sink), _no_input():
        thread.start()
        try:
            thread.join(seconds)
            outcome.timed_out = thread.is_alive()
        except KeyboardInterrupt:
            outcome.interrupted = True
        outcome.stuck = not _stop(thread)
    outcome.printed, outcome.flooded = "".join(sink.kept), sink.count > OUTPUT_CAP
    outcome.replaced = restore_libraries(before)
    return outcome


def _stop(thread: threading.Thread) -> bool:
    """Raise TimeUp in `thread` until it ends. Returns False when it does not end."""
    deadline = time.monotonic() + GRACE
    while thread.is_alive() and time.monotonic() < deadline:
        ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread.ident), ctypes.py_object(TimeUp))
        thread.join(0.002)
    return not thread.is_alive()


@contextlib.contextmanager
def _no_input():
    def refuse(prompt=""):
        raise RuntimeError("the function asks for keyboard input; a check cannot answer")

    original, builtins.input = builtins.input, refuse
    try:
        yield
    finally:
        builtins.input = original


def _watched() -> list:
    """Modules and classes that a check relies on, the check's own among them."""
    torch = sys.modules.get("torch")
    found = [builtins, math, random, np]
    if hasattr(torch, "Tensor"):
        found += [torch, torch.Tensor, torch.nn.functional]
    own = [module for name, module in list(sys.modules.items()) if name.startswith("drl_helpers.exercises")]
    for module in own:
        found.append(module)
        found += [v for v in vars(module).values() if isinstance(v, type) and v.__module__ == module.__name__]
    return found


def library_state() -> dict:
    """The callables of what is watched, by (module or class, name)."""
    return {
        (home, name): value
        for home in _watched()
        for name, value in list(vars(home).items())
        if callable(value) and not name.startswith("__")
    }


_pristine: dict = {}


def remember_libraries() -> None:
    """Take what is watched, as it is now, for what it should be."""
    _pristine.clear()
    _pristine.update(library_state())


def restore_libraries(state: dict | None = None) -> tuple[str, ...]:
    """Put back whatever differs from `state` (default: as remembered). Returns the names put back."""
    state, replaced = _pristine if state is None else state, []
    for (module, name), value in state.items():
        if name != "input" and vars(module).get(name) is not value:
            replaced.append(f"{module.__name__}.{name}")
            setattr(module, name, value)
    return tuple(replaced)
