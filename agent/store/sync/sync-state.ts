import type { Registration } from '../../../sync/client/ports.ts';
import type { Cursor } from '../../../sync/protocol/feed.ts';
import { assert } from '../../contract/index.ts';
import type { Connection } from '../sqlite/connection.ts';

interface Row {
  readonly registration: string | null;
  readonly timeline: string | null;
  readonly pos: number | null;
  readonly chain: string | null;
  readonly proof: string | null;
  readonly staged_proof: string | null;
  readonly received_no: number;
  readonly received_seq: number;
  readonly backed_up_seq: number;
}

/** What headquarters holds of this till, as far as the till was told. */
export interface Received {
  readonly seq: number;
  readonly outboxNo: number;
  readonly backedUpSeq: number;
}

/** The one row that says where the till stands with headquarters. */
export interface SyncState {
  registration(): Registration | undefined;
  setRegistration(registration: Registration): void;
  cursor(): Cursor | undefined;
  /** The timeline of headquarters that was last heard of, also where the place in its feed is forgotten. */
  timeline(): string | null;
  setCursor(cursor: Cursor): void;
  proofs(): string[];
  stageProof(next: string): string;
  confirmProof(sent: string): void;
  received(): Received;
  setReceived(received: Received): void;
}

export function createSyncState(connection: Connection): SyncState {
  const read = connection.statement<Row>('SELECT * FROM sync_state');
  const register = connection.statement(
    'UPDATE sync_state SET registration = ?, registrations = registrations + 1, proof = NULL, staged_proof = NULL',
  );
  const moveTo = connection.statement('UPDATE sync_state SET timeline = ?, pos = ?, chain = ?');
  const stage = connection.statement('UPDATE sync_state SET staged_proof = ?');
  const confirm = connection.statement(
    'UPDATE sync_state SET proof = staged_proof, staged_proof = NULL WHERE staged_proof = ?',
  );
  const setReceived = connection.statement(
    'UPDATE sync_state SET received_no = ?, received_seq = ?, backed_up_seq = ?',
  );

  function row(): Row {
    const found = read.get();
    assert(found !== undefined, 'the sync state has its row');
    return found;
  }

  return {
    registration() {
      const text = row().registration;
      return text === null ? undefined : (JSON.parse(text) as Registration);
    },
    setRegistration: (registration) => void register.run(JSON.stringify(registration)),
    cursor() {
      const { timeline, pos, chain } = row();
      if (timeline === null || pos === null || chain === null) return undefined;
      return { timeline, pos, chain };
    },
    timeline: () => row().timeline,
    setCursor: ({ timeline, pos, chain }) => void moveTo.run(timeline, pos, chain),
    proofs() {
      const { proof, staged_proof } = row();
      return [proof, staged_proof].filter((one) => one !== null);
    },
    stageProof(next) {
      // Headquarters may have taken the one staged before: it is sent again until an answer comes.
      const staged = row().staged_proof;
      if (staged !== null) return staged;
      stage.run(next);
      return next;
    },
    confirmProof: (sent) => void confirm.run(sent),
    received() {
      const { received_no, received_seq, backed_up_seq } = row();
      return { seq: received_seq, outboxNo: received_no, backedUpSeq: backed_up_seq };
    },
    setReceived: ({ seq, outboxNo, backedUpSeq }) =>
      void setReceived.run(outboxNo, seq, backedUpSeq),
  };
}
