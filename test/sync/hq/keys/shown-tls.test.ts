import { randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { ok } from '../../../../agent/contract/result.ts';
import {
  createAuthority,
  defaultValidity,
  issueServerCertificate,
} from '../../../../sync/hq/keys/certificate.ts';
import { createShownTls } from '../../../../sync/hq/keys/create-shown-tls.ts';
import type { HqTls } from '../../../../sync/hq/keys/tls.ts';
import { quietLog } from '../../../support/hq-database.ts';

const NOW = Date.UTC(2026, 10, 21);
const random = (bytes: number) => randomBytes(bytes);
const validity = defaultValidity(NOW);

describe('a given certificate that was renewed', () => {
  test.each([
    ['in the same text', true, (ca: string) => ca],
    ['with other line ends', true, (ca: string) => ca.replaceAll('\n', '\r\n')],
    ['with a line before and after', true, (ca: string) => `\n${ca}\n\n`],
    ['as another certificate', false, async () => (await createAuthority(validity, random)).cert],
  ])('and whose authority comes %s, may be shown: %j', async (_, isShown, written) => {
    const authority = await createAuthority(validity, random);
    const issue = async (ca: string): Promise<HqTls> => ({
      ...(await issueServerCertificate(authority, ['a.example'], validity, random)),
      ca,
      endsAtMs: validity.toMs,
      source: 'given',
    });
    const first = await issue(authority.cert);
    const renewed = await issue(await written(authority.cert));
    const shown: HqTls[] = [];
    const tls = createShownTls({
      first,
      open: async () => ok({ tls: renewed }),
      show: (one) => shown.push(one),
      deps: { log: quietLog, nowMs: () => NOW },
    });
    await tls.renew();
    expect(shown).toEqual(isShown ? [renewed] : []);
    expect(tls.current()).toBe(isShown ? renewed : first);
  });
});
