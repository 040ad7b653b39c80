import type { DriverEvent } from '../../../drivers/contract/event.ts';
import type { FingerAct, FingerEvent } from '../../../drivers/contract/finger.ts';
import type { FingerSettings } from '../../../drivers/finger/finger-transport.ts';
import { emptyMemory, type ModuleMemory } from '../../../drivers/sim/finger-module/memory.ts';
import type { ModuleProfileName } from '../../../drivers/sim/finger-module/profile.ts';
import { createSimFinger } from '../../../drivers/sim/finger-module/sim-finger.ts';
import { createManualEnv } from '../manual-env.ts';

/** More than any act takes on the manual clock. */
const LONG_MS = 40_000;
export const PLACE_MS = 10_000;

/** Who stands at the glass; nobody where `finger` is null. */
type Person = { finger: string | null; isPoor: boolean };

/**
 * The driver on an emulated module under a manual clock, with somebody at the glass who does as told: `finger` is what they
 * place; null = nobody is there.
 */
export const openFingerRig = (
  profile: ModuleProfileName,
  options: {
    settings?: FingerSettings;
    memory?: ModuleMemory;
    /** Sees each step before the person at the glass does what it says. */
    onStep?: (step: FingerEvent, person: Person) => void;
  } = {},
) => {
  const env = createManualEnv(11);
  const events: DriverEvent[] = [];
  const memory = options.memory ?? emptyMemory();
  const person: Person = {
    finger: 'anna-index',
    isPoor: false,
  };
  const { driver, module } = createSimFinger(
    { id: 'finger-1', owner: 'agent', profile, settings: options.settings ?? {} },
    env,
    (event) => {
      events.push(event);
      if (event.type !== 'finger') return;
      options.onStep?.(event, person);
      if (event.step === 'lift') module.lift();
      if (event.step === 'place' && person.finger !== null)
        module.place(person.finger, person.isPoor);
      // Whoever is told to try again presses better.
      if (event.step === 'again') person.isPoor = false;
    },
    memory,
  );
  const of = <Type extends DriverEvent['type']>(type: Type) =>
    events.filter((event): event is Extract<DriverEvent, { type: Type }> => event.type === type);
  return {
    env,
    driver,
    module,
    memory,
    person,
    events,
    steps: (): readonly string[] => of('finger').map((event: FingerEvent) => event.step),
    states: (): readonly string[] => of('state').map((event) => event.to),
    errors: () => of('error'),
    remedy: () => of('state').at(-1)?.remedy.code,
    async ready() {
      driver.start();
      await env.advance(5_000);
    },
    async run<Act extends FingerAct>(act: Act) {
      const { finger } = driver;
      if (finger === undefined) throw new Error('broken invariant: a module without acts');
      const done = finger.run(act);
      let isDone = false;
      void done.then(() => {
        isDone = true;
      });
      for (let passed = 0; passed < LONG_MS && !isDone; passed += 100) await env.advance(100);
      return done;
    },
  };
};
export type FingerRig = ReturnType<typeof openFingerRig>;

/** An enrolment into a page, as the agent asks for it. */
export const enrolAt = (page: number, captures = 3) =>
  ({ act: 'enrol', page, captures, searchPages: 200, placeMs: PLACE_MS }) as const;
