/** Largest request body or WebSocket message, in bytes: 10,000 lines of a basket with room to spare. */
export const BODY_MAX_BYTES = 4 * 1024 * 1024;
/** A body must have arrived whole within this time. */
export const BODY_TIMEOUT_MS = 10_000;
/** Request line and headers must have arrived within this time. */
export const HEADERS_TIMEOUT_MS = 5_000;
/** Largest request line with headers, in bytes. */
export const HEADERS_MAX_BYTES = 16 * 1024;
/** Open TCP connections, WebSockets included; more are dropped. */
export const CONNECTIONS_MAX = 128;
/** Unanswered bytes that a WebSocket may leave unread before it is ended. */
export const SOCKET_BUFFER_MAX_BYTES = 16 * 1024 * 1024;
/** A WebSocket must say who it is within this time. */
export const FIRST_MESSAGE_TIMEOUT_MS = 5_000;
/** Open WebSockets. */
export const SOCKETS_MAX = 32;
/** Requests a second that one caller may keep up. */
export const CALLER_PER_SECOND = 300;
/** Requests that one caller may send at once after a pause. */
export const CALLER_BURST = 1_000;
/** Unfinished requests of one caller. */
export const CALLER_IN_FLIGHT_MAX = 32;
/** Open event streams of one caller. */
export const CALLER_STREAMS_MAX = 8;
/** The same for everybody without a token together. */
export const ANONYMOUS_PER_SECOND = 20;
export const ANONYMOUS_BURST = 60;
/** Pairing attempts: the codes have six digits and live two minutes, so guesses must stay few. */
export const PAIRING_PER_SECOND = 0.2;
export const PAIRING_BURST = 10;
/** Callers whose rates are remembered; the longest idle is forgotten first. */
export const CALLERS_TRACKED_MAX = 256;
/** Milliseconds between comments that keep an idle event stream open. */
export const HEARTBEAT_MS = 15_000;
/** Time that open requests get to end when the till closes; then their sockets are cut. */
export const CLOSE_DEADLINE_MS = 2_000;
/** Problems of one request that an error lists. */
export const PROBLEMS_LISTED_MAX = 10;

/** The limits that a server of the local API keeps; each field is the constant of that name. */
export interface ApiLimits {
  readonly bodyMaxBytes: number;
  readonly bodyTimeoutMs: number;
  readonly headersTimeoutMs: number;
  readonly connectionsMax: number;
  readonly socketBufferMaxBytes: number;
  readonly firstMessageTimeoutMs: number;
  readonly socketsMax: number;
  readonly callerPerSecond: number;
  readonly callerBurst: number;
  readonly callerInFlightMax: number;
  readonly callerStreamsMax: number;
  readonly anonymousPerSecond: number;
  readonly anonymousBurst: number;
  readonly pairingPerSecond: number;
  readonly pairingBurst: number;
  readonly heartbeatMs: number;
  readonly closeDeadlineMs: number;
}

/** The limits of a till in a store. */
export const API_LIMITS: ApiLimits = {
  bodyMaxBytes: BODY_MAX_BYTES,
  bodyTimeoutMs: BODY_TIMEOUT_MS,
  headersTimeoutMs: HEADERS_TIMEOUT_MS,
  connectionsMax: CONNECTIONS_MAX,
  socketBufferMaxBytes: SOCKET_BUFFER_MAX_BYTES,
  firstMessageTimeoutMs: FIRST_MESSAGE_TIMEOUT_MS,
  socketsMax: SOCKETS_MAX,
  callerPerSecond: CALLER_PER_SECOND,
  callerBurst: CALLER_BURST,
  callerInFlightMax: CALLER_IN_FLIGHT_MAX,
  callerStreamsMax: CALLER_STREAMS_MAX,
  anonymousPerSecond: ANONYMOUS_PER_SECOND,
  anonymousBurst: ANONYMOUS_BURST,
  pairingPerSecond: PAIRING_PER_SECOND,
  pairingBurst: PAIRING_BURST,
  heartbeatMs: HEARTBEAT_MS,
  closeDeadlineMs: CLOSE_DEADLINE_MS,
};
