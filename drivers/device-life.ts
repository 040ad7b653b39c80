import { type DriverEnv, momentOf } from './contract/env.ts';
import type { DriverSink } from './contract/event.ts';
import { type DeviceSignal, type DeviceState, nextDeviceState } from './contract/state.ts';
import { type StateAdvice, stateAdvice } from './contract/state-advice.ts';
import type { StatisticsTracker } from './contract/statistics.ts';

export type DeviceLife = {
  state(): DeviceState;
  /**
   * Applies what happened; emits one `state` event when that changed anything. `advice` says what
   * helps where more is known than the state alone says.
   */
  signal(cause: DeviceSignal, detail?: string, advice?: StateAdvice): void;
};

/** The state of one device, kept by the table and told to the sink with what a person can do. */
export const createDeviceLife = (
  deviceId: string,
  env: DriverEnv,
  statistics: StatisticsTracker,
  emit: DriverSink,
): DeviceLife => {
  let state: DeviceState = 'absent';
  return {
    state: () => state,
    signal(cause, detail, advice) {
      const from = state;
      const to = nextDeviceState(from, cause);
      if (to === from) return;
      state = to;
      const at = momentOf(env);
      statistics.entered(to, at.monoMs);
      emit({
        type: 'state',
        deviceId,
        from,
        to,
        cause,
        ...(detail === undefined ? {} : { detail }),
        at,
        ...(advice ?? stateAdvice[to]),
      });
    },
  };
};
