"""Exercise 10.1 of chapter 10: PPO's clipped loss."""

import torch

from drl_helpers.exercises.spec import Case, Exercise, Mistake
from drl_helpers.ppo import clipped_loss

NOTEBOOK = "10_ppo"


def observe_loss(attempt, case):
    """The loss, and the gradient that it sends into the log-probabilities."""
    args = case.fresh_args()
    log_probs = args["log_probs"]
    loss = attempt(*args.values())
    called = log_probs.grad is not None
    seen = {"it calls `backward` itself": called, "the return value": loss}
    if isinstance(loss, torch.Tensor) and loss.requires_grad and loss.dim() == 0 and not called:
        (gradient,) = torch.autograd.grad(loss, [log_probs], allow_unused=True)
        seen["its gradient on `log_probs`"] = torch.zeros_like(log_probs) if gradient is None else gradient
    return seen


def loss_by_rows(log_probs, old_log_probs, advantages, clip_range):
    terms = []
    for new, old, advantage in zip(log_probs, old_log_probs, advantages, strict=True):
        ratio = torch.exp(new - old)
        bound = 1 + clip_range if advantage >= 0 else 1 - clip_range
        beyond = ratio > bound if advantage >= 0 else ratio < bound
        terms.append(advantage * (bound if beyond else ratio))
    # A term that is constant keeps the graph in one piece, with a gradient of zero.
    return -sum(terms) / len(terms) + 0.0 * log_probs.sum()


def loss_by_max(log_probs, old_log_probs, advantages, clip_range):
    ratio = torch.exp(log_probs - old_log_probs.detach())
    clipped = torch.clip(ratio, 1.0 - clip_range, 1.0 + clip_range)
    return torch.maximum(-advantages * ratio, -advantages * clipped).mean()


def loss_by_cases(log_probs, old_log_probs, advantages, clip_range):
    ratio = log_probs.exp() / old_log_probs.exp()
    high, low = ratio.clamp(max=1 + clip_range), ratio.clamp(min=1 - clip_range)
    return (torch.where(advantages > 0, high, low) * advantages).sum().neg() / len(advantages)


def make_loss(
    ratio=lambda new, old: (new - old).exp(),
    clip=lambda r, c: r.clamp(1 - c, 1 + c),
    join=torch.min,
    reduce=lambda terms: -terms.mean(),
    weigh=lambda advantages: advantages,
):
    """The loss with one part exchanged."""

    def attempt(log_probs, old_log_probs, advantages, clip_range):
        r, advantages = ratio(log_probs, old_log_probs), weigh(advantages)
        return reduce(join(r * advantages, clip(r, clip_range) * advantages))

    return attempt


def _clips_the_product(log_probs, old_log_probs, advantages, clip_range):
    product = (log_probs - old_log_probs).exp() * advantages
    return -torch.min(product, product.clamp(1 - clip_range, 1 + clip_range)).mean()


def _minimum_of_means(log_probs, old_log_probs, advantages, clip_range):
    ratio = (log_probs - old_log_probs).exp()
    clipped = ratio.clamp(1 - clip_range, 1 + clip_range)
    return -torch.min((ratio * advantages).mean(), (clipped * advantages).mean())


def _calls_backward(*args):
    loss = clipped_loss(*args)
    loss.backward()
    return loss


