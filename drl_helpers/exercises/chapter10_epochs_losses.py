"""Wrong losses in the loop over epochs: exercise 10.5 of chapter 10."""

from drl_helpers.exercises.chapter10_epochs_parts import LOSSES, make_epochs
from drl_helpers.exercises.spec import Mistake


def _loss(name, words, why):
    return Mistake(name, why, make_epochs(loss=LOSSES[words]))


LOSS_MISTAKES = (
    _loss(
        "old-recomputed",
        "a loss whose old log-probabilities are the present ones",
        "The old log-probabilities are computed anew in each minibatch. They belong to the policy that *played*: "
        "otherwise the ratio is always 1, and the clip never acts. Use `old_log_probs[rows]`.",
    ),
    _loss(
        "old-with-gradient",
        "a loss whose ratio is always 1, without any gradient",
        "The present log-probabilities stand in both places of the ratio: it is 1 whatever happens, and no gradient "
        "flows into the policy. Use `old_log_probs[rows]`.",
    ),
    _loss(
        "not-standardised",
        "a loss whose advantages are not standardised",
        "The advantages are used as they come: standardise those of the minibatch.",
    ),
    _loss(
        "standardised-over-all",
        "a loss whose advantages are standardised over the rollout",
        "The advantages are standardised over the whole rollout. That is done too, elsewhere; here each minibatch is "
        "standardised for itself: first take the rows, then standardise.",
    ),
    _loss(
        "advantages-anew",
        "a loss whose advantages are made anew from the present critic",
        "The advantages are computed anew from a critic that has moved. They are fixed for the whole rollout.",
    ),
    _loss(
        "advantages-with-gradient",
        "a loss whose advantages carry a gradient into the critic",
        "The advantages carry a gradient: the policy's loss would pull at the critic. They are fixed numbers.",
    ),
    _loss(
        "advantages-of-other-rows",
        "a loss whose advantages belong to other rows",
        "The advantages are not those of the minibatch: index them by `rows` as everything else.",
    ),
    _loss(
        "old-of-other-rows",
        "a loss whose old log-probabilities belong to other rows",
        "The old log-probabilities are not those of the minibatch: index them by `rows` as everything else.",
    ),
    _loss(
        "targets-of-other-rows",
        "a loss whose targets belong to other rows",
        "The targets are not those of the minibatch: index them by `rows` as everything else.",
    ),
    _loss("no-clip", "a loss whose ratio is not clipped", "The ratio is not clipped: use `clipped_loss`."),
    _loss(
        "uphill",
        "the clipped loss, uphill",
        "The sign of the clipped loss is turned: it carries its minus already, so it is *added*.",
    ),
    _loss(
        "no-entropy",
        "the clipped loss and the critic's, without the entropy bonus",
        "The entropy bonus is missing.",
    ),
    _loss(
        "punishes-entropy",
        "a loss that punishes entropy",
        "The sign of the entropy is wrong: a bonus makes the loss *smaller*, so it is subtracted.",
    ),
    _loss("sums-entropy", "a loss with the sum of the entropies", "The entropies are summed; their mean is wanted."),
    _loss(
        "entropy-weight-missing",
        "a loss with the entropy, whose weight is 1",
        "The entropy bonus lacks its weight, `config.entropy_weight`.",
    ),
    _loss("no-critic", "a loss without the critic's", "The critic's loss is missing."),
    _loss("critic-alone", "the critic's loss alone", "Only the critic learns: the clipped loss is missing."),
    _loss(
        "critic-weight-missing",
        "a loss in which the critic's has the weight 1",
        "The critic's loss lacks its weight, `config.critic_weight`.",
    ),
    _loss(
        "critic-uphill",
        "a loss in which the critic's is subtracted",
        "The critic's loss is subtracted: it is to become small, so it is added.",
    ),
    _loss(
        "critic-summed",
        "a loss with the sum of the critic's squared errors",
        "The critic's squared errors are summed: their *mean* is wanted.",
    ),
    _loss("critic-not-squared", "a loss with the critic's errors not squared", "The critic's errors are not squared."),
    _loss("critic-absolute", "a loss with the critic's absolute errors", "The critic's errors are to be *squared*."),
    _loss(
        "critic-not-normalised",
        "a loss whose critic sees observations that are not normalised",
        "The critic sees raw observations: give it `policy.norm(obs[rows])`, as everywhere else.",
    ),
    _loss(
        "critic-learns-advantages",
        "a loss whose critic learns the advantages",
        "The critic learns the advantages: its targets are `targets`.",
    ),
)
