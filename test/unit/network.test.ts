import { BlockList, isIPv4 } from 'node:net';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { networkOf } from '../../shared/domain/gateway/network.ts';

describe('The network of an address', () => {
  test.each([
    ['192.0.2.17', '192.0.2.0/24'],
    ['255.255.255.255', '255.255.255.0/24'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1::/48'],
    ['2001:db8::1', '2001:db8:0::/48'],
    ['2001:0:1::1', '2001:0:1::/48'],
    ['64:ff9b::c000:211', '64:ff9b:0::/48'],
    ['::192.0.2.17', '0:0:0::/48'],
    ['::', '0:0:0::/48'],
  ])('of %s is %s', (address, network) => {
    expect(networkOf(address)).toBe(network);
  });

  test('holds the address, and is that of every other one in it', () => {
    fc.assert(
      fc.property(fc.oneof(fc.ipV4(), fc.ipV6()), (address) => {
        const [base = '', bits] = networkOf(address).split('/');
        const family = isIPv4(base) ? 'ipv4' : 'ipv6';
        const block = new BlockList();
        block.addSubnet(base, Number(bits), family);
        expect(block.check(address, family)).toBe(true);
        expect(networkOf(base)).toBe(networkOf(address));
      }),
      { numRuns: 1_000 },
    );
  });
});
