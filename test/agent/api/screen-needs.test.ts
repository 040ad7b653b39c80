import { MessageChannel } from 'node:worker_threads';
import { createORPCClient } from '@orpc/client';
import { RPCLink } from '@orpc/client/message-port';
import { describe, expect, it, onTestFinished } from 'vitest';
import { SCREEN_NEEDS, type ScreenNeed } from '../../../agent/api/scopes.ts';
import { type AnyPort, servePort } from '../../../agent/api/serve-port.ts';
import { type StaffId, screenContract, type TillEvent } from '../../../agent/contract/index.ts';
import { readError, type TillClient } from '../../../ui/app/link.ts';
import { CASHIER, MANAGER, openTill, PIN, POS, type Rig, value } from '../app/rig.ts';
import { serveTill } from './rig.ts';

/** What the shop floor needs, written down beside the code: every procedure of the screens, and who may call it. */
const WHO_MAY: Readonly<Record<ScreenNeed, readonly string[]>> = {
  anyone: [
    'staff.list',
    'staff.session',
    'staff.signIn',
    'staff.signOut',
    'staff.lock',
    'staff.unlock',
    'staff.touch',
    'devices.list',
    'lane.board',
    'sync.show',
    'faces.watch',
  ],
  'signed-in': [
    'baskets.listOpen',
    'baskets.show',
    'identifications.pending',
    'passes.link',
    'decisions.override',
    'devices.wedge',
    'devices.simulate',
    'devices.plug',
    'clients.list',
    'clients.openPairing',
    'till.confirmTime',
    'sync.now',
    'sales.recent',
    'faces.link',
    'faces.consent',
    'faces.start',
    'faces.agree',
    'faces.cancel',
    'faces.withdraw',
    'faces.own',
  ],
  manager: ['clients.revoke', 'faces.overview', 'faces.pause', 'faces.erase'],
  it: ['sync.staying'],
  keeper: [
    'sync.verify',
    'sync.register',
    'devices.discover',
    'devices.bindRole',
    'devices.unbindRole',
    'devices.undoBinding',
    'devices.check',
    'devices.statistics',
  ],
};

/** Procedures of the POS API that a screen, too, may call; each acts or shows somebody. */
const POS_ACTS = [
  'identifications.create',
  'identifications.get',
  'identifications.choose',
  'identifications.release',
  'baskets.evaluate',
  'evaluations.hold',
  'evaluations.commit',
  'evaluations.void',
  'commits.get',
  'returns.create',
  'returns.quote',
  'sales.get',
  'sales.find',
  'exchanges.create',
  'members.get',
  'members.wallet',
  'members.create',
  'consent.get',
  'articles.search',
];

const ROWS = Object.entries(WHO_MAY).flatMap(([need, names]) =>
  names.map((name) => [`screen.${name}`, need as ScreenNeed] as const),
);

interface Screen {
  readonly rig: Rig;
  readonly client: TillClient;
  /** The code of the refusal in front of the procedure; null where it was let in, whatever it answered then. */
  refusal(procedure: string): Promise<string | null>;
}

const REFUSALS = ['staff-required', 'screen-locked', 'role-required'];

async function openScreen(): Promise<Screen> {
  const rig = openTill();
  const served = await serveTill(rig.till);
  const { port1, port2 } = new MessageChannel();
  servePort(served.api, port1 as unknown as AnyPort, { kind: 'screen' });
  port2.start();
  onTestFinished(async () => {
    port2.close();
    await served.close();
  });
  const client: TillClient = createORPCClient(
    new RPCLink({ port: port2 as unknown as MessagePort }),
  );
  return {
    rig,
    client,
    async refusal(procedure) {
      const call = procedure
        .split('.')
        .reduce<unknown>((node, key) => (node as Record<string, unknown>)[key], client);
      try {
        await (call as (input: unknown) => Promise<unknown>)({});
        return null;
      } catch (error) {
        const { code } = readError(error);
        return REFUSALS.includes(code) ? code : null;
      }
    },
  };
}

