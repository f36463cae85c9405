"""The helpers: numbers, pictures, widgets; bad input gets a sentence."""

import base64
import contextlib
import io
import itertools
import re
import signal
import threading
import time
from types import SimpleNamespace

import gymnasium as gym
import numpy as np
import pytest
import torch

from drl_helpers import interrupt, live, plots
from drl_helpers.evaluate import binned, budget, evaluate, interval_text, mean_interval
from drl_helpers.lab import Lab
from drl_helpers.play import episode_frames, webp, with_curves
from drl_helpers.quiz import Quiz
from drl_helpers.stepper import QTableStepper


def test_budget(monkeypatch):
    for name in ("DRL_BUDGET", "NBGRADER_EXECUTION"):
        monkeypatch.delenv(name, raising=False)
    assert budget(50_000) == 50_000
    monkeypatch.setenv("DRL_BUDGET", "0.02")
    assert budget(50_000) == 1_000 and budget(3) == 2
    monkeypatch.delenv("DRL_BUDGET")
    monkeypatch.setenv("NBGRADER_EXECUTION", "autograde")
    assert budget(50_000) == 1_000, "trainings are short while nbgrader grades"
    for bad in ("0", "2", "much", "-1", "nan"):
        monkeypatch.setenv("DRL_BUDGET", bad)
        with pytest.raises(ValueError, match="set it to a number"):
            budget(10)


def test_mean_interval_covers_the_truth_as_often_as_it_says():
    rng = np.random.default_rng(0)
    hits = 0
    for _ in range(200):
        _, low, high = mean_interval(rng.normal(3.0, 1.0, size=20))
        hits += low <= 3.0 <= high
    assert 0.86 <= hits / 200 <= 0.99
    mean, low, high = mean_interval(np.full((20, 5), 0.1))
    assert mean.shape == (5,) and (low <= mean).all() and (mean <= high).all()
    for bad in ([], 3.0):
        with pytest.raises(ValueError, match="shape"):
            mean_interval(bad)
    assert interval_text([1.0, 1.0]) == "1.0 [1.0, 1.0]"


def test_binned():
    assert binned([1, 3, 5, 7, 9], 2).tolist() == [2.0, 6.0]


def test_evaluate_is_repeatable_and_wants_a_time_limit():
    env = gym.make("CartPole-v1")
    rewards = evaluate(env, lambda obs: int(obs[2] > 0), 5, seed=1)
    assert rewards.shape == (5,) and (rewards == evaluate(env, lambda obs: int(obs[2] > 0), 5, seed=1)).all()
    with pytest.raises(ValueError, match="max_episode_steps"):
        evaluate(gym.make("CliffWalking-v1"), lambda obs: 0, 1, seed=0)


def test_episode_frames_and_animation():
    with pytest.raises(ValueError, match="rgb_array"):
        episode_frames(gym.make("FrozenLake-v1"), lambda obs: 0, seed=0)
    env = gym.make("FrozenLake-v1", render_mode="rgb_array", is_slippery=False)
    path = iter([2, 2, 1, 1, 1, 2])
    frames, total = episode_frames(env, lambda obs: next(path), seed=0)
    assert len(frames) == 7 and total == 1.0
    data = webp(frames, width=100)
    assert data[:4] == b"RIFF" and data[8:12] == b"WEBP" and len(data) < 20_000


def test_curves_below_frames_mark_the_present():
    frames = [np.full((60, 300, 3), 200, np.uint8) for _ in range(5)]
    shown = with_curves(frames, {"left": np.arange(50), "right": -np.arange(50)}, "value")
    assert len(shown) == 5 and len({picture.shape for picture in shown}) == 1
    assert shown[0].shape[1] == 300 and (shown[0][:60] == 200).all()
    columns = [np.flatnonzero((picture[60:] < 40).all(axis=2).sum(axis=0) > 60) for picture in shown]
    middles = [column.mean() for column in columns if len(column)]
    assert len(middles) == 5 and middles == sorted(middles) and middles[-1] - middles[0] > 150


def test_figures_have_alt_text(monkeypatch):
    shown = []
    monkeypatch.setattr(plots, "display", lambda data, raw: shown.append(data))
    fig, ax = plots.figure()
    plots.curves(ax, {"a": np.zeros((3, 4)), "b": np.ones((3, 4))})
    plots.show(fig, alt='A "flat" line', caption="Flat.")
    assert 'alt="A &quot;flat&quot; line"' in shown[0]["text/html"]
    assert shown[0]["text/plain"] == '[Figure: A "flat" line]'


def test_policy_marks_show_ties():
    marks = plots.policy_marks(np.array([[1.0, 1.0], [0.0, 2.0], [0.0, 0.0]]), {0: "L", 1: "R"}, skip=[2])
    assert marks == {0: "LR", 1: "R"}


class Handle:
    def __init__(self):
        self.pages = []

    def update(self, page):
        self.pages.append(page)


