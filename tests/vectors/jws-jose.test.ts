import { generateKeyPairSync, sign, verify } from 'node:crypto'
import { canonicalJson, openJws, signJws, utf8 } from '@entente/schema'
import { CompactSign, compactVerify, errors } from 'jose'
import { expect, test } from 'vitest'

// Our compact JWS is our own few lines (docs/decisions/own-jws.md); `jose` is the second opinion.
const { publicKey, privateKey } = generateKeyPairSync('ed25519')
const rawPublicKey = new Uint8Array(publicKey.export({ format: 'der', type: 'spki' }).subarray(-32))
const signOurs = (message: Uint8Array) => new Uint8Array(sign(null, message, privateKey))
const verifyOurs = (_key: Uint8Array, message: Uint8Array, signature: Uint8Array) =>
  verify(null, message, publicKey, signature)
const typ = 'entente-release'
const payload = { title: 'Möbius €', seq: 41, fields: ['a', 'b'], gone: null }

test('jose opens what we sign', async () => {
  const opened = await compactVerify(signJws(typ, payload, signOurs), publicKey, {
    algorithms: ['EdDSA'],
  })
  expect(opened.protectedHeader).toEqual({ alg: 'EdDSA', typ })
  expect(JSON.parse(new TextDecoder().decode(opened.payload))).toEqual(payload)
})

test('we open what jose signs, if payload and header are canonical', async () => {
  const jws = await new CompactSign(utf8(canonicalJson(payload)))
    .setProtectedHeader({ alg: 'EdDSA', typ })
    .sign(privateKey)
  expect(openJws(jws, typ, rawPublicKey, verifyOurs)).toEqual(payload)
  // Ed25519 is deterministic (RFC 8032), so both give the same bytes.
  expect(jws).toBe(signJws(typ, payload, signOurs))
})

test('we are stricter: jose opens a payload with white space, we refuse it', async () => {
  const jws = await new CompactSign(utf8('{"seq": 41}'))
    .setProtectedHeader({ alg: 'EdDSA', typ })
    .sign(privateKey)
  await expect(compactVerify(jws, publicKey)).resolves.toBeDefined()
  expect(() => openJws(jws, typ, rawPublicKey, verifyOurs)).toThrow('not canonical JSON')
})

test('both refuse a changed signature', async () => {
  const jws = signJws(typ, payload, signOurs)
  const at = jws.lastIndexOf('.') + 2
  const changed = `${jws.slice(0, at)}${jws[at] === 'A' ? 'B' : 'A'}${jws.slice(at + 1)}`
  await expect(compactVerify(changed, publicKey)).rejects.toThrow(
    errors.JWSSignatureVerificationFailed,
  )
  expect(() => openJws(changed, typ, rawPublicKey, verifyOurs)).toThrow('does not verify')
})
