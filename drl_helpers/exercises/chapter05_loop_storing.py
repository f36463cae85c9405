"""What people get wrong in exercise 5.4 of chapter 05: in storing transitions."""

from drl_helpers.exercises.chapter05_loop_parts import begin, flagged, make_loop
from drl_helpers.exercises.spec import Mistake


def _reset_before_storing(run, action, reward, next_obs, terminated, truncated):
    run.fresh = run.env.reset()[0] if terminated or truncated else next_obs
    run.memory.add(run.obs, action, reward, run.fresh, terminated)


def _begin_with_fresh(run):
    run.obs = run.fresh
    run.returns.append(run.episode_return)
    run.episode_return = 0.0


def _twice(run, action, reward, next_obs, terminated, truncated):
    for _ in range(2):
        run.memory.add(run.obs, action, reward, next_obs, terminated)


def _not_the_last(run, action, reward, next_obs, terminated, truncated):
    if not (terminated or truncated):
        run.memory.add(run.obs, action, reward, next_obs, terminated)


def _not_the_truncated(run, action, reward, next_obs, terminated, truncated):
    if not truncated:
        run.memory.add(run.obs, action, reward, next_obs, terminated)


def _store(what):
    return lambda run, action, reward, next_obs, terminated, truncated: run.memory.add(
        *what(run, action, reward, next_obs), terminated
    )


def _begins_and_forgets(run):
    begin(run)
    run.memory.position = run.memory.size = 0


STORING_MISTAKES = (
    Mistake(
        "truncation-as-termination",
        "The memory is told that the episode ended (`terminated or truncated`) where it was only cut off. After a "
        "*truncation* the world would have gone on, so the next value still counts: store `terminated` alone.",
        make_loop(remember=flagged(lambda terminated, truncated: terminated or truncated)),
    ),
    Mistake(
        "truncated-stored",
        "It stores `truncated` where `terminated` belongs.",
        make_loop(remember=flagged(lambda terminated, truncated: truncated)),
    ),
    Mistake(
        "flag-inverted",
        "It stores `not terminated`: store `terminated` as it is.",
        make_loop(remember=flagged(lambda terminated, truncated: not terminated)),
    ),
    Mistake(
        "never-terminates",
        "The memory never learns that an episode has terminated: store `terminated`.",
        make_loop(remember=flagged(lambda terminated, truncated: False)),
    ),
    Mistake(
        "reset-stored",
        "At the end of an episode it stores the *new* episode's first observation as `next_obs`, as if the action had "
        "led there. Store what `env.step` returned; reset later.",
        make_loop(remember=_reset_before_storing, begin=_begin_with_fresh),
    ),
    Mistake(
        "moved-on-too-early",
        "`run.obs` was overwritten before the transition was stored, so it says that the step began where it ended: "
        "store first, then move on.",
        make_loop(remember=_store(lambda run, action, reward, next_obs: (next_obs, action, reward, next_obs))),
    ),
    Mistake(
        "observations-swapped",
        "`run.obs` and `next_obs` are swapped in what is stored.",
        make_loop(remember=_store(lambda run, action, reward, next_obs: (next_obs, action, reward, run.obs))),
    ),
    Mistake(
        "stays-where-it-was",
        "It stores `run.obs` as `next_obs` too: store what `env.step` returned.",
        make_loop(remember=_store(lambda run, action, reward, next_obs: (run.obs, action, reward, run.obs))),
    ),
    Mistake(
        "return-stored",
        "It stores the return so far as the reward: store the reward of this one step.",
        make_loop(
            remember=_store(
                lambda run, action, reward, next_obs: (run.obs, action, run.episode_return + reward, next_obs)
            )
        ),
    ),
    Mistake(
        "nothing-stored",
        "Nothing is in the memory when a batch is to be drawn: `memory.add(...)` belongs after each `env.step`.",
        make_loop(remember=lambda *transition: None),
    ),
    Mistake("stored-twice", "Each transition is stored twice.", make_loop(remember=_twice)),
    Mistake(
        "last-not-stored",
        "The last transition of each episode is not stored; at a termination that is the one that teaches the most.",
        make_loop(remember=_not_the_last),
    ),
    Mistake(
        "truncated-not-stored",
        "Transitions that end in a truncation are not stored: they are ordinary ones, stored with `terminated` False.",
        make_loop(remember=_not_the_truncated),
    ),
    Mistake(
        "forgets-episodes",
        "It empties the memory after each episode: a replay memory is to mix many of them.",
        make_loop(begin=_begins_and_forgets),
    ),
)
