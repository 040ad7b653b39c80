import canonicalize from 'canonicalize';
import { assert } from '../../contract/index.ts';

/**
 * The one text of a JSON value (RFC 8785): keys sorted, no white space, numbers as ECMAScript prints them. Two
 * programs that mean the same value hash the same bytes. A value that JSON cannot hold breaks an invariant.
 */
export function canonicalJson(value: unknown): string {
  const text = canonicalize(value);
  assert(text !== undefined, 'canonical JSON needs a JSON value');
  return text;
}
