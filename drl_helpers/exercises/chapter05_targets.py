"""What exercises on targets from two networks share: batches, what is observed, and what goes wrong."""

import torch

from drl_helpers import replay
from drl_helpers.exercises.case_network import CaseNetwork, changed, weights
from drl_helpers.exercises.spec import Case, Mistake
from drl_helpers.exercises.target_arithmetic import arithmetic_mistakes


class Batch(replay.Batch):
    """A batch that a card can show in a few characters."""

    def __repr__(self):
        return f"batch of {len(self.rewards)}"


def observe_target(attempt, case):
    """The targets; and whether the batch and both networks were left alone."""
    args = case.fresh_args()
    before = {name: weights(args[name]) for name in ("q_network", "target_network")}
    targets = attempt(*args.values())
    seen = {f"`{name}` afterwards": changed(before[name], args[name]) for name in before}
    for name, now, then in zip(args["batch"]._fields, args["batch"], case.args["batch"], strict=True):
        seen[f"`batch.{name}` afterwards"] = "unchanged" if torch.equal(now, then) else "changed"
    seen["the return value"] = targets
    if isinstance(targets, torch.Tensor):
        seen["the use of it in a loss"] = "impossible" if targets.is_inference() else "possible"
    return seen


def pick(q_values, actions):
    """The values of the given actions, one a row."""
    return q_values[torch.arange(len(actions)), actions]


def best_of_target(batch, online, target):
    return target(batch.next_obs).amax(dim=1)


def judged_by_target(batch, online, target):
    """What the target network says of the online network's choice: the values of Double DQN."""
    return pick(target(batch.next_obs), online(batch.next_obs).argmax(dim=1))


def judged_by_online(batch, online, target):
    """The same with the roles swapped."""
    return pick(online(batch.next_obs), target(batch.next_obs).argmax(dim=1))


def make_target(
    values=best_of_target,
    mask=lambda terminated: (~terminated).float(),
    combine=lambda r, g, m, v: r + g * m * v,
    finish=lambda targets: targets.detach(),
):
    """Targets with one part exchanged: `values(batch, q_network, target_network)` gives the next values."""

    def attempt(batch, q_network, target_network, gamma):
        next_values = values(batch, q_network, target_network)
        return finish(combine(batch.rewards, gamma, mask(batch.terminated), next_values))

    return attempt


def _changes_rewards(values):
    def attempt(batch, q_network, target_network, gamma):
        with torch.no_grad():
            return batch.rewards.add_(gamma * ~batch.terminated * values(batch, q_network, target_network))

    return attempt


def useless_to_a_loss(right):
    """The mistakes of a right answer, `right`, whose numbers come in a form, or at a price, that no loss can use."""

    def freezes(batch, q_network, target_network, last):
        for parameter in (*q_network.parameters(), *target_network.parameters()):
            parameter.requires_grad_(False)
        return right(batch, q_network, target_network, last)

    return (
        Mistake(
            "freezes",
            "It switches off the gradients of the networks' *weights*, and they stay off: the online network could "
            "never learn again. `with torch.no_grad():` is for a few lines only.",
            freezes,
        ),
        Mistake(
            "numpy",
            "It returns a NumPy array: stay in torch, the loss needs a tensor.",
            lambda *args: right(*args).numpy(),
        ),
        Mistake(
            "inference-mode",
            "What is made under `torch.inference_mode()` can never take part in a loss that is differentiated, not "
            "even as a constant. Use `torch.no_grad()`.",
            torch.inference_mode()(right),
        ),
    )


