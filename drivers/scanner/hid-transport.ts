import type { ByteLink, ByteTransport, LinkHandlers, OpenFailure } from '../contract/byte-link.ts';
import type { DeviceIdentity, UsbAddress } from '../contract/device.ts';
import type { DriverEnv } from '../contract/env.ts';
import { err, ok, type Result } from '../contract/result.ts';
import { timeLimitDetail, withTimeLimit } from '../time-limit.ts';
import { type ReportField, readReportDescriptor } from './hid-descriptor.ts';
import {
  chooseScanner,
  type HidInterface,
  type HidScannerFacts,
  type ScannerChoice,
  scannersAmong,
} from './hid-device.ts';
import { layoutOf, type ReportLayout, sharedLayout } from './hid-layout.ts';
import type { ReportSource } from './hid-line.ts';
import { type HidMaker, makerOf, makerSymbologyOf } from './hid-makers.ts';
import { deniedNode, hidOpenFailure, missingLibrary, wrongMode } from './hid-refusal.ts';
import type { HidHandle, HidSystem } from './hid-system.ts';
import { beepReport, triggerReports } from './hid-trigger.ts';

/** How long a maker's feature report and the question after a loss may take. */
export const SIDE_CALL_TIMEOUT_MS = 500;

/** A HID scanner as a link: `onBytes` brings one input report at a time. */
export type HidTransport = ByteTransport & ReportSource;

/** What is known of the scanner that is held, or was last. */
type Held = {
  readonly maker: HidMaker | undefined;
  readonly layout: ReportLayout;
  readonly fields: readonly ReportField[] | undefined;
};

/** No list can be had, whatever is plugged in. */
type Unlisted = { readonly kind: 'unlisted'; readonly failure: OpenFailure };

const list = async (system: HidSystem): Promise<readonly HidInterface[] | Unlisted> => {
  try {
    return await system.list();
  } catch (cause) {
    const failure = missingLibrary(sentence(cause));
    if (failure === undefined) throw cause;
    return { kind: 'unlisted', failure };
  }
};

/** What a binding threw, an error or a string. */
const sentence = (cause: unknown): string =>
  cause instanceof Error ? cause.message : String(cause);

const gone = /disconnected|no such device|not connected|ENODEV|ENXIO/i;

/**
 * A HID POS scanner. Found by what it is and not by its node, which another device may have by the
 * time it comes back. `transport` names a simulated one in its identity.
 */
