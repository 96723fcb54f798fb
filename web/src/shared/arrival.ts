/** Who came to the page, and its token: out of the address at once, kept by the tab, so that a reload stays signed in. */

import { storage } from "./storage";
import { openDoor, type Page, readVisit, type Visit, withoutToken } from "./token";

/** Where the server's real-time endpoint is. */
export const SOCKET = `${location.protocol === "https:" ? "wss:" : "ws:"}//${location.host}/connection/websocket`;

export interface Arrival {
  visit: Visit;
  /** Gives a token; raises NoDoor. */
  door: () => Promise<string>;
  /** The token that the door gave last. */
  bearer: () => string;
  /** The kept token is of no use any more. */
  forget(): void;
  /** Hears of a newer token that the platform puts into the fragment. */
  onToken(listener: () => void): void;
}

export function arrive(page: Page): Arrival {
  const visit = readVisit(new URL(location.href), storage("localStorage"), randomId, page);
  const kept = storage("sessionStorage");
  const slot = `${page.token}.${visit.room}`;
  takeToken(kept, slot);
  const open = openDoor(visit, () => kept.getItem(slot), post);
  let last = "";
  return {
    visit,
    async door() {
      last = await open();
      return last;
    },
    bearer: () => last,
    forget: () => kept.removeItem(slot),
    onToken(listener) {
      addEventListener("hashchange", () => {
        takeToken(kept, slot);
        listener();
      });
    },
  };
}

function randomId(): string {
  return crypto.randomUUID().replaceAll("-", "").slice(0, 12);
}

function takeToken(kept: Storage, slot: string): void {
  const passed = new URLSearchParams(location.hash.slice(1)).get("token");
  if (passed === null) return;
  kept.setItem(slot, passed);
  history.replaceState(null, "", withoutToken(new URL(location.href)));
}

function post(path: string, body: unknown): Promise<Response> {
  return fetch(path, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) });
}
