/**
 * A process that opens both models and describes a picture with each, under a handler of its own for what fails and with
 * every way out to a network watched. It prints one JSON object.
 *
 *     node open-and-watch.ts PACK
 */
import dns from 'node:dns';
import { Socket } from 'node:net';
import { openModel } from '../../../agent/main/face/open-model.ts';

const seen = { network: [] as string[], handled: [] as string[], described: [] as number[] };

Socket.prototype.connect = function connect(...to: unknown[]) {
  seen.network.push(JSON.stringify(to));
  throw new Error('no network here');
};
dns.lookup = ((name: string) => {
  seen.network.push(name);
  throw new Error('no names here');
}) as unknown as typeof dns.lookup;
const bareFetch = globalThis.fetch;
globalThis.fetch = (...given) => {
  seen.network.push(String(given[0]));
  return bareFetch(...given);
};

const handlers = () =>
  (['uncaughtException', 'unhandledRejection'] as const).map((event) =>
    process.rawListeners(event),
  );
const opening = [openModel(), openModel(process.argv[2])];
// Put on while the models load, and rethrowing as those of the loader do: only theirs are taken off.
process.on('uncaughtException', function mine(error) {
  if (error.message === 'rethrow') throw error;
  seen.handled.push(error.message);
});
process.on('unhandledRejection', (reason) => seen.handled.push(String(reason)));
const before = handlers();

const picture = { data: new Uint8Array(4 * 64 * 64).fill(120), width: 64, height: 64 };
const landmarks = Array.from({ length: 68 }, (_, at) => ({ x: 16 + (at % 8) * 4, y: 16 + at / 2 }));
for (const model of await Promise.all(opening)) {
  if (!model.ok) throw new Error(JSON.stringify(model.error));
  const box = { x: 0, y: 0, width: 64, height: 64 };
  await model.value.find(picture);
  const descriptor = await model.value.describe(picture, { box, score: 1, landmarks });
  seen.described.push(descriptor.length);
}
const unchanged = handlers().every(
  (now, event) =>
    now.length === before[event]?.length && now.every((one, at) => one === before[event]?.[at]),
);
const networkOfModels = seen.network.splice(0);

setTimeout(() => {
  throw new Error('thrown in a timer');
});
void Promise.reject('rejected with nobody waiting');
setTimeout(async () => {
  await fetch('http://127.0.0.1:9/').catch(() => undefined);
  const watches = seen.network.length > 0;
  process.stdout.write(JSON.stringify({ ...seen, network: networkOfModels, unchanged, watches }));
}, 50);
