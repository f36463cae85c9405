"""The exercise of chapter 02 on a schedule for ε: 2.3."""

import numpy as np

from drl_helpers.exercises.spec import Case, Exercise, Mistake

NOTEBOOK = "02_exploration"


def schedule_by_share(step, epsilon_start, epsilon_end, decay_steps):
    share = min(step / decay_steps, 1.0)
    return epsilon_start + share * (epsilon_end - epsilon_start)


def schedule_by_slope(step, epsilon_start, epsilon_end, decay_steps):
    slope = (epsilon_start - epsilon_end) / decay_steps
    return max(epsilon_end, epsilon_start - slope * step)


def schedule_by_interp(step, epsilon_start, epsilon_end, decay_steps):
    return np.interp(step, [0, decay_steps], [epsilon_start, epsilon_end])


def schedule_by_branch(step, epsilon_start, epsilon_end, decay_steps):
    if step >= decay_steps:
        return epsilon_end
    left = (decay_steps - step) / decay_steps
    return left * epsilon_start + (1 - left) * epsilon_end


SCHEDULE_MISTAKES = (
    Mistake(
        "never-stops",
        "It goes on falling after `decay_steps`, below ε_end and then below 0. Cap the share at 1.",
        lambda step, start, end, decay: start + step / decay * (end - start),
    ),
    Mistake(
        "stops-at-zero",
        "It falls on to 0: after `decay_steps` it must stay at ε_end.",
        lambda step, start, end, decay: max(0.0, start + step / decay * (end - start)),
    ),
    Mistake(
        "floor-only",
        "It falls towards 0 and is cut off at ε_end, which it then meets too early. The straight line must reach "
        "ε_end exactly at `decay_steps`: its total fall is ε_start − ε_end.",
        lambda step, start, end, decay: max(end, start * (1 - step / decay)),
    ),
    Mistake(
        "slope-to-zero",
        "The slope is ε_start / decay_steps, as if the end were 0: the total fall is ε_start − ε_end.",
        lambda step, start, end, decay: start - start * min(step / decay, 1),
    ),
    Mistake(
        "upside-down",
        "It climbs from ε_end to ε_start: explore much at first, little later.",
        lambda step, start, end, decay: end + min(step / decay, 1) * (start - end),
    ),
    Mistake(
        "geometric",
        "It multiplies by a factor each step. That is a schedule too, but a linear one is wanted: the same amount less "
        "each step.",
        lambda step, start, end, decay: start * (end / start) ** min(step / decay, 1),
    ),
    Mistake(
        "whole-numbers",
        "It stays at ε_start and then jumps; between the two it must follow a straight line. (`step // decay_steps` is "
        "a whole number, 0 until the very end: divide with `/`.)",
        lambda step, start, end, decay: start + min(step // decay, 1) * (end - start),
    ),
    Mistake(
        "one-step-ahead",
        "It is a step ahead: at step 0 ε must still be ε_start.",
        lambda step, start, end, decay: start + min((step + 1) / decay, 1) * (end - start),
    ),
    Mistake(
        "one-step-behind",
        "It arrives late: at step `decay_steps` ε must be ε_end.",
        lambda step, start, end, decay: start + min(step / (decay + 1), 1) * (end - start),
    ),
    Mistake(
        "always-the-end",
        "`max` in place of `min`: the share of the way gone is at *most* 1.",
        lambda step, start, end, decay: start + max(step / decay, 1) * (end - start),
    ),
    Mistake("constant", "It never falls.", lambda step, start, end, decay: start),
    Mistake(
        "starts-again",
        "After `decay_steps` it starts again from ε_start: it must stay at ε_end.",
        lambda step, start, end, decay: start + (step % decay) / decay * (end - start),
    ),
    Mistake(
        "from-one",
        "It starts from 1, whatever ε_start is.",
        lambda step, start, end, decay: 1 + min(step / decay, 1) * (end - 1),
    ),
    Mistake(
        "adds-the-end",
        "The share is multiplied by ε_end alone: the way from start to end is ε_end − ε_start.",
        lambda step, start, end, decay: start + min(step / decay, 1) * end,
    ),
    Mistake(
        "the-share",
        "It returns how far along the way it is, not the ε at that point.",
        lambda step, start, end, decay: min(step / decay, 1.0),
    ),
    Mistake("no-return", "It returns nothing: is a `return` missing?", lambda step, start, end, decay: None),
)


def _schedule_args(step, start, end, decay):
    return {"step": step, "epsilon_start": start, "epsilon_end": end, "decay_steps": decay}


SCHEDULE = Exercise(
    id="epsilon-schedule",
    name="epsilon_schedule",
    notebook=NOTEBOOK,
    number="2.3",
    cases=(
        Case("A quarter of the way", _schedule_args(10, 0.9, 0.1, 40)),
        Case("Late, but not at the end", _schedule_args(180, 0.6, 0.05, 200)),
        Case("At the first step", _schedule_args(0, 0.8, 0.02, 50)),
        Case("At step decay_steps", _schedule_args(300, 0.7, 0.04, 300)),
        Case("Just after the end", _schedule_args(41, 0.9, 0.1, 40)),
        Case("Long after the end", _schedule_args(1_000, 1.0, 0.1, 30)),
        Case("Down to ε = 0", _schedule_args(30, 0.4, 0.0, 120)),
    ),
    right=(schedule_by_share, schedule_by_slope, schedule_by_interp, schedule_by_branch),
    mistakes=SCHEDULE_MISTAKES,
    equivalent={
        "share = min(step / decay_steps, 1.0) → share = min(1.0, step / decay_steps)": "the lesser of two, in any order"
    },
)

EXERCISES = (SCHEDULE,)
