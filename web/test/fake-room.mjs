// A room without a server, for looking at the page in all its states: `npm run fake`, then http://127.0.0.1:9100/?room=demo
// Rooms: demo (busy), quiet, offair, away (check-ins refused as temporary), guest. POST /fake/drop cuts all connections,
// /fake/gap also refuses the recovery, /fake/kick closes for good. It speaks only as much of the wire as the page uses.
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { extname, join, normalize } from "node:path";
import { WebSocketServer } from "ws";

const port = Number(process.argv[2] ?? 9100);
const door = process.argv[3] !== "no-door";
const dist = new URL("../dist", import.meta.url).pathname;
const types = { ".html": "text/html", ".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml" };
const csp = `default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' https:; media-src 'self'; font-src 'self'; connect-src 'self' ws://127.0.0.1:${port}; base-uri 'none'; form-action 'none'; frame-ancestors 'self'; require-trusted-types-for 'script'; trusted-types 'none'`;

const COLORS = [16777215, 8189380, 8376831, 13219583, 16757713, 16762967, 16769126];
const TIERS = ["white", "mint", "sky", "lilac", "pink", "amber", "gold"];
const NAMES = [
  "小林",
  "Ann",
  "Bo",
  "陈晓",
  "Mia 🌸",
  "阿茶",
  "Jonas",
  "王小明",
  "Leila",
  "Yuki",
  "周周",
  "Tom the tea collector",
];
const TEXTS = [
  "这款茶好香",
  "hello from Porto!",
  "第一次来，求推荐",
  "Is the oolong back?",
  "主播今天好看",
  "哈哈哈哈",
  "好",
  "多少钱",
  "I love the amber one",
  "刚下单了两盒，期待！",
  "签到第 12 天打卡",
  "666",
  "666",
  "Which one is good for the evening, the white tea or the roasted one?",
  "来了来了",
  "能再看一下杯子吗",
  "so calm here",
  "👏👏👏",
];
const day = new Date().toISOString().slice(0, 10);
const members = new Map();
const sockets = new Set();
let offset = 0;
let events = 0;
let recover = true;
let today = 411;

function person(index = Math.floor(Math.random() * NAMES.length)) {
  return { id: `u${index}`, name: NAMES[index], tier: index % 7 };
}

function member(id, name) {
  if (!members.has(id))
    members.set(id, {
      user: { id, name, tier: 3 },
      points: 320,
      streak: { current: 6, best: 21, total: 63, done_today: false },
      receipt: null,
    });
  return members.get(id);
}

const ladder = [
  { day: 3, title: "+30 points" },
  { day: 7, title: "Week medal" },
  { day: 10, title: "¥20 coupon" },
  { day: 30, title: "Tea tasting set", stock: 41 },
];

function next(current) {
  const step = ladder.find((one) => one.day > current);
  return step ? { day: step.day, title: step.title, in: step.day - current } : null;
}

function calendar(month, { streak, receipt }) {
  const last = month === day.slice(0, 7) ? Number(day.slice(8)) : 30;
  const days = [];
  for (let number = 3; number <= last; number++) {
    const date = `${month}-${String(number).padStart(2, "0")}`;
    const kind =
      date === day ? (receipt ? "done" : "open") : number === 9 ? "bridged" : number === 14 ? "missed" : "done";
    days.push({ date, kind });
  }
  return { month, days, current: streak.current, best: streak.best, total: streak.total, next: next(streak.current) };
}

function card({ user, points, streak }) {
  return {
    user,
    tier: { level: user.tier, name: "Lilac", badge: "lilac" },
    points,
    qualifying: 680,
    next_tier: { name: "Pink", in: 320 },
    streak,
    entitlements: null,
    medals: streak.done_today ? [{ id: "week", title: "First week" }] : [],
    settings: {},
  };
}

function snapshot(room, who) {
  const guest = room === "guest";
  const checkin = {
    day,
    done: who.streak.done_today,
    current: who.streak.current,
    next: next(who.streak.current),
    eligible_in: 0,
    expires_at: Date.now() + 5 * 3_600_000,
    ladder,
    month: calendar(day.slice(0, 7), who),
  };
  return {
    at: Date.now(),
    wire: 1,
    room: {
      id: room,
      title: room === "demo" ? "Autumn tea evening" : "秋日茶会",
      host: "host",
      live: room !== "offair",
      schedule: { next_at: Date.now() + 86_400_000 },
      ended_at: null,
      settings: {},
      storage: room === "away" ? "away" : "ok",
    },
    online: 1234,
    me: guest ? null : card(who),
    checkin: guest ? null : checkin,
    pinned: null,
    styles: TIERS.map((id, tier) => ({
      id,
      name: id[0].toUpperCase() + id.slice(1),
      color: COLORS[tier],
      modes: [1],
      ...(tier > who.user.tier ? { locked: { tier } } : {}),
    })),
    effects: { entrance: { id: "comet", priority: 30, duration_ms: 2500, reduced: "line" } },
    stage: null,
    media: null,
  };
}

function stamp(event) {
  events += 1;
  return { id: `e${events}`, at: Date.now(), ...event };
}

function said(user, text, style = user.tier, mode = 1) {
  return stamp({ type: "danmaku.said", user, text, style: { id: TIERS[style], color: COLORS[style], mode, size: 25 } });
}

function send(socket, ...messages) {
  if (socket.readyState === 1) socket.send(messages.map((message) => JSON.stringify(message)).join("\n"));
}

