import { expect, test } from 'vitest';
import { parseListenAddress } from './keep-up.ts';

test('takes addresses of this machine', () => {
  expect(parseListenAddress('127.0.0.1:5433')).toEqual({ host: '127.0.0.1', port: 5433 });
  expect(parseListenAddress('[::1]:5433')).toEqual({ host: '::1', port: 5433 });
});

test.each([
  '0.0.0.0:5433',
  '192.168.1.2:5433',
  'example.com:1',
  '*:5433',
  '5433',
  '127.0.0.1',
  '127.0.0.1:0',
  '127.0.0.1:65536',
])('refuses %s', (text) => {
  expect(() => parseListenAddress(text)).toThrow('this machine only');
});
