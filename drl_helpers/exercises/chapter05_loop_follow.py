"""What people get wrong in exercise 5.4 of chapter 05: with the target network."""

import copy

from drl_helpers.dqn import soft_update
from drl_helpers.exercises.chapter05_loop_parts import due, make_loop
from drl_helpers.exercises.spec import Mistake


def _follow_if(when, share=lambda config: config.tau):
    def follow(run):
        if when(run):
            soft_update(run.target_network, run.q_network, share(run.config))

    return follow


def _target_every(run):
    return run.step % run.config.target_every == 0


def _follow_wrong_way(run):
    if _target_every(run):
        soft_update(run.q_network, run.target_network, run.config.tau)


def _replaced(run):
    if _target_every(run):
        run.target_network = copy.deepcopy(run.q_network)


FOLLOW_MISTAKES = (
    Mistake(
        "target-never-follows",
        "The target network never follows: every `config.target_every` steps it moves by the share τ.",
        make_loop(follow=lambda run: None),
    ),
    Mistake(
        "target-at-every-step",
        "The target network moves at *every* step: only every `config.target_every` steps.",
        make_loop(follow=_follow_if(lambda run: True)),
    ),
    Mistake(
        "target-all-but-due",
        "The target network moves at all steps but those that `config.target_every` divides: the remainder must be 0.",
        make_loop(follow=_follow_if(lambda run: not _target_every(run))),
    ),
    Mistake(
        "target-with-train-every",
        "The target network moves every `config.train_every` steps; it has a setting of its own, "
        "`config.target_every`.",
        make_loop(follow=_follow_if(lambda run: run.step % run.config.train_every == 0)),
    ),
    Mistake(
        "target-inside-the-update",
        "The target network moves only where an update is due too: look at the indentation. It has a rhythm of its "
        "own, learning or not.",
        make_loop(follow=_follow_if(lambda run: _target_every(run) and due(run, None))),
    ),
    Mistake(
        "target-with-each-update",
        "The target network moves at each update of the online network: it has a rhythm of its own, "
        "`config.target_every`.",
        make_loop(follow=_follow_if(lambda run: due(run, None))),
    ),
    Mistake(
        "target-waits",
        "The target network waits for `config.learning_starts`: it moves every `config.target_every` steps, learning "
        "or not.",
        make_loop(follow=_follow_if(lambda run: _target_every(run) and run.step >= run.config.learning_starts)),
    ),
    Mistake(
        "target-at-the-ends",
        "The target network moves at the end of each episode: it is to move every `config.target_every` *steps*.",
        make_loop(follow=_follow_if(lambda run: run.env.over)),
    ),
    Mistake(
        "target-copied",
        "The target network is copied whole: move it by the share `config.tau`, with `soft_update`.",
        make_loop(follow=_follow_if(_target_every, share=lambda config: 1.0)),
    ),
    Mistake(
        "target-replaced",
        "`run.target_network` is replaced by another network. Change the one that is there, in place and by the share "
        "`config.tau`: `soft_update`.",
        make_loop(follow=_replaced),
    ),
    Mistake(
        "wrong-way",
        "The networks are swapped in `soft_update`: the online network is pulled back to the target network.",
        make_loop(follow=_follow_wrong_way),
    ),
)
