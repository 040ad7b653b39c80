import type { DriverEnv, TimerHandle } from '../contract/env.ts';
import { err, ok, type Result } from '../contract/result.ts';
import { instructions, moduleCodeOf } from './codes.ts';
import { createPacketReader, formatPacket, packetKinds, type ReadPacket } from './packet.ts';

/** Commands that wait for their turn; more are answered `busy`. */
export const MAX_WAITING_COMMANDS = 16;
/** How long a module takes for a command that touches neither glass nor library. */
export const REPLY_TIMEOUT_MS = 500;
/** Longest silence between the packets of a transfer. */
export const DATA_SILENCE_MS = 500;
/** Longest template that is taken; the largest that is known has 1,536 bytes. */
export const MAX_TEMPLATE_BYTES = 4_096;
/** How often a command is sent once more whose answer was damaged or did not come. */
export const MAX_REPEATS = 1;
/** How often a module that lost step is asked for its parameters before it counts as silent. */
export const MAX_STEP_TRIES = 3;
/** Confirmation code and the 16 bytes of ReadSysPara: no other answer is as long. */
const PARAMETERS_REPLY_BYTES = 17;

export type ModuleCommand = {
  readonly instruction: number;
  readonly parameters?: Uint8Array;
  readonly timeoutMs?: number;
  /** Sent as data packets once the module has said that it listens. */
  readonly data?: Uint8Array;
  /** A transfer follows the answer. */
  readonly givesData?: boolean;
};

/** The module's answer. Whatever follows a code other than 0 means nothing (a search without hit names a page). */
export type ModuleReply = {
  /** The confirmation code as it came; see `moduleCodeOf`. */
  readonly code: number;
  readonly body: Uint8Array;
  /** Of a command with `givesData`. */
  readonly data: Uint8Array;
};

/**
 * `silent`: no answer in time, and none when asked again. `garbled`: answers came damaged, twice. `busy`: too many commands
 * wait. `closed`: the line is gone.
 */
export type ExchangeFailure = {
  readonly code: 'silent' | 'garbled' | 'busy' | 'closed';
  readonly detail: string;
};

export type Exchange = {
  /** Sends a command in its turn. One whose answer is damaged or late is sent once more. */
  request(command: ModuleCommand): Promise<Result<ModuleReply, ExchangeFailure>>;
  /** Bytes from the module. */
  receive(bytes: Uint8Array): void;
  /** The line is gone: what waits is answered `closed`, and the next line begins in step. */
  closed(detail: string): void;
  /** A command is under way. */
  isBusy(): boolean;
};

type Wiring = {
  readonly env: Pick<DriverEnv, 'timers'>;
  readonly write: (bytes: Uint8Array) => Promise<Result<void, { readonly detail: string }>>;
  readonly address: () => number;
  /** Bytes in one data packet, as the module was set. */
  readonly packetBytes: () => number;
};

/** What a wait for packets ended with. */
type Heard = ReadPacket | 'late' | 'closed';

/**
 * One command at a time with a deadline each. Answers carry no number, so a late one would be taken for that of the next
 * command: after a deadline the module is asked for its parameters, whose answer no other resembles, and everything before
 * that answer is thrown away. A module answers in order.
 */
