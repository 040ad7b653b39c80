import type {
  EntryReply,
  EvaluateReply,
  HoldReply,
  Identification,
} from '../../agent/contract/index.ts';
import { askAgent } from '../../agent/main/admin-channel.ts';

/** An answer of the POS API, as a POS program sees it. */
export interface PosAnswer<T> {
  readonly status: number;
  readonly body: T;
}

/** A POS program that uses nothing but the public API. */
export interface Pos {
  readonly token: string;
  call<T>(
    method: string,
    path: string,
    body?: unknown,
    headers?: Record<string, string>,
  ): Promise<PosAnswer<T>>;
  identify(text: string): Promise<PosAnswer<Identification>>;
  evaluate(basketId: string, basket: object): Promise<PosAnswer<EvaluateReply>>;
  hold(evaluation: EvaluateReply): Promise<PosAnswer<HoldReply>>;
  commit(
    evaluation: EvaluateReply,
    key: string,
    referenceId: string,
  ): Promise<PosAnswer<EntryReply>>;
  /** The same POS at another address, as after a restart of the till. */
  at(address: string): Pos;
}

/** A POS with a token at an address. */
export function posAt(address: string, token: string): Pos {
  const call: Pos['call'] = async (method, path, body, headers = {}) => {
    const answer = await fetch(`${address}/v1${path}`, {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return { status: answer.status, body: (await answer.json()) as never };
  };
  return {
    token,
    call,
    identify: (text) => call('POST', '/identifications', { text }),
    evaluate: (basketId, basket) => call('POST', `/baskets/${basketId}/evaluate`, basket),
    hold: ({ evaluationId, basketHash }) =>
      call('POST', `/evaluations/${evaluationId}/hold`, { basketHash }),
    commit: ({ evaluationId, basketHash, evaluation }, key, referenceId) =>
      call(
        'POST',
        `/evaluations/${evaluationId}/commit`,
        { basketHash, referenceId, payment: { paidMinor: evaluation.payableMinor } },
        { 'idempotency-key': key },
      ),
    at: (other) => posAt(other, token),
  };
}

/** Pairs a POS the way a store does: a manager opens pairing, the POS sends the six digits. */
export async function pairPos(
  till: { address: string; dataDir: string },
  manager: { staffId: string; pin: string },
): Promise<Pos> {
  const opened = await askAgent(till.dataDir, {
    command: 'pair',
    managerId: manager.staffId,
    pin: manager.pin,
  });
  if (!opened.ok) throw new Error(`pairing was not opened: ${opened.error.message}`);
  const { code } = opened.value as { code: string };
  const answer = await fetch(`${till.address}/v1/pairings`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ code, name: 'test POS' }),
  });
  const { token } = (await answer.json()) as { token: string };
  return posAt(till.address, token);
}
