import { describe, expect, it } from 'vitest'

import { keyOf, signedHeaders } from './sign-webhook.ts'

const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'

describe('signedHeaders()', () => {
  it('signs as the libraries of Standard Webhooks do', () => {
    const key = keyOf(SECRET)
    expect(key).not.toBeNull()
    const webhook = { id: 'msg_p5jXN8AQM9LWM0D4loKWxJek', at: 1_614_265_330_900, body: '{"test": 2432232314}' }
    expect(signedHeaders(key ? [key] : [], webhook)).toEqual({
      'webhook-id': webhook.id,
      'webhook-timestamp': '1614265330',
      'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
    })
  })

  it('has a signature for each key', () => {
    const keys = [Buffer.alloc(24, 1), Buffer.alloc(24, 2)]
    const { 'webhook-signature': both = '' } = signedHeaders(keys, { id: 'x', at: 0, body: '' })
    expect(both).toMatch(/^v1,\S{44} v1,\S{44}$/)
  })
})

describe('keyOf()', () => {
  it('takes base64 of 24 to 64 bytes, with or without its prefix, and nothing else', () => {
    expect(keyOf(SECRET.slice('whsec_'.length))).toEqual(keyOf(SECRET))
    for (const secret of ['', 'whsec_', 'short', `whsec_${Buffer.alloc(23).toString('base64')}`, 'p%ssword'.repeat(9)])
      expect([secret, keyOf(secret)]).toEqual([secret, null])
    expect(keyOf(Buffer.alloc(65).toString('base64'))).toBeNull()
    expect(keyOf(Buffer.alloc(64).toString('base64'))).toHaveLength(64)
  })
})
