/** TCP connections of one HQ process, at most; a further one is closed at once. */
export const CONNECTIONS_MAX = 8_000;
/** TCP connections that wait to be accepted: all tills of a chain may come again at once. The system may allow fewer. */
export const BACKLOG_MAX = 4_096;
/** Streams of one HQ process, at most; a further one is told to come again (`busy`). */
export const STREAMS_MAX = 4_000;
/** Calls that one HQ process works on at a time, long polls included; a further one is told to come again (`busy`). */
export const CALLS_MAX = 5_000;
/** A client must have sent its headers within this time, in milliseconds. */
export const HEADERS_TIMEOUT_MS = 10_000;
/** A client must have sent its whole request within this time, in milliseconds: 4 MiB over a slow store line. */
export const REQUEST_TIMEOUT_MS = 120_000;
/** An idle connection is kept so long, in milliseconds: longer than the intervals of a till's calls. */
export const KEEP_ALIVE_MS = 65_000;
/** A stream whose client takes nothing of what was sent for so long is cut, in milliseconds. */
export const STREAM_STALL_MS = 30_000;
/** Longest request target in characters: a cursor is by far the longest legitimate one. */
export const TARGET_MAX_CHARS = 2_048;
/** What a client that was told to come again should wait when nothing better is known, in seconds. */
export const RETRY_AFTER_SECONDS = 2;
/** Calls and streams get so long to end when HQ stops, in milliseconds; then their connections are cut. */
export const STOP_GRACE_MS = 3_000;
