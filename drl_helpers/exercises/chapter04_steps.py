"""The exercise of chapter 04 on filling a memory from an environment: 4.3."""

from drl_helpers.exercises.chapter04_steps_seen import Recorder, Track, choose_by_step, observe_collecting
from drl_helpers.exercises.spec import Case, Exercise, Mistake

NOTEBOOK = "04_replay_memory"


def make_collect(
    flag=lambda terminated, truncated: terminated,
    over=lambda terminated, truncated: terminated or truncated,
    remember=lambda obs, next_obs, fresh: (obs, next_obs),
    act=lambda env, choose, obs: choose(obs),
    value=lambda reward: reward,
    forward=True,
    result=lambda first, obs, next_obs: obs,
    count=lambda num_steps: num_steps,
    begin=lambda env, obs: obs,
    reset=lambda env, obs, next_obs: env.reset()[0],
    keep=lambda ended: True,
):
    """The collecting loop with one part exchanged."""

    def attempt(env, memory, choose, num_steps, obs):
        first = obs = begin(env, obs)
        for _ in range(count(num_steps)):
            action = act(env, choose, obs)
            next_obs, reward, terminated, truncated, _ = env.step(action)
            ended = over(terminated, truncated)
            following = reset(env, obs, next_obs) if ended else next_obs if forward else obs
            if keep(ended):
                left, reached = remember(obs, next_obs, following)
                memory.add(left, action, value(reward), reached, flag(terminated, truncated))
            obs = following
        return result(first, obs, next_obs)

    return attempt


def collect_while(env, memory, choose, num_steps, obs):
    taken, current = 0, obs
    while taken < num_steps:
        choice = int(choose(current))
        outcome, reward, terminated, truncated, _ = env.step(choice)
        memory.add(obs=current, action=choice, reward=reward, next_obs=outcome, terminated=terminated)
        current, taken = outcome, taken + 1
        if terminated | truncated:
            current = env.reset()[0]
    return current


def collect_recursively(env, memory, choose, num_steps, obs):
    if num_steps == 0:
        return obs
    action = choose(obs)
    next_obs, reward, *flags, _ = env.step(action)
    memory.add(obs, action, reward, next_obs, flags[0])
    return collect_recursively(env, memory, choose, num_steps - 1, env.reset()[0] if any(flags) else next_obs)


