import {
  type ClientId,
  err,
  type Failure,
  failure,
  ok,
  PAIRING_CODE_TRIES,
  PAIRING_CODE_TTL_MS,
  type PairedClient,
  type PairingWindow,
  POS_SCOPES,
  type Result,
  type Scope,
  type StaffId,
  toInstant,
} from '../contract/index.ts';
import type { Store } from '../store/store.ts';
import type { CheckPin } from './check-pin.ts';
import { newPairingCode, newToken, sameSecret } from './secrets.ts';
import { storageSafe, type Work } from './work.ts';

/** Programs paired with one till; the manager revokes one before a further one. */
export const PAIRED_CLIENTS_MAX = 64;
/** A client's last call is noted so often at most. */
export const CLIENT_SEEN_EVERY_MS = 60_000;

export interface PairingParts {
  readonly store: Store;
  readonly work: Work;
  readonly checkPin: CheckPin;
  readonly nowMs: () => number;
  readonly newId: () => string;
  readonly hash: (data: string) => string;
  readonly random: (bytes: number) => Uint8Array;
  /** Who revokes at the till's screen. */
  readonly signedIn: () => StaffId | null;
  /** Called once a program may ask for nothing any more. */
  readonly onRevoked: (clientId: string) => void;
}

export interface PairRequest {
  readonly code: string;
  readonly name: string;
  readonly scopes?: readonly Scope[] | undefined;
  readonly origin?: string | undefined;
}

export interface Pairing {
  open(
    managerId: string,
    pin: string,
    scopes?: readonly Scope[],
  ): Promise<Result<PairingWindow, Failure>>;
  pair(
    request: PairRequest,
  ): Result<{ clientId: string; token: string; scopes: readonly Scope[] }, Failure>;
  authenticate(
    token: string,
  ): { clientId: string; scopes: readonly Scope[]; origin?: string | undefined } | undefined;
  list(): { clients: readonly PairedClient[]; window: PairingWindow | null };
  revoke(clientId: string): Result<{ revoked: boolean }, Failure>;
  origins(): readonly string[];
}

interface Window {
  readonly code: string;
  readonly expiresAtMs: number;
  readonly scopes: readonly Scope[];
  triesLeft: number;
}

/**
 * Pairing of programs: a manager opens a short window for some scopes, the program sends the six digits, one window
 * pairs one program. It gets no scope that the manager did not open the window for.
 */
export function createPairing({
  store,
  work,
  checkPin,
  nowMs,
  newId,
  hash,
  random,
  signedIn,
  onRevoked,
}: PairingParts): Pairing {
  let window: Window | null = null;
  /** Programs that called, by the hash of their token: each call asks twice. At most as many as are paired. */
  const known = new Map<string, PairedClient>();

  function openWindow(): Window | null {
    if (window !== null && nowMs() >= window.expiresAtMs) window = null;
    return window;
  }

  function shown({ code, expiresAtMs, triesLeft, scopes }: Window): PairingWindow {
    return { code, expiresAt: toInstant(expiresAtMs), triesLeft, scopes: [...scopes] };
  }

  return {
    async open(managerId, pin, scopes = POS_SCOPES) {
      const manager = await checkPin(managerId, pin, 'manager');
      if (!manager.ok) return manager;
      if (store.clients.list().length >= PAIRED_CLIENTS_MAX)
        return err(failure('busy', undefined, { pairedMax: PAIRED_CLIENTS_MAX }));
      const noted = work(() =>
        store.audit.append({
          atMs: nowMs(),
          staffId: manager.value.staffId,
          action: 'pairing-opened',
          detail: { scopes: [...new Set(scopes)] },
        }),
      );
      if (!noted.ok) return noted;
      window = {
        code: newPairingCode(random),
        expiresAtMs: nowMs() + PAIRING_CODE_TTL_MS,
        scopes: [...new Set(scopes)],
        triesLeft: PAIRING_CODE_TRIES,
      };
      return ok(shown(window));
    },
    pair({ code, name, scopes: asked, origin }) {
      const open = openWindow();
      if (open === null) return err(failure('pairing-closed'));
      if (!sameSecret(hash(code), hash(open.code))) {
        open.triesLeft -= 1;
        if (open.triesLeft === 0) window = null;
        return err(failure('pairing-code-wrong', 'code', { triesLeft: open.triesLeft }));
      }
      const granted = [...new Set(asked ?? open.scopes)];
      // Told apart only to whoever has the code; the window stays open for a request with fewer.
      if (granted.some((scope) => !open.scopes.includes(scope)))
        return err(failure('forbidden-scope', 'scopes', { granted: [...open.scopes] }));
      const clientId = newId() as ClientId;
      const token = newToken(random);
      const client: PairedClient = {
        clientId,
        name,
        scopes: granted,
        ...(origin === undefined ? {} : { origin }),
        pairedAt: toInstant(nowMs()),
      };
      const done = work(() => {
        store.clients.add(client, hash(token));
        store.audit.append({
          atMs: nowMs(),
          staffId: null,
          action: 'client-paired',
          detail: { clientId, name, scopes: granted },
        });
      });
      if (!done.ok) return done;
      window = null;
      return ok({ clientId, token, scopes: granted });
    },
    authenticate(token) {
      // Found by its hash: how long the search takes says nothing about the token.
      const tokenHash = hash(token);
      const client = known.get(tokenHash) ?? store.clients.byTokenHash(tokenHash);
      if (client === undefined) return undefined;
      known.set(tokenHash, client);
      const seenMs = client.lastSeenAt === undefined ? 0 : Date.parse(client.lastSeenAt);
      if (nowMs() - seenMs >= CLIENT_SEEN_EVERY_MS) {
        // A full disk must not lock programs out: the note is a convenience.
        storageSafe(() => store.clients.touch(client.clientId, nowMs()));
        known.set(tokenHash, { ...client, lastSeenAt: toInstant(nowMs()) });
      }
      return {
        clientId: client.clientId,
        scopes: client.scopes,
        ...(client.origin === undefined ? {} : { origin: client.origin }),
      };
    },
    list() {
      const open = openWindow();
      return { clients: store.clients.list(), window: open === null ? null : shown(open) };
    },
    revoke(clientId) {
      const done = work(() => {
        const revoked = store.clients.revoke(clientId as ClientId);
        if (revoked)
          store.audit.append({
            atMs: nowMs(),
            staffId: signedIn(),
            action: 'client-revoked',
            detail: { clientId },
          });
        return { revoked };
      });
      known.clear();
      if (done.ok && done.value.revoked) onRevoked(clientId);
      return done;
    },
    origins: () => store.clients.origins(),
  };
}
