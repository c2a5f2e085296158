import { expect, test } from 'vitest'
import { formatTlogProof, parseBase64, parseTlogProof } from '../src/index.ts'
import { codeOf } from './errors.ts'
import { describeVectors, vectorJson } from './vectors.ts'

describeVectors('transparency-dev/formats proof', 10, (ran) => {
  const vector = vectorJson<{
    marshal: { index: number; hashes: string[]; checkpoint: string; extra?: string; text: string }[]
    reject: string[]
  }>('proof/tlog-proof.json')

  test.each(vector.marshal)('writes and reads $text', ({ text, extra, hashes, ...rest }) => {
    const proof = {
      ...rest,
      hashes: hashes.map((hash) => parseBase64(hash)),
      ...(extra === undefined ? {} : { extra: parseBase64(extra) }),
    }
    expect(formatTlogProof(proof)).toBe(text)
    expect(parseTlogProof(text)).toEqual(proof)
    ran()
  })

  test.each(vector.reject)('refuses %j', (text) => {
    expect(codeOf(() => parseTlogProof(text))).toBe('PROOF_MALFORMED')
    ran()
  })
})
