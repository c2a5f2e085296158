import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { partnerAlerts } from '../src/status/partner-alerts.ts'
import { EXERCISE, makeFolder, run } from './fake.ts'

const folder = makeFolder(EXERCISE)
const policy = (name: string, text: string): string => {
  const path = join(folder, name)
  writeFileSync(path, text)
  return path
}
const yaml = `nation: NOR
edition: 3
datasets:
  # agreed in March
  production: { mode: live, title: Production }
`

test('a dataset is named in a policy as it was written, whose comments stay', async () => {
  const file = policy('NOR.yaml', yaml)
  const added = await run([
    'dataset',
    'add',
    'spares',
    '--policy',
    file,
    '--title',
    'Spare parts',
    '--label',
    'SECRET//NOFORN',
  ])
  expect(added.exit, added.err).toBe(0)
  const text = readFileSync(file, 'utf8')
  expect(text).toContain('# agreed in March')
  expect(text).toMatch(/spares:\n +mode: manual\n +title: Spare parts\n/)
  expect(text).toMatch(/classification: SECRET/)
  const edited = await run([
    'dataset',
    'edit',
    'spares',
    '--policy',
    file,
    '--steward',
    'Logistics staff',
  ])
  expect(edited.exit).toBe(0)
  expect(readFileSync(file, 'utf8')).toMatch(/steward: Logistics staff/)
})

test.each<[what: string, args: string[], says: RegExp]>([
  ['a name that is none', ['add', 'Spare parts', '--title', 'x'], /no name of a dataset/],
  ['a dataset twice', ['add', 'production', '--title', 'x'], /already/],
  ['no title', ['add', 'spares'], /--title/],
  [
    'one that is not there',
    ['edit', 'spares', '--title', 'x'],
    /no dataset spares; it has production/,
  ],
  [
    'a label with recipients',
    ['add', 'spares', '--title', 'x', '--label', 'SECRET//REL TO GBR'],
    /no default label/,
  ],
  ['a mode that is none', ['add', 'spares', '--title', 'x', '--mode', 'auto'], /live or manual/],
])('%s is refused, and the file stays', async (_, args, says) => {
  const file = policy('refused.yaml', yaml)
  const refused = await run(['dataset', ...args, '--policy', file])
  expect(refused.exit).not.toBe(0)
  expect(refused.err).toMatch(says)
  expect(readFileSync(file, 'utf8')).toBe(yaml)
})

test('JSON stays JSON', async () => {
  const file = policy('NOR.json', JSON.stringify({ nation: 'NOR', datasets: {} }))
  await run(['dataset', 'add', 'spares', '--policy', file, '--title', 'Spare parts'])
  expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual({
    nation: 'NOR',
    datasets: { spares: { mode: 'manual', title: 'Spare parts' } },
  })
})

test('a partner that is late is told once, and once more when it is back', () => {
  const nor = { nation: 'NOR', amber: true, inSync: false, inSyncAtMs: 0, words: 'unreachable' }
  const first = partnerAlerts(new Set(), [nor])
  expect(first.lines).toEqual([
    expect.stringMatching(/^NOR was last proven in sync on .*: unreachable/),
  ])
  const second = partnerAlerts(first.late, [nor])
  expect(second.lines).toEqual([])
  const back = partnerAlerts(second.late, [{ ...nor, amber: false, inSync: true }])
  expect(back.lines).toEqual(['NOR is in sync again'])
  expect(back.late.size).toBe(0)
})
