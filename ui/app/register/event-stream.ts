/** One message of a server-sent event stream. */
export interface StreamMessage {
  readonly event: string;
  readonly data: string;
}

/** Longest message that is put together, in characters; a longer one means a broken sender. */
export const MESSAGE_MAX_CHARS = 1_000_000;

/**
 * Reads `text/event-stream` (WHATWG HTML, section 9.2.6). A browser's own EventSource cannot send the bearer token,
 * so the stream is read with fetch.
 */
export async function* readEventStream(
  body: ReadableStream<Uint8Array>,
): AsyncGenerator<StreamMessage> {
  const reader = body
    .pipeThrough(new TextDecoderStream() as ReadableWritablePair<string, Uint8Array>)
    .getReader();
  const parser = createStreamParser();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      yield* parser.push(value);
    }
  } finally {
    // Leaving the loop early ends the request; a stream that already failed has nothing to cancel.
    await reader.cancel().catch(() => undefined);
  }
}

/** Puts the messages of a stream together from pieces cut anywhere. */
export function createStreamParser(): { push(piece: string): StreamMessage[] } {
  let rest = '';
  let event = '';
  let data: string[] = [];

  function take(line: string): StreamMessage | undefined {
    if (line === '') {
      const message =
        data.length === 0
          ? undefined
          : { event: event === '' ? 'message' : event, data: data.join('\n') };
      event = '';
      data = [];
      return message;
    }
    const colon = line.indexOf(':');
    // A line that begins with a colon is a comment: the till's heartbeat.
    if (colon === 0) return undefined;
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '');
    if (field === 'event') event = value;
    if (field === 'data') data.push(value);
    return undefined;
  }

  return {
    push(piece) {
      rest += piece;
      if (rest.length > MESSAGE_MAX_CHARS)
        throw new Error('an event is longer than a register accepts');
      const messages: StreamMessage[] = [];
      // A piece may end between CR and LF: such a CR waits for the next piece.
      const usable = rest.endsWith('\r') ? rest.slice(0, -1) : rest;
      const lines = usable.split(/\r\n|\r|\n/);
      rest = `${lines.pop() ?? ''}${rest.slice(usable.length)}`;
      for (const line of lines) {
        const message = take(line);
        if (message !== undefined) messages.push(message);
      }
      return messages;
    },
  };
}
