import { type RegisterError, readTicket, registerTill } from '../../sync/client/register-till.ts';
import { makeTillKey } from '../../sync/client/till-key.ts';
import type { RegistrationTicket } from '../../sync/protocol/registration.ts';
import { err, ok, type Result, type SyncReason, type TillPlace, text } from '../contract/index.ts';
import type { Store } from '../store/store.ts';
import type { StartError } from './open-locked.ts';
import { systemClock, systemRandom, waitedTimers } from './system.ts';

/** Where the key of an attempt lies until headquarters has answered. */
const PENDING_KEY = 'registration.pending-key';

/** Registers an open database by a ticket and writes down what headquarters answered. @returns where the till stands */
export async function registerStore(
  store: Store,
  ticket: RegistrationTicket,
  version: string,
): Promise<Result<TillPlace, StartError>> {
  const registered = await registerTill({
    ticket,
    incarnation: store.incarnation,
    former: store.sync.former(),
    version,
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

/**
 * Registers a till that is open, by a ticket as it was handed in. A till that was registered or has sold keeps its id, and
 * so does one whose settings name it.
 * @param settled the till of the settings file
 */
export async function registerOpenStore(
  store: Store,
  value: unknown,
  version: string,
  settled: TillPlace | undefined,
): Promise<Result<TillPlace, SyncReason>> {
  const ticket = readTicket(value);
  if (!ticket.ok) return err(toReason(refusal(ticket.error)));
  const isBound = store.sync.registration() !== undefined || store.ledger.head().seq > 0;
  const own = settled?.tillId ?? (isBound ? store.tillId : undefined);
  if (own !== undefined && own !== ticket.value.tillId)
    return err(otherTill(ticket.value.tillId, own));
  const registered = await registerStore(store, ticket.value, version);
  return registered.ok ? registered : err(toReason(registered.error));
}

/** A refused ticket or registration in the form of the operator's tool. */
export function refusal({ code, message, hint, field }: RegisterError): StartError {
  const where =
    field === undefined
      ? message
      : text(`${field}：${message['zh-CN']}`, `${field}: ${message.en}`);
  return { code, message: where, remedy: hint };
}

function toReason({ code, message, remedy }: StartError): SyncReason {
  return { code, text: message, remedy };
}

function otherTill(ticketTill: string, own: string): SyncReason {
  return {
    code: 'ticket-other-till',
    text: text(
      `凭条是给收银台 ${ticketTill} 的，本机是 ${own}`,
      `The ticket is for till ${ticketTill}, and this is till ${own}`,
    ),
    remedy: text(`请信息部门为 ${own} 开一张新凭条`, `Ask IT for a fresh ticket for till ${own}`),
  };
}

/** The same key again after a lost answer, so that the code need not be a fresh one. */
function pendingKey(store: Store): string {
  const kept = store.meta.get(PENDING_KEY);
  if (kept !== undefined && kept !== '') return kept;
  const pem = makeTillKey(systemRandom).export({ type: 'pkcs8', format: 'pem' }).toString();
  store.meta.set(PENDING_KEY, pem);
  return pem;
}
