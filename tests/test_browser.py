"""The course in a real JupyterLab, as a learner meets it. A screenshot of each state is kept in test-artifacts/.

The tests of a chapter share one page and one kernel, in the order in which they stand: first those that every chapter
must pass, then its answers, buttons, sliders and interrupts, by keyboard and mouse.
"""

import json
import os
import time

import pytest
from browser import ARTIFACTS, CHROMIUM
from browser_fixtures import accessible, answers, chromium, learner, page, server
from conftest import ROOT
from PIL import Image, ImageStat

if CHROMIUM is None and not os.environ.get("CI"):
    pytest.skip(
        "there is no Chromium: install it (Debian: apt install chromium), or set CHROMIUM", allow_module_level=True
    )

SHORT = 0.02  # the share of the trainings that is run


class Chapter:
    """What every chapter must pass; a class is also what goes to one worker."""

    chapter: str

    @pytest.fixture(autouse=True)
    def nothing_goes_wrong(self, learner):
        yield
        assert learner.errors == []
        assert learner.outside == []

    def test_unfilled_in_both_themes(self, learner):
        learner.run_all(budget=SHORT)
        assert learner.stderr_cells() == []
        cards = learner.page.locator(".jp-OutputArea-output [role=status]").filter(has_text="Not started")
        assert cards.count() >= 3
        assert learner.page.get_by_text("had been replaced").count() == 0
        for theme in ("light", "dark"):
            learner.wear(theme)
            assert accessible(learner) == []
            cards.first.scroll_into_view_if_needed()
            learner.picture(f"unfilled-{theme}")
        light, dark = (
            Image.open(ARTIFACTS / f"{self.chapter}-unfilled-{theme}.png").convert("L") for theme in ("light", "dark")
        )
        assert ImageStat.Stat(light).mean[0] > 150 > 100 > ImageStat.Stat(dark).mean[0], "each theme must be worn"

    def test_filled(self, learner, server):
        learner.fill_in(answers(self.chapter))
        assert learner.stderr_cells() == []
        assert learner.page.locator(".jp-OutputArea-output [role=status]").filter(has_text="Not started").count() == 0
        passed = learner.page.locator(".jp-OutputArea-output [role=status]").filter(has_text="Passed")
        exercises = len(json.loads(server.progress.read_text(encoding="utf-8"))["passed"])
        assert passed.count() == len(answers(self.chapter)) and exercises >= 3
        assert learner.page.get_by_text("had been replaced").count() == 0
        passed.first.scroll_into_view_if_needed()
        learner.picture("filled")


def prepare(learner, *cells):
    for cell in cells:
        learner.run(cell)


def move(learner, slider, steps):
    """Move a slider to the right with the keyboard."""
    learner.focus(slider)
    for _ in range(steps):
        learner.page.keyboard.press("ArrowRight")


def its_panel(learner):
    """The chapter's panel, on a chapter that has been run, with the trainings cut short."""
    if not learner.count("lab"):
        learner.run_all(budget=SHORT)
    return learner.cell("lab")


def stop(learner, panel):
    """Press a panel's Stop: it says so, and its curve stays."""
    panel.get_by_role("button", name="Stop").click()
    panel.get_by_text("Stopped after").wait_for(timeout=10_000)
    assert panel.locator("img[alt^=Curve]").count() == 1
    learner.picture("panel-stopped")


def train_by_keyboard(panel):
    """Press Train with the space bar, and wait until the training has ended."""
    panel.get_by_role("button", name="Train").press("Space")
    panel.get_by_text("Finished after").wait_for(timeout=60_000)


def wrong_then_right(learner, exercise, wrong, right, why):
    """Type a wrong answer, whose card must say why it is wrong, then a right one, which must pass."""
    prepare(learner, "setup")
    learner.type_into(f"ex-{exercise}", wrong)
    learner.run(f"ex-{exercise}")
    card = learner.run(f"check-{exercise}").locator("[role=status]")
    assert "Not yet" in card.inner_text() and why in card.inner_text()
    learner.picture("wrong")
    learner.type_into(f"ex-{exercise}", right)
    learner.run(f"ex-{exercise}")
    assert "Passed" in learner.run(f"check-{exercise}").locator("[role=status]").inner_text()


