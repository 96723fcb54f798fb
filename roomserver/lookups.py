"""What whoever has joined a room may look up by the real-time protocol itself: who is here, and what was said last."""

from __future__ import annotations

from presence.feature import connected, counts
from room.context import Context
from roomserver.centrifuge import acts
from roomserver.centrifuge.replies import ClientInfo, PresenceResult, PresenceStatsResult, Result
from roomserver.publisher import Publisher
from roomserver.schema import encode


def looked_up(act: acts.Stats | acts.ListPresence | acts.ReadHistory, context: Context, publisher: Publisher) -> Result:
    """The answer.

    Raises LimitExceeded, UnrecoverablePosition.
    """
    match act:
        case acts.Stats():
            users, clients = counts(context.room)
            return PresenceStatsResult(num_clients=clients, num_users=users)
        case acts.ListPresence():
            return _present(context)
        case acts.ReadHistory():
            return publisher.history(act.limit, act.since, reverse=act.reverse)


def _present(context: Context) -> PresenceResult:
    """Up to 500 members by connection.

    Raises LimitExceeded.
    """
    return PresenceResult(
        presence={
            client: ClientInfo(client=client, user=one.id, conn_info=encode({"name": one.name, "tier": one.tier}))
            for client, one in connected(context).items()
        }
    )
