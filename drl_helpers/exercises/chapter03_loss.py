"""Exercise 3.4 of chapter 03: the loss whose gradient is the semi-gradient."""

import torch
from torch.nn import functional as F

from drl_helpers.exercises.case_network import CaseNetwork, changed, weights
from drl_helpers.exercises.chapter03_chosen import chosen_by_index
from drl_helpers.exercises.chapter03_target import target_where
from drl_helpers.exercises.spec import Case, Exercise, Mistake

NOTEBOOK = "03_deep_q_network"


def observe_loss(attempt, case):
    """The loss, the gradient that it sends into the network, and whether the network was left alone."""
    args = case.fresh_args()
    q_network = args["q_network"]
    before = weights(q_network)
    loss = attempt(*args.values())
    parameters = list(q_network.parameters())
    kept = changed(before, q_network) == "unchanged"
    seen = {
        "the network's parameters stay as they were": kept,
        "it calls `backward` itself": any(parameter.grad is not None for parameter in parameters),
        "the return value": loss,
    }
    if isinstance(loss, torch.Tensor) and loss.requires_grad and loss.dim() == 0 and kept:
        if seen["it calls `backward` itself"]:
            return seen
        gradients = torch.autograd.grad(loss, parameters, allow_unused=True)
        flat = [torch.zeros_like(p) if g is None else g for p, g in zip(parameters, gradients, strict=True)]
        seen["its gradient on the network's parameters"] = torch.cat([g.flatten() for g in flat])
    return seen


def loss_mse(q_network, obs, actions, rewards, next_obs, terminated, gamma):
    target = target_where(rewards, q_network(next_obs), terminated, gamma)
    return F.mse_loss(chosen_by_index(q_network(obs), actions), target)


def loss_in_one_pass(q_network, obs, actions, rewards, next_obs, terminated, gamma):
    q_values, next_q_values = q_network(torch.cat([obs, next_obs])).chunk(2)
    td_errors = chosen_by_index(q_values, actions) - target_where(rewards, next_q_values, terminated, gamma)
    return td_errors.pow(2).sum() / len(td_errors)


def loss_by_rows(q_network, obs, actions, rewards, next_obs, terminated, gamma):
    losses = []
    for row in range(len(obs)):
        target = float(rewards[row])
        if not terminated[row]:
            target += gamma * q_network(next_obs[row : row + 1]).max().item()
        losses.append((q_network(obs[row : row + 1])[0, actions[row]] - target) ** 2)
    return torch.stack(losses).mean()


def make_loss(
    predict=lambda q, actions: chosen_by_index(q, actions),
    best=lambda next_q, q, actions: next_q.amax(dim=1),
    mask=lambda terminated: (~terminated).float(),
    combine=lambda r, g, m, v: r + g * m * v,
    detach="target",
    reduce=lambda errors: (errors**2).mean(),
    swapped=False,
):
    """The loss with one part exchanged."""

    def attempt(q_network, obs, actions, rewards, next_obs, terminated, gamma):
        obs, next_obs = (next_obs, obs) if swapped else (obs, next_obs)
        q_values = q_network(obs)
        target = combine(rewards, gamma, mask(terminated), best(q_network(next_obs), q_values, actions))
        chosen = predict(q_values, actions)
        target = target.detach() if detach in ("target", "both") else target
        chosen = chosen.detach() if detach in ("prediction", "both") else chosen
        return reduce(target - chosen)

    return attempt


def _calls_backward(q_network, *args):
    loss = loss_mse(q_network, *args)
    loss.backward()
    return loss


def _takes_a_step(q_network, *args):
    loss = loss_mse(q_network, *args)
    with torch.no_grad():
        for parameter, gradient in zip(
            q_network.parameters(), torch.autograd.grad(loss, list(q_network.parameters())), strict=True
        ):
            parameter -= 0.01 * gradient
    return loss_mse(q_network, *args)


