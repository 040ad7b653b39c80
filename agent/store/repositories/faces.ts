import type {
  FaceConsent,
  FaceEnrolment,
  FaceTemplate,
  FaceWithdrawal,
  MemberId,
  TemplateId,
} from '../../contract/index.ts';
import type { Connection } from '../sqlite/connection.ts';
import type { FaceRow, FacesRepository } from '../store.ts';

interface Row {
  readonly body: string;
  readonly consent: string | null;
  readonly seen_on: string | null;
}

const COLUMNS = 'body, consent, seen_on';

/** Sealed templates and what the outbox says of them. */
export function createFaces(connection: Connection): FacesRepository {
  const find = connection.statement<Row>(`SELECT ${COLUMNS} FROM faces WHERE template_id = ?`);
  const ofMember = connection.statement<Row>(
    `SELECT ${COLUMNS} FROM faces WHERE member_id = ? ORDER BY at_ms, template_id`,
  );
  const after = connection.statement<Row>(
    `SELECT ${COLUMNS} FROM faces WHERE template_id > ? ORDER BY template_id LIMIT ?`,
  );
  const ids = connection.statement<{ id: TemplateId }>(
    'SELECT template_id AS id FROM faces ORDER BY template_id',
  );
  // By the index alone: bodies are a kilobyte each.
  const at = connection.statement<{ id: MemberId }>(
    'SELECT member_id AS id FROM faces ORDER BY member_id, at_ms LIMIT 1 OFFSET ?',
  );
  const merged = connection.statement<{ id: MemberId }>(`
    SELECT DISTINCT f.member_id AS id FROM faces f JOIN members m ON m.member_id = f.member_id
    WHERE m.body ->> '$.status' = 'merged' ORDER BY f.member_id`);
  const put = connection.statement(
    'INSERT INTO faces VALUES (?, ?, ?, ?, ?, NULL) ON CONFLICT DO NOTHING',
  );
  const remove = connection.statement('DELETE FROM faces WHERE template_id = ?');
  const seen = connection.statement(
    `UPDATE faces SET seen_on = ? WHERE template_id = ? AND coalesce(seen_on, '') < ?`,
  );
  const count = connection.statement<{ n: number }>('SELECT count(*) AS n FROM faces');
  const queued = connection.statement<{ kind: string; body: string | null }>(`
    SELECT kind, body FROM outbox WHERE kind IN ('face-enrolment', 'face-withdrawal') ORDER BY no`);

  const endsFirst = connection.statement<{ body: string }>(`
    SELECT body FROM outbox WHERE no > (SELECT received_no FROM sync_state) AND body IS NOT NULL
      AND kind = 'face-withdrawal' AND kind IN ('face-enrolment', 'face-withdrawal') ORDER BY no LIMIT ?`);
  const endsOf = connection.statement<{ body: string; waiting: number }>(`
    SELECT body, no > (SELECT received_no FROM sync_state) AS waiting FROM outbox
    WHERE kind = 'face-withdrawal' AND kind IN ('face-enrolment', 'face-withdrawal')
      AND body ->> '$.memberId' = ? ORDER BY no`);
  const endsWaiting = connection.statement<{ n: number }>(`
    SELECT count(*) AS n FROM outbox WHERE no > (SELECT received_no FROM sync_state)
      AND kind = 'face-withdrawal' AND kind IN ('face-enrolment', 'face-withdrawal')`);

  // Both conditions on the kind, since SQLite takes the partial index only for the very words of its own.
  const queuedOne = connection.statement<{ body: string }>(`
    SELECT body FROM outbox WHERE kind = 'face-enrolment' AND kind IN ('face-enrolment', 'face-withdrawal')
      AND body ->> '$.template.templateId' = ? ORDER BY no LIMIT 1`);

  return {
    find(id) {
      const row = find.get(id);
      return row && toFaceRow(row);
    },
    ofMember: (id) => ofMember.all(id).map(toFaceRow),
    after: (from, limit) => after.all(from, limit).map(toFaceRow),
    ids: () => ids.all().map(({ id }) => id),
    memberAt: (place) => at.get(place)?.id,
    mergedMembers: () => merged.all().map(({ id }) => id),
    put(template, consent) {
      const { templateId, memberId, at } = template;
      const kept = consent === null ? null : JSON.stringify(consent);
      put.run(templateId, memberId, Date.parse(at), JSON.stringify(template), kept);
    },
    remove: (id) => remove.run(id) > 0,
    seen: (id, day) => void seen.run(day, id, day),
    count: () => count.get()?.n ?? 0,
    queuedEnrolment(id) {
      const row = queuedOne.get(id);
      return row && (JSON.parse(row.body) as FaceEnrolment);
    },
    endsWaitingFirst: (limit) =>
      endsFirst.all(limit).map(({ body }) => JSON.parse(body) as FaceWithdrawal),
    endsOf: (id) =>
      endsOf.all(id).map(({ body, waiting }) => ({
        withdrawal: JSON.parse(body) as FaceWithdrawal,
        isWaiting: waiting === 1,
      })),
    endsWaiting: () => endsWaiting.get()?.n ?? 0,
    queued() {
      const enrolled = new Set<TemplateId>();
      const ended = new Map<TemplateId, FaceWithdrawal>();
      for (const { kind, body } of queued.all()) {
        const said = JSON.parse(body ?? 'null') as FaceEnrolment | FaceWithdrawal | null;
        if (said === null) continue;
        if (kind === 'face-enrolment') enrolled.add((said as FaceEnrolment).template.templateId);
        else
          for (const id of (said as FaceWithdrawal).templateIds)
            if (!ended.has(id)) ended.set(id, said as FaceWithdrawal);
      }
      return { enrolled, ended };
    },
  };
}

function toFaceRow({ body, consent, seen_on }: Row): FaceRow {
  return {
    template: JSON.parse(body) as FaceTemplate,
    consent: consent === null ? null : (JSON.parse(consent) as FaceConsent),
    seenOn: seen_on,
  };
}
