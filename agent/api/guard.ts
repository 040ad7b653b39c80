import { err, type Failure, failure, ok, type Result } from '../contract/index.ts';

/**
 * What a request says about itself before anything of it is believed. Both HTTP requests and WebSocket upgrades are
 * put in this form, so one set of checks stands in front of both.
 */
export interface RequestFacts {
  readonly method: string;
  /** The request target as sent: path and query. */
  readonly target: string;
  /** Every `Host` header: more than one is an attack, none is no browser. */
  readonly hosts: readonly string[];
  readonly origin?: string | undefined;
  readonly fetchSite?: string | undefined;
  readonly authorization?: string | undefined;
  readonly contentType?: string | undefined;
  readonly contentEncoding?: string | undefined;
  readonly contentLength?: string | undefined;
  readonly chunked: boolean;
}

/** What this server calls itself and whom it knows. */
export interface GuardPolicy {
  /** Exact values of `Host`, port included. */
  readonly hosts: readonly string[];
  /** Origins of the till's own pages. */
  readonly ownOrigins: readonly string[];
  readonly pairedOrigins: () => readonly string[];
  readonly bodyMaxBytes: number;
}

/** A request that passed: where it goes, with which token, and for which other origin the answer is. */
export interface Passed {
  readonly path: string;
  readonly query: string;
  readonly token?: string;
  /** Set where the asking page is a paired POS and not ours: the answer names exactly this origin. */
  readonly pairedOrigin?: string;
  readonly ownOrigin: boolean;
  readonly preflight: boolean;
  readonly hasBody: boolean;
}

/** Names under which programs are tempted to put a token into an address. */
const TOKEN_PARAMETERS =
  /^(token|access_token|api_key|apikey|key|auth|authorization|bearer|code)$/i;
const BODY_METHODS = new Set(['POST', 'PUT', 'PATCH']);
const METHODS = new Set(['GET', 'HEAD', 'POST', 'DELETE', 'OPTIONS']);
/** Longest request target in characters; the longest legitimate one is an article search. */
export const TARGET_MAX_CHARS = 2_048;

/**
 * Decides whether a request may be looked at any further. The order is that of trust: whom it was sent to (DNS
 * rebinding), from where (foreign pages), what it asks, then the body it announces. Tokens are only taken out here;
 * whether they are good is decided behind.
 */
export function guardRequest(facts: RequestFacts, policy: GuardPolicy): Result<Passed, Failure> {
  const [host] = facts.hosts;
  if (facts.hosts.length !== 1 || host === undefined || !policy.hosts.includes(host))
    return err(failure('wrong-host'));

  const ownOrigin = facts.origin !== undefined && policy.ownOrigins.includes(facts.origin);
  const pairedOrigin =
    facts.origin !== undefined && !ownOrigin && policy.pairedOrigins().includes(facts.origin)
      ? facts.origin
      : undefined;
  if (facts.origin !== undefined && !ownOrigin && pairedOrigin === undefined)
    return err(failure('forbidden-origin'));
  // `same-site` is not good enough: every port of 127.0.0.1 is the same site.
  const near =
    facts.fetchSite === undefined ||
    facts.fetchSite === 'same-origin' ||
    facts.fetchSite === 'none';
  if (!near && pairedOrigin === undefined) return err(failure('cross-site'));

  if (!METHODS.has(facts.method)) return err(failure('wrong-method'));
  if (!facts.target.startsWith('/') || facts.target.length > TARGET_MAX_CHARS)
    return err(failure('not-found'));
  const [path = '/', query = ''] = splitTarget(facts.target);
  if (isUnsafePath(path)) return err(failure('not-found'));
  for (const name of new URLSearchParams(query).keys()) {
    if (TOKEN_PARAMETERS.test(name)) return err(failure('token-in-url'));
  }

  const body = checkBody(facts, policy);
  if (!body.ok) return body;
  const token = bearerOf(facts.authorization);
  return ok({
    path,
    query,
    ...(token === undefined ? {} : { token }),
    ...(pairedOrigin === undefined ? {} : { pairedOrigin }),
    ownOrigin,
    preflight: facts.method === 'OPTIONS',
    hasBody: body.value,
  });
}

/** Whether a body is announced, and whether it is one that is read here: JSON, plain, within the limit, not on a GET. */
function checkBody(facts: RequestFacts, policy: GuardPolicy): Result<boolean, Failure> {
  const length = facts.contentLength === undefined ? 0 : Number(facts.contentLength);
  const hasBody = facts.chunked || length > 0;
  if (BODY_METHODS.has(facts.method) || hasBody) {
    // A form or a text is what a foreign page can send without asking first; JSON is not.
    if (!isJson(facts.contentType)) return err(failure('wrong-content-type', 'content-type'));
    if (facts.contentEncoding !== undefined && facts.contentEncoding !== 'identity') {
      return err(failure('wrong-content-type', 'content-encoding'));
    }
  }
  if (hasBody && !BODY_METHODS.has(facts.method)) return err(failure('invalid-input', 'body'));
  if (!facts.chunked && length > policy.bodyMaxBytes) return err(tooLarge(policy.bodyMaxBytes));
  return ok(hasBody);
}

/** The failure of a body above the limit. */
export function tooLarge(maxBytes: number): Failure {
  return failure('body-too-large', 'body', { maxBytes });
}

function isJson(contentType: string | undefined): boolean {
  return (
    contentType !== undefined &&
    /^application\/json\s*(;\s*charset\s*=\s*"?utf-8"?\s*)?$/i.test(contentType)
  );
}

function bearerOf(authorization: string | undefined): string | undefined {
  const match =
    authorization === undefined
      ? null
      : /^Bearer ([A-Za-z0-9._~+/=-]{1,512})$/i.exec(authorization);
  return match?.[1];
}

function splitTarget(target: string): [string, string] {
  const at = target.indexOf('?');
  return at === -1 ? [target, ''] : [target.slice(0, at), target.slice(at + 1)];
}

/** Nothing that a file system or a second decoding could read as "one folder up". */
function isUnsafePath(path: string): boolean {
  return (
    path.startsWith('//') ||
    /(^|\/)\.{1,2}(\/|$)/.test(path) ||
    /%(2e|2f|5c|00)/i.test(path) ||
    /[\\\0]/.test(path)
  );
}
