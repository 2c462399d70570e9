"""A client of demeter.v1.Reprocess, as a data engineer would write one.

`python reprocess_client.py VERB …`; the environment names DEMETER_CLIENT_CORE (host:port)
and DEMETER_CLIENT_TOKEN, and the generated code is on PYTHONPATH. Each verb prints lines of JSON.
"""

import argparse
import hashlib
import json
import os
import queue
import sys
import time

import grpc
from google.rpc import error_details_pb2, status_pb2

from demeter.v1 import mesh_pb2
from demeter.v1 import reprocess_pb2 as pb
from demeter.v1 import reprocess_pb2_grpc as rpc

METADATA = (("authorization", f"Bearer {os.environ.get('DEMETER_CLIENT_TOKEN', '')}"),)
# What a call ends with while the core restarts.
AWAY = (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.INTERNAL, grpc.StatusCode.CANCELLED)
CHANNEL = (
    ("grpc.min_reconnect_backoff_ms", 100),
    ("grpc.initial_reconnect_backoff_ms", 100),
    ("grpc.max_reconnect_backoff_ms", 1_000),
    ("grpc.keepalive_time_ms", 20_000),
)


def connect():
    address = os.environ["DEMETER_CLIENT_CORE"]
    return rpc.ReprocessStub(grpc.insecure_channel(address, options=CHANNEL))


def patiently(call):
    """Calls until the core answers; every call of the service may be made twice."""
    while True:
        try:
            return call()
        except grpc.RpcError as error:
            if error.code() not in AWAY:
                raise
            time.sleep(0.2)


def say(**line):
    print(json.dumps(line), flush=True)


def count_options(words):
    options = pb.ReprocessOptions(tiling=words.tiling)
    if words.confidence is not None:
        options.confidence = words.confidence
    return options


def plan(stub, words):
    options = count_options(words)
    if words.hashes:
        def requests():
            yield pb.ReprocessPlanPhotosRequest(options=options)
            for one in words.hashes:
                yield pb.ReprocessPlanPhotosRequest(
                    photos=pb.PhotoHashes(sha256s=bytes.fromhex(one))
                )

        answer = stub.PlanPhotos(requests(), metadata=METADATA)
        made, unknown = answer.plan, answer.unknown
    else:
        request = pb.ReprocessPlanRequest(filter=pb.PhotoFilter(places=words.place), options=options)
        made, unknown = patiently(lambda: stub.Plan(request, metadata=METADATA)).plan, 0
    say(
        plan_id=made.plan_id,
        pipeline_digest=made.pipeline_digest.hex(),
        photos=made.photos,
        in_store=made.in_store,
        counted_already=made.counted_already,
        places=made.places,
        unknown=unknown,
    )


def shape(one):
    return {
        "id": one.reprocessing_id,
        "state": pb.Reprocessing.State.Name(one.state),
        "photos": one.photos,
        "counted": one.counted,
        "reused": one.reused,
        "failed": one.failed,
        "plants_before": one.plants_before,
        "plants_after": one.plants_after,
    }


def start(stub, words):
    request = pb.ReprocessStartRequest(plan_id=words.plan, name="from Python")
    answer = patiently(lambda: stub.Start(request, metadata=METADATA))
    say(**shape(answer.reprocessing))


def whole_lines(path):
    """The lines of a file, the torn last one taken away."""
    if not os.path.exists(path):
        return []
    with open(path, "rb+") as file:
        content = file.read()
        whole = content[: content.rfind(b"\n") + 1]
        file.truncate(len(whole))
    return whole.decode().splitlines()


def results(stub, words):
    """Every line carries its cursor, so the last whole line says where to go on."""
    lines = whole_lines(words.output)
    after = json.loads(lines[-1])["cursor"] if lines else ""
    with open(words.output, "a", encoding="utf-8") as file:
        while True:
            request = pb.ReprocessResultsRequest(
                reprocessing_id=words.id, after=after, detections=True
            )
            try:
                for one in stub.Results(request, metadata=METADATA):
                    line = {
                        "cursor": one.cursor,
                        "sha256": one.sha256.hex(),
                        "run_id": one.run_id,
                        "outcome": one.outcome,
                        "detected": one.detected,
                        "before": one.detected_before if one.HasField("detected_before") else None,
                        "boxes": len(one.found.boxes) // 4,
                    }
                    file.write(json.dumps(line) + "\n")
                    file.flush()
                    os.fsync(file.fileno())
                    after = one.cursor
                return
            except grpc.RpcError as error:
                if error.code() not in AWAY:
                    raise
                time.sleep(0.2)


