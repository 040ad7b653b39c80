import { type Member, memberSchema, ok, type Result } from '../../contract/index.ts';
import { readBody } from '../sync/read-body.ts';
import { isPlainMember } from './is-plain-member.ts';

/** What a load needs of a member. */
export type LoadedMember = Pick<Member, 'memberId' | 'gsrn' | 'phone' | 'cards' | 'passKeys'>;

/** Reads a member's body as the schema does, most of them without it: a million of them are waited for. */
export function readMember(body: string): Result<LoadedMember, string> {
  const plain = parsePlain(body);
  return plain === undefined ? readBody(body, memberSchema) : ok(plain);
}

function parsePlain(body: string): LoadedMember | undefined {
  try {
    const content: unknown = JSON.parse(body);
    return isPlainMember(content) ? content : undefined;
  } catch {
    // No JSON: the slower reader says what is wrong.
    return undefined;
  }
}
