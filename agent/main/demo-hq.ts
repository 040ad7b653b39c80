/**
 * Headquarters of the demo: `till hq` with the arguments given, which ends when the program that started it is gone,
 * however that ended.
 */
process.once('disconnect', () => process.kill(process.pid, 'SIGTERM'));
await import('../../sync/hq/main.ts');
