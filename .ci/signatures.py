"""Signatures, judged by botocore and by moto.

In: the built program and the folder of the peers. Out: exit code 0 if every signature that the program makes is
the one that botocore makes of the same request, date and key; if the emulator accepts what boto3 signs and
refuses it once it is changed; and if moto's IAM check accepts what the program signs. Every process that is
started here is ended here.
"""

import http.server
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import threading

import boto3
import botocore.auth
import botocore.awsrequest
import botocore.credentials
import botocore.exceptions

from clients import Moto, Serving, PEERS, PROGRAM

KEY, SECRET, TOKEN, REGION = "AKIAEXAMPLE000000001", "a/secret+that/has=all+of/them=0123456789", "a/session+token==", "eu-west-1"
CLEAN = {"PATH": os.environ["PATH"], "HOME": tempfile.mkdtemp()}


class Capture(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    requests = []

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"] or 0))
        Capture.requests.append((self.path, list(self.headers.items()), body))
        answer = json.dumps({"registryId": "123456789012", "imageDetails": []}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_):
        pass


def ours_are_botocores():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Capture)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    endpoint = f"http://127.0.0.1:{server.server_port}"
    for environment in ({}, {"AWS_SESSION_TOKEN": TOKEN}):
        subprocess.run([PROGRAM, "run", "--endpoint", endpoint, "--region", REGION, "--credentials", "environment",
                        "--filter", "describe.*", "--filter", "malformed.*"], capture_output=True, timeout=300,
                       env=CLEAN | {"AWS_ACCESS_KEY_ID": KEY, "AWS_SECRET_ACCESS_KEY": SECRET} | environment)
    server.shutdown()
    compared = 0
    for path, headers, body in Capture.requests:
        named = {name.lower(): value for name, value in headers}
        authorization = named.get("authorization", "")
        if not authorization.endswith(tuple("0123456789abcdef")) or "Signature=" not in authorization:
            continue
        parts = dict(part.strip().split("=", 1) for part in authorization.removeprefix("AWS4-HMAC-SHA256 ").split(","))
        if f"/{REGION}/ecr/" not in parts["Credential"] or not parts["Credential"].startswith(KEY):
            continue
        assert "x-amz-content-sha256" in parts["SignedHeaders"].split(";"), "the payload's hash is signed"
        signed = {name: named[name] for name in parts["SignedHeaders"].split(";")}
        request = botocore.awsrequest.AWSRequest("POST", f"{endpoint}{path}", signed, body)
        request.context["timestamp"] = named["x-amz-date"]
        auth = botocore.auth.SigV4Auth(
            botocore.credentials.Credentials(KEY, SECRET, named.get("x-amz-security-token")), "ecr", REGION)
        theirs = auth.signature(auth.string_to_sign(request, auth.canonical_request(request)), request)
        compared += theirs == parts["Signature"]
        # The probe sends one that is tampered with.
        if theirs != parts["Signature"]:
            assert theirs[:-1] == parts["Signature"][:-1], f"{body!r}: {theirs} is botocore's"
    assert compared > 60, compared
    return compared


def client(endpoint, region=REGION, secret=SECRET):
    return boto3.client("ecr", endpoint_url=endpoint, region_name=region, aws_access_key_id=KEY,
                        aws_secret_access_key=secret)


def code_of(call):
    try:
        call()
    except botocore.exceptions.ClientError as error:
        return error.response["Error"]["Code"]
    return "accepted"


def the_emulator_knows_boto3s():
    keys = pathlib.Path(tempfile.mkdtemp()) / "keys"
    keys.write_text(f"{KEY} {SECRET}\n")
    with Serving(PROGRAM, "serve", "--check-signatures", "--keys", keys, "--region", REGION) as emulator:
        right = client(emulator.address)
        assert code_of(right.describe_registry) == "accepted"
        assert code_of(lambda: right.create_repository(repositoryName="team/app")) == "accepted"
        assert code_of(client(emulator.address, secret=SECRET + "x").describe_registry) == "InvalidSignatureException"
        assert code_of(client(emulator.address, region="us-east-1").describe_registry) == "InvalidSignatureException"
        tampered = client(emulator.address)
        tampered.meta.events.register(
            "before-send", lambda request, **_: setattr(request, "body", request.body.replace(b"app", b"apq")))
        assert code_of(lambda: tampered.describe_images(repositoryName="team/app")) == "InvalidSignatureException"


def moto_knows_ours():
    with Moto(INITIAL_NO_AUTH_ACTION_COUNT="3") as moto:
        iam = boto3.client("iam", endpoint_url=moto.address, region_name=REGION, aws_access_key_id="x",
                           aws_secret_access_key="y")
        iam.create_user(UserName="a")
        everything = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
        iam.put_user_policy(UserName="a", PolicyName="p", PolicyDocument=json.dumps(everything))
        key = iam.create_access_key(UserName="a")["AccessKey"]
        for secret, status in ((key["SecretAccessKey"], "conform"), ("wrong", "not-judged")):
            done = subprocess.run([PROGRAM, "run", "--endpoint", moto.address, "--region", REGION, "--credentials",
                                   "environment", "--filter", "describe.plain#", "--format", "json"],
                                  capture_output=True, text=True, timeout=300,
                                  env=CLEAN | {"AWS_ACCESS_KEY_ID": key["AccessKeyId"], "AWS_SECRET_ACCESS_KEY": secret})
            checks = {check["id"]: check["outcome"] for check in json.loads(done.stdout)["checks"]}
            assert checks["describe.plain#status"] == status, (secret == "wrong", checks, done.stderr)


def main():
    compared = ours_are_botocores()
    the_emulator_knows_boto3s()
    moto_knows_ours()
    print(f"{compared} signatures are those of botocore; boto3's are known to the emulator, ours to moto")


if __name__ == "__main__":
    main()
