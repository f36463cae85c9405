"""Recorded experiments: the hash follows the code, a kill loses nothing, a bad record gets a sentence."""

import json

import experiments
import pytest

from drl_helpers.records import Experiment, Record, code_hash

CODE = [
    "from drl_helpers.evaluate import binned\nSTEPS = 5\nUNUSED = 1",
    "def helper(x):\n    '''A docstring.'''\n    return x + STEPS",
    "@experiment('t', {'a': {}}, seeds=2)\ndef run(seed):\n    return {'score': helper(seed), 'curve': binned([1], 1)}",
]


def changed(old, new):
    return [cell.replace(old, new) for cell in CODE]


def test_hash_follows_what_is_used():
    original = code_hash(CODE, "run")
    assert original == code_hash(changed("A docstring.", "Another docstring."), "run")
    assert original == code_hash(changed("return x", "# a comment\n    return x"), "run")
    assert original == code_hash(changed("UNUSED = 1", "UNUSED = 2"), "run")
    assert original != code_hash(changed("x + STEPS", "x - STEPS"), "run")
    assert original != code_hash(changed("STEPS = 5", "STEPS = 6"), "run")
    assert original != code_hash(changed("seeds=2", "seeds=3"), "run")
    assert original != code_hash(changed("import binned", "import interval_text as binned"), "run")


@pytest.mark.parametrize("damage", ["{ cut off", "{}", "[]"])
def test_a_damaged_record_counts_as_stale(tmp_path, monkeypatch, damage):
    monkeypatch.setenv("DRL_RECORDS", str(tmp_path))
    (tmp_path / "01_cliff.json").write_text(damage)
    assert "01_cliff" in experiments.stale()


def test_hash_follows_the_helpers(monkeypatch):
    import drl_helpers.records as records

    original = code_hash(CODE, "run")
    read = records.Path.read_text
    monkeypatch.setattr(
        records.Path,
        "read_text",
        lambda self, **kw: read(self, **kw).replace("len(values) // size", "len(values) // 2"),
    )
    assert original != code_hash(CODE, "run")


def test_a_missing_or_damaged_record_gets_a_sentence(tmp_path, monkeypatch):
    monkeypatch.setenv("DRL_RECORDS", str(tmp_path))
    experiment = Experiment("99_none", lambda seed: {}, {"a": {}}, 1)
    for text in (None, "{ cut off"):
        if text:
            (tmp_path / "99_none.json").write_text(text)
        with pytest.raises(FileNotFoundError, match="make experiments"):
            experiment.record()


def test_record_arrays():
    made = {"date": "2026-01-01", "machine": "m", "python": "3", "gymnasium": "1"}
    runs = {"a": [{"score": 1.0, "curve": [1, 2], "seconds": 3.0}, {"score": 2.0, "curve": [3, 4], "seconds": 4.0}]}
    record = Record({"made": made, "runs": runs})
    assert record.array("a").shape == (2, 2)
    assert record.array("a", "score").tolist() == [1.0, 2.0]
    assert "2 seeds" in record.origin and "7 s" in record.origin


def test_a_killed_run_goes_on_where_it_was(tmp_path, monkeypatch):
    monkeypatch.setenv("DRL_RECORDS", str(tmp_path))
    notebook, name = "01_tabular_q_learning", "01_cliff"
    experiment, code = experiments.declared(notebook)[name]
    versions = "-".join(experiments.version(package) for package in ("numpy", "gymnasium", "torch"))
    waiting = tmp_path / ".partial" / f"{name}-{code}-{versions}"
    waiting.mkdir(parents=True)
    labels = list(experiment.variants)
    done = {"score": 123.0, "online": 1.0, "curve": [0.0], "seconds": 0.1}
    for index in range(len(labels)):  # all runs but one were finished before the kill
        for seed in range(experiment.seeds):
            if (index, seed) != (0, 0):
                (waiting / f"{index}-{seed}.json").write_text(json.dumps(done | {"seed": seed}))
    experiments.run(notebook, name, jobs=1)
    record = json.loads((tmp_path / f"{name}.json").read_text())
    scores = [run["score"] for run in record["runs"][labels[0]]]
    assert scores[0] == -13.0 and set(scores[1:]) == {123.0}
    assert record["code"] == code and not waiting.exists()
