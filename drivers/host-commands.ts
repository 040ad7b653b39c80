import { z } from 'zod';
import {
  codeDamages,
  type Driver,
  type FingerSimulation,
  type Simulation,
} from './contract/device.ts';
import type { DeviceErrorCode } from './contract/error-code.ts';
import type { FingerAct } from './contract/finger.ts';
import { healthLevels } from './contract/health.ts';
import type { HostCommands, HostError } from './contract/host-message.ts';
import { err, ok, type Result } from './contract/result.ts';
import { fingerActSchema } from './finger/act-schema.ts';
import { MAX_FRAME_BYTES } from './scanner/serial-frame.ts';

const deviceId = z.string().max(64);
const aimed = <Command extends string>(command: Command) => ({
  command: z.literal(command),
  deviceId,
});

/** The one door: whatever comes through the port has this shape or is refused. */
export const commandSchema = z.discriminatedUnion('command', [
  z.object({ command: z.literal('configure'), devices: z.unknown() }),
  z.object({ command: z.literal('list') }),
  z.object(aimed('start')),
  z.object(aimed('stop')),
  z.object(aimed('pause')),
  z.object(aimed('resume')),
  z.object({ ...aimed('health'), level: z.enum(healthLevels) }),
  z.object(aimed('statistics')),
  z.object({ command: z.literal('discover') }),
  z.object({ command: z.literal('suspend') }),
  z.object({ command: z.literal('wake') }),
  z.object({
    ...aimed('inject'),
    text: z.string().max(MAX_FRAME_BYTES),
    damage: z.enum(codeDamages).optional(),
  }),
  z.object({ ...aimed('play'), scenario: z.unknown() }),
  z.object({ ...aimed('finger'), act: fingerActSchema }),
  z.object(aimed('cancel-finger')),
  z.object({
    ...aimed('place'),
    finger: z.string().min(1).max(64),
    isPoor: z.boolean().optional(),
  }),
  z.object(aimed('lift')),
  z.object(aimed('unplug')),
  z.object(aimed('plug')),
  z.object({ command: z.literal('shutdown') }),
]);
export type Command = z.infer<typeof commandSchema>;

export type Answer = Result<HostCommands[keyof HostCommands]['gives'], HostError>;

export const refuse = (code: DeviceErrorCode, detail: string): Answer => err({ code, detail });

const simulated = async (
  driver: Driver,
  act: (simulation: Simulation) => Answer | Promise<Answer>,
): Promise<Answer> =>
  driver.simulation === undefined
    ? refuse('E_ILLEGAL', `${driver.id} is not a simulated device`)
    : act(driver.simulation);

/** Runs `work`, which answers nothing. */
export const done = async (work: void | Promise<void>): Promise<Answer> => {
  await work;
  return ok(null);
};

const withFinger = async (driver: Driver, act: FingerAct): Promise<Answer> =>
  driver.finger === undefined
    ? refuse('E_ILLEGAL', `${driver.id} is no fingerprint module`)
    : ok(await driver.finger.run(act));

const simulatedFinger = async (
  driver: Driver,
  act: (simulation: FingerSimulation) => void,
): Promise<Answer> =>
  driver.fingerSimulation === undefined
    ? refuse('E_ILLEGAL', `${driver.id} is not a simulated fingerprint module`)
    : done(act(driver.fingerSimulation));

/** Carries out what is asked of one device. */
export const onDevice = (
  driver: Driver,
  command: Extract<Command, { deviceId: string }>,
): Promise<Answer> => {
  switch (command.command) {
    case 'start':
      return done(driver.start());
    case 'stop':
      return done(driver.stop());
    case 'pause':
      return done(driver.pause());
    case 'resume':
      return done(driver.resume());
    case 'health':
      return driver.health(command.level).then(ok);
    case 'statistics':
      return Promise.resolve(ok(driver.statistics()));
    case 'inject':
      return simulated(driver, (simulation) =>
        done(simulation.inject(command.text, command.damage)),
      );
    case 'play':
      return simulated(driver, (simulation) => simulation.play(command.scenario));
    case 'finger':
      return withFinger(driver, command.act as FingerAct);
    case 'cancel-finger':
      return done(driver.finger?.cancel());
    case 'place':
      return simulatedFinger(driver, ({ place }) => place(command.finger, command.isPoor));
    case 'lift':
      return simulatedFinger(driver, ({ lift }) => lift());
    case 'unplug':
      return driver.fingerSimulation === undefined
        ? simulated(driver, (simulation) => done(simulation.unplug()))
        : simulatedFinger(driver, ({ unplug }) => unplug());
    case 'plug':
      return driver.fingerSimulation === undefined
        ? simulated(driver, (simulation) => done(simulation.plug()))
        : simulatedFinger(driver, ({ plug }) => plug());
  }
};
