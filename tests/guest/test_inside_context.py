"""Who stands where: threads, tasks, blocks inside of blocks, and that nothing remains when a block has ended."""

from __future__ import annotations

import asyncio
import contextvars
import os
import socket
import ssl
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import boto3
import botocore.endpoint
import botocore.exceptions
import pytest
from botocore.client import BaseClient
from botocore.config import Config
from botocore.signers import RequestSigner
from standing import QUEUE, network

import vpcsim
from vpcsim.guest import cloud_of
from vpcsim.guest.context import current

ONCE = Config(retries={"total_max_attempts": 1})
TARGETS = [
    *((socket, name) for name in ("getaddrinfo", "gethostbyname", "gethostbyname_ex", "gethostbyaddr", "getnameinfo")),
    *((socket.socket, name) for name in ("connect", "connect_ex", "bind", "sendto", "getpeername", "setsockopt")),
    *((ssl.SSLContext, name) for name in ("wrap_socket", "wrap_bio")),
    *((threading.Thread, "start"), (ThreadPoolExecutor, "submit"), (botocore.endpoint, "time")),
    *((BaseClient, "_make_api_call"), (botocore.endpoint.Endpoint, "_send"), (RequestSigner, "_credentials")),
    *((boto3, "_get_default_session"), (type(os.environ), "__getitem__"), (type(os.environ), "__iter__")),
]


def state() -> list[Any]:
    return [vars(owner).get(name) for owner, name in TARGETS] + [boto3.DEFAULT_SESSION, dict(os.environ), current()]


