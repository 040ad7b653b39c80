import { ORPCError } from '@orpc/client';
import { describe, expect, test, vi } from 'vitest';
import type { FaceFrame } from '../../../../agent/contract/index.ts';
import type { Camera } from '../../../../ui/app/camera-codes/camera-choice.ts';
import type { CaptureState } from '../../../../ui/app/face-capture/capture-camera.ts';
import {
  CAPTURE_RETRY_MS,
  type RunParts,
  runCaptures,
  SEND_QUEUE_MAX,
} from '../../../../ui/app/face-capture/run-captures.ts';

const WORDS = { 'zh-CN': '…', en: '...' };
const MODEL = { modelId: 'test-model', modelVersion: '1' };
const refusal = (code: string) =>
  new ORPCError('BAD_REQUEST', { data: { code, message: WORDS, hint: WORDS } });
const settle = () => new Promise<void>((done) => setImmediate(done));
const fault: FaceFrame = { kind: 'fault', fault: 'no-face' };
const passed: FaceFrame = { kind: 'challenge', result: 'passed' };

/** A till whose answers the test gives one by one, and a camera that is noted. */
function rig(options: { isPack?: boolean; camera?: Camera } = {}) {
  const states: (CaptureState | null)[] = [];
  const asked: unknown[] = [];
  const sent: string[] = [];
  const waits: number[] = [];
  const cameras: { on: boolean; wish: unknown; frame: (frame: FaceFrame) => void }[] = [];
  let answerWanted: (answer: unknown) => void = () => undefined;
  let failWanted: (cause: Error) => void = () => undefined;
  const send = vi.fn(async () => ({ next: 0, wanted: true }));
  const parts = {
    client: {
      wanted: (input: unknown) => {
        asked.push(input);
        return new Promise((done, fail) => {
          answerWanted = done;
          failWanted = fail;
        });
      },
      open: vi.fn(async () => ({
        publicKey: 'key',
        model: MODEL,
        isPack: options.isPack ?? false,
      })),
      send,
    },
    start: (
      wish: unknown,
      onState: (state: CaptureState) => void,
      onFrame: (frame: FaceFrame) => void,
    ) => {
      const camera = { on: true, wish, frame: onFrame };
      cameras.push(camera);
      onState({ phase: 'starting' });
      return {
        close: () => {
          camera.on = false;
        },
      };
    },
    seal: async () => {
      let no = 0;
      return {
        seal: async (frame: FaceFrame) => {
          sent.push(`${no} ${frame.kind}`);
          return { no: no++ };
        },
      };
    },
    wait: async (delayMs: number) => void waits.push(delayMs),
    camera: () => options.camera ?? null,
  } as unknown as RunParts;
  const running = runCaptures(parts, (state) => states.push(state));
  const wanted = async (sessionId: string | null): Promise<void> => {
    answerWanted({
      session: sessionId === null ? null : { sessionId, purpose: 'enrol', challenge: ['blink'] },
    });
    await settle();
  };
  const lost = async (): Promise<void> => {
    failWanted(new Error('line'));
    await settle();
  };
  return { states, asked, sent, waits, cameras, send, running, wanted, lost };
}

describe('The capture page', () => {
  test('opens no camera until the till wants one, and closes it when it does not any more', async () => {
    const one = rig();
    expect(one.cameras).toHaveLength(0);
    await one.wanted(null);
    expect(one.cameras).toHaveLength(0);
    await one.wanted('session-1');
    expect(one.cameras).toMatchObject([
      { on: true, wish: { camera: null, challenge: ['blink'], poses: true } },
    ]);
    await one.wanted(null);
    expect(one.cameras).toMatchObject([{ on: false }]);
    expect(one.states).toEqual([{ phase: 'starting' }, null]);
    expect(one.asked).toEqual([{}, { seen: null }, { seen: 'session-1' }, { seen: null }]);
  });

  test('opens the camera that was chosen for faces', async () => {
    const camera = { deviceId: 'b', label: 'Back' };
    const one = rig({ camera });
    await one.wanted('session-1');
    expect(one.cameras[0]?.wish).toMatchObject({ camera });
  });

  test('loads the model that the till compares by, from the store’s pack where it has one', async () => {
    const shipped = rig();
    await shipped.wanted('session-1');
    expect(shipped.cameras[0]?.wish).toMatchObject({ model: MODEL });
    expect(shipped.cameras[0]?.wish).not.toHaveProperty('pack');
    const packed = rig({ isPack: true });
    await packed.wanted('session-1');
    expect(packed.cameras[0]?.wish).toMatchObject({ model: MODEL, pack: '/face-pack/' });
  });

  test('sends frames in order, one at a time, and stops when the till has enough', async () => {
    const one = rig();
    await one.wanted('session-1');
    one.cameras[0]?.frame(fault);
    one.cameras[0]?.frame(passed);
    await settle();
    expect(one.sent).toEqual(['0 fault', '1 challenge']);
    one.send.mockResolvedValueOnce({ next: 3, wanted: false });
    one.cameras[0]?.frame(fault);
    one.cameras[0]?.frame(fault);
    await settle();
    expect(one.sent).toHaveLength(3);
    expect(one.cameras).toMatchObject([{ on: false }]);
  });

  test('lets frames go while the till is slow, and never the end of a challenge', async () => {
    const one = rig();
    await one.wanted('session-1');
    for (let frame = 0; frame < 3 * SEND_QUEUE_MAX; frame += 1) one.cameras[0]?.frame(fault);
    one.cameras[0]?.frame(passed);
    await settle();
    expect(one.sent).toHaveLength(SEND_QUEUE_MAX + 1);
    // Without a hole in the numbers, which the agent would refuse.
    expect(one.sent.at(-1)).toBe(`${SEND_QUEUE_MAX} challenge`);
  });

  test('closes the camera when the line is lost, waits, and asks afresh', async () => {
    const one = rig();
    await one.wanted('session-1');
    await one.lost();
    expect(one.cameras).toMatchObject([{ on: false }]);
    expect(one.waits).toEqual([CAPTURE_RETRY_MS]);
    expect(one.asked.at(-1)).toEqual({});
    await one.wanted('session-1');
    expect(one.cameras).toMatchObject([{ on: false }, { on: true }]);
  });

  test('closes the camera when a frame is refused, and opens the channel again', async () => {
    const one = rig();
    await one.wanted('session-1');
    one.send.mockRejectedValueOnce(refusal('capture-descriptor'));
    one.cameras[0]?.frame(fault);
    await settle();
    expect(one.cameras).toMatchObject([{ on: false }]);
    await one.wanted('session-1');
    expect(one.cameras).toMatchObject([{ on: false }, { on: true }]);
  });

  test.each(['capture-order', 'capture-sealed'])(
    'leaves the session to another page that has opened it since, which %s tells, and takes the next one',
    async (code) => {
      const one = rig();
      await one.wanted('session-1');
      one.send.mockRejectedValueOnce(refusal(code));
      one.cameras[0]?.frame(fault);
      await settle();
      expect(one.cameras).toMatchObject([{ on: false }]);
      await one.wanted('session-1');
      expect(one.cameras).toHaveLength(1);
      await one.wanted('session-2');
      expect(one.cameras).toMatchObject([{ on: false }, { on: true }]);
    },
  );

  test('closed, it leaves no camera on, also one whose session was just being opened', async () => {
    const one = rig();
    await one.wanted('session-1');
    one.running.close();
    expect(one.cameras).toMatchObject([{ on: false }]);
    await one.wanted('session-2');
    expect(one.cameras).toHaveLength(1);
  });
});
