"""Exercise 8.8 of chapter 08: the update of REINFORCE with a baseline."""

import numpy as np
import torch

from drl_helpers.exercises.case_run import CaseRun, not_detached, observe_two_updates, sum_of
from drl_helpers.exercises.chapter08_update_parts import (
    make_update,
    one_by_one,
    small_episodes,
    update_by_hand,
    update_in_parts,
)
from drl_helpers.exercises.spec import Case, Exercise, Mistake
from drl_helpers.policy import entropy
from drl_helpers.reinforce import returns_of, rewards_to_go
from drl_helpers.reinforce_run import ReinforceConfig

NOTEBOOK = "08_policy_gradient"


def observe_updates(attempt, case):
    """What two updates do to the run, and whether the episodes were left alone."""
    return observe_two_updates(attempt, case, "episodes", lambda episodes: [part for e in episodes for part in e[:4]])


def _no_bootstrap(run, episodes):
    parts = [rewards_to_go(episode.rewards, 0.0, run.config.gamma) for episode in episodes]
    return torch.from_numpy(np.concatenate(parts))


def _always_bootstrap(run, episodes):
    return returns_of([episode._replace(terminated=False) for episode in episodes], run.critic, run.config.gamma)


def _whole(run, episodes):
    parts = returns_of(episodes, run.critic, run.config.gamma).split([len(episode.rewards) for episode in episodes])
    return torch.cat([part[:1].expand(len(part)) for part in parts])


def _attached(returns, values):
    return returns - values


def _by_episode(run, episodes):
    def actor(log_probs, advantages):
        parts = (log_probs * advantages.detach()).split([len(episode.rewards) for episode in episodes])
        return -torch.stack([part.mean() for part in parts]).mean()

    make_update(actor=actor)(run, episodes)


