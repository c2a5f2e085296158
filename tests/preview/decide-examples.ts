import { readFileSync } from 'node:fs'
import { parseMapping } from '@entente/node'
import { fileSource, openTable, readDrafts } from '@entente/node/testing'
import {
  compilePolicy,
  composeFragment,
  createDecider,
  explain,
  PolicyDocument,
} from '@entente/policy'
import {
  type DataRecord,
  digestOf,
  type Json,
  recordKeyOf,
  sha256,
  toHex,
  utf8,
} from '@entente/schema'

/** Decides and composes example records of the USA for every partner, at dates about the ends of rules; prints one line each. */
const files = ['agreements', 'alerts', 'engagements', 'gaps', 'production', 'items'] as const
const partners = ['AUS', 'CAN', 'GBR', 'NOR']
const times = [
  '2026-02-28T23:59:59.999Z',
  '2026-11-23T12:00:00Z',
  '2028-01-01T00:00:00Z',
  '2030-06-01T00:00:00Z',
]
const json = (path: string) => JSON.parse(readFileSync(path, 'utf8')) as Json
const decider = createDecider(
  compilePolicy(PolicyDocument.parse(json('examples/policies/USA.json'))),
)

process.stdout.write(`policy ${decider.policy.digest}\n`)
for (const file of files) {
  const table = await openTable(fileSource(`examples/usa/${file}.csv`))
  const yaml = `examples/mappings/${file}.yaml`
  const { mapping } = parseMapping(readFileSync(yaml, 'utf8'), yaml)
  for await (const row of readDrafts(table, mapping)) {
    if (!row.ok) throw new Error(row.reason)
    if (row.row > 50) break
    const id = `urn:entente:${toHex(sha256(utf8(row.naturalKey))).slice(0, 32)}`
    const record: DataRecord = { id, ...row.draft }
    const recordKey = recordKeyOf(sha256(utf8('key')), id)
    for (const recipient of partners)
      for (const at of times) {
        const atMs = Date.parse(at)
        const question = { record, recipient, purpose: 'use', atMs, sender: 'USA' } as const
        const { digest, fields, levels, validUntil } = composeFragment(question, decider, {
          recordKey,
        })
        const why = explain({ record, recipient, atMs }, decider.policy) as unknown as Json
        const said = { digest, fields, levels, validUntil, why: digestOf(why) } as unknown as Json
        process.stdout.write(
          `${digestOf(record as unknown as Json)} ${recipient} ${at} ${digestOf(said)} ${digest}\n`,
        )
      }
  }
}
