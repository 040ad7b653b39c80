import { useState } from 'react';
import type {
  DeviceBinding,
  DeviceCheckLevel,
  DeviceRole,
  FoundDeviceView,
} from '../../../agent/contract/index.ts';
import { useTill } from '../cashier/till-context.ts';
import type { Problem } from '../kit/problem.ts';
import { type Task, useTask } from '../kit/use-task.ts';

/** What was changed last, so that it can be said and taken back. */
export type Done =
  | {
      readonly kind: 'bound';
      readonly role: DeviceRole;
      readonly found: FoundDeviceView;
      readonly boundAt: DeviceBinding['boundAt'];
    }
  | { readonly kind: 'unbound' | 'undone'; readonly role: DeviceRole };

/** What whoever keeps the till can do here. */
export interface DeviceCare {
  readonly busy: boolean;
  readonly problem: Problem | null;
  readonly done: Done | null;
  readonly bind: (role: DeviceRole, found: FoundDeviceView) => void;
  readonly unbind: (role: DeviceRole) => void;
  /** Takes the last change back. */
  readonly undo: () => void;
  readonly check: Task<{ readonly deviceId: string; readonly level: DeviceCheckLevel }>;
  readonly plug: (deviceId: string, plugged: boolean) => void;
}

/** @param after called when something was done, to read the devices again */
export function useDeviceCare(after: () => void): DeviceCare {
  const { devices } = useTill().link.client.screen;
  const [done, setDone] = useState<Done | null>(null);
  const act = useTask(async (run: () => Promise<Done | null>) => {
    setDone(null);
    try {
      setDone(await run());
    } finally {
      after();
    }
  });
  const check = useTask(
    async (asked: { readonly deviceId: string; readonly level: DeviceCheckLevel }) => {
      await devices.check(asked);
      after();
    },
  );
  return {
    busy: act.busy,
    problem: act.problem ?? check.problem,
    done,
    bind: (role, found) =>
      void act.run(async () => {
        const { boundAt } = await devices.bindRole({ role, foundId: found.foundId });
        return { kind: 'bound', role, found, boundAt };
      }),
    unbind: (role) =>
      void act.run(async () => {
        await devices.unbindRole({ role });
        return { kind: 'unbound', role };
      }),
    undo() {
      if (done === null || done.kind === 'undone') return;
      const { role } = done;
      void act.run(async () => {
        await devices.undoBinding({ role, seen: done.kind === 'bound' ? done.boundAt : null });
        return { kind: 'undone', role };
      });
    },
    check,
    plug: (deviceId, plugged) =>
      void act.run(async () => {
        await devices.plug({ deviceId, plugged });
        return null;
      }),
  };
}
