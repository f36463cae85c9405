"""Exercise 9.2 of chapter 09: the critic's loss, at a truncation too."""

import torch
from torch.nn import functional as F

from drl_helpers.exercises.spec import Case, Exercise, Mistake
from drl_helpers.exercises.target_arithmetic import arithmetic_mistakes

NOTEBOOK = "09_actor_critic"


def observe_loss(attempt, case):
    """The loss, and the gradients that flow from it into V(s) and V(s')."""
    args = case.fresh_args()
    before = [args[name].clone() for name in ("rewards", "terminated", "truncated")]
    loss = attempt(*args.values())
    kept = all(
        torch.equal(a, args[name]) for a, name in zip(before, ("rewards", "terminated", "truncated"), strict=True)
    )
    seen = {"the loss": loss, "the arguments": "as they were" if kept else "changed"}
    inputs = [args["values"], args["next_values"]]
    if torch.is_tensor(loss) and loss.requires_grad and loss.numel() == 1:
        found = torch.autograd.grad(loss.sum(), inputs, allow_unused=True)
        for name, value, gradient in zip(("values", "next_values"), inputs, found, strict=True):
            shown = torch.zeros_like(value) if gradient is None else gradient
            seen[f"the gradient into `{name}`"] = shown.numpy().copy()
    return seen


def loss_where(values, rewards, next_values, terminated, truncated, gamma):
    with torch.no_grad():
        targets = torch.where(terminated, rewards, rewards + gamma * next_values)
    return F.mse_loss(values, targets)


def loss_by_entry(values, rewards, next_values, terminated, truncated, gamma):
    total = 0.0
    entries = zip(*(part.reshape(-1) for part in (values, rewards, next_values.detach(), terminated)), strict=True)
    for value, reward, following, ended in entries:
        total = total + (value - (reward if ended else reward + gamma * following)) ** 2
    return total / values.numel()


def loss_of_errors(values, rewards, next_values, terminated, truncated, gamma):
    errors = rewards + gamma * (1 - terminated.float()) * next_values.detach() - values
    return errors.square().sum() / errors.numel()


def make_loss(
    mask=lambda terminated, truncated: (~terminated).float(),
    combine=lambda r, g, m, w: r + g * m * w,
    loss=lambda v, y, terminated, truncated: ((v - y) ** 2).mean(),
    old=lambda v: v,
    new=lambda w: w.detach(),
):
    """The loss with one part exchanged."""

    def attempt(values, rewards, next_values, terminated, truncated, gamma):
        targets = combine(rewards, gamma, mask(terminated, truncated), new(next_values))
        return loss(old(values), targets, terminated, truncated)

    return attempt


def _with_target(mask=lambda t: (~t).float(), **parts):
    return make_loss(mask=lambda terminated, truncated: mask(terminated), **parts)


def _with(loss):
    return make_loss(loss=lambda v, y, *_: loss(v, y))


