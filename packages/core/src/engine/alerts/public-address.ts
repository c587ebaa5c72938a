/*
 * Which addresses of the network a webhook may be sent to: those of the public internet, and nothing that only this machine or its
 * neighbours can reach. Pure.
 */
import type { BlockList } from 'node:net'

import { nodeNet } from '../../primitives/node-net.ts'

type Subnet = readonly [address: string, prefix: number]

// What must not be reached whatever the host allows: descriptions of machines with their keys, this link, groups, nothing at all.
const NEVER: readonly Subnet[] = [
  ['0.0.0.0', 8],
  ['169.254.0.0', 16],
  ['168.63.129.16', 32],
  ['100.100.100.200', 32],
  ['192.0.0.192', 32],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
]
const NEVER_6: readonly Subnet[] = [
  ['::', 128],
  ['fe80::', 10],
  ['ff00::', 8],
  ['fd00:ec2::254', 128],
  ['fd20:ce::254', 128],
]
// This machine, private networks, and what stands for examples, tests and tunnels.
const PRIVATE: readonly Subnet[] = [
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
]
// Of the sixth version only this is handed out to the public, and parts of it are not: tunnels with an older address inside, and examples.
const PUBLIC_6: readonly Subnet[] = [['2000::', 3]]
const PRIVATE_6: readonly Subnet[] = [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
]

interface Lists {
  readonly never: BlockList
  readonly notPublic: BlockList
  readonly public6: BlockList
}

let made: Lists | undefined

function lists(): Lists {
  return (made ??= {
    never: listOf(NEVER, NEVER_6),
    notPublic: listOf(PRIVATE, PRIVATE_6),
    public6: listOf([], PUBLIC_6),
  })
}

/** How far an address reaches. `never`: nobody may send there; `private`: only when the host allows it. */
export type AddressReach = 'public' | 'private' | 'never'

/** @param address An IP address; anything else reaches nowhere. */
export function reachOf(address: string): AddressReach {
  // The part after the sign says through which device, and is none of the address.
  return reachOfBare(address.split('%')[0] ?? '')
}

function reachOfBare(address: string): AddressReach {
  const { isIPv4, isIPv6 } = nodeNet()
  if (isIPv4(address)) return within4(address)
  if (!isIPv6(address)) return 'never'
  const inner = mappedAddress(address)
  if (inner !== null) return within4(inner)
  const { never, notPublic, public6 } = lists()
  if (never.check(address, 'ipv6')) return 'never'
  return public6.check(address, 'ipv6') && !notPublic.check(address, 'ipv6') ? 'public' : 'private'
}

function within4(address: string): AddressReach {
  const { never, notPublic } = lists()
  if (never.check(address)) return 'never'
  return notPublic.check(address) ? 'private' : 'public'
}

/** The address of the fourth version in `::ffff:1.2.3.4`, however it is written. */
function mappedAddress(address: string): string | null {
  const [canonical] = /^\[(.*)\]$/.exec(new URL(`http://[${address}]`).hostname)?.slice(1) ?? []
  const found = /^::ffff:([\da-f]{1,4}):([\da-f]{1,4})$/.exec(canonical ?? '')
  if (found === null) return null
  const bits = (Number.parseInt(found[1] ?? '', 16) << 16) | Number.parseInt(found[2] ?? '', 16)
  return [24, 16, 8, 0].map((shift) => String((bits >>> shift) & 255)).join('.')
}

function listOf(subnets4: readonly Subnet[], subnets6: readonly Subnet[]): BlockList {
  const list = new (nodeNet().BlockList)()
  for (const [address, prefix] of subnets4) list.addSubnet(address, prefix, 'ipv4')
  for (const [address, prefix] of subnets6) list.addSubnet(address, prefix, 'ipv6')
  return list
}

/** The name or address in a URL, without the brackets of IPv6. */
export function hostOf({ hostname }: URL): string {
  return hostname.replace(/^\[(.*)\]$/, '$1').replace(/\.$/, '')
}

/** Whether webhooks may be sent to this address on behalf of a URL. */
export function isAllowed(url: URL, address: string, allowPrivateHosts: readonly string[]): boolean {
  const reach = reachOf(address)
  return reach === 'public' || (reach === 'private' && allowPrivateHosts.includes(hostOf(url)))
}
