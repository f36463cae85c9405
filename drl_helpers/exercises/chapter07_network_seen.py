"""What can be seen of a convolutional network: the observations of exercise 7.5 of chapter 07."""

import torch
from torch import nn

from drl_helpers.exercises.chapter07_conv import formula
from drl_helpers.exercises.compare import short

PIXELS = (87.0, 30.0)  # these three as in the notebook
CONVOLUTIONS = ((16, 4, 2, 1), (32, 4, 2, 1))
NUM_ACTIONS = 3

B, S = map(int, PIXELS)  # background and scale, in words and in whole numbers
RIGHT_PIXELS = f"(x − {B}) / {S}"
PIXEL_WAYS = {
    RIGHT_PIXELS: lambda x: (x.float() - B) / S,
    "x, as they came": lambda x: x.float(),
    "x / 255": lambda x: x.float() / 255,
    "x / 127.5 − 1": lambda x: x.float() / 127.5 - 1,
    f"x / {S}": lambda x: x.float() / S,
    f"x − {B}": lambda x: x.float() - B,
    f"(x + {B}) / {S}": lambda x: (x.float() + B) / S,
    f"(x − {S}) / {B}": lambda x: (x.float() - S) / B,
    f"(x − {B}) × {S}": lambda x: (x.float() - B) * S,
    f"x − {B} / {S}": lambda x: x.float() - B / S,
    f"x / {S} − {B}": lambda x: x.float() / S - B,
    f"(x / 255 − {B}) / {S}": lambda x: (x.float() / 255 - B) / S,
    f"({B} − x) / {S}": lambda x: (B - x.float()) / S,
    f"(x − {B}) // {S}": lambda x: (x.float() - B) // S,
    f"(x − {B}) / {S}, with x − {B} in uint8, which has no numbers below 0": lambda x: (x - B) / S,
    "(x − their mean) / their standard deviation": lambda x: (x.float() - x.float().mean()) / x.float().std(),
}
RIGHT_WAY = "V + A − mean of A"
WAYS = {
    RIGHT_WAY: lambda v, a: v + a - a.mean(1, True),
    "V + A": lambda v, a: v + a,
    "A": lambda v, a: a + 0 * v,
    "A − mean of A": lambda v, a: a - a.mean(1, True) + 0 * v,
    "V, for each action": lambda v, a: v + 0 * a,
    "V − A + mean of A": lambda v, a: v - a + a.mean(1, True),
    "V + A − maximum of A": lambda v, a: v + a - a.amax(1, True),
    "V + A − mean of all A of the batch": lambda v, a: v + a - a.mean(),
    "V + A − mean of A over the batch": lambda v, a: v + a - a.mean(0, True),
    "V × A": lambda v, a: v * a,
    "V + A − mean of A, with a ReLU after the advantage head": lambda v, a: v + a.relu() - a.relu().mean(1, True),
    "V + A − mean of A, with a ReLU after the value head": lambda v, a: v.relu() + a - a.mean(1, True),
    "V + A − mean of A, with a ReLU after both heads": lambda v, a: v.relu() + a.relu() - a.relu().mean(1, True),
    "V + A − mean of A, then a ReLU": lambda v, a: (v + a - a.mean(1, True)).relu(),
    "V + A − mean of A, then a softmax": lambda v, a: (v + a - a.mean(1, True)).softmax(1),
    "V + A − mean of A, then a tanh": lambda v, a: (v + a - a.mean(1, True)).tanh(),
    "V + A − mean of A, with a softmax after the advantage head": lambda v, a: (
        v + a.softmax(1) - a.softmax(1).mean(1, True)
    ),
}
HEADS = ("advantage_head", "value_head")


