"""How a member appears on the screens of a room: danmaku, entrances, shout-outs."""
