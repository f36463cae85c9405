"""Be the agent: play a small environment by buttons, without being told its rules, then see what you did."""

import html
from collections import defaultdict

import gymnasium as gym
import ipywidgets as widgets
import numpy as np

BUTTONS = "ABCD"
MOVES = ("left", "down", "right", "up")


class AgentGame(widgets.VBox):
    """Buttons A to D, an observation and a reward: all that an agent ever gets.

    The world is FrozenLake on a small map, not slippery; which button moves where is drawn by `seed`.

    Args:
        seed: decides what the buttons do.
        cells: the map, one string a row.
    """

    def __init__(self, seed: int, cells: tuple[str, ...] = ("SFF", "FHF", "FFG")):
        self.cells = cells
        self.env = gym.make("FrozenLake-v1", desc=list(cells), is_slippery=False)
        self.meaning = np.random.default_rng(99 + seed).permutation(4)  # button → action
        self.buttons = [widgets.Button(description=name, layout={"width": "5em"}) for name in BUTTONS]
        for index, button in enumerate(self.buttons):
            button.on_click(lambda _, index=index: self.press(index))
        self.tell_button = widgets.Button(description="Tell me what I did", layout={"width": "auto"})
        self.tell_button.on_click(lambda _: self.tell())
        self.screen, self.story = widgets.HTML(), widgets.HTML()
        self.history: list[tuple[int, int, int, float, bool]] = []  # episode, obs, button, reward, over
        self.episode, self.obs = 1, self.env.reset(seed=seed)[0]
        super().__init__([self.screen, widgets.HBox([*self.buttons, self.tell_button]), self.story])
        self._show("Press a button.")

    def press(self, index: int) -> None:
        """Do what button number `index` does."""
        obs = self.obs
        self.obs, reward, terminated, truncated, _ = self.env.step(int(self.meaning[index]))
        over = terminated or truncated
        self.history.append((self.episode, int(obs), index, float(reward), over))
        said = f"Button {BUTTONS[index]}: reward {reward:g}, observation {self.obs}."
        if over:
            self.episode, self.obs = self.episode + 1, self.env.reset()[0]
            said += " <strong>The episode is over</strong>; a new one begins."
        self._show(said)

    def _show(self, said: str) -> None:
        total = sum(reward for *_, reward, _ in self.history)
        status = f"Episode {self.episode} · step {len(self.history)} · rewards so far {total:g}"
        self.screen.value = (
            f'<div role="status" style="line-height:1.7">{said}<br>You observe: '
            f'<span style="font-size:200%"><strong>{self.obs}</strong></span><br>{status}</div>'
        )

    def tell(self) -> None:
        """Say what the player did, in the field's words, and uncover the world."""
        lines = "".join(f"<li>{line}</li>" for line in self.summary())
        self.story.value = f'<ul style="line-height:1.6">{lines}</ul><pre>{html.escape(self.uncovered())}</pre>'

    def summary(self) -> list[str]:
        """Sentences on exploring, exploiting and estimating, from what was played."""
        if not self.history:
            return ["You have not pressed a button yet."]
        tried, explored, repeated = set(), 0, 0
        for _, obs, button, _, _ in self.history:
            explored += (obs, button) not in tried
            repeated += (obs, button) in tried
            tried.add((obs, button))
        returns = defaultdict(float)
        for episode, *_, reward, _ in self.history:
            returns[episode] += reward
        finished = [episode for episode, *_, over in self.history if over]
        lines = [
            f"You <strong>explored</strong> in {explored} of {len(self.history)} steps: you did something there "
            "that you had never done there before.",
            f"In the other steps, {repeated} in number, you did what you had done there before. Where you chose it "
            "because it had served you well, you <strong>exploited</strong>.",
            f"Episodes finished: {len(finished)}; with the reward: {sum(returns[e] > 0 for e in finished)}.",
        ]
        start = self.history[0][1]
        firsts = defaultdict(list)
        for index, (episode, obs, button, _, _) in enumerate(self.history):
            is_first = index == 0 or self.history[index - 1][0] != episode
            if is_first and obs == start and episode in finished:
                firsts[button].append(returns[episode])
        if firsts:
            values = ", ".join(f"{BUTTONS[b]}: {np.mean(r):.2f}" for b, r in sorted(firsts.items()))
            lines.append(
                f"What the episode brought after each first press, on average: {values}. These are estimates of a "
                "<strong>value</strong>: how good a button is at the start, with all that comes after it."
            )
        return lines

    def uncovered(self) -> str:
        """The map with its observations, and what the buttons do."""
        width = len(self.cells[0])
        rows = [
            "   ".join(f"{r * width + c}:{letter}" for c, letter in enumerate(row)) for r, row in enumerate(self.cells)
        ]
        moves = ", ".join(f"{name} = {MOVES[self.meaning[i]]}" for i, name in enumerate(BUTTONS))
        return "\n".join([*rows, "S start, F frozen ground, H hole, G goal (reward 1)", moves])

    def _repr_mimebundle_(self, **kwargs):
        page = f"<p>A game with the buttons {', '.join(BUTTONS)}.</p>{self.screen.value}{self.story.value}"
        return super()._repr_mimebundle_(**kwargs) | {"text/plain": "[Be the agent]", "text/html": page}
