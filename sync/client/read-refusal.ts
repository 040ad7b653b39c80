import { HQ_ERRORS, type HqErrorCode } from '../protocol/hq-error.ts';
import { parseJson } from './parse-reply.ts';

/** Network Authentication Required (RFC 6585, 6): the answer of a portal that says what it is. */
const PORTAL_STATUS = 511;

/**
 * Whether somebody else answers: a portal of the network shows a web page, whatever the status, or sends the till to
 * one. Headquarters never redirects and never answers a till with a page.
 */
export function looksLikePortal(status: number, form: string, text: string): boolean {
  if (status === PORTAL_STATUS || (status >= 300 && status < 400)) return true;
  const page = form === 'text/html' || form === 'application/xhtml+xml';
  return status < 500 && (page || /^\s*</.test(text));
}

/** Reads the code of headquarters' refusal; `null` where the text is none. */
export function refusalOf(
  text: string,
): { readonly refusal: HqErrorCode; readonly detail: Readonly<Record<string, unknown>> } | null {
  const body = parseJson(text);
  if (typeof body !== 'object' || body === null) return null;
  const { code, message: _message, hint: _hint, ...detail } = body as Record<string, unknown>;
  return typeof code === 'string' && Object.hasOwn(HQ_ERRORS, code)
    ? { refusal: code as HqErrorCode, detail }
    : null;
}