def me() -> str:
    """The private address of the instance that the code stands on."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one:
        one.connect(("198.51.100.10", 53))
        return str(one.getsockname()[0])


def test_everything_is_as_before_after_a_block() -> None:
    before = state()
    with vpcsim.inside(network(), "app"):
        assert state() != before
        boto3.client("sqs").list_queues()
        os.environ["AWS_PROFILE"] = "mine"
    assert state() == before


def test_everything_is_as_before_after_an_exception() -> None:
    before = state()
    with pytest.raises(ZeroDivisionError), vpcsim.inside(network(), "app"), vpcsim.inside(network(), "dark"):
        _ = 1 / 0
    with pytest.raises(vpcsim.UnknownName), vpcsim.inside(network(), "nowhere"):
        pass
    with pytest.raises(botocore.exceptions.ConnectTimeoutError), vpcsim.inside(network(), "dark"):
        boto3.client("sqs", config=ONCE).list_queues()
    assert state() == before


def test_blocks_inside_of_blocks_stand_elsewhere_and_come_back() -> None:
    net = network()
    with vpcsim.inside(net, "app"):
        boto3.client("sqs").send_message(QueueUrl=QUEUE, MessageBody="x")
        with vpcsim.inside(net, "dark"):
            assert me() == "10.0.2.10"
            with pytest.raises(botocore.exceptions.ConnectTimeoutError):
                boto3.client("sqs", config=ONCE).list_queues()
        assert me() == "10.0.1.10"
        assert len(boto3.client("sqs").receive_message(QueueUrl=QUEUE)["Messages"]) == 1


def test_the_hosts_of_the_outer_block_are_there_in_the_inner_one() -> None:
    net = network()
    with vpcsim.inside(net, "app", hosts={"db:8080": "x"}), vpcsim.inside(net, "web"):
        socket.create_connection(("10.0.2.20", 8080)).close()


def test_threads_stand_where_they_were_started() -> None:
    found: dict[str, str] = {}
    net = network()
    for instance in ("app", "dark"):
        with vpcsim.inside(net, instance):
            thread = threading.Thread(target=lambda name=instance: found.update({name: me()}))
            thread.start()
        thread.join()
    assert found == {"app": "10.0.1.10", "dark": "10.0.2.10"}


def test_blocks_in_several_threads_do_not_meet() -> None:
    net, together, found = network(), threading.Barrier(4), {}

    def run(instance: str) -> None:
        with vpcsim.inside(net, instance):
            together.wait(60)
            for _ in range(20):
                found.setdefault(instance, set()).add(me())
            together.wait(60)

    threads = [threading.Thread(target=run, args=(name,)) for name in ("app", "dark", "web", "db")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == {"app": {"10.0.1.10"}, "dark": {"10.0.2.10"}, "web": {"10.0.0.10"}, "db": {"10.0.2.20"}}


def test_a_thread_beside_a_block_notices_nothing() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        context, done = contextvars.Context(), []

        def outside() -> None:
            socket.create_connection(server.getsockname()).close()
            done.append(os.environ.get("AWS_DEFAULT_REGION"))

        os.environ["AWS_DEFAULT_REGION"] = "sa-east-1"
        try:
            with vpcsim.inside(network(), "app"):
                assert os.environ["AWS_DEFAULT_REGION"] == "eu-west-1"
                context.run(outside)
        finally:
            del os.environ["AWS_DEFAULT_REGION"]
    assert done == ["sa-east-1"]


def test_work_that_is_handed_to_a_pool_stands_where_it_was_handed_over() -> None:
    with ThreadPoolExecutor(1) as pool:
        with vpcsim.inside(network(), "app"):
            assert pool.submit(me).result() == "10.0.1.10"
            with vpcsim.inside(network(), "dark"):
                assert list(pool.map(lambda _: me(), range(2))) == ["10.0.2.10"] * 2
        assert pool.submit(current).result() is None


def test_tasks_stand_where_they_were_made() -> None:
    net = network()

    async def visit(instance: str) -> tuple[str, str, str]:
        with vpcsim.inside(net, instance):
            first = me()
            await asyncio.sleep(0)
            infos = await asyncio.get_running_loop().getaddrinfo("localhost", 80)
            return first, await asyncio.to_thread(me), str(infos[0][4][0])

    async def main() -> list[tuple[str, str, str]]:
        return await asyncio.gather(visit("app"), visit("dark"))

    assert asyncio.run(main()) == [("10.0.1.10", "10.0.1.10", "127.0.0.1"), ("10.0.2.10", "10.0.2.10", "127.0.0.1")]


def test_streams_of_asyncio_meet_the_network() -> None:
    async def main() -> bytes:
        reader, writer = await asyncio.open_connection("db.example.com", 443, ssl=ssl.create_default_context())
        writer.write(b"GET / HTTP/1.1\r\nHost: db.example.com\r\n\r\n")
        await writer.drain()
        answer = await reader.read()
        writer.close()
        with pytest.raises(TimeoutError):
            await asyncio.open_connection("10.0.2.99", 443)
        return answer

    net = network("hosts: {db.example.com: 198.51.100.77}")
    with vpcsim.inside(net, "app", hosts={"db.example.com": "Olá"}):
        assert asyncio.run(main()).endswith("Olá".encode())


def test_aiobotocore_meets_the_network() -> None:
    session = pytest.importorskip("aiobotocore.session", reason="aiobotocore is not installed")

    async def send(instance: str) -> Any:
        async with session.get_session().create_client("sqs", config=None) as sqs:
            return await sqs.send_message(QueueUrl=QUEUE, MessageBody=instance)

    async def fetch() -> bytes:
        async with session.get_session().create_client("s3") as s3:
            await s3.put_object(Bucket="order-files", Key="k", Body=b"body")
            return bytes(await (await s3.get_object(Bucket="order-files", Key="k"))["Body"].read())

    net = network()
    with vpcsim.inside(net, "app"):
        assert asyncio.run(send("app"))["ResponseMetadata"]["HTTPStatusCode"] == 200
        assert asyncio.run(fetch()) == b"body"
    assert cloud_of(net).poll("Orders") == ["app"]
    with vpcsim.inside(net, "dark") as here, pytest.raises(botocore.exceptions.ConnectTimeoutError):
        asyncio.run(send("dark"))
    assert here.waited > 60
    with vpcsim.inside(net, "reader"), pytest.raises(botocore.exceptions.ClientError, match="AccessDenied"):
        asyncio.run(send("reader"))
    with vpcsim.inside(net, "nobody"), pytest.raises(botocore.exceptions.NoCredentialsError):
        asyncio.run(send("nobody"))


REAL = {"AWS_ACCESS_KEY_ID": "AKIAREALREALREALREAL", "AWS_SECRET_ACCESS_KEY": "real", "AWS_REGION": "sa-east-1"}


@pytest.fixture
def real_credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {**REAL, "AWS_PROFILE": "work", "HTTPS_PROXY": "http://127.0.0.1:9", "HOME_OF": "x"}.items():
        monkeypatch.setenv(name, value)


@pytest.mark.usefixtures("real_credentials")
def test_settings_of_the_machine_are_hidden_and_others_are_not() -> None:
    with vpcsim.inside(network(), "app"):
        assert "AWS_ACCESS_KEY_ID" not in os.environ
        assert os.environ.get("AWS_PROFILE") is None
        assert "HTTPS_PROXY" not in dict(os.environ)
        assert not [name for name in os.environ if name == "AWS_SECRET_ACCESS_KEY"]
        assert len(os.environ) == len(list(os.environ))
        assert os.environ["HOME_OF"] == "x"
        assert os.environ["AWS_REGION"] == "eu-west-1"
    assert os.environ["AWS_PROFILE"] == "work"
    assert os.environ["AWS_REGION"] == "sa-east-1"


@pytest.mark.usefixtures("real_credentials")
def test_what_the_program_sets_itself_counts_and_is_gone_afterwards() -> None:
    with vpcsim.inside(network(), "app"):
        os.environ["AWS_ENDPOINT_URL_SQS"] = "https://sqs.example.com"
        assert boto3.client("sqs").meta.endpoint_url == "https://sqs.example.com"
        del os.environ["AWS_ENDPOINT_URL_SQS"]
        os.environ["AWS_PROFILE"] = "other"
        with pytest.raises(botocore.exceptions.ProfileNotFound):
            boto3.Session()
    assert os.environ["AWS_PROFILE"] == "work"
    assert "AWS_ENDPOINT_URL_SQS" not in os.environ


def test_clients_and_sessions_from_outside_sign_as_the_instance(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in REAL.items():
        monkeypatch.setenv(name, value)
    session = boto3.Session(region_name="eu-west-1")
    sts, used = session.client("sts"), []
    sts.meta.events.register("before-send", lambda request, **_: used.append(request.headers["Authorization"]))
    with vpcsim.inside(network(), "app"):
        assert sts.get_caller_identity()["Arn"].endswith("assumed-role/Worker/i-0123456789abcdef0")
        assert session.get_credentials().access_key.startswith("ASIA")
        assert session.client("sts").get_caller_identity()["Account"] == "222222222222"
    assert used
    assert b"AKIAREAL" not in used[0]
    assert session.get_credentials().access_key == REAL["AWS_ACCESS_KEY_ID"]
    assert sts._request_signer._credentials.access_key == REAL["AWS_ACCESS_KEY_ID"]


def test_a_client_of_another_instance_signs_as_the_one_where_it_is_used() -> None:
    net = network()
    with vpcsim.inside(net, "app"):
        sts = boto3.client("sts")
        with vpcsim.inside(net, "reader"):
            assert "assumed-role/Reader/" in sts.get_caller_identity()["Arn"]
        assert "assumed-role/Worker/" in sts.get_caller_identity()["Arn"]


def test_moto_of_the_program_is_left_alone() -> None:
    from moto import mock_aws

    with mock_aws():
        boto3.client("sqs", region_name="eu-west-1").create_queue(QueueName="Mine")
        with vpcsim.inside(network(), "app"):
            assert boto3.client("sqs").list_queues()["QueueUrls"] == [QUEUE, QUEUE.replace("Orders", "Sealed")]
            with vpcsim.inside(network(), "dark"), pytest.raises(botocore.exceptions.ConnectTimeoutError):
                boto3.client("sqs", config=ONCE).list_queues()
        urls = boto3.client("sqs", region_name="eu-west-1").list_queues()["QueueUrls"]
    assert [url.rpartition("/")[2] for url in urls] == ["Mine"]


def test_a_receiver_in_real_time_gets_what_another_thread_sends() -> None:
    net, found = network(), []

    def receive() -> None:
        with vpcsim.inside(net, "web", real_time=True):
            found.append(boto3.client("sqs").receive_message(QueueUrl=QUEUE, WaitTimeSeconds=20)["Messages"][0]["Body"])

    thread = threading.Thread(target=receive)
    thread.start()
    time.sleep(0.2)
    with vpcsim.inside(net, "app"):
        boto3.client("sqs").send_message(QueueUrl=QUEUE, MessageBody="late")
    thread.join(60)
    assert found == ["late"]