def wait(stub, words):
    """Watches until it has ended."""
    def ended():
        request = pb.ReprocessWatchRequest(reprocessing_id=words.id)
        for one in stub.Watch(request, metadata=METADATA):
            last = one.reprocessing
        return last

    say(**shape(patiently(ended)))


def compare(stub, words):
    request = pb.ReprocessCompareRequest(reprocessing_id=words.id, by=words.by)
    for one in stub.Compare(request, metadata=METADATA):
        say(key=one.key, photos=one.photos, before=one.before, after=one.after)


def promote(stub, words):
    request = pb.ReprocessPromoteRequest(reprocessing_id=words.id)
    answer = patiently(lambda: stub.Promote(request, metadata=METADATA))
    say(**shape(answer.reprocessing), proposals=answer.proposals, unchanged=answer.unchanged)


def process(stub, words):
    """Sends files as the core's credits allow, and grants it one for each result that is used."""
    requests = queue.SimpleQueue()
    requests.put(pb.ReprocessProcessRequest(options=count_options(words)))
    requests.put(pb.ReprocessProcessRequest(credit=mesh_pb2.Credit(photos=4)))
    files = iter(words.files)
    sent = answered = granted = 0

    def send_one():
        nonlocal sent
        path = next(files, None)
        if path is None:
            return False
        with open(path, "rb") as file:
            photo = pb.OwnPhoto(reference=path, content=file.read())
        requests.put(pb.ReprocessProcessRequest(photo=photo))
        sent += 1
        return True

    more = True
    for message in stub.Process(iter(requests.get, None), metadata=METADATA):
        kind = message.WhichOneof("message")
        if kind == "credit":
            granted += message.credit.photos
        else:
            answered += 1
            requests.put(pb.ReprocessProcessRequest(credit=mesh_pb2.Credit(photos=1)))
            one = message.result if kind == "result" else message.failure
            with open(one.reference, "rb") as file:
                right = kind == "result" and hashlib.sha256(file.read()).digest() == one.sha256
            say(
                file=one.reference,
                detected=one.detected if kind == "result" else None,
                error=None if kind == "result" else one.code,
                same_bytes=right,
            )
        while more and sent < granted:
            more = send_one()
        if not more and answered == sent:
            # No more requests: the core ends the stream.
            requests.put(None)


def add_count_options(verb):
    verb.add_argument("--tiling", default="")
    verb.add_argument("--confidence", type=float)


def main():
    parser = argparse.ArgumentParser()
    verbs = parser.add_subparsers(dest="verb", required=True)
    verb = verbs.add_parser("plan")
    add_count_options(verb)
    verb.add_argument("--place", action="append", default=[])
    verb.add_argument("--hashes", nargs="*")
    verbs.add_parser("start").add_argument("plan")
    verb = verbs.add_parser("results")
    verb.add_argument("id")
    verb.add_argument("--output", required=True)
    verbs.add_parser("wait").add_argument("id")
    verb = verbs.add_parser("compare")
    verb.add_argument("id")
    verb.add_argument("--by", default="photo")
    verbs.add_parser("promote").add_argument("id")
    verb = verbs.add_parser("process")
    verb.add_argument("files", nargs="+")
    add_count_options(verb)
    words = parser.parse_args()
    try:
        globals()[words.verb](connect(), words)
    except grpc.RpcError as error:
        say(status=error.code().name, message=error.details(), **error_info(error))
        sys.exit(1)


def error_info(error):
    """The core's own code and hint, from grpc-status-details-bin."""
    for key, value in error.trailing_metadata() or ():
        if key != "grpc-status-details-bin":
            continue
        for detail in status_pb2.Status.FromString(value).details:
            info = error_details_pb2.ErrorInfo()
            if detail.Unpack(info):
                return {"code": info.reason, "hint": info.metadata["hint"]}
    return {}


if __name__ == "__main__":
    main()
