"""Whatever a learner can write: each gets a sentence, the kernel stays usable, nothing is lost."""

import _thread
import builtins
import json
import os
import signal
import subprocess
import sys
import threading
import time
import types
from pathlib import Path

import numpy as np
import pytest
import torch
from notebook_double import RIGHT, WRONG

from drl_helpers.exercises import progress_file, sandbox
from drl_helpers.exercises.judge import NOT_YET, PASSED, judge
from drl_helpers.exercises.spec import Case, Exercise, Mistake

HEAD = RIGHT.strip().split(":\n")[0] + ":\n"


def body(*lines):
    """Exercise 1.4 with this body."""
    return HEAD + "".join(f"    {line}\n" for line in lines)


GOOD = RIGHT.strip().split("\n")[1:]

ATTEMPTS = {
    "returns a list": (body("return [1.0]"), "a list"),
    "returns text": (body("return 'done'"), "a str"),
    "returns an array": (body("return q_table[obs]"), "an array of shape (3,)|NumPy array of shape (3,)"),
    "returns None": (body("q_table[obs, action] += 1"), "`None`: is a `return` missing"),
    "returns nan": (body("return float('nan')"), "nan"),
    "writes nan": (body(*[line.strip() for line in GOOD[:-1]], "q_table[:] = float('nan')", "return td_error"), "nan"),
    "is a generator": (body("yield 1.0"), "use `return` in place of `yield`"),
    "is a coroutine": (RIGHT.replace("def q_", "async def q_"), "`def` in place of `async def`"),
    "is None": ("q_learning_update = None", "There is no `q_learning_update` yet"),
    "is a number": ("q_learning_update = 3", "must be a function; here it is 3"),
    "is a class": ("class q_learning_update: pass", "must be a function; here it is a class"),
    "returns a function": (body("return max"), "returned a function"),
    "other arguments": ("def q_learning_update(q_table): return 1.0", "Keep the arguments as the exercise gave them"),
    "raises": (body("raise KeyError('mine')"), "KeyError: .*mine"),
    "raises with a repr that raises": (
        "class E(Exception):\n    def __str__(self): raise ValueError\n" + body("raise E()"),
        "raised E",
    ),
    "recursion without end": (
        body("return q_learning_update(*[q_table, obs, action, reward, next_obs, 1, 1, 1])"),
        "calls itself",
    ),
    "loop without end": (body("while True: pass"), "did not finish within"),
    "loop that swallows exceptions": (
        body("while True:", "    try: pass", "    except Exception: pass"),
        "did not finish within",
    ),
    "loop that swallows everything": (
        body("while True:", "    try:", "        while True: pass", "    except BaseException: pass"),
        "did not finish within",
    ),
    "sleeps": (body("import time", "time.sleep(6)"), "did not finish within"),
    "sys.exit": (body("import sys", "sys.exit(3)"), "called `exit`"),
    "exit()": (body("raise SystemExit"), "called `exit`"),
    "quit()": (body("quit()"), "called `exit`"),
    "a huge integer": (body("return 10**400"), "cannot be looked at|not right"),
    "a complex number": (body("return 1j"), "not right"),
    "dates": (body("import numpy", "return numpy.zeros(3, dtype='M8[s]')"), "not right|array"),
    "a repr that never ends": (
        "class R:\n    def __repr__(self):\n        while True: pass\n" + body("return R()"),
        "cannot be looked at",
    ),
    "changes folder, limits and modules": (
        body("import os, sys", "os.chdir('/')", "sys.setrecursionlimit(90)", "sys.modules.pop('math')", "return 0.0"),
        "not right",
    ),
    "raises KeyboardInterrupt": (body("raise KeyboardInterrupt"), "raised KeyboardInterrupt"),
    "asks for input": (body("return float(input('? '))"), "asks for keyboard input"),
    "calls check": (body("return check('q-update')"), "must not call `check`"),
    "replaces np.max": (body("np.max = None", *[line.strip() for line in GOOD]), "replaced `numpy.max`"),
    "replaces a builtin": (
        body("import builtins", "builtins.sum = lambda *a: 0", *[line.strip() for line in GOOD]),
        "replaced `builtins.sum`",
    ),
    "shadows a builtin": ("max = 3\n" + body("return max(q_table[next_obs])"), "`max` is no longer Python's own"),
    "syntax error": (HEAD + "    return (1\n", "syntax error"),
    "deletes the table": (body("del q_table", "return 0.0"), "not right"),
    "wrong dtype": (body("return 'x' * 10_000_000"), "a str"),
    "a repr without end": (
        "class R:\n    def __repr__(self): raise RuntimeError\n" + body("return R()"),
        "whose repr raises RuntimeError",
    ),
    "warns as errors": (body("import warnings", "warnings.warn('x')", "return 0.0"), "not right"),
    "patches the sandbox": (
        body("import drl_helpers.exercises.spec as s", "s.Case.fresh_args = None", "return 0.0"),
        "not right|changed the check|raised",
    ),
}


