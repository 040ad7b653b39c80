import { randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { readTicket, registerTill } from '../../../sync/client/register-till.ts';
import { startScriptedHq } from './scripted-hq.ts';
import { createVirtualTime } from './virtual-time.ts';

const ticket = {
  schema: 'tillside/registration-ticket/1',
  url: 'https://hq.example:8443',
  ca: '-----BEGIN CERTIFICATE-----',
  code: '7K3M-Q9XD-0TVA-5HWC',
  tillId: 'till-1',
};

describe('a registration ticket', () => {
  test('in the right form is taken', () => {
    expect(readTicket(ticket)).toEqual({ ok: true, value: ticket });
    const local = { ...ticket, url: 'http://127.0.0.1:8080', ca: null };
    expect(readTicket(local)).toEqual({ ok: true, value: local });
  });

  test.each([
    ['another schema', { ...ticket, schema: 'x' }, 'schema'],
    [
      'a code with a letter that the alphabet leaves out',
      { ...ticket, code: '7K3M-Q9XD-0TVA-5HWI' },
      'code',
    ],
    ['an address of another kind', { ...ticket, url: 'ftp://hq.example' }, 'url'],
    ['plain HTTP beyond this machine', { ...ticket, url: 'http://hq.example', ca: null }, 'url'],
    [
      'plain HTTP to what only looks like this machine',
      { ...ticket, url: 'http://127.0.0.1.example', ca: null },
      'url',
    ],
    ['TLS without an authority', { ...ticket, ca: null }, 'ca'],
    ['no till', { ...ticket, tillId: undefined }, 'tillId'],
    ['nothing', null, 'ticket'],
  ])('with %s is refused, naming the field', (_, value, field) => {
    const read = readTicket(value);
    expect(read).toMatchObject({ ok: false, error: { code: 'ticket-invalid', field } });
    if (!read.ok) expect(read.error.message['zh-CN']).not.toBe(read.error.message.en);
  });

  test('of a headquarters that does not answer is tried again with the same key, then told as what it is', async () => {
    const hq = await startScriptedHq();
    const time = createVirtualTime();
    hq.on('/v1/registrations', (_, reply) => void reply.raw.destroy());
    let done = false;
    const answer = registerTill({
      ticket: { ...ticket, url: hq.url, ca: null },
      incarnation: 'incarnation-1',
      version: '0.0.0-test',
      random: (bytes) => randomBytes(bytes),
      ...time,
    }).finally(() => {
      done = true;
    });
    while (!done) {
      await time.advance(1_000);
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
    expect(await answer).toMatchObject({ ok: false, error: { code: 'network' } });
    const keys = hq.asked.map(({ body }) => (body as { publicKey: string }).publicKey);
    expect(keys.length).toBeGreaterThan(1);
    expect(new Set(keys).size).toBe(1);
    expect(time.pending()).toBe(0);
    await hq.close();
  });
});
