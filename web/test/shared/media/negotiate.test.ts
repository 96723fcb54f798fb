import { describe, expect, it } from "vitest";
import { readLinks, retryAfter } from "../../../src/shared/media/negotiate";

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
