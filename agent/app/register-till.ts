import {
  err,
  type Failure,
  failure,
  ok,
  type Result,
  type StaffId,
  type SyncReason,
  type TillRegistration,
  text,
} from '../contract/index.ts';
import type { TillContext } from './context.ts';

/**
 * Makes this till one of a headquarters by the text of a ticket, also where it was one before. Who did it is on the audit
 * log. What is wrong with the ticket, or what headquarters has against it, is an answer in words.
 * @param signedIn who stands at the screen; null = nobody, on a till without staff
 */
export function createRegisterTill(
  context: TillContext,
  signedIn: () => StaffId | null,
): (ticket: string) => Promise<Result<TillRegistration, Failure>> {
  const { deps, store, nowMs } = context;
  let underWay = false;

  async function register(ticket: string): Promise<TillRegistration> {
    const { registration } = deps;
    if (registration === undefined) return { registered: false, reason: ELSEWHERE };
    const read = readJson(ticket);
    if (!read.ok) return { registered: false, reason: NOT_A_TICKET };
    const staffId = signedIn();
    const registered = await registration.register(read.value);
    if (!registered.ok) return { registered: false, reason: registered.error };
    const { tillId, store: shop } = registered.value;
    const { storeId, name } = shop;
    const detail = { tillId, storeId };
    const noted = context.work(() =>
      store.audit.append({ atMs: nowMs(), staffId, action: 'till-registered', detail }),
    );
    // Registered it is; a disk that cannot note who did it stops nothing.
    if (!noted.ok) deps.log('error', 'a registration was not noted', { code: noted.error.code });
    registration.restart();
    return { registered: true, tillId, storeId, storeName: name };
  }

  return async (ticket) => {
    if (underWay) return err(failure('busy'));
    underWay = true;
    try {
      return ok(await register(ticket));
    } finally {
      underWay = false;
    }
  };
}

function readJson(content: string): Result<unknown, 'not-json'> {
  try {
    return ok(JSON.parse(content));
  } catch {
    // Whatever the parser says helps nobody who holds a ticket.
    return err('not-json');
  }
}

const NOT_A_TICKET: SyncReason = {
  code: 'ticket-invalid',
  text: text('这不是注册凭条，或没有复制完整', 'This is no registration ticket, or not all of it'),
  remedy: text(
    '选择总部给出的凭条文件，或粘贴它的全部内容',
    'Choose the ticket file that headquarters gave, or paste all of its text',
  ),
};

const ELSEWHERE: SyncReason = {
  code: 'registration-elsewhere',
  text: text('此程序不能在屏幕上注册', 'This program cannot be registered at its screen'),
  remedy: text('运行：till register 凭条文件', 'Run: till register TICKET'),
};