@pytest.fixture(autouse=True)
def short_limits(monkeypatch):
    """Loops without end shall not make the tests slow."""
    from drl_helpers.exercises import judge as judging
    from drl_helpers.exercises.spec import exercises

    monkeypatch.setattr(judging, "COMPARING", 6.0)

    object.__setattr__(exercises()["q-update"], "seconds", 0.7)
    yield
    object.__setattr__(exercises()["q-update"], "seconds", 5.0)


@pytest.mark.parametrize("attempt", ATTEMPTS)
def test_each_gets_a_sentence_and_the_kernel_lives(notebook, attempt):
    source, words = ATTEMPTS[attempt]
    earlier = set(threading.enumerate())  # what could not be stopped may still sleep
    state = np.max, builtins.sum, builtins.input, sys.stdout, np.geterr(), Path.cwd(), sys.getrecursionlimit()
    notebook.run(source)
    card = notebook.check()
    assert "Not yet" in card
    assert notebook.matches(words), card
    assert "Traceback" not in card
    assert (np.max, builtins.sum, builtins.input, sys.stdout, np.geterr(), *state[5:]) == state
    assert (Path.cwd(), sys.getrecursionlimit()) == state[5:] and "math" in sys.modules
    assert callable(notebook.names["q_learning_update"]), "the chapter goes on"
    assert progress_file.passed() == {}
    notebook.run("max = __builtins__['max'] if isinstance(__builtins__, dict) else __builtins__.max\n" + RIGHT)
    assert "Passed" in notebook.check(), "a right answer passes afterwards"
    left = [t for t in set(threading.enumerate()) - earlier if t.name == "attempt"]
    assert attempt == "sleeps" or not left


def test_what_cannot_be_stopped_asks_for_a_restart(notebook):
    """A thread that sleeps in C cannot be woken: the card says what to do."""
    notebook.run(body("import time", "time.sleep(6)"))
    assert "please restart the kernel" in notebook.check()


def test_a_broken_torch_lets_nothing_pass(notebook, monkeypatch):
    monkeypatch.setitem(sys.modules, "torch", types.ModuleType("torch"))
    notebook.run(body("return 0.0"))
    assert "Not yet" in notebook.check()


def test_displays_are_capped_in_a_kernel(notebook, monkeypatch):
    """In a real kernel: what an answer displays does not flood the page, and `quit()` does not end the kernel."""
    import nbformat
    from nbclient import NotebookClient

    flood = body("from IPython.display import display", "for _ in range(3_000): display('flood')", "return 0.0")
    leave = body("quit()")
    cells = [
        "from drl_helpers.exercises import check",
        flood,
        "check('q-update')",
        leave,
        "check('q-update')",
        "print(6 * 7)",
    ]
    page = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in cells])
    NotebookClient(page, timeout=60, kernel_name="python3").execute()
    outputs = [cell.outputs for cell in page.cells]
    assert len(outputs[2]) <= 2 and "more than 10,000 characters" in str(outputs[2])
    assert "called `exit`" in str(outputs[4]) and outputs[5][0].text == "42\n"


