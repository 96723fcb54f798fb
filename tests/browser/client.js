// How a shop's page uses the SDK; a test calls these functions.
const PATIENCE_MS = 30_000;
const events = [];
const faults = [];
const joins = [];
let client;
let coded;
let waiting = [];

function changed() {
  waiting = waiting.filter((look) => !look());
}

/** Resolves with what `look` gives once that is true; fails, with the faults so far, when it takes too long. */
function until(look) {
  return new Promise((done, fail) => {
    setTimeout(() => fail(new Error(`nothing came in ${PATIENCE_MS} ms; ${JSON.stringify(faults)}`)), PATIENCE_MS);
    waiting.push(() => {
      const found = look();
      if (found) done(found);
      return Boolean(found);
    });
    changed();
  });
}

function enter({ url, token, room, binary }) {
  coded = {
    pack: (data) => (binary ? new TextEncoder().encode(JSON.stringify(data)) : data),
    unpack: (data) => (binary ? JSON.parse(new TextDecoder().decode(data)) : data),
  };
  client = new Centrifuge(url, { token, minReconnectDelay: 50, maxReconnectDelay: 300 });
  for (const on of ['connecting', 'connected', 'disconnected']) client.on(on, changed);
  client.on('error', ({ error }) => faults.push(error));
  const place = client.newSubscription(`room:${room}`);
  place.on('publication', ({ data }) => {
    events.push(...coded.unpack(data).events);
    changed();
  });
  place.on('subscribed', ({ wasRecovering, recovered, data }) => {
    joins.push({ wasRecovering, recovered, data: coded.unpack(data) });
    changed();
  });
  place.subscribe();
  client.connect();
  return until(() => joins[0]);
}

async function rpc(method, data) {
  return coded.unpack((await client.rpc(method, coded.pack(data))).data);
}

const state = (wanted) => until(() => client.state === wanted);
const rejoined = () => until(() => joins[1]);
const said = () => events.filter((event) => event.type === 'danmaku.said').map((event) => event.id);
const heard = (count) => until(() => said().length >= count && said());
