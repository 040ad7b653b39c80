import { type FSWatcher, watch } from 'node:fs';
import process from 'node:process';
import type { DriverEnv } from './contract/env.ts';

/** Device nodes of Linux; each plug and pull shows here. */
const NODES = '/dev';

/**
 * News of plugs and pulls, for as long as anybody listens. On Linux from the folder of the device
 * nodes; elsewhere there is none, and the drivers find out by looking.
 */
export const createDeviceNews = (
  log: DriverEnv['log'],
  platform: string = process.platform,
  nodes: string = NODES,
): DriverEnv['onDeviceNews'] => {
  const listeners = new Set<{ readonly run: () => void }>();
  let watcher: FSWatcher | null = null;

  const open = (): FSWatcher | null => {
    if (platform !== 'linux') return null;
    try {
      const opened = watch(nodes, { persistent: false }, () => {
        for (const { run } of listeners) run();
      });
      opened.on('error', (error) => log('warn', 'device news ended', { detail: error.message }));
      return opened;
    } catch (error) {
      // The system has a limit of watches; the drivers then look once a second as elsewhere.
      log('warn', 'no device news', { detail: String(error) });
      return null;
    }
  };

  return (run) => {
    const listener = { run };
    listeners.add(listener);
    watcher ??= open();
    return () => {
      listeners.delete(listener);
      if (listeners.size > 0) return;
      watcher?.close();
      watcher = null;
    };
  };
};