CRITIC_MISTAKES = (
    Mistake(
        "no-bootstrap-at-truncation",
        "A truncation is taken for an end. The time limit ended the *episode*; the world would have gone on, and s' is "
        "worth what it is worth. Mask with `~terminated` alone.",
        make_loss(mask=lambda d, u: (~(d | u)).float()),
    ),
    *arithmetic_mistakes(_with_target),
    Mistake(
        "flags-swapped",
        "The flags are swapped: it drops the bootstrap at a truncation, and keeps it at a termination.",
        make_loss(mask=lambda d, u: (~u).float()),
    ),
    Mistake(
        "bootstraps-at-truncation-only",
        "It bootstraps *only* where the episode was truncated: every step that has not terminated does.",
        make_loss(mask=lambda d, u: u.float()),
    ),
    Mistake(
        "truncation-undoes-termination",
        "Where both flags are set the world has ended all the same: `truncated` takes no part in the target.",
        make_loss(mask=lambda d, u: (~d | u).float()),
    ),
    Mistake(
        "skips-the-cut-steps",
        "It leaves the truncated steps out of the loss. They are steps like others, with a target of their own.",
        make_loss(loss=lambda v, y, d, u: ((v - y)[~u] ** 2).mean()),
    ),
    Mistake(
        "skips-the-last-steps",
        "It leaves the terminated steps out of the loss. But they alone tell the critic of the end: the mask covers "
        "the *next value*, not the error.",
        make_loss(loss=lambda v, y, d, u: (((v - y) * ~d) ** 2).mean()),
    ),
    Mistake(
        "gradient-through-the-target",
        "The gradient flows into `next_values` too. The target is what V(s) should move *to*: `next_values.detach()`.",
        make_loss(new=lambda w: w),
    ),
    Mistake(
        "detached",
        "No gradient reaches `values`, so the critic cannot learn from this: detach `next_values` only.",
        make_loss(old=lambda v: v.detach()),
    ),
    Mistake(
        "wrong-one-detached",
        "`values` is detached and `next_values` is not: so V(s') is moved towards V(s). It is the other way round.",
        make_loss(old=lambda v: v.detach(), new=lambda w: w),
    ),
    Mistake(
        "sum",
        "It is a sum; take the mean, or the learning rate depends on the size of the batch.",
        _with(lambda v, y: ((v - y) ** 2).sum()),
    ),
    Mistake(
        "mean-over-one-axis",
        "The mean is over one axis only, so several numbers are left: `mean()` without an axis.",
        _with(lambda v, y: ((v - y) ** 2).mean(dim=0)),
    ),
    Mistake(
        "no-mean",
        "It returns a loss for each entry: take the mean over all of them.",
        _with(lambda v, y: (v - y) ** 2),
    ),
    Mistake(
        "square-of-the-mean",
        "It squares the mean; errors of opposite sign cancel. Square first, then take the mean.",
        _with(lambda v, y: (v - y).mean() ** 2),
    ),
    Mistake("no-square", "The square is missing.", _with(lambda v, y: (v - y).mean())),
    Mistake(
        "absolute", "It takes absolute values; here the errors are squared.", _with(lambda v, y: (v - y).abs().mean())
    ),
    Mistake("half", "It is half of the loss that is asked for.", _with(lambda v, y: ((v - y) ** 2).mean() / 2)),
    Mistake(
        "uphill", "The sign is wrong: to lower this would raise the error.", _with(lambda v, y: -((v - y) ** 2).mean())
    ),
    Mistake(
        "root",
        "It takes the root; the mean squared error itself is wanted.",
        _with(lambda v, y: ((v - y) ** 2).mean().sqrt()),
    ),
    Mistake("huber", "That is the Huber loss; here the error is squared.", _with(F.smooth_l1_loss)),
    Mistake(
        "every-value-with-every-target",
        "Values and targets broadcast against each other, so each value meets each target: give them the same shape.",
        _with(lambda v, y: ((v.reshape(-1, 1) - y.reshape(-1)) ** 2).mean()),
    ),
    Mistake(
        "a-plain-number",
        "It returns a plain number, and `backward` needs the tensor: leave `.item()` out.",
        _with(lambda v, y: ((v - y) ** 2).mean().item()),
    ),
)


def _loss_case(label, values, rewards, next_values, terminated, truncated, gamma):
    tensors = {"values": torch.tensor(values, requires_grad=True), "rewards": torch.tensor(rewards)}
    tensors["next_values"] = torch.tensor(next_values, requires_grad=True)
    flags = {"terminated": torch.tensor(terminated), "truncated": torch.tensor(truncated)}
    return Case(label, tensors | flags | {"gamma": gamma})


CRITIC = Exercise(
    id="critic-loss",
    name="critic_loss",
    notebook=NOTEBOOK,
    number="9.2",
    observe=observe_loss,
    cases=(
        _loss_case(
            "One has terminated, one was truncated, one both at once",
            [0.7, 2.5, -1.5, 4.0, 1.2],
            [1.5, -1.0, 0.5, 2.0, 3.0],
            [2.0, 6.0, 0.75, -1.5, 8.0],
            [False, True, False, False, True],
            [False, False, True, False, True],
            0.9,
        ),
        _loss_case("No episode is over", [3.0, -0.5], [1.0, 2.0], [-4.0, 1.5], [False] * 2, [False] * 2, 0.8),
        _loss_case(
            "Three steps of two environments, two of them cut off",
            [[2.0, -1.5], [0.5, 4.0], [1.75, -2.5]],
            [[1.0, 0.5], [2.0, -1.0], [0.25, 3.0]],
            [[0.6, 2.2], [5.0, -3.0], [1.1, 7.0]],
            [[False, False], [True, False], [False, False]],
            [[False, True], [False, False], [True, False]],
            0.7,
        ),
    ),
    right=(loss_where, loss_by_entry, loss_of_errors),
    mistakes=CRITIC_MISTAKES,
    tolerance=1e-5,
)

EXERCISES = (CRITIC,)
