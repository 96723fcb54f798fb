import { describe, expect, it } from "vitest";
import { HOST, type Keep, NoDoor, openDoor, readVisit, withoutToken } from "../../src/shared/token";

function keep(): Keep {
  const items = new Map<string, string>();
  return { getItem: (key) => items.get(key) ?? null, setItem: (key, value) => void items.set(key, value) };
}

const visit = (query: string, store = keep()) =>
  readVisit(new URL(`https://shop.example/${query}`), store, () => "abcdef123456");
const answers = (status: number, body: unknown) => async () => new Response(JSON.stringify(body), { status });
const never = async (): Promise<Response> => {
  throw new Error("nobody should ask");
};

describe("a visit", () => {
  it("is read from the address", () => {
    expect(visit("?room=tea&name=Ann&user=ann&role=host")).toEqual({
      room: "tea",
      name: "Ann",
      user: "ann",
      role: "host",
      token: null,
    });
  });

  it("makes a user once, so that a reload is the same person", () => {
    const store = keep();
    expect(visit("", store).user).toBe(visit("?room=x", store).user);
    expect(visit("", store)).toMatchObject({ room: "demo", name: "Viewer 3456" });
  });

  it("of the console is the host's, who is not the viewer of the same browser", () => {
    const store = keep();
    const host = readVisit(new URL("https://shop.example/host"), store, () => "123", HOST);
    expect(host).toMatchObject({ name: "Host -123", role: "host" });
    expect(visit("", store)).toMatchObject({ user: "web-abcdef123456", role: null });
  });

  it("takes a token from the fragment only, and leaves no trace of it", () => {
    expect([visit("#token=t").token, visit("?token=t").token]).toEqual(["t", null]);
    expect(withoutToken(new URL("https://shop.example/?room=a#token=t&x=1"))).toBe("/?room=a#x=1");
    expect(withoutToken(new URL("https://shop.example/?room=a#token=t"))).toBe("/?room=a");
  });
});

describe("the door", () => {
  it("gives the passed token once: asked again, it was used up", async () => {
    const door = openDoor(visit("#token=t"), () => null, never);
    expect(await door()).toBe("t");
    await expect(door()).rejects.toBeInstanceOf(NoDoor);
  });

  it("gives the newer token that the platform has put there", async () => {
    let newer = "t1";
    const door = openDoor(visit(""), () => newer, never);
    expect(await door()).toBe("t1");
    newer = "t2";
    expect(await door()).toBe("t2");
  });

  it("asks the development door as often as needed", async () => {
    const asked: unknown[] = [];
    const door = openDoor(
      visit("?room=tea&name=Ann&user=ann"),
      () => null,
      async (path, body) => {
        asked.push([path, body]);
        return new Response(JSON.stringify({ token: `t${asked.length}` }));
      },
    );
    expect([await door(), await door()]).toEqual(["t1", "t2"]);
    expect(asked[0]).toEqual(["/dev/token", { user: "ann", name: "Ann", room: "tea", role: null }]);
  });

  it.each([404, 405, 403])("is none when the server answers %i", async (status) => {
    await expect(openDoor(visit(""), () => null, answers(status, {}))()).rejects.toBeInstanceOf(NoDoor);
  });

  it.each([
    [500, { token: "t" }],
    [200, { nothing: true }],
  ])("is tried again by the SDK after %i %j", async (status, body) => {
    const failure = await openDoor(visit(""), () => null, answers(status, body))().catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(Error);
    expect(failure).not.toBeInstanceOf(NoDoor);
  });
});
