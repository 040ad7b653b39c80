import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import {
  type CaptureChannel,
  createCaptureChannel,
} from '../../../../agent/app/faces/capture-channel.ts';
import {
  type CaptureMessage,
  captureMessageSchema,
  type FaceFrame,
  type FaceSessionId,
  type Failure,
  SEALED_FRAME_MAX_BYTES,
} from '../../../../agent/contract/index.ts';
import {
  createFrameSealer,
  type FrameSealer,
} from '../../../../ui/app/face-capture/seal-frames.ts';
import { failed, value } from '../rig.ts';

const SESSION = 'session-1' as FaceSessionId;
const FRAME: FaceFrame = { kind: 'fault', fault: 'blurred' };
const random = (bytes: number): Uint8Array => new Uint8Array(randomBytes(bytes));

async function pair(sessionId = SESSION): Promise<[CaptureChannel, FrameSealer]> {
  const channel = await createCaptureChannel(sessionId, random);
  return [channel, await createFrameSealer(sessionId, channel.publicKey)];
}

async function refusal(channel: CaptureChannel, message: CaptureMessage): Promise<Failure> {
  return failed(await channel.open(message));
}

const flipped = (text: string): string => {
  const bytes = Buffer.from(text, 'base64');
  bytes[0] = (bytes[0] ?? 0) ^ 1;
  return bytes.toString('base64');
};

describe('the way of a frame from the capture page to the till', () => {
  it('opens messages in the order in which they were sealed, only the first with the page’s key', async () => {
    const [channel, sealer] = await pair();
    for (const no of [0, 1, 2]) {
      const message = await sealer.seal(FRAME);
      expect(message).toMatchObject({ sessionId: SESSION, no });
      expect(message.enc !== undefined).toBe(no === 0);
      expect(captureMessageSchema.parse(message)).toEqual(message);
      expect(value(await channel.open(message))).toEqual(FRAME);
      expect(channel.next()).toBe(no + 1);
    }
  });

  it('gives two frames that are sealed at once two numbers', async () => {
    const [channel, sealer] = await pair();
    const [first, second] = await Promise.all([sealer.seal(FRAME), sealer.seal(FRAME)]);
    expect([first.no, second.no]).toEqual([0, 1]);
    value(await channel.open(first));
    value(await channel.open(second));
  });

  it('refuses a message that came before', async () => {
    const [channel, sealer] = await pair();
    const message = await sealer.seal(FRAME);
    value(await channel.open(message));
    expect(await refusal(channel, message)).toEqual({
      code: 'capture-order',
      field: 'no',
      data: { expected: 1 },
    });
  });

  it('refuses an old message under the number that comes next', async () => {
    const [channel, sealer] = await pair();
    const { enc: _first, ...message } = await sealer.seal(FRAME);
    value(await channel.open({ ...message, enc: _first }));
    expect((await refusal(channel, { ...message, no: 1 })).code).toBe('capture-sealed');
  });

  it('refuses a message where one before it was lost', async () => {
    const [channel, sealer] = await pair();
    await sealer.seal(FRAME);
    const second = await sealer.seal(FRAME);
    expect((await refusal(channel, second)).code).toBe('capture-order');
  });

  it('refuses one flipped bit, in the message and in the key that comes with it', async () => {
    const [channel, sealer] = await pair();
    const message = await sealer.seal(FRAME);
    const { enc = '' } = message;
    const changed = { ...message, sealed: flipped(message.sealed) };
    expect((await refusal(channel, changed)).code).toBe('capture-sealed');
    expect((await refusal(channel, { ...message, enc: flipped(enc) })).code).toBe('capture-sealed');
    expect((await refusal(channel, { ...message, enc: 'AAAA' })).code).toBe('capture-sealed');
    value(await channel.open(message));
  });

  it('refuses what was sealed for another session, or for another opening of this one', async () => {
    const [channel] = await pair();
    const [, ofOther] = await pair('session-2' as FaceSessionId);
    const [, before] = await pair();
    const other = { ...(await ofOther.seal(FRAME)), sessionId: SESSION };
    expect((await refusal(channel, other)).code).toBe('capture-sealed');
    expect((await refusal(channel, await before.seal(FRAME))).code).toBe('capture-sealed');
    const misled = await createFrameSealer('session-2' as FaceSessionId, channel.publicKey);
    expect((await refusal(channel, await misled.seal(FRAME))).code).toBe('capture-sealed');
  });

  it('refuses a first message without the page’s key, and a later one with it', async () => {
    const [channel, sealer] = await pair();
    const { enc, ...first } = await sealer.seal(FRAME);
    expect(await refusal(channel, first)).toMatchObject({ code: 'capture-sealed', field: 'enc' });
    value(await channel.open({ ...first, enc }));
    const second = await sealer.seal(FRAME);
    expect(await refusal(channel, { ...second, enc })).toMatchObject({ field: 'enc' });
  });

  it('refuses a message that holds no frame, and goes on with the next', async () => {
    const [channel, sealer] = await pair();
    const nothing = { kind: 'picture', pixels: 'AAAA' } as unknown as FaceFrame;
    expect((await refusal(channel, await sealer.seal(nothing))).code).toBe('capture-sealed');
    value(await channel.open(await sealer.seal(FRAME)));
  });

  it('takes a message of the largest size and no larger one', () => {
    const sized = (bytes: number) =>
      captureMessageSchema.safeParse({
        sessionId: SESSION,
        no: 1,
        sealed: Buffer.alloc(bytes, 1).toString('base64'),
      }).success;
    expect(SEALED_FRAME_MAX_BYTES % 3).not.toBe(1);
    expect(sized(SEALED_FRAME_MAX_BYTES)).toBe(true);
    expect(sized(SEALED_FRAME_MAX_BYTES + 3)).toBe(false);
  });

  it('makes the key pair of an opening from the randomness it is given, and forgets that', async () => {
    const given = new Uint8Array(32).fill(7);
    const one = await createCaptureChannel(SESSION, () => given);
    expect(given.every((byte) => byte === 0)).toBe(true);
    const two = await createCaptureChannel(SESSION, () => new Uint8Array(32).fill(7));
    const three = await createCaptureChannel(SESSION, random);
    expect(two.publicKey).toBe(one.publicKey);
    expect(three.publicKey).not.toBe(one.publicKey);
  });
});
