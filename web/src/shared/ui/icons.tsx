/** Line icons of the page, 24 px grid, drawn in the colour of their text. */

import type { JSX } from "preact";

const PATHS = {
  check: "M5 12.5l4.5 4.5L19 7.5",
  close: "M6 6l12 12M18 6L6 18",
  gear: "M4 7h9M17 7h3M4 17h3M11 17h9M15 4.5v5M9 14.5v5",
  pause: "M9 6v12M15 6v12",
  play: "M8 5.5v13l10.5-6.5z",
  danmaku: "M4 6h16M8 12h12M4 18h10",
  left: "M14.5 6l-6 6 6 6",
  right: "M9.5 6l6 6-6 6",
  send: "M4.5 12L20 4.5 15.5 20l-3.5-6.5z",
  spark: "M12 3.5l2.4 6.1 6.1 2.4-6.1 2.4L12 20.5l-2.4-6.1L3.5 12l6.1-2.4z",
  horn: "M4 10v4h3l8 4.5v-13L7 10zM18.5 9.5c1 1.6 1 3.4 0 5",
  bridge: "M4 15c3-7 13-7 16 0M4 15h16",
  palette: "M12 4a8 8 0 1 0 0 16c2 0 1.6-1.6 1-2.6-.6-1.2.2-2.4 1.6-2.4H17a3 3 0 0 0 3-3c0-4.400-3.600-8-8-8z",
  smile:
    "M12 20.500a8.500 8.500 0 1 0 0-17 8.500 8.500 0 0 0 0 17zM8.500 14c1.500 2.300 5.500 2.300 7 0M9 9.500v.01M15 9.500v.01",
  pick: "M5 4l6 15 2-6 6-2z",
  shield: "M12 3.500l7 2.500v5.500c0 4.500-3 7.500-7 9-4-1.500-7-4.500-7-9V6z",
  bag: "M6 8h12l1 12H5zM9 8V7a3 3 0 0 1 6 0v1",
  eye: "M3 12c4-7 14-7 18 0-4 7-14 7-18 0zM12 14.500a2.500 2.500 0 1 0 0-5 2.500 2.500 0 0 0 0 5z",
  lock: "M7 11h10v8H7zM9 11V8a3 3 0 0 1 6 0v3",
  person: "M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM5 20c1-4 13-4 14 0",
  dots: "M5 12h.01M12 12h.01M19 12h.01",
  clock: "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zM12 7.500V12l3 2",
  skip: "M6 6l8 6-8 6zM18 6v12",
  heart: "M12 20S4.500 15.500 4.500 9.800a4 4 0 0 1 7.500-1.900 4 4 0 0 1 7.500 1.900C19.500 15.500 12 20 12 20z",
  refresh: "M19 12a7 7 0 1 1-2-4.900M19 4v4h-4",
} as const;

export function Icon({ name, size = 20 }: { name: keyof typeof PATHS; size?: number }): JSX.Element {
  return (
    <svg class="icon" width={size} height={size} viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      <path d={PATHS[name]} />
    </svg>
  );
}
