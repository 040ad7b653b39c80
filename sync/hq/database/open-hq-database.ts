import { ok, type Result } from '../../../agent/contract/result.ts';
import type { HqLog } from '../deps.ts';
import type { HqDatabase } from './database.ts';
import { startEmbeddedPostgres } from './embedded/start-embedded-postgres.ts';
import type { HqOpenProblem } from './hq-open-problem.ts';
import { openPglite } from './open-pglite.ts';
import { openPostgres } from './open-postgres.ts';

/** Where HQ keeps its data. */
export type HqDatabaseConfig =
  /** PGlite in this process: for trying out, see `PGLITE_WARNING`. */
  | { readonly kind: 'pglite'; readonly folder: string | 'memory' }
  /** A PostgreSQL server of our own. */
  | { readonly kind: 'embedded'; readonly folder: string; readonly port?: number }
  /** A given PostgreSQL server. */
  | { readonly kind: 'server'; readonly url: string };

/** Opens the database that `config` names. `close()` also ends an embedded server and gives its folder free. */
export async function openHqDatabase(
  config: HqDatabaseConfig,
  { log }: { readonly log: HqLog },
): Promise<Result<HqDatabase, HqOpenProblem>> {
  switch (config.kind) {
    case 'pglite':
      return openPglite(config.folder, { log });
    case 'server':
      return openPostgres(config.url, { log });
    case 'embedded': {
      const server = await startEmbeddedPostgres({ ...config, log });
      if (!server.ok) return server;
      const opened = await openPostgres(server.value.url, { log });
      if (!opened.ok) {
        await server.value.stop();
        return opened;
      }
      const close = () => opened.value.close().finally(() => server.value.stop());
      return ok({ ...opened.value, close });
    }
  }
}
