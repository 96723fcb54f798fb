/** An offer by POST, an answer in its reply, the end by DELETE: what WHIP (RFC 9725) and WHEP have in common. */

import { warn } from "../warn";

/** The server did not take an offer. */
export class Turned extends Error {
  constructor(
    readonly status: number,
    /** In the server's one word for it. */
    readonly reason: string | null,
    /** After which it may be asked again. */
    readonly ms: number | null,
    /** It is another server, to which this one has sent the offer. */
    readonly elsewhere = false,
  ) {
    super(`status ${status}`);
  }
}

/** How long an answer is waited for; the server gives itself half of it. */
const ANSWER_MS = 10_000;
/** And the word that a session is ended: nothing is sent or played longer than that. */
const ENDED_MS = 3000;

/** Gives the token that a request is to bear. */
export type Bearer = () => string;

/**
 * Connects; gives the session's address. The offer goes out without candidates: the server sees where checks come from,
 * and says in its reply which relays there are. Raises Turned; other faults are the network's or the browser's, an answer
 * that does not come among them.
 */
export async function negotiate(
  pc: RTCPeerConnection,
  url: string,
  bearer: Bearer,
  patience = ANSWER_MS,
): Promise<string | null> {
  const offer = await pc.createOffer();
  const headers = { "content-type": "application/sdp", authorization: `Bearer ${bearer()}` };
  const signal = AbortSignal.timeout(patience);
  const response = await fetch(url, { method: "POST", headers, body: offer.sdp ?? "", signal });
  if (response.status !== 201)
    throw new Turned(
      response.status,
      await reasonOf(response),
      retryAfter(response.headers.get("retry-after")),
      response.redirected,
    );
  const iceServers = readLinks(response.headers.get("link"));
  if (iceServers.length > 0) pc.setConfiguration({ ...pc.getConfiguration(), iceServers });
  const sdp = await response.text();
  const place = response.headers.get("location");
  if (pc.signalingState !== "closed") {
    await pc.setLocalDescription(offer);
    await pc.setRemoteDescription({ type: "answer", sdp });
  }
  return place && new URL(place, response.url).href;
}

/**
 * Ends a session, then its connection: the other way round there would be no session any more to be ended. The server
 * notices by itself where this does not reach it.
 */
export function hangUp(pc: RTCPeerConnection, session: string | null, bearer: Bearer, patience = ENDED_MS): void {
  if (session === null) {
    pc.close();
    return;
  }
  const headers = { authorization: `Bearer ${bearer()}` };
  fetch(session, { method: "DELETE", headers, keepalive: true, signal: AbortSignal.timeout(patience) })
    .catch((error) => warn("a picture was not ended", error))
    .finally(() => pc.close());
}

async function reasonOf(response: Response): Promise<string | null> {
  const problem = (await response.json().catch(() => null)) as { reason?: unknown } | null;
  return typeof problem?.reason === "string" ? problem.reason : null;
}

/** The seconds of a Retry-After header as ms. */
export function retryAfter(header: string | null): number | null {
  return header !== null && /^\d{1,5}$/.test(header.trim()) ? Number(header) * 1000 : null;
}

/** The relays that a Link header names (RFC 9725, 4.6). */
export function readLinks(header: string | null): RTCIceServer[] {
  const links = (header ?? "").matchAll(/<((?:stun|turns?):[^>]+)>((?:\s*;\s*[\w-]+="[^"]*")*)/g);
  return [...links].flatMap(([, urls = "", parts = ""]) => {
    const said = new Map([...parts.matchAll(/([\w-]+)="([^"]*)"/g)].map(([, name, value]) => [name, value]));
    if (said.get("rel") !== "ice-server") return [];
    const [username, credential] = [said.get("username"), said.get("credential")];
    return [{ urls, ...(username !== undefined && credential !== undefined ? { username, credential } : {}) }];
  });
}
