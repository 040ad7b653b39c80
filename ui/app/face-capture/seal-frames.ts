import {
  Aes256Gcm,
  CipherSuite,
  DhkemX25519HkdfSha256,
  HkdfSha256,
  type SenderContext,
} from '@hpke/core';
import {
  type CaptureMessage,
  captureAad,
  captureInfo,
  type FaceFrame,
  type FaceSessionId,
} from '../../../agent/contract/index.ts';

/** Seals the frames of one session in their order. */
export interface FrameSealer {
  /** The next message; to be sent in the order of the calls, each once. */
  seal(frame: FaceFrame): Promise<CaptureMessage>;
}

/**
 * The page's end of the way to the agent: HPKE in base mode to the key that `capture.open` gave. The sender's key pair
 * comes from the browser's own source of randomness, which the library does not let anybody else stand in for.
 * @param publicKey base64, as `capture.open` answers it; another form rejects
 */
export async function createFrameSealer(
  sessionId: FaceSessionId,
  publicKey: string,
): Promise<FrameSealer> {
  const suite = new CipherSuite({
    kem: new DhkemX25519HkdfSha256(),
    kdf: new HkdfSha256(),
    aead: new Aes256Gcm(),
  });
  const sender: SenderContext = await suite.createSenderContext({
    recipientPublicKey: await suite.kem.deserializePublicKey(fromBase64(publicKey)),
    info: utf8(captureInfo(sessionId)),
  });
  const enc = toBase64(new Uint8Array(sender.enc));
  let no = 0;

  return {
    async seal(frame) {
      // Taken before anything is awaited: two frames at once never get one number.
      const own = no++;
      const plain = utf8(JSON.stringify(frame));
      try {
        const sealed = await sender.seal(plain, utf8(captureAad(sessionId, own)));
        return {
          sessionId,
          no: own,
          ...(own === 0 ? { enc } : {}),
          sealed: toBase64(new Uint8Array(sealed)),
        };
      } finally {
        new Uint8Array(plain).fill(0);
      }
    },
  };
}

function utf8(text: string): ArrayBuffer {
  return new Uint8Array(new TextEncoder().encode(text)).buffer;
}

/** In pieces, because a call takes only so many arguments. */
function toBase64(bytes: Uint8Array): string {
  let text = '';
  for (let at = 0; at < bytes.length; at += 4_096)
    text += String.fromCharCode(...bytes.subarray(at, at + 4_096));
  return btoa(text);
}

function fromBase64(text: string): ArrayBuffer {
  return Uint8Array.from(atob(text), (char) => char.charCodeAt(0)).buffer;
}