class TestWelcome(Chapter):
    chapter = "00_welcome"

    def test_saved_and_reloaded(self, learner):
        learner.save_and_reload()
        learner.page.locator(".jp-OutputArea-output [role=status]").filter(has_text="Passed").first.wait_for()
        learner.page.locator(".jp-OutputArea-output img").nth(2).wait_for(state="attached")  # cells come one by one
        learner.page.wait_for_function(
            "[...document.querySelectorAll('.jp-OutputArea-output img')].every(i => i.naturalWidth > 0 && i.alt)"
        )
        learner.picture("reloaded")

    def test_the_agent_game_by_keyboard(self, learner):
        prepare(learner, "setup")
        game = learner.run("be-the-agent")
        learner.focus(game.get_by_role("button", name="A", exact=True))
        for key in ("Space", "Tab", "Space", "Tab", "Enter"):
            learner.page.keyboard.press(key)
            learner.page.wait_for_timeout(150)
        assert "step 3" in game.inner_text()
        game.get_by_role("button", name="Tell me what I did").press("Space")
        game.get_by_text("explored").first.wait_for()
        learner.picture("game")

    def test_a_quiz_is_answered_by_keyboard(self, learner):
        prepare(learner, "setup")
        quiz = learner.run("predict-flags")
        learner.focus(quiz.get_by_role("radio").first)
        for key in ("Space", "Tab", "Space"):
            learner.page.keyboard.press(key)
            learner.page.wait_for_timeout(150)
        assert quiz.get_by_role("radio").nth(1).is_checked()
        quiz.get_by_role("button", name="Check my prediction").press("Enter")
        quiz.get_by_text("Right.").wait_for()
        learner.picture("quiz")

    def test_a_wrong_answer_then_a_right_one_then_the_same_check_again(self, learner):
        learner.run("setup")
        right = "def discounted_return(rewards, gamma):\n    return sum(gamma**t * r for t, r in enumerate(rewards))"
        learner.type_into("ex-discounted-return", right.replace("gamma**t", "gamma"))
        learner.run("ex-discounted-return")
        card = learner.run("check-discounted-return").locator("[role=status]")
        assert "Not yet" in card.inner_text() and "the same γ" in card.inner_text()
        assert "had been replaced" not in card.inner_text()
        learner.picture("wrong")
        card = learner.run("check-discounted-return").locator("[role=status]")
        assert "Run the exercise's cell again" in card.inner_text()
        learner.type_into("ex-discounted-return", right + "]")
        learner.run("ex-discounted-return")
        card = learner.run("check-discounted-return").locator("[role=status]")
        assert "syntax error in line 2" in card.inner_text()
        learner.type_into("ex-discounted-return", right)
        learner.run("ex-discounted-return")
        for _ in range(2):
            card = learner.run("check-discounted-return").locator("[role=status]")
            assert "Passed" in card.inner_text()
        learner.picture("right")
        learner.type_into("ex-discounted-return", "def discounted_return(rewards, gamma):\n    while True: pass")
        learner.run("ex-discounted-return")
        card = learner.run("check-discounted-return").locator("[role=status]")
        assert "did not finish within" in card.inner_text()


