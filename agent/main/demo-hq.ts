/**
 * Headquarters of the demo: `till hq` with the arguments given, which ends when the program that started it is gone,
 * however that ended.
 */
process.once('disconnect', () => process.kill(process.pid, 'SIGTERM'));
// Listening for that must not keep headquarters from ending once it has closed everything.
process.channel?.unref();
await import('../../sync/hq/main.ts');
