/**
 * Runs as root inside the guest: plugs scanners into a real kernel, lets the product's driver process use them and
 * prints what it finds, one line each (see `../findings.ts`).
 */
import { findOutAboutAccess } from './access.ts';
import { findOutAboutClaims } from './claims.ts';
import { createStage } from './stage.ts';
import { findOutAboutUnplugs } from './unplugs.ts';
import { createUsbScanner } from './usb-scanner.ts';

const scanner = createUsbScanner({ vid: '05e0', pid: '1701', serial: 'SN0001' });
// Without rights first: the rule, once installed, stays.
await findOutAboutAccess(scanner);
const stage = createStage(scanner);
await findOutAboutClaims(stage);
await findOutAboutUnplugs(stage);
await stage.agent().stop();
// Descriptors of devices that are gone must not keep the guest waiting.
process.exit(0);
