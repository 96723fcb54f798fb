import { useEffect, useRef } from "preact/hooks";
import type { Seat } from "../../shared/wire";
import { me, slots, stage } from "../store";
import { begin, sounds, streams } from "./playing";
import { lit } from "./seat";
import { pictureWords } from "./words";

/** The guests on stage, each in a tile with his name. */
export function Tiles() {
  const seats = (stage.value?.seats ?? []).filter((seat) => seat.state === "on");
  if (seats.length === 0) return null;
  return (
    <ul class="tiles" data-testid="tiles">
      {seats.map((seat) => (
        <Tile key={seat.slot} seat={seat} />
      ))}
    </ul>
  );
}

function Tile({ seat }: { seat: Seat }) {
  const t = pictureWords.value;
  const video = useRef<HTMLVideoElement>(null);
  const stream = streams.value.get(seat.slot);
  const coming = slots.value?.includes(seat.slot) ?? false;
  const mine = seat.user.id === me.value?.user.id;
  useEffect(() => {
    if (video.current && stream && coming) void begin(video.current, stream);
  }, [stream, coming]);
  return (
    <li
      class="tile"
      data-testid="tile"
      data-user={seat.user.id}
      data-coming={coming}
      aria-label={t.onStage(seat.user.name)}
    >
      {coming && <video ref={video} playsInline muted={mine || lit() === seat.user.id || !sounds()} />}
      <span class="tile-name">
        <bdi>{seat.user.name}</bdi>
        {seat.muted && <small>{t.muted}</small>}
      </span>
    </li>
  );
}
