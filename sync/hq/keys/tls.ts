/** What HQ's TLS server shows, and the authority that tills pin. */
export interface HqTls {
  /** Server certificate as PEM, with intermediate ones where there are any. */
  readonly cert: string;
  /** Its private key as PEM. */
  readonly key: string;
  /** Certificate of the authority as PEM. */
  readonly ca: string;
  /** When the first certificate of the chain ends, in epoch milliseconds. */
  readonly endsAtMs: number;
  readonly source: 'generated' | 'given';
}
