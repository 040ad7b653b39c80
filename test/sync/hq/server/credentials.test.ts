import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeAccessToken, revokeAccessTokens } from '../../../../sync/hq/tills/access-tokens.ts';
import { CHECK_PATH } from '../../../../sync/protocol/check.ts';
import {
  type Access,
  DOCUMENTS_PATH,
  type HqCall,
  hqApi,
  SEGMENT_PATH,
  STREAM_PATH,
} from '../../../../sync/protocol/hq-api.ts';
import {
  askHq,
  HQ_START_LIMIT_MS,
  type HqRequest,
  joinTill,
  startTestHq,
  type TestHq,
} from '../../../support/hq.ts';

/** Every door of HQ that asks for a credential: `hqApi`, and the calls that answer no JSON. */
const DOORS: readonly { name: string; method: string; path: string; access: Access }[] = [
  ...Object.entries(hqApi).map(([name, { method, path, access }]) => ({
    name,
    method,
    path: path.replace(/:\w+/g, 'till-1'),
    access,
  })),
  { name: 'check', method: 'POST', path: CHECK_PATH, access: 'till' },
  { name: 'stream', method: 'GET', path: STREAM_PATH, access: 'till' },
  { name: 'segment', method: 'GET', path: SEGMENT_PATH, access: 'till' },
  { name: 'document', method: 'GET', path: `${DOCUMENTS_PATH}/rule-set/1`, access: 'till' },
];
const CLOSED = DOORS.filter(({ access }) => access !== 'open');

describe('the doors of headquarters', () => {
  let hq: TestHq;
  const tokens: Record<string, string> = {};
  beforeAll(async () => {
    hq = await startTestHq();
    const { deps } = hq;
    tokens['till'] = (await joinTill(hq, 'till-1')).token;
    tokens['admin'] = await hq.token('admin');
    tokens['online'] = await hq.token('online');
    const revoked = { role: 'admin', name: 'left' } as const;
    tokens['revoked'] = (await makeAccessToken(deps, revoked)).token;
    await revokeAccessTokens(deps, revoked);
    tokens['expired'] = (
      await makeAccessToken(deps, { role: 'admin', name: 'late', ttlMs: -1 })
    ).token;
    tokens['challenge'] = (
      await askHq(hq, '/v1/challenges', { body: { tillId: 'till-1' } })
    ).body.challenge;
  }, HQ_START_LIMIT_MS);
  afterAll(() => hq.close());

  const knock = (door: (typeof DOORS)[number], request: HqRequest) =>
    askHq(hq, door.path, {
      method: door.method,
      ...(door.method === 'POST' ? { body: {} } : {}),
      ...request,
    });

  test.each(CLOSED)('$name refuses every wrong credential', async (door) => {
    const wrong: Record<string, HqRequest> = {
      none: {},
      empty: { headers: { authorization: 'Bearer ' } },
      basic: { headers: { authorization: 'Basic dGlsbDp0aWxs' } },
      garbage: { token: 'garbage' },
      long: { token: 'x'.repeat(2_000) },
      'in the address': { query: { token: tokens[door.access] ?? '' } },
    };
    for (const [name, token] of Object.entries(tokens))
      if (name !== door.access && !(name === 'admin' && door.access === 'online'))
        wrong[name] = { token };
    for (const [name, request] of Object.entries(wrong)) {
      const { status, body } = await knock(door, request);
      expect([name, status]).toEqual([name, status === 403 ? 403 : 401]);
      expect([name, body.code]).toEqual([name, status === 403 ? 'forbidden' : 'unauthenticated']);
    }
  });

  test.each(DOORS)('$name lets the right one in, and reads what it sends', async (door) => {
    const token = tokens[door.access];
    const request = {
      ...(token === undefined ? {} : { token }),
      headers: { 'idempotency-key': 'key-of-the-test' },
    };
    const { status, body } = await knock(door, request);
    const takesNothing = [
      'startSnapshot',
      'overview',
      'listTills',
      'makeConsoleLink',
      'listPassIssuers',
      'faceFigures',
    ];
    const hasDefaults = [
      'listBookings',
      'listExceptions',
      'showTill',
      'tillChecks',
      'accuracy',
      'accuracyCases',
      'faceKeyPost',
      'faceReceipts',
    ];
    if ([...takesNothing, ...hasDefaults].includes(door.name)) expect(status).toBe(200);
    else if (door.name === 'document') expect(body.code).toBe('not-found');
    else expect(body).toMatchObject({ code: 'invalid-input', field: expect.stringMatching(/./) });
  });

  test.each(DOORS.filter(({ name }) => name in hqApi))(
    '$name refuses a field that it does not know',
    async (door) => {
      const token = tokens[door.access];
      const { body } = await knock(door, {
        ...(token === undefined ? {} : { token }),
        headers: { 'idempotency-key': 'key-of-the-test' },
        ...(door.method === 'POST' ? { body: { surprise: 1 } } : { query: { surprise: 1 } }),
      });
      expect(body.code).toBe('invalid-input');
    },
  );

  test.each(
    (Object.keys(hqApi) as HqCall[])
      .filter((call) => hqApi[call].method === 'POST')
      .map((call) => ({ call, door: DOORS.find(({ name }) => name === call) })),
  )('$call takes a body up to its limit and none above it', async ({ call, door }) => {
    if (door === undefined) throw new Error('every call is a door');
    const { maxBytes } = hqApi[call];
    const token = tokens[door.access];
    const sized = (bytes: number) => `{"x":"${'y'.repeat(bytes - 8)}"}`;
    const send = (bytes: number) =>
      knock(door, {
        ...(token === undefined ? {} : { token }),
        headers: { 'idempotency-key': 'key-of-the-test' },
        body: sized(bytes),
      });
    expect((await send(maxBytes)).body.code).toBe('invalid-input');
    expect(await send(maxBytes + 1)).toMatchObject({ status: 413, body: { code: 'too-large' } });
  });

  test.each(CLOSED.filter(({ method }) => method === 'POST'))(
    '$name does not read the body of somebody it does not know',
    async (door) => {
      const { status } = await knock(door, { token: 'nobody', body: '{not json' });
      expect(status).toBe(401);
    },
  );

  test.each((Object.keys(hqApi) as HqCall[]).filter((call) => hqApi[call].keyed))(
    '%s needs an idempotency key of the right form',
    async (call) => {
      const token = await hq.token('online');
      const none = await askHq(hq, hqApi[call].path, { token, body: {} });
      expect(none).toMatchObject({ status: 400, body: { code: 'key-missing' } });
      const wrong = await askHq(hq, hqApi[call].path, {
        token,
        body: {},
        headers: { 'idempotency-key': 'a b' },
      });
      expect(wrong.body).toMatchObject({ code: 'invalid-input', field: 'Idempotency-Key' });
    },
  );
});
