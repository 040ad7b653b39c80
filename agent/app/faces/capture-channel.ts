import {
  Aes256Gcm,
  CipherSuite,
  DhkemX25519HkdfSha256,
  HkdfSha256,
  type RecipientContext,
} from '@hpke/core';
import {
  type CaptureMessage,
  captureAad,
  captureInfo,
  err,
  type FaceFrame,
  type FaceSessionId,
  type Failure,
  faceFrameSchema,
  failure,
  ok,
  type Result,
  SEALED_FRAME_MAX_BYTES,
} from '../../contract/index.ts';

/** Random bytes that a key pair is derived from: RFC 9180 section 7.1.3 wants at least the length of a private key. */
const SEED_BYTES = 32;

/** The agent's end of the way from one opened capture page: a key pair of its own, and an order that messages keep. */
export interface CaptureChannel {
  /** X25519, 32 bytes in base64. */
  readonly publicKey: string;
  /** The number of the message that comes next. */
  next(): number;
  /**
   * Opens the next message. Fails with `capture-order` where it is another one: a replay, or one was lost; with
   * `capture-sealed` where it was not sealed for this opening of this session, was changed, or holds no frame.
   */
  open(message: CaptureMessage): Promise<Result<FaceFrame, Failure>>;
}

/**
 * Makes a channel. The private key is derived from `random` and lives in this closure alone; once the session lets go of
 * it, nothing that was recorded can be opened.
 */
export async function createCaptureChannel(
  sessionId: FaceSessionId,
  random: (bytes: number) => Uint8Array,
): Promise<CaptureChannel> {
  const suite = new CipherSuite({
    kem: new DhkemX25519HkdfSha256(),
    kdf: new HkdfSha256(),
    aead: new Aes256Gcm(),
  });
  const seed = random(SEED_BYTES);
  const keys = await suite.kem.deriveKeyPair(plain(seed));
  seed.fill(0);
  const publicKey = await suite.kem.serializePublicKey(keys.publicKey);
  const info = utf8(captureInfo(sessionId));
  let opener: RecipientContext | undefined;
  let next = 0;

  async function unsealed({ no, enc, sealed }: CaptureMessage): Promise<Uint8Array | undefined> {
    try {
      const used =
        opener ??
        (await suite.createRecipientContext({
          recipientKey: keys.privateKey,
          enc: plain(Buffer.from(enc ?? '', 'base64')),
          info,
        }));
      const bytes = await used.open(
        plain(Buffer.from(sealed, 'base64')),
        utf8(captureAad(sessionId, no)),
      );
      opener = used;
      return new Uint8Array(bytes);
    } catch {
      // The library throws for anything that is wrong with a message; which of it was wrong is nobody's business.
      return undefined;
    }
  }

  return {
    publicKey: Buffer.from(publicKey).toString('base64'),
    next: () => next,
    async open(message) {
      if (message.no !== next) return err(failure('capture-order', 'no', { expected: next }));
      if ((message.enc !== undefined) !== (message.no === 0))
        return err(failure('capture-sealed', 'enc'));
      const bytes = await unsealed(message);
      if (bytes === undefined) return err(failure('capture-sealed', 'sealed'));
      next += 1;
      try {
        const frame = bytes.length > SEALED_FRAME_MAX_BYTES ? undefined : frameOf(bytes);
        return frame === undefined ? err(failure('capture-sealed', 'sealed')) : ok(frame);
      } finally {
        bytes.fill(0);
      }
    },
  };
}

function frameOf(bytes: Uint8Array): FaceFrame | undefined {
  try {
    return faceFrameSchema.safeParse(JSON.parse(new TextDecoder().decode(bytes))).data;
  } catch {
    // Not JSON: as little a frame as any other JSON.
    return undefined;
  }
}

function utf8(text: string): ArrayBuffer {
  return plain(new TextEncoder().encode(text));
}

/** The bytes alone: a `Buffer` is a window on a pool that others write to. */
function plain(bytes: Uint8Array): ArrayBuffer {
  return new Uint8Array(bytes).buffer;
}
