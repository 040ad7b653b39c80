import { createHmac, type KeyObject, timingSafeEqual } from 'node:crypto';

/** What a token of HQ's own is for; one for another purpose is worth nothing. */
export type TokenPurpose =
  | 'tillside/challenge/1'
  | 'tillside/session-token/1'
  | 'tillside/operator-token/1';

/**
 * A token that any HQ process with the same secret recognises without asking anybody: JSON and HMAC-SHA256 over purpose
 * and JSON, both base64url. It hides nothing.
 */
export function sealToken(secret: KeyObject, purpose: TokenPurpose, facts: object): string {
  const body = Buffer.from(JSON.stringify(facts)).toString('base64url');
  return `${body}.${macOf(secret, purpose, body).toString('base64url')}`;
}

/** The facts in a token; `undefined` where HQ did not make it for this purpose. Its age is the caller's to judge. */
export function openToken(secret: KeyObject, purpose: TokenPurpose, token: string): unknown {
  const [body, mac, ...more] = token.split('.');
  if (body === undefined || mac === undefined || more.length > 0) return undefined;
  const shown = Buffer.from(mac, 'base64url');
  const right = macOf(secret, purpose, body);
  if (shown.length !== right.length || !timingSafeEqual(shown, right)) return undefined;
  return JSON.parse(Buffer.from(body, 'base64url').toString('utf8'));
}

function macOf(secret: KeyObject, purpose: TokenPurpose, body: string): Buffer {
  return createHmac('sha256', secret).update(`${purpose}\n${body}`).digest();
}
