/** Longest id of a call; the client counts in base 36. */
const CALL_ID_MAX = 16;
/** Longest procedure address of a call. */
const ADDRESS_MAX = 200;

const REQUEST = 1;
const ABORT = 4;

/**
 * Reads a message of the RPC protocol and keeps of it only what our client sends: a call by POST with a JSON body and
 * perhaps a place to resume from, or the end of a call. Streams and files going in, other headers and other methods do
 * not exist here; so a hostile page reaches none of the library's decoders for them.
 * @param data text of a WebSocket or port message
 * @returns the message as an object, or undefined where it is none
 */
export function readPeerMessage(data: unknown): object | undefined {
  if (typeof data !== 'string') return undefined;
  let message: unknown;
  try {
    message = JSON.parse(data);
  } catch {
    // The parser's message would quote the text; "no message of ours" is all there is to say.
    return undefined;
  }
  if (!isRecord(message)) return undefined;
  const { i: id, t: type = REQUEST, p: payload } = message;
  if (typeof id !== 'string' || id.length === 0 || id.length > CALL_ID_MAX) return undefined;
  if (type === ABORT) return { i: id, t: ABORT };
  if (type !== REQUEST || !isRecord(payload)) return undefined;
  const { u: address, b: body, h: headers } = payload;
  if (
    typeof address !== 'string' ||
    address.length > ADDRESS_MAX ||
    !/^\/[A-Za-z0-9/_-]+$/.test(address)
  )
    return undefined;
  if (payload['m'] !== undefined || (body !== undefined && !isRecord(body))) return undefined;
  const resume = isRecord(headers) ? headers['last-event-id'] : undefined;
  return {
    i: id,
    p: {
      u: address,
      b: body,
      ...(typeof resume === 'string' ? { h: { 'last-event-id': resume } } : {}),
    },
  };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