class TestTabularQLearning(Chapter):
    chapter = "01_tabular_q_learning"

    def test_the_stepper_by_keyboard(self, learner):
        prepare(learner, "setup", "check-greedy-action", "check-epsilon-greedy", "check-q-update")
        stepper = learner.run("stepper")
        learner.focus(stepper.get_by_role("button", name="One step"))
        for step in (1, 2):
            learner.page.keyboard.press("Space")
            stepper.get_by_text(f"Episode 1, step {step}.").wait_for()
        assert "TD error" in stepper.inner_text()
        thumb = stepper.get_by_role("slider").first
        before = thumb.get_attribute("aria-valuenow")
        move(learner, thumb, 1)
        learner.page.wait_for_timeout(200)
        assert float(thumb.get_attribute("aria-valuenow")) > float(before)
        stepper.get_by_role("button", name="One episode").press("Enter")
        learner.page.wait_for_timeout(500)
        assert accessible(learner) == []
        learner.picture("stepper")

    def test_a_panel_is_started_and_stopped(self, learner):
        prepare(learner, "setup", "make-cliff", "check-greedy-action", "check-epsilon-greedy", "check-q-update")
        prepare(learner, "check-q-learning-loop")
        learner.set_budget(1)
        panel = learner.run("lab")
        epsilon = panel.get_by_role("slider").nth(2)
        move(learner, epsilon, 16)  # a lot of exploration makes the training slow enough to stop it
        panel.get_by_role("button", name="Train").click()
        panel.get_by_text("Episode").first.wait_for()
        learner.picture("panel-training")
        stop(learner, panel)

    def test_interrupting_a_training_keeps_the_curve(self, learner):
        prepare(learner, "setup", "make-cliff", "check-greedy-action", "check-epsilon-greedy", "check-q-update")
        prepare(learner, "check-q-learning-loop")
        slow = "import time\nwith Live(500) as live:\n    for i in range(500):\n        live.update(i, i)\n"
        slow += "        time.sleep(0.05)"
        learner.type_into("train-cliff", slow)
        cell = learner.cell("train-cliff")
        learner.page.evaluate("() => { jupyterapp.commands.execute('notebook:run-cell') }")
        cell.locator("img").wait_for()
        learner.page.evaluate("() => { jupyterapp.commands.execute('notebook:interrupt-kernel') }")
        cell.get_by_text("interrupted; what was trained so far is kept").wait_for(timeout=10_000)
        assert learner.stderr_cells() == []


class TestExploration(Chapter):
    chapter = "02_exploration"

    def test_the_regret_panel_moves_with_its_slider(self, learner):
        panel = its_panel(learner)
        thumb = panel.get_by_role("slider").first
        before = float(thumb.get_attribute("aria-valuenow"))
        move(learner, thumb, 10)
        learner.page.wait_for_timeout(200)
        assert float(thumb.get_attribute("aria-valuenow")) > before
        train_by_keyboard(panel)
        panel.locator("img[alt^=Curve]").wait_for()
        learner.picture("panel")


class TestDeepQNetwork(Chapter):
    chapter = "03_deep_q_network"

    def test_a_wrong_tensor_answer_is_named(self, learner):
        right = (
            "def td_target(rewards, next_q_values, terminated, gamma):\n"
            "    with torch.no_grad():\n"
            "        return rewards + gamma * ~terminated * next_q_values.max(dim=1).values"
        )
        wrong = right.replace("with torch.no_grad()", "if True")
        wrong_then_right(learner, "td-target", wrong, right, "gradient")


class TestReplayMemory(Chapter):
    chapter = "04_replay_memory"

    def test_the_ring_by_keyboard(self, learner):
        prepare(learner, "setup", "batch", "given", "check-ring-add", "check-uniform-sample")
        player = learner.run("player")
        player.get_by_role("button", name="Draw a batch").press("Space")
        player.get_by_text("too large").wait_for()
        for _ in range(3):
            player.get_by_role("button").first.press("Space")
            learner.page.wait_for_timeout(150)
        assert player.locator("svg").count() >= 1
        assert accessible(learner) == []
        learner.picture("ring")


