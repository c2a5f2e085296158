import { describe, expect, test } from 'vitest'
import { fromBase64url, toBase64url, utf8 } from '../src/bytes.ts'
import { JwsError, openJws, peekJws, signJws } from '../src/jws.ts'
import { signerOf, verifyEd25519 } from './signers.ts'

const node = signerOf(1)
const typ = 'entente-release'
const payload = { seq: 41, to: 'GBR' }
const jws = signJws(typ, payload, node.sign)
const [header = '', body = '', tail = ''] = jws.split('.')
const open = (text: string) => openJws(text, typ, node.publicKey, verifyEd25519)
const codeOf = (work: () => unknown): string => {
  try {
    work()
  } catch (error) {
    if (error instanceof JwsError) return error.code
    throw error
  }
  return 'opened'
}
/** Signs a payload part as it is, canonical or not. */
const signRaw = (text: string, head = header): string => {
  const signed = `${head}.${toBase64url(utf8(text))}`
  return `${signed}.${toBase64url(node.sign(utf8(signed)))}`
}

test('what was signed is what is opened', () => {
  expect(open(jws)).toEqual(payload)
  expect(peekJws(jws)).toEqual({ typ, payload })
})

test('the header is constant: it names no key', () => {
  expect(new TextDecoder().decode(fromBase64url(header) ?? undefined)).toBe(
    '{"alg":"EdDSA","typ":"entente-release"}',
  )
})

describe('is refused', () => {
  test.each<[what: string, text: string, code: string]>([
    ['without a signature', `${header}.${body}`, 'JWS_FORM'],
    ['with a fourth part', `${jws}.`, 'JWS_FORM'],
    ['with a short signature', `${header}.${body}.${tail.slice(0, -4)}`, 'JWS_FORM'],
    ['with padding', `${jws}==`, 'JWS_FORM'],
    ['as another type', signJws('entente-subscribe', payload, node.sign), 'JWS_TYPE'],
    [
      'with alg none',
      signRaw('{}', toBase64url(utf8(`{"alg":"none","typ":"${typ}"}`))),
      'JWS_TYPE',
    ],
    [
      'with a header of the same meaning, spelt otherwise',
      signRaw('{}', toBase64url(utf8(`{"typ":"${typ}","alg":"EdDSA"}`))),
      'JWS_TYPE',
    ],
    ['signed by another', signJws(typ, payload, signerOf(2).sign), 'JWS_SIGNATURE'],
    ['with white space in the payload', signRaw('{"seq": 41}'), 'JWS_PAYLOAD'],
    ['with a key twice in the payload', signRaw('{"a":1,"a":2}'), 'JWS_PAYLOAD'],
    ['with a float in the payload', signRaw('{"a":0.5}'), 'JWS_PAYLOAD'],
    ['with a payload that is not JSON', signRaw('seq 41'), 'JWS_PAYLOAD'],
  ])('%s', (_, text, code) => {
    expect(codeOf(() => open(text))).toBe(code)
  })

  test('with any one character changed, left out or put in', () => {
    const alphabet = 'ABab01-_.='
    const opened: string[] = []
    for (let at = 0; at < jws.length; at++) {
      const changes = [...alphabet].flatMap((character) => [
        jws.slice(0, at) + character + jws.slice(at + 1),
        jws.slice(0, at) + character + jws.slice(at),
      ])
      for (const changed of [...changes, jws.slice(0, at) + jws.slice(at + 1)])
        if (changed !== jws && codeOf(() => open(changed)) === 'opened') opened.push(changed)
    }
    expect(opened).toEqual([])
  })

  test('as any part of itself', () => {
    const opened: string[] = []
    for (let from = 0; from < jws.length; from++)
      for (let to = from + 1; to <= jws.length; to++) {
        const part = jws.slice(from, to)
        if (part !== jws && part.split('.').length === 3 && codeOf(() => open(part)) === 'opened')
          opened.push(part)
      }
    expect(opened).toEqual([])
  })
})
