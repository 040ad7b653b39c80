import { basename } from 'node:path';
import { type GuestAgent, startAgent } from './agent.ts';
import { find, same } from './report.ts';
import { definitionOf, definitionsOf } from './stage.ts';
import { CASHIER_ACCOUNT, installRule, RULE_FILE, SERVICE_ACCOUNT, seatCashier } from './udev.ts';
import { plugLooseHid } from './uhid-device.ts';
import { until } from './until.ts';
import { type UsbScanner, ways } from './usb-scanner.ts';

/** A vendor id that no table of scanners knows. */
const UNKNOWN_MAKER = { vid: '1209', pid: '0001', serial: 'ANY-1' } as const;

/** Who may use a scanner, before the packaged udev rule is installed and after. */
export async function findOutAboutAccess(scanner: UsbScanner): Promise<void> {
  seatCashier();
  await scanner.plug();
  let cashier: GuestAgent | undefined;

  await find(
    'an agent without rights sees `denied` on a serial and an HID scanner, and the remedy names the udev rule (No permission)',
    async () => {
      cashier = await startAgent(definitionsOf(scanner), CASHIER_ACCOUNT);
      for (const way of ways) {
        await cashier.reaches(way, 'denied');
        const remedy = cashier.lastChange(way)?.remedy;
        for (const text of [remedy?.text.en, remedy?.text['zh-CN'], remedy?.command])
          if (!text?.includes(basename(RULE_FILE))) throw new Error(`${way}: ${text}`);
      }
      return ways.map((way) => cashier?.lastChange(way)?.detail).join(', ');
    },
  );

  await find(
    'the packaged udev rule gives the person signed in at the till both scanners, without a restart of the agent',
    async () => {
      if (cashier === undefined) throw new Error('there is no agent: an earlier step failed');
      installRule();
      for (const way of ways) {
        await cashier.reaches(way, 'ready');
        await scanner.send(way, 'ALLOWED');
        await until(`${way} read`, () => cashier?.texts(way).length === 1);
      }
      same('process', cashier.isAlive(), true);
      return `user ${CASHIER_ACCOUNT.uid}, no group`;
    },
  );
  await cashier?.stop();
  await scanner.unplug();

  await find(
    'the packaged udev rule gives an HID scanner of any maker to the group of a till that runs as a service, and no keyboard to anybody',
    async () => {
      const loose = await plugLooseHid(UNKNOWN_MAKER);
      const keyboard = await plugLooseHid({ ...UNKNOWN_MAKER, serial: 'KEYS-1' }, 'keyboard');
      await until('the rights of its group', () => loose.rights() === '20 660');
      same('rights of the keyboard', keyboard.rights(), '0 600');
      const agent = await startAgent([definitionOf('hid', 'hid', UNKNOWN_MAKER)], SERVICE_ACCOUNT);
      await agent.reaches('hid', 'ready');
      loose.send('OF-ANY-MAKER');
      await until('it is read', () => agent.texts('hid').includes('OF-ANY-MAKER'));
      await agent.stop();
      keyboard.unplug();
      loose.unplug();
      return `${loose.node} ${UNKNOWN_MAKER.vid}:${UNKNOWN_MAKER.pid}`;
    },
  );
}