def test_live_keeps_the_curve_on_interrupt(monkeypatch):
    handle = Handle()
    monkeypatch.setattr(live, "display", lambda page, display_id: handle)
    with live.Live(10) as watch:
        for step in range(4):
            watch.update(step, step)
        raise KeyboardInterrupt
    assert watch.interrupted and watch.values == [0, 1, 2, 3]
    assert "is kept" in str(handle.pages[-1]) and "<img" in handle.pages[-1]._repr_html_()


def interrupted(*presses, silence=2.0, monkeypatch):
    """How far a loop of three steps comes, a report after each, that is interrupted within the steps `presses`."""
    monkeypatch.setattr(interrupt, "SILENCE", silence)
    done = []
    with contextlib.suppress(KeyboardInterrupt), interrupt.Interruptible() as interruptible:
        for step in range(3):
            done.append(f"begun {step}")
            for _ in range(presses.count(step)):
                signal.raise_signal(signal.SIGINT)
            done.append(f"ended {step}")
            interruptible.report()
    return done


def test_an_interrupt_waits_for_the_next_report(monkeypatch):
    before = signal.getsignal(signal.SIGINT)
    assert interrupted(monkeypatch=monkeypatch)[-1] == "ended 2"
    assert interrupted(1, monkeypatch=monkeypatch)[-1] == "ended 1"
    assert interrupted(1, 1, monkeypatch=monkeypatch)[-1] == "begun 1"
    assert interrupted(1, silence=-1.0, monkeypatch=monkeypatch)[-1] == "begun 1"
    assert signal.getsignal(signal.SIGINT) is before


def test_an_interrupt_is_not_kept_waiting_for_a_report_that_does_not_come(monkeypatch):
    monkeypatch.setattr(interrupt, "SILENCE", 0.2)
    begun, threads = time.monotonic(), threading.active_count()
    with pytest.raises(KeyboardInterrupt), interrupt.Interruptible():
        signal.raise_signal(signal.SIGINT)
        while time.monotonic() < begun + 5:
            pass
    assert time.monotonic() < begun + 2
    with pytest.raises(KeyboardInterrupt), interrupt.Interruptible() as interruptible:
        signal.raise_signal(signal.SIGINT)
        interruptible.report()
    time.sleep(0.3)  # no interrupt comes later
    assert threading.active_count() == threads


def test_gradients_are_on_again_after_an_interrupt():
    with contextlib.suppress(KeyboardInterrupt), interrupt.Interruptible():
        torch.set_grad_enabled(False)  # what an interrupted beginning of `no_grad` leaves behind
        raise KeyboardInterrupt
    assert torch.is_grad_enabled()


def test_live_ends_at_an_update(monkeypatch):
    monkeypatch.setattr(live, "display", lambda page, display_id: Handle())
    with live.Live(10) as watch:
        for step in range(4):
            if step == 2:
                signal.raise_signal(signal.SIGINT)
            watch.update(step, step)
    assert watch.interrupted and watch.values == [0, 1, 2]


def test_live_counts_steps_where_it_is_told_to(monkeypatch):
    pages = []
    monkeypatch.setattr(live, "display", lambda page, display_id: type("Handle", (), {"update": pages.append})())
    with live.Live(1_000, "return", by_step=True) as following:
        for step in (130, 275, 400):
            following.update(step, 9.0)
    assert "400/1000" in pages[-1].line and "step" in pages[-1].line
    assert following.steps == [130, 275, 400] and following.values == [9.0] * 3


def test_live_does_not_count_what_was_done_before_into_the_speed(monkeypatch):
    pages, clock = [], iter(range(0, 1_000, 10))
    monkeypatch.setattr(live, "display", lambda page, display_id: type("Handle", (), {"update": pages.append})())
    monkeypatch.setattr(live.time, "monotonic", lambda: next(clock))
    with live.Live(1_000, by_step=True, begin=900) as following:
        following.update(950, 9.0)
    done, speed = re.search(r"(\d+)/1000 .* ([\d.]+)step/s", pages[0].line).groups()
    assert done == "950" and 0 < float(speed) <= 5, "50 steps in ten seconds or more"


def test_live_lets_other_errors_through(monkeypatch):
    monkeypatch.setattr(live, "display", lambda page, display_id: Handle())
    with pytest.raises(ZeroDivisionError), live.Live(10):
        1 / 0  # noqa: B018


def test_live_costs_little(monkeypatch):
    handle = Handle()
    monkeypatch.setattr(live, "display", lambda page, display_id: handle)
    with live.Live(10_000) as watch:
        begun = time.monotonic()
        while time.monotonic() - begun < 1.0:
            watch.update(0, 1.0)
    assert len(handle.pages) <= 7, "at most five drawings a second, and one at the end"


