import { afterEach, describe, expect, it, vi } from "vitest";
import { hangUp, negotiate, readLinks, retryAfter } from "../../../src/shared/media/negotiate";

describe("what a server says beside its answer", () => {
  it("names relays in its links", () => {
    const header =
      '<stun:stun.example:3478>; rel="ice-server", <turn:turn.example:3478?transport=udp>; rel="ice-server"; ' +
      'username="u,1"; credential="p;2"; credential-type="password", </other>; rel="next"';
    expect(readLinks(header)).toEqual([
      { urls: "stun:stun.example:3478" },
      { urls: "turn:turn.example:3478?transport=udp", username: "u,1", credential: "p;2" },
    ]);
    expect(readLinks(null)).toEqual([]);
  });

  it("says in seconds when it may be asked again", () => {
    expect(retryAfter("2")).toBe(2000);
    for (const header of [null, "", "soon", "-1", "1e9"]) expect(retryAfter(header)).toBeNull();
  });
});

describe("an offer that is not taken", () => {
  afterEach(() => vi.unstubAllGlobals());

  it("says which server did not take it", async () => {
    const pc = { createOffer: async () => ({ sdp: "v=0" }) } as unknown as RTCPeerConnection;
    for (const redirected of [true, false]) {
      const answer = { status: 404, redirected, headers: new Headers(), json: async () => ({ reason: "none" }) };
      vi.stubGlobal("fetch", async () => answer);
      await expect(negotiate(pc, "/whep/demo", () => "token")).rejects.toMatchObject({
        status: 404,
        reason: "none",
        elsewhere: redirected,
      });
    }
  });
});

describe("a server that does not answer", () => {
  const never = (_url: string, { signal }: RequestInit): Promise<Response> =>
    new Promise((_, fail) => signal?.addEventListener("abort", () => fail(signal.reason)));

  afterEach(() => vi.unstubAllGlobals());

  it("is not waited for without end", async () => {
    vi.stubGlobal("fetch", never);
    const pc = { createOffer: async () => ({ sdp: "v=0" }) } as unknown as RTCPeerConnection;
    await expect(negotiate(pc, "/whip/demo", () => "token", 10)).rejects.toThrow(/timeout/i);
  });

  it("keeps nobody on the air", async () => {
    vi.stubGlobal("fetch", never);
    vi.spyOn(console, "warn").mockImplementation(() => undefined);
    await new Promise<void>((close) => {
      hangUp({ close } as unknown as RTCPeerConnection, "/whip/demo/one", () => "token", 10);
    });
  });
});
