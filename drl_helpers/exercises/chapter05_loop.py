"""Exercise 5.4 of chapter 05: the DQN loop."""

from drl_helpers.dqn import frozen_td_target, train_dqn
from drl_helpers.dqn_run import DQNConfig
from drl_helpers.exercises.chapter05_loop_follow import FOLLOW_MISTAKES
from drl_helpers.exercises.chapter05_loop_mistakes import ACTING_MISTAKES, EPISODE_MISTAKES
from drl_helpers.exercises.chapter05_loop_parts import loop_in_torch, loop_target_first, make_loop
from drl_helpers.exercises.chapter05_loop_seen import observe_training
from drl_helpers.exercises.chapter05_loop_storing import STORING_MISTAKES
from drl_helpers.exercises.chapter05_loop_update import UPDATE_MISTAKES
from drl_helpers.exercises.spec import Case, Exercise

NOTEBOOK = "05_target_networks"


class Shown:
    """Stands for a run on a card; the check makes it anew for each training."""

    def __init__(self, words, **settings):
        self.words, self.config = words, DQNConfig(hidden_sizes=(8,), gamma=0.9, capacity=500, **settings)

    def __repr__(self):
        return self.words


class Calls:
    """How many steps, in one call or in several calls in a row."""

    def __init__(self, *calls):
        self.calls = calls

    def __repr__(self):
        return ", then ".join(map(str, self.calls))


def _loop_case(label, *calls, **settings):
    shown = ("learning_starts", "train_every", "target_every", "batch_size", "tau")
    told = [f"{name}={settings[name]}" for name in shown if settings.get(name, 10**6) < 10**6]
    words = f"run with {', '.join(told)}" if told else "run that only acts"
    return Case(label, {"run": Shown(words, **settings), "num_steps": Calls(*calls), "td_target": frozen_td_target})


NO_LEARNING = {"learning_starts": 10**6, "total_steps": 1_000, "target_every": 10**6}
FIRST = {"learning_starts": 8, "train_every": 4, "target_every": 3, "batch_size": 3, "tau": 0.25}
SECOND = {"learning_starts": 10, "train_every": 3, "target_every": 7, "batch_size": 2, "tau": 1.0}

ACT = "action = int(rng.integers(num_actions)) if rng.random() %s epsilon else greedy_action(run.obs)"
LOSS, CHOSEN = "loss = F.smooth_l1_loss(%s, %s)", "chosen_q_values(run.q_network(batch.obs), batch.actions)"

LOOP = Exercise(
    id="dqn-loop",
    name="train_dqn",
    notebook=NOTEBOOK,
    number="5.4",
    observe=observe_training,
    cases=(
        _loop_case("ε comes down from 1 to 0", 60, epsilon_end=0.0, decay_steps=40, **FIRST),
        _loop_case("Two calls in a row", 16, 29, epsilon_start=0.5, epsilon_end=0.5, **SECOND),
        _loop_case("ε = 0.3, no learning", 300, epsilon_start=0.3, epsilon_end=0.3, **NO_LEARNING),
        _loop_case("ε = 1, no learning", 300, epsilon_end=1.0, **NO_LEARNING),
    ),
    right=(train_dqn, make_loop(), loop_in_torch, loop_target_first),
    mistakes=(*ACTING_MISTAKES, *STORING_MISTAKES, *EPISODE_MISTAKES, *UPDATE_MISTAKES, *FOLLOW_MISTAKES),
    seconds=10.0,
    equivalent={
        f"{ACT % '<'} → {ACT % '<='}": "a random number is never exactly ε, save with a probability of about 10⁻¹⁶",
        f"{LOSS % (CHOSEN, 'targets')} → {LOSS % ('targets', CHOSEN)}": "the Huber loss is symmetric, and no gradient "
        "flows into the targets either way",
    },
)

EXERCISES = (LOOP,)
