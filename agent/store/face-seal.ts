import { createCipheriv, createDecipheriv } from 'node:crypto';
import canonicalize from 'canonicalize';
import {
  assert,
  err,
  type FaceModel,
  type FaceTemplate,
  type MemberId,
  ok,
  type Result,
  SEALED_TEMPLATE_MAX_BYTES,
  type TemplateId,
} from '../contract/index.ts';

/** Bytes of the key of a template: AES-256. */
export const TEMPLATE_KEY_BYTES = 32;
/** Bytes of the nonce. A key seals once, so that a random one never comes twice under it. */
export const TEMPLATE_NONCE_BYTES = 12;
const TAG_BYTES = 16;
const BYTES_PER_NUMBER = 4;

/** What a sealed template is bound to: under any other id, member or model it does not open. */
export interface TemplateBinding {
  readonly templateId: TemplateId;
  readonly memberId: MemberId;
  readonly model: FaceModel;
}

/**
 * Seals a descriptor with AES-256-GCM (NIST SP 800-38D).
 * @param random must be cryptographically strong
 * @returns base64 of nonce (12 bytes), ciphertext (little-endian 32-bit floats) and tag (16 bytes)
 */
export function sealTemplate(
  binding: TemplateBinding,
  descriptor: Float32Array,
  key: Uint8Array,
  random: (bytes: number) => Uint8Array,
): string {
  assert(key.length === TEMPLATE_KEY_BYTES, 'the key of a template has 32 bytes');
  const clear = Buffer.alloc(descriptor.length * BYTES_PER_NUMBER);
  for (const [at, value] of descriptor.entries()) clear.writeFloatLE(value, at * BYTES_PER_NUMBER);
  const nonce = random(TEMPLATE_NONCE_BYTES);
  const cipher = createCipheriv('aes-256-gcm', key, nonce);
  cipher.setAAD(Buffer.from(boundText(binding)));
  const sealed = Buffer.concat([nonce, cipher.update(clear), cipher.final(), cipher.getAuthTag()]);
  clear.fill(0);
  assert(
    sealed.length <= SEALED_TEMPLATE_MAX_BYTES,
    'a sealed template is no longer than the limit',
  );
  return sealed.toString('base64');
}

/** Opens a sealed template. `damaged` = one bit of it is another, it is somebody else's, or the key is. */
export function openTemplate(
  template: Pick<FaceTemplate, 'templateId' | 'memberId' | 'model' | 'sealed'>,
  key: Uint8Array,
): Result<Float32Array, 'damaged'> {
  const box = Buffer.from(template.sealed, 'base64');
  const length = box.length - TEMPLATE_NONCE_BYTES - TAG_BYTES;
  if (length <= 0 || length % BYTES_PER_NUMBER !== 0 || key.length !== TEMPLATE_KEY_BYTES)
    return err('damaged');
  const decipher = createDecipheriv('aes-256-gcm', key, box.subarray(0, TEMPLATE_NONCE_BYTES), {
    authTagLength: TAG_BYTES,
  });
  decipher.setAAD(Buffer.from(boundText(template)));
  decipher.setAuthTag(box.subarray(box.length - TAG_BYTES));
  const clear = decipher.update(box.subarray(TEMPLATE_NONCE_BYTES, box.length - TAG_BYTES));
  try {
    decipher.final();
    return ok(
      Float32Array.from({ length: length / BYTES_PER_NUMBER }, (_, at) =>
        clear.readFloatLE(at * BYTES_PER_NUMBER),
      ),
    );
  } catch {
    // The tag does not fit: GCM says no more than that, and nothing of the numbers may be used.
    return err('damaged');
  } finally {
    clear.fill(0);
  }
}

function boundText({ templateId, memberId, model }: TemplateBinding): string {
  const { modelId, modelVersion } = model;
  const text = canonicalize({ memberId, model: { modelId, modelVersion }, templateId });
  assert(text !== undefined, 'what a template is bound to is JSON');
  return text;
}