def layer_words(layer):
    """A layer in words."""
    if isinstance(layer, nn.Conv2d):
        same = all(len(set(sides)) == 1 for sides in (layer.kernel_size, layer.stride, layer.padding))
        pick = (lambda sides: sides[0]) if same else (lambda sides: sides)
        kernel, stride, padding = (pick(sides) for sides in (layer.kernel_size, layer.stride, layer.padding))
        sizes = f"{layer.in_channels}→{layer.out_channels}, kernel {kernel}, stride {stride}, padding {padding}"
        more = "" if layer.groups == 1 and layer.dilation == (1, 1) else ", in groups or with gaps"
        return f"Conv2d({sizes}{more}{_bias(layer)})"
    if isinstance(layer, nn.Linear):
        return f"Linear({layer.in_features}→{layer.out_features}{_bias(layer)})"
    if isinstance(layer, nn.Flatten) and (layer.start_dim, layer.end_dim) != (1, -1):
        return f"Flatten({layer.start_dim}, {layer.end_dim})"
    if isinstance(layer, nn.Sequential):
        return f"Sequential({', '.join(map(layer_words, layer))})"
    return type(layer).__name__ if isinstance(layer, nn.Module) else f"{short(layer, 60)}, which is no module"


def _bias(layer):
    return ", without bias" if layer.bias is None else ""


def part_words(network, name):
    """A part of a network in words: the layers of a Sequential, one by one."""
    part = getattr(network, name, None)
    if isinstance(part, nn.Sequential):
        return ", ".join(map(layer_words, part)) or "no layers"
    if isinstance(part, list | tuple):
        return f"a plain {type(part).__name__} of layers"
    return "missing" if part is None else layer_words(part)


def expected_parts(num_actions=NUM_ACTIONS, picture_shape=(32, 32), convolutions=CONVOLUTIONS, hidden_size=128):
    """The parts of a right network, in words, and the names of its parameters."""
    channels, (height, width), words, names = 4, picture_shape, [], []
    for place, (num_kernels, kernel, stride, padding) in enumerate(convolutions):
        sizes = f"{channels}→{num_kernels}, kernel {kernel}, stride {stride}, padding {padding}"
        words += [f"Conv2d({sizes})", "ReLU"]
        height, width = (formula(side, kernel, stride, padding) for side in (height, width))
        channels, names = num_kernels, [*names, f"eyes.{2 * place}"]
    words += ["Flatten", f"Linear({channels * height * width}→{hidden_size})", "ReLU"]
    names += [f"eyes.{2 * len(convolutions) + 1}", *HEADS]
    return {
        "what it makes": "a module",
        "`eyes`": ", ".join(words),
        "`advantage_head`": f"Linear({hidden_size}→{num_actions})",
        "`value_head`": f"Linear({hidden_size}→1)",
        "the names of its weights": ", ".join(sorted(f"{n}.{part}" for n in names for part in ("weight", "bias"))),
        "weights that are all 0": "none",
    }


def observe_pong_network(attempt, case):
    """What a network made by `attempt` consists of; and where that is right, what it computes."""
    generator = torch.Generator().manual_seed(5)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(3)
        network = attempt(*case.args.values())
    if not isinstance(network, nn.Module):
        return {"what it makes": f"{short(network)}, which is no `nn.Module`"}
    parameters = sorted(nn.Module.named_parameters(network))
    seen = {"what it makes": "a module"} | {f"`{name}`": part_words(network, name) for name in ("eyes", *HEADS)}
    seen["the names of its weights"] = ", ".join(sorted(nn.Module.state_dict(network)))
    if any(seen[name] != words for name, words in expected_parts(**case.args).items() if name in seen):
        return seen
    with torch.no_grad():
        zero = [name for name, weight in parameters if weight.ndim > 1 and not weight.any()]
        seen["weights that are all 0"] = ", ".join(zero) or "none"
        for _, weight in parameters:  # so that all who built the same see the same
            size = (weight[0].numel() if weight.ndim > 1 else 4) ** -0.5
            weight.copy_(torch.randn(weight.shape, generator=generator) * size)
    obs = torch.randint(0, 256, (7, 4, *case.args.get("picture_shape", (32, 32))), generator=generator).to(torch.uint8)
    return seen | _computed(network, obs)


