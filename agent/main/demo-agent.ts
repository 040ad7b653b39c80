import type { RegistrationTicket } from '../../sync/protocol/registration.ts';
import { assert, err, ok, type Result, text } from '../contract/index.ts';
import { DEFAULT_PLACE, tillConfigSchema } from './config.ts';
import type { DemoLinks, DemoTillOrder, FromDemoTill, ToDemoTill } from './demo-message.ts';
import { type HeadlessTill, programVersion, startHeadless } from './headless.ts';
import { openLocked, type StartError } from './open-locked.ts';
import { registerStore } from './register-store.ts';

/** One till of the demo, in a process of its own: registers itself at first, then runs until its parent is gone. */
let till: HeadlessTill | undefined;
let opening: ReturnType<typeof startHeadless> | undefined;
const stopping = new AbortController();
let giveTicket: (ticket: RegistrationTicket | null) => void = () => undefined;

function say(message: FromDemoTill): void {
  if (process.connected) process.send?.(message);
}

async function stop(): Promise<void> {
  stopping.abort();
  const opened = await opening;
  if (opened?.ok) await opened.value.close();
  process.exit(0);
}

process.once('disconnect', () => void stop());
// Ctrl+C reaches the whole group: the parent decides the order in which its processes end.
process.on('SIGINT', () => undefined);
process.on('SIGTERM', () => void stop());
process.on('message', (message: ToDemoTill) => {
  switch (message.kind) {
    case 'start':
      void start(message.order);
      return;
    case 'ticket':
      giveTicket(message.ticket);
      return;
    case 'links':
      if (till !== undefined) say({ kind: 'links', links: linksOf(till) });
      return;
    case 'stop':
      void stop();
  }
});

async function start(order: DemoTillOrder): Promise<void> {
  const registered = await register(order);
  if (!registered.ok) return fail(registered.error);
  if (stopping.signal.aborted) return;
  const started = await open(order, order.port);
  if (started === undefined) return;
  say({ kind: 'open', address: started.address, port: started.port, links: linksOf(started) });
}

/** Opens the till's folder. @returns undefined where it does not open; the parent was told why. */
async function open(order: DemoTillOrder, port: number): Promise<HeadlessTill | undefined> {
  opening = startHeadless({
    config: tillConfigSchema.parse({
      port,
      devices: [{ id: 'demo-scanner', driver: 'sim-scanner', owner: 'agent' }],
      faceCamera: { driver: 'sim-camera' },
      demo: true,
    }),
    dataDir: order.data,
    keyFile: order.keyFile,
    logLevel: order.logLevel,
    documents: { '/demo.json': order.page },
    onStopRequest: () => void stop(),
    onRestartRequest: () => void openAnew(order),
    signal: stopping.signal,
  });
  const started = await opening;
  if (started.ok) till = started.value;
  else fail(started.error);
  return till;
}

/** A damaged database is salvaged, a fresh incarnation taken, as the till opens again where its screens look for it. */
async function openAnew(order: DemoTillOrder): Promise<void> {
  const former = till;
  if (former === undefined || stopping.signal.aborted) return;
  till = undefined;
  await former.close();
  if (!stopping.signal.aborted) await open(order, former.port);
}

/** Makes the folder a till of the demo's headquarters where it is none yet. */
async function register(order: DemoTillOrder): Promise<Result<void, StartError>> {
  const { data, keyFile, tillId } = order;
  const opened = openLocked(data, keyFile, {
    ...DEFAULT_PLACE,
    tillId: tillId as typeof DEFAULT_PLACE.tillId,
  });
  if (!opened.ok) return opened;
  const { store, lock } = opened.value;
  try {
    if (store.sync.registration() !== undefined) return ok(undefined);
    const ticket = await new Promise<RegistrationTicket | null>((settle) => {
      giveTicket = settle;
      say({ kind: 'ticket' });
    });
    if (ticket === null) return err(NO_TICKET);
    const registered = await registerStore(store, ticket, programVersion());
    return registered.ok ? ok(undefined) : registered;
  } finally {
    store.close();
    lock.release();
  }
}

const NO_TICKET: StartError = {
  code: 'no-ticket',
  message: text('总部没有给出注册凭条', 'Headquarters gave no registration ticket'),
  remedy: text('看总部的输出，再启动一次', 'Look at what headquarters printed and start again'),
};

function fail(error: StartError): void {
  say({ kind: 'failed', error });
  process.exitCode = 2;
  process.disconnect?.();
}

function linksOf(of: HeadlessTill): DemoLinks {
  assert(of.port > 0, 'a till that is open has a port');
  return {
    demo: of.link('/demo'),
    cashier: of.link('/'),
    customer: of.link('/customer'),
    manager: of.link('/manager'),
    sync: of.link('/sync'),
    camera: of.captureLink(),
  };
}
