"""Say in one sentence how what came differs from what was expected; nothing when it does not."""

import inspect
import math
import sys
from collections.abc import Callable
from typing import Any

import numpy as np


def short(value: Any, limit: int = 160) -> str:
    """`value` as text a learner can read at a glance."""
    if isinstance(value, np.ndarray):
        text = np.array2string(value, separator=", ", precision=6, suppress_small=True, threshold=40)
        text = " ".join(text.split())
    elif isinstance(value, np.generic):
        text = str(value)
    elif isinstance(value, float):
        text = f"{value:.6g}"
    elif inspect.isfunction(value):
        text = value.__name__
    else:
        try:
            text = repr(value)
        except BaseException as error:  # a learner's own __repr__ may fail
            text = f"<{type(value).__name__}, whose repr raises {type(error).__name__}>"
    return text if len(text) <= limit else text[: limit - 1] + "…"


def is_tensor(value: Any) -> bool:
    """Whether `value` is a torch tensor, without importing torch for those who never use it."""
    torch = sys.modules.get("torch")
    return hasattr(torch, "Tensor") and isinstance(value, torch.Tensor)


def _kind(value: Any) -> str:
    if is_tensor(value):
        return "a tensor"
    if isinstance(value, np.ndarray):
        return "a NumPy array"
    if isinstance(value, bool | np.bool_):
        return "a bool"
    if isinstance(value, int | np.integer):
        return "an integer"
    if isinstance(value, float | np.floating):
        return "a float"
    name = type(value).__name__
    return f"{'an' if name[0] in 'aeiouAEIOU' else 'a'} {name}"


def unusable(value: Any) -> str | None:
    """The sentence for a return value that can never be right, whatever was expected."""
    if value is None:
        return "it returned `None`: is a `return` missing?"
    if inspect.isgenerator(value):
        return "it is a generator: use `return` in place of `yield`."
    if inspect.iscoroutine(value):
        value.close()
        return "it is a coroutine: write `def` in place of `async def`."
    if inspect.isfunction(value) or inspect.ismethod(value) or inspect.isbuiltin(value):
        return "it returned a function: are the parentheses of a call missing?"
    return None


def difference(got: Any, expected: Any, tolerance: float) -> str | None:
    """How `got` differs from `expected` (numbers, arrays, tensors, tuples, dicts, text), or None.

    A NumPy scalar or an array of one number without axes counts as that number, so that answers
    written differently are not refused; a float never counts as an integer, nor a list as an array.
    """
    found = _difference(got, expected, tolerance)
    return None if found is None else found()


def alike(got: Any, expected: Any, tolerance: float) -> bool:
    """Whether `difference` finds none; one that it finds is not put into words, which takes much longer."""
    return _difference(got, expected, tolerance) is None


def _difference(got, expected, tolerance) -> Callable[[], str] | None:
    """What makes the sentence on how `got` differs from `expected`, or None."""
    if expected is None or got is None:
        return None if got is expected else lambda: f"it is {short(got)}, expected {short(expected)}."
    if is_tensor(expected):
        return _tensor_difference(got, expected, tolerance)
    if is_tensor(got) and got.requires_grad:
        return lambda: "it carries a gradient: detach it, or compute it under `torch.no_grad()`."
    if isinstance(expected, np.ndarray):
        return _array_difference(got, expected, tolerance)
    if isinstance(expected, tuple | list):
        return _sequence_difference(got, expected, tolerance)
    if isinstance(expected, dict):
        return _dict_difference(got, expected, tolerance)
    if isinstance(expected, bool | int | float | np.generic):
        return _number_difference(got, expected, tolerance)
    return None if got == expected else lambda: f"it is {_plain(got)}; expected: {_plain(expected)}."


def _plain(value):
    return value if isinstance(value, str) else short(value)


def _values(count):
    return "1 value" if count == 1 else f"{count} values"


