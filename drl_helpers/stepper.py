"""The Q-table stepper: watch one-step updates change a table on a grid, number by number."""

import html
import time
from collections.abc import Callable
from threading import RLock, Thread

import gymnasium as gym
import ipywidgets as widgets
import numpy as np

from drl_helpers import plots
from drl_helpers.grid_svg import q_table_svg

NAMES = {"U": "up ↑", "R": "right →", "D": "down ↓", "L": "left ←"}


class QTableStepper(widgets.VBox):
    """A grid with the values of all actions in each cell; steps by button, by keyboard, or played.

    Args:
        env: observations are cell numbers, row by row.
        cells: one string a row, a letter a cell; H, C and G mark holes, cliff and goal.
        directions: the direction of each action in order, for instance "LDRU".
        act: `act(q_values, epsilon, rng) -> action`.
        update: changes q_table in place; its arguments are those of the chapter's Q-learning update.
        seed: of the environment and of the action choice.
    """

    def __init__(self, env: gym.Env, cells: list[str], directions: str, act: Callable, update: Callable, seed: int = 0):
        self.env, self.cells, self.directions = env, cells, directions
        self._act, self._update, self.seed = act, update, seed
        slider = {"max": 1.0, "step": 0.05, "style": {"description_width": "initial"}}
        self.alpha = widgets.FloatSlider(value=0.5, min=0.05, description="α (step size)", **slider)
        self.gamma = widgets.FloatSlider(value=0.9, description="γ (discount)", **slider)
        self.epsilon = widgets.FloatSlider(value=0.1, description="ε (explore)", **slider)
        self.speed = widgets.IntSlider(value=5, min=1, max=20, description="steps / s")
        self.step_button = widgets.Button(description="One step", button_style="primary")
        self.episode_button = widgets.Button(description="One episode")
        self.many_button = widgets.Button(description="25 episodes")
        self.reset_button = widgets.Button(description="Start afresh")
        self.play = widgets.ToggleButton(description="Play", icon="play")
        self.picture, self.text = widgets.HTML(), widgets.HTML()
        self.step_button.on_click(lambda _: self.step())
        self.episode_button.on_click(lambda _: self.finish_episode())
        self.many_button.on_click(lambda _: [self.finish_episode() for _ in range(25)])
        self.reset_button.on_click(lambda _: self.reset())
        self.play.observe(
            lambda change: change["new"] and Thread(target=self._keep_stepping, daemon=True).start(), "value"
        )
        self._lock = RLock()  # a click may come while it plays
        sliders = widgets.HBox([self.alpha, self.gamma, self.epsilon, self.speed], layout={"flex_flow": "row wrap"})
        buttons = widgets.HBox([self.step_button, self.episode_button, self.many_button, self.play, self.reset_button])
        super().__init__([sliders, buttons, self.picture, self.text])
        self.reset()

    def reset(self) -> None:
        """Empty the table and begin the first episode again."""
        self.failed = False
        self.q_table = np.zeros((self.env.observation_space.n, self.env.action_space.n))
        self.rng = np.random.default_rng(self.seed)
        self.obs, _ = self.env.reset(seed=self.seed)
        self.episode, self.steps, self.over, self.changed = 1, 0, False, None
        self._show("The table is empty. Take one step.")

    def _keep_stepping(self) -> None:
        while self.play.value:
            self.step()
            time.sleep(1 / self.speed.value)

    def step(self) -> None:
        """One step of the environment and one update of the table; after an episode's end, a new episode."""
        with self._lock:
            self._show(self._advance())

    def _advance(self) -> str:
        """As `step`, without drawing; returns what there is to say."""
        if self.over:
            self.obs, _ = self.env.reset()
            self.episode, self.steps, self.over, self.changed = self.episode + 1, 0, False, None
            return f"Episode {self.episode} begins in cell {self.obs}."
        obs, settings = self.obs, (self.alpha.value, self.gamma.value)
        try:
            action = int(self._act(self.q_table[obs], self.epsilon.value, self.rng))
            self.obs, reward, terminated, truncated, _ = self.env.step(action)
            self.steps, self.over, self.changed = self.steps + 1, terminated or truncated, (obs, action)
            before, best = self.q_table[obs, action], self.q_table[self.obs].max()
            self._update(self.q_table, obs, action, reward, self.obs, terminated, *settings)
        except Exception as error:
            self.failed = True
            return f"Your code raised {type(error).__name__}: {html.escape(str(error))}"
        return self._arithmetic(obs, action, reward, terminated, truncated, before, best)

    def finish_episode(self) -> None:
        """Step to the end of this episode, or of the next one; for at most 1,000 steps."""
        with self._lock:
            said, self.failed = self._advance(), False
            for _ in range(1_000):
                if self.over or self.failed:
                    break
                said = self._advance()
            self._show(said)

    def _arithmetic(self, obs, action, reward, terminated, truncated, before, best) -> str:
        alpha, gamma = self.alpha.value, self.gamma.value
        target = reward + (0 if terminated else gamma * best)
        after, where = self.q_table[obs, action], NAMES[self.directions[action]]
        how = f"r + γ max Q(s′, ·) = {reward:g} + {gamma:g} × {best:.3f}"
        how = f"r = {reward:g}, as s′ is terminal" if terminated else how
        ending = " The episode has terminated." if terminated else " The episode was truncated." if truncated else ""
        lines = [
            f"<strong>Episode {self.episode}, step {self.steps}.</strong> In cell {obs}, {where}: "
            f"reward {reward:g}, next cell {self.obs}.{ending}",
            f"target = {how} = <strong>{target:.3f}</strong>",
            f"TD error = target − Q(s, a) = {target:.3f} − {before:.3f} = <strong>{target - before:.3f}</strong>",
            f"Q(s, a) ← {before:.3f} + {alpha:g} × {target - before:.3f} = <strong>{after:.3f}</strong>",
        ]
        return "<br>".join(lines)

    def _show(self, text: str) -> None:
        self.picture.value = self.svg()
        self.text.value = f'<div role="status" style="line-height:1.6">{text}</div>'

    def svg(self) -> str:
        """The grid as it is now."""
        return q_table_svg(self.q_table, self.cells, self.directions, int(self.obs), self.changed)

    def _repr_mimebundle_(self, **kwargs):
        still = plots.svg_html(self.svg(), "The Q-table on its grid", 480)
        return super()._repr_mimebundle_(**kwargs) | {"text/plain": "[Stepper]", "text/html": still + self.text.value}