def test_huge_print_is_capped(notebook, capsys):
    notebook.run(body("for i in range(200_000): print('flood', i)", *[line.strip() for line in GOOD]))
    card = notebook.check()
    assert "more than 10,000 characters" in card and "flood 0" in card
    assert len(card) < 2_000 and "flood" not in capsys.readouterr().out


def test_what_was_printed_is_shown(notebook):
    notebook.run(body("print('here', obs)", "return 0.0"))
    assert "It printed: here 0" in notebook.check()


def test_lambda_and_callable_objects_may_be_right(notebook):
    notebook.run(RIGHT.replace("def q_learning_update", "def other"))
    notebook.run("q_learning_update = lambda *args: other(*args)")
    assert "Passed" in notebook.check()
    notebook.run("class C:\n    def __call__(self, *args): return other(*args)\nq_learning_update = C()")
    assert "Passed" in notebook.check()


def test_libraries_replaced_before_the_check_are_put_back(notebook, monkeypatch):
    monkeypatch.setattr(np, "argmax", lambda *a: 0)
    notebook.run(RIGHT)
    card = notebook.check()
    assert "Passed" in card and "`numpy.argmax` had been replaced" in card


def test_interrupting_a_check(notebook):
    """■ in the toolbar: the card says so, and the kernel goes on."""
    from drl_helpers.exercises.spec import exercises

    object.__setattr__(exercises()["q-update"], "seconds", 30.0)
    notebook.run(body("while True: pass"))
    earlier = set(threading.enumerate())

    def press():
        time.sleep(0.2)
        if hasattr(signal, "pthread_kill"):  # a signal of its own wakes a thread that waits
            signal.pthread_kill(threading.main_thread().ident, signal.SIGINT)
        else:
            _thread.interrupt_main()

    threading.Thread(target=press).start()
    assert "interrupted" in notebook.check()
    time.sleep(0.3)
    assert not [t for t in set(threading.enumerate()) - earlier if t.name == "attempt"], "its loop was stopped"
    notebook.run(RIGHT)
    assert "Passed" in notebook.check()


def test_changed_arguments_are_named(notebook):
    notebook.run("def greedy_action(q_values, rng):\n    q_values.sort()\n    return 0")
    card = notebook.check("greedy-action", "greedy_action")
    assert "`q_values` stays as it was" in card or "not right" in card
    notebook.run("def value_iteration_sweep(values, model, gamma):\n    values += 1\n    return values * 0")
    assert "changed its argument `values`" in notebook.check("value-iteration-sweep", "value_iteration_sweep")


def test_learners_globals_that_shadow_what_the_check_uses(notebook):
    notebook.run("Exercise = judge = reference = display = exercises = None\nnp_ = np\n" + WRONG)
    assert "you *left*" in notebook.check()


# --- tensors --------------------------------------------------------------------------------


def td_target(rewards, next_q_values, terminated, gamma):
    with torch.no_grad():
        return rewards + gamma * ~terminated * next_q_values.max(dim=1).values


TARGET = Exercise(
    id="td-target",
    name="td_target",
    notebook="none",
    number="0.0",
    cases=(
        Case(
            "A batch of three",
            {
                "rewards": torch.tensor([1.0, -2.0, 0.5]),
                "next_q_values": torch.tensor([[1.0, 5.0], [3.0, 2.0], [4.0, 4.5]], requires_grad=True),
                "terminated": torch.tensor([False, True, False]),
                "gamma": 0.5,
            },
        ),
    ),
    right=(td_target, lambda r, q, t, g: r + g * q.detach().amax(1) * (1 - t.float())),
    mistakes=(Mistake("no-mask", "Mask.", lambda r, q, t, g: r + g * q.detach().amax(1)),),
)


