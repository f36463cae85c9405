"""Run somebody's code with a time limit, a cap on its output, and a kernel that stays as it was."""

import builtins
import contextlib
import ctypes
import io
import math
import os
import random
import sys
import threading
import time
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from IPython import get_ipython

OUTPUT_CAP = 10_000  # characters of printed output that are kept
GRACE = 3.0  # seconds given to a loop that is being stopped; on a busy machine one is not enough
KERNELS_OWN = {"input", "exit", "quit", "display", "get_ipython", "help", "breakpoint"}  # it replaces these itself
TORCHS_OWN = {"manual_seed"}  # torch wraps it itself when its first optimizer is made
THREAD = "attempt"  # the name of the thread in which an attempt runs


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
    gradients_off: bool = False
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

    def text(self) -> str:
        """What was kept, fit to be sent."""
        return "".join(self.kept).encode("utf-8", "replace").decode("utf-8")


def run_limited(function: Callable[[], Any], seconds: float) -> Outcome:
    """Call `function()` in a thread of its own for at most `seconds`.

    A thread, since a waiting main thread can always stop waiting, and alike on every system: a loop
    that swallows every exception costs a restart at worst. (Code that never lets go of the
    interpreter, such as an endless loop inside one C function, holds the waiting thread too.)
    """
    outcome, sink, ended = Outcome(), _Sink(), threading.Event()

    def work():
        try:
            if hasattr(sys.modules.get("torch"), "set_num_threads"):  # the main thread's setting does not reach us
                sys.modules["torch"].set_num_threads(1)
            with np.errstate(all="ignore"):  # a card says what is wrong; warnings would only go by
                outcome.value = function()
            if hasattr(sys.modules.get("torch"), "is_grad_enabled"):  # a thread has gradients on when it begins
                outcome.gradients_off = not sys.modules["torch"].is_grad_enabled()
        except BaseException as error:  # whatever it is, the card explains it
            outcome.error = error

    def whole():
        try:
            work()
        except BaseException as error:  # a TimeUp that came while another one was being handled
            outcome.error = error
        finally:
            ended.set()

    thread = threading.Thread(target=whole, daemon=True, name=THREAD)
    before = library_state()
    with contextlib.redirect_stdout(sink), contextlib.redirect_stderr(sink), _kernel_kept(sink):
        thread.start()
        try:
            outcome.timed_out = not ended.wait(seconds)
        except KeyboardInterrupt:
            outcome.interrupted = True
        outcome.stuck = not _stop(thread, ended)
    outcome.printed, outcome.flooded = sink.text(), sink.count > OUTPUT_CAP
    outcome.replaced = restore_libraries(before)
    return outcome


def _stop(thread: threading.Thread, ended: threading.Event) -> bool:
    """Raise TimeUp in `thread` until it ends. Returns False when it does not end."""
    deadline = time.monotonic() + GRACE
    while not ended.is_set() and time.monotonic() < deadline:
        ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread.ident), ctypes.py_object(TimeUp))
        with contextlib.suppress(KeyboardInterrupt):
            ended.wait(0.002)
    return ended.is_set()


@contextlib.contextmanager
def _kernel_kept(sink: _Sink) -> Iterator[None]:
    """No keyboard input, no exit and no display from an attempt; folder, limits and modules put back after it."""

    def no_input(prompt=""):
        raise RuntimeError("the function asks for keyboard input; a check cannot answer")

    def no_exit(*args):
        raise SystemExit

    shell = get_ipython()
    folder, limit, filters, modules = os.getcwd(), sys.getrecursionlimit(), warnings.filters[:], dict(sys.modules)  # noqa: PTH109
    saved = {name: getattr(builtins, name, None) for name in ("input", "exit", "quit")}
    builtins.input, builtins.exit, builtins.quit = no_input, no_exit, no_exit
    if shell is not None:
        publish = shell.display_pub.publish

        def counted(data, *args, **keywords):
            if threading.current_thread().name != THREAD:
                return publish(data, *args, **keywords)
            return sink.write(str(data.get("text/plain", "")) + "\n")

        shell.ask_exit, shell.display_pub.publish = no_exit, counted
    try:
        yield
    finally:
        for name, value in saved.items():
            setattr(builtins, name, value)
        if shell is not None:
            del shell.ask_exit
            shell.display_pub.publish = publish
        os.chdir(folder)
        sys.setrecursionlimit(limit)
        warnings.filters[:] = filters
        sys.modules.update(modules)


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
    """All names of what is watched: module or class → name → value."""
    return {home: dict(vars(home)) for home in _watched()}


_pristine: dict = {}


def remember_libraries() -> None:
    """Take what is watched, as it is now, for what it should be."""
    _pristine.clear()
    _pristine.update(library_state())


def restore_libraries(state: dict | None = None) -> tuple[str, ...]:
    """Put back the callables that differ from `state` (default: as remembered). Returns the names put back."""
    state, replaced = _pristine if state is None else state, []
    for home, names in state.items():
        now = vars(home)
        changed = [name for name, value in names.items() if now.get(name) is not value and is_watched(name, value)]
        for name in changed:
            replaced.append(f"{home.__name__}.{name}")
            setattr(home, name, names[name])
    return tuple(replaced)


def is_watched(name: str, value: Any) -> bool:
    """Whether a name of what is watched must keep its value: callables must, but for the kernel's and torch's own."""
    return callable(value) and not name.startswith("__") and name not in KERNELS_OWN | TORCHS_OWN
