import { z } from 'zod';
import { type Text, text } from '../../agent/contract/text.ts';
import { SHELL_ORIGIN } from './addresses.ts';
import type { PortRequest } from './port-broker.ts';
import type { ShellLog } from './shell-log.ts';

/** What the shell's own pages may ask for; nothing else passes. */
const actionSchema = z.discriminatedUnion('action', [
  z.strictObject({ action: z.literal('retry') }),
  z.strictObject({ action: z.literal('leave-stopped') }),
  z.strictObject({
    action: z.literal('leave-kiosk'),
    managerId: z.string().min(1).max(64),
    pin: z.string().min(1).max(8),
  }),
]);

export interface ShellActions {
  /** `webContents.id` of the windows that may show a page of the shell. */
  readonly windowIds: () => readonly (number | undefined)[];
  readonly retry: () => void;
  readonly leaveKiosk: (managerId: string, pin: string) => Promise<Text | undefined>;
  /** Why the window may not be left without a PIN; undefined = it was left. */
  readonly leaveStopped: () => Text | undefined;
  readonly log: ShellLog;
}

/** The one door for what a page asks of the main process, besides its port. The value says why not. */
export function createShellActions({
  windowIds,
  retry,
  leaveKiosk,
  leaveStopped,
  log,
}: ShellActions): (from: PortRequest, asked: unknown) => Promise<{ refusal?: Text }> {
  return async ({ sender, senderFrame }, asked) => {
    const ours =
      windowIds().includes(sender.id) &&
      senderFrame !== null &&
      senderFrame.parent === null &&
      senderFrame.origin === SHELL_ORIGIN;
    const action = actionSchema.safeParse(asked);
    if (!ours || !action.success) {
      log('warn', 'an action was refused', { ours });
      return { refusal: text('此操作不可用', 'This cannot be done here') };
    }
    if (action.data.action === 'retry') {
      retry();
      return {};
    }
    const refusal =
      action.data.action === 'leave-stopped'
        ? leaveStopped()
        : await leaveKiosk(action.data.managerId, action.data.pin);
    return refusal === undefined ? {} : { refusal };
  };
}
