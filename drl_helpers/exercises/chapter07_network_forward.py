"""What goes wrong in exercise 7.5 of chapter 07 in `forward`."""

import torch

from drl_helpers.exercises.chapter07_network_parts import Built, network
from drl_helpers.exercises.chapter07_network_seen import PIXEL_WAYS, WAYS, B, S
from drl_helpers.exercises.spec import Mistake


def pixels(words):
    """A network that does this to the pixels."""
    return network(pixels=PIXEL_WAYS[words])


def combine(words):
    """A network that does this with the heads."""
    return network(combine=WAYS[words])


def forward(function):
    """A network with this `forward`."""
    return network(forward=function)


def _eyes_without_gradient(self, obs):
    with torch.no_grad():
        hidden = self.eyes(self.pixels(obs))
    return self.put_together(hidden)


def _heads(self, obs):
    hidden = self.eyes(self.pixels(obs))
    return self.value_head(hidden), self.advantage_head(hidden)


def _dropped_out(self, obs):
    hidden = torch.dropout(self.eyes(self.pixels(obs)), 0.5, train=True)
    return self.put_together(hidden)


def _in_place(self, obs):
    obs -= B
    hidden = self.eyes(obs / S)
    return self.put_together(hidden)


FORWARD_MISTAKES = (
    Mistake(
        "no-float",
        "The stacks are still uint8, and a convolution computes in float32: take `obs.float()`.",
        network(pixels=lambda obs: obs),
    ),
    Mistake(
        "pixels-as-they-came",
        "The pixels go in as they are, most of them 87: a network that begins with small weights sees little but the "
        "background. Take `PIXELS[0]` away and divide by `PIXELS[1]`.",
        pixels("x, as they came"),
    ),
    Mistake(
        "divided-by-255",
        "The pixels are divided by 255, as is often done. Then the background is one large constant and the ball a "
        "small bump on it: take `PIXELS[0]` away and divide by `PIXELS[1]`.",
        pixels("x / 255"),
    ),
    Mistake(
        "minus-one-to-one",
        "The pixels are stretched over −1 to 1. The background is not the middle of that: it is 87, `PIXELS[0]`.",
        pixels("x / 127.5 − 1"),
    ),
    Mistake("only-divided", "The background is not taken away: subtract `PIXELS[0]` first.", pixels(f"x / {S}")),
    Mistake("only-subtracted", "The division by `PIXELS[1]` is missing.", pixels(f"x − {B}")),
    Mistake("added", "The background is added: take it away.", pixels(f"(x + {B}) / {S}")),
    Mistake(
        "pixels-swapped",
        "The two numbers are swapped: take `PIXELS[0]` away, divide by `PIXELS[1]`.",
        pixels(f"(x − {S}) / {B}"),
    ),
    Mistake("multiplied", "It multiplies by `PIXELS[1]`: divide.", pixels(f"(x − {B}) × {S}")),
    Mistake(
        "no-brackets",
        "Only `PIXELS[0]` is divided, for `/` comes before −: put the difference into brackets.",
        pixels(f"x − {B} / {S}"),
    ),
    Mistake(
        "divided-first",
        "It divides before it subtracts: first take `PIXELS[0]` away.",
        pixels(f"x / {S} − {B}"),
    ),
    Mistake(
        "divided-twice",
        "The pixels are divided by 255 before: `PIXELS` is meant for pixels from 0 to 255.",
        pixels(f"(x / 255 − {B}) / {S}"),
    ),
    Mistake("sign", "The difference has the wrong sign: pixel minus background.", pixels(f"({B} − x) / {S}")),
    Mistake(
        "whole-numbers",
        "`//` rounds down to whole numbers, and most of what pictures tell is lost: use `/`.",
        pixels(f"(x − {B}) // {S}"),
    ),
    Mistake(
        "wraps",
        "It subtracts in uint8, where 80 − 87 is 249, for there is nothing below 0. Make the stacks float first.",
        pixels(f"(x − {B}) / {S}, with x − {B} in uint8, which has no numbers below 0"),
    ),
    Mistake(
        "in-place",
        "It changes the stacks in place. They belong to the caller, and uint8 has nothing below 0: make new numbers "
        "with `obs.float()`.",
        forward(_in_place),
    ),
    Mistake(
        "standardised",
        "The pixels are standardised by the batch's own mean: then the same stack has other values in another batch.",
        pixels("(x − their mean) / their standard deviation"),
    ),
    Mistake(
        "only-added",
        "V and A are only added: `dueling_q_values` also takes the mean of A away, so that both mean something.",
        combine("V + A"),
    ),
    Mistake(
        "advantages-alone",
        "The values are the advantages alone: either the value head is not used, or the arguments are swapped, "
        "`dueling_q_values(values, advantages)`, and V falls out.",
        combine("A"),
    ),
    Mistake(
        "no-value",
        "The value is missing: what is left are the advantages less their mean.",
        combine("A − mean of A"),
    ),
    Mistake(
        "value-alone", "The advantage head is not used: all actions have the same value.", combine("V, for each action")
    ),
    Mistake("advantages-subtracted", "The sign of the advantages is wrong.", combine("V − A + mean of A")),
    Mistake("maximum", "The maximum is taken away: here it is the mean of A.", combine("V + A − maximum of A")),
    Mistake(
        "mean-over-the-batch",
        "The mean is taken over the batch: each stack has its own, `dim=1`.",
        combine("V + A − mean of A over the batch"),
    ),
    Mistake(
        "one-mean-for-all",
        "One mean is taken over all stacks and actions: each stack has its own. `dueling_q_values` does it right.",
        combine("V + A − mean of all A of the batch"),
    ),
    Mistake("product", "V and A are multiplied: they are added.", combine("V × A")),
    Mistake(
        "relu-after-the-advantages",
        "There is a ReLU after the advantage head: advantages may be negative.",
        combine("V + A − mean of A, with a ReLU after the advantage head"),
    ),
    Mistake(
        "relu-after-the-value",
        "There is a ReLU after the value head: who is losing has a negative value.",
        combine("V + A − mean of A, with a ReLU after the value head"),
    ),
    Mistake(
        "relu-after-both",
        "There is a ReLU after each head: values and advantages may be negative.",
        combine("V + A − mean of A, with a ReLU after both heads"),
    ),
    Mistake(
        "relu-at-the-end",
        "There is a ReLU at the end: who is losing has negative values.",
        combine("V + A − mean of A, then a ReLU"),
    ),
    Mistake(
        "softmax",
        "It ends with a softmax. Q-values are returns, not probabilities: leave it out.",
        combine("V + A − mean of A, then a softmax"),
    ),
    Mistake(
        "softmax-of-the-advantages",
        "There is a softmax after the advantage head: advantages are differences of returns, not probabilities.",
        combine("V + A − mean of A, with a softmax after the advantage head"),
    ),
    Mistake(
        "tanh-at-the-end",
        "It ends with a tanh, which keeps values between −1 and 1: a return may be larger.",
        combine("V + A − mean of A, then a tanh"),
    ),
    Mistake(
        "no-gradient",
        "It computes under `torch.no_grad()`, or detaches its values: then the network cannot learn.",
        forward(torch.no_grad()(Built.forward)),
    ),
    Mistake(
        "new-tensor",
        "`torch.tensor(obs)` makes a new tensor, and no gradient finds the way back to the pixels, by which section 8 "
        "shows what the agent looks at. `obs.float()` keeps it.",
        network(pixels=lambda obs: (obs.detach().float() - B) / S),
    ),
    Mistake(
        "neither",
        "What goes into the eyes is right, and what comes out at the end is not: the hidden numbers go to both heads "
        "as they are, and `dueling_q_values` puts together what the heads give.",
        forward(_dropped_out),
    ),
    Mistake(
        "eyes-without-gradient",
        "No gradient reaches the eyes: without `detach` and `torch.no_grad()` they learn too.",
        forward(_eyes_without_gradient),
    ),
    Mistake(
        "value-detached",
        "No gradient reaches the value head: leave its output as it is, without `detach`.",
        network(combine=lambda v, a: v.detach() + a - a.mean(1, True)),
    ),
    Mistake(
        "advantages-detached",
        "No gradient reaches the advantage head: leave its output as it is, without `detach`.",
        network(combine=lambda v, a: v + (a - a.mean(1, True)).detach()),
    ),
    Mistake(
        "mean-detached",
        "The mean is detached. The numbers are right, and the gradient is not: call `dueling_q_values`.",
        network(combine=lambda v, a: v + a - a.mean(1, True).detach()),
    ),
    Mistake(
        "squeezed",
        "Axes of length 1 are dropped: a batch of one stack still gives the shape (1, num_actions).",
        network(combine=lambda v, a: Built.combine(v, a).squeeze()),
    ),
    Mistake(
        "transposed",
        "The values are (num_actions, batch): (batch, num_actions) is wanted.",
        network(combine=lambda v, a: Built.combine(v, a).T),
    ),
    Mistake("both-heads", "It returns both heads: put them together with `dueling_q_values`.", forward(_heads)),
    Mistake(
        "hidden-numbers",
        "It returns what the eyes make: the heads come after them.",
        forward(lambda self, obs: self.eyes(self.pixels(obs))),
    ),
    Mistake(
        "greatest-value",
        "It returns the greatest value of each stack: return the values of all actions.",
        network(combine=lambda v, a: Built.combine(v, a).amax(1)),
    ),
)
