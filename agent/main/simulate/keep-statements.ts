import type { PGlite } from '@electric-sql/pglite';

/** Statements that are kept at a time; the simulated headquarters has some three hundred. */
const STATEMENTS_MAX = 2_000;

type Answer = Awaited<ReturnType<PGlite['execProtocolStream']>>;

interface Kept {
  readonly name: string;
  readonly parsed: Answer;
  described?: Answer;
}

const LETTER = { parse: 0x50, describe: 0x44, bind: 0x42, close: 0x43 } as const;
const STATEMENT = 0x53;

/**
 * Has every statement parsed and planned once: PGlite asks for both each time, which costs several times what the
 * statement itself does. Works on the messages of the protocol, so that the product's code above stays as it is.
 */
export function keepStatements(pglite: PGlite): void {
  const send = pglite.execProtocolStream.bind(pglite);
  const kept = new Map<string, Kept>();
  let current: Kept | undefined;

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
    switch (message[0]) {
      case LETTER.parse:
        return parse(message, options);
      case LETTER.describe: {
        if (message[5] !== STATEMENT || current === undefined) return send(message, options);
        current.described ??= await send(withName(message, 6, current.name), options);
        return current.described;
      }
      case LETTER.bind: {
        if (current === undefined) return send(message, options);
        // An unnamed portal, then the name of the statement.
        return send(withName(message, 6, current.name), options);
      }
      default:
        return send(message, options);
    }
  };
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
