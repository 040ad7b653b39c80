/** One step of HQ's schema: one idea, never changed once released. */
export interface HqMigration {
  readonly version: number;
  readonly name: string;
  readonly sql: string;
}
