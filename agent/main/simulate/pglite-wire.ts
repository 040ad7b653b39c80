import { AsyncLocalStorage } from 'node:async_hooks';
import type { PGlite } from '@electric-sql/pglite';
import type { HqDatabase, HqSession, HqValue } from '../../../sync/hq/database/database.ts';
import { databaseError, hqDatabaseError } from '../../../sync/hq/database/hq-database-error.ts';
import { createTransactionGuard } from '../../../sync/hq/database/transaction-guard.ts';
import { assert } from '../../contract/index.ts';

/** Statements that are kept; the simulated headquarters has some three hundred. */
const STATEMENTS_MAX = 2_000;
/** Bytes that a request or an answer may begin with; both grow. */
const BUFFER_BYTES = 64 * 1024;
const HEADER_BYTES = 5;
const INT8 = 20;
/** In a transaction that a statement has failed. */
const FAILED = '25P02';

const ASK = { parse: 0x50, describe: 0x44, bind: 0x42, execute: 0x45, query: 0x51, sync: 0x53 };
const STATEMENT = 'S';
const ANSWER = {
  row: 0x44,
  rowDescription: 0x54,
  parameterDescription: 0x74,
  complete: 0x43,
  error: 0x45,
  notification: 0x41,
  ready: 0x5a,
};

type Row = Record<string, unknown>;
type Parse = (text: string) => unknown;
type Serialize = (value: unknown) => string;

interface Column {
  readonly name: string;
  readonly parse: Parse | undefined;
}

/** A statement that the engine has parsed and planned under a name. */
interface Kept {
  readonly name: string;
  readonly parameters: readonly (Serialize | undefined)[];
  readonly columns: readonly Column[];
}

interface Answer {
  rows: Row[];
  /** The first word of what the command said that it did. */
  command: string;
}

/**
 * HQ's database over a PGlite in memory, spoken to in messages of the protocol: every statement is parsed and planned
 * once, and runs in one synchronous call into the engine, where `pglite.query` asks for all of it each time, in seven.
 * Statements and transactions run one after the other. A channel that was listened to once stays so.
 */