UPDATE_MISTAKES = (
    Mistake(
        "no-minus",
        "The sign of the policy's loss is wrong: it makes good actions rarer. `reinforce_loss` has its minus already; "
        "and advantages are returns minus values.",
        make_update(total=sum_of(policy=-1.0)),
    ),
    Mistake(
        "entropy-punished",
        "The entropy is added to the loss, and the optimizer makes the loss *small*: a bonus is subtracted.",
        make_update(total=sum_of(bonus=1.0)),
    ),
    Mistake("no-entropy", "The entropy bonus is missing.", make_update(total=sum_of(bonus=0.0))),
    Mistake(
        "no-entropy-weight",
        "The entropy has no weight: multiply it by `config.entropy_weight`.",
        make_update(total=sum_of(weighted=("critic",))),
    ),
    Mistake(
        "critic-uphill",
        "The critic's loss is subtracted: it is driven *away* from the returns.",
        make_update(total=sum_of(critic=-1.0)),
    ),
    Mistake(
        "no-critic",
        "The critic does not learn: its loss is missing, or has no gradient.",
        make_update(total=sum_of(critic=0.0)),
    ),
    Mistake("no-policy", "The policy's loss is missing.", make_update(total=sum_of(policy=0.0))),
    Mistake(
        "advantages-with-gradient",
        "The policy's loss reaches into the critic: the advantages carry a gradient through its values. There they are "
        "numbers; detach them.",
        make_update(advantages=_attached, actor=not_detached),
    ),
    Mistake(
        "not-standardised",
        "The advantages are not standardised: `standardise(advantages)` goes into the loss.",
        make_update(adjust=lambda advantages: advantages),
    ),
    Mistake(
        "only-centred",
        "The advantages are centred but not scaled: `standardise` does both.",
        make_update(adjust=lambda advantages: advantages - advantages.mean()),
    ),
    Mistake(
        "returns-for-advantages",
        "The returns go into the loss, and not the advantages: the baseline is not subtracted.",
        make_update(advantages=lambda returns, values: returns),
    ),
    Mistake(
        "values-for-advantages",
        "The values go into the loss, and not the advantages.",
        make_update(advantages=lambda returns, values: values.detach()),
    ),
    Mistake(
        "every-pair",
        "Columns (batch, 1) meet rows (batch,), so that each return is compared with *every* value: keep the shape "
        "(batch,).",
        make_update(critic_loss=lambda values, returns: ((values.unsqueeze(1) - returns) ** 2).mean()),
    ),
    Mistake(
        "truncation-as-end",
        "An episode that was cut off is treated as if it had terminated: `returns_of` lets the critic say what would "
        "have followed.",
        make_update(returns=_no_bootstrap),
    ),
    Mistake(
        "bootstraps-past-the-end",
        "The value of the last observation is added where the episode *terminated*, too: `returns_of` knows which is "
        "which.",
        make_update(returns=_always_bootstrap),
    ),
    Mistake(
        "whole-return",
        "Each step gets the return of its whole episode: `returns_of` gives the rewards-to-go.",
        make_update(returns=_whole),
    ),
    Mistake(
        "no-gamma",
        "γ is taken for 1: pass `config.gamma`.",
        make_update(returns=lambda run, episodes: returns_of(episodes, run.critic, 1.0)),
    ),
    Mistake(
        "critic-sum",
        "The critic's loss is a sum over the steps; take the mean.",
        make_update(critic_loss=lambda values, returns: ((values - returns) ** 2).sum()),
    ),
    Mistake(
        "policy-sum",
        "The policy's loss is a sum over the steps; take the mean.",
        make_update(actor=lambda log_probs, advantages: -(log_probs * advantages.detach()).sum()),
    ),
    Mistake(
        "mean-over-the-wrong-axis",
        "The policy's loss is a mean within each episode first, then over the episodes: so a step of a long episode "
        "counts for less than a step of a short one. Take one mean over all steps.",
        _by_episode,
    ),
    Mistake(
        "entropy-sum",
        "The entropies are added up over the steps; take their mean.",
        make_update(bonus=lambda logits: entropy(logits).sum()),
    ),
    Mistake(
        "probabilities",
        "The policy's loss has probabilities in place of their logarithms.",
        make_update(actor=lambda log_probs, advantages: -(log_probs.exp() * advantages.detach()).mean()),
    ),
    Mistake(
        "no-zero",
        "The old gradients are never cleared: `backward` *adds* to what is there.",
        make_update(parts=("backward", "step")),
    ),
    Mistake(
        "cleared-too-late",
        "Nothing changes, for there is no gradient to follow: `loss.backward()` is missing, or the gradients are "
        "cleared between it and the step.",
        make_update(parts=("backward", "zero", "step")),
    ),
    Mistake(
        "no-step", "Nothing changes, for `run.optimizer.step()` is missing.", make_update(parts=("zero", "backward"))
    ),
    Mistake("two-steps", "It steps twice for one gradient.", make_update(parts=("zero", "backward", "step", "step"))),
    Mistake(
        "one-episode-at-a-time",
        "It takes one step for each episode. After the first of them the others are no longer what *this* policy did: "
        "join them, and take one step.",
        one_by_one(update_by_hand),
    ),
)


def _case(label, seed, episodes, **settings):
    run = CaseRun(ReinforceConfig(**settings), settings, seed, learning_rate=0.3)
    return Case(label, {"run": run, "episodes": episodes})


UPDATE = Exercise(
    id="reinforce-update",
    name="reinforce_update",
    notebook=NOTEBOOK,
    number="8.8",
    observe=observe_updates,
    cases=(
        _case(
            "Three episodes, one of them cut off",
            1,
            small_episodes(1, (4, True), (6, False), (3, True)),
            gamma=0.9,
            entropy_weight=0.4,
        ),
        _case("Two episodes", 2, small_episodes(2, (5, False), (2, True)), gamma=0.7, entropy_weight=0.1),
    ),
    right=(update_by_hand, update_in_parts, make_update()),
    mistakes=UPDATE_MISTAKES,
    tolerance=2e-5,
    seconds=20.0,  # PyTorch imports much when the first optimizer is made
)

EXERCISES = (UPDATE,)
