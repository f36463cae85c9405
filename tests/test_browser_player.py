"""The player in a real JupyterLab: by keyboard, two in a page, in both themes, and as a still where scripts are cut."""

import os
import re

import nbformat
import numpy as np
import pytest
from browser import ARTIFACTS, CHROMIUM
from browser_fixtures import accessible, chromium, open_notebook, server
from PIL import Image, ImageStat

from drl_helpers.player import player_html

if CHROMIUM is None and not os.environ.get("CI"):
    pytest.skip(
        "there is no Chromium: install it (Debian: apt install chromium), or set CHROMIUM", allow_module_level=True
    )

GAME = """
import ale_py
import gymnasium as gym
import numpy as np
from drl_helpers.player import show_player

gym.register_envs(ale_py)
env = gym.make("ALE/Pong-v5", render_mode="rgb_array")
env.reset(seed=0)
rng, pictures, actions = np.random.default_rng(0), [], []
for _ in range(220):
    pictures.append(env.render())
    actions.append(int(rng.integers(3)))
    env.step([0, 2, 3][actions[-1]])
env.close()
waves = np.sin(np.arange(220)[:, None] / 20 + np.arange(3)) * [0.3, 0.7, 0.5] + 0.2
q_values = waves + 0.4 * np.eye(3)[actions]
""".strip()
SHOW = """
show_player(
    pictures[70:], q_values[70:], actions[70:], ["stay", "up", "down"],
    alt="A rally of Pong played at random", caption="While the ball flies to the right, the values part.",
)
""".strip()


def notebook(server, name, sources, outputs=()):
    """A small notebook of these cells (their ids: cell-0, cell-1, …), the last one with these outputs."""
    cells = [nbformat.v4.new_code_cell(source, id=f"cell-{index}") for index, source in enumerate(sources)]
    cells[-1]["outputs"] = list(outputs)
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    cells.insert(0, nbformat.v4.new_markdown_cell("# A player"))
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata=kernel), server.course / f"{name}.ipynb")
    return f"{name}.ipynb"


def step(player):
    """The step that a player says it is at, after seeing that its slider agrees."""
    said = re.match(r"Step (\d+) of 150\nThe agent chooses: (stay|up|down)$", player.get_by_role("status").inner_text())
    assert player.get_by_role("slider").input_value() == said[1]
    return int(said[1])


def drawn(player):
    """The pixels of the picture, as one text."""
    return player.locator("canvas").evaluate("canvas => canvas.toDataURL()")


def test_a_game_is_played_by_keyboard(open_notebook, server):
    learner = open_notebook(notebook(server, "player", [GAME, SHOW, SHOW]))
    learner.run("cell-0")
    players = [learner.run(cell).locator(".drl-player") for cell in ("cell-1", "cell-2")]
    player, other = players
    other.locator("canvas").wait_for()
    player.locator("canvas").scroll_into_view_if_needed()
    first, page = drawn(player), learner.page
    learner.focus(player.get_by_role("button", name="Play"))
    assert step(player) == 1, "it must not start by itself"
    page.keyboard.press("Space")
    player.get_by_role("button", name="Pause").wait_for()
    assert player.get_by_role("status").get_attribute("aria-live") == "off"
    page.wait_for_timeout(1_000)
    page.keyboard.press("Enter")
    player.get_by_role("button", name="Play").wait_for()
    paused = step(player)
    assert paused > 3 and drawn(player) != first
    page.wait_for_timeout(300)
    assert step(player) == paused and player.get_by_role("status").get_attribute("aria-live") == "polite"
    page.keyboard.press("Tab")
    for key in ("ArrowRight", "ArrowUp", "ArrowRight", "ArrowLeft"):
        page.keyboard.press(key)
    assert step(player) == paused + 2
    page.keyboard.press("Tab")
    page.keyboard.press("2")
    assert player.get_by_role("combobox").input_value() == "2"
    assert step(other) == 1, "the other player must not move"
    assert page.evaluate("jupyterapp.shell.currentWidget.content.mode") == "command"
    for theme in ("light", "dark"):
        learner.wear(theme)
        assert accessible(learner) == []
        player.scroll_into_view_if_needed()
        learner.picture(theme)
    light, dark = (Image.open(ARTIFACTS / f"player-{theme}.png").convert("L") for theme in ("light", "dark"))
    assert ImageStat.Stat(light).mean[0] > 150 > 100 > ImageStat.Stat(dark).mean[0]


def test_it_plays_to_the_end_while_the_kernel_is_busy(open_notebook, server):
    learner = open_notebook(notebook(server, "busy", [GAME, SHOW, "import time; time.sleep(60)"]))
    learner.run("cell-0")
    player = learner.run("cell-1").locator(".drl-player")
    learner.cell("cell-2")
    learner.page.evaluate("() => { jupyterapp.commands.execute('notebook:run-cell') }")
    busy = "jupyterapp.shell.currentWidget.sessionContext.session.kernel.status == 'busy'"
    learner.page.wait_for_function(busy)
    player.get_by_role("slider").fill("145")
    player.get_by_role("button", name="Play").press("Enter")
    player.get_by_text("Step 150 of 150").wait_for(timeout=10_000)
    player.get_by_role("button", name="Play").press("Enter")  # at the end, it begins again
    player.get_by_role("button", name="Pause").press("Enter")
    assert step(player) < 100 and learner.page.evaluate(busy)


def test_without_trust_a_still_with_its_caption_stays(open_notebook, server):
    picture = np.full((210, 160, 3), (144, 72, 17), np.uint8)
    page = player_html([picture] * 3, np.eye(3), [0, 1, 2], ["stay", "up", "down"], "A still of Pong", "Its caption")
    output = nbformat.v4.new_output("display_data", {"text/html": page})
    learner = open_notebook(notebook(server, "untrusted", ["show_player(...)"], [output]))
    shown = learner.cell("cell-0").locator(".jp-OutputArea-output")
    still = shown.get_by_role("img", name="A still of Pong")
    still.wait_for()
    assert still.bounding_box()["width"] == 440 and still.evaluate("image => image.naturalWidth") == 440
    assert shown.inner_text().strip() == "Its caption"
    assert shown.locator("button, input, select, canvas").count() == 0
    learner.picture("still")