describe("the till's own screen", () => {
  it('has a need for every procedure of the contract, and none for others', () => {
    const inContract = Object.entries(screenContract).flatMap(([group, procedures]) =>
      Object.keys(procedures).map((name) => `screen.${group}.${name}`),
    );
    expect(ROWS.map(([procedure]) => procedure).sort()).toEqual(inContract.sort());
    const listed = Object.keys(SCREEN_NEEDS).filter((name) => name.startsWith('screen.'));
    expect(listed.sort()).toEqual(inContract.sort());
  });

  it('lets nobody do or see a thing before somebody signs in', async () => {
    const screen = await openScreen();
    for (const [procedure, need] of ROWS)
      expect([procedure, await screen.refusal(procedure)]).toEqual([
        procedure,
        need === 'anyone' ? null : 'staff-required',
      ]);
    for (const name of POS_ACTS)
      expect([name, await screen.refusal(`pos.${name}`)]).toEqual([name, 'staff-required']);
    expect((await screen.client.pos.status()).name).toBe('tillside');
  });

  it('lets a cashier do what a cashier does, and asks for a manager beyond', async () => {
    const screen = await openScreen();
    for (const [procedure, need] of ROWS) {
      value(await screen.rig.till.signIn(CASHIER, PIN));
      expect([procedure, await screen.refusal(procedure)]).toEqual([
        procedure,
        need === 'anyone' || need === 'signed-in' ? null : 'role-required',
      ]);
    }
  });

  it('lets a manager do everything but look into rows, which is for IT', async () => {
    const screen = await openScreen();
    for (const [procedure, need] of ROWS) {
      value(await screen.rig.till.signIn(MANAGER, PIN));
      expect([procedure, await screen.refusal(procedure)]).toEqual([
        procedure,
        need === 'it' ? 'role-required' : null,
      ]);
    }
  });

  it('lets IT look into rows, and check everything', async () => {
    const screen = await openScreen();
    const it = { staffId: 'it-1' as StaffId, name: 'IT', role: 'it' as const, active: true };
    screen.rig.store.staff.upsert(it, `plain:${PIN}`);
    value(await screen.rig.till.signIn(it.staffId, PIN));
    expect(await screen.refusal('screen.sync.staying')).toBeNull();
    expect(await screen.refusal('screen.sync.verify')).toBeNull();
  });

  it('does nothing while it is locked, whoever locked it, and signing out opens nothing', async () => {
    const screen = await openScreen();
    for (const [procedure, need] of ROWS) {
      value(await screen.rig.till.signIn(MANAGER, PIN));
      value(await screen.rig.till.lock());
      expect([procedure, await screen.refusal(procedure)]).toEqual([
        procedure,
        need === 'anyone' ? null : 'screen-locked',
      ]);
    }
    await screen.client.screen.staff.signOut();
    expect(await screen.refusal('pos.evaluations.commit')).toBe('staff-required');
    screen.rig.restart();
    expect(await screen.refusal('pos.evaluations.commit')).toBe('staff-required');
  });

  it('drops what its wedge reads while it is locked, with the sentence for whoever scanned', async () => {
    const { rig, client } = await openScreen();
    value(await rig.till.signIn(CASHIER, PIN));
    value(await rig.till.lock());
    const before = rig.events().length;
    const refused = await client.screen.devices.wedge({ text: 'CARD-anna' }).catch(readError);
    expect(refused).toMatchObject({
      code: 'screen-locked',
      message: { 'zh-CN': '屏幕已锁定', en: 'The screen is locked' },
    });
    expect(rig.events()).toHaveLength(before);
  });

  it('learns from events that something happened and nothing about whom, until somebody signs in', async () => {
    const { rig, client } = await openScreen();
    const seen: TillEvent[] = [];
    const stop = new AbortController();
    const ended = (async () => {
      const events = await client.pos.events({ after: 0 }, { signal: stop.signal });
      for await (const event of events) {
        seen.push(event);
        if (event.body.kind === 'identification' && event.body.identification.member) break;
      }
    })();
    rig.report({
      type: 'scan',
      deviceId: 'counter',
      text: 'CARD-anna',
      complete: true,
      atMs: 0,
    } as never);
    await expect.poll(() => seen.some(({ body }) => body.kind === 'identification')).toBe(true);
    rig.till.applied([{ table: 'points', key: 'anna' }]);
    await expect.poll(() => JSON.stringify(seen)).toContain('event-withheld');
    expect(JSON.stringify(seen)).not.toMatch(/anna|王|1234/);
    value(await rig.till.signIn(CASHIER, PIN));
    value(await rig.till.identify(POS, { text: 'CARD-bo' }));
    await ended;
    expect(seen.at(-1)?.body).toMatchObject({ identification: { member: { memberId: 'bo' } } });
    stop.abort();
  });
});
