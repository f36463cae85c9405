"""What people get wrong in exercise 9.6 of chapter 09, the A2C update."""

import torch
from torch import nn

from drl_helpers.exercises.case_run import clip_apart, not_detached, sum_of
from drl_helpers.exercises.chapter09_update_parts import make_update
from drl_helpers.exercises.spec import Mistake


def _clip_policy(run):
    nn.utils.clip_grad_norm_(run.policy.parameters(), run.config.max_grad_norm)


def _clip_values(run):
    nn.utils.clip_grad_value_(run.parameters, run.config.max_grad_norm)


def _td_targets(values, advantages, run, rollout):
    following = run.critic(rollout.next_obs).detach()
    return rollout.rewards + run.config.gamma * ~rollout.terminated * following


def _leaky_targets(values, advantages, targets):
    return (targets - values).flatten()


def _weights_swapped(run, policy_loss, value_loss, entropy):
    return policy_loss + run.config.entropy_weight * value_loss - run.config.critic_weight * entropy


UPDATE_MISTAKES = (
    Mistake(
        "targets-not-detached",
        "The critic does not learn. Either its loss is missing, or its targets hold `values` *with* the gradient: in "
        "values − targets that cancels. Use `values.detach()` there.",
        make_update(targets=lambda v, a, run, rollout: a + v),
    ),
    Mistake(
        "advantages-with-gradient",
        "The actor's loss reaches into the critic: its advantages carry a gradient through `values`. They are numbers "
        "there; detach them.",
        make_update(flat=_leaky_targets, actor=not_detached),
    ),
    Mistake(
        "advantages-as-targets",
        "The critic is trained towards the *advantages*; its target is the return, advantage plus old value.",
        make_update(targets=lambda v, a, run, rollout: a),
    ),
    Mistake(
        "one-step-targets",
        "The critic's target is the one-step target; here it is the return that GAE estimates, `advantages` plus the "
        "old values.",
        make_update(targets=_td_targets),
    ),
    Mistake(
        "obs-for-next-obs",
        "`next_values` are the values of the states that were *left*: `run.critic(rollout.next_obs)`.",
        make_update(next_values=lambda run, rollout: run.critic(rollout.obs)),
    ),
    Mistake(
        "next-row-for-next-obs",
        "It takes the next values from the next *row* of values. Where an episode was truncated that row is the first "
        "of the next one: `run.critic(rollout.next_obs)`.",
        make_update(
            next_values=lambda run, rollout: run.critic(torch.cat([rollout.obs[1:], rollout.next_obs[-1:]])),
        ),
    ),
    Mistake(
        "flags-swapped",
        "The flags are swapped: `gae` takes `terminated` first, then `truncated`.",
        make_update(flags=lambda rollout: (rollout.truncated, rollout.terminated)),
    ),
    Mistake(
        "truncation-as-end",
        "A truncation is passed to `gae` as a termination: the two flags go in apart.",
        make_update(flags=lambda rollout: (rollout.terminated | rollout.truncated, rollout.truncated)),
    ),
    Mistake(
        "gamma-and-lambda-swapped",
        "γ and λ are swapped: `gae` takes `gamma` first, then `gae_lambda`.",
        make_update(settings=lambda config: (config.gae_lambda, config.gamma)),
    ),
    Mistake("no-lambda", "λ is taken for 1: use `config.gae_lambda`.", make_update(settings=lambda c: (c.gamma, 1.0))),
    Mistake(
        "one-step-advantages",
        "λ is taken for 0, so these are one-step advantages: use `config.gae_lambda`.",
        make_update(settings=lambda c: (c.gamma, 0.0)),
    ),
    Mistake("no-gamma", "γ is taken for 1: use `config.gamma`.", make_update(settings=lambda c: (1.0, c.gae_lambda))),
    Mistake(
        "standardised",
        "The advantages are standardised. Chapter 08 did that; here it is not asked for, and it would spoil the "
        "critic's targets.",
        make_update(adjust=lambda a: (a - a.mean()) / (a.std(correction=0) + 1e-8)),
    ),
    Mistake(
        "standardised-for-the-actor",
        "The advantages are standardised for the actor. Chapter 08 did that; here it is not asked for.",
        make_update(flat=lambda a, y, v: ((a - a.mean()) / (a.std(correction=0) + 1e-8)).flatten()),
    ),
    Mistake(
        "actions-in-another-order",
        "The actions are flattened column by column, (envs, steps), and the logits row by row: each probability "
        "belongs to another step's action. Flatten all of them alike.",
        make_update(actions=lambda rollout: rollout.actions.T.flatten()),
    ),
    Mistake(
        "advantages-in-another-order",
        "The advantages are flattened column by column, (envs, steps), and the logits row by row: each action is "
        "judged by another one's advantage. Flatten all of them alike.",
        make_update(flat=lambda a, y, v: a.T.flatten()),
    ),
    Mistake(
        "actor-uphill",
        "The sign of the actor's loss is wrong: it makes good actions less probable. `reinforce_loss` already has its "
        "minus.",
        make_update(total=sum_of(policy=-1.0)),
    ),
    Mistake(
        "entropy-punished",
        "The entropy is added to the loss, and the optimizer makes that *small*: a bonus is subtracted.",
        make_update(total=sum_of(bonus=1.0)),
    ),
    Mistake("no-entropy", "The entropy bonus is missing.", make_update(total=sum_of(bonus=0.0))),
    Mistake(
        "critic-uphill",
        "The critic's loss is subtracted: it would be driven *away* from its targets.",
        make_update(total=sum_of(critic=-1.0)),
    ),
    Mistake("no-actor", "The actor's loss is missing.", make_update(total=sum_of(policy=0.0))),
    Mistake(
        "no-critic-weight",
        "The critic's loss has no weight: multiply it by `config.critic_weight`.",
        make_update(total=sum_of(weighted=("bonus",))),
    ),
    Mistake(
        "no-entropy-weight",
        "The entropy has no weight: multiply it by `config.entropy_weight`.",
        make_update(total=sum_of(weighted=("critic",))),
    ),
    Mistake("weights-swapped", "The weights of critic and entropy are swapped.", make_update(total=_weights_swapped)),
    Mistake(
        "critic-sum",
        "The critic's loss is a sum over the rollout; take the mean, as in the other parts.",
        make_update(value_loss=lambda v, y: ((v - y) ** 2).sum()),
    ),
    Mistake(
        "critic-mean-over-one-axis",
        "The critic's loss is a mean over one axis and a sum over the other: `mean()` without an axis.",
        make_update(value_loss=lambda v, y: ((v - y) ** 2).mean(dim=0).sum()),
    ),
    Mistake(
        "critic-half",
        "The critic's loss is halved twice: its weight is `config.critic_weight` alone.",
        make_update(value_loss=lambda v, y: ((v - y) ** 2).mean() / 2),
    ),
    Mistake(
        "critic-without-square",
        "The critic's error is not squared.",
        make_update(value_loss=lambda v, y: (v - y).mean()),
    ),
    Mistake(
        "every-value-with-every-target",
        "Values and targets broadcast against each other, so that each value meets each target: give them one shape.",
        make_update(value_loss=lambda v, y: ((v.reshape(-1, 1) - y.reshape(-1)) ** 2).mean()),
    ),
    Mistake(
        "entropy-sum",
        "The entropies are added up over the rollout; take their mean.",
        make_update(bonus=lambda logits: -(logits.log_softmax(1).exp() * logits.log_softmax(1)).sum()),
    ),
    Mistake(
        "probabilities",
        "The actor's loss has the probabilities in place of their logarithms.",
        make_update(actor=lambda log_probs, advantages: -(log_probs.exp() * advantages.detach()).mean()),
    ),
    Mistake(
        "actor-sum",
        "The actor's loss is a sum over the rollout; `reinforce_loss` takes the mean.",
        make_update(actor=lambda log_probs, advantages: -(log_probs * advantages.detach()).sum()),
    ),
    Mistake(
        "no-clip",
        "The gradient is followed at its full length: `nn.utils.clip_grad_norm_` is missing, or comes too early or too "
        "late. It belongs between `backward` and `step`.",
        make_update(parts=("zero", "backward", "step")),
    ),
    Mistake(
        "clipped-apart",
        "Actor and critic are clipped each on its own; `run.parameters` holds both, and their gradient is clipped as "
        "one vector.",
        make_update(clip=clip_apart),
    ),
    Mistake("only-the-actor-clipped", "Only the actor's gradient is clipped.", make_update(clip=_clip_policy)),
    Mistake(
        "each-number-clipped",
        "Each number of the gradient is clipped on its own (`clip_grad_value_`), which changes its direction: clip "
        "the *norm*.",
        make_update(clip=_clip_values),
    ),
    Mistake(
        "no-zero",
        "The old gradients are never cleared: `backward` *adds* to what is there.",
        make_update(parts=("backward", "clip", "step")),
    ),
    Mistake(
        "cleared-too-late",
        "Nothing changes: the gradients are cleared between `backward` and `step`.",
        make_update(parts=("backward", "zero", "clip", "step")),
    ),
    Mistake(
        "two-steps", "It steps twice for one gradient.", make_update(parts=("zero", "backward", "clip", "step", "step"))
    ),
    Mistake(
        "no-step",
        "Nothing changes, for `run.optimizer.step()` is missing.",
        make_update(parts=("zero", "backward", "clip")),
    ),
)
