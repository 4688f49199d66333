"""Each way that a cluster cannot be used is a sentence, with exit 2 before anything is trained."""

from __future__ import annotations

import contextlib
import http.server
import json
import subprocess
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import dask
import pytest

import cmpnet
from cmpnet.kit import Kit
from cmpnet_dask.executor import DaskExecutor

SMALL: dict[str, Any] = {"repeats": 1, "epochs": 1, "pairs": 20, "executor": "dask"}


def refusal(**options: Any) -> str:
    with pytest.raises(cmpnet.CmpnetError) as caught:
        cmpnet.bench("baseline", **SMALL, **{"patience": 1, **options})
    assert caught.value.exit_code == 2
    assert not Path(".cmpnet").exists(), "nothing was trained"
    return str(caught.value)


@pytest.mark.parametrize(
    ("address", "sentence"),
    [
        ("tcp://127.0.0.1:1", "No Dask scheduler answers at tcp://127.0.0.1:1 within 1 s. Start"),
        ("http://127.0.0.1:80", "'http' is no protocol of Dask (tcp, tls, ucx, ws, wss)"),
        ("127.0.0.1", "'127.0.0.1' is not the address of a scheduler: it has no port."),
        ("tls://127.0.0.1:1", "needs certificates, and Dask's configuration names none"),
    ],
)
def test_a_wrong_address_is_refused(address: str, sentence: str) -> None:
    assert sentence in refusal(address=address)


def test_a_server_of_something_else_is_no_scheduler() -> None:
    server = http.server.ThreadingHTTPServer(
        ("127.0.0.1", 0), type("Mute", (http.server.BaseHTTPRequestHandler,), {"timeout": 5})
    )
    threading.Thread(target=server.serve_forever, daemon=True).start()
    assert "No Dask scheduler answers" in refusal(address=f"tcp://127.0.0.1:{server.server_port}")
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (None, "There is no scheduler file 'file.json'"),
        ("{}", "'file.json' is not a scheduler file: it has no address"),
        ("[", "'file.json' is not a scheduler file"),
    ],
)
def test_a_wrong_scheduler_file_is_refused(content: str | None, sentence: str) -> None:
    if content is not None:
        Path("file.json").write_text(content)
    assert sentence in refusal(scheduler_file="file.json")
    assert "give one" in refusal(scheduler_file="file.json", address="tcp://127.0.0.1:1")


@pytest.mark.slow
def test_a_scheduler_without_workers_is_waited_for_and_then_refused(make_cluster: Any) -> None:
    sentence = refusal(address=make_cluster().address)
    assert "has had no worker for 1 s; start some with 'dask worker tcp://" in sentence


@pytest.mark.parametrize(
    ("kit", "sentence"),
    [
        ({"code": {"torch": "9.9"}}, "it has torch 2"),
        ({"code": {"cmpnet-gone": "1.0+abc"}}, "it has no cmpnet-gone, this machine has 1.0+abc"),
        ({"python": "3.99"}, ", this machine 3.99"),
        ({"numerics": ("torch-0",)}, "it has the arithmetic torch-"),
    ],
)
def test_workers_with_other_versions_are_refused_with_both_named(
    cluster: Any, kit: dict[str, Any], sentence: str
) -> None:
    import platform

    import torch

    defaults = {"code": {"torch": torch.__version__}, "numerics": (), "python": ""}
    python = platform.python_version().rpartition(".")[0]
    executor = DaskExecutor(address=cluster.address)
    with pytest.raises(cmpnet.CmpnetError) as caught:
        executor.admit(Kit(**{**defaults, "python": python, **kit}))
    assert f"No worker of {cluster.address} can train" in str(caught.value)
    assert sentence in str(caught.value)


@pytest.mark.slow
def test_a_worker_without_cmpnet_is_refused(make_cluster: Any, tmp_path: Path) -> None:
    (tmp_path / "cmpnet_dask.py").write_text("raise ModuleNotFoundError('No module: cmpnet_dask')")
    cluster = make_cluster()
    cluster.worker(environment={"PYTHONPATH": str(tmp_path)})
    assert "are not both installed there" in refusal(address=cluster.address, patience=30)


@pytest.mark.slow
def test_a_worker_without_memory_is_not_used(make_cluster: Any) -> None:
    cluster = make_cluster()
    cluster.worker("--memory-limit", "1MB")
    sentence = refusal(address=cluster.address, patience=5)
    assert "is not used: it has no memory left, so Dask has paused it" in sentence


# -- TLS ------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def authorities(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, str]]:
    """Certificates of two authorities, as Dask's environment variables name them."""
    made = []
    for name in ("one", "other"):
        folder = tmp_path_factory.mktemp(name)
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj",
             f"/CN={name}", "-keyout", folder / "key.pem", "-out", folder / "cert.pem"],
            check=True, capture_output=True,
        )  # fmt: skip
        paths = {"distributed.comm.tls.ca-file": str(folder / "cert.pem")}
        for role in ("scheduler", "worker", "client"):
            paths[f"distributed.comm.tls.{role}.cert"] = str(folder / "cert.pem")
            paths[f"distributed.comm.tls.{role}.key"] = str(folder / "key.pem")
        made.append(paths)
    return made


def environment(settings: dict[str, str]) -> dict[str, str]:
    return {f"DASK_{k.replace('.', '__').replace('-', '_').upper()}": settings[k] for k in settings}


@pytest.fixture
def configured() -> Iterator[Callable[[dict[str, str]], None]]:
    with contextlib.ExitStack() as stack:
        yield lambda settings: stack.enter_context(dask.config.set(settings))


@pytest.mark.slow
def test_tls_is_what_dasks_configuration_says_and_other_certificates_are_refused(
    make_cluster: Any,
    authorities: list[dict[str, str]],
    configured: Callable[[dict[str, str]], None],
) -> None:
    one, other = authorities
    cluster = make_cluster("--protocol", "tls", environment=environment(one))
    cluster.worker("--protocol", "tls")
    assert cluster.address.startswith("tls://")
    plain = cluster.address.replace("tls", "tcp")
    assert "No Dask scheduler answers" in refusal(address=plain)
    configured(other)
    assert "do not accept each other's certificates" in refusal(address=cluster.address)
    configured(one)
    results = cmpnet.bench("baseline", **SMALL, address=cluster.address)
    assert [repeat.status for repeat in results.arms[0].repeats.values()] == ["ok"]
    assert json.loads(cluster.file.read_text())["address"] == cluster.address
