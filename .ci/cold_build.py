"""Cold builds in CPU seconds, release profile: cold_build.py WHOLE

In: the folder that `whole-ecr` made. Out: what `ecrspec-api` with all of ECR takes, what `aws-sdk-ecr` takes, and the
ratio. Everything is downloaded first; nothing that is built is kept.
"""

import os
import pathlib
import resource
import subprocess
import sys
import tempfile

SDK = """[package]
name = "cold-build"
version = "0.0.0"
edition = "2024"

[dependencies]
aws-sdk-ecr = "=1.138.0"

[workspace]
"""


def spent():
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def seconds(folder):
    """What a build from nothing takes of the processors, of all its processes together."""
    subprocess.run(["cargo", "fetch", "--quiet"], cwd=folder, check=True)
    with tempfile.TemporaryDirectory() as target:
        environment = {**os.environ, "CARGO_TARGET_DIR": target}
        before = spent()
        command = ["cargo", "build", "--quiet", "--release", "--offline"]
        subprocess.run(command, cwd=folder, env=environment, check=True)
        return spent() - before


def main():
    with tempfile.TemporaryDirectory() as sdk:
        sdk = pathlib.Path(sdk)
        (sdk / "Cargo.toml").write_text(SDK)
        (sdk / "src").mkdir()
        (sdk / "src" / "lib.rs").touch()
        ours, theirs = seconds(sys.argv[1]), seconds(sdk)
    print(f"ecrspec-api with all of ECR: {ours:.0f} CPU seconds")
    print(f"aws-sdk-ecr: {theirs:.0f} CPU seconds")
    print(f"ecrspec-api / aws-sdk-ecr: {ours / theirs:.2f}")


if __name__ == "__main__":
    main()
