import type { ListedWay, Unlisted } from './contract/found-device.ts';
import type { StateAdvice } from './contract/state-advice.ts';
import type { LocalText } from './contract/text.ts';
import { missingLibrary } from './scanner/hid-refusal.ts';

const hints: Readonly<Record<ListedWay, LocalText>> = {
  serial: {
    'zh-CN': '无法列出串口，已插好的串口扫码枪可能不在列表中。',
    en: 'Serial ports could not be listed, so one that is plugged in may be missing from the list.',
  },
  hid: {
    'zh-CN': '无法列出 USB HID 设备，已插好的扫码枪可能不在列表中。',
    en: 'USB HID devices could not be listed, so a scanner that is plugged in may be missing from the list.',
  },
};

const lookAgain: StateAdvice['remedy'] = {
  code: 'wait',
  text: {
    'zh-CN': '请稍候再重新查找。若仍然如此，请重启电脑，或把系统提示交给信息人员。',
    en: 'Look again in a moment. If it stays so, restart the computer, or show IT what the system says.',
  },
};

const grantAccess: StateAdvice['remedy'] = {
  code: 'grant-access',
  text: {
    'zh-CN': '请信息人员允许运行本程序的账户（或容器）读取 /sys 和 /dev，然后重新查找。',
    en: 'Ask IT to let the account (or container) that runs this program read /sys and /dev, then look again.',
  },
};

const noAccess = /EACCES|EPERM|permission denied|operation not permitted/i;

/** A kind of devices that could not be listed, with what helps; `detail` is what the system said. */
export const unlistedOf = (way: ListedWay, detail: string): Unlisted => {
  const known = way === 'hid' ? missingLibrary(detail)?.advice : undefined;
  const remedy = noAccess.test(detail) ? grantAccess : lookAgain;
  return { way, detail, ...(known ?? { hint: hints[way], remedy }) };
};
