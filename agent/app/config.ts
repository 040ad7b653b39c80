import { defaultCodeRouteConfig } from '../domain/identify/route-config.ts';
import type { TillConfig } from './deps.ts';

const MINUTE_MS = 60_000;

/** What a till does where its installation says nothing else. */
export const defaultTillConfig: TillConfig = {
  idleLockMs: 5 * MINUTE_MS,
  identificationTtlMs: 2 * MINUTE_MS,
  parkedTtlMs: 240 * MINUTE_MS,
  evaluationTtlMs: 10 * MINUTE_MS,
  holdDeadlineMs: 10 * MINUTE_MS,
  codes: defaultCodeRouteConfig,
};
