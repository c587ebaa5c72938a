import { describe, expect, it } from 'vitest'

import { PerfectError } from '../../errors/perfect-error.ts'
import { checkHosts, toAlertRules, type AlertRule } from './alert-rules.ts'

const secret = `whsec_${Buffer.alloc(32, 7).toString('base64')}`
const webhook = { url: 'https://hooks.example.com/x?token=abc', secret }
const good: AlertRule = { on: ['failed'], webhook }

function problemOf(rules: unknown, hosts: readonly string[] = []): PerfectError {
  try {
    toAlertRules(rules as AlertRule[], checkHosts(hosts))
  } catch (error) {
    if (PerfectError.is(error, 'ALERT_INVALID')) return error
    throw error
  }
  throw new Error('It was taken.')
}

describe('toAlertRules()', () => {
  it('names rules by the host of their webhook, handlers as such, unless they have a name', () => {
    const handler = (): null => null
    const rules = toAlertRules([good, { on: ['slow', 'missed'], flows: ['a'], handler }, { ...good, name: 'ops' }], [])
    expect(rules.map(({ name }) => name)).toEqual(['hooks.example.com', 'handler', 'ops'])
    expect(rules[1]).toMatchObject({ on: new Set(['slow', 'missed']), flows: new Set(['a']), target: { handler } })
  })

  it.each<[string, unknown, string]>([
    ['no list', {}, 'alerts'],
    ['no rule', [null], 'alerts[0]'],
    ['no kinds', [{ webhook }], 'alerts[0].on'],
    ['an empty list of kinds', [{ on: [], webhook }], 'alerts[0].on'],
    ['an unknown kind', [good, { on: ['failed', 'sad'], webhook }], 'alerts[1].on'],
    ['flows that are no list', [{ ...good, flows: 'a' }], 'alerts[0].flows'],
    ['a flow without a name', [{ ...good, flows: [''] }], 'alerts[0].flows'],
    ['no receiver', [{ on: ['failed'] }], 'alerts[0]'],
    ['two receivers', [{ ...good, handler: () => null }], 'alerts[0]'],
    ['a handler that is no function', [{ on: ['failed'], handler: 'x' }], 'alerts[0].handler'],
    ['a time that is none', [{ ...good, every: 'soon' }], 'alerts[0].every'],
    ['a time in which alerts are forgotten', [{ ...good, every: '31d' }], 'alerts[0].every'],
    ['an empty name', [{ ...good, name: '' }], 'alerts[0].name'],
    ['a name that another rule has', [good, good], 'alerts[1].name'],
    ['a URL that is none', [{ ...good, webhook: { url: 'hooks', secret } }], 'alerts[0].webhook.url'],
    ['http', [{ ...good, webhook: { url: 'http://hooks.example.com', secret } }], 'alerts[0].webhook.url'],
    ['another protocol', [{ ...good, webhook: { url: 'file:///etc/passwd', secret } }], 'alerts[0].webhook.url'],
    ['a password', [{ ...good, webhook: { url: 'https://a:b@hooks.example.com', secret } }], 'alerts[0].webhook.url'],
    ['no secret', [{ ...good, webhook: { url: webhook.url } }], 'alerts[0].webhook.secret'],
    ['a short secret', [{ ...good, webhook: { url: webhook.url, secret: 'hunter2' } }], 'alerts[0].webhook.secret'],
    ['no secrets', [{ ...good, webhook: { url: webhook.url, secret: [] } }], 'alerts[0].webhook.secret'],
    ['five', [{ ...good, webhook: { url: webhook.url, secret: Array(5).fill(secret) } }], 'alerts[0].webhook.secret'],
  ])('refuses %s, names the field, and no secret', (_what, rules, field) => {
    const { details, message } = problemOf(rules)
    expect(details['field']).toBe(field)
    expect(message).toContain(`"${field}"`)
    expect(message).not.toMatch(/hunter2|token=abc|a:b@/)
  })

  // However it is written, it is the same address.
  it.each([
    '127.0.0.1',
    '2130706433',
    '0x7f.1',
    '017700000001',
    '127.1',
    '[::1]',
    '[::ffff:7f00:1]',
    '169.254.169.254',
    '0',
  ])('refuses the address %s', (host) => {
    const { details } = problemOf([{ ...good, webhook: { url: `https://${host}/`, secret } }])
    expect(details['field']).toBe('alerts[0].webhook.url')
  })

  it('takes a private host, also by http, when it is named; never the one that tells the keys of a machine', () => {
    const rule = (url: string): AlertRule => ({ ...good, webhook: { url, secret } })
    const hosts = checkHosts(['127.0.0.1', 'intranet', '::1', '169.254.169.254'])
    for (const url of ['http://127.0.0.1:1/', 'http://intranet/x', 'https://[::1]/', 'http://0x7f.1/'])
      expect(toAlertRules([rule(url)], hosts)).toHaveLength(1)
    expect(problemOf([rule('https://169.254.169.254/')], hosts).details['field']).toBe('alerts[0].webhook.url')
    expect(problemOf([rule('http://10.0.0.1/')], hosts).details['field']).toBe('alerts[0].webhook.url')
  })
})

describe('checkHosts()', () => {
  it.each(['', 'a:80', 'http://a', 'A.example', '[::1]', 'a/b', '0x7f.1', 7])('refuses %j', (host) => {
    expect(problemOf([], [host as string]).details['field']).toBe('allowPrivateHosts')
  })
})
