import type { LocalText } from './text.ts';

/**
 * How deep a check goes, as in UnifiedPOS CheckHealth: `internal` looks at the handle,
 * `external` asks the device, `interactive` needs a person.
 */
export const healthLevels = ['internal', 'external', 'interactive'] as const;
export type HealthLevel = (typeof healthLevels)[number];

export type HealthCheck = { readonly check: string; readonly ok: boolean; readonly detail: string };

export type HealthReport = {
  readonly level: HealthLevel;
  /** `waiting` asks a person for something; a later report ends it. */
  readonly outcome: 'passed' | 'failed' | 'waiting';
  readonly checks: readonly HealthCheck[];
  readonly text: LocalText;
  /** Of `interactive`, once it waits: the text of the code that has to be scanned. */
  readonly challenge?: string;
};
