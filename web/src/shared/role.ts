/** The role that a token gives in a room, as far as a page can read it; the server alone decides what it allows. */
export function roleIn(token: string, room: string): "host" | "moderator" | null {
  try {
    const payload = token.split(".")[1] ?? "";
    const text = atob(payload.replaceAll("-", "+").replaceAll("_", "/"));
    const { roles } = JSON.parse(text) as { roles?: Record<string, unknown> };
    const role = roles?.[room] ?? roles?.["*"];
    return role === "host" || role === "moderator" ? role : null;
  } catch {
    return null; // not a token of ours: nothing is known
  }
}