def _computed(network, obs):
    given, entered = obs.clone(), []
    watch = network.eyes.register_forward_pre_hook(lambda eyes, inputs: entered.extend(inputs))
    values = network(given)
    watch.remove()
    if not isinstance(values, torch.Tensor):
        return {"what `forward` returns": short(values)}
    kept = given.dtype == torch.uint8 and torch.equal(given, obs)
    seen = {"what `forward` returns": "a tensor", "the stacks afterwards": "as they were" if kept else "changed"}
    seen["the shape of the values for 7 stacks"] = tuple(values.shape)
    seen["the shape of the values for 1 stack"] = tuple(network(obs[:1].clone()).shape)
    pixels, way = _ways(network, obs, values, entered)
    seen["what the convolutions see of pixels x"] = pixels
    seen["what becomes of the heads' V and A"] = way
    reached = _gradients(network, values)
    seen["the parts that a gradient reaches"] = ", ".join(f"`{name}`" for name in reached if reached[name]) or "none"
    seen["the way of a gradient back to the pixels"] = _way_back(network, obs)
    if (pixels, way) == (RIGHT_PIXELS, RIGHT_WAY):
        theirs = _gradients(network, _forward(network, obs, PIXEL_WAYS[pixels], WAYS[way]))
        same = all(len(reached[n]) == len(theirs[n]) and all(map(_same, reached[n], theirs[n])) for n in theirs)
        seen["the gradient"] = "that of the values" if same else "another one"
    return seen


def _way_back(network, obs):
    pixels = obs.float().requires_grad_()
    values = network(pixels.clone())  # a copy, which it may change
    if values.requires_grad:
        values.sum().backward()
    return "closed" if pixels.grad is None else "open"


def _forward(network, obs, pixels, way):
    hidden = network.eyes(pixels(obs))
    return way(network.value_head(hidden), network.advantage_head(hidden))


@torch.no_grad()
def _ways(network, obs, values, entered):
    """The words for what is done to the pixels and with the heads, by which the network's own weights give values."""
    for pixels, change in PIXEL_WAYS.items():
        hidden = network.eyes(change(obs))
        v, a = network.value_head(hidden), network.advantage_head(hidden)
        found = next((words for words, way in WAYS.items() if _same(values, way(v, a))), None)
        if found is not None:
            return pixels, found
    if len(entered) == 1 and isinstance(entered[0], torch.Tensor) and _same(entered[0], PIXEL_WAYS[RIGHT_PIXELS](obs)):
        return RIGHT_PIXELS, "something else, or something is done between eyes and heads"
    return "something else", "something else"


def _same(mine, theirs):
    return mine.shape == theirs.shape and torch.allclose(mine, theirs, rtol=1e-4, atol=1e-5)


def _gradients(network, values):
    """The gradients that reach each part, from a sum in which each value has another weight."""
    network.zero_grad()
    if values.requires_grad:
        (values * torch.arange(1.0, values.numel() + 1).view(values.shape)).sum().backward()
    return {
        name: [p.grad.clone() for p in getattr(network, name).parameters() if p.grad is not None and p.grad.any()]
        for name in ("eyes", *HEADS)
    }


def expected_pong_network(case):
    """What a right network shows."""
    num_actions = case.args.get("num_actions", NUM_ACTIONS)
    return expected_parts(**case.args) | {
        "what `forward` returns": "a tensor",
        "the stacks afterwards": "as they were",
        "the shape of the values for 7 stacks": (7, num_actions),
        "the shape of the values for 1 stack": (1, num_actions),
        "what the convolutions see of pixels x": RIGHT_PIXELS,
        "what becomes of the heads' V and A": RIGHT_WAY,
        "the parts that a gradient reaches": "`eyes`, `advantage_head`, `value_head`",
        "the way of a gradient back to the pixels": "open",
        "the gradient": "that of the values",
    }
