import { Aes256Gcm, CipherSuite, DhkemX25519HkdfSha256, HkdfSha256 } from '@hpke/core';
import canonicalize from 'canonicalize';
import { assert, err, ok, type Result } from '../../../agent/contract/result.ts';
import { type KeyAnswer, TEMPLATE_KEY_BYTES } from '../../protocol/face.ts';

/** RFC 9180: DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, AES-256-GCM, base mode. */
const suite = new CipherSuite({
  kem: new DhkemX25519HkdfSha256(),
  kdf: new HkdfSha256(),
  aead: new Aes256Gcm(),
});
const IKM_BYTES = 32;

/** What a sealed key is about; an answer for another question, template or till opens nothing. */
export interface KeyBinding {
  readonly questionId: string;
  readonly templateId: string;
  /** Who asks, and who answers. */
  readonly askedBy: string;
  readonly answeredBy: string;
}

/** A key pair for one question. The private half is in memory alone and never leaves this object. */
export interface QuestionKey {
  /** Raw, in base64. */
  readonly publicKey: string;
  /** Opens an answer; `answer-damaged`: it is not sealed to this key with this binding, or holds no key. */
  open(
    answer: Pick<KeyAnswer, 'enc' | 'sealed'>,
    binding: KeyBinding,
  ): Promise<Result<Uint8Array, 'answer-damaged'>>;
}

/** Makes the key pair of a question from random bytes. */
export async function makeQuestionKey(random: (bytes: number) => Uint8Array): Promise<QuestionKey> {
  const ikm = random(IKM_BYTES);
  const pair = await suite.kem.deriveKeyPair(ikm);
  ikm.fill(0);
  const raw = await suite.kem.serializePublicKey(pair.publicKey);
  const publicKey = Buffer.from(raw).toString('base64');
  return {
    publicKey,
    async open({ enc, sealed }, binding) {
      try {
        const context = await suite.createRecipientContext({
          recipientKey: pair,
          enc: Buffer.from(enc, 'base64'),
          info: infoOf(binding),
        });
        const key = await context.open(Buffer.from(sealed, 'base64'), Buffer.from(publicKey));
        return key.byteLength === TEMPLATE_KEY_BYTES
          ? ok(new Uint8Array(key))
          : err('answer-damaged');
      } catch {
        // The suite throws for everything that does not fit, which is what is asked here.
        return err('answer-damaged');
      }
    },
  };
}

/**
 * Seals a template's key to the public half of a question.
 * @param key {@link TEMPLATE_KEY_BYTES}
 * @param publicKey raw, in base64; `bad-public-key`: nothing can be sealed to it
 */
export async function sealTemplateKey(
  key: Uint8Array,
  publicKey: string,
  binding: KeyBinding,
): Promise<Result<Pick<KeyAnswer, 'enc' | 'sealed'>, 'bad-public-key'>> {
  assert(key.byteLength === TEMPLATE_KEY_BYTES, 'the key of a template has 32 bytes');
  try {
    const context = await suite.createSenderContext({
      recipientPublicKey: await suite.kem.deserializePublicKey(Buffer.from(publicKey, 'base64')),
      info: infoOf(binding),
    });
    const sealed = await context.seal(key, Buffer.from(publicKey));
    return ok({
      enc: Buffer.from(context.enc).toString('base64'),
      sealed: Buffer.from(sealed).toString('base64'),
    });
  } catch {
    // A point of small order, say: whoever asks must not stop whoever answers.
    return err('bad-public-key');
  }
}

function infoOf(binding: KeyBinding): Uint8Array {
  const text = canonicalize({ ...binding, purpose: 'tillside/face-key/1' });
  assert(text !== undefined, 'a binding is a JSON value');
  return Buffer.from(text, 'utf8');
}