@pytest.mark.parametrize(
    ("attempt", "words"),
    [
        (lambda r, q, t, g: r + g * ~t * q.max(dim=1).values, "carries a gradient"),
        (lambda r, q, t, g: td_target(r, q, t, g).double(), "dtype is torch.float64"),
        (lambda r, q, t, g: td_target(r, q, t, g)[:, None], r"shape is (3, 1), expected (3,)"),
        (lambda r, q, t, g: r[:, None] + td_target(r, q, t, g), r"shape is (3, 3), expected (3,)"),
        (lambda r, q, t, g: td_target(r, q, t, g).numpy(), "a NumPy array"),
        (lambda r, q, t, g: td_target(r, q, t, g).tolist(), "a list"),
        (lambda r, q, t, g: td_target(r, q, t, g).to("meta"), "it is on meta, expected on cpu"),
        (lambda r, q, t, g: td_target(r, q, t, g) * float("nan"), "nan"),
        (lambda r, q, t, g: r.add_(1.0) * 0, "changed its argument `rewards`"),
        (lambda r, q, t, g: setattr(torch, "max", None) or td_target(r, q, t, g), "replaced `torch.max`"),
        (lambda r, q, t, g: torch.set_grad_enabled(False) and None, "`None`"),
        (lambda r, q, t, g: (torch.set_grad_enabled(False), td_target(r, q, t, g))[1], "switches gradients off"),
    ],
)
def test_tensors(attempt, words):
    verdict = judge(TARGET, attempt)
    assert verdict.status == NOT_YET
    assert words in " ".join(verdict.lines)
    assert torch.is_grad_enabled() and callable(torch.max)
    for right in TARGET.right:
        assert judge(TARGET, right).status == PASSED


# --- the progress file ----------------------------------------------------------------------


def test_corrupt_progress_is_set_aside_and_rebuilt(notebook):
    path = progress_file.progress_file()
    for text in ("{ cut off", "[]", '{"passed": 3}', "\x00\x01"):
        path.write_text(text, encoding="utf-8")
        notebook.run(RIGHT)
        card = notebook.check()
        assert "Passed" in card and "damaged; it is kept as" in card
        assert list(progress_file.passed()) == ["q-update"]
    kept = sorted(path.parent.glob("progress.corrupt-*.json"))
    assert len(kept) == 4 and "{ cut off" in [file.read_text(encoding="utf-8") for file in kept]


def test_progress_that_is_no_text_is_set_aside(notebook):
    progress_file.progress_file().write_bytes(b"\xff\xfe\x00\xd8")
    notebook.run(RIGHT)
    assert "damaged" in notebook.check() and list(progress_file.passed()) == ["q-update"]


def test_read_only_progress_costs_a_sentence_only(notebook):
    path = progress_file.progress_file()
    path.write_text('{"version": 1, "passed": {"greedy-action": "2026-01-01"}}', encoding="utf-8")
    path.chmod(0o444)
    notebook.run(RIGHT)
    card = notebook.check()
    assert "Passed" in card
    if not os.access(path, os.W_OK):
        assert "cannot be written" in card
    assert "greedy-action" in progress_file.passed()


def test_progress_in_a_folder_that_is_none(notebook, monkeypatch, tmp_path):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("DRL_PROGRESS", str(tmp_path / "file" / "progress.json"))
    notebook.run(RIGHT)
    assert "cannot be written" in notebook.check()


def test_a_full_disk_keeps_what_was_there(monkeypatch):
    progress_file.record("greedy-action")
    before = progress_file.progress_file().read_text(encoding="utf-8")

    def full(*args, **kwargs):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(progress_file.tempfile, "mkstemp", full)
    assert "No space left" in progress_file.record("q-update")
    assert progress_file.progress_file().read_text(encoding="utf-8") == before


def test_many_notebooks_write_at_once(tmp_path):
    code = "import sys; from drl_helpers.exercises import progress_file; print(progress_file.record(sys.argv[1]))"
    environment = os.environ | {"DRL_PROGRESS": str(tmp_path / "p.json")}
    running = [
        subprocess.Popen([sys.executable, "-c", code, f"exercise-{i}"], env=environment, stdout=subprocess.PIPE)
        for i in range(6)
    ]
    assert [process.communicate()[0].strip() for process in running] == [b"None"] * 6
    assert len(json.loads((tmp_path / "p.json").read_text())["passed"]) == 6


def test_the_sandbox_leaves_no_trace():
    out = sys.stdout
    outcome = sandbox.run_limited(lambda: 42, seconds=5)
    assert outcome.value == 42 and outcome.error is None and sys.stdout is out and not outcome.stuck