LOSS_MISTAKES = (
    Mistake(
        "ratio-of-logarithms",
        "It divides the *log*-probabilities by each other. They are logarithms: the ratio of the probabilities is "
        "exp(log_probs − old_log_probs).",
        make_loss(ratio=lambda new, old: new / old),
    ),
    Mistake(
        "no-exponential",
        "log_probs − old_log_probs is the *logarithm* of the ratio: take its exponential.",
        make_loss(ratio=lambda new, old: new - old),
    ),
    Mistake(
        "inverted-ratio",
        "The ratio is upside down: new over old is wanted, exp(log_probs − old_log_probs).",
        make_loss(ratio=lambda new, old: (old - new).exp()),
    ),
    Mistake(
        "maximum",
        "It takes the *larger* of the two terms. Then the clip lets through what it should stop, and stops what it "
        "should let through: the smaller one is wanted.",
        make_loss(join=torch.max),
    ),
    Mistake(
        "no-minimum",
        "It clips the ratio and leaves the minimum out. Then a ratio that has gone the *wrong* way, for instance above "
        "1 + Δ with a negative advantage, gets no gradient either, and nothing brings it back.",
        make_loss(join=lambda plain, clipped: clipped),
    ),
    Mistake(
        "no-clip",
        "Nothing is clipped: this is the surrogate alone, and nothing keeps the new policy near the old one.",
        make_loss(join=lambda plain, clipped: plain),
    ),
    Mistake(
        "no-upper-clip",
        "The ratio is clipped from below only: it must not exceed 1 + Δ either.",
        make_loss(clip=lambda r, c: r.clamp(min=1 - c)),
    ),
    Mistake(
        "no-lower-clip",
        "The ratio is clipped from above only: it must not fall below 1 − Δ either.",
        make_loss(clip=lambda r, c: r.clamp(max=1 + c)),
    ),
    Mistake(
        "clips-around-zero",
        "It clips the ratio to [−Δ, Δ]. A ratio is about 1: the bounds are 1 − Δ and 1 + Δ.",
        make_loss(clip=lambda r, c: r.clamp(-c, c)),
    ),
    Mistake(
        "clips-the-logarithm",
        "It clips the logarithm of the ratio to [−Δ, Δ]; the ratio itself is to be clipped, to [1 − Δ, 1 + Δ].",
        make_loss(clip=lambda r, c: r.log().clamp(-c, c).exp()),
    ),
    Mistake(
        "clips-the-product",
        "It clips ratio · advantage. Only the *ratio* is clipped, then multiplied by the advantage.",
        _clips_the_product,
    ),
    Mistake(
        "minimum-of-the-means",
        "It averages both terms and takes the smaller mean. The minimum is taken for each action, then the mean.",
        _minimum_of_means,
    ),
    Mistake(
        "no-minus",
        "The minus is missing. An optimizer goes *down*: what is to grow must be negated.",
        make_loss(reduce=lambda terms: terms.mean()),
    ),
    Mistake(
        "sum",
        "It sums over the batch. The *mean* is wanted, or the step would grow with the size of the minibatch.",
        make_loss(reduce=lambda terms: -terms.sum()),
    ),
    Mistake(
        "one-a-row", "It returns one number for each action: average them.", make_loss(reduce=lambda terms: -terms)
    ),
    Mistake(
        "no-gradient",
        "The number is right, but no gradient flows: `log_probs` must not be detached.",
        make_loss(ratio=lambda new, old: (new - old).exp().detach()),
    ),
    Mistake("a-float", "It returns a plain number, from which no gradient flows.", lambda *a: clipped_loss(*a).item()),
    Mistake(
        "no-ratio",
        "It weighs log-probabilities by advantages, as REINFORCE does: the *ratio* to the old policy is wanted.",
        lambda new, old, advantages, c: -(new * advantages).mean(),
    ),
    Mistake(
        "standardises",
        "It standardises the advantages. That happens outside: here they are used as they come.",
        make_loss(weigh=lambda a: (a - a.mean()) / (a.std(correction=0) + 1e-8)),
    ),
    Mistake(
        "absolute-advantages",
        "The sign of the advantages is lost: a bad action is to become *less* probable.",
        make_loss(weigh=torch.abs),
    ),
    Mistake("calls-backward", "It calls `backward` itself: only compute the loss here.", _calls_backward),
)


def _case(label, ratios, advantages, clip_range, old):
    old = torch.tensor(old)
    log_probs = (old + torch.tensor(ratios).log()).requires_grad_()
    args = {"log_probs": log_probs, "old_log_probs": old, "advantages": torch.tensor(advantages)}
    return Case(label, args | {"clip_range": clip_range})


OLD = [-0.7, -1.3, -0.2, -2.1, -0.9, -0.4, -1.6, -1.1]
CLIPPED_LOSS = Exercise(
    id="clipped-loss",
    name="clipped_loss",
    notebook=NOTEBOOK,
    number="10.1",
    observe=observe_loss,
    cases=(
        _case(
            "Eight actions, both signs of the advantage, ratios on both sides",
            [1.5, 0.5, 1.1, 0.9, 1.6, 0.6, 1.05, 0.7],
            [1.0, 2.0, 0.5, -1.5, -0.8, -2.2, -0.6, 0.9],
            0.2,
            OLD,
        ),
        _case("Good actions only, a wider clip", [1.7, 0.4, 1.3], [0.5, 1.5, 2.5], 0.5, OLD[:3]),
        _case("Bad actions only", [1.7, 0.4, 1.05, 0.75], [-0.5, -1.5, -2.5, -1.0], 0.1, OLD[:4]),
        _case("One action, nothing to clip", [1.1], [2.0], 0.3, OLD[:1]),
    ),
    right=(clipped_loss, loss_by_rows, loss_by_max, loss_by_cases),
    mistakes=LOSS_MISTAKES,
    equivalent={
        "return -torch.min(ratio * advantages, clipped * advantages).mean() → "
        "return -torch.min(clipped * advantages, ratio * advantages).mean()": "the order does not matter to a minimum"
    },
)

EXERCISES = (CLIPPED_LOSS,)
