import { describe, expect, it } from 'vitest';
import { detectEncoding, namedEncoding } from '../../../../sync/hq/import/text-encoding.ts';

const bytes = (text: string): Uint8Array => Buffer.from(text, 'utf8');
/** 会员号,张三 in GB18030. */
const GBK = Uint8Array.from([0xbb, 0xe1, 0xd4, 0xb1, 0xba, 0xc5, 0x2c, 0xd5, 0xc5, 0xc8, 0xfd]);

function detected(head: Uint8Array, sample: Uint8Array = head): string {
  const result = detectEncoding(head, sample);
  return result.ok ? result.value : result.error.code;
}

describe('the encoding of a file', () => {
  it('is told by its byte order mark', () => {
    expect(detected(bytes('\ufeffa,b'))).toBe('utf-8');
    expect(detected(Buffer.from('\ufeff会员', 'utf16le'))).toBe('utf-16le');
    expect(detected(Buffer.from('\ufeff会员', 'utf16le').swap16())).toBe('utf-16be');
  });

  it('is told by zero bytes where UTF-16 has no mark', () => {
    expect(detected(Buffer.from('id,name', 'utf16le'))).toBe('utf-16le');
    expect(detected(Buffer.from('id,name', 'utf16le').swap16())).toBe('utf-16be');
  });

  it('is UTF-8 where the bytes are, also where the sample ends inside a character', () => {
    expect(detected(bytes('会员号,姓名'))).toBe('utf-8');
    expect(detected(bytes('会员号').subarray(0, 8))).toBe('utf-8');
    expect(detected(bytes('plain'))).toBe('utf-8');
  });

  it('is GB18030 where they are no UTF-8', () => {
    expect(detected(GBK)).toBe('gb18030');
    expect(detected(GBK.subarray(0, 10))).toBe('gb18030');
  });

  it('is nothing for a workbook, an archive, binary data and bytes of no encoding', () => {
    expect(detected(Uint8Array.from([0x50, 0x4b, 0x03, 0x04, 1, 2]))).toBe('not-text');
    expect(detected(Uint8Array.from([0xd0, 0xcf, 0x11, 0xe0, 1, 2]))).toBe('not-text');
    expect(detected(Uint8Array.from([0, 1, 2, 0, 0, 5]))).toBe('not-text');
    expect(detected(Uint8Array.from([0xff, 0x41, 0xff, 0x42]))).toBe('encoding-unknown');
  });

  it('may be named in any usual way', () => {
    expect(['GBK', 'gb2312', 'cp936', ' UTF8 ', 'utf-16'].map(namedEncoding)).toEqual([
      'gb18030',
      'gb18030',
      'gb18030',
      'utf-8',
      'utf-16le',
    ]);
    expect(namedEncoding('latin-1')).toBeUndefined();
  });
});