def wait_for(condition, seconds=10):
    """Wait until `condition()` holds."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.01)


def test_a_figure_is_the_one_that_matplotlib_would_save():
    figures = []
    for _ in range(2):
        fig, axes = plots.figure(8, 3, columns=2)
        axes[0].plot([1, 5, 2], label="a")
        axes[0].legend()
        axes[1].set(xlabel="step", ylabel="a long label of the axis", title="title")
        figures.append(fig)
    plain = io.BytesIO()
    figures[0].savefig(plain, format="png")
    assert base64.b64encode(plain.getvalue()).decode() in plots.figure_html(figures[1], "two panels")


def train(on_episode, rate):
    for episode in range(1_000_000):
        time.sleep(0.001)
        on_episode(episode, rate)


def make_lab(train):
    import ipywidgets

    return Lab(train, {"rate": ipywidgets.FloatSlider(value=0.5)})


def test_lab_stops_and_keeps_its_curve():
    lab = make_lab(train)
    lab.train_button.click()
    assert lab.train_button.disabled and not lab.stop_button.disabled
    threads = threading.active_count()
    lab.train_button.click()
    assert threading.active_count() == threads, "a second click starts nothing"
    wait_for(lambda: len(lab.values) > 10)
    lab.stop_button.click()
    lab.wait(5)
    assert lab.status.value.startswith("Stopped after") and len(lab.values) > 10
    assert not lab.train_button.disabled and "<img" in lab.picture.value


def test_lab_draws_for_a_fifth_of_the_time_at_most(monkeypatch):
    now, drawn = [0.0], []

    def draw(status):
        now[0] += 1.0
        drawn.append(status)

    monkeypatch.setattr(live, "time", SimpleNamespace(monotonic=lambda: now[0]))
    lab = make_lab(train)
    monkeypatch.setattr(lab, "_draw", draw)
    for step in range(1_000):
        now[0] += 0.1
        lab._report(step, 1.0)
    assert 10 < len(drawn) <= now[0] / 5 + 1 and drawn[-1].startswith("Episode ")


def test_lab_says_what_a_training_raised():
    def broken(on_episode, rate):
        on_episode(0, 1.0)
        raise ValueError("no such thing")

    lab = make_lab(broken)
    lab.start()
    lab.wait(5)
    assert "ValueError: no such thing" in lab.status.value and lab.values == [1.0]


def test_quiz():
    quiz = Quiz("Which?", {"a": "No.", "b": "Yes."}, right="b")
    assert not quiz.answer() and "Choose" in quiz.feedback.value
    quiz.choice.value = "a"
    assert not quiz.answer() and "No." in quiz.feedback.value and "Yes." not in quiz.feedback.value
    quiz.choice.value = "b"
    assert quiz.answer() and "✔" in quiz.feedback.value
    several = Quiz("Which?", {"a": "1", "b": "2", "c": "3"}, right=["a", "c"])
    several.boxes[0].value = True
    assert not several.answer()
    several.boxes[2].value = True
    assert several.answer()
    assert Quiz("Which?", {"a": "1", "b": "2"}, right=[]).answer(), "none is right, none is chosen"
    bundle = quiz._repr_mimebundle_()
    assert "( ) a" in bundle["text/plain"] and "<li>a</li>" in bundle["text/html"]
    for answers, right in (({"a": "1"}, "a"), ({"a": "1", "b": "2"}, "c")):
        with pytest.raises(ValueError, match="two or more answers"):
            Quiz("?", answers, right)


def update(q_table, obs, action, reward, next_obs, terminated, learning_rate, gamma):
    td_error = reward + gamma * q_table[next_obs].max() * (not terminated) - q_table[obs, action]
    q_table[obs, action] += learning_rate * td_error


def test_stepper_shows_the_arithmetic():
    env = gym.make("FrozenLake-v1", is_slippery=False)
    path = itertools.cycle([2, 2, 1, 1, 1, 2])
    stepper = QTableStepper(env, ["SFFF", "FHFH", "FFFH", "HFFG"], "LDRU", lambda q, epsilon, rng: next(path), update)
    stepper.alpha.value, stepper.gamma.value = 0.5, 0.9
    stepper.finish_episode()
    assert stepper.over and stepper.q_table[14, 2] == 0.5
    assert "r = 1, as s′ is terminal = <strong>1.000</strong>" in stepper.text.value
    assert "0.000 + 0.5 × 1.000 = <strong>0.500</strong>" in stepper.text.value
    assert (
        "<svg" in stepper.picture.value and "0.50" in stepper.picture.value and 'aria-label="' in stepper.picture.value
    )
    for _ in range(6):
        stepper.step_button.click()
    assert "r + γ max Q(s′, ·) = 0 + 0.9 × 0.500 = <strong>0.450</strong>" in stepper.text.value
    stepper.reset_button.click()
    assert not stepper.q_table.any()
    taken = []
    stepper.step = lambda: taken.append(1)
    stepper.speed.value, stepper.play.value = 20, True
    wait_for(lambda: len(taken) >= 3)
    stepper.play.value = False
    played = len(taken)
    time.sleep(0.2)
    assert len(taken) <= played + 1, "it stops"


def test_stepper_survives_a_broken_update():
    def broken(*args):
        raise IndexError("off by one")

    env = gym.make("FrozenLake-v1", is_slippery=False)
    stepper = QTableStepper(env, ["SFFF", "FHFH", "FFFH", "HFFG"], "LDRU", lambda q, epsilon, rng: 2, broken)
    stepper.step()
    assert "IndexError: off by one" in stepper.text.value
