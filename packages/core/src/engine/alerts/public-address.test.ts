import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { reachOf } from './public-address.ts'

describe('reachOf()', () => {
  it.each([
    ['8.8.8.8', 'public'],
    ['172.15.255.255', 'public'],
    ['172.32.0.1', 'public'],
    ['2606:4700::6810:85e5', 'public'],
    ['::ffff:8.8.8.8', 'public'],
    ['127.0.0.1', 'private'],
    ['10.1.2.3', 'private'],
    ['172.16.0.1', 'private'],
    ['192.168.255.1', 'private'],
    ['100.64.0.1', 'private'],
    ['198.18.0.1', 'private'],
    ['192.0.2.1', 'private'],
    ['::1', 'private'],
    ['::127.0.0.1', 'private'],
    ['fd12::1', 'private'],
    ['64:ff9b::7f00:1', 'private'],
    ['2001:0:7f00:1::', 'private'],
    ['2001:db8::1', 'private'],
    ['2002:7f00:1::', 'private'],
    ['::ffff:127.0.0.1', 'private'],
    ['::ffff:7f00:1', 'private'],
    ['0:0:0:0:0:ffff:a00:1', 'private'],
    ['0.0.0.0', 'never'],
    ['169.254.169.254', 'never'],
    ['168.63.129.16', 'never'],
    ['100.100.100.200', 'never'],
    ['224.0.0.1', 'never'],
    ['255.255.255.255', 'never'],
    ['::', 'never'],
    ['fe80::1', 'never'],
    ['fe80::1%eth0', 'never'],
    ['ff02::1', 'never'],
    ['fd00:ec2::254', 'never'],
    ['::ffff:169.254.169.254', 'never'],
    ['::ffff:a9fe:a9fe', 'never'],
    ['localhost', 'never'],
    ['', 'never'],
  ])('says that %s is %s', (address, reach) => {
    expect(reachOf(address)).toBe(reach)
  })

  it('says the same of an address of the fourth version inside of the sixth', () => {
    fc.assert(
      fc.property(fc.ipV4(), (address) => {
        expect(reachOf(`::ffff:${address}`)).toBe(reachOf(address))
      }),
    )
  })
})