export const createExchange = ({ env, write, address, packetBytes }: Wiring): Exchange => {
  const reader = createPacketReader();
  let inbox: ReadPacket[] = [];
  let wake: ((heard: Heard) => void) | null = null;
  let last: Promise<unknown> = Promise.resolve();
  let waiting = 0;
  let inStep = true;
  /** Grows with each line that closes: whoever waited on an older one is answered `closed`. */
  let line = 0;

  const deliver = (packets: readonly ReadPacket[]): void => {
    for (const packet of packets) {
      // Others may hang on the same wires, each with an address of its own.
      if (packet.address !== address()) continue;
      if (wake === null) inbox.push(packet);
      else {
        const take = wake;
        wake = null;
        take(packet);
      }
    }
  };

  const next = (timeoutMs: number): Promise<Heard> => {
    const waited = inbox.shift();
    if (waited !== undefined) return Promise.resolve(waited);
    return new Promise((resolve) => {
      const end = (heard: Heard): void => {
        env.timers.clear(timer);
        wake = null;
        resolve(heard);
      };
      const timer: TimerHandle = env.timers.set(() => {
        // A damaged length may hide a whole frame behind it.
        wake = end;
        deliver(reader.flush());
        if (wake !== null) end('late');
      }, timeoutMs);
      wake = end;
    });
  };

  const send = async (kind: number, payload: Uint8Array): Promise<boolean> =>
    (await write(formatPacket({ address: address(), kind, payload }))).ok;

  const ask = ({ instruction, parameters }: ModuleCommand): Promise<boolean> =>
    send(packetKinds.command, Uint8Array.of(instruction, ...(parameters ?? [])));

  const nextAnswer = async (timeoutMs: number): Promise<Heard> => {
    for (;;) {
      const heard = await next(timeoutMs);
      // Data of a transfer that nobody waits for any more.
      if (typeof heard !== 'string' && heard.kind !== packetKinds.acknowledge) continue;
      return heard;
    }
  };

  /** Gets back in step with a module whose last answer did not come. */
  const findStep = async (mine: number): Promise<boolean> => {
    for (let tries = 0; tries < MAX_STEP_TRIES && mine === line; tries += 1) {
      reader.reset();
      inbox = [];
      if (!(await ask({ instruction: instructions.readParameters }))) return false;
      let heard = await nextAnswer(REPLY_TIMEOUT_MS);
      while (typeof heard !== 'string' && heard.payload.length !== PARAMETERS_REPLY_BYTES)
        heard = await nextAnswer(REPLY_TIMEOUT_MS);
      if (heard === 'closed') return false;
      if (heard !== 'late') {
        inStep = true;
        return true;
      }
    }
    return false;
  };

  const sendData = async (data: Uint8Array): Promise<boolean> => {
    const size = packetBytes();
    for (let from = 0; from < data.length; from += size) {
      const isLast = from + size >= data.length;
      const kind = isLast ? packetKinds.lastData : packetKinds.data;
      if (!(await send(kind, data.subarray(from, from + size)))) return false;
    }
    return true;
  };

  /** Reads a transfer to its last packet; damage anywhere in it makes all of it worthless. */
  const readData = async (): Promise<Uint8Array | ExchangeFailure> => {
    const pieces: Uint8Array[] = [];
    let sizeBytes = 0;
    let isDamaged = false;
    for (;;) {
      const heard = await next(DATA_SILENCE_MS);
      if (heard === 'closed') return { code: 'closed', detail: 'the line is gone' };
      if (heard === 'late')
        return { code: 'garbled', detail: `a transfer ended after ${sizeBytes} bytes` };
      if (heard.kind !== packetKinds.data && heard.kind !== packetKinds.lastData) continue;
      isDamaged ||= heard.skipped > 0;
      pieces.push(heard.payload);
      sizeBytes += heard.payload.length;
      if (sizeBytes > MAX_TEMPLATE_BYTES)
        return { code: 'garbled', detail: `a transfer of more than ${MAX_TEMPLATE_BYTES} bytes` };
      if (heard.kind === packetKinds.lastData) break;
    }
    if (isDamaged) return { code: 'garbled', detail: 'a packet of a transfer was damaged' };
    const data = new Uint8Array(sizeBytes);
    let at = 0;
    for (const piece of pieces) {
      data.set(piece, at);
      at += piece.length;
    }
    return data;
  };

  const once = async (command: ModuleCommand): Promise<Result<ModuleReply, ExchangeFailure>> => {
    const skippedBefore = reader.skippedBytes();
    inbox = [];
    if (!(await ask(command))) return err({ code: 'closed', detail: 'the line took no command' });
    const heard = await nextAnswer(command.timeoutMs ?? REPLY_TIMEOUT_MS);
    if (heard === 'closed') return err({ code: 'closed', detail: 'the line is gone' });
    if (heard === 'late') {
      const isNoise = reader.skippedBytes() !== skippedBefore;
      return isNoise
        ? err({ code: 'garbled', detail: 'the answer was damaged' })
        : err({ code: 'silent', detail: 'no answer in time' });
    }
    const [code] = heard.payload;
    if (code === undefined) return err({ code: 'garbled', detail: 'an answer without a code' });
    if (moduleCodeOf(code) === 'bad-packet')
      return err({ code: 'garbled', detail: 'the module got the command damaged' });
    const reply = { code, body: heard.payload.subarray(1), data: new Uint8Array() };
    if (code !== 0) return ok(reply);
    if (command.data !== undefined) {
      // Some firmware answers a transfer once more at its end, which must not be taken for the next answer.
      inStep = false;
      if (!(await sendData(command.data)))
        return err({ code: 'closed', detail: 'the line took no data' });
    }
    if (command.givesData !== true) return ok(reply);
    const data = await readData();
    return data instanceof Uint8Array ? ok({ ...reply, data }) : err(data);
  };

  const run = async (command: ModuleCommand): Promise<Result<ModuleReply, ExchangeFailure>> => {
    const mine = line;
    for (let repeats = 0; ; repeats += 1) {
      if (mine !== line) return err({ code: 'closed', detail: 'the line is gone' });
      if (!inStep && !(await findStep(mine)))
        return mine === line
          ? err({ code: 'silent', detail: 'the module answers no more' })
          : err({ code: 'closed', detail: 'the line is gone' });
      const done = await once(command);
      if (done.ok || done.error.code === 'closed') return done;
      inStep = false;
      if (repeats >= MAX_REPEATS) return done;
    }
  };

  return {
    request(command) {
      if (waiting >= MAX_WAITING_COMMANDS)
        return Promise.resolve(
          err({ code: 'busy', detail: `more than ${MAX_WAITING_COMMANDS} commands wait` }),
        );
      waiting += 1;
      const mine = line;
      const done = last.then(() =>
        mine === line
          ? run(command)
          : err<ExchangeFailure>({ code: 'closed', detail: 'the line is gone' }),
      );
      last = done.finally(() => {
        waiting -= 1;
      });
      return done;
    },
    receive: (bytes) => deliver(reader.feed(bytes)),
    closed(_detail) {
      line += 1;
      inStep = true;
      reader.reset();
      inbox = [];
      wake?.('closed');
    },
    isBusy: () => waiting > 0,
  };
};
