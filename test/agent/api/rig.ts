import type { AccessLine } from '../../../agent/api/api-log.ts';
import { type Api, createApi } from '../../../agent/api/create-api.ts';
import { API_LIMITS, type ApiLimits } from '../../../agent/api/limits.ts';
import { type HttpOptions, serveHttp } from '../../../agent/api/serve-http.ts';
import type { Till } from '../../../agent/app/till.ts';
import { createFakeTill, type FakeTill } from './fake-till.ts';

export interface ApiRig<T extends Till> {
  readonly till: T;
  readonly api: Api;
  readonly address: string;
  readonly port: number;
  readonly access: AccessLine[];
  readonly problems: { procedure: string; error: string; frames: readonly string[] }[];
  close(): Promise<void>;
}

/** Serves a till over HTTP and WebSocket at a free port, its log kept for the test. */
export async function serveTill<T extends Till>(
  till: T,
  {
    limits = {},
    http = {},
    monoMs = () => performance.now(),
  }: { limits?: Partial<ApiLimits>; http?: Partial<HttpOptions>; monoMs?: () => number } = {},
): Promise<ApiRig<T>> {
  const access: AccessLine[] = [];
  const problems: ApiRig<T>['problems'] = [];
  const api = createApi({
    till,
    monoMs,
    limits: { ...API_LIMITS, closeDeadlineMs: 200, ...limits },
    log: {
      access: (line) => void access.push(line),
      problem: (facts) => void problems.push(facts),
    },
  });
  const served = await serveHttp(api, { port: 0, ...http });
  if (!served.ok) throw new Error(served.error.message.en);
  const { address, port, close } = served.value;
  return { till, api, address, port, access, problems, close };
}

export function serveFakeTill(
  options?: Parameters<typeof serveTill>[1],
): Promise<ApiRig<FakeTill>> {
  return serveTill(createFakeTill(), options);
}
