import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { verifyEd25519 } from '@entente/node'
import {
  Acknowledgement,
  acknowledgementType,
  openJws,
  type StatementKind,
  signJws,
  statementKinds,
  statements,
  statementType,
} from '@entente/schema'
import { describe, expect, test } from 'vitest'
import { laterFrames, laterSamples } from './samples.ts'
import { frameSchema, frameSchemas, publicKey, sentences, signFixed } from './wire.ts'

/** Messages of version 1 of the wire as they were made once. A later version must still read them, and write them so to who speaks 1. */
const read = (name: string): Readonly<Record<string, string>> =>
  JSON.parse(readFileSync(join(import.meta.dirname, 'v1', name), 'utf8')) as Record<string, string>
const frozen = {
  statements: read('statements.json'),
  frames: read('frames.json'),
  sentences: read('sentences.json'),
}

test('every kind of statement and every sort of frame is frozen, and nothing that is none', () => {
  const advice = 'freeze what is new: node tests/wire/freeze.ts'
  expect(Object.keys(frozen.statements).sort(), advice).toEqual(
    [...statementKinds, ...Object.keys(laterSamples), 'acknowledgement'].sort(),
  )
  expect(Object.keys(frozen.frames).sort(), advice).toEqual(
    [...frameSchemas().keys(), ...Object.keys(laterFrames)].sort(),
  )
  expect(Object.keys(frozen.sentences).sort(), advice).toEqual(Object.keys(sentences).sort())
})

describe('a statement of version 1 is read, and signed again to the same bytes', () => {
  test.each(Object.entries(frozen.statements))('%s', (name, jws) => {
    const [kind] = name.split(',') as [string]
    const isAck = kind === 'acknowledgement'
    const typ = isAck ? acknowledgementType : statementType(kind)
    const schema = isAck ? Acknowledgement : statements[kind as StatementKind]
    const payload = schema.parse(openJws(jws, typ, publicKey, verifyEd25519))
    expect(signJws(typ, payload, signFixed)).toBe(jws)
  })
})

describe('a frame of version 1 is read, and written again to the same bytes', () => {
  test.each(Object.entries(frozen.frames))('%s', (name, text) => {
    expect(
      JSON.stringify(
        (laterFrames[name] === undefined ? frameSchemas().get(name) : frameSchema(name))?.parse(
          JSON.parse(text),
        ),
      ),
    ).toBe(text)
  })
})

describe('a sentence of version 1 is read, and signed again to the same bytes', () => {
  test.each(Object.entries(frozen.sentences))('%s', (typ, jws) => {
    const payload = sentences[typ]?.parse(openJws(jws, typ, publicKey, verifyEd25519))
    expect(signJws(typ, payload as object, signFixed)).toBe(jws)
  })
})
