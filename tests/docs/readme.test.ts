import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { fencesOf } from './markdown.ts'

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
