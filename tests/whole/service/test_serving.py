"""``perla serve`` and ``perla keys`` as commands."""

import os
import signal
import socket
import subprocess
import sys
import time

import httpx
import pytest


@pytest.fixture
def started(tmp_path):
    """Starts ``perla serve`` on a free port; gives the process and the address it printed."""
    running = []

    def start(*words: str):
        call = [sys.executable, "-c", "from perla.app.cli import main; main()", "serve", "--port", "0", "--lang", "en"]
        process = subprocess.Popen(
            [*call, "--home", str(tmp_path), *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            env=os.environ | {"PERLA_THREADS": "1"},
        )  # fmt: skip
        running.append(process)
        line = process.stdout.readline()
        return process, line.split()[1] if line.startswith("Open ") else line + process.stderr.read()

    yield start
    for process in running:
        if process.poll() is None:
            process.kill()
        process.communicate()


def wait_for(address: str) -> httpx.Response:
    limit = time.monotonic() + 60
    while time.monotonic() < limit:
        try:
            return httpx.get(address)
        except httpx.TransportError:
            time.sleep(0.05)
    raise AssertionError("no answer")


@pytest.mark.parametrize("workers", ["1", "2"])
def test_it_answers_says_that_no_model_is_there_and_ends_when_told(started, workers):
    process, address = started("--workers", workers)
    assert wait_for(f"{address}/healthz").status_code == 200
    told = wait_for(f"{address}/readyz")
    assert told.status_code == 503 and told.json()["detail"]
    assert "perla_request" in wait_for(f"{address}/metrics").text
    process.send_signal(signal.SIGTERM)
    assert process.wait(30) in (0, -signal.SIGTERM)


def test_a_port_that_is_taken_is_told_with_what_to_do(call):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        said = call("serve", "--port", taken.getsockname()[1])
    assert said.exit_code == 2 and "--port" in said.stderr and "another program" in said.stderr


@pytest.mark.parametrize("words", [("--host", "0.0.0.0"), ("--require-keys",)])
def test_where_others_could_reach_it_it_does_not_start_without_a_key(call, tmp_path, words):
    said = call("serve", "--port", "0", "--home", tmp_path, *words)
    assert said.exit_code == 2 and "perla keys create" in said.stderr


def test_a_key_is_shown_once_listed_without_its_secret_used_and_revoked(call, started, tmp_path):
    secret = call(
        "keys", "create", "ana", "--rate", "60/min", "--quota", "10000/month", "--home", tmp_path
    ).stdout.strip()
    listed = call("keys", "list", "--home", tmp_path).stdout
    assert "ana" in listed and "60/min 10000/month" in listed and secret.split("_", 2)[2] not in listed
    process, address = started("--require-keys")
    wait_for(f"{address}/healthz")
    assert httpx.get(f"{address}/v1/markets").status_code == 401
    headers = {"x-api-key": secret}
    assert [httpx.get(f"{address}/v1/markets", headers=headers).status_code for _ in range(3)] == [200] * 3
    process.send_signal(signal.SIGTERM)
    process.wait(30)
    used = call("keys", "usage", "ana", "--home", tmp_path).stdout.splitlines()[1].split()
    assert used[3] == "3"
    assert call("keys", "revoke", "ana", "--home", tmp_path).exit_code == 0
    assert "revoked" in call("keys", "list", "--home", tmp_path).stdout


@pytest.mark.parametrize("rate", ["60", "0/min", "-1/min", "60/year", "x/min", "²/min"])
def test_a_rate_is_written_in_one_way(call, tmp_path, rate):
    said = call("keys", "create", "ana", "--rate", rate, "--home", tmp_path)
    assert said.exit_code == 2 and "60/min" in said.stderr


def test_what_is_not_there_is_told(call, tmp_path):
    assert "perla keys create" in call("keys", "list", "--home", tmp_path).stdout
    assert call("keys", "revoke", "ana", "--home", tmp_path).exit_code == 2
    assert call("keys", "usage", "--home", tmp_path).stdout == "No calls yet.\n"
