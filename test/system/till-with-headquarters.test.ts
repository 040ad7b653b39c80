import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Identification, JoinReply, SyncView, Wallet } from '../../agent/contract/index.ts';
import { askAgent } from '../../agent/main/admin-channel.ts';
import { seedChain } from '../../sync/hq/records/seed-chain.ts';
import { pointsAccountSchema } from '../../sync/protocol/feed.ts';
import { askHq, startTestHq, type TestHq, testStore } from '../support/hq.ts';
import { must } from '../support/hq-database.ts';
import { type Pos, pairPos } from '../support/pos.ts';
import { cardOf, MANAGER, phoneOf, SMALL_RULES, smallChain } from '../support/small-chain.ts';
import { startTcpProxy, type TcpProxy } from '../support/tcp-proxy.ts';
import {
  prepareTillFolder,
  runTill,
  startTill,
  type TestTill,
  type TillFolder,
} from '../support/till.ts';

const MEMBERS = 40;
/** Their home is the other store, so this till does not have them. */
const FAR = 30;

/** How long something that travels over the wire may take before a test gives up, in milliseconds. */
const PATIENCE_MS = 15_000;

let hq: TestHq;
let proxy: TcpProxy;
/** Where the till finds headquarters: by a network that can be cut. */
let url: string;
let folder: TillFolder;
let till: TestTill;
let pos: Pos;

async function until<T>(what: string, look: () => Promise<T | undefined>): Promise<T> {
  const giveUp = Date.now() + PATIENCE_MS;
  for (;;) {
    const seen = await look();
    if (seen !== undefined) return seen;
    if (Date.now() > giveUp)
      throw new Error(`${what} did not happen: ${till?.log().slice(-4_000)}`);
    await new Promise((settle) => setTimeout(settle, 50));
  }
}

async function sync(): Promise<SyncView> {
  const answer = await askAgent(till.dataDir, { command: 'sync-status' });
  if (!answer.ok) throw new Error(answer.error.message);
  return answer.value as SyncView;
}

/** Milk is paid with points of its own, and earns others that wait a week. */
const MILK_RULES = `${SMALL_RULES}
  - id: milk-points
    name: { zh-CN: 牛奶积分抵现, en: Pay with milk points }
    lane: points-spend
    step: 0
    target: { sku: [milk] }
    effect: { kind: points-redeem, minorPerPoint: 10, bucket: milk }
  - id: green-points
    name: { zh-CN: 绿色积分, en: Green points }
    lane: points-earn
    target: { sku: [milk] }
    effect: { kind: points-earn, perMinor: 100, points: 1, bucket: green, pendingDays: 7 }
`;
const lotOf = (lotId: string, points: number, more: object) => ({
  lotId: lotId as never,
  memberId: 'member-7' as never,
  points,
  earnedAt: '2026-11-01T00:00:00.000Z',
  channel: 'store' as const,
  bucket: 'base',
  source: 'opening',
  ...more,
});
const LOTS_OF_7 = [
  lotOf('milk-7', 80, { bucket: 'milk' }),
  lotOf('waits-7', 50, { availableOn: '2999-01-01' }),
  lotOf('owed-7', -30, { bucket: 'green' }),
];

async function seed(): Promise<void> {
  const chain = smallChain(MEMBERS);
  await seedChain(
    hq.deps,
    {
      stores: [testStore('s1'), testStore('s2')] as never,
      staff: chain.staff.map((one) => ({ ...one, storeId: null })),
      members: chain.members.map((member, nth) => ({
        ...member,
        homeStoreId: (nth < FAR ? 's1' : 's2') as never,
      })),
      lots: [...chain.lots, ...LOTS_OF_7],
      articles: chain.articles,
      tags: [],
    },
    {
      settings: {
        join: {
          consentVersion: 'v1',
          consentText: { 'zh-CN': '我同意', en: 'I agree' },
          tier: 'standard',
        },
      },
      rules: MILK_RULES,
    },
  );
}

beforeAll(async () => {
  hq = await startTestHq({ stores: [] });
  await seed();
  proxy = await startTcpProxy({ targetPort: Number(new URL(hq.url).port) });
  url = `https://127.0.0.1:${proxy.port}`;
  folder = prepareTillFolder({});
  const ticketFile = join(folder.root, 'ticket.json');
  writeFileSync(ticketFile, JSON.stringify(must(await hq.ticket('sh-01', 's1', url))));
  const registered = await runTill([
    'register',
    ticketFile,
    '--data',
    folder.dataDir,
    '--key-file',
    folder.keyFile,
    '--json',
  ]);
  expect(registered.stderr).toBe('');
  expect(JSON.parse(registered.stdout)).toEqual({ tillId: 'sh-01', storeId: 's1', url });
  till = await startTill(folder);
  pos = await pairPos(till, MANAGER);
}, 120_000);

