import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { acknowledgementType, signJws, statementType } from '@entente/schema'
import {
  acknowledgementSample,
  frameSamples,
  laterFrames,
  laterSamples,
  sentenceSamples,
  statementSamples,
} from './samples.ts'
import { frameSchema, frameSchemas, sentences, signFixed } from './wire.ts'

/**
 * Freezes what has no vector yet: `node tests/wire/freeze.ts`. What is frozen is never written again: a message that changed is one of
 * another version of the wire (`packages/node/src/network/wire-versions.ts`).
 */
const folder = join(import.meta.dirname, 'v1')

function freeze(name: string, made: Readonly<Record<string, string>>): void {
  const path = join(folder, name)
  const frozen = existsSync(path)
    ? (JSON.parse(readFileSync(path, 'utf8')) as Record<string, string>)
    : {}
  writeFileSync(path, `${JSON.stringify({ ...made, ...frozen }, null, 2)}\n`)
}

freeze('statements.json', {
  ...Object.fromEntries(
    Object.entries(statementSamples).map(([kind, payload]) => [
      kind,
      signJws(statementType(kind), payload, signFixed),
    ]),
  ),
  ...Object.fromEntries(
    Object.entries(laterSamples).map(([name, payload]) => [
      name,
      signJws(statementType(name.split(',')[0] ?? name), payload, signFixed),
    ]),
  ),
  acknowledgement: signJws(acknowledgementType, acknowledgementSample, signFixed),
})
freeze(
  'frames.json',
  Object.fromEntries(
    [
      ...frameSchemas(),
      ...Object.keys(laterFrames).map((name) => [name, frameSchema(name)] as const),
    ].flatMap(([name, schema]) => {
      const sample = frameSamples[name] ?? laterFrames[name]
      return sample === undefined ? [] : [[name, JSON.stringify(schema.parse(sample))]]
    }),
  ),
)
freeze(
  'sentences.json',
  Object.fromEntries(
    Object.entries(sentences).flatMap(([typ, schema]) => {
      const sample = sentenceSamples[typ]
      return sample === undefined ? [] : [[typ, signJws(typ, schema.parse(sample), signFixed)]]
    }),
  ),
)
