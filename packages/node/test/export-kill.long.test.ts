import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type LoneNode, openLoneNode } from './lone-node.ts'

const script = fileURLToPath(new URL('export-process.ts', import.meta.url))
const count = 3_000
let lone: LoneNode

const mapping = {
  mapping: 'many',
  edition: 1,
  kind: 'capability',
  dataset: 'many',
  originator: 'NOR',
  source: { document: { const: 'many' } },
  key: ['id'],
  asOf: { const: '2026-01-01' },
  handling: { originator_control: true, onward_release: 'ask' },
  fields: { title: 'id', description: 'text' },
}

beforeAll(async () => {
  lone = await openLoneNode('NOR')
  const path = join(lone.base, 'many.csv')
  const text = 'many words about what can be made here '.repeat(20)
  writeFileSync(
    path,
    `id,text\n${Array.from({ length: count }, (_, i) => `${i},${text}`).join('\n')}`,
  )
  const given = { file: 'many.yaml', text: JSON.stringify(mapping) }
  const said = { author: 'analyst', reason: 'a test' }
  const { id } = await lone.node.importStage({ file: path, path, mapping: given, ...said })
  await lone.node.importApply({ id, author: 'analyst' })
}, 120_000)
afterAll(() => lone[Symbol.asyncDispose]())

test.skipIf(process.platform === 'win32').each(['csv', 'xlsx'])(
  'an export to %s that is killed while it writes leaves the file as it was, or none',
  async (ending) => {
    const folder = join(lone.base, ending)
    mkdirSync(folder)
    const path = join(folder, `many.${ending}`)
    const beside = () => readdirSync(folder).filter((name) => name.endsWith('.part'))
    const kill = async () => {
      const child = spawn(process.execPath, [script, lone.folder, path], { stdio: 'inherit' })
      expect(await once(child, 'exit')).toEqual([null, 'SIGKILL'])
    }

    await kill()
    expect(beside()).toHaveLength(1)
    expect(readdirSync(folder)).toEqual(beside())

    expect(await lone.node.exportTable({ kind: 'capability', path })).toMatchObject({
      records: count,
    })
    const whole = readFileSync(path)
    await kill()
    expect(readFileSync(path).equals(whole)).toBe(true)
  },
  120_000,
)
