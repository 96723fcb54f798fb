// The unmodified JavaScript SDK, led by a test: a request per line comes in, replies and events go out, a line each.
//
//   node client.mjs json|protobuf URL
//
// in   {n, do: one of `doings` below, ...}
//      {token}: the answer to an event `token`
// out  {n, result} or {n, error: {code, message, temporary}}; {on: event, ...}

import { createInterface } from 'node:readline';

const [encoding, url] = process.argv.slice(2);
const protobuf = encoding === 'protobuf';
const { Centrifuge } = await import(protobuf ? 'centrifuge/build/protobuf' : 'centrifuge');

const pack = (data) => (protobuf ? new TextEncoder().encode(JSON.stringify(data)) : data);
const unpack = (data) => (protobuf && data?.length ? JSON.parse(new TextDecoder().decode(data)) : data);
const tell = (message) => process.stdout.write(`${JSON.stringify(message)}\n`);

const wanted = [];
let client;

function connect({ token }) {
  const getToken = () =>
    new Promise((resolve) => {
      wanted.push(resolve);
      tell({ on: 'token' });
    });
  client = new Centrifuge(url, { token, getToken, minReconnectDelay: 50, maxReconnectDelay: 300 });
  for (const on of ['connecting', 'connected', 'disconnected']) {
    client.on(on, ({ code, reason, client: id }) => tell({ on, code, reason, client: id }));
  }
  client.on('error', ({ error }) => tell({ on: 'error', ...plain(error) }));
  client.on('publication', ({ channel, data }) => tell({ on: 'told', channel, data: unpack(data) }));
  client.connect();
}

function subscribe({ channel }) {
  const sub = client.newSubscription(channel);
  sub.on('subscribing', ({ code, reason }) => tell({ on: 'subscribing', channel, code, reason }));
  sub.on('subscribed', ({ wasRecovering, recovered, streamPosition, data }) =>
    tell({
      on: 'subscribed',
      channel,
      was_recovering: wasRecovering,
      recovered,
      epoch: streamPosition?.epoch,
      offset: streamPosition?.offset,
      data: unpack(data),
    }),
  );
  sub.on('unsubscribed', ({ code, reason }) => tell({ on: 'unsubscribed', channel, code, reason }));
  sub.on('error', ({ error }) => tell({ on: 'refused', channel, ...plain(error) }));
  sub.on('publication', ({ offset, data }) => tell({ on: 'publication', channel, offset, data: unpack(data) }));
  sub.subscribe();
}

const subscription = (channel) => client.getSubscription(channel);

const doings = {
  connect,
  subscribe,
  unsubscribe: ({ channel }) => subscription(channel).unsubscribe(),
  resubscribe: ({ channel }) => subscription(channel).subscribe(),
  rpc: async ({ method, data }) => unpack((await client.rpc(method, pack(data))).data),
  publish: async ({ channel, data }) => void (await subscription(channel).publish(pack(data))),
  presence_stats: async ({ channel }) => {
    const { numUsers, numClients } = await subscription(channel).presenceStats();
    return { users: numUsers, clients: numClients };
  },
  presence: async ({ channel }) => {
    const { clients } = await subscription(channel).presence();
    return Object.fromEntries(Object.values(clients).map((one) => [one.client, one.user]));
  },
  history: async ({ channel, limit, since, reverse }) => {
    const read = await subscription(channel).history({ limit, reverse, ...(since && { since }) });
    const told = read.publications.map(({ offset, data }) => ({ offset, data: unpack(data) }));
    return { epoch: read.epoch, offset: read.offset, publications: told };
  },
};

const plain = ({ code, message, temporary }) => ({ code, message: String(message), temporary: Boolean(temporary) });

async function carryOut({ n, do: doing, ...rest }) {
  try {
    tell({ n, result: (await doings[doing](rest)) ?? null });
  } catch (error) {
    tell({ n, error: plain(error) });
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  const asked = JSON.parse(line);
  if ('token' in asked && !('do' in asked)) wanted.shift()(asked.token);
  else void carryOut(asked);
}
client?.disconnect();
