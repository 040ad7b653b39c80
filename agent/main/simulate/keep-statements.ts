import type { PGlite } from '@electric-sql/pglite';

/** Statements that are kept at a time; the simulated headquarters has some three hundred. */
const STATEMENTS_MAX = 2_000;

type Answer = Awaited<ReturnType<PGlite['execProtocolStream']>>;

interface Kept {
  readonly name: string;
  readonly parsed: Answer;
  described?: Answer;
}

const LETTER = { parse: 0x50, describe: 0x44, bind: 0x42, execute: 0x45, query: 0x51, sync: 0x53 };
const STATEMENT = 0x53;
/** The message that ends a request. */
const SYNC = Uint8Array.of(LETTER.sync, 0, 0, 0, 4);

/**
 * Has every statement parsed and planned once, and run with a single call into the engine: PGlite asks for all of it
 * each time, in seven calls, which cost several times what the statement itself does. Works on the messages of the
 * protocol, so that the product's code above stays as it is.
 */
export function keepStatements(pglite: PGlite): void {
  const send = pglite.execProtocolStream.bind(pglite);
  const kept = new Map<string, Kept>();
  let current: Kept | undefined;
  /** The values of the statement that is about to run. */
  let bound: Uint8Array | undefined;
  /** The engine stands at the end of a request already. */
  let isSynced = false;

  async function parse(
    message: Uint8Array,
    options: Parameters<PGlite['execProtocolStream']>[1],
  ): Promise<Answer> {
    const text = Buffer.from(message.subarray(6)).toString('latin1');
    current = kept.get(text);
    if (current !== undefined) return current.parsed;
    if (message[5] !== 0 || kept.size >= STATEMENTS_MAX) return send(message, options);
    const name = `kept${kept.size}`;
    const parsed = await send(withName(message, 5, name), options);
    current = { name, parsed };
    kept.set(text, current);
    return parsed;
  }

  pglite.execProtocolStream = async (message, options) => {
    const wasSynced = isSynced;
    isSynced = false;
    switch (message[0]) {
      case LETTER.parse:
        return parse(message, options);
      case LETTER.describe: {
        if (current === undefined) return send(message, options);
        // Text is all that PGlite asks for: the rows of a portal look as its statement said.
        if (message[5] !== STATEMENT) return rowsOf(current.described);
        current.described ??= await send(withName(message, 6, current.name), options);
        return current.described;
      }
      case LETTER.bind: {
        if (current === undefined) return send(message, options);
        // An unnamed portal, then the name of the statement.
        bound = withName(message, 6, current.name);
        return [];
      }
      case LETTER.execute: {
        if (bound === undefined) return send(message, options);
        const whole = Buffer.concat([bound, message, SYNC]);
        bound = undefined;
        isSynced = true;
        return send(whole, options);
      }
      case LETTER.query:
        // It ends the request by itself, also where it failed.
        isSynced = true;
        return send(message, options);
      case LETTER.sync:
        bound = undefined;
        return wasSynced ? [] : send(message, options);
      default:
        return send(message, options);
    }
  };
}

/** What a statement said of its rows, without what it said of its parameters. */
function rowsOf(described: Answer | undefined): Answer {
  return (described ?? []).filter(({ name }) => name !== 'parameterDescription');
}

/** The message with a name in the place of the empty one at `at`. */
function withName(message: Uint8Array, at: number, name: string): Uint8Array {
  const whole = Buffer.concat([
    message.subarray(0, at),
    Buffer.from(name, 'latin1'),
    message.subarray(at),
  ]);
  whole.writeInt32BE(whole.length - 1, 1);
  return whole;
}
