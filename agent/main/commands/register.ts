import type { Command } from 'commander';
import { readTicket } from '../../../sync/client/register-till.ts';
import { DEFAULT_PLACE } from '../config.ts';
import { programVersion } from '../headless.ts';
import { openLocked } from '../open-locked.ts';
import { refusal, registerStore } from '../register-store.ts';
import { complain, EXIT, print, withDataOption, withJsonOption } from './io.ts';
import { readJsonFile } from './read-input-file.ts';

const TICKET_MAX_BYTES = 64 * 1024;

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
    const registered = await registerStore(store, ticket.value, programVersion());
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
