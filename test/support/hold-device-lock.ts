/** Holds the device lock named by its argument until it is killed. */
import process from 'node:process';
import { createSystemLocks } from '../../drivers/system-locks.ts';

const [key = ''] = process.argv.slice(2);
const taken = await createSystemLocks().take(key, 'held-by-child');
process.send?.(taken.ok);
setInterval(() => undefined, 60_000);
// A test that failed does not leave us behind.
process.on('disconnect', () => process.exit(0));
