"""Real clients through `ecrspec record --proxy`: the AWS CLI and boto3, against moto and the emulator.

In: the built program and the folder of the peers. Out: exit code 0 if the clients work through the proxy as
they do without it, each recording replays green against the target that it is of and red against the other,
at the right place, and no secret is in any file. Every process that is started here is ended here.
"""

import json
import os
import pathlib
import signal
import socket
import subprocess
import sys
import tempfile
import time

PROGRAM, PEERS = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
CLI_ERROR = 255  # what version 1 of the AWS CLI, the one on PyPI, ends with
KEY, SECRET, TOKEN = "AKIAPLANTEDPLANTED00", "planted/secret/key/planted/secret/key0000", "planted/session+token0"
# An index of nothing: an image without layers, which not every mock takes.
MANIFEST = json.dumps({
    "schemaVersion": 2,
    "mediaType": "application/vnd.oci.image.index.v1+json",
    "manifests": [],
})
ENVIRONMENT = {
    "PATH": os.environ["PATH"],
    "HOME": tempfile.mkdtemp(),
    "AWS_ACCESS_KEY_ID": KEY,
    "AWS_SECRET_ACCESS_KEY": SECRET,
    "AWS_SESSION_TOKEN": TOKEN,
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_EC2_METADATA_DISABLED": "true",
    "AWS_PAGER": "",
}
BOTO3 = """
import json, sys, boto3
ecr = boto3.client("ecr", endpoint_url=sys.argv[1])
name = "team/boto3"
ecr.create_repository(repositoryName=name)
for tag in ("one", "two"):
    ecr.put_image(repositoryName=name, imageManifest=sys.argv[2], imageTag=tag)
pages = ecr.get_paginator("describe_images").paginate(repositoryName=name, PaginationConfig={"PageSize": 1})
print(json.dumps([sorted(image["imageTags"]) for page in pages for image in page["imageDetails"]]))
try:
    ecr.describe_images(repositoryName="team/none")
except ecr.exceptions.RepositoryNotFoundException as error:
    print(error.response["Error"]["Code"])
ecr.delete_repository(repositoryName=name, force=True)
"""


class Serving:
    """A process that prints its address, and is interrupted at the end."""

    def __init__(self, *command):
        self.process = subprocess.Popen([str(part) for part in command], stdout=subprocess.PIPE, text=True,
                                        env={"PATH": ENVIRONMENT["PATH"], "HOME": ENVIRONMENT["HOME"]})
        self.address = self.process.stdout.readline().strip()

    def __enter__(self):
        assert self.address.startswith("http://127.0.0.1:"), self.address
        return self

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGINT)
        self.process.communicate(timeout=60)


class Moto:
    """moto on a free port."""

    def __init__(self, **environment):
        self.environment = os.environ | environment

    def __enter__(self):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self.process = subprocess.Popen([str(PEERS / "moto/bin/moto_server"), "-H", "127.0.0.1", "-p", str(port)],
                                        env=self.environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.address = f"http://127.0.0.1:{port}"
        for _ in range(600):
            with socket.socket() as knock:
                if knock.connect_ex(("127.0.0.1", port)) == 0:
                    return self
            time.sleep(0.1)
        raise SystemExit("moto does not start")

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(timeout=60)


def ask(command, code=0):
    done = subprocess.run([str(part) for part in command], env=ENVIRONMENT, text=True, capture_output=True, timeout=120)
    if done.returncode != code:
        raise SystemExit(f"{command} ended with {done.returncode}, not {code}:\n{done.stdout}\n{done.stderr}")
    return done.stdout


def talk(endpoint):
    """What both clients see of an endpoint, without what changes from run to run."""
    python, aws = PEERS / "clients/bin/python", PEERS / "clients/bin/aws"
    seen = ask([python, "-c", BOTO3, endpoint, MANIFEST])
    cli = lambda *words, code=0: ask([aws, "--endpoint-url", endpoint, "ecr", *words], code)
    cli("create-repository", "--repository-name", "team/cli")
    cli("put-image", "--repository-name", "team/cli", "--image-tag", "v1", "--image-manifest", MANIFEST)
    image = json.loads(cli("describe-images", "--repository-name", "team/cli"))["imageDetails"][0]
    cli("describe-images", "--repository-name", "team/none", code=CLI_ERROR)
    cli("delete-repository", "--repository-name", "team/cli", "--force")
    return seen + json.dumps([image["imageTags"], sorted(image)])


def replay(folder, endpoint, code):
    done = subprocess.run([PROGRAM, "replay", folder, "--endpoint", endpoint, "--format", "json"],
                          text=True, capture_output=True, timeout=120)
    assert done.returncode == code, f"replay of {folder}: {done.returncode}, not {code}\n{done.stdout}{done.stderr}"
    report = json.loads(done.stdout)
    return {place["place"] for session in report["sessions"] for difference in session["differences"]
            for place in difference["places"]}


def main():
    folder = pathlib.Path(tempfile.mkdtemp())
    with Moto() as moto, Serving(PROGRAM, "serve") as emulator:
        for name, target in (("moto", moto), ("emulator", emulator)):
            direct = talk(target.address)
            with Serving(PROGRAM, "record", "--proxy", "--endpoint", target.address, "--into", folder / name) as proxy:
                assert talk(proxy.address) == direct, f"{name} looks otherwise through the proxy"
            text = "".join(file.read_text() for file in (folder / name).iterdir())
            for secret in (KEY, SECRET, TOKEN, "123456789012", "Signature=", "ecurity-"):
                assert secret.lower() not in text.lower(), f"`{secret}` is in the recording of {name}"
            assert text.count('"method"') > 10, "both clients' requests are recorded"
            replay(folder / name, target.address, 0)
        places = replay(folder / "emulator", moto.address, 1)
        # What moto is known to answer otherwise.
        assert "/imageDetails/0/imageSizeInBytes" in places or "/nextToken" in places, places
        places |= replay(folder / "moto", emulator.address, 1)
        print("AWS CLI and boto3 through the proxy, moto and the emulator; they differ in", sorted(places))


if __name__ == "__main__":
    main()
