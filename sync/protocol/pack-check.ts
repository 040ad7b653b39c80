import { Packr } from 'msgpackr';
import type { CheckReply, CheckRequest } from './check.ts';

const packr = new Packr({ useRecords: false, variableMapSize: true });

/** Kinds of question by the number that stands for them. A till of protocol 4 writes the name out. */
const KINDS = ['roots', 'nodes', 'rows'] as const satisfies readonly CheckRequest['t'][];
const numberOf = (t: CheckRequest['t']): number => KINDS.indexOf(t);

/** Bytes of a hash that travels as hex elsewhere. */
const hexBytes = (hex: string): Buffer => Buffer.from(hex, 'hex');

/**
 * A question as it travels: MessagePack of an array, the kind as a number, fields in the order in which check.ts has them
 * and without their names, the chain of the cursor as bytes. A clean check costs fewer bytes so than its names would.
 */
export function packQuestion(question: CheckRequest): Buffer {
  switch (question.t) {
    case 'roots':
      return packr.pack([numberOf(question.t), question.roots]);
    case 'nodes': {
      const { t, table, level, parents, sums } = question;
      return packr.pack([numberOf(t), table, level, parents, sums]);
    }
    case 'rows': {
      const { t, table, cursor, buckets, wanted, own } = question;
      const place = [cursor.timeline, cursor.pos, hexBytes(cursor.chain)];
      return packr.pack([numberOf(t), table, place, buckets, wanted, own]);
    }
  }
}

/** What {@link packQuestion} packed, still to be parsed; `undefined` where the bytes are none of it. */
export function unpackQuestion(bytes: Uint8Array): unknown {
  const fields = unpack(bytes);
  if (fields === undefined) return undefined;
  const [kind, ...rest] = fields;
  const t = typeof kind === 'number' ? KINDS[kind] : kind;
  switch (t) {
    case 'roots':
      return named(rest, ['roots'], { t });
    case 'nodes':
      return named(rest, ['table', 'level', 'parents', 'sums'], { t });
    case 'rows': {
      const [table, place, ...others] = rest;
      if (!Array.isArray(place) || place.length !== 3) return undefined;
      const [timeline, pos, chain] = place as unknown[];
      if (!(chain instanceof Uint8Array)) return undefined;
      const cursor = { timeline, pos, chain: Buffer.from(chain).toString('hex') };
      return named(others, ['buckets', 'wanted', 'own'], { t, table, cursor });
    }
    default:
      return undefined;
  }
}

/** Fields of the answers in the order in which they travel. */
const REPLY_FIELDS = {
  roots: ['differ'],
  nodes: ['differ', 'sums', 'counts', 'digests'],
  rows: ['rows', 'later', 'more'],
} as const;

/** An answer as it travels: MessagePack of an array, fields in the order in which check.ts has them. */
export function packReply<T extends CheckRequest['t']>(t: T, reply: CheckReply<T>): Buffer {
  const fields = reply as unknown as Readonly<Record<string, unknown>>;
  return packr.pack(REPLY_FIELDS[t].map((field) => fields[field]));
}

/** What {@link packReply} packed, still to be parsed; `undefined` where the bytes are none of it. */
export function unpackReply(t: CheckRequest['t'], bytes: Uint8Array): unknown {
  const fields = unpack(bytes);
  return fields === undefined ? undefined : named(fields, REPLY_FIELDS[t], {});
}

function unpack(bytes: Uint8Array): readonly unknown[] | undefined {
  try {
    const value: unknown = packr.unpack(bytes);
    return Array.isArray(value) ? value : undefined;
  } catch {
    // Whoever asked says that the bytes have another form.
    return undefined;
  }
}

function named(
  values: readonly unknown[],
  names: readonly string[],
  more: Readonly<Record<string, unknown>>,
): unknown {
  if (values.length !== names.length) return undefined;
  return { ...more, ...Object.fromEntries(names.map((name, i) => [name, values[i]])) };
}
