/** The token door: where the page gets its token, first and again when it expires. */

import { warn } from "./warn";

export interface Visit {
  room: string;
  name: string;
  user: string;
  role: string | null;
  /** A token that an embedding platform passed in the fragment of the address. */
  token: string | null;
}

/** What differs from page to page: where its user and token are kept, and who he is where the address does not say. */
export interface Page {
  user: string;
  token: string;
  name: string;
  role: string | null;
}

export const VIEWER: Page = { user: "roomserver.user", token: "roomserver.token", name: "Viewer", role: null };
export const HOST: Page = { user: "roomserver.host", token: "roomserver.host.token", name: "Host", role: "host" };

/** Nobody can give this page a token: the viewer has to sign in at the platform that embeds it. */
export class NoDoor extends Error {}

export interface Keep {
  getItem(key: string): string | null;
  setItem(key: string, value: string): void;
}

/**
 * Reads who comes to which room from the address: `?room=&name=&user=&role=#token=`.
 * Where the address names no user, one is made once and kept, so that a reload is the same person.
 */
export function readVisit(address: URL, keep: Keep, random: () => string, page: Page = VIEWER): Visit {
  const query = address.searchParams;
  const own = keep.getItem(page.user) ?? `web-${random()}`;
  keep.setItem(page.user, own);
  return {
    room: query.get("room") || "demo",
    name: query.get("name") || `${page.name} ${own.slice(-4)}`,
    user: query.get("user") ?? own,
    role: query.get("role") ?? page.role,
    token: new URLSearchParams(address.hash.slice(1)).get("token"),
  };
}

/** The address without its token: it belongs neither into history nor into a copied link. */
export function withoutToken(address: URL): string {
  const fragment = new URLSearchParams(address.hash.slice(1));
  fragment.delete("token");
  const rest = fragment.toString();
  return address.pathname + address.search + (rest ? `#${rest}` : "");
}

/**
 * Opens the door for a visit.
 *
 * A passed token is used as long as the server takes it; `renewed` gives a newer one if the platform has put it there.
 * Without one the server's development door is asked. Raises NoDoor when neither is there; other failures are
 * left to the SDK, which tries again.
 */
export function openDoor(
  visit: Visit,
  renewed: () => string | null,
  post: (path: string, body: unknown) => Promise<Response>,
): () => Promise<string> {
  let last: string | null = null;
  return async () => {
    const passed = renewed() ?? visit.token;
    if (passed !== null) {
      if (passed === last) throw new NoDoor("the passed token was used up");
      last = passed;
      return passed;
    }
    return askDevelopmentDoor(visit, post);
  };
}

async function askDevelopmentDoor(
  { user, name, room, role }: Visit,
  post: (path: string, body: unknown) => Promise<Response>,
): Promise<string> {
  const response = await post("/dev/token", { user, name, room, role });
  if (response.status === 404 || response.status === 405) throw new NoDoor("no token was passed");
  if (!response.ok) {
    warn("the development door refused", response.status);
    throw response.status < 500 ? new NoDoor("no token was given") : new Error(`status ${response.status}`);
  }
  const body: unknown = await response.json();
  if (typeof body === "object" && body !== null && "token" in body && typeof body.token === "string") return body.token;
  throw new Error("the door answered without a token");
}
