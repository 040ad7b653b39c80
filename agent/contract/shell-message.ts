import { z } from 'zod';
import { textSchema } from './text.ts';

/**
 * What the desktop shell and the agent's process say to each other over the parent port. The shell starts processes and
 * holds the system's key store; it knows nothing of members, sales or files of the till.
 */

/** Longest secret or sealed secret that crosses the port, in characters: a key is 64. */
export const SECRET_MAX_CHARS = 8_192;

const count = z.int().min(0);
const path = z.string().min(1).max(4_096);
const secret = z.string().max(SECRET_MAX_CHARS);

/** Whether the system keeps secrets well here: by which store, or why not. */
export const sealingSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('system-store'), backend: z.string().max(64) }),
  z.strictObject({ kind: z.literal('none'), reason: textSchema }),
]);
export type Sealing = z.infer<typeof sealingSchema>;

/** Why something was refused, for people. */
export const shellProblemSchema = z.strictObject({
  code: z.string().max(64),
  message: textSchema,
  remedy: textSchema,
  detail: z.string().max(4_096).optional(),
});
export type ShellProblem = z.infer<typeof shellProblemSchema>;

const answer = z.discriminatedUnion('ok', [
  z.strictObject({ ok: z.literal(true), value: secret }),
  z.strictObject({ ok: z.literal(false), detail: z.string().max(1_024) }),
]);

export const shellToAgentSchema = z.discriminatedUnion('type', [
  /** First message: what the till is. */
  z.strictObject({
    type: z.literal('start'),
    dataDir: path,
    configFile: path.optional(),
    keyFile: path.optional(),
    version: z.string().max(64),
    logLevel: z.enum(['error', 'warn', 'info', 'debug']),
    sealing: sealingSchema,
  }),
  /** Carries one port: a screen of the till is at its other end, or the page at the camera, which may do nothing else. */
  z.strictObject({
    type: z.literal('screen-port'),
    portId: count,
    /** Absent = a screen. */
    page: z.enum(['screen', 'capture']).optional(),
  }),
  z.strictObject({ type: z.literal('close-screen-port'), portId: count }),
  /** Carries one port: the sibling process that was asked for is at its other end. */
  z.strictObject({ type: z.literal('process-port'), processId: count, pid: count.optional() }),
  z.strictObject({
    type: z.literal('process-ended'),
    processId: count,
    exitCode: z.int().nullable(),
  }),
  z.strictObject({ type: z.literal('sealing-answer'), requestId: count, answer }),
  z.strictObject({
    type: z.literal('leave-kiosk'),
    requestId: count,
    managerId: z.string().max(64),
    pin: z.string().max(8),
  }),
  /** The computer is about to sleep, or has woken: devices are let go before and opened afresh after it. */
  z.strictObject({ type: z.literal('power'), asleep: z.boolean() }),
  /** Also the answer to `refused` and `restart`, which are an agent's last words. */
  z.strictObject({ type: z.literal('stop') }),
]);
export type ShellToAgent = z.infer<typeof shellToAgentSchema>;

export const agentToShellSchema = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('open'),
    address: z.string().max(256),
    /** Where the store's face model pack lies: its pages read it from the shell. */
    facePackFolder: path.optional(),
  }),
  /** The till does not start, and starting again would not help. */
  z.strictObject({ type: z.literal('refused'), problem: shellProblemSchema }),
  /** The till is closed and has to start again. */
  z.strictObject({ type: z.literal('restart') }),
  z.strictObject({ type: z.literal('screen-port-closed'), portId: count }),
  z.strictObject({ type: z.literal('spawn'), role: z.literal('drivers'), processId: count }),
  z.strictObject({ type: z.literal('kill'), processId: count }),
  z.strictObject({ type: z.literal('seal'), requestId: count, text: secret }),
  z.strictObject({ type: z.literal('unseal'), requestId: count, sealed: secret }),
  z.strictObject({
    type: z.literal('kiosk-answer'),
    requestId: count,
    /** Absent = the window may leave kiosk. */
    refusal: textSchema.optional(),
  }),
]);
export type AgentToShell = z.infer<typeof agentToShellSchema>;
