import type { DriverEvent } from '../../drivers/contract/event.ts';
import { runDriverHost } from '../../drivers/host.ts';
import { connectDriverHost } from '../../drivers/host-client.ts';
import { createManualEnv } from './manual-env.ts';
import { createPortPair } from './port-pair.ts';

/** A driver host in this process behind a message port, on a manual clock. */
export const startHost = async () => {
  const [hostEnd, agentEnd] = createPortPair();
  const env = createManualEnv();
  const events: DriverEvent[] = [];
  const client = connectDriverHost(agentEnd, (event) => events.push(event));
  const host = runDriverHost(hostEnd, env);
  await client.up;
  return { env, events, client, host, agentEnd };
};
