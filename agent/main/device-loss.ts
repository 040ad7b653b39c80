import type { Moment } from '../../drivers/contract/env.ts';
import type { StateEvent } from '../../drivers/contract/event.ts';
import type { DeviceState } from '../../drivers/contract/state.ts';
import { type StateAdvice, stateAdvice } from '../../drivers/contract/state-advice.ts';
import { text } from '../contract/index.ts';

/** Why a device is out of reach without its driver saying so. */
export type Loss = 'process-ended' | 'process-hung' | 'hangs-always';

interface Said extends StateAdvice {
  /** In English, for IT. */
  readonly detail: string;
}

const said: Readonly<Record<Loss, Said>> = {
  'process-ended': {
    detail: 'the driver process ended',
    hint: text(
      '设备程序意外停止，正在重新启动',
      'The device program stopped; it is being started again',
    ),
    remedy: stateAdvice.claiming.remedy,
  },
  'process-hung': {
    detail: 'a call to a device did not return; the driver process was ended',
    hint: text(
      '有设备停止响应，正在重新启动设备程序',
      'A device stopped answering; the device program is being started again',
    ),
    remedy: stateAdvice.claiming.remedy,
  },
  'hangs-always': {
    detail: 'calls to the device do not return, whenever the driver process is started',
    hint: text(
      '设备多次停止响应；为使其他设备继续工作，不再为它重新启动设备程序。',
      'The device stopped answering several times. So that the others go on working, the device program is not started again for it.',
    ),
    remedy: {
      code: 'check-cable',
      text: text(
        '请拔下数据线，等几秒后重新插上；若仍不恢复，请重新启动电脑或更换设备。',
        'Unplug its cable, wait a few seconds and plug it in again. If it does not come back, restart the computer or change the device.',
      ),
    },
  },
};

/** The state event of a device that is out of reach, as its driver would have sent it. */
export function lossEvent(deviceId: string, from: DeviceState, at: Moment, loss: Loss): StateEvent {
  return { type: 'state', deviceId, from, to: 'faulted', cause: 'io-failed', at, ...said[loss] };
}
