"""The ring player: watch a replay memory fill up, wrap, and hand out batches."""

import html
import math
import time
from collections.abc import Callable
from threading import RLock, Thread

import ipywidgets as widgets
import numpy as np

from drl_helpers import plots

INNER, OUTER, MIDDLE = 78, 148, 170  # radii and centre, in pixels
FILLS = ("#bfe0f2", "#fbe3b3")  # even and odd episodes; numbers and words say the same


class RingPlayer(widgets.VBox):
    """A small memory as a ring: transitions go in, the newest replaces the oldest, batches are drawn.

    Args:
        make_memory: `make_memory(capacity, obs_shape)` gives an empty memory with `add` and `sample`.
        capacity: how many rows the ring has.
        episode_length: how many transitions an episode has here; its rows share a colour.
        seed: of the batches.
    """

    def __init__(self, make_memory: Callable, capacity: int = 12, episode_length: int = 5, seed: int = 0):
        self._make, self.capacity, self.episode_length, self.seed = make_memory, capacity, episode_length, seed
        self.add_button = widgets.Button(description="Add one", button_style="primary")
        self.many_button = widgets.Button(description="Add 5")
        self.sample_button = widgets.Button(description="Draw a batch of 4")
        self.reset_button = widgets.Button(description="Start afresh")
        self.play = widgets.ToggleButton(description="Play", icon="play")
        self.speed = widgets.IntSlider(value=2, min=1, max=10, description="per second")
        self.picture, self.text = widgets.HTML(), widgets.HTML()
        self.add_button.on_click(lambda _: self.add(1))
        self.many_button.on_click(lambda _: self.add(5))
        self.sample_button.on_click(lambda _: self.sample(4))
        self.reset_button.on_click(lambda _: self.reset())
        self.play.observe(lambda change: change["new"] and self._start_playing(), "value")
        self._lock, self._playing = RLock(), 0  # a click may come while it plays; which press of Play goes on
        buttons = [self.add_button, self.many_button, self.sample_button, self.play, self.reset_button]
        super().__init__([widgets.HBox(buttons, layout={"flex_flow": "row wrap"}), self.speed, self.picture, self.text])
        self.reset()

    def reset(self) -> None:
        """Empty the ring."""
        with self._lock:
            self.memory, self.rng = self._make(self.capacity, (1,)), np.random.default_rng(self.seed)
            self.added, self.drawn = 0, np.zeros(self.capacity, dtype=int)
            self._show("The ring is empty.")

    def add(self, count: int) -> None:
        """Store the next `count` transitions, numbered from 0."""
        with self._lock:
            self.drawn[:] = 0
            for _ in range(count):
                row, obs = self.memory.position, np.array([self.added], dtype=np.float32)
                old = self._number(row)
                ends = (self.added + 1) % self.episode_length == 0
                try:
                    self.memory.add(obs, 0, 1.0, obs + 1, ends)
                except Exception as error:
                    self.play.value = False
                    return self._show(html.escape(str(error)))
                self.added += 1
            replaced = "" if old is None else f" and replaced transition {old}, the oldest"
            self._show(f"Transition {self.added - 1} went to row {row}{replaced}.")

    def sample(self, batch_size: int) -> None:
        """Draw a batch, and mark where its transitions lie."""
        with self._lock:
            try:
                numbers = self.memory.sample(batch_size, self.rng).obs[:, 0].long().tolist()
            except Exception as error:
                self._show(html.escape(str(error)))
                return
            self.drawn[:] = 0
            for number in numbers:
                self.drawn[number % self.capacity] += 1
            self._show(f"Drawn: transitions {', '.join(map(str, numbers))}. Drawing takes nothing out.")

    def _start_playing(self) -> None:
        self._playing += 1
        Thread(target=self._keep_adding, args=(self._playing,), daemon=True).start()

    def _keep_adding(self, press: int) -> None:
        while self.play.value and self._playing == press:
            self.add(1)
            time.sleep(1 / self.speed.value)

    def _number(self, row: int) -> int | None:
        """The number of the transition in `row`; None while the row is empty."""
        return int(self.memory.obs[row, 0]) if row < len(self.memory) else None

    def _show(self, text: str) -> None:
        self.picture.value, self.text.value = self.svg(), f'<div role="status">{text}</div>'

    def svg(self) -> str:
        """The ring as it is now."""
        slots = "".join(self._slot(row) for row in range(self.capacity))
        x, y = _point(INNER - 12, self.memory.position + 0.5, self.capacity)
        fx, fy = _point(INNER - 40, self.memory.position + 0.5, self.capacity)
        arrow = (
            f'<line x1="{fx:.1f}" y1="{fy:.1f}" x2="{x:.1f}" y2="{y:.1f}" stroke="#D55E00" stroke-width="5"/>'
            f'<circle cx="{x:.1f}" cy="{y:.1f}" r="6" fill="#D55E00"/>'
        )
        lines, side = (f"size {len(self.memory)} of {self.capacity}", f"{self.added} added"), 2 * MIDDLE
        words = "".join(f'<text x="{MIDDLE}" y="{MIDDLE - 3 + 18 * i}">{line}</text>' for i, line in enumerate(lines))
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-label="{self.alt()}" width="{side}" '
            f'viewBox="0 0 {side} {side}" style="max-width:100%;height:auto" font-family="sans-serif" '
            f'font-size="14" text-anchor="middle"><circle cx="{MIDDLE}" cy="{MIDDLE}" r="{MIDDLE - 2}" fill="white"/>'
            f"{slots}{arrow}{words}</svg>"
        )

    def alt(self) -> str:
        """The ring in words."""
        held = f"transitions {self.added - len(self.memory)} to {self.added - 1}" if self.added else "nothing yet"
        return f"A ring of {self.capacity} rows that holds {held}; the next one goes to row {self.memory.position}."

    def _slot(self, row: int) -> str:
        number, newest = self._number(row), self.added and row == (self.added - 1) % self.capacity
        fill = "white" if number is None else FILLS[number // self.episode_length % 2]
        corners = [
            _point(radius, row + share, self.capacity)
            for radius, share in ((INNER, 0.03), (OUTER, 0.02), (OUTER, 0.98), (INNER, 0.97))
        ]
        points = " ".join(f"{x:.1f},{y:.1f}" for x, y in corners)
        edge = 'stroke="#0072B2" stroke-width="5"' if self.drawn[row] else 'stroke="#888"'
        edge = 'stroke="#D55E00" stroke-width="4"' if newest and not self.drawn.any() else edge
        x, y = _point((INNER + OUTER) / 2, row + 0.5, self.capacity)
        word = "" if number is None else f"{number}" + (f" ×{self.drawn[row]}" if self.drawn[row] > 1 else "")
        rx, ry = _point(OUTER + 11, row + 0.5, self.capacity)
        label = f'<text x="{rx:.1f}" y="{ry + 4:.1f}" font-size="11" fill="#555">{row}</text>'
        return (
            f'<polygon points="{points}" fill="{fill}" {edge}/><text x="{x:.1f}" y="{y + 5:.1f}">{word}</text>{label}'
        )

    def _repr_mimebundle_(self, **kwargs):
        still = plots.svg_html(self.svg(), self.alt(), 2 * MIDDLE)
        page = {"text/plain": f"[{self.alt()}]", "text/html": still + self.text.value}
        return super()._repr_mimebundle_(**kwargs) | page


def _point(radius: float, row: float, capacity: int) -> tuple[float, float]:
    """A point on the ring; row 0 begins at the top, rows go round clockwise."""
    angle = 2 * math.pi * row / capacity
    return MIDDLE + radius * math.sin(angle), MIDDLE - radius * math.cos(angle)
