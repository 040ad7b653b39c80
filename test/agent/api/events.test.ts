import { call } from '@orpc/server';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { eventFor } from '../../../agent/api/event-stream.ts';
import { createRouter } from '../../../agent/api/router.ts';
import { ok, POS_SCOPES, type Scope, type TillEvent } from '../../../agent/contract/index.ts';
import { httpClient } from '../../support/http.ts';
import type { FakeTill } from './fake-till.ts';
import { type ApiRig, serveFakeTill } from './rig.ts';

/** Long enough for a busy machine; nothing waits for it in vain. */
const WAIT = { timeout: 10_000 };

const PAYMENT = '130000000000000001';
const payment: TillEvent['body'] = {
  kind: 'sighting',
  deviceId: 'scanner-1' as never,
  codeClass: 'payment',
  redacted: true,
};

let rig: ApiRig<FakeTill>;
const clientWith = (scopes: readonly Scope[]) =>
  httpClient(rig.address, rig.till.pairDirectly(scopes).token);

describe('events over HTTP', () => {
  beforeEach(async () => {
    rig = await serveFakeTill({ limits: { heartbeatMs: 20 } });
  });
  afterEach(() => rig.close());

  it('carry their seq as id, and Last-Event-ID resumes behind it', async () => {
    for (let n = 0; n < 5; n += 1) rig.till.emit({ kind: 'till', what: 'started' });
    const client = clientWith(POS_SCOPES);
    const first = await client.events('/v1/events?after=0', (found) => found.length >= 2);
    expect(first[1]).toMatchObject({ id: '2', event: 'message', data: { seq: 2 } });
    // A browser's own reconnect repeats the address as it was: the header wins.
    const resumed = await client.events('/v1/events?after=0', (found) => found.length >= 3, {
      'last-event-id': '2',
    });
    expect(resumed.map(({ id }) => id)).toEqual(['3', '4', '5']);
  });

  it('refuse a Last-Event-ID that is no number, and a place that is gone', async () => {
    const client = clientWith(POS_SCOPES);
    const wrong = await client.request('GET', '/v1/events', undefined, { 'last-event-id': 'abc' });
    expect(wrong.body).toMatchObject({
      code: 'invalid-input',
      field: 'Last-Event-ID',
      message: { en: 'Last-Event-ID must be the seq of an event' },
    });
    const gone = await client.request('GET', '/v1/events?after=7');
    expect([gone.status, gone.body.code]).toEqual([410, 'events-gone']);
  });

  it('send heartbeats while nothing happens, as comments that are no events', async () => {
    const { token } = rig.till.pairDirectly(POS_SCOPES);
    const stop = new AbortController();
    const response = await fetch(`${rig.address}/v1/events`, {
      headers: { authorization: `Bearer ${token}` },
      signal: stop.signal,
    });
    expect(response.headers.get('content-type')).toBe('text/event-stream');
    let text = '';
    for await (const chunk of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
      text += chunk;
      if (text.split(': alive').length > 2) break;
    }
    expect(text).not.toContain('data:');
    stop.abort();
  });

  it('give a payment code to a program with the scope scanner, and its place alone to others', async () => {
    const scanner = clientWith(['identify', 'scanner']).events(
      '/v1/events',
      (found) => found.length > 0,
    );
    const other = clientWith(['identify']).events('/v1/events', (found) => found.length > 0);
    await expect.poll(() => rig.till.readersOpen(), WAIT).toBe(2);
    rig.till.emit(payment, PAYMENT);
    expect((await scanner)[0]?.data.body).toMatchObject({
      codeClass: 'payment',
      text: PAYMENT,
      redacted: false,
    });
    const [seen] = await other;
    expect(seen?.data.body).toMatchObject({ codeClass: 'payment', redacted: true });
    expect(JSON.stringify(seen)).not.toContain(PAYMENT);
  });

  it('end with the reader: nothing of it stays behind', async () => {
    const client = clientWith(POS_SCOPES);
    rig.till.emit({ kind: 'till', what: 'started' });
    await client.events('/v1/events?after=0', (found) => found.length > 0);
    await expect.poll(() => rig.till.readersOpen(), WAIT).toBe(0);
  });

  it('give their place back when the reader leaves before it has read anything', async () => {
    const left = new AbortController();
    let open = 0;
    const openStream = () => {
      open += 1;
      const release = (): void => {
        open -= 1;
      };
      return { ok: true as const, value: release };
    };
    const context = {
      ...rig.api.contextFor({
        transport: 'port',
        caller: { kind: 'screen' },
        stillValid: () => true,
      }),
      openStream,
    };
    await call(
      createRouter(rig.till, rig.api.log).pos.events,
      {},
      { context, signal: left.signal },
    );
    expect(open).toBe(1);
    left.abort();
    expect(open).toBe(0);
  });

  it('go on behind an event that breaks the contract: a notice stands in its place', async () => {
    rig.till.emit({ kind: 'till', what: 'exploded' as never });
    rig.till.emit({ kind: 'till', what: 'started' });
    const events = await clientWith(POS_SCOPES).events(
      '/v1/events?after=0',
      (found) => found.length >= 2,
    );
    expect(events.map(({ id, event, data }) => [id, event, data.body])).toEqual([
      ['1', 'message', { kind: 'till', what: 'event-unreadable', detail: 'till' }],
      ['2', 'message', { kind: 'till', what: 'started' }],
    ]);
    expect(rig.problems).toEqual([
      { procedure: 'pos.events', error: 'an event breaks the contract', frames: ['body.what'] },
    ]);
  });

  it('refuse a place that is empty or no number, and take one from the address', async () => {
    rig.till.emit({ kind: 'till', what: 'started' });
    const client = clientWith(POS_SCOPES);
    for (const after of ['', 'abc', '-1', '1.5']) {
      const { status, body } = await client.request('GET', `/v1/events?after=${after}`);
      expect([after, status, body.code, body.field]).toEqual([
        after,
        400,
        'invalid-input',
        'after',
      ]);
    }
    const found = await client.events('/v1/events?after=0', (events) => events.length >= 1);
    expect(found[0]?.id).toBe('1');
  });
});

describe('a payment code', () => {
  const live = (text?: string) => ({
    event: {
      seq: 1,
      at: '2026-11-21T08:30:00.000Z',
      body: { ...payment, ...(text === undefined ? {} : { text }) } as TillEvent['body'],
    },
    paymentText: PAYMENT,
  });

  it.each([
    ['a screen', { kind: 'screen' } as const],
    ['nobody', null],
    [
      'a program without the scope',
      { kind: 'client', clientId: 'c', scopes: ['identify'] } as const,
    ],
  ])('is never shown to %s, even where somebody put it into the event', (_name, caller) => {
    expect(
      JSON.stringify(eventFor({ caller, screenMay: () => ok(undefined) } as never, live(PAYMENT))),
    ).not.toContain(PAYMENT);
  });
});
