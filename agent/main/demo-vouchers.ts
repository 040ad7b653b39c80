import { createPrivateKey, sign } from 'node:crypto';
import { DAY_MS, dayOf } from '../../demo/calendar.ts';
import { demoPartner } from '../../demo/partner.ts';
import { assert, type Text, text } from '../contract/index.ts';
import { unsignedVoucher, voucherText } from '../domain/vouchers/voucher-text.ts';

/** PKCS#8 of an Ed25519 private key up to its 32 bytes (RFC 8410, section 7). */
const PKCS8_ED25519 = '302e020100300506032b657004220420';
const VALID_DAYS = 30;
/** What the voucher for tickets takes off, in minor units. */
const FACE_MINOR = 3_000;

/**
 * Two vouchers of the demo's partner, fresh at each start because each works once.
 * @param nowMs epoch in milliseconds; good from the day before on, since a business day may end after midnight
 */
export function demoVouchers(nowMs: number): { label: Text; text: string }[] {
  const key = createPrivateKey({
    key: Buffer.from(`${PKCS8_ED25519}${demoPartner.privateKeyHex}`, 'hex'),
    format: 'der',
    type: 'pkcs8',
  });
  const issue = (campaign: string, faceMinor?: number): string => {
    const unsigned = unsignedVoucher({
      partner: demoPartner.id,
      keyId: demoPartner.keyId,
      voucherId: `${campaign}-${nowMs.toString(36)}`,
      campaign,
      notBefore: dateOf(nowMs - DAY_MS),
      notAfter: dateOf(nowMs + VALID_DAYS * DAY_MS),
      ...(faceMinor === undefined ? {} : { faceMinor }),
    });
    assert(unsigned.ok, 'the vouchers of the demo have the form of vouchers');
    const signature = sign(null, Buffer.from(unsigned.value, 'ascii'), key);
    return voucherText(unsigned.value, signature.toString('base64url'));
  };
  return [
    {
      label: text('影院代金券：满 50 元抵 30 元', "the cinema's voucher: 30 yuan off from 50"),
      text: issue('tickets', FACE_MINOR),
    },
    {
      label: text('影院联名券：零食饮料八折', "the cinema's voucher: snacks and drinks 20 % off"),
      text: issue('popcorn'),
    },
  ];
}

/** `yyyymmdd` of the store's day. */
function dateOf(epochMs: number): number {
  return Number(dayOf(epochMs).replaceAll('-', ''));
}