export const createHidTransport = (
  usb: UsbAddress,
  env: DriverEnv,
  system: HidSystem,
  transport: 'hid' | 'simulated' = 'hid',
): HidTransport => {
  let identity: DeviceIdentity = { transport, ...usb };
  let held: Held = { maker: undefined, layout: sharedLayout, fields: undefined };

  const locate = async (): Promise<ScannerChoice | Unlisted> => {
    const listed = await list(system);
    if ('failure' in listed) return listed;
    const choice = chooseScanner(scannersAmong(listed), usb);
    if (choice.kind !== 'one') return choice;
    const { vid, pid, serial, portPath, usagePage, path } = choice.scanner;
    identity = {
      transport,
      vid,
      pid,
      ...(serial === undefined ? {} : { serial }),
      usagePage,
      ...(portPath === undefined ? {} : { portPath }),
      // A simulated one is in no place: each till has its own, and none locks another out.
      ...(transport === 'simulated' ? {} : { path }),
    };
    return choice;
  };

  /** The report layout: the device's own word, else its maker's, else what most have. */
  const learn = async ({ vid, path }: HidScannerFacts): Promise<Held> => {
    const descriptor = await system.descriptor(path);
    const fields = descriptor === undefined ? undefined : readReportDescriptor(descriptor);
    const maker = makerOf(vid);
    const layout = fields === undefined ? undefined : layoutOf(fields);
    return { maker, layout: layout ?? maker?.layout ?? sharedLayout, fields };
  };

  const handlersFor = (path: string, mark: string | undefined, handlers: LinkHandlers) => {
    let lost = false;
    const lose = async (detail: string): Promise<void> => {
      if (lost) return;
      lost = true;
      // The words come in the language of the system; whether the node is still there does not.
      const seen = gone.test(detail)
        ? undefined
        : await withTimeLimit(env, SIDE_CALL_TIMEOUT_MS, () => system.mark(path));
      const unplugged = seen === undefined || (seen.ok && seen.value !== mark);
      handlers.onLost({ unplugged, detail });
    };
    return {
      onError: (detail: string) => void lose(detail),
      onReport(report: Uint8Array) {
        try {
          handlers.onBytes(report);
        } catch (cause) {
          // node-hid would swallow it and report a device fault. It is ours, and ends the process.
          env.timers.set(() => {
            throw cause;
          }, 0);
        }
      },
    };
  };

  const sendFeature = async (handle: HidHandle, report: readonly number[]): Promise<void> => {
    const sent = await withTimeLimit(env, SIDE_CALL_TIMEOUT_MS, () =>
      handle.sendFeature(Uint8Array.from(report)),
    );
    // Several models refuse it and send codes all the same.
    if (!sent.ok)
      env.log('warn', 'a scanner did not take the report of its maker', {
        path: identity.path,
        detail: timeLimitDetail(sent.error),
      });
  };

  const linkOf = (handle: HidHandle, path: string, mark: string | undefined): ByteLink => {
    const beep = beepReport(held.maker, held.fields);
    const trigger = triggerReports(held.maker, held.fields);
    return {
      async write(bytes) {
        await handle.write(bytes);
        return ok(undefined);
      },
      close: () => handle.close(),
      async check() {
        const seen = await system.mark(path);
        if (seen === undefined) return err(`${path} is gone`);
        return seen === mark ? ok(undefined) : err(`${path} is another device by now`);
      },
      ...(beep === undefined
        ? {}
        : {
            async probe() {
              await handle.write(beep);
              return ok('told to beep');
            },
          }),
      ...(trigger === undefined
        ? {}
        : {
            async trigger(pulled: boolean) {
              await handle.write(pulled ? trigger.pulled : trigger.released);
              return ok(undefined);
            },
          }),
    };
  };

  const openScanner = async (
    scanner: HidScannerFacts,
    handlers: LinkHandlers,
  ): Promise<Result<ByteLink, OpenFailure>> => {
    const { path } = scanner;
    if (scanner.mode !== 'hid-pos') return err(wrongMode(scanner));
    const access = await system.access(path);
    if (access === 'absent') return err({ code: 'absent', detail: `${path} is gone` });
    if (access === 'denied') return err(deniedNode(path, system.platform));
    const mark = await system.mark(path);
    held = await learn(scanner);
    try {
      const handle = await system.open(path, handlersFor(path, mark, handlers));
      if (held.maker?.featureReport !== undefined)
        await sendFeature(handle, held.maker.featureReport);
      return ok(linkOf(handle, path, mark));
    } catch (cause) {
      return err(hidOpenFailure(sentence(cause), path, system.platform));
    }
  };

  return {
    source: transport,
    identity: () => identity,
    layout: () => held.layout,
    makerSymbology: (makerCode) => makerSymbologyOf(held.maker, makerCode),
    async exists() {
      // Several, one in another mode, or a list that cannot be had: opening tells what is wrong.
      return (await locate()).kind !== 'none';
    },
    async open(handlers) {
      const choice = await locate();
      switch (choice.kind) {
        case 'none':
          return err({ code: 'absent', detail: 'no such scanner' });
        case 'several':
          return err({
            code: 'ambiguous',
            detail: `more than one device fits: ${choice.scanners.map(({ path }) => path).join(', ')}`,
          });
        case 'one':
          return openScanner(choice.scanner, handlers);
        case 'unlisted':
          return err(choice.failure);
      }
    },
  };
};