class TestTargetNetworks(Chapter):
    chapter = "05_target_networks"
    parts = ("setup", "check-hard-update", "check-soft-update", "check-frozen-td-target", "config", "run", "actor")

    def test_a_dqn_training_is_stopped_from_its_panel(self, learner):
        prepare(learner, *self.parts, "check-dqn-loop", "check-double-td-target")
        learner.set_budget(1)
        panel = learner.run("lab")
        panel.get_by_role("button", name="Train").click()
        panel.locator("img[alt^=Curve]").wait_for(timeout=60_000)
        stop(learner, panel)

    def test_interrupting_a_dqn_training_keeps_curve_and_weights(self, learner):
        prepare(learner, *self.parts, "check-dqn-loop")
        learner.type_into(
            "train-first",
            "run = DQNRun(DQNConfig(learning_starts=200), SEED)\n"
            "with Live(1_000_000, by_step=True) as live:\n"
            "    train_dqn(run, 1_000_000, frozen_td_target, on_episode=live.update)",
        )
        cell = learner.cell("train-first")
        learner.page.evaluate("() => { jupyterapp.commands.execute('notebook:run-cell') }")
        cell.locator("img").wait_for(timeout=60_000)
        learner.page.evaluate("() => { jupyterapp.commands.execute('notebook:interrupt-kernel') }")
        cell.get_by_text("interrupted; what was trained so far is kept").wait_for(timeout=20_000)
        go_on = "assert 0 < run.step < 1_000_000 and run.returns\ntrain_dqn(run, 50, frozen_td_target)"
        learner.type_into("train-on", go_on)
        learner.run("train-on")
        assert learner.stderr_cells() == []
        learner.picture("interrupted")


class TestBetterDQN(Chapter):
    chapter = "06_better_dqn"

    def test_an_agent_is_composed_from_switches_by_keyboard(self, learner):
        panel = its_panel(learner)
        switch = panel.get_by_role("checkbox").first
        learner.focus(switch)
        learner.page.keyboard.press("Space")
        learner.page.wait_for_timeout(300)
        assert not switch.is_checked()
        train_by_keyboard(panel)
        learner.picture("panel")


class TestPong(Chapter):
    chapter = "07_pong"


class TestPolicyGradient(Chapter):
    chapter = "08_policy_gradient"

    def test_a_missing_minus_is_named(self, learner):
        right = "def reinforce_loss(log_probs, advantages):\n    return -(log_probs * advantages.detach()).mean()"
        wrong = right.replace("-(", "(")
        wrong_then_right(learner, "reinforce-loss", wrong, right, "minus")

    def test_the_softmax_bars_by_keyboard(self, learner):
        prepare(learner, "setup")
        bars = learner.run("widget")
        picture = bars.locator("svg[role=img]")
        before = picture.get_attribute("aria-label")
        move(learner, bars.get_by_role("slider").nth(2), 15)  # the worst arm's reward goes up, from −0.5 to 1
        learner.page.wait_for_timeout(300)
        dragged = picture.get_attribute("aria-label")
        assert before != dragged and "After 0 steps" in dragged and "reward +1.0" in picture.text_content()
        bars.get_by_role("button", name="Take the step").press("Space")
        learner.page.wait_for_timeout(300)
        assert "After 1 steps" in picture.get_attribute("aria-label")
        assert accessible(learner) == []
        learner.picture("bars")


class TestActorCritic(Chapter):
    chapter = "09_actor_critic"


class TestPPO(Chapter):
    chapter = "10_ppo"

    def test_the_panel_of_ppo_shows_three_curves(self, learner):
        panel = its_panel(learner)
        move(learner, panel.get_by_role("slider").first, 3)
        train_by_keyboard(panel)
        panel.locator("img[alt*='approximate KL'][alt*='clip fraction']").wait_for()
        learner.picture("panel")


def test_every_chapter_is_tested():
    chapters = sorted(path.stem for path in (ROOT / "solutions").glob("*.ipynb"))
    assert sorted(test.chapter for test in Chapter.__subclasses__()) == chapters


def test_screenshots_were_kept():
    assert len(list(ARTIFACTS.glob("*.png"))) >= 8
    assert max(path.stat().st_mtime for path in ARTIFACTS.glob("*.png")) > time.time() - 3_600
