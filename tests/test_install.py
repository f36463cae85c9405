"""`make lab` from nothing: what can go wrong ends in one clear sentence."""

import ast
import json
import os
import shutil
import socket
import stat
import subprocess
import sys

import install
import pytest
from conftest import ROOT

posix = pytest.mark.skipif(os.name == "nt", reason="the stand-ins are shell scripts")


def stand_in(path, script):
    """An executable shell script in the place of a program."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("#!/bin/sh\n" + script, encoding="utf-8")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return path


def test_installer_starts_on_old_pythons():
    ast.parse((ROOT / "tools" / "install.py").read_text(encoding="utf-8"), feature_version=(3, 4))


def test_too_old_python_gets_a_sentence(monkeypatch):
    monkeypatch.setattr(install, "OLDEST", (3, 98))
    monkeypatch.setattr(install, "NEWEST", (3, 99))
    with pytest.raises(SystemExit, match=r"needs Python 3\.11 to 3\.14") as stopped:
        install.check_python()
    assert sys.executable in str(stopped.value)


def test_python_without_venv_gets_a_sentence(monkeypatch):
    monkeypatch.setattr(install, "works", lambda *args: False)
    monkeypatch.setattr(install.shutil, "which", lambda name: None)
    monkeypatch.setattr(install, "NEWEST", (3, 99))
    with pytest.raises(SystemExit, match="sudo apt install python3-venv"):
        install.check_python()


def test_another_python_is_used_where_there_is_one(monkeypatch, tmp_path):
    other = str(tmp_path / "python3.12")
    monkeypatch.setattr(install, "OLDEST", (3, 98))
    monkeypatch.setattr(install, "newer_python", lambda: other)
    calls = []
    monkeypatch.setattr(install.subprocess, "call", lambda command: calls.append(command) or 0)
    with pytest.raises(SystemExit):
        install.check_python()
    assert calls[0][0] == other


@posix
def test_broken_venv_is_made_anew(monkeypatch, tmp_path, capsys):
    folder = tmp_path / "broken"
    (folder / "bin").mkdir(parents=True)
    (folder / "bin" / "python").symlink_to(tmp_path / "gone")
    monkeypatch.setenv("VENV", str(folder))
    install.make_venv()
    assert "does not work" in capsys.readouterr().out
    assert install.works(str(folder / "bin" / "python"), "import pip")


def test_a_file_in_the_way_gets_a_sentence(monkeypatch, tmp_path):
    (tmp_path / "venv").write_text("")
    monkeypatch.setenv("VENV", str(tmp_path / "venv"))
    with pytest.raises(SystemExit, match="it is a file"):
        install.make_venv()


@posix
@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ("NewConnectionError('... Temporary failure in name resolution')", "check the network connection"),
        ("OSError: [Errno 28] No space left on device", "disk is full"),
        ("error: something else", "pip's own words are above"),
    ],
)
def test_failed_downloads_get_a_sentence(monkeypatch, tmp_path, said, sentence, capfd):
    script = stand_in(tmp_path / "python", f'echo "{said}"; exit 1')
    monkeypatch.setattr(install, "venv_python", lambda: str(script))
    with pytest.raises(SystemExit, match=sentence):
        install.pip_install({"test"})
    assert said[:20] in capfd.readouterr().out


def test_nothing_is_installed_twice(monkeypatch, tmp_path):
    monkeypatch.setenv("VENV", str(tmp_path))
    stamp = {"fingerprint": install.fingerprint(), "extras": ["test"]}
    (tmp_path / "course.json").write_text(json.dumps(stamp))
    assert install.installed() == {"test"}
    monkeypatch.setattr(install, "works", lambda *args: True)
    monkeypatch.setattr(install, "make_venv", lambda: pytest.fail("it installs again"))
    monkeypatch.setattr(sys, "argv", ["install.py", "test"])
    install.main()
    for damaged in ("{", "[]", json.dumps(stamp | {"fingerprint": "older"})):
        (tmp_path / "course.json").write_text(damaged)
        assert install.installed() is None


def test_port_in_use_gets_a_sentence():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        command = [sys.executable, str(ROOT / "tools" / "lab.py"), f"--port={port}", "--browser=none"]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.returncode != 0
    assert f"Port {port} is in use" in done.stderr and f"PORT={port + 1}" in done.stderr


@posix
@pytest.mark.skipif(shutil.which("make") is None, reason="there is no make")
def test_make_without_python_gets_a_sentence():
    done = subprocess.run(["make", "lab", "PYTHON=no-such-python"], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode != 0
    assert "There is no no-such-python here: install Python 3.11 to 3.14" in done.stdout
