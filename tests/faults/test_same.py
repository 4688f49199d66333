"""What counts as the same repeat: one with all of configuration, code, data and seed the same."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.helpers import TINY, cmpnet, make_plugin
from tests.tasks.test_mnist import make_folder


def bench(*more: str) -> str:
    call = ("bench", "tiny", "--epochs", "1", "--pairs", "12", "--data-dir", "data")
    done = cmpnet(*call, *more, "--repeats", "2", "--no-plot", site=Path("site"))
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_resuming_never_mixes_configurations_code_data_or_seeds() -> None:
    make_folder(Path("data"), digits=40)
    plugin = ("tiny-plugin", TINY, {"architectures": {"tiny": "TINY"}})
    make_plugin(Path("site"), *plugin)
    bench()
    assert "2 of 2 repeats came from the store" in bench()
    assert "from the store" not in bench("--lr", "0.2"), "another configuration"
    assert "from the store" not in bench("-o", "width=5"), "another option of the network"
    assert "1 of 2 repeats came from the store" in bench("--seed", "1"), "another seed"
    make_plugin(Path("site"), *plugin, version="1.1")
    (Path("site") / "tiny_plugin-1.0.dist-info").rename("gone")
    assert "from the store" not in bench(), "another version of the arm's owner"
    code = Path("site/tiny_plugin.py")
    code.write_text(code.read_text().replace("torch.nn.ReLU()", "torch.nn.Tanh()"))
    assert "from the store" not in bench(), "other code of the arm's owner, in the same version"
    images = Path("data/train-images-idx3-ubyte")
    content = bytearray(images.read_bytes())
    content[-1] ^= 255
    images.write_bytes(content)
    assert "from the store" not in bench(), "one other pixel"
    assert "2 of 2 repeats came from the store" in bench()


@pytest.mark.parametrize("device", ["cuda", "cuda:1"])
def test_a_device_that_an_arms_framework_lacks_is_a_wrong_call(device: str) -> None:
    code = (
        TINY
        + """
    from cmpnet.learners.torch import TorchLearner
    class CpuLearner(TorchLearner):
        devices = ("cpu",)
    """
    )
    code = code.replace('loss="ce")', 'loss="own", learner="cpu_plugin:CpuLearner")')
    code += """
    OWN = Loss(name="own", summary="", fn=lambda output, batch: output["verdict"].mean(),
               needs=("verdict",), learner="cpu_plugin:CpuLearner")
    """
    points = {"architectures": {"tiny": "TINY"}, "losses": {"own": "OWN"}}
    make_plugin(Path("site"), "cpu-plugin", code, points)
    done = cmpnet("bench", "tiny", "--device", device, site=Path("site"))
    assert done.returncode == 2
    assert "'tiny' runs on cpu alone; give --device cpu." in done.stderr
    assert len(done.stderr.splitlines()) == 1
