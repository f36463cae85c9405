"""Follow a training while it runs: a progress line (tqdm) and a curve, redrawn at most 5 times a second."""

import contextlib
import html
import time
from collections.abc import Callable

import numpy as np
from IPython.display import display
from tqdm.auto import tqdm

from drl_helpers import plots
from drl_helpers.interrupt import Interruptible


class Pace:
    """Lets something be drawn once in `seconds` at most, and for no more than `share` of the time, in (0, 1].

    Drawing slows a training down; how much depends on the machine.
    """

    def __init__(self, seconds: float, share: float):
        self._seconds, self._rest = seconds, 1 / share - 1
        self._next = time.monotonic() + seconds

    def draw(self, draw: Callable[[], None]) -> None:
        """Call `draw()` if it is time for it."""
        if (began := time.monotonic()) > self._next:
            draw()
            now = time.monotonic()
            self._next = now + max(self._seconds, self._rest * (now - began))


class Live:
    """A context that draws what its `update` is told. Interrupting the cell ends it there and keeps the curve.

    Args:
        total: how many updates will come.
        label: what the curve shows, for instance "return".
        smooth: the bold line is the mean over this many updates.
        unit: what an update stands for, for instance "episode" or "evaluation".
        by_step: `total`, and the x axis, count steps of the environment, as `update` is told them.
        begin: how many were done before, in a training that goes on; they do not count into the speed.

    Example:
        with Live(500, "return") as live:
            train(..., on_episode=live.update)
    """

    def __init__(
        self,
        total: int,
        label: str = "return",
        smooth: int = 20,
        unit: str = "episode",
        by_step: bool = False,
        begin: int = 0,
    ):
        self.total, self.label, self.smooth, self.unit, self.by_step = total, label, smooth, unit, by_step
        self.begin = begin
        self.values: list[float] = []
        self.steps: list[int] = []
        self.interrupted = False
        self._handle, self._begun, self._pace = None, 0.0, Pace(0.2, share=1 / 40)
        self._interruptible = Interruptible()

    def __enter__(self):
        self._begun = time.monotonic()
        self._handle = display(_Page("starting …"), display_id=True)
        self._interruptible.__enter__()
        return self

    def update(self, step: int, value: float) -> None:
        """Tell the value reached at `step` (an episode's number, from 0; with `by_step` the steps done).

        Raises:
            KeyboardInterrupt: the cell was interrupted since the last update.
        """
        self.values.append(float(value))
        self.steps.append(int(step))
        self._interruptible.report()
        self._pace.draw(self._draw)

    def __exit__(self, kind, error, trace):
        self._interruptible.__exit__(kind, error, trace)
        self.interrupted = kind is KeyboardInterrupt
        with contextlib.suppress(Exception if kind else ()):  # never hide what really went wrong
            self._draw()
        return self.interrupted

    def _draw(self):
        seconds, done = time.monotonic() - self._begun, self.begin + len(self.values)
        if self.by_step:
            done = max(self.steps, default=self.begin)
        unit, mean = "step" if self.by_step else self.unit, f"mean {_last(self)}" if self.values else None
        line = tqdm.format_meter(done, self.total, seconds, unit=unit, ncols=80, postfix=mean, initial=self.begin)
        if self.interrupted:
            line += "  interrupted; what was trained so far is kept"
        if self._handle is not None:
            self._handle.update(_Page(line, self._picture()))

    def _picture(self) -> str:
        if not self.values:
            return ""
        fig, ax = plots.figure(7, 2.4)
        curve(ax, self.values, self.label, self.smooth, self.unit, self.steps if self.by_step else None)
        alt = f"Curve of the {self.label} over {len(self.values)} {self.unit}s; the last mean is {_last(self)}."
        return plots.figure_html(fig, alt)


def curve(ax, values, label: str, smooth: int, unit: str = "episode", steps=None) -> None:
    """Draw values as they came, by number or by `steps`, and their running mean in bold; at most about 1,000 points."""
    values = np.asarray(values, dtype=float)
    step = max(1, len(values) // 1_000)
    x = np.arange(1, len(values) + 1) if steps is None else np.asarray(steps)
    ax.plot(x[::step], values[::step], color=plots.COLOURS[5], linewidth=0.7)
    if len(values) >= smooth > 0:
        mean = np.convolve(values, np.full(smooth, 1 / smooth), "valid")
        ax.plot(x[smooth - 1 :][::step], mean[::step], color=plots.COLOURS[0], linewidth=2)
    finite = values[np.isfinite(values)]
    if len(finite) > 20:  # the first few attempts may be far off, and would flatten the rest
        low, high = np.quantile(finite, [0.03, 1.0])
        margin = 0.08 * (high - low) or 0.08 * abs(high) or 1.0  # values that are all equal need room too
        ax.set(ylim=(low - margin, high + margin))
    ax.set(xlabel=unit if steps is None else "step of the environment", ylabel=label)


def _last(live: Live) -> str:
    return f"{np.mean(live.values[-live.smooth :]):.1f}"


class _Page:
    """A line of text and a picture, replaced as a whole at each update; stays in the saved notebook."""

    def __init__(self, line: str, picture: str = ""):
        self.line, self.picture = line, picture

    def _repr_html_(self):
        return f'<pre style="margin:0">{html.escape(self.line)}</pre>{self.picture}'

    def __repr__(self):
        return self.line
