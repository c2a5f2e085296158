import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { fencesOf, missingLines } from './markdown.ts'

const commands = fencesOf('README.md')
  .filter(({ language }) => language === 'sh')
  .flatMap(({ text }) => text.split('\n'))
  .filter((line) => line.startsWith('npx --yes pnpm@12 '))
const { scripts } = JSON.parse(readFileSync('package.json', 'utf8')) as {
  readonly scripts: Readonly<Record<string, string>>
}

test('the README gives the two commands, and how to give any other', () => {
  expect(commands.map((command) => command.split('#')[0]?.trim())).toEqual(
    expect.arrayContaining(['npx --yes pnpm@12 demo', 'npx --yes pnpm@12 test']),
  )
})

test.each(commands)('%s names a script', (command) => {
  const [, name = ''] = /^npx --yes pnpm@12 (?:-s )?(\w+)/.exec(command) ?? []
  expect(scripts).toHaveProperty(name)
})

test('.ci/run runs the test command of the README, the long tests and the three checks', () => {
  const run = readFileSync('.ci/run', 'utf8')
  expect(run).toContain('for suite in test test:long; do\n  npx --yes pnpm@12 "$suite" ')
  for (const script of ['types', 'lint', 'unused'])
    expect(run).toContain(`npx --yes pnpm@12 ${script} `)
})

test('the demo of the README says ok, and shows what the README shows', async () => {
  const argv = ['packages/cli/src/main.ts', 'demo', '--once', '--json']
  const { stdout } = await promisify(execFile)(process.execPath, argv, { maxBuffer: 1e8 })
  const result = JSON.parse(stdout) as {
    readonly ok: boolean
    readonly exercise?: string
    readonly nations: Readonly<
      Record<
        string,
        {
          readonly released: Readonly<
            Record<
              string,
              { readonly records: number; readonly fields: number; readonly withheld: number }
            >
          >
        }
      >
    >
  }
  expect(result.ok).toBe(true)
  const rows = Object.entries(result.nations).flatMap(([from, { released }]) =>
    Object.entries(released).map(
      ([to, { records, fields, withheld }]) =>
        `${from} → ${to}  ${records}  ${fields}  ${withheld}  yes  proven, 4 of 4 cosigned`,
    ),
  )
  const shown = fencesOf('README.md').find(({ text }) => text.includes('→'))?.text ?? ''
  const table = shown.split('\n').filter((line) => /^\w+ → \w+/.test(line))
  expect(table.length).toBeGreaterThan(2)
  expect(missingLines(table.join('\n'), rows.sort().join('\n'))).toEqual([])
}, 240_000)
