import { z } from 'zod';
import { checkConfig } from '../check-config.ts';
import type { ConfigProblem } from '../contract/config-problem.ts';
import { codeDamages } from '../contract/device.ts';
import { err, type Result } from '../contract/result.ts';

export const MAX_SCENARIO_STEPS = 10_000;
/** Most bytes that one step sends. */
export const MAX_STEP_BYTES = 65_536;
/** Longest wait of one step: an hour. */
export const MAX_STEP_MS = 3_600_000;
export const DEFAULT_FAULT_MS = 1_000;

const afterMs = z.int().min(0).max(MAX_STEP_MS);

/**
 * A code as a person scans it: as the reader sends it, without its end where `end` is false, or
 * befallen by a `damage` on the way (see `codeDamages`).
 */
const textStep = z
  .strictObject({
    afterMs,
    text: z.string().max(MAX_STEP_BYTES),
    end: z.boolean().optional(),
    damage: z.enum(codeDamages).optional(),
  })
  .refine((step) => step.end === undefined || step.damage === undefined, {
    message: 'end and damage do not go together',
    path: ['damage'],
  });

/** Exactly these bytes. */
const bytesStep = z.strictObject({
  afterMs,
  bytes: z.array(z.int().min(0).max(255)).max(MAX_STEP_BYTES),
});

/** Exactly these bytes, two hex digits each. */
const hexStep = z.strictObject({
  afterMs,
  hex: z
    .string()
    .max(MAX_STEP_BYTES * 2)
    .regex(/^(?:[0-9A-Fa-f]{2})*$/, 'an even number of hex digits'),
});

/**
 * `unplug`: the device is away for `forMs`. `garbage`: line noise that ends by itself. `stall`: for
 * `forMs` the device answers no call and sends nothing. `stuck`: for `forMs` it sends data without
 * an end, as fast as it can.
 */
export const faultNames = ['unplug', 'garbage', 'stall', 'stuck'] as const;
export type FaultName = (typeof faultNames)[number];

const faultStep = z.strictObject({
  afterMs,
  fault: z.enum(faultNames),
  forMs: z.int().min(1).max(MAX_STEP_MS).optional(),
});

const stepKinds = { text: textStep, bytes: bytesStep, hex: hexStep, fault: faultStep } as const;

export type ScenarioStep =
  | z.infer<typeof textStep>
  | z.infer<typeof bytesStep>
  | z.infer<typeof hexStep>
  | z.infer<typeof faultStep>;

/** What a simulated scanner does, in order; `afterMs` counts from the end of the step before. */
export type Scenario = readonly ScenarioStep[];

const listSchema = z.array(z.looseObject({})).max(MAX_SCENARIO_STEPS);

const checkStep = (
  step: Readonly<Record<string, unknown>>,
  field: string,
): Result<ScenarioStep, readonly ConfigProblem[]> => {
  const kinds = Object.keys(stepKinds).filter((kind) => kind in step) as (keyof typeof stepKinds)[];
  const [kind] = kinds;
  if (kind !== undefined && kinds.length === 1)
    return checkConfig<ScenarioStep>(stepKinds[kind], step, field);
  return err([
    {
      field,
      code: kind === undefined ? 'missing' : 'wrong-value',
      text: {
        'zh-CN': '每一步必须且只能有 text、bytes、hex、fault 之一，请改正。',
        en: 'a step has exactly one of text, bytes, hex, fault; correct it',
      },
    },
  ]);
};

/** Reads a scenario: a JSON list of steps (see `scenarios/` for one). Every problem names its step and field. */
export const parseScenario = (input: unknown): Result<Scenario, readonly ConfigProblem[]> => {
  const list = checkConfig(listSchema, input, 'steps');
  if (!list.ok) return list;
  const steps: ScenarioStep[] = [];
  const problems: ConfigProblem[] = [];
  for (const [index, step] of list.value.entries()) {
    const checked = checkStep(step, `steps[${index}]`);
    if (checked.ok) steps.push(checked.value);
    else problems.push(...checked.error);
  }
  return problems.length === 0 ? { ok: true, value: steps } : err(problems);
};