afterAll(async () => {
  await till?.stop();
  await proxy?.close();
  await hq?.close();
  folder?.remove();
});

const balanceOf = async (nth: number): Promise<number | undefined> =>
  (await pos.identify(cardOf(nth))).body.member?.points;

const tea = { currency: 'CNY', staffId: 'c1' };

async function sell(basketId: string, card: string, more: object = {}) {
  const { identificationId } = (await pos.identify(card)).body;
  const evaluation = await pos.evaluate(basketId, {
    ...tea,
    identificationId,
    lines: [{ lineId: '1', sku: 'soap', qty: 2, unitPriceMinor: 5_000 }],
    ...more,
  });
  expect(evaluation.status).toBe(200);
  const { evaluationId, basketHash } = evaluation.body;
  const held = await pos.call('POST', `/evaluations/${evaluationId}/hold`, {
    basketHash,
    staffId: 'c1',
  });
  expect(held.status).toBe(200);
  const booked = await pos.commit(evaluation.body, `key-${basketId}`, basketId);
  expect(booked.status).toBe(200);
  return booked.body;
}

describe('a till that was registered by a ticket', () => {
  test('opens with the first copy: its store, staff, members, points and rules come from headquarters', async () => {
    const status = (await pos.call<{ storeId: string; ruleSetVersion: number }>('GET', '/status'))
      .body;
    expect(status).toMatchObject({ tillId: 'sh-01', storeId: 's1', ruleSetVersion: 1 });
    expect(await balanceOf(3)).toBe(1_000);
    const view = await until('online', async () => {
      const now = await sync();
      return now.state === 'online' ? now : undefined;
    });
    expect(view).toMatchObject({ url, reason: null, waits: [] });
  });

  test('sends what it sells, and headquarters signs for it', async () => {
    const booked = await sell('receipt-1', cardOf(4));
    const view = await until('the receipt', async () => {
      const now = await sync();
      return now.receivedSeq >= booked.seq ? now : undefined;
    });
    expect(view.waiting).toBe(0);
    const rows = await hq.deps.db.query(
      `SELECT sale_id, payable_minor, member_id FROM ledger WHERE sale_id = $1`,
      [booked.saleId],
    );
    expect(rows).toHaveLength(1);
    expect(Number((rows[0] as { payable_minor: number }).payable_minor)).toBe(10_000);
    expect(await balanceOf(4)).toBe(1_000 + booked.pointsEarned);
  });

  test('spends points by leave of headquarters', async () => {
    const booked = await sell('receipt-2', cardOf(5), { pointsToSpend: 200 });
    expect(booked.pointsSpent).toBe(200);
    await until('the receipt', async () =>
      (await sync()).receivedSeq >= booked.seq ? true : undefined,
    );
    const open = await hq.deps.db.query(`SELECT 1 FROM allowances WHERE state = 'open'`);
    expect(open).toEqual([]);
  });

  test('spends points by category, lets others wait and pays off what is owed, and headquarters books the same', async () => {
    const walletOf7 = async () =>
      (await pos.call<Wallet>('GET', '/members/member-7/wallet')).body.buckets.map(
        ({ bucket, available, pending }) => [bucket, available, pending],
      );
    expect(await walletOf7()).toEqual([
      // 30 of base stand behind what is owed of green.
      ['base', 970, 50],
      ['green', -30, 0],
      ['milk', 80, 0],
    ]);
    const milk = { lineId: '1', sku: 'milk', qty: 2, unitPriceMinor: 5_000 };
    const more = { lines: [milk], pointsToSpend: 100 };
    const booked = await sell('receipt-milk', cardOf(7), more);
    // 100.00 less 80 points of milk and 20 of base: 90.00, which earn 90 of base and 90 of green.
    expect(booked).toMatchObject({ pointsSpent: 100, pointsEarned: 180, payableMinor: 9_000 });
    const after = [
      ['base', 1_070, 50],
      ['green', 0, 60],
    ];
    expect(await walletOf7()).toEqual(after);
    await until('the receipt', async () =>
      (await sync()).receivedSeq >= booked.seq ? true : undefined,
    );
    const [row] = await hq.deps.db.query<{ body: string }>(
      "SELECT body FROM point_accounts WHERE member_id = 'member-7'",
    );
    const { lots } = pointsAccountSchema.parse(JSON.parse(row?.body ?? ''));
    const green = lots.find(
      ({ lotId, bucket }) => bucket === 'green' && lotId.startsWith(`${booked.saleId}.`),
    );
    expect(green).toMatchObject({ points: 60, bucket: 'green' });
    expect(green?.availableOn).toMatch(/^20/);
    const left = new Map(lots.map(({ lotId, points }) => [lotId as string, points]));
    expect(['milk-7', 'owed-7', 'waits-7'].map((id) => left.get(id) ?? 0)).toEqual([0, 0, 50]);
    expect(await hq.deps.db.query('SELECT code, detail FROM exceptions')).toEqual([]);
    // What comes back down the feed waits just the same.
    await fetchHq('/v1/online/purchases', await hq.token('online'), {
      memberId: 'member-7',
      orderId: 'web-7',
      amountMinor: 1_000,
      currency: 'CNY',
      pointsEarned: 5,
    });
    const fed = [
      ['base', 1_075, 50],
      ['green', 0, 60],
    ];
    await until('the points', async () =>
      JSON.stringify(await walletOf7()) === JSON.stringify(fed) ? true : undefined,
    );
  });

  test('asks for a member of another store in the same call, and has them from then on', async () => {
    const found = (await pos.identify(cardOf(FAR + 2))).body;
    expect(found).toMatchObject({
      outcome: 'identified',
      member: { memberId: `member-${FAR + 2}` },
    });
    const byPhone = await pos.call<Identification>('POST', '/identifications', {
      phoneDigits: phoneOf(FAR + 3),
    });
    expect(byPhone.body.member?.memberId).toBe(`member-${FAR + 3}`);
  });

  test('shows an online purchase to whoever is served, without being asked', async () => {
    const { identificationId } = (await pos.identify(cardOf(6))).body;
    const token = await hq.token('online');
    const answer = await fetchHq('/v1/online/purchases', token, {
      memberId: 'member-6',
      orderId: 'web-1',
      amountMinor: 20_000,
      currency: 'CNY',
      pointsEarned: 321,
    });
    expect(answer).toMatchObject({ memberId: 'member-6', pointsChange: 321 });
    await until('the points', async () => {
      const now = (await pos.call<Identification>('GET', `/identifications/${identificationId}`))
        .body;
      return now.member?.points === 1_321 ? true : undefined;
    });
  });

  test('lets a shopper join, and headquarters has them with their consent', async () => {
    const joined = (
      await pos.call<JoinReply>('POST', '/members', {
        phone: '13912345678',
        consentVersion: 'v1',
        consentChannel: 'paper',
        staffId: 'c1',
      })
    ).body;
    expect(joined.joined).toBe(true);
    await until('the member at headquarters', async () => {
      const rows = await hq.deps.db.query(`SELECT 1 FROM members WHERE phone = '13912345678'`);
      return rows.length === 1 ? true : undefined;
    });
  });

  test('a shopper who joins with the phone of a member of another store becomes that member', async () => {
    const joined = (
      await pos.call<JoinReply>('POST', '/members', {
        phone: phoneOf(FAR + 5),
        consentVersion: 'v1',
        consentChannel: 'spoken',
        staffId: 'c1',
        basketId: 'joining',
      })
    ).body;
    expect(joined.joined).toBe(true);
    await until('the merge', async () => {
      const now = await pos.call<Identification>(
        'GET',
        `/identifications/${joined.identification.identificationId}`,
      );
      return now.body.member?.memberId === `member-${FAR + 5}` ? true : undefined;
    });
  });

  test('`till sync status` and `doctor` find nothing wrong', async () => {
    const status = await runTill(['sync', 'status', '--data', folder.dataDir, '--json']);
    const checks = JSON.parse(status.stdout) as { check: string; ok: boolean }[];
    expect(checks.filter(({ ok }) => !ok)).toEqual([]);
    expect(checks.map(({ check }) => check)).toEqual([
      'headquarters',
      'feed',
      'outbox',
      'receipts',
      'clock-offset',
      'full-check',
      'drift',
      'integrity',
      'ledger-journal',
    ]);
    expect(status.code).toBe(0);
    const now = await runTill(['sync', 'now', '--data', folder.dataDir]);
    expect(now.stdout).toContain('ok   headquarters: online');
    const doctor = await runTill(['doctor', '--data', folder.dataDir, '--json']);
    expect(doctor.stdout).toContain('"check":"outbox","ok":true');
  });

  test('goes on selling while headquarters is away, says why, and sends it all afterwards', async () => {
    proxy.down();
    await until('offline', async () => ((await sync()).state === 'offline' ? true : undefined));
    const status = await runTill(['sync', 'status', '--data', folder.dataDir, '--json']);
    expect(status.code).toBe(1);
    expect(status.stdout).toContain('网络不通');
    const booked = await sell('receipt-9', cardOf(7));
    const away = await sync();
    expect(away.waiting).toBeGreaterThan(0);
    expect(away.works.length).toBeGreaterThan(0);
    expect(away.waits.length).toBeGreaterThan(0);
    const unknown = (await pos.identify(cardOf(FAR + 8))).body;
    expect(unknown.notices.map(({ en }) => en).join()).toContain('headquarters cannot be asked');
    proxy.restore();
    await askAgent(till.dataDir, { command: 'sync-now' });
    const back = await until('the receipt', async () => {
      const now = await sync();
      return now.receivedSeq >= booked.seq && now.state === 'online' ? now : undefined;
    });
    expect(back).toMatchObject({ state: 'online', waiting: 0 });
  });

  test('a restarted till goes on where it was', async () => {
    const before = await sync();
    await till.kill();
    till = await startTill(folder);
    pos = pos.at(till.address);
    const after = await until('online', async () => {
      const now = await sync();
      return now.state === 'online' ? now : undefined;
    });
    expect(after.pos).toBeGreaterThanOrEqual(before.pos);
    expect(after.receivedSeq).toBe(before.receivedSeq);
    expect(await balanceOf(6)).toBe(1_321);
  });
});

