"""The suite as tests of pytest, a test a check: the server is moto's, and could be any other.

Beside this file stands `known.toml`, which `ecrspec baseline write known.toml --endpoint …` makes: what fails today
is expected to, and what it does not list must hold.
"""

import json
import pathlib
import subprocess

import pytest
from moto.server import ThreadedMotoServer

HERE = pathlib.Path(__file__).parent


def run_suite(endpoint):
    """The JSON report of one run; what can't be run at all fails every test with the program's own words."""
    command = ["ecrspec", "run", "--quiet", "--endpoint", endpoint, "--format", "json"]
    known = HERE / "known.toml"
    if known.exists():
        command += ["--baseline", str(known)]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode not in (0, 1, 4):
        pytest.exit(done.stderr, returncode=done.returncode)
    return json.loads(done.stdout)


def pytest_generate_tests(metafunc):
    """One run for all tests: the suite makes its worlds once."""
    if "check" not in metafunc.fixturenames:
        return
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    try:
        host, port = server.get_host_and_port()
        report = run_suite(f"http://{host}:{port}")
    finally:
        server.stop()
    metafunc.parametrize("check", report["checks"], ids=[check["id"] for check in report["checks"]])


def test_check(check):
    if check["outcome"] in ("not-judged", "informational"):
        pytest.skip(check.get("reason") or check.get("observed"))
    if check["level"] != "must":
        pytest.skip(f"weighs {check['level']} only")
    if "known" in check:
        pytest.xfail(check["known"]["reason"])
    if check["outcome"] == "nonconform":
        finding = check["finding"]
        pytest.fail(
            f"{check['sentence']}\nexpected {finding['expected']}\nactual   {finding['actual']}\n{finding['curl']}",
            pytrace=False,
        )
