"""The fast layers give the results of torch's layers."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn

from cmpnet.models.layers import ConvPool, Dropout, max_pool_2x2


def twins(*, norm: bool) -> tuple[ConvPool, nn.Sequential]:
    torch.manual_seed(0)
    fast = ConvPool(2, 3, 3, padding=1, norm=norm).double()
    plain = nn.Sequential(nn.Conv2d(2, 3, 3, padding=1))
    if fast.norm is not None:
        plain.append(nn.BatchNorm2d(3))
        fast.norm.weight.data = torch.tensor([0.5, -1.5, 0.0], dtype=torch.float64)
        nn.init.normal_(fast.norm.bias)
    plain.extend([nn.ReLU(), nn.MaxPool2d(2)]).double()
    for old, new in zip(plain.parameters(), fast.parameters(), strict=True):
        old.data = new.data.clone()
    return fast, plain


def images(kind: str, side: int) -> Tensor:
    x = torch.randn(6, 2, side, side, dtype=torch.float64)
    if kind == "flat":  # like blank paper: pooling windows of equal values
        x[:, :, 2:] = 0.25
    return x


@pytest.mark.parametrize("side", [8, 9])
@pytest.mark.parametrize("kind", ["noise", "flat"])
@pytest.mark.parametrize("norm", [False, True])
def test_conv_pool_has_the_values_and_gradients_of_torchs_layers_in_both_modes(
    norm: bool, kind: str, side: int
) -> None:
    fast, plain = twins(norm=norm)
    for _ in range(3):
        x = images(kind, side)
        fast_x, plain_x = x.clone().requires_grad_(), x.clone().requires_grad_()
        out, expected = fast(fast_x), plain(plain_x)
        torch.testing.assert_close(out, expected)
        weights = torch.randn_like(out)
        (out * weights).sum().backward()
        (expected * weights).sum().backward()
        torch.testing.assert_close(fast_x.grad, plain_x.grad)
        for a, b in zip(fast.parameters(), plain.parameters(), strict=True):
            torch.testing.assert_close(a.grad, b.grad)
    fast.eval()
    plain.eval()
    torch.testing.assert_close(fast(x), plain(x))
    with torch.inference_mode():
        torch.testing.assert_close(fast(x), plain(x))


@pytest.mark.parametrize("layout", [torch.contiguous_format, torch.channels_last])
def test_max_pool_2x2_equals_torchs_max_pool2d(layout: torch.memory_format) -> None:
    x = torch.randn(3, 4, 7, 10).to(memory_format=layout)
    torch.testing.assert_close(max_pool_2x2(x), nn.functional.max_pool2d(x, 2), rtol=0, atol=0)


@pytest.mark.parametrize("p", [0.1, 0.5, 0.9])
@pytest.mark.parametrize("channels", [False, True])
def test_dropout_drops_a_share_p_and_keeps_the_mean(p: float, channels: bool) -> None:
    torch.manual_seed(0)
    x = torch.ones(2000, 20, 3, 3)
    out = Dropout(p, channels=channels)(x)
    values = out.unique()
    torch.testing.assert_close(values, torch.tensor([0.0, 1 / (1 - p)]))
    # With 40,000 channels the SD of the share is at most 0.0025, that of the mean output 0.015.
    dropped = (out == 0).double().mean().item()
    assert dropped == pytest.approx(p, abs=0.01)
    assert out.mean().item() == pytest.approx(1, abs=0.06)
    share = (out == 0).flatten(2).double().mean(-1)
    assert bool(((share == 0) | (share == 1)).all()) == channels


def test_dropout_passes_the_gradients_of_remaining_units_and_is_off_in_evaluation() -> None:
    x = torch.ones(50, 4, requires_grad=True)
    layer = Dropout(0.5)
    out = layer(x)
    out.sum().backward()
    torch.testing.assert_close(x.grad, out.detach())
    assert layer.eval()(x) is x
