import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { EXERCISE, makeFolder, run } from './fake.ts'

const folder = makeFolder(EXERCISE)
const example = fileURLToPath(new URL('../../../examples/policies/NOR.json', import.meta.url))

test('policy export writes policies, their map and the schema, and says how to read them', async () => {
  const out = join(folder, 'cedar')
  const { out: answer } = await run(['policy', 'export', example, '--cedar', out, '--json'])
  expect(JSON.parse(answer)).toMatchObject({ nation: 'NOR', edition: 1, rows: 7 })
  const read = (name: string) => readFileSync(join(out, name), 'utf8')
  const { staticPolicies } = JSON.parse(read('policies.json'))
  for (const text of Object.values<string>(staticPolicies))
    expect(read('policies.cedar')).toContain(text)
  expect(Object.keys(staticPolicies)).toContain('can-bands#coarsens')
  expect(read('schema.cedarschema')).toContain('entity Caveat enum')
})

test('what is no policy is refused with its place', async () => {
  const broken = join(folder, 'broken.json')
  writeFileSync(
    broken,
    JSON.stringify({ ...JSON.parse(readFileSync(example, 'utf8')), nation: 'XXX' }),
  )
  const { exit, err } = await run(['policy', 'export', broken, '--cedar', folder])
  expect(exit).not.toBe(0)
  expect(err).toMatch(/nation: XXX .*FILE_FORM/s)
})