def shared_mistakes(values):
    """What goes wrong after the next values, `values(batch, q_network, target_network)`, have been found."""

    def with_part(**part):
        return make_target(values, **part)

    def as_column(batch, online, target):
        return values(batch, online, target).unsqueeze(1)

    return (
        Mistake(
            "gradient",
            "A gradient flows through it. The target is what the network should move *to*, not something to be moved: "
            "compute all of it under `torch.no_grad()`.",
            with_part(finish=lambda targets: targets),
        ),
        *arithmetic_mistakes(with_part, flag="batch.terminated"),
        Mistake("minus", "The next value is subtracted: add it.", with_part(combine=lambda r, g, m, v: r - g * m * v)),
        Mistake(
            "column",
            "The next values have the shape (batch, 1), so the sum broadcasts to (batch, batch): every reward meets "
            "every next value. They must have the shape (batch,): no `keepdim`, and a `squeeze(1)` after `gather`.",
            make_target(as_column, mask=lambda t: 1.0, combine=lambda r, g, m, v: r + g * v),
        ),
        Mistake(
            "masked-column",
            "The next values have the shape (batch, 1), so the product with the mask and the sum broadcast to "
            "(batch, batch). They must have the shape (batch,): no `keepdim`, and a `squeeze(1)` after `gather`.",
            make_target(as_column),
        ),
        Mistake(
            "columns",
            "Its shape is (batch, 1). The loss would compare it with values of shape (batch,) and broadcast to "
            "(batch, batch) without a word: leave `unsqueeze`, `view` and `keepdim` out.",
            with_part(finish=lambda targets: targets.detach().unsqueeze(1)),
        ),
        Mistake(
            "mean-of-the-batch",
            "It returns one number: each row has its own target.",
            with_part(finish=lambda targets: targets.detach().mean()),
        ),
        Mistake(
            "one-minus-bool",
            "A tensor of True and False cannot be subtracted: write `~batch.terminated`, or `1 - terminated.float()`.",
            with_part(mask=lambda t: 1 - t),
        ),
        Mistake(
            "python-not",
            "`not` and `if` ask for one truth value, and a batch has many: write `~batch.terminated`, which works row "
            "by row.",
            with_part(mask=lambda t: not t),
        ),
        Mistake(
            "changes-rewards",
            "It changes `batch.rewards` in place (`+=`), which belongs to the batch. Make a new tensor.",
            _changes_rewards(values),
        ),
        *useless_to_a_loss(make_target(values)),
        Mistake(
            "double-precision",
            "It returns float64; networks and losses here work with float32, the dtype of `batch.rewards`.",
            with_part(finish=lambda targets: targets.detach().double()),
        ),
        Mistake(
            "predictions-of-online",
            "The value of s' comes from `q_network`, the network that moves with every update. It is to come from "
            "`target_network`.",
            make_target(lambda batch, online, target: online(batch.next_obs).amax(dim=1)),
        ),
        Mistake(
            "state-left",
            "It looks at the states that were *left*: bootstrap from `batch.next_obs`.",
            make_target(lambda batch, online, target: values(batch._replace(next_obs=batch.obs), online, target)),
        ),
        Mistake(
            "same-action",
            "It takes Q(s', a) for the action that was taken in s; the action in s' is another one.",
            make_target(lambda batch, online, target: pick(target(batch.next_obs), batch.actions)),
        ),
        Mistake(
            "mean",
            "It averages over the actions in s'; only the best action's value counts.",
            make_target(lambda batch, online, target: target(batch.next_obs).mean(dim=1)),
        ),
        Mistake(
            "smaller-of-both",
            "It takes the smaller of both networks' values, as some later algorithms do; not this one.",
            make_target(
                lambda batch, online, target: torch.minimum(
                    target(batch.next_obs).amax(1), online(batch.next_obs).amax(1)
                )
            ),
        ),
    )


def target_args(seed, terminated, num_actions, gamma):
    """Arguments of a case: two networks that disagree, and a batch with all rewards different."""
    generator, rows = torch.Generator().manual_seed(seed), len(terminated)
    batch = Batch(
        obs=torch.randn(rows, 2, generator=generator),
        actions=torch.randint(num_actions, (rows,), generator=generator),
        rewards=torch.randn(rows, generator=generator) + 1,
        next_obs=torch.randn(rows, 2, generator=generator),
        terminated=torch.tensor(terminated),
    )
    networks = {name: CaseNetwork(seed + i, 2, num_actions, (6,)) for i, name in enumerate(("q_network", "target"))}
    return {"batch": batch, "q_network": networks["q_network"], "target_network": networks["target"], "gamma": gamma}


CASES = (
    Case("Two of five rows are terminal", target_args(393, [False, True, False, False, True], 3, 0.9)),
    Case("No row is terminal", target_args(234, [False] * 6, 4, 0.8)),
    Case("Every row is terminal", target_args(177, [True] * 4, 3, 0.95)),
    Case("A single transition, five actions", target_args(392, [False], 5, 0.5)),
)
