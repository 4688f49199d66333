"""``cmpnet leaderboard``: every arm of one protocol in the store, the best first."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cmpnet.cli import common, completion
from cmpnet.cli.ending import warn

if TYPE_CHECKING:
    from cmpnet.analysis.ranking import Ranked


def leaderboard(
    arms: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="ARM",
            show_default=False,
            help="Only these arms; by default all.",
            autocompletion=completion.stored_arms,
        ),
    ] = None,
    where: common.Where = None,
    metric: common.MetricName = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")] = False,
    store: common.StoreFolder = common.STORE,
    plugin: common.Plugins = None,
    no_plugin: common.NoPlugin = None,
) -> None:
    """Rank every arm in the store by the metric that decides; nothing is trained.

    An arm has its repeats of all runs that were trained by the same code as
    the newest. All arms have one protocol (task, data, its options, epochs):
    that of the newest complete bench, unless --where chooses another. The rank
    is that of the mean; 'cmpnet compare' decides what differs.

    \b
    cmpnet leaderboard
    cmpnet leaderboard --where epochs=25
    cmpnet leaderboard --metric auc
    cmpnet leaderboard ws ws-aux --json
    """
    import cmpnet
    from cmpnet.analysis.ranking import ranking
    from cmpnet.errors import not_ranked
    from cmpnet.output import catalogue, terminal
    from cmpnet.syntax import assignments

    results = cmpnet.load(
        *(arms or ()),
        store=store,
        where=assignments(where or ()),
        all_runs=True,
        metric=metric,
        plugins=plugin or (),
        disabled=common.disabled_plugins(no_plugin),
    )
    ranked, others = ranking(results.arms)
    for arm in others:
        warn(str(not_ranked(arm.label, ranked[0].arm.key.metric)))
    if results.left_out:
        warn(results.left_out)
    if as_json:
        print(json.dumps(_document(ranked), indent=2))
    else:
        out = terminal.console()
        out.print(terminal.rich_table(catalogue.leaderboard_table(ranked), out.width))


def _document(ranked: list[Ranked]) -> dict[str, Any]:
    """What --json prints: fractions, not percentages."""
    first = ranked[0].arm
    return {
        "schema": 1,
        "protocol": str(first.protocol),
        "metric": first.metric.name,
        "better": first.metric.better,
        "arms": [
            {
                "rank": one.rank,
                "arm": one.arm.label,
                **asdict(one.summary),
                "parameters": next((r.parameters for r in one.arm.ok()), None),
                "run": one.arm.run,
            }
            for one in ranked
        ],
    }
