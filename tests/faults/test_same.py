"""What counts as the same repeat: one with all of configuration, code, data and seed the same."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.faults.conftest import SITE, Install
from tests.helpers import TINY, call
from tests.tasks.test_mnist import make_folder


def bench(*more: str) -> str:
    quick = ("--epochs", "1", "--pairs", "12", "--data-dir", "data", "--repeats", "2", "--no-plot")
    done = call("bench", "tiny", *quick, *more)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_resuming_never_mixes_configurations_code_data_or_seeds(install: Install) -> None:
    make_folder(Path("data"), digits=40)
    points = {"architectures": {"tiny": "TINY"}}
    install("tiny-plugin", TINY, points)
    bench()
    assert "2 of 2 repeats came from the store" in bench()
    assert "from the store" not in bench("--lr", "0.2"), "another configuration"
    assert "from the store" not in bench("-o", "width=5"), "another option of the network"
    assert "1 of 2 repeats came from the store" in bench("--seed", "1"), "another seed"
    (SITE / "tiny_plugin-1.0.dist-info").rename("gone")
    install("tiny-plugin", TINY, points, version="1.1")
    assert "from the store" not in bench(), "another version of the arm's owner"
    install(
        "tiny-plugin", TINY.replace("torch.nn.ReLU()", "torch.nn.Tanh()"), points, version="1.1"
    )
    assert "from the store" not in bench(), "other code of the arm's owner, in the same version"
    images = Path("data/train-images-idx3-ubyte")
    content = bytearray(images.read_bytes())
    content[-1] ^= 255
    images.write_bytes(content)
    assert "from the store" not in bench(), "one other pixel"
    assert "2 of 2 repeats came from the store" in bench()


@pytest.mark.parametrize("device", ["cuda", "cuda:1"])
def test_a_device_that_an_arms_backend_lacks_is_a_wrong_call(device: str, install: Install) -> None:
    code = (
        TINY.replace('loss="ce")', 'loss="ce", learner="cpu_plugin:CpuLearner")')
        + """
    from cmpnet.learners.torch import TorchLearner
    class CpuLearner(TorchLearner):
        devices = ("cpu",)
    """
    )
    install("cpu-plugin", code, {"architectures": {"tiny": "TINY"}})
    done = call("bench", "tiny", "--device", device)
    assert done.returncode == 2
    assert "'tiny' runs only on cpu; use --device cpu." in done.stderr
    assert len(done.stderr.splitlines()) == 1
