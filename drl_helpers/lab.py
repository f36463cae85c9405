"""A panel of hyperparameters with Train and Stop, and a live curve."""

import html
import sys
import threading
from collections.abc import Callable

import ipywidgets as widgets
import numpy as np

from drl_helpers import plots
from drl_helpers.live import Pace, curve


class Stopped(Exception):
    """Raised inside a training whose Stop button was pressed."""


class Lab(widgets.VBox):
    """Train with chosen hyperparameters, in a thread of its own, so that Stop works while it runs.

    Args:
        train: `train(on_episode=..., **settings)`; it calls `on_episode(step, value)` regularly. Further numbers,
            for instance `on_episode(step, value, clip_fraction=...)`, get a curve of their own, under their names.
        sliders: name → widget with a `value`, one for each setting.
        label: what the curve shows.
        smooth: the bold line is the mean over this many reports.
        unit: what a report stands for, for instance "episode" or "step".
    """

    def __init__(
        self,
        train: Callable,
        sliders: dict[str, widgets.Widget],
        label: str = "return",
        smooth: int = 20,
        unit: str = "episode",
    ):
        self._train, self.sliders, self.label, self.smooth, self.unit = train, sliders, label, smooth, unit
        self.values: list[float] = []
        self.more: dict[str, list[float]] = {}
        self._stop, self._ended, self._pace = threading.Event(), threading.Event(), Pace(0.25, share=1 / 5)
        self._ended.set()
        self.train_button = widgets.Button(description="Train", button_style="primary", icon="play")
        self.stop_button = widgets.Button(description="Stop", icon="stop", disabled=True)
        self.status = widgets.HTML("Ready.")
        self.picture = widgets.HTML()
        self.train_button.on_click(lambda _: self.start())
        self.stop_button.on_click(lambda _: self.stop())
        buttons = widgets.HBox([self.train_button, self.stop_button, self.status])
        super().__init__([*sliders.values(), buttons, self.picture])

    def start(self) -> None:
        """Begin a training with the sliders' values; does nothing while one runs."""
        if not self._ended.is_set():
            return
        self._ended.clear()
        self.values, self.more = [], {}
        self._stop.clear()
        self.train_button.disabled, self.stop_button.disabled = True, False
        settings = {name: slider.value for name, slider in self.sliders.items()}
        threading.Thread(target=self._run, args=(settings,), daemon=True, name="lab").start()

    def stop(self) -> None:
        """Ask the training to end; it does so at its next report, and keeps its curve."""
        self._stop.set()

    def wait(self, seconds: float | None = None) -> None:
        """Wait until the training has ended, for at most `seconds`."""
        self._ended.wait(seconds)

    def _run(self, settings):
        if "torch" in sys.modules:  # the main thread's setting does not reach this one
            sys.modules["torch"].set_num_threads(1)
        try:
            self._train(on_episode=self._report, **settings)
            ending = "Finished"
        except Stopped:
            ending = "Stopped"
        except BaseException as error:  # SystemExit too: the panel must not stay locked
            ending = f"It raised {type(error).__name__}: {html.escape(str(error))}. Stopped"
        try:
            self._draw(f"{ending} after {len(self.values)} {self.unit}s.")
        finally:
            self._ended.set()
            self.train_button.disabled, self.stop_button.disabled = False, True

    def _report(self, step, value, **more):
        if self._stop.is_set():
            raise Stopped
        self.values.append(float(value))
        for name, number in more.items():
            self.more.setdefault(name, []).append(float(number))
        self._pace.draw(lambda: self._draw(f"{self.unit.capitalize()} {len(self.values)} …"))

    def _draw(self, status):
        self.status.value = status
        self.picture.value = self._page()

    def _page(self) -> str:
        if not self.values:
            return ""
        series = {self.label: self.values} | {name.replace("_", " "): list(of) for name, of in self.more.items()}
        fig, axes = plots.figure(7 if len(series) == 1 else 3.7 * len(series), 2.6, columns=len(series))
        for ax, (label, values) in zip(np.atleast_1d(axes), series.items(), strict=True):
            curve(ax, values, label, self.smooth, self.unit)
        alt = f"Curve of the {', of the '.join(series)} over {len(self.values)} {self.unit}s."
        return plots.figure_html(fig, alt)

    def _repr_mimebundle_(self, **kwargs):
        settings = ", ".join(f"{name} = {slider.value}" for name, slider in self.sliders.items())
        page = f"<p>Panel: {settings}. {self.status.value}</p>{self._page()}"
        return super()._repr_mimebundle_(**kwargs) | {"text/plain": f"[Panel: {settings}]", "text/html": page}