function publish(list, shed) {
  offset += 1;
  const data = {
    events: list,
    online: 1234 + Math.floor(Math.random() * 9),
    ...(shed ? { shed: { danmaku: shed } } : {}),
  };
  for (const socket of sockets)
    if (socket.room && socket.room !== "quiet")
      send(socket, { push: { channel: `room:${socket.room}`, pub: { offset, data } } });
}

function rpc(socket, { method, data }) {
  const who = member(socket.user, socket.name);
  switch (method) {
    case "danmaku.send": {
      if (data.text === "slow")
        return { error: { code: 1102, message: "too fast; retry in 4000 ms", temporary: true } };
      const level = Math.max(0, TIERS.indexOf(data.style ?? "white"));
      const event = said(who.user, data.text, level);
      if (data.text !== "busy") publish([event]);
      return {
        rpc: { data: { id: event.id, status: data.text === "busy" ? "shed" : "accepted", style: TIERS[level] } },
      };
    }
    case "checkin.mark": {
      if (socket.room === "away") return { error: { code: 1003, message: "the store is away", temporary: true } };
      const replayed = who.receipt !== null;
      if (!replayed) {
        who.streak = { current: who.streak.current + 1, best: 21, total: who.streak.total + 1, done_today: true };
        who.points += 10;
        who.receipt = {
          id: "r1",
          day,
          streak: who.streak.current,
          best: 21,
          total: who.streak.total,
          points: 10,
          balance: who.points,
          rewards: [{ id: "week", kind: "medal", title: "Week medal" }],
          medals: [],
          next: next(who.streak.current),
          expires_at: null,
          at: Date.now(),
          durability: "local",
        };
      }
      return { rpc: { data: { ...who.receipt, replayed } } };
    }
    case "checkin.calendar":
      return { rpc: { data: calendar(data.month, who) } };
    default:
      return { error: { code: 104, message: "method not found" } };
  }
}

function answer(socket, command) {
  if (command.connect) {
    const [user, name] = JSON.parse(command.connect.token);
    socket.user = user;
    socket.name = name;
    return { connect: { client: "c1", version: "fake", ping: 25, pong: true } };
  }
  if (command.subscribe) {
    socket.room = command.subscribe.channel.slice(5);
    const back = command.subscribe.recover === true;
    const who = member(socket.user, socket.name);
    return {
      subscribe: {
        recoverable: true,
        positioned: true,
        epoch: recover ? "a" : "b",
        offset,
        was_recovering: back,
        recovered: back && recover,
        data: snapshot(socket.room, who),
      },
    };
  }
  if (command.rpc) return rpc(socket, command.rpc);
  return {};
}

const web = createServer(async (request, response) => {
  const url = new URL(request.url, "http://fake");
  if (url.pathname === "/dev/token" && door) {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    const { user, name } = JSON.parse(Buffer.concat(chunks).toString());
    response.setHeader("content-type", "application/json");
    return response.end(JSON.stringify({ token: JSON.stringify([user, name]) }));
  }
  if (url.pathname.startsWith("/fake/")) {
    recover = url.pathname !== "/fake/gap";
    for (const socket of sockets)
      url.pathname === "/fake/kick" ? socket.close(3503, "force disconnect") : socket.terminate();
    return response.end();
  }
  try {
    const path = normalize(url.pathname === "/" ? "/index.html" : url.pathname);
    const body = await readFile(join(dist, path));
    response.setHeader("content-type", types[extname(path)] ?? "application/octet-stream");
    response.setHeader("content-security-policy", csp);
    response.end(body);
  } catch {
    response.statusCode = 404;
    response.end("not found");
  }
});

new WebSocketServer({ server: web, path: "/connection/websocket" }).on("connection", (socket) => {
  sockets.add(socket);
  socket.on("close", () => sockets.delete(socket));
  socket.on("message", (frame) => {
    for (const line of String(frame).split("\n")) {
      const command = JSON.parse(line);
      if (command.id) send(socket, { id: command.id, ...answer(socket, command) });
    }
  });
});

const host = { id: "host", name: "Lin", tier: 0 };
setInterval(() => publish([said(person(), TEXTS[Math.floor(Math.random() * TEXTS.length)])]), 260);
setInterval(() => publish([said(host, "欢迎新来的朋友！", 5)], 12), 7000);
setInterval(() => publish([said(person(6), "Gold words stay on top", 6, 5)]), 9000);
setInterval(
  () =>
    publish([
      stamp({ type: "presence.entered", count: 3 + Math.floor(Math.random() * 40), sample: [person(), person()] }),
    ]),
  2300,
);
setInterval(
  () =>
    publish([
      stamp({
        type: "effects.entered",
        user: person(5),
        effect: { id: "amber", priority: 5, duration_ms: 2600, reduced: true },
      }),
    ]),
  4100,
);
setInterval(() => publish([stamp({ type: "effects.entered", users: [person(), person()], count: 24 })]), 9700);
setInterval(() => {
  const delta = 5 + Math.floor(Math.random() * 30);
  today += delta;
  publish([stamp({ type: "checkin.burst", delta, today, sample: [{ user: person(), streak: 9 }] })]);
}, 3000);
setInterval(
  () => publish([stamp({ type: "checkin.milestone", user: person(), streak: "daily", measure: "length", count: 30 })]),
  11_000,
);
const shout = () =>
  publish([
    stamp({
      type: "shoutout.shown",
      by: host,
      to: person(0),
      text: "感谢小林陪伴我们整整 100 天！ A hundred evenings, thank you.",
      pinned_until: Date.now() + 9000,
    }),
  ]);
setInterval(shout, 10_000);

web.listen(port, "127.0.0.1", () => console.log(`http://127.0.0.1:${port}/?room=demo&name=Ann`));