COLLECT_MISTAKES = (
    Mistake(
        "done-for-terminated",
        "It stores `terminated or truncated`. After a truncation the world would have gone on, so the next value "
        "counts: store `terminated` alone.",
        make_collect(flag=lambda terminated, truncated: terminated or truncated),
    ),
    Mistake(
        "truncated-for-terminated",
        "It stores `truncated` where `terminated` belongs.",
        make_collect(flag=lambda terminated, truncated: truncated),
    ),
    Mistake(
        "never-terminated",
        "It always stores False: the update must learn where an episode has terminated.",
        make_collect(flag=lambda terminated, truncated: False),
    ),
    Mistake(
        "inverted",
        "It stores `not terminated`: store the flag as it is.",
        make_collect(flag=lambda terminated, truncated: not terminated),
    ),
    Mistake(
        "terminated-but-not-truncated",
        "Where both flags are up it stores False. A time limit that falls together with the end does not undo the end.",
        make_collect(flag=lambda terminated, truncated: terminated and not truncated),
    ),
    Mistake(
        "reset-obs-as-next",
        "At an episode's end it stores the *first observation of the next episode* as `next_obs`. Store the "
        "transition before you reset.",
        make_collect(remember=lambda obs, next_obs, fresh: (obs, fresh)),
    ),
    Mistake(
        "no-reset-at-truncation",
        "It goes on after a truncation: reset when the episode has `terminated` *or* was `truncated`.",
        make_collect(over=lambda terminated, truncated: terminated),
    ),
    Mistake(
        "no-reset-at-termination",
        "It goes on after a termination: reset when the episode has `terminated` *or* was `truncated`.",
        make_collect(over=lambda terminated, truncated: truncated),
    ),
    Mistake(
        "resets-only-when-both",
        "It resets only when both flags are up: either of them ends an episode.",
        make_collect(over=lambda terminated, truncated: terminated and truncated),
    ),
    Mistake(
        "resets-each-step",
        "It resets after every step: only the end of an episode asks for that.",
        make_collect(over=lambda terminated, truncated: True),
    ),
    Mistake(
        "keeps-the-old-obs-at-the-end",
        "It resets, but goes on from the episode's last observation: go on from what `env.reset()` returns.",
        make_collect(reset=lambda env, obs, next_obs: (env.reset(), next_obs)[1]),
    ),
    Mistake(
        "reset-returns-two",
        "`env.reset()` returns two things, the observation and a dict: write `obs, _ = env.reset()`.",
        make_collect(reset=lambda env, obs, next_obs: env.reset()),
    ),
    Mistake(
        "resets-first",
        "It begins with a reset. The episode that is under way goes on: begin at the `obs` that is passed.",
        make_collect(begin=lambda env, obs: env.reset()[0]),
    ),
    Mistake(
        "stays-behind",
        "`obs` never moves on: after each step the state you reached becomes the one you are in.",
        make_collect(forward=False),
    ),
    Mistake(
        "moves-on-too-early",
        "`obs` is overwritten before the transition is stored, so both observations are the same: move on last.",
        make_collect(remember=lambda obs, next_obs, fresh: (next_obs, next_obs)),
    ),
    Mistake(
        "states-swapped",
        "`obs` and `next_obs` are swapped in the memory.",
        make_collect(remember=lambda obs, next_obs, fresh: (next_obs, obs)),
    ),
    Mistake(
        "obs-twice",
        "`obs` is stored as the next observation too: that one is what `env.step` returned.",
        make_collect(remember=lambda obs, next_obs, fresh: (obs, obs)),
    ),
    Mistake(
        "last-step-lost",
        "The last transition of each episode is not stored, and it is the one that tells of the end.",
        make_collect(keep=lambda ended: not ended),
    ),
    Mistake(
        "only-ends",
        "Only the last transition of each episode is stored: store every one.",
        make_collect(keep=lambda ended: ended),
    ),
    Mistake("nothing-stored", "Nothing is stored: call `memory.add`.", make_collect(keep=lambda ended: False)),
    Mistake(
        "random-actions",
        "The argument `choose` is not used: the action is `choose(obs)`.",
        make_collect(act=lambda env, choose, obs: int(env.np_random.integers(4))),
    ),
    Mistake(
        "one-action",
        "It always takes action 0: the action is `choose(obs)`.",
        make_collect(act=lambda env, choose, obs: 0),
    ),
    Mistake("no-reward", "The reward is lost: store what `env.step` gave.", make_collect(value=lambda reward: 0.0)),
    Mistake(
        "one-step-more",
        "It takes one step too many: `range(num_steps)` gives `num_steps` rounds.",
        make_collect(count=lambda num_steps: num_steps + 1),
    ),
    Mistake(
        "one-step-less",
        "It takes one step too few: `range(num_steps)` gives `num_steps` rounds.",
        make_collect(count=lambda num_steps: num_steps - 1),
    ),
    Mistake("one-step", "It takes a single step: `num_steps` are wanted.", make_collect(count=lambda num_steps: 1)),
    Mistake(
        "returns-the-last",
        "It returns the last `next_obs`. When that step ended an episode, the caller must go on from the new one.",
        make_collect(result=lambda first, obs, next_obs: next_obs),
    ),
    Mistake(
        "returns-the-first",
        "It returns the observation it was given: return the one to go on from.",
        make_collect(result=lambda first, obs, next_obs: first),
    ),
    Mistake(
        "returns-nothing",
        "Nothing is returned: return the observation to go on from.",
        make_collect(result=lambda first, obs, next_obs: None),
    ),
)


def _args(ends, num_steps):
    return {"env": Track(ends), "memory": Recorder(), "choose": choose_by_step, "num_steps": num_steps}


COLLECT = Exercise(
    id="collect",
    name="collect",
    notebook=NOTEBOOK,
    number="4.3",
    observe=observe_collecting,
    cases=(
        Case("Episodes that terminate or are truncated", _args((("terminated", 4), ("truncated", 3)), 17)),
        Case("Both flags in the same step", _args((("terminated and truncated", 3), ("truncated", 2)), 9)),
        Case("The last step ends an episode", _args((("terminated", 5), ("truncated", 4)), 9)),
        Case("Only truncations", _args((("truncated", 3),), 7)),
    ),
    right=(make_collect(), collect_while, collect_recursively),
    mistakes=COLLECT_MISTAKES,
)

EXERCISES = (COLLECT,)