LOSS_MISTAKES = (
    Mistake(
        "full-gradient",
        "The loss is right, its gradient is not: it also flows through the *target*. The network would learn to lower "
        "its target as much as to raise its prediction. Compute the target under `torch.no_grad()`, or detach it.",
        make_loss(detach="none"),
    ),
    Mistake(
        "detaches-the-prediction",
        "The gradient flows through the target in place of the prediction: detach the *target*, not Q(s, a).",
        make_loss(detach="prediction"),
    ),
    Mistake(
        "all-detached",
        "No gradient is left: the prediction Q(s, a) must not be detached, nor computed under `torch.no_grad()`.",
        make_loss(detach="both"),
    ),
    Mistake(
        "a-float",
        "It returns a plain number (`.item()`), from which no gradient can flow: return the tensor.",
        lambda *args: loss_mse(*args).item(),
    ),
    Mistake(
        "sum",
        "It sums over the batch. The *mean* is wanted, so that the step does not grow with the batch.",
        make_loss(reduce=lambda errors: (errors**2).sum()),
    ),
    Mistake(
        "half",
        "It is half of what is wanted: here the loss is the mean of δ², without ½.",
        make_loss(reduce=lambda errors: (errors**2).mean() / 2),
    ),
    Mistake(
        "absolute",
        "It averages |δ|; the squares δ² are wanted.",
        make_loss(reduce=lambda errors: errors.abs().mean()),
    ),
    Mistake(
        "huber",
        "That is the smooth L1 (Huber) loss, which a later chapter uses; the squares δ² are wanted here.",
        make_loss(reduce=lambda errors: F.smooth_l1_loss(errors, torch.zeros_like(errors))),
    ),
    Mistake(
        "not-squared",
        "The errors are not squared: positive and negative ones cancel out.",
        make_loss(reduce=lambda errors: errors.mean()),
    ),
    Mistake(
        "square-of-the-mean",
        "It squares the mean error. Square each error first, then average.",
        make_loss(reduce=lambda errors: errors.mean() ** 2),
    ),
    Mistake(
        "root",
        "It takes the root of the mean: the mean of the squares itself is wanted.",
        make_loss(reduce=lambda errors: (errors**2).mean().sqrt()),
    ),
    Mistake(
        "one-a-row",
        "It returns one number for each row: average them.",
        make_loss(reduce=lambda errors: errors**2),
    ),
    Mistake(
        "broadcast",
        "A column (batch, 1) meets a row (batch,): each prediction is compared with *every* target of the batch. "
        "Use `chosen_q_values`, whose result has the shape (batch,).",
        make_loss(predict=lambda q, actions: q.gather(1, actions.unsqueeze(1))),
    ),
    Mistake(
        "broadcast-and-gradient",
        "Two things. A column (batch, 1) meets a row (batch,), so each prediction is compared with *every* target: use "
        "`chosen_q_values`. And a gradient flows through the target: use `td_target`, or detach it.",
        make_loss(predict=lambda q, actions: q.gather(1, actions.unsqueeze(1)), detach="none"),
    ),
    Mistake(
        "maximum",
        "It takes the highest value in s as the prediction; the value of the action *taken* is learned.",
        make_loss(predict=lambda q, actions: q.amax(dim=1)),
    ),
    Mistake(
        "state-left",
        "The target looks at the state you *left*: it needs the values at `next_obs`.",
        make_loss(best=lambda next_q, q, actions: q.amax(dim=1)),
    ),
    Mistake(
        "same-action",
        "The target takes Q(s', a) for the action just taken: it needs the maximum over all actions.",
        make_loss(best=lambda next_q, q, actions: chosen_by_index(next_q, actions)),
    ),
    Mistake("swapped", "`obs` and `next_obs` are swapped.", make_loss(swapped=True)),
    Mistake(
        "bootstraps-past-the-end",
        "Terminated rows bootstrap too: pass `terminated` to `td_target` as it came.",
        make_loss(mask=lambda terminated: torch.ones(len(terminated))),
    ),
    Mistake(
        "inverted-mask",
        "The mask is the wrong way round: pass `terminated` to `td_target` as it came.",
        make_loss(mask=lambda terminated: terminated.float()),
    ),
    Mistake("no-gamma", "The discount γ is missing.", make_loss(combine=lambda r, g, m, v: r + m * v)),
    Mistake("no-reward", "The rewards are missing.", make_loss(combine=lambda r, g, m, v: g * m * v)),
    Mistake("no-bootstrap", "The value of s' is missing from the target.", make_loss(combine=lambda r, g, m, v: r)),
    Mistake(
        "calls-backward",
        "It calls `backward` itself. The loss is only computed here; `optimisation_step` does the rest.",
        _calls_backward,
    ),
    Mistake("takes-a-step", "It changes the network: only compute the loss here.", _takes_a_step),
)


def _batch(seed, network_sizes, terminated, gamma):
    generator, batch = torch.Generator().manual_seed(seed), len(terminated)
    obs_size, num_actions, _ = network_sizes
    return {
        "q_network": CaseNetwork(seed, *network_sizes),
        "obs": torch.randn(batch, obs_size, generator=generator),
        "actions": torch.randint(num_actions, (batch,), generator=generator),
        "rewards": torch.randn(batch, generator=generator) + 1,
        "next_obs": torch.randn(batch, obs_size, generator=generator),
        "terminated": torch.tensor(terminated),
        "gamma": gamma,
    }


TD_LOSS = Exercise(
    id="td-loss",
    name="td_loss",
    notebook=NOTEBOOK,
    number="3.4",
    observe=observe_loss,
    cases=(
        Case("Five transitions, one terminal", _batch(5, (3, 4, (6,)), [False, False, True, False, False], 0.9)),
        Case("A linear network, no terminal state", _batch(3, (2, 3, ()), [False] * 4, 0.8)),
        Case("One transition", _batch(11, (4, 2, (5,)), [False], 0.95)),
    ),
    right=(loss_mse, loss_in_one_pass, loss_by_rows),
    mistakes=LOSS_MISTAKES,
    equivalent={
        "with torch.no_grad():; targets = td_target(rewards, q_network(next_obs), terminated, gamma) → "
        "targets = td_target(rewards, q_network(next_obs), terminated, gamma)": (
            "`td_target` lets no gradient through by itself; `no_grad` here only saves time"
        )
    },
)

EXERCISES = (TD_LOSS,)