export function overPgliteWire(pglite: PGlite): HqDatabase {
  const guard = createTransactionGuard();
  const kept = new Map<string, Kept>();
  const listeners = new Map<string, Set<(payload: string) => void>>();
  let request = Buffer.allocUnsafe(BUFFER_BYTES);
  let asked = 0;
  let inbox = Buffer.allocUnsafe(BUFFER_BYTES);
  let received = 0;
  let last: Promise<void> = Promise.resolve();

  function room(bytes: number): void {
    if (asked + bytes <= request.length) return;
    const larger = Buffer.allocUnsafe(2 * (asked + bytes));
    request.copy(larger, 0, 0, asked);
    request = larger;
  }
  function putText(text: string): void {
    room(3 * text.length + 1);
    asked += request.write(text, asked);
    request[asked++] = 0;
  }
  function putInt16(value: number): void {
    room(2);
    asked = request.writeInt16BE(value, asked);
  }
  function putValue(text: string | null): void {
    room(4 + 3 * (text?.length ?? 0));
    const bytes = text === null ? -1 : request.write(text, asked + 4);
    request.writeInt32BE(bytes, asked);
    asked += 4 + Math.max(bytes, 0);
  }
  function message(letter: number, body: () => void): void {
    const begin = asked;
    room(HEADER_BYTES);
    request[begin] = letter;
    asked += HEADER_BYTES;
    body();
    request.writeInt32BE(asked - begin - 1, begin + 1);
  }
  const putNothing = (): void => undefined;

  function receive(bytes: Uint8Array): void {
    if (received + bytes.length > inbox.length) {
      const larger = Buffer.allocUnsafe(2 * (received + bytes.length));
      inbox.copy(larger, 0, 0, received);
      inbox = larger;
    }
    inbox.set(bytes, received);
    received += bytes.length;
  }
  const told = { syncToFs: false, onRawData: receive };

  /** Sends what was put together, and reads all of the answer. Throws the first error in it. */
  function exchange(columns: readonly Column[], onDescribed?: (at: number) => void): Answer {
    const whole = request.subarray(0, asked);
    asked = 0;
    received = 0;
    // It has answered when the call returns: without files to write there is nothing to wait for. Where it broke down,
    // the answer has no end.
    pglite.execProtocolRawStream(whole, told).catch(() => undefined);
    let isWhole = false;
    const answer: Answer = { rows: [], command: '' };
    let failed: Error | undefined;
    for (let at = 0; at < received; at += 1 + inbox.readInt32BE(at + 1)) {
      const body = at + HEADER_BYTES;
      switch (inbox[at]) {
        case ANSWER.row:
          answer.rows.push(readRow(columns, body));
          break;
        case ANSWER.complete:
          answer.command = textAt(body).split(' ', 1)[0] as string;
          break;
        case ANSWER.error:
          failed ??= errorAt(body);
          break;
        case ANSWER.notification:
          notify(body + 4);
          break;
        case ANSWER.ready:
          isWhole = true;
          break;
        default:
          onDescribed?.(at);
      }
    }
    assert(isWhole, 'the engine answers');
    if (failed !== undefined) throw failed;
    return answer;
  }

  const endOfText = (at: number): number => inbox.indexOf(0, at);
  const textAt = (at: number): string => inbox.toString('utf8', at, endOfText(at));

  function readRow(columns: readonly Column[], body: number): Row {
    const row: Row = {};
    let at = body + 2;
    for (const { name, parse } of columns) {
      const bytes = inbox.readInt32BE(at);
      at += 4;
      if (bytes < 0) {
        row[name] = null;
        continue;
      }
      const text = inbox.toString('utf8', at, at + bytes);
      row[name] = parse === undefined ? text : parse(text);
      at += bytes;
    }
    return row;
  }

  function errorAt(body: number): Error {
    const fields = new Map<string, string>();
    for (let at = body; inbox[at] !== 0; at = endOfText(at) + 1)
      fields.set(String.fromCharCode(inbox[at] as number), textAt(at + 1));
    return hqDatabaseError(
      Object.assign(new Error(fields.get('M')), {
        code: fields.get('C'),
        constraint: fields.get('n'),
      }),
    );
  }

  function notify(at: number): void {
    const payload = textAt(endOfText(at) + 1);
    for (const heard of listeners.get(textAt(at)) ?? []) setImmediate(heard, payload);
  }

  function keep(sql: string): Kept {
    const known = kept.get(sql);
    if (known !== undefined) return known;
    assert(kept.size < STATEMENTS_MAX, 'statements are few: values are parameters');
    const name = `kept${kept.size}`;
    const parameters: (Serialize | undefined)[] = [];
    const columns: Column[] = [];
    message(ASK.parse, () => {
      putText(name);
      putText(sql);
      putInt16(0);
    });
    message(ASK.describe, () => {
      putText(`${STATEMENT}${name}`);
    });
    message(ASK.sync, putNothing);
    exchange([], (at) => {
      const count = inbox.readInt16BE(at + HEADER_BYTES);
      let next = at + HEADER_BYTES + 2;
      if (inbox[at] === ANSWER.parameterDescription)
        for (let nth = 0; nth < count; nth += 1, next += 4)
          parameters.push(pglite.serializers[inbox.readInt32BE(next)]);
      if (inbox[at] === ANSWER.rowDescription)
        for (let nth = 0; nth < count; nth += 1) {
          const end = endOfText(next);
          const type = inbox.readInt32BE(end + 7);
          columns.push({
            name: textAt(next),
            parse: type === INT8 ? integer : pglite.parsers[type],
          });
          next = end + 19;
        }
    });
    const made = { name, parameters, columns };
    kept.set(sql, made);
    return made;
  }

  function run(sql: string, values: readonly HqValue[]): Answer {
    const { name, parameters, columns } = keep(sql);
    message(ASK.bind, () => {
      putText('');
      putText(name);
      putInt16(0);
      putInt16(values.length);
      for (const [nth, value] of values.entries())
        putValue(value === null ? null : (parameters[nth] ?? String)(value));
      putInt16(0);
    });
    message(ASK.execute, () => {
      putText('');
      putInt16(0);
      putInt16(0);
    });
    message(ASK.sync, putNothing);
    return exchange(columns);
  }

  function script(sql: string): void {
    message(ASK.query, () => putText(sql));
    exchange([]);
  }

  /** Waits until nobody else works. */
  async function inTurn<T>(work: () => T | Promise<T>): Promise<T> {
    guard.outside();
    const before = last;
    const { promise, resolve } = Promise.withResolvers<void>();
    last = promise;
    await before;
    try {
      return await work();
    } finally {
      resolve();
    }
  }

  const session: HqSession = {
    query: async <R>(sql: string, values: readonly HqValue[] = []) => run(sql, values).rows as R[],
  };

  async function transaction<T>(
    work: (tx: HqSession) => Promise<T>,
    isolation?: 'repeatable read',
  ): Promise<T> {
    run(isolation === undefined ? 'BEGIN' : 'BEGIN ISOLATION LEVEL REPEATABLE READ', []);
    let result: T;
    try {
      result = await work(session);
    } catch (error) {
      run('ROLLBACK', []);
      throw error;
    }
    if (run('COMMIT', []).command !== 'COMMIT')
      throw databaseError(FAILED, null, 'a failed transaction was committed');
    return result;
  }

  return {
    engine: 'pglite',
    query: <R>(sql: string, values: readonly HqValue[] = []) =>
      inTurn(() => run(sql, values).rows as R[]),
    script: (sql) => inTurn(() => script(sql)),
    transaction: (work, isolation) =>
      inTurn(() => guard.inside(() => transaction(work, isolation))),
    async listen(channel, heard) {
      // Called in the midst of the statement that notified: never as a part of its transaction.
      const apart = AsyncLocalStorage.bind(heard);
      const own = listeners.get(channel) ?? new Set();
      listeners.set(channel, own.add(apart));
      await inTurn(() => script(`LISTEN ${channel}`));
      return async () => void own.delete(apart);
    },
    close: () => pglite.close(),
  };
}

function integer(text: string): number {
  const value = Number(text);
  assert(Number.isSafeInteger(value), 'a bigint of the database fits a number');
  return value;
}
