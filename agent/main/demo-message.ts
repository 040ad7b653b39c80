import type { RegistrationTicket } from '../../sync/protocol/registration.ts';
import type { DemoPage } from './demo-page.ts';
import type { StartError } from './open-locked.ts';

/** What a till of the demo is started with. */
export interface DemoTillOrder {
  readonly tillId: string;
  readonly storeId: string;
  readonly data: string;
  readonly keyFile: string;
  readonly port: number;
  readonly logLevel: string;
  /** What its page of examples says. */
  readonly page: DemoPage;
}

/** What the demo says to one of its tills. */
export type ToDemoTill =
  | { readonly kind: 'start'; readonly order: DemoTillOrder }
  | { readonly kind: 'ticket'; readonly ticket: RegistrationTicket | null }
  | { readonly kind: 'links' }
  | { readonly kind: 'stop' };

/** Links that open a screen once. */
export type DemoLinks = Readonly<
  Record<'demo' | 'cashier' | 'customer' | 'manager' | 'sync' | 'camera', string>
>;

/** What a till of the demo says back. */
export type FromDemoTill =
  /** It is not registered: a ticket, please. */
  | { readonly kind: 'ticket' }
  | {
      readonly kind: 'open';
      readonly address: string;
      readonly port: number;
      readonly links: DemoLinks;
    }
  | { readonly kind: 'links'; readonly links: DemoLinks }
  | { readonly kind: 'failed'; readonly error: StartError };
