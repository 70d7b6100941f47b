"""A deploy that is killed leaves the old model or the new one, whole."""

import random
import subprocess
import sys
import time

from perla.storage import read_folder

DEPLOY = """
import sys
from pathlib import Path
from perla.release.deployments import Deployments
print("ready", flush=True)
Deployments(Path(sys.argv[1])).deploy(Path(sys.argv[2]), {"value": sys.argv[3]})
"""


def test_a_deploy_killed_at_any_moment_leaves_the_old_or_the_new_model_whole(deployments, make_model):
    rng = random.Random(0)
    deployments.deploy(make_model(0.0), {"value": "0.0"})
    for value in (1.0, 2.0, 3.0, 4.0, 5.0, 6.0):
        old = deployments.in_service()
        call = [sys.executable, "-c", DEPLOY, str(deployments.folder), str(make_model(value)), str(value)]
        process = subprocess.Popen(call, stdout=subprocess.PIPE)
        process.stdout.readline()
        time.sleep(rng.uniform(0, 0.03))
        process.kill()
        process.communicate()
        now = deployments.in_service()
        assert now.record["value"] in (old.record["value"], str(value))
        assert deployments.verify() == []
        state, card = read_folder(now.model, "model")
        assert state["weights"][0] == card["value"] == float(now.record["value"])
    last = deployments.deploy(make_model(9.0), {"value": "9.0"})
    assert deployments.in_service().release == last.release
    assert not list(deployments.folder.rglob("*.partial"))