describe('`till register`', () => {
  const register = (ticket: unknown, target: TillFolder) => {
    const file = join(target.root, 'ticket.json');
    writeFileSync(file, JSON.stringify(ticket));
    return runTill([
      'register',
      file,
      '--data',
      target.dataDir,
      '--key-file',
      target.keyFile,
      '--json',
    ]);
  };
  const code = (stdout: string): string =>
    (JSON.parse(stdout) as { error: { code: string } }).error.code;
  let fresh: TillFolder;
  beforeEach(() => {
    fresh = prepareTillFolder({});
  });
  afterEach(() => fresh.remove());

  test('refuses a file that is no ticket, and names the field', async () => {
    const ticket = must(await hq.ticket('sh-02', 's1', url));
    const done = await register({ ...ticket, code: 'guess' }, fresh);
    expect(done.code).toBe(2);
    expect(code(done.stdout)).toBe('ticket-invalid');
    expect(done.stderr).toContain('code:');
  });

  test('refuses a ticket that another till has used', async () => {
    const ticket = must(await hq.ticket('sh-03', 's1', url));
    expect((await register(ticket, fresh)).code).toBe(0);
    const other = prepareTillFolder({});
    const again = await register(ticket, other);
    other.remove();
    expect(again.code).toBe(1);
    expect(code(again.stdout)).toBe('code-used');
  });

  test('a folder that belongs to another till stays as it is', async () => {
    expect((await register(must(await hq.ticket('sh-04', 's1', url)), fresh)).code).toBe(0);
    const refused = await register(must(await hq.ticket('sh-05', 's1', url)), fresh);
    expect(refused.code).toBe(2);
    expect(code(refused.stdout)).toBe('other-till');
  });

  test('a till that first opens while headquarters is away opens all the same, and fills itself later', async () => {
    expect((await register(must(await hq.ticket('sh-06', 's1', url)), fresh)).code).toBe(0);
    proxy.down();
    const second = await startTill(fresh);
    const view = async () => {
      const answer = await askAgent(second.dataDir, { command: 'sync-status' });
      return (answer as { value: SyncView }).value;
    };
    expect((await view()).state).toBe('offline');
    proxy.restore();
    await askAgent(second.dataDir, { command: 'sync-now' });
    const filled = await until('the first copy', async () => {
      const now = await view();
      return now.snapshot.state === 'done' && now.state === 'online' ? now : undefined;
    });
    expect(filled.snapshot.rowsDone).toBeGreaterThan(FAR);
    const beside = await pairPos(second, MANAGER);
    expect((await beside.identify(cardOf(3))).body.member?.memberId).toBe('member-3');
    await second.stop();
  });
});

interface OnlineBody extends Readonly<Record<string, unknown>> {
  readonly orderId?: string;
}

async function fetchHq(path: string, token: string, body: OnlineBody): Promise<unknown> {
  const answer = await askHq(hq, path, {
    token,
    body,
    headers: { 'idempotency-key': `key-${path}-${body.orderId ?? '0001'}`.replaceAll('/', '-') },
  });
  return answer.body;
}
