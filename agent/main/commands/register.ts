import type { Command } from 'commander';
import { readTicket, registerTill } from '../../../sync/client/register-till.ts';
import { makeTillKey } from '../../../sync/client/till-key.ts';
import type { RegistrationTicket } from '../../../sync/protocol/registration.ts';
import { err, ok, type Result, type TillPlace, text } from '../../contract/index.ts';
import type { Store } from '../../store/store.ts';
import { DEFAULT_PLACE } from '../config.ts';
import { programVersion } from '../headless.ts';
import { openLocked, type StartError } from '../open-locked.ts';
import { systemClock, systemRandom, waitedTimers } from '../system.ts';
import { complain, EXIT, print, withDataOption, withJsonOption } from './io.ts';
import { readJsonFile } from './read-input-file.ts';

const TICKET_MAX_BYTES = 64 * 1024;
/** Where the key of an attempt lies until headquarters has answered. */
const PENDING_KEY = 'registration.pending-key';

interface RegisterOptions {
  readonly data: string;
  readonly keyFile?: string;
  readonly json?: boolean;
}

/** `till register TICKET`: makes this data folder a till of a headquarters. */
export function registerRegister(program: Command): void {
  const command = program
    .command('register <ticket>')
    .description(
      'register this till with headquarters by the ticket that IT made there; the folder is made where there is none',
    );
  withJsonOption(withDataOption(command)).action(register);
}

async function register(file: string, { data, keyFile, json }: RegisterOptions): Promise<void> {
  const read = readJsonFile(file, TICKET_MAX_BYTES);
  if (!read.ok) return complain(json, read.error);
  const ticket = readTicket(read.value);
  if (!ticket.ok) return complain(json, refusal(ticket.error));
  const { tillId, url } = ticket.value;
  const opened = openLocked(data, keyFile, { ...DEFAULT_PLACE, tillId });
  if (!opened.ok) return complain(json, opened.error);
  const { store, lock } = opened.value;
  try {
    const registered = await registerStore(store, ticket.value);
    if (!registered.ok) return complain(json, registered.error, EXIT.problems);
    const { storeId, name } = registered.value.store;
    print(json, { tillId, storeId, url }, () =>
      [
        `till ${tillId} of ${name['zh-CN']} / ${name.en} (${storeId}) is registered at ${url}`,
        `  start it: till run --data ${data}`,
      ].join('\n'),
    );
  } finally {
    store.close();
    lock.release();
  }
}

/** Registers an open database by a ticket and writes down what headquarters answered. @returns where the till stands */
export async function registerStore(
  store: Store,
  ticket: RegistrationTicket,
): Promise<Result<TillPlace, StartError>> {
  const registered = await registerTill({
    ticket,
    incarnation: store.incarnation,
    version: programVersion(),
    random: systemRandom,
    clock: systemClock,
    timers: waitedTimers,
    privateKey: pendingKey(store),
  });
  if (!registered.ok) return err(refusal(registered.error));
  store.sync.register(registered.value);
  store.meta.set(PENDING_KEY, '');
  return ok(registered.value.place);
}

/** The same key again after a lost answer, so that the code need not be a fresh one. */
function pendingKey(store: Store): string {
  const kept = store.meta.get(PENDING_KEY);
  if (kept !== undefined && kept !== '') return kept;
  const pem = makeTillKey(systemRandom).export({ type: 'pkcs8', format: 'pem' }).toString();
  store.meta.set(PENDING_KEY, pem);
  return pem;
}

function refusal({ code, message, hint, field }: RegisterProblem) {
  const where =
    field === undefined
      ? message
      : text(`${field}：${message['zh-CN']}`, `${field}: ${message.en}`);
  return { code, message: where, remedy: hint };
}

type RegisterProblem = Extract<Awaited<ReturnType<typeof registerTill>>, { ok: false }>['error'];
