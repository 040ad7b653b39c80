import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { DEFAULT_PORT, loadConfig } from '../../../agent/main/config.ts';

const folder = mkdtempSync(join(tmpdir(), 'tillside-config-'));
afterAll(() => rmSync(folder, { recursive: true }));

function load(content: string) {
  const file = join(folder, 'till.json');
  writeFileSync(file, content);
  return loadConfig(file);
}

describe("a till's settings", () => {
  it('need no file: every field has a default', () => {
    expect(loadConfig(undefined)).toMatchObject({
      ok: true,
      value: { port: DEFAULT_PORT, language: 'zh-CN', allowance: 'none', demo: false },
    });
  });

  it('take what the command line says before what the file says', () => {
    const file = join(folder, 'port.json');
    writeFileSync(file, '{"port":1}');
    expect(loadConfig(file, { port: 2 })).toMatchObject({ value: { port: 2 } });
  });

  it('name the field that is wrong', () => {
    expect(load('{"place":{"tillId":"t","store":{"storeId":""}}}')).toMatchObject({
      error: { code: 'config-invalid', field: 'place.store.storeId' },
    });
  });

  it('refuse a field that does not exist, because it is a spelling mistake', () => {
    expect(load('{"langauge":"en"}')).toMatchObject({ error: { code: 'config-invalid' } });
  });

  it('refuse cards that cannot be told from payment codes', () => {
    const cards = JSON.stringify({ cards: [{ prefix: '13', length: 18, check: 'none' }] });
    expect(load(cards)).toMatchObject({ error: { code: 'config-invalid', field: 'cards' } });
    const own = JSON.stringify({ cards: [{ prefix: '29', length: 13, check: 'mod10' }] });
    expect(load(own)).toMatchObject({ ok: true });
  });

  it('refuse a time zone that does not exist, because every local time would break on it', () => {
    const place = {
      tillId: 't',
      store: {
        storeId: 's',
        name: { 'zh-CN': '店', en: 'store' },
        storeTier: 'standard',
        timeZone: 'Mars/Base',
        currency: 'CNY',
      },
    };
    expect(load(JSON.stringify({ place }))).toMatchObject({
      error: { field: 'place.store.timeZone' },
    });
  });

  it('refuse a trusted key that is none, in plain words', () => {
    const trustedKeys = [{ keyId: 'a', publicKey: 'QUJD'.repeat(15) }];
    expect(load(JSON.stringify({ trustedKeys }))).toMatchObject({
      error: { field: 'trustedKeys[0].publicKey' },
    });
  });

  it('are one object, not a list or nothing', () => {
    for (const content of ['[]', 'null', '3']) {
      expect(load(content)).toMatchObject({ error: { code: 'config-invalid' } });
    }
  });

  it('that are no JSON say where', () => {
    expect(load('{')).toMatchObject({ error: { code: 'config-unreadable' } });
    expect(loadConfig(join(folder, 'none.json'))).toMatchObject({
      error: { code: 'config-unreadable' },
    });
  });
});
