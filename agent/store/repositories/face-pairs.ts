import type { TemplateId } from '../../contract/index.ts';
import type { Connection } from '../sqlite/connection.ts';

/** Pairs that a till keeps at most, five years of thirty a day; the oldest give way. */
export const FACE_PAIRS_MAX = 50_000;
/** Times are kept to the hour, in milliseconds. */
const HOUR_MS = 3_600_000;

/** What one face session was worth, as another proof showed. Distances in the metric of the model. */
export interface FacePair {
  readonly modelId: string;
  readonly modelVersion: string;
  /** The hour in which it was noted. */
  readonly atMs: number;
  /** To the template of the member who was confirmed. */
  readonly own: number;
  /** To somebody else's template; null = nobody else was enrolled. */
  readonly other: number | null;
}

/** Distances of confirmed members; they go with the template that was compared. */
export interface FacePairsRepository {
  /** Nothing where the template is not there any more. */
  add(templateId: TemplateId, pair: FacePair): void;
  /** In the order in which they were noted, from behind number `after`. */
  after(after: number, limit: number): (FacePair & { readonly no: number })[];
  /** Of one template. */
  countOf(templateId: TemplateId): number;
  /** Removes pairs of hours before `ms` and answers how many. */
  pruneBefore(ms: number): number;
}

export function createFacePairs(connection: Connection): FacePairsRepository {
  const add = connection.statement(`
    INSERT INTO face_pairs (template_id, model_id, model_version, hour_ms, own, other)
    SELECT template_id, ?, ?, ?, ?, ? FROM faces WHERE template_id = ?`);
  const crowd = connection.statement(
    'DELETE FROM face_pairs WHERE pair_no <= (SELECT max(pair_no) FROM face_pairs) - ?',
  );
  const after = connection.statement<FacePair & { no: number }>(`
    SELECT pair_no AS no, model_id AS modelId, model_version AS modelVersion, hour_ms AS atMs, own, other
    FROM face_pairs WHERE pair_no > ? ORDER BY pair_no LIMIT ?`);
  const countOf = connection.statement<{ n: number }>(
    'SELECT count(*) AS n FROM face_pairs WHERE template_id = ?',
  );
  const prune = connection.statement('DELETE FROM face_pairs WHERE hour_ms < ?');

  return {
    add: (templateId, { modelId, modelVersion, atMs, own, other }) =>
      connection.together(() => {
        const hourMs = atMs - (atMs % HOUR_MS);
        add.run(modelId, modelVersion, hourMs, own, other, templateId);
        crowd.run(FACE_PAIRS_MAX);
      }),
    after: (from, limit) => after.all(from, limit),
    countOf: (templateId) => countOf.get(templateId)?.n ?? 0,
    pruneBefore: (ms) => prune.run(ms),
  };
}