def _number_difference(got, expected, tolerance):
    if (is_tensor(got) or isinstance(got, np.ndarray)) and got.ndim == 0:
        got = got.item()
    if is_tensor(got) or isinstance(got, np.ndarray | list | tuple):
        shape = f" of shape {tuple(got.shape)}" if hasattr(got, "shape") else f" of {len(got)}"
        return lambda: f"it is {_kind(got)}{shape}, {short(got)}; expected one number, {short(expected)}."
    if not isinstance(got, bool | int | float | np.integer | np.floating | np.bool_):
        return lambda: f"it is {_kind(got)}, {short(got)}; expected {_kind(expected)}, {short(expected)}."
    whole = isinstance(expected, int | np.integer) and not isinstance(expected, bool)
    if whole and not isinstance(got, int | np.integer):
        return lambda: f"it is {_kind(got)}, {short(got)}; expected an integer, {short(expected)}."
    if isinstance(expected, bool | np.bool_) != isinstance(got, bool | np.bool_):
        return lambda: f"it is {_kind(got)}, {short(got)}; expected {_kind(expected)}, {short(expected)}."
    if not _close(float(got), float(expected), tolerance):
        return lambda: f"it is {short(got)}, expected {short(expected)}."
    return None


def _close(got, expected, tolerance):
    """As `np.isclose` with equal_nan=True, which takes fifty times as long for two numbers."""
    if not (math.isfinite(got) and math.isfinite(expected)):
        return got == expected or (math.isnan(got) and math.isnan(expected))
    return abs(got - expected) <= tolerance + 1e-6 * abs(expected)


def _array_difference(got, expected, tolerance):
    if not isinstance(got, np.ndarray):
        return lambda: f"it is {_kind(got)}, {short(got)}; expected a NumPy array of shape {expected.shape}."
    if got.shape != expected.shape:
        return lambda: f"its shape is {got.shape}, expected {expected.shape}."
    if (got.dtype.kind in "iub") != (expected.dtype.kind in "iub") or got.dtype.kind not in "biuf":
        return lambda: f"its dtype is {got.dtype}, expected {expected.dtype}."
    if not (np.array_equal(got, expected) or np.allclose(got, expected, rtol=1e-6, atol=tolerance, equal_nan=True)):
        return lambda: f"it is {short(got)}, expected {short(expected)}."
    return None


def _tensor_difference(got, expected, tolerance):
    if not is_tensor(got):
        return lambda: f"it is {_kind(got)}, {short(got)}; expected a tensor of shape {tuple(expected.shape)}."
    if got.shape != expected.shape:
        return lambda: f"its shape is {tuple(got.shape)}, expected {tuple(expected.shape)}."
    if got.dtype != expected.dtype:
        return lambda: f"its dtype is {got.dtype}, expected {expected.dtype}."
    if got.device != expected.device:
        return lambda: f"it is on {got.device}, expected on {expected.device}."
    if got.requires_grad and not expected.requires_grad:
        return lambda: "it carries a gradient: detach it, or compute it under `torch.no_grad()`."
    if expected.requires_grad and not got.requires_grad:
        return lambda: "no gradient flows through it: something was detached, or computed under `torch.no_grad()`."
    plain = np.allclose(got.detach().numpy(), expected.detach().numpy(), rtol=1e-5, atol=tolerance, equal_nan=True)
    if plain:
        return None
    return lambda: f"it is {short(got.detach().numpy())}, expected {short(expected.detach().numpy())}."


def _sequence_difference(got, expected, tolerance):
    if not isinstance(got, type(expected)):
        return lambda: f"it is {_kind(got)}, {short(got)}; expected {len(expected)} values, {short(expected)}."
    if len(got) != len(expected):
        counts = _values(len(got)), _values(len(expected))
        return lambda: f"it has {counts[0]}, {short(got)}; expected {counts[1]}, {short(expected)}."
    for index, (mine, right) in enumerate(zip(got, expected, strict=True)):
        if (problem := _difference(mine, right, tolerance)) is not None:
            return lambda: f"at index {index} {problem()}"
    return None


def _dict_difference(got, expected, tolerance):
    if not isinstance(got, dict):
        return lambda: f"it is {_kind(got)}, {short(got)}; expected a dict, {short(expected)}."
    if set(got) != set(expected):
        return lambda: f"its keys are {sorted(map(str, got))}, expected {sorted(map(str, expected))}."
    for key, right in expected.items():
        if (problem := _difference(got[key], right, tolerance)) is not None:
            return lambda: f"at {key!r}: {problem()}"
    return None
