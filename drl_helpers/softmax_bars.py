"""The softmax player: a policy over three arms as bars, and where a step of policy gradient moves them."""

from collections.abc import Sequence

import ipywidgets as widgets
import numpy as np

from drl_helpers import plots

WIDTH, HEIGHT, BASE, TOP = 460, 260, 214, 30  # of the picture, in pixels; where probabilities 0 and 1 lie
EXPECTED = "the average of all pulls"


class SoftmaxBars(widgets.VBox):
    """Bars for π(a) of a softmax over three arms; arrows show what one step of gradient ascent does to them.

    Args:
        rewards: what each arm pays, in [-2, 2].
        step_size: of the gradient ascent on the three preferences.
    """

    def __init__(self, rewards: Sequence[float] = (1.0, 0.2, -0.5), step_size: float = 1.0):
        self.step_size, self.preferences, self.steps = step_size, np.zeros(3), 0
        style = {"style": {"description_width": "initial"}}
        self.rewards = [
            widgets.FloatSlider(value=reward, min=-2, max=2, step=0.1, description=f"reward of arm {arm}", **style)
            for arm, reward in enumerate(rewards)
        ]
        self.pulled = widgets.Dropdown(
            options=[(EXPECTED, None), *((f"one pull of arm {arm}", arm) for arm in range(3))],
            description="update from",
            **style,
        )
        self.baseline = widgets.Checkbox(value=False, description="subtract the mean reward J", indent=False)
        self.step_button = widgets.Button(description="Take the step", button_style="primary")
        self.reset_button = widgets.Button(description="Start afresh")
        self.picture, self.text = widgets.HTML(), widgets.HTML()
        self.step_button.on_click(lambda _: self.step())
        self.reset_button.on_click(lambda _: self.reset())
        for control in (*self.rewards, self.pulled, self.baseline):
            control.observe(lambda _: self._show(), "value")
        controls = [*self.rewards, self.pulled, self.baseline, widgets.HBox([self.step_button, self.reset_button])]
        super().__init__([*controls, self.picture, self.text])
        self._show()

    def policy(self) -> np.ndarray:
        """π(a), the softmax of the preferences, shape (3,)."""
        return _softmax(self.preferences)

    def objective(self) -> float:
        """J, the mean reward under the policy."""
        return float(self.policy() @ self._paid())

    def gradient(self) -> np.ndarray:
        """The update's direction on the preferences, shape (3,): in expectation, or from the one pull chosen."""
        policy, paid, arm = self.policy(), self._paid(), self.pulled.value
        if arm is None:
            return policy * (paid - self.objective())
        return (paid[arm] - self.objective() * self.baseline.value) * (np.eye(3)[arm] - policy)

    def step(self) -> None:
        """One step of gradient ascent."""
        self.preferences = self.preferences + self.step_size * self.gradient()
        self.steps += 1
        self._show()

    def reset(self) -> None:
        """Back to three equal probabilities."""
        self.preferences, self.steps = np.zeros(3), 0
        self._show()

    def _paid(self) -> np.ndarray:
        return np.array([slider.value for slider in self.rewards])

    def _show(self) -> None:
        self.picture.value, self.text.value = self.svg(), f'<div role="status">{self.alt()}</div>'

    def alt(self) -> str:
        """The picture in words."""
        before, after = self.policy(), _softmax(self.preferences + self.step_size * self.gradient())
        arms = (f"π({arm}) = {before[arm]:.2f}, to become {after[arm]:.2f}" for arm in range(3))
        return f"After {self.steps} steps: J = {self.objective():.2f}; {'; '.join(arms)}."

    def svg(self) -> str:
        """Bars as they are, and an arrow from each to where the step would take it."""
        before, gradient = self.policy(), self.gradient()
        after = _softmax(self.preferences + self.step_size * gradient)
        lines = "".join(
            f'<line x1="40" y1="{_y(share)}" x2="{WIDTH - 6}" y2="{_y(share)}" stroke="#ccc"/>'
            f'<text x="34" y="{_y(share) + 4}" text-anchor="end" font-size="11">{share:g}</text>'
            for share in (0, 0.25, 0.5, 0.75, 1)
        )
        arms = "".join(_arm(arm, before[arm], after[arm], gradient[arm], self._paid()[arm]) for arm in range(3))
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-label="{self.alt()}" width="{WIDTH}" '
            f'viewBox="0 0 {WIDTH} {HEIGHT}" style="max-width:100%;height:auto" font-family="sans-serif" '
            f'font-size="13" text-anchor="middle"><rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>'
            f'<text x="{WIDTH / 2}" y="16">π(a), and where one step takes it</text>{lines}{arms}</svg>'
        )

    def _repr_mimebundle_(self, **kwargs):
        still = plots.svg_html(self.svg(), self.alt(), WIDTH)
        page = {"text/plain": f"[{self.alt()}]", "text/html": still + self.text.value}
        return super()._repr_mimebundle_(**kwargs) | page


def _softmax(preferences: np.ndarray) -> np.ndarray:
    weights = np.exp(preferences - preferences.max())
    return weights / weights.sum()


def _y(share: float) -> float:
    """The height of a probability on the picture."""
    return round(BASE - share * (BASE - TOP), 1)


def _arm(arm: int, before: float, after: float, gradient: float, paid: float) -> str:
    """One bar, its arrow, and its numbers."""
    left, middle, start, end = 62 + 132 * arm, 112 + 132 * arm, _y(before), _y(after)
    tip = max(-8, min(8, end - start))
    head = f"{middle - 7},{end - tip:.1f} {middle + 7},{end - tip:.1f} {middle},{end}"
    arrow = (
        f'<line x1="{middle}" y1="{start}" x2="{middle}" y2="{end}" stroke="#D55E00" stroke-width="4"/>'
        f'<polygon points="{head}" fill="#D55E00"/>'
    )
    word = f'<tspan font-weight="bold">{before:.2f}</tspan>'
    return (
        f'<rect x="{left}" y="{start}" width="100" height="{round(BASE - start, 1)}" fill="#56B4E9" stroke="#0072B2"/>'
        f"{arrow if abs(end - start) >= 0.5 else ''}"
        f'<text x="{left + 24}" y="{BASE - 6}">{word}</text>'
        f'<text x="{middle}" y="{BASE + 18}" font-size="12">arm {arm}: reward {paid:+.1f}</text>'
        f'<text x="{middle}" y="{BASE + 36}" font-size="12">gradient {gradient:+.2f}</text>'
    )
